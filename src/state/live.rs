//! Tracks seen before that match what is being typed.

use std::collections::BTreeSet;

use super::ResultsState;
use crate::words::{Term, Understood};

/// What the typed words mean, and the rows that stood there before the matches took their place.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// What the text in the box was understood to mean.
    pub understood: Understood,
    /// Words, as they were typed, that the user wants taken as mere words; none any more once the box is empty.
    pub plain: BTreeSet<String>,
    /// Matches that carry another number are not shown.
    pub generation: u64,
    /// What is known about the newest text; `None` while it is looked for.
    pub found: Option<Found>,
    /// The rows that Esc brings back; `None`: the rows on the screen are no matches.
    pub behind: Option<Box<ResultsState>>,
}

/// How much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Found {
    /// Tracks that match.
    pub whole: usize,
    /// There are more than that.
    pub more: bool,
    /// Tracks that match only a part.
    pub close: usize,
}

impl Live {
    /// Whether the rows on the screen are matches of what is typed.
    pub fn shown(&self) -> bool {
        self.behind.is_some()
    }

    /// Nothing seen before matches what is typed.
    pub fn nothing_matches(&self) -> bool {
        self.found.is_some_and(|found| found.whole + found.close == 0)
    }

    /// Words that mean a filter, in the order they were typed.
    pub fn chips(&self) -> impl Iterator<Item = &Term> {
        self.understood.chips()
    }
}
