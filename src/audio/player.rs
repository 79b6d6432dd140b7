//! The player's thread: takes commands, owns the output, tells events. It blocks on its channel while nothing plays.

mod device;
mod listening;
mod watch;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::buffer::Growing;
use super::cache::{Shelf, Spare};
use super::head::Head;
use super::leveller::Trim;
use super::output::Output;
use super::scan::Scanned;
use super::source::{Shared, Voice, Volume};
use super::track::{Phase, Track};
use super::waveform::Waveform;
use super::worker::Wrap;
use super::{Analysis, Command, Event, Fault, Ticket, file};
use crate::text::Clean;
use device::Health;
use listening::Ahead;

/// How often a voice that was just handed over is looked at.
const START_WATCH: Duration = Duration::from_millis(5);
/// Waiting longer than this for sound is told.
const PATIENCE: Duration = Duration::from_millis(120);
/// When plays follow each other this fast, a key is being held.
const HELD_KEY: Duration = Duration::from_millis(150);
/// While a key is held, a preview that is not here is not asked for before the cursor has rested this long.
const SETTLE: Duration = Duration::from_millis(45);
/// With so much music in hand, what plays can share the line.
const SAFE: Duration = Duration::from_secs(3);
const FIRST_VOLUME: f32 = 0.8;

/// Everything that reaches the thread.
#[cfg_attr(
    not(feature = "audio"),
    allow(dead_code, reason = "without sound no device can be lost or run dry")
)]
pub(super) enum Message {
    Command(Command),
    Voice { ticket: Ticket, number: u64, voice: Voice },
    Unplayable { ticket: Ticket, why: String },
    Length { ticket: Ticket, length: Duration },
    Waveform { ticket: Ticket, waveform: Arc<Waveform> },
    Scanned(Scanned),
    Unscannable { url: String },
    FetchEnded { id: u64 },
    Head { id: u64, head: Box<Head> },
    Answered { opening: u64 },
    RanDry { opening: u64 },
    DeviceLost { opening: u64, why: String },
    Shutdown,
}

/// The thread's state.
pub(super) struct Engine {
    pub(super) inbox: Receiver<Message>,
    messages: Sender<Message>,
    events: Box<dyn Fn(Event) + Send>,
    output: Output,
    shelf: Shelf,
    track: Option<Track>,
    /// What played before, ramping down or gone.
    going: Option<Arc<Shared>>,
    wrap: Wrap,
    volume: Volume,
    /// Whether loudness is evened.
    even: bool,
    /// The loudness in LUFS of the last track of which it was known.
    last_loudness: Option<f32>,
    /// What is known of previews from earlier, by URL.
    known: HashMap<String, Arc<Analysis>>,
    ahead: Option<Ahead>,
    threads: Vec<JoinHandle<()>>,
    last_play: Option<Instant>,
    next_position: Instant,
    pump_at: Option<Instant>,
    release_at: Option<Instant>,
    health: Health,
}

impl Engine {
    pub(super) fn new(
        (messages, inbox): (Sender<Message>, Receiver<Message>),
        events: Box<dyn Fn(Event) + Send>,
        output: Output,
        shelf: Shelf,
    ) -> Self {
        Self {
            inbox,
            messages,
            events,
            output,
            shelf,
            track: None,
            going: None,
            wrap: Wrap::default(),
            volume: Volume::new(FIRST_VOLUME),
            even: false,
            last_loudness: None,
            known: HashMap::new(),
            ahead: None,
            threads: Vec::new(),
            last_play: None,
            next_position: Instant::now(),
            pump_at: None,
            release_at: None,
            health: Health::default(),
        }
    }

    /// Works until it is told to shut down; then every thread of it has ended.
    pub(super) fn run(mut self) {
        loop {
            let first = self.receive();
            // Before anything changes: time that passed belongs to what played, not to what is about to.
            self.output.advance(Instant::now());
            let mut batch: Vec<Message> = first.into_iter().chain(self.inbox.try_iter()).collect();
            skip_overtaken(&mut batch);
            for message in batch {
                if matches!(message, Message::Shutdown) {
                    return self.shut_down();
                }
                self.take(message);
            }
            self.tick(Instant::now());
        }
    }

    /// The next message, or none when something is due before one comes.
    fn receive(&self) -> Option<Message> {
        match self.due() {
            Some(due) => self.inbox.recv_timeout(due.saturating_duration_since(Instant::now())).ok(),
            // It never ends: this thread has a sender itself.
            None => self.inbox.recv().ok(),
        }
    }

