//! Everything that can happen to the program.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Wish;
use crate::api::{Account, Answer, Charge, DownloadRequest, Limits, SearchPage, SearchRequest, TrackId, UsagePage};
use crate::audio::{self, Analysis};
use crate::clip::{Fit, Made};
use crate::config::{KeyPlace, Look};
use crate::input::{Action, KeyPress};
use crate::library::{Alike, Matches, NearlySame, Project};
use crate::spend::{Bought, FailureReason, Receipt, Settled, SpendFailure};
use crate::state::{BatchId, BriefList, DownloadId, Ownership, Price, Server, Severity, Source, Vocabulary};

/// Something that happened.
#[derive(Debug)]
pub enum Message {
    /// A key went down.
    Key(KeyPress),
    /// The mouse did something.
    Mouse(Mouse),
    /// An action was chosen by its name. It carries no key, so it cannot ask Trackyard.
    Act(Action),
    /// Something with a value is wanted.
    Wish(Wish),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size now.
    Resize(u16, u16),
    /// The moment that [`next_wake`](super::next_wake) asked for has come.
    Wake,
    /// The state is on the screen as it is now.
    Drawn,
    /// The terminal is ours again after a suspend.
    Returned,
    /// The system asks the program to end.
    Terminate,
    /// A server is there to talk to, with its databases.
    Connected(Server),
    /// There is no server to do what was asked for; why, for the user.
    Unavailable(String),
    /// There is no key.
    NoKey {
        /// Why none can be kept in the keyring; `None`: it can.
        no_keyring: Option<String>,
        /// Why the keyring gave none, if it was asked.
        problem: Option<String>,
    },
    /// Where the key was found.
    KeyFrom(KeyPlace),
    /// What earlier sessions left behind.
    Remembered(Box<Memory>),
    /// What Enter would cost for this request.
    Priced(SearchRequest, Price),
    /// An answer is here to what is nearly the same as this.
    Nearly(SearchRequest, NearlySame),
    /// Tracks seen before that match, with the generation of what was typed.
    Matched(u64, Matches),
    /// News of a search, with its generation.
    Search(u64, SearchNews),
    /// The account, or why it cannot be read.
    Account(Result<Box<Answer<Account>>, String>),
    /// What some response said about limits and credits.
    Limits(Limits),
    /// Credits spent in the last seven days.
    SpentThisWeek(u64),
    /// The player says something.
    Audio(audio::Event),
    /// What previews of these tracks were found to be earlier.
    Analyses(Vec<(TrackId, Arc<Analysis>)>),
    /// News of a download.
    Download(DownloadId, DownloadNews),
    /// News of a batch.
    Batch(BatchId, BatchNews),
    /// Whether this is owned already.
    Owned(DownloadRequest, Ownership),
    /// The history of calls, or why it cannot be read.
    Usage(Result<UsagePage, String>),
    /// A project was opened: it is the one at hand now. Or why it cannot be read.
    Project(Result<Box<Project>, String>),
    /// A file of briefs, or why it cannot be opened.
    Briefs(Result<Box<BriefList>, String>),
    /// The receipts, or why they cannot be read.
    Receipts(Result<Vec<Receipt>, String>),
    /// The history of calls has told what spends of unknown outcome cost.
    Settled(Vec<Settled>),
    /// Tracks like the one with this id, or why they could not be looked for.
    Alike(TrackId, Result<Vec<Alike>, String>),
    /// A clip was cut from a file that is owned, or why not.
    Cut(Result<Box<Made>, String>),
    /// Where the file of the track is whose path is to be copied; `None` where there is none.
    FileOf(Option<PathBuf>),
    /// The length of a video or a voice recording in seconds, or why it has none for us.
    MediaLength(PathBuf, Result<f64, String>),
    /// What a delivered clip turned out to be, or why that cannot be told.
    Measured(DownloadId, Result<Fit, String>),
    /// The configuration has other keys or another theme now.
    Look(Box<Look>),
    /// The terminal says whether its background is light; or it says nothing.
    Background(Option<bool>),
    /// Something to say in the status line.
    Notice(Severity, String),
}

