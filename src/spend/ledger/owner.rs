//! Who a pending row belongs to: a process that other processes can see to be alive by the lock it holds.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;

/// This process (or, in tests, one of several in it).
#[derive(Debug)]
pub(in crate::spend) struct Owner {
    name: String,
    path: PathBuf,
    folder: PathBuf,
    // The lock lasts as long as the file is open, so it is gone however the process ends.
    _lock: File,
}

impl Owner {
    pub(super) fn register(folder: &Path) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        fs::create_dir_all(folder)?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{count}", std::process::id(), Timestamp::now().as_nanosecond());
        let path = folder.join(&name);
        let lock = OpenOptions::new().write(true).create_new(true).open(&path)?;
        lock.lock()?;
        sweep(folder, &name);
        Ok(Self {
            name,
            path,
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    pub(in crate::spend) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the owner of this name still runs.
    pub(in crate::spend) fn is_alive(&self, name: &str) -> bool {
        name == self.name || holds_lock(&self.folder.join(name))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn holds_lock(path: &Path) -> bool {
    match OpenOptions::new().write(true).open(path) {
        Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
}

/// Takes away what killed processes left behind.
fn sweep(folder: &Path, own: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name() != own && !holds_lock(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}
