//! What is on the screen and why: plain data, one file per pane. Nothing here does input or output.

mod account;
mod alike;
mod batch;
mod briefs;
mod clip;
mod copied;
mod download;
mod filters;
mod key_entry;
mod live;
mod moment;
mod player;
mod popup;
mod possible;
mod query;
mod results;
mod server;
mod shortlist;
mod status;
mod task;
mod tour;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

pub use account::AccountState;
pub use alike::AlikeView;
pub use batch::{Batch, BatchAsk, BatchId, BatchPhase};
pub use briefs::{BriefList, BriefsView, OpenBrief};
pub use clip::{ClipEntry, ClipField, ClipPanel, FADE_OUT_SECONDS, PRESETS, Rehearsed};
pub use copied::{Copied, CopyWhat};
pub use download::{Download, DownloadId, DownloadPhase};
pub use filters::{Chip, FilterPane, FilterRow, Vocabulary};
pub use key_entry::KeyEntry;
pub use live::{Found, Live};
pub use moment::Moment;
pub use player::{Device, Phase, PlayerState};
pub use popup::{Ask, ErrorDetail, Help, Ownership, Palette, Picker, PickerItem, Popup, Quitting, ReceiptsView, TasksView, UsageView};
pub use query::{Opened, Price, QueryState, Shown};
pub use results::{ResultsState, Running, Sort, Source, passes};
pub use server::Server;
pub use shortlist::{ShortlistView, Typing};
pub use status::{Severity, Status};
pub use task::{Task, TaskName};
pub use tour::TourStep;

pub use crate::api::{BPM_MAX, BPM_MIN, CLIP_SECONDS};
use crate::api::{Invalid, PAGE_LIMIT, SearchRequest, TrackId};
use crate::audio::Analysis;
use crate::config::Glyphs;
use crate::input::Keymap;

/// Which pane takes the keys while no popup is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The query box: typing is free.
    #[default]
    Query,
    /// The filters.
    Filters,
    /// The list of tracks.
    Results,
}

/// What the user did with tracks before.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// Heard for a moment at least.
    pub heard: HashSet<TrackId>,
    /// Bought.
    pub owned: HashSet<TrackId>,
    /// On a shortlist.
    pub shortlisted: HashSet<TrackId>,
    /// Rejected.
    pub rejected: HashSet<TrackId>,
}

/// How far leaving the program has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Leaving {
    /// Not at all.
    #[default]
    No,
    /// `^c` was pressed with paid work in flight; a second one before this moment leaves.
    AskedUntil(Moment),
    /// The loop ends after this message.
    Now,
}

/// Everything that is drawn, and everything `update` decides by.
#[derive(Debug, Clone)]
pub struct State {
    /// When the last message came.
    pub now: Moment,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Which pane takes the keys.
    pub focus: Focus,
    /// The popups, the top one last; it takes the keys.
    pub popups: Vec<Popup>,
    /// The query pane.
    pub query: QueryState,
    /// What is typed, understood and looked for among the tracks seen before.
    pub live: Live,
    /// The filters pane.
    pub filters: FilterPane,
    /// The results pane.
    pub results: ResultsState,
    /// The credits pane.
    pub account: AccountState,
    /// The player pane.
    pub player: PlayerState,
    /// What previews were found to be, as far as tracks near the cursor go.
    pub analyses: HashMap<TrackId, Arc<Analysis>>,
    /// Downloads of this session, the newest last.
    pub downloads: Vec<Download>,
    /// Batches of this session, the newest last.
    pub batches: Vec<Batch>,
    /// What the user did with tracks before.
    pub marks: Marks,
    /// The status line.
    pub status: Status,
    /// What the tour shows next; `None` while there is no tour.
    pub tour: Option<TourStep>,
    /// No session has shown the tour yet: it starts by itself as soon as the server turns out to be the sandbox.
    pub tour_waits: bool,
    /// Nothing is asked of any server in this session.
    pub offline: bool,
    /// The project at hand: the shortlist that `a` adds to.
    pub project: String,
    /// The user has named it in this session: what was at hand last is of no account any more.
    pub project_named: bool,
    /// What is known of it is older than what was decided since, and is read anew.
    pub project_stale: bool,
    /// The briefs that are gone through one by one.
    pub briefs: Option<BriefList>,
    /// The server we talk to.
    pub server: Server,
    /// Where downloads go.
    pub folder: PathBuf,
    /// What waveforms are drawn with.
    pub glyphs: Glyphs,
    /// Which key does what.
    pub keymap: Arc<Keymap>,
    /// What `c` copied last.
    pub copied: Option<Copied>,
    /// Leaving the program.
    pub leaving: Leaving,
    /// Numbers handed out so far, for generations and ids.
    pub counter: u64,
}

impl State {
    /// The state at the first frame.
    pub fn new(server: Server, keymap: Arc<Keymap>, folder: PathBuf, size: (u16, u16)) -> Self {
        Self {
            now: Moment::default(),
            size,
            focus: Focus::Query,
            popups: Vec::new(),
            query: QueryState::default(),
            live: Live::default(),
            filters: FilterPane::default(),
            results: ResultsState::default(),
            account: AccountState::default(),
            player: PlayerState::default(),
            analyses: HashMap::new(),
            downloads: Vec::new(),
            batches: Vec::new(),
            marks: Marks::default(),
            status: Status::default(),
            tour: None,
            tour_waits: false,
            offline: false,
            project: crate::library::FIRST_PROJECT.to_owned(),
            project_named: false,
            project_stale: false,
            briefs: None,
            server,
            folder,
            glyphs: Glyphs::default(),
            keymap,
            copied: None,
            leaving: Leaving::No,
            counter: 0,
        }
    }

    /// What Enter in the query box would ask: its words, with the filters that are set.
    ///
    /// # Errors
    /// What has to be changed first.
    pub fn request_in_box(&self) -> Result<SearchRequest, Invalid> {
        SearchRequest::new(self.query.text(), self.filters.active.clone(), PAGE_LIMIT, 0)
    }

    /// A number nobody had before.
    pub fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// The project at hand, if it was given a name: receipts carry it.
    pub fn named_project(&self) -> Option<String> {
        Some(self.project.clone()).filter(|name| name != crate::library::FIRST_PROJECT)
    }

    /// The track under the cursor.
    pub fn selected(&self) -> Option<&Arc<crate::api::Track>> {
        self.results.selected_track()
    }
}