/// What the mouse did, and where: columns and rows from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// The left button went down.
    Click {
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
    /// The wheel turned by a notch.
    Wheel {
        /// Away from the user.
        up: bool,
        /// Column.
        column: u16,
        /// Row.
        row: u16,
    },
}

/// What earlier sessions left behind.
#[derive(Debug, Default)]
pub struct Memory {
    /// Queries, the newest last.
    pub queries: Vec<String>,
    /// Tracks heard.
    pub heard: Vec<TrackId>,
    /// Tracks bought.
    pub owned: Vec<TrackId>,
    /// Words seen in tracks.
    pub vocabulary: Vocabulary,
    /// Volume, 0 to 100 %.
    pub volume: Option<u8>,
    /// The tour was taken, or put away.
    pub tour_taken: bool,
}

/// News of a search.
#[derive(Debug)]
pub enum SearchNews {
    /// Held back for so long.
    Waiting(Duration),
    /// It did not count, and is sent again in a moment.
    Again,
    /// It left the machine.
    Sent,
    /// The answer.
    Answered {
        /// Its tracks.
        page: SearchPage,
        /// Where they come from.
        source: Source,
        /// What was said about limits and credits.
        limits: Limits,
    },
    /// No answer.
    Failed(Failed),
}

/// News of a download.
#[derive(Debug)]
pub enum DownloadNews {
    /// Held back for so long.
    Waiting(Duration),
    /// It did not count, and is sent again in a moment.
    Again,
    /// It left the machine.
    Sent,
    /// Bytes have come.
    Receiving {
        /// Bytes here.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
    /// It is on disk.
    Done(Box<Bought>),
    /// No file.
    Failed(Failed),
}

/// News of a batch. Its asks are known by their number, from 0, in the order in which they are asked.
#[derive(Debug)]
pub enum BatchNews {
    /// This one is next.
    Next(usize),
    /// It is held back for so long.
    Waiting(Duration),
    /// It did not count, and is sent again in a moment.
    Again,
    /// It left the machine.
    Sent,
    /// The answer, which is stored.
    Answered {
        /// To which.
        number: usize,
        /// Its tracks.
        page: SearchPage,
        /// Where they come from.
        source: Source,
        /// What was said about limits and credits.
        limits: Limits,
    },
    /// The server refuses this one as it is, for nothing. The others go on.
    Refused {
        /// Which.
        number: usize,
        /// What it says, in one sentence.
        text: String,
        /// What was said about limits and credits.
        limits: Option<Limits>,
    },
    /// All of them are over. The last news.
    Done,
    /// Nothing more is asked. The last news.
    Stopped(Failed),
}

/// Why a paid request came to nothing, and what that cost.
#[derive(Debug)]
pub struct Failed {
    /// Whether it cost something.
    pub charge: Charge,
    /// What happened, in one sentence.
    pub text: String,
    /// What was said about limits and credits.
    pub limits: Option<Limits>,
    /// The account has no credits left.
    pub out_of_credits: bool,
    /// The user has given it up.
    pub cancelled: bool,
    /// What it cost was told with another ask for the same.
    pub shared: bool,
}

impl Failed {
    /// One of which nothing else is known.
    pub fn new(charge: Charge, text: impl Into<String>) -> Self {
        Self {
            charge,
            text: text.into(),
            limits: None,
            out_of_credits: false,
            cancelled: false,
            shared: false,
        }
    }
}

impl From<&SpendFailure> for Failed {
    fn from(failure: &SpendFailure) -> Self {
        Self {
            charge: failure.charge,
            text: failure.to_string(),
            limits: failure.limits(),
            out_of_credits: failure.out_of_credits(),
            cancelled: failure.reason == FailureReason::Cancelled,
            shared: failure.shared,
        }
    }
}
