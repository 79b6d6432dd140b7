//! Where a download goes, made and tried before anything is paid.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::name::{file_name, hinted};
use crate::api::{DownloadRequest, Track};

/// Bytes a second at the highest rate MP3 has.
const BYTES_A_SECOND: f64 = 40_000.0;
/// Room asked for when nobody knows how long the track is.
const UNKNOWN_ROOM: u64 = 32 << 20;
/// Room for tags and for the file system itself.
const SPARE_ROOM: u64 = 1 << 20;
/// Names tried when one is taken.
pub(in crate::spend) const MOST_NAMES: u32 = 999;

/// Where a download shall go.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Into this folder, under a name made from artist and title (or the server's hint, or the id). Made when missing.
    Folder(PathBuf),
    /// Exactly here; a taken name gets ` (2)`.
    File(PathBuf),
}

/// A place that can take the file: the folder is there, there is room, and an open file waits in it for the bytes.
#[derive(Debug)]
pub(in crate::spend) struct Place {
    pub(super) folder: PathBuf,
    /// `None`: the server may name it.
    name: Option<String>,
    request: DownloadRequest,
    pub(super) file: NamedTempFile,
}

impl Place {
    /// Makes the place. Waits for the disk.
    ///
    /// # Errors
    /// Why the file cannot go there, for the user.
    pub(in crate::spend) fn prepare(target: &Target, request: &DownloadRequest, track: Option<&Track>) -> Result<Self, String> {
        let (folder, name) = match target {
            Target::Folder(folder) => (folder.clone(), track.map(|track| file_name(request, Some(track)))),
            Target::File(path) => {
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .ok_or_else(|| format!("{} does not name a file", path.display()))?;
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                (folder.unwrap_or(Path::new(".")).to_owned(), Some(name.to_owned()))
            }
        };
        let cannot = |error: &io::Error| format!("{} cannot take the file ({error}): choose another folder", folder.display());
        fs::create_dir_all(&folder).map_err(|error| cannot(&error))?;
        let folder = std::path::absolute(&folder).map_err(|error| cannot(&error))?;
        let file = waiting_file(&folder).map_err(|error| cannot(&error))?;
        if let Some(problem) = too_full(&folder, free_space(&folder), room_for(request, track)) {
            return Err(problem);
        }
        Ok(Self {
            folder,
            name,
            request: request.clone(),
            file,
        })
    }

    /// The file the bytes will arrive in.
    pub(in crate::spend) fn part(&self) -> PathBuf {
        self.file.path().to_owned()
    }

    /// The name in the end, with the server's hint if there is nothing better.
    pub(super) fn name(&self, hint: Option<&str>) -> String {
        match (&self.name, hint) {
            (Some(name), _) => name.clone(),
            (None, Some(hint)) => hinted(&self.request, hint),
            (None, None) => file_name(&self.request, None),
        }
    }
}

/// A file in `folder` for bytes that are on their way.
pub(crate) fn waiting_file(folder: &Path) -> io::Result<NamedTempFile> {
    hidden_file(folder, ".part")
}

pub(super) fn hidden_file(folder: &Path, suffix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".trackyard-").suffix(suffix);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Music is no secret on this machine, unlike other temporary files; the umask still holds.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Gives a file its name for good, never that of another file: a taken one gets ` (2)`. Says where it is now.
///
/// # Errors
/// The file, and why it could not be renamed.
pub(crate) fn put(mut file: NamedTempFile, folder: &Path, name: &str) -> Result<PathBuf, (NamedTempFile, io::Error)> {
    for number in 1..=MOST_NAMES {
        let path = folder.join(numbered(name, number));
        match rename(file, &path) {
            Ok(()) => {
                sync_folder(folder);
                return Ok(path);
            }
            Err((back, error)) if error.kind() == io::ErrorKind::AlreadyExists => file = back,
            Err((back, error)) => return Err((back, error)),
        }
    }
    Err((file, every_name_is_taken()))
}

