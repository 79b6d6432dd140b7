//! What is remembered between sessions without being a setting: the volume, and that the tour was taken.

use std::io::{self, Write};
use std::path::Path;

/// The file that says that the tour was taken.
const TOUR: &str = "tour";

/// The volume of the last session in per cent, if it is known.
pub fn load_volume(state_folder: &Path) -> Option<u8> {
    std::fs::read_to_string(state_folder.join("volume"))
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|volume| *volume <= 100)
}

/// Remembers the volume, in per cent.
///
/// # Errors
/// What the disk says.
pub fn save_volume(state_folder: &Path, volume: u8) -> io::Result<()> {
    std::fs::create_dir_all(state_folder)?;
    let mut file = tempfile::NamedTempFile::new_in(state_folder)?;
    writeln!(file, "{volume}")?;
    file.persist(state_folder.join("volume"))?;
    Ok(())
}

/// Whether the tour was taken or put away in an earlier session.
pub fn tour_taken(state_folder: &Path) -> bool {
    state_folder.join(TOUR).exists()
}

/// Remembers that the tour was taken.
///
/// # Errors
/// What the disk says.
pub fn save_tour_taken(state_folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(state_folder)?;
    std::fs::write(state_folder.join(TOUR), "taken\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tour_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("not there yet");
        assert!(!tour_taken(&state));
        save_tour_taken(&state).unwrap();
        assert!(tour_taken(&state));
    }

    #[test]
    fn the_volume_comes_back_and_nonsense_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load_volume(folder.path()), None);
        save_volume(folder.path(), 55).unwrap();
        assert_eq!(load_volume(folder.path()), Some(55));
        std::fs::write(folder.path().join("volume"), "900").unwrap();
        assert_eq!(load_volume(folder.path()), None);
    }
}
