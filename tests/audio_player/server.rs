//! A server of raw sockets, which answers as badly as it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;

/// What the server answers.
pub struct Answer {
    head: String,
    body: Vec<u8>,
    frame: Frame,
    /// After so many bytes of the body, `then` happens.
    after: usize,
    /// What it goes over, if not all of it comes at once.
    line: Option<Arc<Line>>,
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
            line: None,
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
        Self::ok(body).over(&Line::new(rate))
    }

    /// Shares a line with other answers.
    pub fn over(self, line: &Arc<Line>) -> Self {
        Self {
            line: Some(Arc::clone(line)),
            ..self
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

/// A line that carries so many bytes a second, of all that goes over it together.
pub struct Line {
    rate: usize,
    free_from: Mutex<Instant>,
    carried: AtomicUsize,
}

impl Line {
    pub fn new(rate: usize) -> Arc<Self> {
        Arc::new(Self {
            rate,
            free_from: Mutex::new(Instant::now()),
            carried: AtomicUsize::new(0),
        })
    }

    /// How many bytes have gone over it.
    pub fn carried(&self) -> usize {
        self.carried.load(Ordering::SeqCst)
    }

    /// Sends it at the pace of the line, twenty pieces a second.
    fn carry(&self, body: &[u8], stream: &mut TcpStream) -> std::io::Result<()> {
        for piece in body.chunks((self.rate / 20).max(1)) {
            let due = {
                let mut free_from = self.free_from.lock().unwrap();
                *free_from = (*free_from).max(Instant::now()) + Duration::from_secs_f64(piece.len() as f64 / self.rate as f64);
                *free_from
            };
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // First, so that nobody who has the piece can see that it was not counted.
            self.carried.fetch_add(piece.len(), Ordering::SeqCst);
            stream.write_all(piece)?;
        }
        Ok(())
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
            .wait_timeout_while(open, Duration::from_mins(1), |open| *open > most)
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
    } else if let Some(line) = &answer.line {
        line.carry(now, &mut stream)?;
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
