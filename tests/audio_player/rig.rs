//! A player with a capture for an output, a raw HTTP server, and music to serve.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

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

/// What the server answers.
pub struct Answer {
    head: String,
    body: Vec<u8>,
    frame: Frame,
    /// After so many bytes of the body, `then` happens.
    after: usize,
    /// Bytes a second, if not all at once.
    pace: Option<usize>,
    then: Then,
}

enum Frame {
    Length,
    Claims(u64),
    Chunked,
    UntilClose,
    Raw,
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    Finish,
    Hold,
    Cut,
    Never,
    Endless,
}

impl Answer {
    fn new(status: &str, body: Vec<u8>, frame: Frame) -> Self {
        Self {
            head: format!("HTTP/1.1 {status}\r\nConnection: close\r\n"),
            after: body.len(),
            pace: None,
            body,
            frame,
            then: Then::Finish,
        }
    }

    pub fn ok(body: Vec<u8>) -> Self {
        Self::new("200 OK", body, Frame::Length)
    }

    pub fn partial(body: Vec<u8>) -> Self {
        Self::new("206 Partial Content", body, Frame::Length)
    }

    pub fn status(code: u16, text: &str) -> Self {
        Self::new(&format!("{code} Nope"), text.as_bytes().to_vec(), Frame::Length)
    }

    pub fn redirect(to: &str) -> Self {
        Self::new("302 Found", Vec::new(), Frame::Length).with("Location", to)
    }

    pub fn chunked(body: Vec<u8>) -> Self {
        Self::new("200 OK", body, Frame::Chunked).with("Transfer-Encoding", "chunked")
    }

    pub fn until_close(body: Vec<u8>) -> Self {
        Self::new("200 OK", body, Frame::UntilClose)
    }

    pub fn raw(bytes: Vec<u8>) -> Self {
        Self::new("", bytes, Frame::Raw)
    }

    /// Holds the rest back until the server is told to release it.
    pub fn held_after(body: Vec<u8>, bytes: usize) -> Self {
        Self {
            after: bytes,
            then: Then::Hold,
            ..Self::ok(body)
        }
    }

    /// The same, without saying how long it is.
    pub fn held_and_of_unknown_length(body: Vec<u8>, bytes: usize) -> Self {
        Self {
            after: bytes,
            then: Then::Hold,
            ..Self::until_close(body)
        }
    }

    /// Closes the connection in the middle.
    pub fn cut_after(body: Vec<u8>, bytes: usize) -> Self {
        Self {
            after: bytes,
            then: Then::Cut,
            ..Self::ok(body)
        }
    }

    /// Takes the request and says nothing.
    pub fn never() -> Self {
        Self {
            then: Then::Never,
            ..Self::raw(Vec::new())
        }
    }

    /// Closes the connection without a word.
    pub fn reset() -> Self {
        Self {
            then: Then::Cut,
            ..Self::raw(Vec::new())
        }
    }

    /// Sends the body again and again, its length not announced, until the client hangs up.
    pub fn endless(body: Vec<u8>) -> Self {
        Self {
            then: Then::Endless,
            ..Self::chunked(body)
        }
    }

    /// Sends so many bytes a second.
    pub fn paced(body: Vec<u8>, rate: usize) -> Self {
        Self {
            pace: Some(rate),
            ..Self::ok(body)
        }
    }

    /// Announces more than it sends, and keeps the connection.
    pub fn claims(body: Vec<u8>, length: u64) -> Self {
        Self {
            frame: Frame::Claims(length),
            ..Self::ok(body)
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }
}

/// A server of raw sockets on a port of its own, one thread a connection.
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<String>>,
    served: AtomicUsize,
    open: Mutex<usize>,
    changed: Condvar,
    holding: AtomicBool,
    released: AtomicBool,
    stopped: AtomicBool,
}

type Respond = dyn Fn(&str) -> Answer + Send + Sync;

impl Server {
    /// Answers by path.
    pub fn start(respond: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(move |request| respond(request.split(' ').nth(1).unwrap_or_default()))
    }

