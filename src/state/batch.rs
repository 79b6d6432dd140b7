//! Batches of this session: briefs that are asked in one go.

use std::path::PathBuf;

use super::{Moment, State};
use crate::api::SearchRequest;
use crate::batch::Tally;
use crate::text::Clean;

/// Names a batch of this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchId(pub u64);

/// One ask of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchAsk {
    /// What is asked.
    pub request: SearchRequest,
    /// The project that its receipt names.
    pub project: Option<String>,
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchPhase {
    /// The ask at hand is not sent.
    Unsent,
    /// The ask at hand was sent: its answer is waited for, whatever happens.
    Sent,
    /// All of them are over.
    Done,
    /// Nothing more is asked; why, and what that cost.
    Stopped(String),
}

/// One batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Its name.
    pub id: BatchId,
    /// The file of its briefs.
    pub file: PathBuf,
    /// What is asked, in this order.
    pub requests: Vec<SearchRequest>,
    /// Which of them is at hand, from 0.
    pub at: usize,
    /// What became of them so far.
    pub tally: Tally,
    /// The ask at hand is held back by a rate limit until then.
    pub waiting_until: Option<Moment>,
    /// How far it is.
    pub phase: BatchPhase,
    /// The user has given up what is not sent.
    pub given_up: bool,
}

impl Batch {
    /// One of which nothing was asked yet.
    pub fn new(id: BatchId, file: PathBuf, requests: Vec<SearchRequest>) -> Self {
        Self {
            id,
            file,
            tally: Tally::of(requests.len()),
            requests,
            at: 0,
            waiting_until: None,
            phase: BatchPhase::Unsent,
            given_up: false,
        }
    }

    /// Whether it is still going on.
    pub fn running(&self) -> bool {
        matches!(self.phase, BatchPhase::Unsent | BatchPhase::Sent)
    }

    /// The words of the ask at hand.
    pub fn query(&self) -> &str {
        self.requests.get(self.at).map_or("", SearchRequest::query)
    }

    /// The name of its file, without the folder, cleaned.
    pub fn name(&self) -> String {
        let name = self.file.file_name().unwrap_or(self.file.as_os_str());
        Clean::new(&name.to_string_lossy()).as_str().to_owned()
    }
}

impl State {
    /// The batch that is going on: there is one at most.
    pub fn batch_running(&self) -> Option<&Batch> {
        self.batches.iter().find(|batch| batch.running())
    }
}