/// Why a file has no name after [`MOST_NAMES`].
pub(in crate::spend) fn every_name_is_taken() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "every such name is taken")
}

fn rename(file: NamedTempFile, path: &Path) -> Result<(), (NamedTempFile, io::Error)> {
    let Err(failed) = file.persist_noclobber(path) else {
        return Ok(());
    };
    let (file, error) = (failed.file, failed.error);
    if error.kind() == io::ErrorKind::AlreadyExists || path.exists() {
        return Err((file, io::Error::from(io::ErrorKind::AlreadyExists)));
    }
    // Some file systems (FAT, network shares) cannot rename without replacing. An empty file of our own holds the name meanwhile.
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => file.persist(path).map(|_| ()).map_err(|failed| {
            let _ = fs::remove_file(path);
            (failed.file, failed.error)
        }),
        Err(_) => Err((file, error)),
    }
}

/// Makes the new name last through a loss of power, where the system can.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::warn!(%error, "the folder could not be synced");
    }
}

/// `Name.mp3`, `Name (2).mp3`, …
pub(in crate::spend) fn numbered(name: &str, number: u32) -> String {
    if number == 1 {
        return name.to_owned();
    }
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({number}).{ending}"),
        _ => format!("{name} ({number})"),
    }
}

fn room_for(request: &DownloadRequest, track: Option<&Track>) -> u64 {
    let seconds = request
        .clip
        .map(|clip| clip.duration().as_f64())
        .or_else(|| track.and_then(|track| track.duration_seconds));
    // A day of music is no track; the length is only the server's word.
    seconds.map_or(UNKNOWN_ROOM, |seconds| (seconds.min(86_400.0) * BYTES_A_SECOND) as u64) + SPARE_ROOM
}

/// Why a folder with so much room, if that is known, cannot take what may need so much, in bytes.
fn too_full(folder: &Path, free: Option<u64>, needed: u64) -> Option<String> {
    let free = free.filter(|free| *free < needed)?;
    Some(format!(
        "{} has {} MB free and the file may need {} MB: make room or choose another folder",
        folder.display(),
        free >> 20,
        needed.div_ceil(1 << 20)
    ))
}

#[cfg(unix)]
fn free_space(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    // Some network file systems say 0 for "do not know".
    (system.f_blocks > 0).then(|| system.f_bavail.saturating_mul(system.f_frsize))
}

/// Elsewhere the disk says so when it is full, and the bytes go to the rescue folder.
#[cfg(not(unix))]
fn free_space(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Clip, TrackId};

    #[test]
    fn a_disk_without_room_is_found_before_anything_is_sent() {
        let request = |clip| DownloadRequest {
            track_id: TrackId::new("trk_1").unwrap(),
            clip,
        };
        let clip = request(Some(Clip::new(300.0, None).unwrap()));
        let needed = room_for(&clip, None);
        assert_eq!(needed, 300 * 40_000 + SPARE_ROOM);
        let folder = Path::new("/music");
        assert_eq!(too_full(folder, Some(needed), needed), None);
        assert_eq!(too_full(folder, None, needed), None, "what is not known is no reason");
        let problem = too_full(folder, Some(needed - 1), needed).unwrap();
        assert_eq!(
            problem,
            "/music has 12 MB free and the file may need 13 MB: make room or choose another folder"
        );
        // A length from the server is believed up to a day of music.
        let endless = Track::from_json(&serde_json::json!({"id": "trk_1", "duration_seconds": 999_999})).unwrap();
        assert_eq!(room_for(&request(None), Some(&endless)), 86_400 * 40_000 + SPARE_ROOM);
        assert_eq!(room_for(&request(None), None), UNKNOWN_ROOM + SPARE_ROOM);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_room_on_a_disk_is_what_the_system_says() {
        let home = tempfile::tempdir().unwrap();
        assert!(free_space(home.path()).is_some_and(|free| free > 0));
        assert_eq!(free_space(Path::new("/proc")), None, "it has no room to speak of");
    }
}
