//! The samples of one preview while they are decoded: one writer, and a reader that never waits.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::Waveform;

/// Frames in a chunk: what the decoder hands over at a time.
const CHUNK: usize = 1024;
/// The longest preview that is kept, in chunks: ten minutes at 48 kHz.
const MAX_CHUNKS: usize = 10 * 60 * 48_000 / CHUNK;
/// No frame has sounded yet.
const UNKNOWN: u64 = u64::MAX;

type Frame = [i16; 2];

/// Stereo samples, 16 bits, at the preview's own rate. Kept whole, so that a seek is a jump and needs neither decoder nor network.
#[derive(Debug)]
pub(super) struct Pcm {
    chunks: Box<[OnceLock<Box<[Frame]>>]>,
    rate: AtomicU32,
    frames: AtomicU64,
    first_sound: AtomicU64,
    ended: AtomicBool,
    failure: Mutex<Option<String>>,
    estimate: AtomicU64,
    waveform: Mutex<Arc<Waveform>>,
}

impl Pcm {
    pub(super) fn new() -> Self {
        Self {
            chunks: (0..MAX_CHUNKS).map(|_| OnceLock::new()).collect(),
            rate: AtomicU32::new(0),
            frames: AtomicU64::new(0),
            first_sound: AtomicU64::new(UNKNOWN),
            ended: AtomicBool::new(false),
            failure: Mutex::default(),
            estimate: AtomicU64::new(0),
            waveform: Mutex::default(),
        }
    }

    /// A frame, if it is here.
    pub(super) fn frame(&self, at: u64) -> Option<Frame> {
        let (chunk, place) = (at as usize / CHUNK, at as usize % CHUNK);
        self.chunks.get(chunk)?.get()?.get(place).copied()
    }

    /// Frames a second; 0 before the first frame is here.
    pub(super) fn rate(&self) -> u32 {
        self.rate.load(Ordering::Acquire)
    }

    /// Frames that are here.
    pub(super) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Acquire)
    }

    /// No more frames will come.
    pub(super) fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }

    /// The first frame that can be heard, once there is one (or, in a silent preview, none).
    pub(super) fn first_sound(&self) -> Option<u64> {
        Some(self.first_sound.load(Ordering::Acquire)).filter(|frame| *frame != UNKNOWN)
    }

    /// Why the preview ends before its end, if it does.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The length: the truth once decoded, an estimate before, if there is any.
    pub(super) fn length(&self) -> Option<Duration> {
        let frames = if self.ended() {
            self.frames()
        } else {
            self.estimate.load(Ordering::Acquire)
        };
        (frames > 0).then(|| self.time(frames))
    }

    pub(super) fn waveform(&self) -> Arc<Waveform> {
        self.waveform.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The time of a frame.
    pub(super) fn time(&self, frame: u64) -> Duration {
        match self.rate() {
            0 => Duration::ZERO,
            rate => Duration::from_secs_f64(frame as f64 / f64::from(rate)),
        }
    }

    /// The frame of a time.
    pub(super) fn frame_at(&self, time: Duration) -> u64 {
        (time.as_secs_f64() * f64::from(self.rate())) as u64
    }
}

/// The writing end, which the decoder has.
pub(super) struct Writer {
    pcm: Arc<Pcm>,
    chunk: Vec<Frame>,
    next: usize,
}

impl Writer {
    pub(super) fn new(pcm: Arc<Pcm>) -> Self {
        Self {
            pcm,
            chunk: Vec::with_capacity(CHUNK),
            next: 0,
        }
    }

    /// The rate, before the first frame.
    pub(super) fn set_rate(&mut self, rate: u32) {
        self.pcm.rate.store(rate, Ordering::Release);
    }

    /// Adds a frame; `false` when no more are kept.
    pub(super) fn push(&mut self, frame: Frame) -> bool {
        self.chunk.push(frame);
        self.chunk.len() < CHUNK || self.hand_over()
    }

    /// Frames so far.
    pub(super) fn written(&self) -> u64 {
        (self.next * CHUNK + self.chunk.len()) as u64
    }

    fn hand_over(&mut self) -> bool {
        let Some(slot) = self.pcm.chunks.get(self.next) else { return false };
        let full = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let count = full.len() as u64;
        // The slot is empty: there is one writer, and it fills each slot once.
        let _ = slot.set(full.into_boxed_slice());
        self.next += 1;
        self.pcm.frames.fetch_add(count, Ordering::Release);
        self.next < self.pcm.chunks.len()
    }

    /// The first frame that can be heard.
    pub(super) fn set_first_sound(&mut self, frame: u64) {
        self.pcm.first_sound.store(frame, Ordering::Release);
    }

    /// How many frames there will be, as far as one can tell.
    pub(super) fn set_estimate(&mut self, frames: u64) {
        self.pcm.estimate.store(frames, Ordering::Release);
    }

    pub(super) fn set_waveform(&mut self, waveform: Waveform) {
        *self.pcm.waveform.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(waveform);
    }

    /// No more frames will come.
    pub(super) fn end(mut self, failure: Option<String>) {
        if !self.chunk.is_empty() {
            self.hand_over();
        }
        if self.pcm.first_sound().is_none() {
            self.set_first_sound(0);
        }
        *self.pcm.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        self.pcm.ended.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_there_a_chunk_at_a_time_and_the_rest_at_the_end() {
        let pcm = Arc::new(Pcm::new());
        let mut writer = Writer::new(pcm.clone());
        writer.set_rate(1000);
        for value in 0..1500i16 {
            assert!(writer.push([value, -value]));
        }
        assert_eq!((pcm.frames(), pcm.frame(1023), pcm.frame(1024)), (1024, Some([1023, -1023]), None));
        writer.end(None);
        assert_eq!((pcm.frames(), pcm.frame(1499), pcm.frame(1500)), (1500, Some([1499, -1499]), None));
        assert_eq!(pcm.length(), Some(Duration::from_millis(1500)));
    }

    #[test]
    fn an_endless_preview_stops_at_the_bound() {
        let mut writer = Writer::new(Arc::new(Pcm::new()));
        let kept = (0..u64::MAX).take_while(|_| writer.push([0, 0])).count();
        assert_eq!(kept + 1, MAX_CHUNKS * CHUNK);
    }
}
