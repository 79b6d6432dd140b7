//! The shortlist popup.

use tui_input::Input;

use crate::library::Entry;

/// What is typed in the popup's box.
#[derive(Debug, Clone)]
pub enum Typing {
    /// A note beside the track under the cursor.
    Note(Input),
    /// The name of a project to open or make.
    Project(Input),
}

/// The shortlist of the project at hand.
#[derive(Debug, Clone, Default)]
pub struct ShortlistView {
    /// The tracks in the user's order.
    pub entries: Vec<Entry>,
    /// The one under the cursor.
    pub cursor: usize,
    /// The one it is compared with.
    pub other: Option<usize>,
    /// What was taken off while it was open, each with its place, the newest last.
    pub removed: Vec<(usize, Entry)>,
    /// A box is open.
    pub typing: Option<Typing>,
    /// Being read.
    pub loading: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
    /// The names of all projects, this one first.
    pub projects: Vec<String>,
}
