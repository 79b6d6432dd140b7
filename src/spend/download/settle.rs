//! Looks through what came, and puts it where it belongs.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::body::rescue;
use super::mp3::{self, Walk};
use super::place::{hidden_file, put};
use super::{Received, tags};
use crate::api::Track;
use crate::term::contain;
use crate::text::hex;

/// More bytes of a file than one in so many that are neither sound nor tags, and it is damaged.
const JUNK_SHARE: u64 = 50;

/// A body in its place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::spend) struct Settled {
    /// Where the file is, if it could be kept at all.
    pub path: Option<PathBuf>,
    pub bytes: u64,
    pub sha256: String,
    /// Of the file with its tags; `None` when it is not whole.
    pub file_sha256: Option<String>,
    pub seconds: f64,
    /// Why it is not a whole track.
    pub wrong: Option<String>,
    /// What else the user should know.
    pub note: Option<String>,
}

/// Checks, tags, syncs and names the file. Waits for the disk.
pub(in crate::spend) fn settle(received: Received, track: Option<&Track>) -> Settled {
    let mut notes = Vec::new();
    let mut received = received;
    if let Err(error) = received.place.file.as_file().sync_all() {
        move_to_rescue(&mut received, &error);
    }
    let name = received.place.name(received.hint.as_deref());
    let found = look_through(&received);
    let mut settled = Settled {
        path: None,
        bytes: received.bytes,
        sha256: received.sha256.clone(),
        file_sha256: None,
        seconds: 0.0,
        wrong: None,
        note: None,
    };
    let (file, name) = match found {
        Ok(walk) => {
            settled.seconds = walk.seconds;
            settled.file_sha256 = Some(received.sha256.clone());
            if walk.cut > 0 {
                notes.push("its last frame, a fraction of a second, is cut".to_owned());
            }
            let file = match track.map(|track| tagged(&received, track, &walk)) {
                Some(Ok(Some((file, sha256)))) => {
                    (settled.bytes, settled.file_sha256) = (length(&file), Some(sha256));
                    // The one with tags stands in for it.
                    let _ = fs::remove_file(received.place.file.path());
                    file
                }
                Some(Err(error)) => {
                    notes.push(format!("tags could not be added ({error})"));
                    received.place.file
                }
                Some(Ok(None)) | None => received.place.file,
            };
            (file, name)
        }
        Err(wrong) if received.bytes == 0 => {
            let _ = fs::remove_file(received.place.file.path());
            settled.wrong = Some(wrong.reason);
            return settled;
        }
        Err(wrong) => {
            let stem = name.strip_suffix(".mp3").unwrap_or(&name);
            let name = if wrong.part {
                format!("{name}.part")
            } else {
                format!("{stem}.{}", wrong.ending)
            };
            settled.wrong = Some(wrong.reason);
            (received.place.file, name)
        }
    };
    let (path, moved) = keep(file, &received.place.folder, &received.rescue_folder, &name);
    if let Some(error) = received.rescued.or(moved) {
        notes.push(format!("the target folder failed ({error}), so it is in the rescue folder"));
    } else if path.file_name().is_none_or(|taken| *taken != *name) {
        notes.push(format!("“{name}” was taken"));
    }
    if !path.exists() {
        // Deleted by somebody, or its disk is gone: the sentence must not promise a file.
        settled.wrong = Some("the file could not be kept anywhere".to_owned());
        settled.note = (!notes.is_empty()).then(|| notes.join("; "));
        return settled;
    }
    settled.path = Some(path);
    settled.note = (!notes.is_empty()).then(|| notes.join("; "));
    settled
}

struct Wrong {
    reason: String,
    /// A part of a track.
    part: bool,
    ending: &'static str,
}