    /// When something must be done without being told to. Nothing is while nothing plays.
    fn due(&self) -> Option<Instant> {
        let playing = self
            .track
            .as_ref()
            .filter(|track| track.phase == Phase::Playing)
            .map(|track| match track.voice() {
                Some(_) if !track.started => Instant::now() + START_WATCH,
                Some(_) => self.next_position,
                None => Instant::now() + PATIENCE,
            });
        let device = self.health.due().filter(|_| playing.is_some());
        [playing, device, self.release_at, self.pump_at].into_iter().flatten().min()
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Command(command) => self.obey(command),
            Message::Voice { ticket, number, voice } => self.take_voice(ticket, number, voice),
            Message::Unplayable { ticket, why } if self.is_current(ticket) => self.unplayable(&why),
            Message::Length { ticket, length } if self.is_current(ticket) => {
                if let Some(track) = &mut self.track {
                    track.length = Some(length);
                }
                self.tell(Event::Length(ticket, length));
            }
            Message::Waveform { ticket, waveform } if self.is_current(ticket) => self.grown(ticket, waveform),
            Message::Scanned(scanned) => self.scanned(scanned),
            Message::Unscannable { url } => self.unscannable(&url),
            Message::FetchEnded { id } => {
                self.shelf.ended(id);
                // Now its size is known, also where no server said it.
                if self.track.as_ref().is_some_and(|track| track.voice().is_some()) {
                    self.scan();
                }
            }
            Message::Head { id, head } => self.shelf.begun(id, head),
            Message::Answered { opening } => self.answered(opening),
            Message::RanDry { opening } if self.output.is_current(opening) => self.ran_dry(),
            Message::DeviceLost { opening, why } if self.output.is_current(opening) => self.device_lost(&why),
            _ => {}
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Play { ticket, url, start } => self.play(ticket, url, start),
            Command::PlayFile { ticket, path, start } => self.play_file(ticket, &path, start),
            Command::Even(even) => self.set_even(even),
            Command::Known(known) => self.learn(known),
            Command::Pause => {
                if let Some(track) = self.track.as_mut().filter(|track| track.phase == Phase::Playing) {
                    track.set_phase(Phase::Paused);
                    self.release_soon();
                }
            }
            Command::Resume => self.resume(),
            Command::Stop => {
                self.leave();
                self.shelf.stop();
            }
            Command::Seek(to) => self.seek(to),
            Command::Volume(level) => self.volume.set(level),
            Command::Repeat(repeat) => self.set_wrap(Wrap { repeat, ..self.wrap }),
            Command::Loop(start, end) => self.set_wrap(Wrap {
                start,
                end,
                fades: None,
                ..self.wrap
            }),
            Command::Rehearse(part) => self.set_wrap(Wrap {
                start: Some(part.from),
                end: Some(part.to),
                fades: Some(part.fades),
                ..self.wrap
            }),
            Command::Examine => self.examine(),
            Command::Prefetch(urls) => self.shelf.wish(urls),
            Command::KeepIn(place) => self.shelf.keep_in(place),
        }
    }

    fn play(&mut self, ticket: Ticket, url: String, start: Duration) {
        self.make_way(&url);
        let now = Instant::now();
        let held = self.last_play.is_some_and(|last| now.duration_since(last) < HELD_KEY);
        self.last_play = Some(now);
        let (bytes, beginning) = self.shelf.play(&url, if held { now + SETTLE } else { now });
        self.begin(ticket, url, bytes, beginning, start);
    }

    fn play_file(&mut self, ticket: Ticket, path: &Path, start: Duration) {
        let url = path.display().to_string();
        self.make_way(&url);
        self.shelf.stop();
        self.begin(ticket, url, file::read(path), None, start);
    }

    /// What played before goes.
    fn make_way(&mut self, url: &str) {
        // A loop belongs to the track it was set in.
        if self.track.as_ref().is_none_or(|before| before.url != url) {
            self.wrap = Wrap {
                repeat: self.wrap.repeat,
                ..Wrap::default()
            };
        }
        self.stop_listening();
        self.leave();
    }

    fn begin(&mut self, ticket: Ticket, url: String, bytes: Arc<Growing>, head: Option<Head>, start: Duration) {
        let sound = (&self.volume, Trim::new(0.0));
        match Track::start((ticket, url, bytes), head, start, self.wrap, sound, &self.messages) {
            Ok((track, thread)) => {
                self.track = Some(track);
                self.keep(thread);
            }
            Err(error) => {
                tracing::warn!(%error, "no thread for a preview");
                let why = "the system has no thread left to play this".into();
                return self.tell(Event::Failed(ticket, why, Fault::Music));
            }
        }
        // The fetch and the decoder are on their way while the device opens.
        self.pump(Instant::now());
        self.recall();
        self.open_output();
    }

    fn resume(&mut self) {
        // The time of the pause passes while it still is one.
        self.output.advance(Instant::now());
        let Some(track) = self.track.as_mut() else { return };
        match track.phase {
            Phase::Playing => return,
            Phase::Ended => track.reposition(Duration::ZERO),
            Phase::Paused if track.voice().is_none() && track.awaited.is_none() => {
                let place = track.place();
                track.reposition(place);
            }
            Phase::Paused => {}
        }
        track.set_phase(Phase::Playing);
        // Whoever paused it while it waited has seen it paused since.
        let waits = track.buffering.then_some(track.ticket);
        self.open_output();
        if let Some(ticket) = waits {
            self.tell(Event::Buffering(ticket));
        }
    }

    fn seek(&mut self, to: Duration) {
        let Some(track) = self.track.as_mut() else { return };
        track.reposition(to);
        let ticket = track.ticket;
        if track.phase == Phase::Ended {
            track.set_phase(Phase::Playing);
            self.open_output();
        } else {
            self.try_sooner();
        }
        self.tell(Event::Position(ticket, to));
    }

    fn set_wrap(&mut self, wrap: Wrap) {
        self.wrap = wrap;
        if let Some(track) = &mut self.track {
            track.set_wrap(wrap);
        }
    }

    fn take_voice(&mut self, ticket: Ticket, number: u64, voice: Voice) {
        let Some(track) = self.track.as_mut().filter(|track| track.ticket == ticket) else {
            return;
        };
        if !track.accept(number, &voice) {
            return;
        }
        if self.output.is_open() {
            self.output.add(voice);
            track.handed_over();
        } else {
            track.lose_voice();
        }
        // Only now: until there was sound, the processor had something better to do.
        self.scan();
    }

    /// Moves everything on that time moves.
    fn tick(&mut self, now: Instant) {
        self.output.advance(now);
        self.watch_track(now);
        if self.release_at.is_some_and(|at| now >= at) {
            self.release();
        }
        self.look_after_device(now);
        self.pump(now);
    }

    fn pump(&mut self, now: Instant) {
        let spare = match &self.track {
            Some(track) if track.bytes.has_ended() => Spare::All,
            // What ran dry comes in more slowly than it plays, however much of it was gathered meanwhile.
            Some(track) if !track.started || track.buffering || track.stalls > 0 => Spare::Nothing,
            // How much is in hand cannot be told of a preview of unknown length: then none of its line is given away.
            Some(track) if track.ahead().is_none_or(|ahead| ahead < SAFE) => Spare::Nothing,
            Some(_) => Spare::Some,
            None => Spare::All,
        };
        self.pump_at = self.shelf.pump(now, spare);
        self.listen_ahead();
    }

    /// The bytes make no music.
    fn unplayable(&mut self, why: &str) {
        if let Some(track) = self.track.as_ref().filter(|track| track.bytes.is_complete()) {
            self.shelf.forget(&track.url);
        }
        self.fail(why);
    }

    fn fail(&mut self, why: &str) {
        let Some(track) = &self.track else { return };
        let fault = if track.bytes.broken().is_some() {
            Fault::Delivery
        } else {
            Fault::Music
        };
        let ticket = track.ticket;
        self.leave();
        self.shelf.stop();
        self.tell(Event::Failed(ticket, Clean::new(why).as_str().to_owned(), fault));
    }

    fn leave(&mut self) {
        if let Some(track) = self.track.take() {
            self.going = track.leave().or(self.going.take());
            self.release_soon();
        }
    }

    fn shut_down(mut self) {
        self.stop_listening();
        self.leave();
        self.shelf.clear();
        self.fade_out();
        self.output.close();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }

    fn keep(&mut self, thread: JoinHandle<()>) {
        self.threads.retain(|thread| !thread.is_finished());
        self.threads.push(thread);
    }

    fn is_current(&self, ticket: Ticket) -> bool {
        self.track.as_ref().is_some_and(|track| track.ticket == ticket)
    }

    fn is_playing(&self) -> bool {
        self.track.as_ref().is_some_and(|track| track.phase == Phase::Playing)
    }

    fn tell(&self, event: Event) {
        (self.events)(event);
    }
}

/// Takes out what a later play or stop makes pointless, so that a held key is never behind.
fn skip_overtaken(batch: &mut Vec<Message>) {
    let begins = |message: &Message| {
        matches!(
            message,
            Message::Command(Command::Play { .. } | Command::PlayFile { .. } | Command::Stop)
        )
    };
    let Some(last) = batch.iter().rposition(begins) else { return };
    let mut index = 0;
    batch.retain(|message| {
        let overtaken =
            index < last && (begins(message) || matches!(message, Message::Command(Command::Pause | Command::Resume | Command::Seek(_))));
        index += 1;
        !overtaken
    });
}
