//! How large a device's buffer has to be so that it does not run dry: found out by trying, and remembered.

use std::io::{self, Write};
use std::path::PathBuf;

use std::time::{Duration, Instant};

/// A sound server holds two of them, so every doubling sounds some 20 ms later; half of it costs the processor half as much again.
const FIRST: u32 = 512;
const SMALLEST: u32 = 256;
const LARGEST: u32 = 8_192;
/// One that runs dry again this soon is too small; less often, the machine was busy for once.
const SOON: Duration = Duration::from_secs(20);
/// Devices that are remembered.
const MOST: usize = 32;

/// The sizes, by device.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers {
    /// Where they are remembered, if they are.
    file: Option<PathBuf>,
    /// The device used last at the end.
    sizes: Vec<(String, u32)>,
    /// When one ran dry last.
    last: Option<Instant>,
}

impl Buffers {
    /// Reads what is remembered. What makes no sense there is passed over.
    pub(super) fn load(file: Option<PathBuf>) -> Self {
        let text = file
            .as_ref()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .unwrap_or_default();
        let sizes = text.lines().filter_map(|line| {
            let (frames, device) = line.split_once(' ')?;
            let frames: u32 = frames.parse().ok()?;
            (SMALLEST..=LARGEST).contains(&frames).then(|| (device.to_owned(), frames))
        });
        Self {
            sizes: sizes.collect(),
            file,
            ..Self::default()
        }
    }

    /// Frames for this device.
    pub(super) fn frames(&self, device: &str) -> u32 {
        let known = self.sizes.iter().find(|(known, _)| known == device);
        known.map_or(FIRST, |(_, frames)| *frames)
    }

    /// A device ran dry. If that happens too often, gives how many frames it shall have from now on.
    pub(super) fn ran_dry(&mut self, device: &str, now: Instant) -> Option<u32> {
        let frames = self.frames(device);
        let again = self.last.replace(now).is_some_and(|last| now.duration_since(last) < SOON);
        tracing::info!(device, frames, "the audio device ran dry");
        if !again || frames >= LARGEST {
            return None;
        }
        // The larger one has to prove itself first.
        self.last = None;
        let larger = (frames * 2).min(LARGEST);
        self.sizes.retain(|(known, _)| known != device);
        self.sizes.push((device.to_owned(), larger));
        let surplus = self.sizes.len().saturating_sub(MOST);
        self.sizes.drain(..surplus);
        if let Err(error) = self.save() {
            tracing::warn!(%error, "the buffer's size cannot be remembered");
        }
        Some(larger)
    }

    fn save(&self) -> io::Result<()> {
        let Some((file, folder)) = self.file.as_ref().and_then(|file| Some((file, file.parent()?))) else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        for (device, frames) in &self.sizes {
            writeln!(new, "{frames} {device}")?;
        }
        new.persist(file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_when_it_runs_dry_again_soon_and_remembers_that() {
        let folder = tempfile::tempdir().unwrap();
        let file = Some(folder.path().join("state/audio-buffers"));
        let mut buffers = Buffers::load(file.clone());
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(buffers.frames("speakers"), 512);
        assert_eq!(buffers.ran_dry("speakers", at(0)), None, "once is no pattern");
        assert_eq!(buffers.ran_dry("speakers", at(60)), None);
        assert_eq!(buffers.ran_dry("speakers", at(65)), Some(1_024));
        assert_eq!(buffers.ran_dry("speakers", at(66)), None, "the larger one has its chance");
        assert_eq!(buffers.ran_dry("speakers", at(67)), Some(2_048));
        let mut later = Buffers::load(file.clone());
        assert_eq!((later.frames("speakers"), later.frames("headset")), (2_048, 512));
        for seconds in 0..10 {
            later.ran_dry("speakers", at(seconds));
        }
        assert_eq!(Buffers::load(file).frames("speakers"), 8_192, "and no further");
    }

    #[test]
    fn nonsense_in_the_file_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audio-buffers");
        std::fs::write(&file, "2048 a device\n99999999 b\n0 c\n-1 d\nx\n\n4096\n").unwrap();
        let buffers = Buffers::load(Some(file));
        assert_eq!(
            ["a device", "b", "c", "d"].map(|device| buffers.frames(device)),
            [2_048, 512, 512, 512]
        );
    }
}
