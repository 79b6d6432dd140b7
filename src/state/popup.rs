//! Popups: a stack of which the top one takes the keys.

use std::path::PathBuf;
use std::sync::Arc;

use tui_input::Input;

use super::{AlikeView, BPM_MAX, BPM_MIN, BatchAsk, BriefsView, ClipPanel, FilterRow, KeyEntry, Moment, Rehearsed, ShortlistView};
use crate::api::{DownloadRequest, SearchRequest, Track, UsageRecord};
use crate::input::{Action, Key, KeyPress};
use crate::spend::{Arming, Confirmation, Receipt};
use crate::text::Clean;

/// Whether something asked for is owned already.
#[derive(Debug, Clone, PartialEq)]
pub enum Ownership {
    /// Being looked up; the confirmation is not armed before it is known.
    Checking,
    /// Not owned.
    New,
    /// Bought before, and the file is still there.
    Owned(PathBuf),
    /// It cannot be bought: the ledger cannot be read, there is no server, or it is not here and nothing is bought offline. The text says
    /// which.
    Unknown(String),
}

/// What a confirmation asks about.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Buy a download.
    Download {
        /// What is bought.
        request: DownloadRequest,
        /// The track.
        track: Arc<Track>,
        /// The folder it goes to.
        folder: PathBuf,
        /// The file name it will get, unless taken.
        file_name: String,
        /// Owned already?
        ownership: Ownership,
        /// What was rehearsed of it, if it is a clip.
        rehearsed: Option<Rehearsed>,
    },
    /// The next page of results.
    NextPage(SearchRequest),
    /// The same search again, past the cache.
    Refresh(SearchRequest),
    /// All briefs of a file that are not answered yet, each different one once.
    Batch {
        /// The file.
        file: PathBuf,
        /// What is asked, in this order.
        asks: Vec<BatchAsk>,
    },
}

impl Ask {
    /// The most credits that a yes can spend.
    pub fn price(&self) -> usize {
        match self {
            Self::Download { .. } | Self::NextPage(_) | Self::Refresh(_) => 1,
            Self::Batch { asks, .. } => asks.len(),
        }
    }
}

/// One thing that can be chosen in a picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickerItem {
    /// The word.
    pub word: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// A list to choose from; type to narrow.
#[derive(Debug, Clone)]
pub struct Picker {
    /// Which filter it changes.
    pub row: FilterRow,
    /// What was typed to narrow it, or a value of one's own.
    pub input: Input,
    /// Everything on offer, the chosen ones included.
    pub items: Vec<PickerItem>,
    /// Indices into `items` that match what was typed, best first.
    pub shown: Vec<usize>,
    /// The highlighted line of `shown`; one past its end is the typed value itself.
    pub cursor: usize,
}

impl Picker {
    /// What was typed, where it is a value of its own: not listed, and possible for this filter. Its line comes after the listed ones.
    pub fn own_value(&self) -> Option<String> {
        let typed = Clean::new(self.input.value());
        let lower = typed.to_lowercase();
        let listed = self.items.iter().any(|item| item.word.to_lowercase() == lower);
        let possible = match self.row {
            row if row.is_list() => !typed.is_empty(),
            FilterRow::MinBpm | FilterRow::MaxBpm => typed.parse().is_ok_and(|bpm: u16| (BPM_MIN..=BPM_MAX).contains(&bpm)),
            _ => false,
        };
        (possible && !listed).then(|| typed.to_string())
    }
}

/// The help page, made from the live keymap.
#[derive(Debug, Clone, Default)]
pub struct Help {
    /// First line shown.
    pub scroll: usize,
}

/// The command palette: every action by name.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What was typed.
    pub input: Input,
    /// The actions that match it, best first.
    pub shown: Vec<Action>,
    /// The highlighted line.
    pub cursor: usize,
}

/// A long error in full.
#[derive(Debug, Clone)]
pub struct ErrorDetail {
    /// The title.
    pub title: String,
    /// The text.
    pub text: String,
}

