//! The query pane.

use tui_input::Input;

use super::Moment;
use crate::library::NearlySame;
use crate::spend::Arming;

/// What Enter in the query box would cost now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Price {
    /// Nothing is typed.
    #[default]
    Nothing,
    /// Not looked up yet; at most one credit.
    Checking,
    /// One credit.
    OneCredit,
    /// Free: the same was asked before, so many seconds ago.
    Cached {
        /// Age of the cached answer in seconds.
        age_seconds: u64,
    },
    /// It cannot be sent; the text says what to change.
    Invalid(String),
    /// Nothing paid can be sent now, and the answer is not here; the text says why: no ledger, offline, or no server. Whether there are credits
    /// and a budget left is only looked at when it is asked.
    Refused(String),
}

/// The box came under the hands by something else than a key that leads to it: an Enter that was meant for what was there before, a second time
/// or held down, asks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// When that was, or when the last such Enter came.
    pub at: Moment,
    /// Whether the box has been seen since.
    pub arming: Arming,
}

/// What the rows answer, to be restored by Esc.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// The query of the rows on the screen.
    pub query: String,
}

/// The pane.
#[derive(Debug, Clone, Default)]
pub struct QueryState {
    /// The text and its cursor.
    pub input: Input,
    /// What stood there when the box was entered; Esc restores it.
    pub before: String,
    /// Queries asked earlier, the newest last.
    pub history: Vec<String>,
    /// Where in the history `↑` has gone, counted from the end; `None`: the user's own text.
    pub history_back: Option<usize>,
    /// What the user typed before going through the history.
    pub draft: String,
    /// What Enter costs.
    pub price: Price,
    /// What is nearly the same and is here already.
    pub near: Option<NearlySame>,
    /// What the rows answer.
    pub shown: Shown,
    /// Enter does not listen yet.
    pub opened: Option<Opened>,
}

impl QueryState {
    /// The text as typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }
}
