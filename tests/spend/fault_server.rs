//! A small Trackyard over raw TCP that does exactly what a test tells it, faults included, and counts what it charged.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use trackyard_tui::spend::Clock;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub enum Step {
    /// Answers as Trackyard would, and charges if it is a paid call.
    Serve,
    /// A status with headers (each ending in `\r\n`) and a body.
    Answer(u16, String, String),
    /// The same, and it was charged all the same.
    ChargedAnswer(u16, String, String),
    /// A file with these headers and bytes, charged; the connection closes after them.
    File(String, Vec<u8>),
    /// The same, but after the bytes nothing comes any more.
    Stall(String, Vec<u8>),
    /// Resets the connection before it has read the request.
    ResetBeforeReading,
    /// Reads the request, works or not, and resets the connection.
    ResetAfterReading { charged: bool },
    /// Reads the request, works, and never answers.
    Hang { charged: bool },
    /// Waits for [`FaultServer::release`], then serves.
    HoldThenServe,
}

impl Step {
    /// Whether the request is charged as soon as it has come.
    fn charges_at_once(&self) -> bool {
        match self {
            Self::ChargedAnswer(..) | Self::File(..) | Self::Stall(..) => true,
            Self::ResetAfterReading { charged } | Self::Hang { charged } => *charged,
            Self::Serve | Self::Answer(..) | Self::ResetBeforeReading | Self::HoldThenServe => false,
        }
    }
}

/// How the usage history is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Telling {
    #[default]
    Whole,
    /// One of its records cannot be read.
    Unreadable,
    /// It does not say how many there are.
    Uncounted,
    /// It says that there are more than it gives.
    Overcounted,
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Hit {
    pub path: String,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Step>,
    hits: Vec<Hit>,
    /// (time, endpoint, credits), oldest first.
    usage: Vec<(Timestamp, String, i64)>,
    credits: i64,
    charged: usize,
    headers: String,
    /// What `/me` says besides, each field ending in a comma.
    account: String,
    /// No header names the balance.
    silent: bool,
    /// Each look at the usage history is followed by a call of another client.
    pushed_on: bool,
    telling: Telling,
    /// What to do with the next free calls.
    free: VecDeque<Step>,
}

pub struct FaultServer {
    port: u16,
    state: Arc<Mutex<State>>,
    clock: Arc<TestClock>,
    release: Arc<Notify>,
    came: watch::Sender<usize>,
}

/// How far the server's clock is ahead of the client's.
pub const AHEAD: Duration = Duration::from_hours(5);

