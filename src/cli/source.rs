//! What `clip` and `play` are given where no file of that name is there: the id of a track, or a path that is wrong.

use std::ffi::OsStr;
use std::path::{Path, is_separator};

use crate::api::TrackId;

/// Endings that say that a file was meant. Any other dot may be one of an id.
const ENDINGS: [&str; 11] = ["aac", "aiff", "flac", "m4a", "mov", "mp3", "mp4", "oga", "ogg", "opus", "wav"];

/// The track that is meant; none where only a file can be.
pub(super) fn track_id(source: &Path) -> Option<TrackId> {
    let name = source.to_str()?;
    let ending = source.extension().and_then(OsStr::to_str).unwrap_or_default();
    let is_file = name.contains(is_separator) || ENDINGS.contains(&ending.to_lowercase().as_str());
    if is_file { None } else { TrackId::new(name).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_ends_as_music_or_has_a_folder_is_a_file_and_any_other_a_track() {
        for id in ["trk_1", "trk_1.v2", "2.0.1", "trk_mp3", "a.b.mp3x"] {
            assert_eq!(track_id(Path::new(id)).unwrap().as_str(), id);
        }
        for file in [
            "a.mp3",
            "A.MP3",
            "trk_1.v2.wav",
            "./trk_1",
            "music/trk_1",
            "/trk_1",
            "trk_1/",
            "",
            "two words",
            "möwe",
        ] {
            assert_eq!(track_id(Path::new(file)), None, "{file}");
        }
    }
}
