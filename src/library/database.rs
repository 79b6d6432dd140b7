//! One thread that owns the connection; jobs are sent to it and answered when they are done.

use std::fmt;
use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot;

use super::LibraryError;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// The database thread; it ends when the last handle is dropped.
pub(super) struct Database {
    jobs: mpsc::Sender<Job>,
    path: String,
    interrupt: InterruptHandle,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Database {
    pub(super) fn start(mut connection: Connection, path: &str) -> Self {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let interrupt = connection.get_interrupt_handle();
        // Without a thread every job fails with a message, which is all that can be done then.
        let _ = thread::Builder::new().name("library".into()).spawn(move || {
            while let Ok(job) = inbox.recv() {
                job(&mut connection);
            }
        });
        Self {
            jobs,
            path: path.to_owned(),
            interrupt,
        }
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
            path: self.path.clone(),
            reason,
        };
        if sent.is_err() {
            return Err(failed("its thread has ended".into()));
        }
        match result.await {
            Ok(result) => result.map_err(|error| failed(error.to_string())),
            Err(_) => Err(failed("its thread has ended".into())),
        }
    }
}