impl FaultServer {
    pub async fn start(clock: Arc<TestClock>) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Arc::new(Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(Mutex::new(State {
                credits: 50,
                ..State::default()
            })),
            clock,
            release: Arc::default(),
            came: watch::channel(0).0,
        });
        let weak = Arc::downgrade(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some(server) = weak.upgrade() else { return };
                tokio::spawn(async move { server.connection(stream).await });
            }
        });
        server
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// What to do with the next paid requests; then it serves them.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.state.lock().unwrap().script.extend(steps);
    }

    /// What to do with the next free calls; then it serves them.
    pub fn script_free(&self, steps: impl IntoIterator<Item = Step>) {
        self.state.lock().unwrap().free.extend(steps);
    }

    /// How it tells the usage history from now on.
    pub fn tell_history(&self, telling: Telling) {
        self.state.lock().unwrap().telling = telling;
    }

    /// Lets one held request go on.
    pub fn release(&self) {
        self.release.notify_one();
    }

    /// Waits until so many requests have come.
    pub async fn wait_for_hits(&self, count: usize) {
        self.came.subscribe().wait_for(|came| *came >= count).await.unwrap();
    }

    pub fn hits(&self) -> Vec<Hit> {
        self.state.lock().unwrap().hits.clone()
    }

    pub fn hits_of(&self, path: &str) -> usize {
        self.hits().iter().filter(|hit| hit.path.starts_with(path)).count()
    }

    pub fn charged(&self) -> usize {
        self.state.lock().unwrap().charged
    }

    pub fn set_credits(&self, credits: i64) {
        self.state.lock().unwrap().credits = credits;
    }

    /// More headers for every answer it serves, each ending in `\r\n`.
    pub fn set_headers(&self, headers: &str) {
        self.state.lock().unwrap().headers = headers.to_owned();
    }

    /// More fields of the account, each ending in a comma.
    pub fn set_account(&self, fields: &str) {
        self.state.lock().unwrap().account = fields.to_owned();
    }

    /// Whether the header that names the balance is left out.
    pub fn keep_the_balance_quiet(&self, silent: bool) {
        self.state.lock().unwrap().silent = silent;
    }

    /// From now on another client makes a call after each look at the usage history, so its records move on.
    pub fn push_on(&self) {
        self.state.lock().unwrap().pushed_on = true;
    }

    /// Successful calls of long ago, an hour apart.
    pub fn age(&self, calls: usize) {
        let mut state = self.state.lock().unwrap();
        let now = self.now();
        let old = (1..=calls).rev().map(|hours| {
            let at = now - jiff::SignedDuration::from_hours(hours as i64);
            (at, "/search".to_owned(), 1)
        });
        state.usage.extend(old);
    }

    /// Another client of the same key makes a successful call.
    pub fn somebody_else(&self, endpoint: &str) {
        self.charge(endpoint, false);
    }

    fn now(&self) -> Timestamp {
        self.clock.now() + jiff::SignedDuration::try_from(AHEAD).unwrap()
    }

    fn charge(&self, endpoint: &str, ours: bool) {
        let mut state = self.state.lock().unwrap();
        let now = self.now();
        state.usage.push((now, endpoint.to_owned(), 1));
        state.credits -= 1;
        state.charged += usize::from(ours);
    }

    async fn connection(&self, mut stream: TcpStream) {
        if matches!(self.state.lock().unwrap().script.front(), Some(Step::ResetBeforeReading)) {
            self.state.lock().unwrap().script.pop_front();
            self.came.send_modify(|came| *came += 1);
            // Something of the request has come, so that the client certainly has sent.
            let _ = stream.peek(&mut [0; 1]).await;
            let _ = stream.set_zero_linger();
            return;
        }
        let Some(hit) = read_request(&mut stream).await else { return };
        let paid = hit.path == "/search" || hit.path == "/download-track";
        let step = if paid {
            self.state.lock().unwrap().script.pop_front()
        } else {
            self.state.lock().unwrap().free.pop_front()
        };
        let step = step.unwrap_or(Step::Serve);
        // First: who has waited for the request finds it charged.
        if step.charges_at_once() {
            self.charge(&hit.path, true);
        }
        self.state.lock().unwrap().hits.push(hit.clone());
        self.came.send_modify(|came| *came += 1);
        match step {
            Step::Serve => self.serve(&mut stream, &hit).await,
            Step::HoldThenServe => {
                self.release.notified().await;
                self.serve(&mut stream, &hit).await;
            }
            Step::Answer(status, headers, body) | Step::ChargedAnswer(status, headers, body) => {
                self.answer(&mut stream, status, &headers, body.as_bytes()).await;
            }
            Step::File(headers, bytes) => {
                let head = format!("HTTP/1.1 200 OK\r\n{}{headers}\r\n", self.date());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
            Step::Stall(headers, bytes) => {
                let head = format!("HTTP/1.1 200 OK\r\n{}{headers}\r\n", self.date());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read(&mut [0; 1]).await;
            }
            Step::ResetBeforeReading => {}
            Step::ResetAfterReading { .. } => drop(stream.set_zero_linger()),
            // Until the client goes away.
            Step::Hang { .. } => drop(stream.read(&mut [0; 1]).await),
        }
    }

    async fn serve(&self, stream: &mut TcpStream, hit: &Hit) {
        let headers = self.state.lock().unwrap().headers.clone();
        let body = match hit.path.split('?').next().unwrap() {
            "/search" => {
                self.charge("/search", true);
                let credits = self.state.lock().unwrap().credits;
                let tracks = r#"[{"id":"trk_1","title":"Rainy Window","artist":"Ada Quill"}]"#;
                format!(r#"{{"tracks":{tracks},"credits_remaining":{credits}}}"#)
            }
            "/download-track" => {
                self.charge("/download-track", true);
                let bytes = mp3_frames(500);
                let headers = format!("Content-Type: audio/mpeg\r\n{headers}");
                return self.answer(stream, 200, &headers, &bytes).await;
            }
            "/me" => {
                let state = self.state.lock().unwrap();
                let (account, credits) = (&state.account, state.credits);
                format!(r#"{{{account}"tier":"free","credits_remaining":{credits},"monthly_allowance":50}}"#)
            }
            "/usage" => {
                let usage = self.state.lock().unwrap().usage.clone();
                if self.state.lock().unwrap().pushed_on {
                    self.somebody_else("/me");
                }
                let (offset, limit) = (parameter(&hit.path, "offset"), parameter(&hit.path, "limit"));
                let telling = self.state.lock().unwrap().telling;
                let mut records: Vec<String> = usage
                    .iter()
                    .rev()
                    .skip(offset)
                    .take(limit)
                    .map(|(at, endpoint, credits)| {
                        format!(r#"{{"timestamp":"{at}","endpoint":"{endpoint}","status_code":200,"credits_consumed":{credits},"response_time_ms":9}}"#)
                    })
                    .collect();
                if telling == Telling::Unreadable && offset == 0 {
                    records.push("null".to_owned());
                }
                let total = match telling {
                    Telling::Uncounted => "null".to_owned(),
                    Telling::Overcounted => (usage.len() + 5).to_string(),
                    Telling::Whole | Telling::Unreadable => usage.len().to_string(),
                };
                format!(
                    r#"{{"usage":[{}],"total_count":{total},"offset":{offset},"limit":{limit}}}"#,
                    records.join(",")
                )
            }
            other => panic!("no such call: {other}"),
        };
        self.answer(stream, 200, &headers, body.as_bytes()).await;
    }

    async fn answer(&self, stream: &mut TcpStream, status: u16, headers: &str, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status} X\r\n{}Content-Length: {}\r\n{headers}\r\n",
            self.date(),
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.write_all(body).await;
        let _ = stream.shutdown().await;
    }

    fn date(&self) -> String {
        let date = self.now().strftime("%a, %d %b %Y %H:%M:%S GMT");
        let state = self.state.lock().unwrap();
        if state.silent {
            return format!("Date: {date}\r\n");
        }
        format!("Date: {date}\r\nX-Credits-Remaining: {}\r\n", state.credits)
    }
}

/// A number in the address.
fn parameter(path: &str, name: &str) -> usize {
    let (_, query) = path.split_once('?').unwrap();
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.unwrap().parse().unwrap()
}

async fn read_request(stream: &mut TcpStream) -> Option<Hit> {
    let mut bytes = Vec::new();
    let head = loop {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length: usize = text
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length:")
                .map(|n| n.trim().parse().unwrap())
        })
        .unwrap_or(0);
    while bytes.len() < head + length {
        let mut piece = [0; 4096];
        let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&piece[..read]);
    }
    let path = text.split_whitespace().nth(1)?.strip_prefix("/v1")?.to_owned();
    Some(Hit { path })
}

