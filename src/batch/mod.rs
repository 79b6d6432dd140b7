//! Many briefs at once: read from a file, the same ones found, answered from the library first, priced.
//!
//! [`read`] and [`parse`] take the three kinds of file, [`Plan`] finds out what has to be asked. Nothing here spends.

mod csv;
mod parse;
mod plan;
mod tally;

pub use parse::{Format, parse};
pub use plan::{Ask, Near, Plan};
pub use tally::Tally;

use std::path::Path;

use crate::api::SearchRequest;

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

/// A larger file is no list of briefs.
const LARGEST_FILE: u64 = 32 << 20;

/// Reads a file of briefs. Waits for the disk.
///
/// # Errors
/// Why the file as a whole cannot be read, for the user.
pub fn read(path: &Path) -> Result<Briefs, String> {
    let format = Format::of(path).ok_or("the name has to end in .txt, .csv or .jsonl, which says how to read it")?;
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > LARGEST_FILE {
        return Err(format!("it has {} MB, and a list of briefs has at most 32", length >> 20));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    parse(&bytes, format)
}
