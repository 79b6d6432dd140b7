//! A file's bytes, read as they are wanted for a preview: on a thread of their own, since a pipe or a network drive may take its time.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::buffer::{End, Growing};

/// A larger file is not played, in bytes: all of it is kept in memory.
const MOST_BYTES: usize = 256 << 20;
/// Bytes that are read at a time.
const PIECE: usize = 64 << 10;

/// Begins to read. The bytes end with why the file cannot be read, if so.
pub(super) fn read(path: &Path) -> Arc<Growing> {
    let bytes = Arc::new(Growing::default());
    let (path, filled) = (path.to_owned(), Arc::clone(&bytes));
    // Not waited for when the player ends: a pipe that nobody writes to would hold it for ever.
    let thread = thread::Builder::new().name("preview-file".into()).spawn(move || {
        filled.finish(match copy(&path, &filled) {
            Ok(()) => End::Complete,
            Err(why) => End::Broken(why),
        });
    });
    if let Err(error) = thread {
        bytes.finish(End::Broken(format!("the file cannot be read: {error}")));
    }
    bytes
}

fn copy(path: &Path, bytes: &Arc<Growing>) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("the file cannot be read: {error}");
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err("this is a folder, not a file".to_owned());
    }
    if about.is_file() {
        bytes.expect(about.len());
    }
    let mut piece = vec![0; PIECE];
    // Nobody but this thread has it any more when something else plays.
    while Arc::strong_count(bytes) > 1 {
        match file.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) if bytes.len() + count > MOST_BYTES => return Err(format!("the file is larger than {} MB", MOST_BYTES >> 20)),
            Ok(count) => bytes.push(&piece[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    Err("it is not wanted any more".to_owned())
}
