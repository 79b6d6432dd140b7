//! The file of a download: a temporary one beside its final place, checked and named only when whole.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::{Target, mp3, name, tags};
use crate::api::{DownloadRequest, Track};

/// Free space that has to be there before a credit is spent, in bytes: more than any track.
const NEEDED_SPACE: u64 = 64 << 20;
/// Numbered names that are tried when a name is taken.
const MAX_NUMBER: u32 = 10_000;

/// A whole file under its name.
pub(super) struct Kept {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) file_sha256: String,
    pub(super) duration_seconds: f64,
    pub(super) note: Option<String>,
}

/// Why there is no whole file, and where the bytes are.
pub(super) type NotWhole = (String, Option<PathBuf>);

/// A body that is being written down.
pub(super) struct Incoming {
    file: NamedTempFile,
    wanted: PathBuf,
    named_by_user: bool,
    rescue: PathBuf,
    request: DownloadRequest,
    known_track: bool,
    hasher: Sha256,
    received: u64,
    rescued: bool,
}

impl Incoming {
    /// Makes sure that the file can be written, before anything is paid. `Err` says what to change.
    pub(super) fn prepare(target: &Target, request: &DownloadRequest, track: Option<&Track>, rescue: PathBuf) -> Result<Self, String> {
        let (folder, file_name, named_by_user) = match target {
            Target::Folder(folder) => (folder.clone(), name::file_name(request, track), false),
            Target::File(path) => {
                let file_name = path.file_name().ok_or_else(|| format!("{} is no file name", path.display()))?;
                let folder = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                (folder.to_owned(), file_name.to_string_lossy().into_owned(), true)
            }
        };
        let cannot = |error: std::io::Error| format!("the folder {} cannot be written ({error}): choose another one", folder.display());
        fs::create_dir_all(&folder).map_err(cannot)?;
        let folder = std::path::absolute(&folder).map_err(cannot)?;
        let file = temporary(&folder).map_err(cannot)?;
        if let Some(free) = free_space(&folder).filter(|free| *free < NEEDED_SPACE) {
            return Err(format!("only {} MB are free in {}: make room first", free >> 20, folder.display()));
        }
        let wanted = folder.join(file_name);
        let known_track = track.is_some();
        Ok(Self {
            file,
            wanted,
            named_by_user,
            rescue,
            request: request.clone(),
            known_track,
            hasher: Sha256::new(),
            received: 0,
            rescued: false,
        })
    }

    /// The server's hint for a name, which counts when nothing better is known.
    pub(super) fn hint(&mut self, hint: Option<&str>) {
        if let Some(hint) = hint.filter(|_| !self.named_by_user && !self.known_track) {
            self.wanted.set_file_name(name::from_hint(hint, &self.request));
        }
    }

    /// Where the bytes are while they arrive.
    pub(super) fn place(&self) -> &Path {
        self.file.path()
    }