/// Whether the body is a whole MP3.
fn look_through(received: &Received) -> Result<Walk, Wrong> {
    let part = |reason: String| Wrong {
        reason,
        part: true,
        ending: "part",
    };
    let short = received.length.is_some_and(|length| received.bytes < length);
    if received.broken.is_some() || short {
        let of = received.length.map(|length| format!(" of {length}")).unwrap_or_default();
        let why = received.broken.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        return Err(part(format!("incomplete: {}{of} bytes{why}", received.bytes)));
    }
    if received.bytes == 0 {
        return Err(part("the answer was empty".to_owned()));
    }
    let mut file = received.place.file.as_file();
    let walk = file
        .rewind()
        .and_then(|()| mp3::walk(file, received.bytes))
        .map_err(|error| part(format!("it cannot be read back ({error})")))?;
    let Some(walk) = walk.filter(|walk| walk.junk < received.bytes / 2) else {
        let said = received.content_type.as_deref().unwrap_or("no type");
        return Err(Wrong {
            reason: format!("what came is not MP3 audio (the server called it {said})"),
            part: false,
            ending: ending(received.place.file.as_file()),
        });
    };
    let missing = walk.promised.map_or(0, |promised| promised.saturating_sub(walk.frames));
    let frames = walk.frames;
    if missing > 1 || (walk.cut > 0 && received.length.is_none()) {
        let of = walk.promised.map(|promised| format!(" of {promised}")).unwrap_or_default();
        return Err(part(format!("incomplete: {} bytes, {frames}{of} frames of sound", received.bytes)));
    }
    if walk.junk > received.bytes / JUNK_SHARE {
        return Err(part(format!("damaged: {} of {} bytes are no sound", walk.junk, received.bytes)));
    }
    Ok(walk)
}

/// What a body that is no audio looks like.
fn ending(mut file: &File) -> &'static str {
    let mut start = [0; 256];
    let read = file.rewind().and_then(|()| file.read(&mut start)).unwrap_or(0);
    let text = String::from_utf8_lossy(&start[..read]).trim_start().to_lowercase();
    match text.as_bytes().first() {
        Some(b'{' | b'[') => "json",
        Some(b'<') => "html",
        _ => "bin",
    }
}

/// A copy with tags, and its hash; the body itself is not touched. `None`: nothing is absent.
fn tagged(received: &Received, track: &Track, walk: &Walk) -> Result<Option<(NamedTempFile, String)>, String> {
    let words = |error: io::Error| error.to_string();
    let mut copy = hidden_file(&received.place.folder, ".mp3").map_err(words)?;
    let mut body = received.place.file.as_file();
    body.rewind().map_err(words)?;
    io::copy(&mut body, &mut copy).map_err(words)?;
    // The library that writes tags has seen less of the world than hostile files can show it.
    let path = copy.path().to_owned();
    let added = contain(|| tags::add_missing(&path, track)).map_err(|_| "unreadable tags".to_owned())??;
    if !added {
        return Ok(None);
    }
    let mut file = File::open(&path).map_err(words)?;
    let length = file.metadata().map_err(words)?.len();
    let after = mp3::walk(&file, length).map_err(words)?;
    if after.is_none_or(|after| after.frames != walk.frames) {
        return Err("they would have changed the sound".to_owned());
    }
    file.rewind().map_err(words)?;
    let mut hash = Sha256::new();
    io::copy(&mut file, &mut HashWriter(&mut hash)).map_err(words)?;
    copy.as_file().sync_all().map_err(words)?;
    Ok(Some((copy, hex(&hash.finalize()))))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn length(file: &NamedTempFile) -> u64 {
    file.as_file().metadata().map_or(0, |file| file.len())
}

fn move_to_rescue(received: &mut Received, why: &io::Error) {
    if let Ok(file) = rescue(&received.place.file, received.bytes, &received.rescue_folder) {
        received.place.file = file;
        received.place.folder.clone_from(&received.rescue_folder);
        received.rescued = Some(why.to_string());
    }
}

/// Names the file in its folder, else in the rescue folder, else leaves it where it is. Says where it is, and what failed.
fn keep(mut file: NamedTempFile, folder: &Path, rescue_folder: &Path, name: &str) -> (PathBuf, Option<String>) {
    file.disable_cleanup(true);
    match put(file, folder, name) {
        Ok(path) => (path, None),
        Err((file, error)) => {
            let failed = Some(error.to_string());
            match rescue(&file, length(&file), rescue_folder).map(|file| put(file, rescue_folder, name)) {
                Ok(Ok(path)) => (path, failed),
                Ok(Err((file, _))) => (file.path().to_owned(), failed),
                Err(_) => (file.path().to_owned(), failed),
            }
        }
    }
}
