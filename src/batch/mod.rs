//! Many briefs at once: read from a file, the same ones found, answered from the library first, priced.
//!
//! `parse` reads the three kinds of file, `plan` finds out what has to be asked. Nothing here spends.

mod csv;
mod parse;
mod plan;

pub use parse::{Format, parse};
pub use plan::{Ask, Near, Plan};

use crate::api::SearchRequest;

/// Tracks asked for with each brief: the most, since they cost the same.
pub const PAGE: u8 = 100;

/// One row that can be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What it asks.
    pub request: SearchRequest,
    /// The project its receipt names.
    pub project: Option<String>,
}

/// One row that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRow {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What is wrong with it and what to change.
    pub message: String,
}

/// A file of briefs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Briefs {
    /// The rows that can be asked, in the order of the file.
    pub good: Vec<Brief>,
    /// The rows that cannot.
    pub bad: Vec<BadRow>,
}
