//! A player with a capture for an output, music to serve, and who serves it.

#[path = "server.rs"]
mod server;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

#[allow(unused_imports, reason = "each target uses its own part")]
pub use server::{Answer, Line, Server};
use trackyard_tui::audio::{CaptureHandle, Command, Event, Limits, Options, OutputChoice, Player, Ticket};

/// A failure, not a wait: conditions come true long before.
const PATIENCE: Duration = Duration::from_mins(1);
const RATE: u32 = 44_100;

/// Half of full scale, mono, at 44.1 kHz.
pub fn sine(pitch: f64, seconds: f64) -> Vec<i16> {
    let frames = (seconds * f64::from(RATE)) as u32;
    (0..frames)
        .map(|n| ((f64::from(n) / f64::from(RATE) * pitch * std::f64::consts::TAU).sin() * 16_384.0) as i16)
        .collect()
}

pub fn wav(samples: &[i16]) -> Vec<u8> {
    let size = samples.len() as u32 * 2;
    let mut out = Vec::new();
    out.extend(b"RIFF");
    out.extend((36 + size).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend(size.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    out
}

/// Constant 128 kbit/s, with no tag that says how long it is or what to skip.
pub fn mp3(samples: &[i16]) -> Vec<u8> {
    use mp3lame_encoder::{Bitrate, Builder, FlushNoGap, MonoPcm, max_required_buffer_size};
    let mut builder = Builder::new().unwrap();
    builder.set_num_channels(1).unwrap();
    builder.set_sample_rate(RATE).unwrap();
    builder.set_brate(Bitrate::Kbps128).unwrap();
    builder.set_to_write_vbr_tag(false).unwrap();
    let mut encoder = builder.build().unwrap();
    let mut out = Vec::with_capacity(max_required_buffer_size(samples.len()) + 16_384);
    encoder.encode_to_vec(MonoPcm(samples), &mut out).unwrap();
    encoder.flush_to_vec::<FlushNoGap>(&mut out).unwrap();
    out
}

/// The pitch of a steady tone by its zero crossings; `None` for silence.
pub fn pitch_of(sound: &[f32]) -> Option<f64> {
    let loud = sound.iter().fold(0.0, |most: f32, sample| most.max(sample.abs()));
    if loud < 0.1 {
        return None;
    }
    let rising: Vec<f64> = sound
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(at, pair)| at as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
        .collect();
    let (first, last) = (rising.first()?, rising.last()?);
    (rising.len() > 2).then(|| (rising.len() - 1) as f64 / (last - first) * f64::from(RATE))
}

/// A player and everything it told.
pub struct Rig {
    player: Option<Player>,
    pub output: CaptureHandle,
    events: Receiver<Event>,
    past: VecDeque<Event>,
    next_ticket: u64,
    marker: String,
    _runtime: tokio::runtime::Runtime,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(Limits::default(), None)
    }

    pub fn with(limits: Limits, output: Option<OutputChoice>) -> Self {
        Self::made(|options| {
            options.limits = limits;
            if let Some(output) = output {
                options.output = output;
            }
        })
    }

    /// With other options than the usual ones.
    pub fn made(change: impl FnOnce(&mut Options)) -> Self {
        static RIGS: AtomicU64 = AtomicU64::new(0);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let capture = CaptureHandle::default();
        let (tell, events) = mpsc::channel();
        let mut options = Options {
            output: OutputChoice::Capture(capture.clone()),
            ..Options::default()
        };
        change(&mut options);
        let marker = format!("rig {}", RIGS.fetch_add(1, Ordering::SeqCst));
        let player = Player::start(options, move |event| drop(tell.send(event)), runtime.handle().clone());
        Self {
            player: Some(player),
            output: capture,
            events,
            past: VecDeque::new(),
            next_ticket: 1,
            marker,
            _runtime: runtime,
        }
    }

    pub fn send(&self, command: Command) {
        self.player.as_ref().unwrap().send(command);
    }

    pub fn play(&mut self, url: &str) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.send(Command::Play {
            ticket,
            url: url.to_owned(),
            start: Duration::ZERO,
        });
        ticket
    }

    pub fn play_file(&mut self, path: &Path) -> Ticket {
        let ticket = Ticket(self.next_ticket);
        self.next_ticket += 1;
        self.send(Command::PlayFile {
            ticket,
            path: path.to_owned(),
            start: Duration::ZERO,
        });
        ticket
    }

    /// The next event that fits.
    pub fn wait_for(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.events.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(event) => {
                    self.past.push_back(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(error) => panic!(
                    "{}: {error} in {:?}",
                    self.marker,
                    self.past.iter().rev().take(12).collect::<Vec<_>>()
                ),
            }
        }
    }

    /// Looks at the world again whenever something is told, and every few milliseconds.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(
                Instant::now() < deadline,
                "{}: not so: {what}; {:?}",
                self.marker,
                self.past.iter().rev().take(12).collect::<Vec<_>>()
            );
            match self.events.recv_timeout(Duration::from_millis(10)) {
                Ok(event) => self.past.push_back(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::yield_now(),
            }
        }
    }

    /// Whether this was among what was waited through so far.
    pub fn was_told(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.past.iter().any(wanted)
    }

    pub fn all_events(&mut self) -> Vec<Event> {
        self.past.extend(self.events.try_iter());
        self.past.iter().cloned().collect()
    }

    /// What was told after the last event that fits.
    pub fn events_since(&mut self, mark: impl Fn(&Event) -> bool) -> Vec<Event> {
        let all = self.all_events();
        let at = all.iter().rposition(mark).expect("the mark was told");
        all[at + 1..].to_vec()
    }

    /// Whether a tenth of a second of this tone came out since the last [`Self::clear_sound`].
    pub fn heard(&self, pitch: f64) -> bool {
        let is_it = |part: &[f32]| pitch_of(part).is_some_and(|heard| (heard - pitch).abs() < pitch * 0.015);
        // The latest first: it is there before long.
        self.sound().windows(4_410).rev().step_by(1_470).any(is_it)
    }

    pub fn sound(&self) -> Vec<f32> {
        self.output.left()
    }

    pub fn clear_sound(&self) {
        self.output.clear();
    }

    pub fn drop_player(&mut self) {
        self.player = None;
    }

    /// How many threads the players of this process have. Only one rig may run at a time for this to mean something.
    #[cfg(target_os = "linux")]
    pub fn threads(&self) -> usize {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("preview-")).count()
    }
}
