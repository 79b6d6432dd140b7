//! An output in the program itself: the real mixer, into memory, in real time.

use std::num::NonZero;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rodio::mixer::{Mixer, MixerSource, mixer};

use crate::audio::player::Message;
use crate::audio::source::{CHANNELS, Voice, frames_in};

const RATE: u32 = 44_100;
const STEP: Duration = Duration::from_millis(5);
/// What was taken is there after the next step.
pub(super) const HELD: Duration = STEP.saturating_mul(2);
/// A machine that stalled for longer than this does not catch up.
const MAX_LAG: Duration = Duration::from_millis(200);
/// Memory is bounded here too; the oldest frames go.
const MAX_SAMPLES: usize = 300 * RATE as usize * CHANNELS;

/// What came out, and what shall go wrong.
#[derive(Debug, Clone, Default)]
pub struct CaptureHandle(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    samples: Vec<f32>,
    refuse: Option<String>,
    lose: Option<String>,
    hangs: bool,
    dry: u32,
    openings: usize,
    refusals: usize,
}

impl CaptureHandle {
    /// Frames a second.
    pub const RATE: u32 = RATE;

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The left channel of everything that came out while it was open, since the last [`Self::clear`].
    pub fn left(&self) -> Vec<f32> {
        self.lock().samples.iter().step_by(CHANNELS).copied().collect()
    }

    /// Forgets what came out.
    pub fn clear(&self) {
        self.lock().samples.clear();
    }

    /// How often it was opened.
    pub fn openings(&self) -> usize {
        self.lock().openings
    }

    /// How often opening it failed.
    pub fn refusals(&self) -> usize {
        self.lock().refusals
    }

    /// From now on, opening fails with this text; `None`: it works again.
    pub fn refuse(&self, why: Option<&str>) {
        self.lock().refuse = why.map(str::to_owned);
    }

    /// The open device is lost with this text.
    pub fn lose(&self, why: &str) {
        self.lock().lose = Some(why.to_owned());
    }

    /// From now on the device takes no sound, open or opened anew, and says nothing; or does again.
    pub fn hang(&self, hangs: bool) {
        self.lock().hangs = hangs;
    }

    /// The open device runs dry, once.
    pub fn run_dry(&self) {
        self.lock().dry += 1;
    }

    pub(super) fn pump(&self, opening: u64, messages: Sender<Message>) -> Result<Pump, String> {
        let mut state = self.lock();
        if let Some(why) = state.refuse.clone() {
            state.refusals += 1;
            return Err(why);
        }
        state.openings += 1;
        state.lose = None;
        drop(state);
        let channels = const { NonZero::new(CHANNELS as u16).unwrap() };
        let (mixer, source) = mixer(channels, const { NonZero::new(RATE).unwrap() });
        let (stop, stopped) = mpsc::channel();
        let handle = self.clone();
        let run = move || handle.run(source, &stopped, opening, &messages);
        let thread = thread::Builder::new()
            .name("preview-capture".into())
            .spawn(run)
            .map_err(|error| error.to_string())?;
        Ok(Pump {
            mixer,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    fn run(&self, mut source: MixerSource, stopped: &mpsc::Receiver<()>, opening: u64, messages: &Sender<Message>) {
        let mut last = Instant::now();
        while stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
            let passed = last.elapsed();
            let frames = frames_in(passed.min(MAX_LAG), RATE) as usize;
            last += passed;
            if self.lock().hangs {
                continue;
            }
            let chunk: Vec<f32> = (0..frames * CHANNELS).map(|_| source.next().unwrap_or_default()).collect();
            let mut state = self.lock();
            state.samples.extend(chunk);
            let surplus = state.samples.len().saturating_sub(MAX_SAMPLES);
            state.samples.drain(..surplus);
            for _ in 0..std::mem::take(&mut state.dry) {
                let _ = messages.send(Message::RanDry { opening });
            }
            if let Some(why) = state.lose.take() {
                let _ = messages.send(Message::DeviceLost { opening, why });
                return;
            }
        }
    }
}

/// An open capture. Its thread ends with it.
pub(super) struct Pump {
    mixer: Mixer,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pump {
    pub(super) fn add(&self, voice: Voice) {
        self.mixer.add(voice);
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
