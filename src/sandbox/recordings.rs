//! Encoded music, made on demand: readers follow while it grows, and the newest are kept.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};

use super::catalogue::Track;
use super::mp3::{self, Mp3};
use super::music::Performance;
use super::trim::{self, Window};

/// Bytes of finished and growing recordings that are kept.
const KEPT_BYTES: u64 = 48 << 20;

/// Seconds in a preview.
pub(super) const PREVIEW_SECONDS: f64 = 30.0;

/// Which part of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// 30 s with the build and the drop.
    Preview,
    Full,
    /// Milliseconds, so that equal requests are equal.
    Clip {
        duration: u32,
        hit_point: Option<u32>,
    },
}

impl Cut {
    pub fn clip(duration_seconds: f64, hit_point_seconds: Option<f64>) -> Self {
        let milliseconds = |seconds: f64| (seconds * 1000.0).round() as u32;
        Self::Clip {
            duration: milliseconds(duration_seconds),
            hit_point: hit_point_seconds.map(milliseconds),
        }
    }

    fn seconds(self, track: &Track) -> f64 {
        let whole = f64::from(track.seconds);
        match self {
            Self::Preview => PREVIEW_SECONDS.min(whole),
            Self::Full => whole,
            // A track that is shorter than what was asked for is delivered whole; with a hit point, silence fills up what is missing.
            Self::Clip { duration, hit_point: None } => (f64::from(duration) / 1000.0).min(whole),
            Self::Clip {
                duration,
                hit_point: Some(_),
            } => f64::from(duration) / 1000.0,
        }
    }

    /// Bytes of the MP3, known before it is made.
    pub fn length(self, track: &Track) -> u64 {
        mp3::frames(self.seconds(track)) * mp3::FRAME_BYTES
    }

    fn window(self, track: &Track, performance: &Performance) -> Window {
        let seconds = self.seconds(track);
        match self {
            Self::Full => Window::whole(seconds),
            Self::Preview => trim::preview(performance, seconds),
            Self::Clip { hit_point, .. } => trim::clip(performance, seconds, hit_point.map(|point| f64::from(point) / 1000.0)),
        }
    }
}

/// One MP3, perhaps still growing.
pub(super) struct Recording {
    length: u64,
    bytes: Mutex<Vec<u8>>,
    /// How much there is; `None` when it will never be whole.
    grown: watch::Sender<Option<u64>>,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Recording {
    fn new(length: u64) -> Self {
        Self {
            length,
            bytes: Mutex::new(Vec::new()),
            grown: watch::Sender::new(Some(0)),
        }
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// Waits for bytes at `position`; gives at least one and at most `most`, none at the end.
    pub async fn read(&self, position: u64, most: u64) -> io::Result<Bytes> {
        if position >= self.length {
            return Ok(Bytes::new());
        }
        let mut grown = self.grown.subscribe();
        let reached = grown
            .wait_for(|grown| grown.is_none_or(|grown| grown > position))
            .await
            .map(|grown| *grown);
        let Ok(Some(reached)) = reached else {
            return Err(io::Error::other("the music could not be made"));
        };
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Bytes::copy_from_slice(
            &bytes[position as usize..reached.min(position + most) as usize],
        ))
    }

    fn append(&self, more: &[u8]) {
        let reached = {
            let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
            let room = (self.length as usize).saturating_sub(bytes.len());
            bytes.extend_from_slice(&more[..more.len().min(room)]);
            bytes.len() as u64
        };
        self.grown.send_replace(Some(reached));
    }

    fn complete(&self) -> bool {
        *self.grown.borrow() == Some(self.length)
    }

    fn fail(&self) {
        self.grown.send_replace(None);
    }
}

#[derive(Debug)]
struct Entry {
    track: &'static str,
    cut: Cut,
    recording: Arc<Recording>,
}

/// The newest recordings, least recently used first.
#[derive(Debug)]
pub(super) struct Recordings {
    entries: Arc<Mutex<Vec<Entry>>>,
    /// As many are made at once as there are cores.
    makers: Arc<Semaphore>,
}

impl Default for Recordings {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            entries: Arc::default(),
            makers: Arc::new(Semaphore::new(cores)),
        }
    }
}

impl Recordings {
    /// A recording, whole, growing, or begun now.
    pub fn get(&self, track: &'static Track, cut: Cut) -> Arc<Recording> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = entries.iter().position(|entry| entry.track == track.id && entry.cut == cut) {
            let entry = entries.remove(at);
            let recording = Arc::clone(&entry.recording);
            entries.push(entry);
            return recording;
        }
        let recording = Arc::new(Recording::new(cut.length(track)));
        entries.push(Entry {
            track: &track.id,
            cut,
            recording: Arc::clone(&recording),
        });
        let mut kept: u64 = entries.iter().map(|entry| entry.recording.length).sum();
        while kept > KEPT_BYTES && entries.len() > 1 {
            kept -= entries.remove(0).recording.length;
        }
        drop(entries);
        self.make(track, cut, &recording);
        recording
    }

    fn make(&self, track: &'static Track, cut: Cut, recording: &Arc<Recording>) {
        let (entries, makers, recording) = (Arc::clone(&self.entries), Arc::clone(&self.makers), Arc::clone(recording));
        tokio::spawn(async move {
            let Ok(permit) = makers.acquire_owned().await else { return };
            // A client that moved on while this was waiting does not want it any more.
            let work = move || {
                let _permit = permit;
                let wanted = || !abandon(&entries, &recording);
                let guard = FailUnlessComplete(&recording);
                if record(track, cut, guard.0, wanted).is_none() {
                    guard.0.fail();
                }
            };
            let _ = tokio::task::spawn_blocking(work).await;
        });
    }
}

/// Wakes readers up when a recording ends early, by a panic too.
struct FailUnlessComplete<'a>(&'a Recording);

impl Drop for FailUnlessComplete<'_> {
    fn drop(&mut self) {
        if !self.0.complete() {
            self.0.fail();
        }
    }
}

/// Forgets a recording that nobody reads. Its maker holds it, and the list does.
fn abandon(entries: &Mutex<Vec<Entry>>, recording: &Arc<Recording>) -> bool {
    let mut entries = entries.lock().unwrap_or_else(PoisonError::into_inner);
    let at = entries.iter().position(|entry| Arc::ptr_eq(&entry.recording, recording));
    let held_here = 1 + usize::from(at.is_some());
    if Arc::strong_count(recording) > held_here {
        return false;
    }
    if let Some(at) = at {
        entries.remove(at);
    }
    true
}

/// Plays and encodes; `None` when nobody wants it any more or the encoder fails.
fn record(track: &Track, cut: Cut, recording: &Recording, wanted: impl Fn() -> bool) -> Option<()> {
    const BLOCK_FRAMES: usize = 8 * 1152;
    if !wanted() {
        return None;
    }
    let performance = Performance::new(track);
    let mut player = trim::WindowPlayer::new(&performance, cut.window(track, &performance));
    let mut mp3 = Mp3::new()?;
    let mut block = vec![0.0; BLOCK_FRAMES * 2];
    let mut encoded = Vec::new();
    let mut left = mp3::frames(cut.seconds(track)) as usize * mp3::FRAME_SAMPLES;
    while left > 0 {
        let now = left.min(BLOCK_FRAMES);
        player.fill(&mut block[..now * 2]);
        mp3.encode(&block[..now * 2], &mut encoded)?;
        recording.append(&encoded);
        encoded.clear();
        left -= now;
        if !wanted() {
            return None;
        }
    }
    mp3.finish(&mut encoded)?;
    recording.append(&encoded);
    Some(())
}
