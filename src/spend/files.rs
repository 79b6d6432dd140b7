//! What became of the files that receipts name, and the note of their licence beside them.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::download::{MOST_NAMES, every_name_is_taken, numbered, waiting_file};
use super::{Receipt, SpendState};
use crate::text::hex;

/// The first line of a note of ours; a file that begins otherwise is somebody else's.
const HEADER: &str = "Music credits, written by trackyard-tui";

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It is there, byte for byte as it was.
    Whole,
    /// It is there, with other bytes.
    Changed,
    /// It is not there.
    Missing,
    /// It is there and cannot be read.
    Unreadable,
}

impl FileState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "unchanged",
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Reads the file of a receipt and compares it with what was bought; `None` for a receipt without one. Waits for the disk.
pub fn check_file(receipt: &Receipt) -> Option<FileState> {
    let path = receipt.path.as_ref()?;
    let wanted = receipt.file_sha256.as_ref().or(receipt.sha256.as_ref())?;
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(FileState::Missing),
        Err(_) => return Some(FileState::Unreadable),
    };
    let mut digest = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => digest.update(&piece[..read]),
            Err(_) => return Some(FileState::Unreadable),
        }
    }
    Some(if hex(&digest.finalize()) == *wanted {
        FileState::Whole
    } else {
        FileState::Changed
    })
}

/// Writes `credits.txt` beside the files of these receipts, one for each folder: what was licensed, when, and for which file. An older note
/// of ours is written anew; a file of somebody else keeps its name, and ours gets another. Gives the notes written. Waits for the disk.
///
/// # Errors
/// The first folder that cannot be written.
pub fn write_credits(receipts: &[Receipt]) -> std::io::Result<Vec<PathBuf>> {
    let mut folders: Vec<&Path> = bought(receipts)
        .filter_map(|(_, path)| path.parent())
        .filter(|folder| folder.is_dir())
        .collect();
    folders.sort_unstable();
    folders.dedup();
    folders
        .into_iter()
        .map(|folder| write_note(folder, &note(receipts, folder)))
        .collect()
}

fn bought(receipts: &[Receipt]) -> impl Iterator<Item = (&Receipt, &PathBuf)> {
    let charged = receipts.iter().filter(|receipt| receipt.state == SpendState::Charged);
    charged.filter_map(|receipt| Some((receipt, receipt.path.as_ref()?)))
}

fn note(receipts: &[Receipt], folder: &Path) -> String {
    let mut text = format!(
        "{HEADER}\n\nLicensed through Trackyard (trackyard.com): a perpetual sync licence comes with each download, for social media,\nYouTube, podcasts and online content; not for film or TV.\n"
    );
    for (receipt, path) in bought(receipts).filter(|(_, path)| path.parent() == Some(folder)) {
        let id = receipt.track_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let title = receipt.title.as_deref().unwrap_or(&id);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let _ = write!(
            text,
            "\n{title}\n  track {id}, downloaded {}\n  file {name}\n",
            receipt.at.strftime("%Y-%m-%d")
        );
        if let Some(clip) = receipt.clip {
            let _ = writeln!(text, "  clip of {} s", clip.duration().as_f64());
        }
        if let Some(project) = &receipt.project {
            let _ = writeln!(text, "  project {project}");
        }
        if let Some(hash) = receipt.file_sha256.as_ref().or(receipt.sha256.as_ref()) {
            let _ = writeln!(text, "  SHA-256 {hash}");
        }
    }
    text
}

fn write_note(folder: &Path, text: &str) -> std::io::Result<PathBuf> {
    use std::io::Write as _;
    for number in 1..=MOST_NAMES {
        let path = folder.join(numbered("credits.txt", number));
        let ours = match std::fs::read_to_string(&path) {
            Ok(there) => there.starts_with(HEADER),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
            // Something is there that is no text, or not one for us.
            Err(_) if path.symlink_metadata().is_ok() => false,
            // Nobody can say what is there: it would be the same with every other name.
            Err(error) => return Err(error),
        };
        if ours {
            let mut file = waiting_file(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            return Ok(path);
        }
    }
    Err(every_name_is_taken())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_takes_no_name_of_somebody_else() {
        let folder = tempfile::tempdir().unwrap();
        let named = |name: &str| folder.path().join(name);
        std::fs::write(named("credits.txt"), b"\xff\xfe no text").unwrap();
        std::fs::create_dir(named("credits (2).txt")).unwrap();
        std::fs::write(named("credits (3).txt"), "my own").unwrap();
        for text in ["one", "two"] {
            let text = format!("{HEADER}\n{text}\n");
            assert_eq!(write_note(folder.path(), &text).unwrap(), named("credits (4).txt"));
            assert_eq!(std::fs::read_to_string(named("credits (4).txt")).unwrap(), text);
        }
        assert_eq!(std::fs::read(named("credits.txt")).unwrap(), b"\xff\xfe no text");
        assert_eq!(std::fs::read_to_string(named("credits (3).txt")).unwrap(), "my own");
    }

    #[test]
    fn where_nothing_can_be_looked_at_no_name_is_looked_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        std::fs::write(&file, "in the way").unwrap();
        write_note(&file, HEADER).unwrap_err();
    }
}
