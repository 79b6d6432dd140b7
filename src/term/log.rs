//! The log file, and standard error kept off the screen: audio libraries print there.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// The log is started anew once it is larger than this, in bytes.
const MAX_LOG: u64 = 1 << 20;

/// Opens the log and sends everything that is traced there. `TRACKYARD_LOG` sets the level, as in `debug`.
///
/// # Errors
/// What the disk says.
pub fn start_log(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let large = std::fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_LOG);
    let file = OpenOptions::new()
        .create(true)
        .append(!large)
        .write(true)
        .truncate(large)
        .open(path)?;
    let filter = EnvFilter::try_from_env("TRACKYARD_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // A second start in one process (as in tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file.try_clone()?))
        .try_init();
    Ok(file)
}

/// Standard error goes to the log as long as this lives.
#[derive(Debug)]
pub struct QuietStderr {
    _private: (),
}

impl QuietStderr {
    /// Sends standard error to the log.
    ///
    /// # Errors
    /// What the system says.
    pub fn into_log(log: &File) -> io::Result<Self> {
        redirect(log)?;
        Ok(Self { _private: () })
    }
}

impl Drop for QuietStderr {
    fn drop(&mut self) {
        restore_stderr();
    }
}

#[cfg(unix)]
static SAVED: Mutex<Option<std::os::fd::OwnedFd>> = Mutex::new(None);

#[cfg(unix)]
fn redirect(log: &File) -> io::Result<()> {
    let saved = rustix::io::dup(rustix::stdio::stderr())?;
    rustix::stdio::dup2_stderr(log)?;
    if let Ok(mut slot) = SAVED.lock() {
        *slot = Some(saved);
    }
    Ok(())
}

/// Standard error goes where it went before. Does nothing when it was not sent elsewhere.
#[cfg(unix)]
pub(super) fn restore_stderr() {
    if let Ok(mut slot) = SAVED.lock()
        && let Some(saved) = slot.take()
    {
        let _ = rustix::stdio::dup2_stderr(saved);
    }
}

#[cfg(not(unix))]
fn redirect(_log: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn restore_stderr() {}
