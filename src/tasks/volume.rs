//! The volume, remembered. Its steps follow each other faster than a slow disk writes, and are written on whatever thread is free.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::config;

/// Who writes it.
pub(super) struct VolumeKeeper {
    state_folder: PathBuf,
    newest: AtomicU64,
    writing: Mutex<()>,
}

/// The place of a volume among those that were set.
#[derive(Clone, Copy)]
pub(super) struct Turn(u64);

impl VolumeKeeper {
    /// Keeps it in this folder, which is made when it is needed.
    pub(super) fn new(state_folder: PathBuf) -> Self {
        Self {
            state_folder,
            newest: AtomicU64::new(0),
            writing: Mutex::new(()),
        }
    }

    /// The volume was set again: what was set before need not be written any more.
    pub(super) fn turn(&self) -> Turn {
        Turn(self.newest.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Writes a volume in per cent, unless a later one was set meanwhile. Waits for the disk.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn write(&self, Turn(turn): Turn, volume: u8) -> io::Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if turn < self.newest.load(Ordering::SeqCst) {
            return Ok(());
        }
        config::save_volume(&self.state_folder, volume)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_volume_that_was_set_last_stays_in_whatever_order_they_are_written() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = VolumeKeeper::new(folder.path().to_owned());
        let (first, second) = (keeper.turn(), keeper.turn());
        keeper.write(second, 60).unwrap();
        keeper.write(first, 55).unwrap();
        assert_eq!(config::load_volume(folder.path()), Some(60));
        keeper.write(keeper.turn(), 65).unwrap();
        assert_eq!(config::load_volume(folder.path()), Some(65));
    }
}
