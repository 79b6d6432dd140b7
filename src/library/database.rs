//! One thread that owns the connection; jobs are sent to it and answered when they are done.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, ErrorCode, InterruptHandle};
use tokio::sync::oneshot;

use super::{LibraryError, schema};

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The database thread; it ends when the last handle is dropped.
pub(super) struct Database {
    jobs: mpsc::Sender<Job>,
    /// None where there are no threads to be had.
    thread: Option<JoinHandle<()>>,
    /// None in memory.
    file: Option<PathBuf>,
    interrupt: InterruptHandle,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Database {
    /// Starts the thread for a connection to this file, or to none. It closes its connection after that of `other` only: of two that
    /// are closed in the same moment none is the last one, which takes over what stands in the file's log and removes it.
    pub(super) fn start(mut connection: Connection, file: Option<&Path>, other: Option<JoinHandle<()>>) -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let interrupt = connection.get_interrupt_handle();
        // Without a thread every job fails with a message, which is all that can be done then.
        let thread = thread::Builder::new().name("library".into()).spawn(move || {
            while let Ok(job) = inbox.recv() {
                job(&mut connection);
            }
            if let Some(other) = other {
                // Where it has panicked, its connection is closed too.
                let _ = other.join();
            }
        });
        Self {
            jobs,
            thread: thread.ok(),
            file: file.map(Path::to_owned),
            interrupt,
        }
    }

    /// Its thread, once.
    pub(super) fn thread(&mut self) -> Option<JoinHandle<()>> {
        self.thread.take()
    }

    /// Stops the query that runs now, if one does.
    pub(super) fn interrupt(&self) {
        self.interrupt.interrupt();
    }

    /// Runs a job on the database thread.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LibraryError> {
        let (answer, result) = oneshot::channel();
        let sent = self.jobs.send(Box::new(move |connection| drop(answer.send(job(connection)))));
        let failed = |reason: String| LibraryError {
            path: self
                .file
                .as_ref()
                .map_or_else(|| "in memory".to_owned(), |file| file.display().to_string()),
            reason,
        };
        if sent.is_err() {
            return Err(failed("its thread has ended".into()));
        }
        match result.await {
            Ok(result) => result.map_err(|error| failed(self.said(&error))),
            Err(_) => Err(failed("its thread has ended".into())),
        }
    }

    /// What an error says. Damage in the middle of the file shows itself only now, and is looked into when it is opened again.
    fn said(&self, error: &rusqlite::Error) -> String {
        let damaged = matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        );
        match &self.file {
            Some(file) if damaged => {
                schema::suspect(file);
                format!("{error}. It is looked through at the next start, and moved aside if it is damaged")
            }
            _ => error.to_string(),
        }
    }
}