    /// Answers by the whole request.
    pub fn start_with(respond: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared::default());
        let (state, respond): (_, Arc<Respond>) = (Arc::clone(&shared), Arc::new(respond));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if state.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (state, respond) = (Arc::clone(&state), Arc::clone(&respond));
                state.count(1);
                thread::spawn(move || {
                    let _ = serve(stream, &state, &*respond);
                    state.count(-1);
                });
            }
        });
        Self { port, shared }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|request| request.split(' ').nth(1).unwrap_or_default().to_owned())
            .collect()
    }

    pub fn wait_for_requests(&self, count: usize) {
        let requests = self.shared.requests.lock().unwrap();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(requests, PATIENCE, |requests| requests.len() < count)
            .unwrap();
        assert!(!waited.1.timed_out(), "{count} requests did not come");
    }

    /// Answers that were sent to the end.
    pub fn served(&self) -> usize {
        self.shared.served.load(Ordering::SeqCst)
    }

    pub fn is_holding(&self) -> bool {
        self.shared.holding.load(Ordering::SeqCst)
    }

    pub fn release(&self) {
        self.shared.released.store(true, Ordering::SeqCst);
    }

    /// Whether not more than `most` connections are open, once those that are being closed are closed.
    pub fn settles_at(&self, most: usize) -> bool {
        let open = self.shared.open.lock().unwrap();
        !self
            .shared
            .changed
            .wait_timeout_while(open, PATIENCE, |open| *open > most)
            .unwrap()
            .1
            .timed_out()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    fn count(&self, by: isize) {
        let mut open = self.open.lock().unwrap();
        *open = open.checked_add_signed(by).unwrap();
        drop(open);
        self.changed.notify_all();
    }
}

fn serve(mut stream: TcpStream, state: &Shared, respond: &Respond) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(());
        }
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let answer = respond(&request);
    state.requests.lock().unwrap().push(request);
    state.changed.notify_all();
    if answer.then == Then::Never {
        return wait_for_hang_up(&mut stream, state);
    }
    let length = match answer.frame {
        Frame::Length => format!("Content-Length: {}\r\n", answer.body.len()),
        Frame::Claims(length) => format!("Content-Length: {length}\r\n"),
        _ => String::new(),
    };
    if !matches!(answer.frame, Frame::Raw) {
        stream.write_all(format!("{}{length}\r\n", answer.head).as_bytes())?;
    }
    let (now, later) = answer.body.split_at(answer.after);
    if matches!(answer.frame, Frame::Chunked) {
        while let Then::Endless = answer.then {
            stream.write_all(format!("{:x}\r\n", now.len()).as_bytes())?;
            stream.write_all(now)?;
            stream.write_all(b"\r\n")?;
        }
        for chunk in now.chunks(5_000) {
            stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes())?;
            stream.write_all(chunk)?;
            stream.write_all(b"\r\n")?;
        }
        stream.write_all(b"0\r\n\r\n")?;
    } else if let Some(rate) = answer.pace {
        let begun = Instant::now();
        for (number, piece) in now.chunks((rate / 20).max(1)).enumerate() {
            let due = begun + Duration::from_millis(50) * number as u32;
            thread::sleep(due.saturating_duration_since(Instant::now()));
            stream.write_all(piece)?;
        }
    } else {
        stream.write_all(now)?;
    }
    if answer.then == Then::Hold {
        state.holding.store(true, Ordering::SeqCst);
        stream.set_read_timeout(Some(Duration::from_millis(5)))?;
        while !state.released.load(Ordering::SeqCst) {
            match stream.read(&mut byte) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                _ => return Ok(()),
            }
        }
        state.holding.store(false, Ordering::SeqCst);
        stream.write_all(later)?;
    }
    state.served.fetch_add(1, Ordering::SeqCst);
    stream.shutdown(Shutdown::Write)?;
    // Closing with unread bytes would reset the connection before the client has read the answer.
    wait_for_hang_up(&mut stream, state)
}

fn wait_for_hang_up(stream: &mut TcpStream, state: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut byte = [0];
    while !state.stopped.load(Ordering::SeqCst) {
        match stream.read(&mut byte) {
            Ok(0) => break,
            Err(error) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            _ => {}
        }
    }
    Ok(())
}
