//! The queue of long work: what is asked for and not here yet, and what this session has bought.

use super::{Batch, BatchId, BatchPhase, Download, DownloadId, DownloadPhase, Running, State};

/// One line of the tasks view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Task<'a> {
    /// The search that the screen waits for.
    Search(&'a Running),
    /// A paid search, by its generation, that was sent and is not waited for any more. Its answer is stored when it comes.
    Unwatched(u64),
    /// A batch, under way or over.
    Batch(&'a Batch),
    /// A download, under way or over.
    Download(&'a Download),
}

/// Names a task: its place in the list is another one's once it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskName {
    /// A search, by its generation, waited for or not.
    Search(u64),
    /// A batch.
    Batch(BatchId),
    /// A download.
    Download(DownloadId),
}

impl Task<'_> {
    /// Its name.
    pub fn name(self) -> TaskName {
        match self {
            Self::Search(running) => TaskName::Search(running.generation),
            Self::Unwatched(generation) => TaskName::Search(generation),
            Self::Batch(batch) => TaskName::Batch(batch.id),
            Self::Download(download) => TaskName::Download(download.id),
        }
    }

    /// Whether it, or some of it, has not left the machine: only then that can be cancelled, for nothing.
    pub fn can_be_cancelled(self) -> bool {
        match self {
            Self::Search(running) => !running.sent,
            Self::Unwatched(_) => false,
            Self::Batch(batch) => batch.running() && !batch.given_up,
            Self::Download(download) => download.phase == DownloadPhase::Queued,
        }
    }

    /// Whether it is over, well or not.
    pub fn over(self) -> bool {
        match self {
            Self::Search(_) | Self::Unwatched(_) => false,
            Self::Batch(batch) => !batch.running(),
            Self::Download(download) => !download.running(),
        }
    }
}

impl State {
    /// All tasks: first what is under way, in the order in which it was asked for, then what is over: batches and then downloads, the newest
    /// first.
    pub fn tasks(&self) -> Vec<Task<'_>> {
        let mut tasks: Vec<Task> = self.results.running.iter().map(Task::Search).collect();
        tasks.extend(self.results.unwatched.iter().copied().map(Task::Unwatched));
        tasks.extend(self.batches.iter().filter(|batch| batch.running()).map(Task::Batch));
        tasks.extend(self.downloads.iter().filter(|download| download.running()).map(Task::Download));
        tasks.extend(self.batches.iter().rev().filter(|batch| !batch.running()).map(Task::Batch));
        tasks.extend(
            self.downloads
                .iter()
                .rev()
                .filter(|download| !download.running())
                .map(Task::Download),
        );
        tasks
    }

    /// A paid request has been sent and its answer is not here.
    pub fn is_paid_for_in_flight(&self) -> bool {
        self.results.running.as_ref().is_some_and(|running| running.sent)
            || !self.results.unwatched.is_empty()
            || self.batch_running().is_some_and(|batch| batch.phase == BatchPhase::Sent)
            || self
                .downloads
                .iter()
                .any(|download| matches!(download.phase, DownloadPhase::Receiving { .. }))
    }
}