/// The history of calls.
#[derive(Debug, Clone, Default)]
pub struct UsageView {
    /// Newest first.
    pub records: Vec<UsageRecord>,
    /// How many there are in all.
    pub total: Option<u64>,
    /// Being fetched.
    pub loading: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// First line shown.
    pub scroll: usize,
}

/// Every spend.
#[derive(Debug, Clone, Default)]
pub struct ReceiptsView {
    /// Newest first.
    pub receipts: Vec<Receipt>,
    /// Being fetched.
    pub loading: bool,
    /// Why they could not be read.
    pub problem: Option<String>,
    /// First line shown.
    pub scroll: usize,
    /// The last key that did something with them, and when it came last.
    pub worked: Option<(Key, Moment)>,
}

/// The queue of long work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TasksView {
    /// The highlighted task.
    pub cursor: usize,
}

/// Leaving while paid work is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quitting {
    /// What is still going on, a line each.
    pub running: Vec<String>,
    /// When it listens.
    pub arming: Arming,
}

/// A popup.
#[derive(Debug, Clone)]
pub enum Popup {
    /// A question that may spend a credit.
    Confirm {
        /// What about.
        ask: Ask,
        /// Arming and focus.
        confirmation: Confirmation,
    },
    /// Tracks like one.
    Alike(AlikeView),
    /// The clip panel.
    Clip(Box<ClipPanel>),
    /// Values of a filter.
    Picker(Picker),
    /// The keys.
    Help(Help),
    /// Every action by name.
    Palette(Palette),
    /// An error in full.
    Error(ErrorDetail),
    /// The account: its facts are in the state.
    Account,
    /// Usage.
    Usage(UsageView),
    /// Receipts.
    Receipts(ReceiptsView),
    /// The shortlist of the project at hand.
    Shortlist(ShortlistView),
    /// The briefs of a batch.
    Briefs(BriefsView),
    /// What is under way, and what became of it.
    Tasks(TasksView),
    /// Leave although something is running? `y` leaves, anything else stays.
    Quit(Quitting),
    /// There is no key: sandbox, or give one.
    NoKey(KeyEntry),
}

impl Popup {
    /// Whether it has lines to scroll or to choose from.
    pub fn scrolls(&self) -> bool {
        match self {
            Self::Alike(_)
            | Self::Briefs(_)
            | Self::Picker(_)
            | Self::Help(_)
            | Self::Palette(_)
            | Self::Usage(_)
            | Self::Receipts(_)
            | Self::Shortlist(_)
            | Self::Tasks(_) => true,
            Self::Account | Self::Clip(_) | Self::Confirm { .. } | Self::Error(_) | Self::Quit(_) | Self::NoKey(_) => false,
        }
    }

    /// Whether the keys that move in the results move in it. Never in a question: what answers it is fixed.
    pub fn has_moves(&self) -> bool {
        self.scrolls() || matches!(self, Self::Clip(_))
    }

    /// Whether characters are text in it now.
    pub fn takes_text(&self) -> bool {
        match self {
            Self::Picker(_) | Self::Palette(_) | Self::NoKey(_) => true,
            Self::Shortlist(view) => view.typing.is_some(),
            Self::Briefs(view) => view.typing.is_some(),
            Self::Clip(panel) => panel.typing.is_some(),
            _ => false,
        }
    }

    /// Whether a key has a meaning of its own in it, that no move of the keymap takes from it: a character that does something there, and
    /// every key with a name, such as the arrows, Enter and Esc.
    pub fn owns(&self, key: &KeyPress) -> bool {
        let characters = match self {
            Self::Shortlist(_) => "JKNbdenux ",
            Self::Receipts(_) => "cev ",
            Self::Help(_) | Self::Usage(_) | Self::Alike(_) => " ",
            Self::Briefs(_) => "ao",
            Self::Tasks(_) => "x",
            Self::Clip(_) => "0123456789+-= cdfhlmx",
            _ => "",
        };
        match key.key {
            _ if key.ctrl || key.alt => false,
            Key::Char(c) => characters.contains(c),
            Key::F(_) => false,
            _ => true,
        }
    }
}
