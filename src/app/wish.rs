//! What a line of text can ask for beyond what a key says: something with a value.

use std::path::PathBuf;
use std::time::Duration;

use crate::api::Filters;
use crate::state::{Sort, TaskName};

/// Something that is wanted, with its value. None of it can spend.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// These words in the query box, which gets the focus. Nobody is asked.
    Words(String),
    /// The answer that is here to the words in the box; never asks anybody.
    Kept,
    /// These filters instead of the ones that are set.
    Filters(Filters),
    /// The cursor on this row of the results, counted from 0.
    Row(usize),
    /// The results in this order.
    Sort(Sort),
    /// This place in the preview.
    Seek(Duration),
    /// This volume, 0 to 100 %.
    Volume(u8),
    /// This project at hand; it is made if there is none of that name.
    Project(String),
    /// The cursor on this line of the list on top (a shortlist, tracks like one), counted from 0.
    Line(usize),
    /// This note beside the line under the cursor of the shortlist on top.
    Note(String),
    /// This length of the clip that is fitted, in seconds.
    ClipLength(f64),
    /// This hit point of the clip that is fitted, in seconds; `None`: none.
    ClipHit(Option<f64>),
    /// The question whether to ask all briefs that are open and not answered yet.
    AskBriefs,
    /// The length of this video or voice file for the clip that is fitted.
    ClipFilm(PathBuf),
    /// The briefs of this file, to go through them one by one.
    Briefs(PathBuf),
    /// This one of the briefs that are open, counted from 0.
    Brief(usize),
    /// This task given up, if it is not sent, or taken off the list, if it is over.
    GiveUp(TaskName),
    /// The tour from its first step, or no tour.
    Tour(bool),
}