/// Silent MP3 frames of 128 kbit/s at 48 kHz: 384 bytes and 24 ms each.
pub fn mp3_frames(count: usize) -> Vec<u8> {
    let mut frame = vec![0; 384];
    frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x94, 0xC4]);
    frame.repeat(count)
}

/// A clock that jumps instead of waiting, or stands still until it is told to go on.
#[derive(Debug)]
pub struct TestClock {
    now_ms: AtomicI64,
    /// Since when it goes on with the real time, if it does.
    running: Option<Instant>,
    standing: AtomicBool,
    moved: Notify,
    slept: Mutex<Vec<Duration>>,
    sleeping: watch::Sender<usize>,
    this: std::sync::Weak<TestClock>,
}

impl TestClock {
    /// A clock that begins in the middle of a day.
    pub fn new() -> Arc<Self> {
        Self::with(Timestamp::from_millisecond(1_771_588_800_000).unwrap(), None)
    }

    /// A clock that goes on from there with the real time, as that of another process does.
    pub fn running(start: Timestamp) -> Arc<Self> {
        Self::with(start, Some(Instant::now()))
    }

    fn with(start: Timestamp, running: Option<Instant>) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            now_ms: AtomicI64::new(start.as_millisecond()),
            running,
            standing: AtomicBool::new(false),
            moved: Notify::new(),
            slept: Mutex::default(),
            sleeping: watch::channel(0).0,
            this: this.clone(),
        })
    }

    /// Sleepers wait until the time is moved.
    pub fn stand_still(&self) {
        self.standing.store(true, Ordering::SeqCst);
    }

    pub fn advance(&self, time: Duration) {
        self.now_ms.fetch_add(time.as_millis() as i64, Ordering::SeqCst);
        self.moved.notify_waiters();
    }

    /// What was slept so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }

    /// Waits until so many sleeps have begun.
    pub async fn wait_for_sleeps(&self, count: usize) {
        self.sleeping.subscribe().wait_for(|begun| *begun >= count).await.unwrap();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let since = self.running.map_or(0, |began| began.elapsed().as_millis() as i64);
        Timestamp::from_millisecond(self.now_ms.load(Ordering::SeqCst) + since).unwrap()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let clock = self.this.upgrade().unwrap();
        let until = self.now_ms.load(Ordering::SeqCst) + time.as_millis() as i64;
        self.slept.lock().unwrap().push(time);
        Box::pin(async move {
            clock.sleeping.send_modify(|begun| *begun += 1);
            if !clock.standing.load(Ordering::SeqCst) {
                clock.now_ms.fetch_max(until, Ordering::SeqCst);
                tokio::task::yield_now().await;
                return;
            }
            loop {
                let moved = clock.moved.notified();
                if clock.now_ms.load(Ordering::SeqCst) >= until {
                    return;
                }
                moved.await;
            }
        })
    }
}