    /// Bytes that are here.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Writes a piece. When the disk fails, everything moves to the rescue folder; `Err` when that fails too.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.hasher.update(bytes);
        if let Err(error) = self.file.as_file_mut().write_all(bytes) {
            self.move_to_rescue(bytes, &error)?;
        }
        self.received += bytes.len() as u64;
        Ok(())
    }

    fn move_to_rescue(&mut self, bytes: &[u8], error: &std::io::Error) -> Result<(), String> {
        if self.rescued {
            return Err(format!("the disk is full or broken ({error})"));
        }
        let moved = (|| {
            fs::create_dir_all(&self.rescue)?;
            let mut elsewhere = temporary(&self.rescue)?;
            let old = self.file.as_file_mut();
            old.seek(SeekFrom::Start(0))?;
            std::io::copy(&mut old.take(self.received), elsewhere.as_file_mut())?;
            elsewhere.as_file_mut().write_all(bytes)?;
            std::io::Result::Ok(elsewhere)
        })();
        match moved {
            Ok(elsewhere) => {
                self.file = elsewhere;
                self.rescued = true;
                let file_name = self.wanted.file_name().map(PathBuf::from).unwrap_or_default();
                self.wanted = self.rescue.join(file_name);
                Ok(())
            }
            Err(_) => Err(format!("the disk is full or broken ({error})")),
        }
    }

    /// Checks the body, adds tags, and gives the file its name. What is not whole is kept under another one.
    pub(super) fn finish(
        mut self,
        total: Option<u64>,
        broken: Option<String>,
        content_type: Option<&str>,
        track: Option<&Track>,
    ) -> Result<Kept, NotWhole> {
        let received = self.received;
        if let Some(total) = total.filter(|total| received < *total) {
            let why = broken.map_or_else(String::new, |why| format!(" ({why})"));
            return Err(self.keep(&format!("the file is incomplete: {received} of {total} bytes came{why}"), "part"));
        }
        if let Some(why) = broken {
            return Err(self.keep(&format!("the file is incomplete: {received} bytes came ({why})"), "part"));
        }
        let walked = self
            .file
            .as_file_mut()
            .seek(SeekFrom::Start(0))
            .and_then(|_| mp3::walk(self.file.as_file_mut()));
        let duration_seconds = match walked {
            Ok(mp3::Walk::Whole { seconds }) => seconds,
            Ok(mp3::Walk::CutShort { seconds }) => {
                return Err(self.keep(
                    &format!("the file is incomplete: its music breaks off after {seconds:.0} s"),
                    "part",
                ));
            }
            Ok(mp3::Walk::NotMp3) => {
                let kind = content_type.unwrap_or("unknown type");
                return Err(self.keep(&format!("what came is no MP3 ({kind}, {received} bytes)"), "not-audio"));
            }
            Err(error) => return Err(self.keep(&format!("the file cannot be read back ({error})"), "part")),
        };
        let sha256 = hex(&std::mem::take(&mut self.hasher).finalize());
        let mut notes = Vec::new();
        if let Some(track) = track
            && let Err(reason) = tags::add(self.file.path(), track)
        {
            notes.push(format!("tags could not be added: {reason}"));
        }
        if self.rescued {
            notes.push(format!(
                "the target folder could not be written; the file is in {}",
                self.rescue.display()
            ));
        }
        let (file_sha256, bytes) = match digest(self.file.path()) {
            Ok(digest) => digest,
            Err(error) => return Err(self.keep(&format!("the file cannot be read back ({error})"), "part")),
        };
        let wanted = self.wanted.clone();
        let path = self.put(&wanted).map_err(|reason| (reason, None))?;
        if path != wanted && !notes.iter().any(|note| note.contains("could not be written")) {
            notes.push(format!(
                "the name was taken, so it is called {}",
                path.file_name().unwrap_or_default().to_string_lossy()
            ));
        }
        Ok(Kept {
            path,
            bytes,
            sha256,
            file_sha256,
            duration_seconds,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
        })
    }

    /// Keeps what came of a body that is no whole track, under a name that nobody takes for one.
    fn keep(self, reason: &str, extension: &str) -> NotWhole {
        if self.received == 0 {
            return (reason.to_owned(), None);
        }
        let mut name = self.wanted.clone().into_os_string();
        name.push(format!(".{extension}"));
        let kept = self.put(Path::new(&name));
        (reason.to_owned(), kept.ok())
    }

    /// Syncs the file and gives it its name, or a numbered one when that is taken. Never replaces a file.
    fn put(self, wanted: &Path) -> Result<PathBuf, String> {
        let failed = |error: &std::io::Error| format!("the file cannot be put in place ({error})");
        self.file.as_file().sync_all().map_err(|error| failed(&error))?;
        let mut file = self.file;
        for number in 1..=MAX_NUMBER {
            let path = numbered(wanted, number);
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    sync_folder(&path);
                    return Ok(path);
                }
                Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => file = error.file,
                Err(error) => {
                    // Paid for, so it stays where it is.
                    let reason = failed(&error.error);
                    return match error.file.keep() {
                        Ok((_, place)) => Err(format!("{reason}; it is in {}", place.display())),
                        Err(_) => Err(reason),
                    };
                }
            }
        }
        match file.keep() {
            Ok((_, place)) => Err(format!("every name like it is taken; it is in {}", place.display())),
            Err(error) => Err(failed(&error.error)),
        }
    }
}

fn temporary(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trackyard-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Music is for everybody on the machine, unlike other temporary files; the umask still holds.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// `name.mp3`, `name (2).mp3`, …
fn numbered(wanted: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return wanted.to_owned();
    }
    let stem = wanted.file_stem().unwrap_or_default().to_string_lossy();
    let extension = wanted
        .extension()
        .map(|extension| format!(".{}", extension.to_string_lossy()))
        .unwrap_or_default();
    wanted.with_file_name(format!("{stem} ({number}){extension}"))
}

fn digest(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(&hasher.finalize()), bytes));
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new name lasts only once its folder is on the disk.
#[cfg(unix)]
fn sync_folder(path: &Path) {
    if let Some(folder) = path.parent()
        && let Ok(folder) = File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) {}

/// Bytes that are free for us, where the system tells.
#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    let stat = rustix::fs::statvfs(folder).ok()?;
    stat.f_bavail.checked_mul(stat.f_frsize)
}

#[cfg(not(unix))]
fn free_space(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_gets_a_number_before_its_extension() {
        assert_eq!(numbered(Path::new("/m/Ada - Rain.mp3"), 2), Path::new("/m/Ada - Rain (2).mp3"));
        assert_eq!(numbered(Path::new("/m/noextension"), 3), Path::new("/m/noextension (3)"));
    }
}
