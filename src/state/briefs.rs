//! The briefs of a batch, opened one after the other: each is a video that wants its music.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tui_input::Input;

use super::{BatchAsk, State};
use crate::api::SearchRequest;
use crate::library::FIRST_PROJECT;

/// A brief of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenBrief {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What it asks.
    pub request: SearchRequest,
    /// The project its shortlist belongs to.
    pub project: String,
    /// How old the answer that is here is, in seconds; `None`: it was not asked yet.
    pub age_seconds: Option<u64>,
    /// The number of what it asks among the different asks of the file, from 0 in the order of the file: briefs that ask the same have the
    /// same one.
    pub ask: usize,
    /// The server does not take it as it is.
    pub refused: bool,
}

impl OpenBrief {
    /// Whether a batch would ask it: it is not answered, and not known to be refused.
    pub fn missing(&self) -> bool {
        self.age_seconds.is_none() && !self.refused
    }
}

/// The briefs that are open.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BriefList {
    /// Their file.
    pub file: PathBuf,
    /// The rows that can be asked, in the order of the file.
    pub briefs: Vec<OpenBrief>,
    /// The lines of the rows that cannot, each with what is wrong.
    pub bad: Vec<(usize, String)>,
    /// Which one is on the screen.
    pub at: usize,
    /// How many tracks are on the shortlist of each project.
    pub shortlisted: BTreeMap<String, usize>,
}

impl BriefList {
    /// The first brief whose video has nothing on its shortlist yet; the first one of all where each has.
    pub fn first_open(&self) -> usize {
        let open = |brief: &OpenBrief| self.shortlisted.get(&brief.project).is_none_or(|count| *count == 0);
        self.briefs.iter().position(open).unwrap_or(0)
    }

    /// The first brief of each different ask that is missing.
    fn missing(&self) -> impl Iterator<Item = &OpenBrief> {
        let mut next = 0;
        self.briefs.iter().filter(move |brief| {
            let is_first = brief.ask >= next;
            next = next.max(brief.ask + 1);
            is_first && brief.missing()
        })
    }

    /// How many different asks are missing: 1 credit each at most.
    pub fn count_missing(&self) -> usize {
        self.missing().count()
    }

    /// The different asks that are missing, in the order of the file.
    pub fn missing_asks(&self) -> Vec<BatchAsk> {
        let ask = |brief: &OpenBrief| BatchAsk {
            request: brief.request.clone(),
            project: Some(brief.project.clone()).filter(|name| name != FIRST_PROJECT),
        };
        self.missing().map(ask).collect()
    }

    /// All briefs that ask what the one with this request asks.
    pub fn same(&mut self, request: &SearchRequest) -> impl Iterator<Item = &mut OpenBrief> {
        let ask = self.briefs.iter().find(|brief| brief.request == *request).map(|brief| brief.ask);
        self.briefs.iter_mut().filter(move |brief| Some(brief.ask) == ask)
    }
}

/// The list of briefs as a popup.
#[derive(Debug, Clone, Default)]
pub struct BriefsView {
    /// The brief under the cursor.
    pub cursor: usize,
    /// The box for the path of a file.
    pub typing: Option<Input>,
    /// A file is being read.
    pub loading: bool,
    /// Why the file could not be opened.
    pub problem: Option<String>,
}

impl State {
    /// The brief that the rows on the screen answer, with its number from 1, and how many there are.
    pub fn brief_shown(&self) -> Option<(&OpenBrief, usize, usize)> {
        let list = self.briefs.as_ref()?;
        let brief = list.briefs.get(list.at)?;
        let answers = match &self.results.request {
            Some(request) => request.with_offset(0) == brief.request,
            // Not asked yet; tracks like another one answer nothing.
            None => self.results.all.is_empty(),
        };
        (answers && !self.live.shown()).then_some((brief, list.at + 1, list.briefs.len()))
    }

    /// How many tracks are on the shortlist of a project, as far as it is known.
    pub fn shortlisted_for(&self, project: &str) -> usize {
        if self.project == project {
            return self.marks.shortlisted.len();
        }
        let known = self.briefs.as_ref().and_then(|list| list.shortlisted.get(project));
        known.copied().unwrap_or(0)
    }
}
