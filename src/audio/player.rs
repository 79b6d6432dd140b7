//! The player thread: takes commands, keeps the output open only while something plays, and tells what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::output::{Output, OutputChoice};
use super::pcm::Pcm;
use super::previews::{Bounds, Previews};
use super::voice::{Control, FADE, Voice};
use super::{Command, DeviceEvent, Event, Ticket, decode};

/// How often the position is told.
const POSITION_EVERY: Duration = Duration::from_millis(50);
/// How often one looks while the first sound is awaited.
const SOON: Duration = Duration::from_millis(4);
/// How often the waveform is told while it grows.
const WAVEFORM_EVERY: Duration = Duration::from_millis(200);
/// How long the output stays open after the last sound.
const RELEASE_AFTER: Duration = Duration::from_secs(2);
/// How long after a device was lost or refused it is tried again.
const REOPEN_AFTER: Duration = Duration::from_secs(2);
/// The largest preview, in bytes.
const MAX_PREVIEW: usize = 64 << 20;
/// What is kept of previews in memory, in bytes: about fifty of half a minute.
const MAX_CACHE: usize = 24 << 20;
/// Loudness until told otherwise.
const VOLUME: f32 = 0.8;

/// What a player is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the sound goes.
    pub output: OutputChoice,
    /// The largest preview, in bytes; `None`: 64 MiB.
    pub max_preview: Option<usize>,
}

/// A handle on the player thread; dropping it stops it.
pub struct Player {
    inbox: Sender<Wish>,
    thread: Option<JoinHandle<()>>,
}

/// What the player thread is woken by.
enum Wish {
    Command(Command),
    /// A preview has arrived, or has failed to.
    Arrived,
    End,
}

impl Player {
    /// Starts the thread. No device is touched before something plays. `events` is called on the player thread.
    pub fn start(options: Options, events: impl Fn(Event) + Send + 'static, runtime: Handle) -> Self {
        let (inbox, wishes) = mpsc::channel();
        let arrived = inbox.clone();
        let spawned = thread::Builder::new().name("player".into()).spawn(move || {
            let bounds = Bounds {
                one: options.max_preview.unwrap_or(MAX_PREVIEW),
                all: MAX_CACHE,
            };
            let previews = Previews::new(runtime, bounds, move || drop(arrived.send(Wish::Arrived)));
            let mut stage = Stage::new(options.output, previews, Box::new(events));
            loop {
                let wish = match stage.next_look() {
                    Some(soon) => wishes.recv_timeout(soon),
                    None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                };
                match wish {
                    Ok(Wish::Command(command)) => stage.obey(command),
                    Ok(Wish::Arrived) => stage.fetch_ahead(),
                    Ok(Wish::End) | Err(RecvTimeoutError::Disconnected) => break,
                    Err(RecvTimeoutError::Timeout) => {}
                }
                stage.look();
            }
        });
        if let Err(error) = &spawned {
            tracing::error!("the player cannot be started: {error}");
        }
        Self {
            inbox,
            thread: spawned.ok(),
        }
    }

