//! Who holds a pending row: a locked file for each running program, so that others can see whether it is alive.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// This program's own lock. It lives as long as the ledger is open; the system lets it go however the program ends.
#[derive(Debug)]
pub(super) struct Owner {
    token: String,
    folder: PathBuf,
    _lock: File,
}

impl Owner {
    /// Takes a lock of its own in `folder`, and clears away those of programs that are gone.
    pub(super) fn new(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        sweep(&folder);
        // Another program's sweep may take the file in the moment before it is locked.
        for _ in 0..16 {
            let token = format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(0));
            let path = folder.join(&token);
            let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
            match file.try_lock() {
                Ok(()) if path.exists() => {
                    return Ok(Self {
                        token,
                        folder,
                        _lock: file,
                    });
                }
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other("no lock file can be kept"))
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Whether the program with this token still runs. When in doubt, it does.
    pub(super) fn alive(&self, token: &str) -> bool {
        token == self.token || held(&self.folder.join(token))
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // The lock goes with the file handle; this only tidies.
        let _ = fs::remove_file(self.folder.join(&self.token));
    }
}

fn held(path: &Path) -> bool {
    match File::open(path) {
        Ok(file) => !matches!(file.try_lock(), Ok(())),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if let Ok(file) = File::open(&path)
            && matches!(file.try_lock(), Ok(()))
        {
            // Still locked by us while it is removed, so nobody else takes it for theirs.
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_see_an_owner_live_and_die() {
        let folder = tempfile::tempdir().unwrap();
        let one = Owner::new(folder.path().to_owned()).unwrap();
        let two = Owner::new(folder.path().to_owned()).unwrap();
        let token = two.token().to_owned();
        assert!(one.alive(one.token()) && one.alive(&token) && two.alive(one.token()));
        drop(two);
        assert!(!one.alive(&token));
        assert!(!one.alive("1-never"));
    }

    #[test]
    fn the_file_of_a_killed_program_is_no_life_and_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("99-dead");
        fs::write(&left, "").unwrap();
        let lock = File::open(&left).unwrap();
        lock.try_lock().unwrap();
        let one = Owner::new(folder.path().to_owned()).unwrap();
        assert!(one.alive("99-dead"));
        drop(lock);
        assert!(!one.alive("99-dead"));
        let _two = Owner::new(folder.path().to_owned()).unwrap();
        assert!(!left.exists());
        assert!(folder.path().join(one.token()).exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_that_cannot_be_looked_at_may_be_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("98-loop");
        std::os::unix::fs::symlink(&path, &path).unwrap();
        assert!(held(&path));
    }
}
