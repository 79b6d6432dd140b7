//! Tracks like one, from what was seen before.

use std::sync::Arc;

use crate::api::Track;
use crate::library::Alike;

/// The list.
#[derive(Debug, Clone)]
pub struct AlikeView {
    /// What they are like.
    pub of: Arc<Track>,
    /// The likest first.
    pub found: Vec<Alike>,
    /// The highlighted line.
    pub cursor: usize,
    /// Being looked for.
    pub loading: bool,
    /// Why they could not be looked for.
    pub problem: Option<String>,
}

impl AlikeView {
    /// Nothing is found yet.
    pub fn new(of: Arc<Track>) -> Self {
        Self {
            of,
            found: Vec::new(),
            cursor: 0,
            loading: true,
            problem: None,
        }
    }
}
