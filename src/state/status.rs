//! The status line.

use super::Moment;

/// How urgent a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Done.
    Success,
    /// Something did not work.
    Error,
}

/// The line.
#[derive(Debug, Clone, Default)]
pub struct Status {
    /// How many things were said so far: tells a new message from one that stands.
    pub said: u64,
    /// What is said now.
    pub message: Option<(Severity, String)>,
    /// What was said last, to be read in full.
    pub last: Option<String>,
    /// When it goes away by itself; errors stay until the next key.
    pub until: Option<Moment>,
}