    /// Tells the player something. Never waits.
    pub fn send(&self, command: Command) {
        // A player that has ended takes no commands, and there is nothing to be done about it.
        let _ = self.inbox.send(Wish::Command(command));
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        let _ = self.inbox.send(Wish::End);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is being played.
struct Playing {
    ticket: Ticket,
    url: String,
    pcm: Arc<Pcm>,
    control: Arc<Control>,
    /// The decoder stops when this is set.
    unwanted: Arc<AtomicBool>,
    start: Duration,
    paused: bool,
    voiced: bool,
    started: bool,
    starving: bool,
    over: bool,
    told_length: Option<Duration>,
    told_columns: usize,
    told_end_of_bytes: bool,
    waveform_at: Instant,
}

impl Playing {
    fn audible(&self) -> bool {
        !self.paused && !self.over
    }
}

/// Everything the player thread holds.
struct Stage {
    choice: OutputChoice,
    previews: Previews,
    events: Box<dyn Fn(Event) + Send>,
    output: Option<Output>,
    silent: bool,
    reopen_at: Option<Instant>,
    release_at: Option<Instant>,
    volume: Arc<AtomicU32>,
    repeat: bool,
    loop_marks: (Option<Duration>, Option<Duration>),
    playing: Option<Playing>,
    told_position_at: Instant,
}

impl Stage {
    fn new(choice: OutputChoice, previews: Previews, events: Box<dyn Fn(Event) + Send>) -> Self {
        Self {
            choice,
            previews,
            events,
            output: None,
            silent: false,
            reopen_at: None,
            release_at: None,
            volume: Arc::new(AtomicU32::new(VOLUME.to_bits())),
            repeat: false,
            loop_marks: (None, None),
            playing: None,
            told_position_at: Instant::now(),
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play { ticket, url, start } => self.play(ticket, url, start),
            Command::Pause => self.pause(true),
            Command::Resume => self.resume(),
            Command::Stop => self.stop(),
            Command::Seek(to) => self.seek(to),
            Command::Volume(loudness) => self.volume.store(loudness.clamp(0.0, 1.0).to_bits(), Ordering::Release),
            Command::Repeat(repeat) => {
                self.repeat = repeat;
                if let Some(playing) = &self.playing {
                    playing.control.repeat(repeat);
                }
            }
            Command::Loop(from, to) => {
                self.loop_marks = (from, to);
                self.apply_loop();
            }
            Command::Prefetch(urls) => {
                let playing = self.playing.as_ref().map(|playing| playing.url.clone());
                self.previews.ahead(urls, playing.as_deref());
            }
        }
    }

    fn play(&mut self, ticket: Ticket, url: String, start: Duration) {
        self.stop();
        let buffer = self.previews.now(&url);
        let pcm = Arc::new(Pcm::new());
        let unwanted = Arc::new(AtomicBool::new(false));
        decode::start(buffer, pcm.clone(), unwanted.clone());
        let control = Arc::new(Control::new(self.volume.clone()));
        control.repeat(self.repeat);
        self.release_at = None;
        self.playing = Some(Playing {
            ticket,
            url,
            pcm,
            control,
            unwanted,
            start,
            paused: false,
            voiced: false,
            started: false,
            starving: false,
            over: false,
            told_length: None,
            told_columns: 0,
            told_end_of_bytes: false,
            waveform_at: Instant::now(),
        });
        // The device is opened while the first bytes are on their way.
        self.open();
    }

    fn stop(&mut self) {
        if let Some(before) = self.playing.take() {
            before.unwanted.store(true, Ordering::Release);
            before.control.stop();
            self.release_at = Some(Instant::now() + RELEASE_AFTER);
        }
    }

    fn pause(&mut self, paused: bool) {
        if let Some(playing) = &mut self.playing {
            playing.paused = paused;
            playing.control.pause(paused);
            self.release_at = paused.then(|| Instant::now() + RELEASE_AFTER);
        }
    }

    fn resume(&mut self) {
        let Some(playing) = &mut self.playing else { return };
        if playing.over {
            let start = playing.pcm.first_sound().unwrap_or(0);
            self.voice_at(start);
        } else {
            self.pause(false);
            if self.output.is_none() {
                // The device was let go in the meantime.
                let at = self.playing.as_ref().map_or(0, |playing| playing.control.position());
                self.voice_at(at);
            }
        }
    }

    fn seek(&mut self, to: Duration) {
        let Some(playing) = &mut self.playing else { return };
        if !playing.voiced {
            playing.start = to;
            return;
        }
        let frame = playing.pcm.frame_at(to);
        if playing.over {
            self.voice_at(frame);
        } else {
            playing.control.jump(frame);
        }
        self.tell_position();
    }

    /// Takes a new voice, at a frame, for what plays: the old one ended, or went with its output.
    fn voice_at(&mut self, frame: u64) {
        let Some(playing) = &mut self.playing else { return };
        let control = Arc::new(Control::new(self.volume.clone()));
        control.repeat(self.repeat);
        control.jump(frame);
        control.pause(playing.paused);
        playing.control.stop();
        playing.control = control;
        playing.over = false;
        playing.voiced = false;
        playing.start = playing.pcm.time(frame);
        self.release_at = None;
        self.open();
        self.add_voice();
    }

    fn apply_loop(&mut self) {
        if let Some(playing) = &self.playing
            && playing.pcm.rate() > 0
        {
            let frame = |mark: Option<Duration>| mark.map(|mark| playing.pcm.frame_at(mark));
            playing.control.set_loop(frame(self.loop_marks.0), frame(self.loop_marks.1));
        }
    }

    fn fetch_ahead(&mut self) {
        let playing = self.playing.as_ref().map(|playing| playing.url.clone());
        self.previews.fetch_ahead(playing.as_deref());
    }

    /// Opens the output unless it is open.
    fn open(&mut self) {
        if self.output.is_some() {
            return;
        }
        match Output::open(&self.choice) {
            Ok(output) => {
                self.output = Some(output);
                self.silent = false;
                self.reopen_at = None;
                self.tell(Event::Device(DeviceEvent::Opened));
            }
            Err(reason) => {
                self.output = Some(Output::silent());
                self.reopen_at = Some(Instant::now() + REOPEN_AFTER);
                if !std::mem::replace(&mut self.silent, true) {
                    self.tell(Event::Device(DeviceEvent::Silent(reason)));
                }
            }
        }
    }

    /// When to look again without being told; `None` while nothing moves.
    fn next_look(&self) -> Option<Duration> {
        let now = Instant::now();
        let release = self
            .release_at
            .filter(|_| self.output.is_some())
            .map(|at| at.saturating_duration_since(now));
        let Some(playing) = &self.playing else { return release };
        let decoding = !playing.told_end_of_bytes;
        let sound = if playing.audible() && !playing.started {
            Some(SOON)
        } else if playing.audible() {
            Some(if self.output.as_ref().is_some_and(Output::is_clocked) {
                POSITION_EVERY / 5
            } else {
                POSITION_EVERY
            })
        } else {
            decoding.then_some(WAVEFORM_EVERY)
        };
        [release, sound].into_iter().flatten().min()
    }

    /// Looks how things are, and tells what is new.
    fn look(&mut self) {
        if let Some(output) = &mut self.output {
            output.pump();
        }
        self.mind_the_device();
        self.add_voice();
        self.tell_what_was_decoded();
        self.tell_how_it_sounds();
        self.let_go();
    }

    /// A device that is lost, or was not to be had, is tried again.
    fn mind_the_device(&mut self) {
        if self.output.as_ref().is_some_and(Output::lost) {
            self.output = None;
            self.reopen_at = None;
        } else if self.silent && matches!(self.choice, OutputChoice::Device { .. }) && self.reopen_at.is_some_and(|at| at <= Instant::now())
        {
            match Output::open(&self.choice) {
                Ok(_) => self.output = None,
                Err(_) => self.reopen_at = Some(Instant::now() + REOPEN_AFTER),
            }
        }
        let wants_output = self.playing.as_ref().is_some_and(Playing::audible);
        if self.output.is_none() && wants_output {
            let at = self
                .playing
                .as_ref()
                .filter(|playing| playing.voiced)
                .map(|playing| playing.control.position());
            match at {
                Some(at) => self.voice_at(at),
                None => self.open(),
            }
        }
    }

    /// Gives the output a voice as soon as there is something to hear.
    fn add_voice(&mut self) {
        let (Some(playing), Some(output)) = (&mut self.playing, &mut self.output) else {
            return;
        };
        if playing.voiced || playing.over || playing.pcm.rate() == 0 {
            return;
        }
        let from_start = playing.start.is_zero();
        let Some(first) = playing.pcm.first_sound().or((!from_start).then_some(0)) else {
            return;
        };
        let frame = if from_start { first } else { playing.pcm.frame_at(playing.start) };
        playing.control.jump(frame);
        playing.voiced = true;
        output.play(Voice::new(playing.pcm.clone(), playing.control.clone()));
        self.apply_loop();
    }

    fn tell_what_was_decoded(&mut self) {
        let Some(playing) = &mut self.playing else { return };
        if playing.told_end_of_bytes {
            return;
        }
        let mut news = Vec::new();
        let ended = playing.pcm.ended();
        let length = playing.pcm.length();
        if length.is_some()
            && (ended || playing.waveform_at.elapsed() >= WAVEFORM_EVERY || playing.told_length.is_none())
            && length != playing.told_length
        {
            playing.told_length = length;
            news.extend(length.map(|length| Event::Length(playing.ticket, length)));
        }
        if ended || playing.waveform_at.elapsed() >= WAVEFORM_EVERY {
            let waveform = playing.pcm.waveform();
            if ended || waveform.levels.len() != playing.told_columns {
                playing.told_columns = waveform.levels.len();
                playing.waveform_at = Instant::now();
                news.push(Event::Waveform(playing.ticket, waveform));
            }
        }
        if ended {
            playing.told_end_of_bytes = true;
            // Nothing at all came: there will be no sound whose end could tell it.
            if let Some(reason) = playing.pcm.failure().filter(|_| playing.pcm.frames() == 0) {
                playing.over = true;
                self.release_at = Some(Instant::now() + RELEASE_AFTER);
                news.push(Event::Failed(playing.ticket, reason));
            }
        }
        news.into_iter().for_each(|event| self.tell(event));
    }

    fn tell_how_it_sounds(&mut self) {
        let Some(playing) = &mut self.playing else { return };
        if !playing.voiced || playing.over {
            return;
        }
        let ticket = playing.ticket;
        let mut news = Vec::new();
        if !playing.started && playing.control.started() {
            playing.started = true;
            news.push(Event::Started(ticket));
        }
        let starving = playing.started && playing.control.starving();
        if starving != playing.starving {
            playing.starving = starving;
            news.push(if starving {
                Event::Buffering(ticket)
            } else {
                Event::Resumed(ticket)
            });
        }
        let ended = playing.control.ended();
        if playing.started && playing.audible() && !ended && self.told_position_at.elapsed() >= POSITION_EVERY {
            self.told_position_at = Instant::now();
            news.push(Event::Position(ticket, playing.pcm.time(playing.control.position())));
        }
        if ended {
            playing.over = true;
            self.release_at = Some(Instant::now() + RELEASE_AFTER);
            news.push(
                playing
                    .pcm
                    .failure()
                    .map_or(Event::Ended(ticket), |reason| Event::Failed(ticket, reason)),
            );
        }
        news.into_iter().for_each(|event| self.tell(event));
    }

    fn tell_position(&mut self) {
        if let Some(playing) = &self.playing {
            self.told_position_at = Instant::now();
            self.tell(Event::Position(playing.ticket, playing.pcm.time(playing.control.position())));
        }
    }

    /// An open output costs processor time for ever, so it is let go when nothing has sounded for a while.
    fn let_go(&mut self) {
        if self.release_at.is_some_and(|at| at <= Instant::now()) {
            self.release_at = None;
            // Whatever was stopped has faded by now.
            debug_assert!(RELEASE_AFTER > FADE);
            if self.output.take().is_some() && !self.silent {
                self.tell(Event::Device(DeviceEvent::Released));
            }
        }
    }

    fn tell(&self, event: Event) {
        (self.events)(event);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop();
    }
}
