//! A TCP server that answers with exactly the bytes it is given, one reply for each connection, and shows the requests as they came.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// What happens once the bytes of a reply are written.
#[derive(Debug, Clone, Copy)]
pub enum Then {
    /// The connection is closed in good order.
    Close,
    /// The connection is reset.
    Reset,
    /// The connection stays open until the client closes it.
    KeepOpen,
    /// More and more bytes come, until the client closes the connection.
    Flood,
    /// One byte comes now and then, until the client closes the connection.
    Drip(Duration),
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply(pub Vec<u8>, pub Then);

impl Reply {
    /// An answer as a well-behaved server sends it. Each header ends in `\r\n`.
    pub fn whole(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!("HTTP/1.1 {status} Some Words\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
        Self(text.into_bytes(), Then::Close)
    }

    /// Exactly these bytes.
    pub fn raw(bytes: &str, then: Then) -> Self {
        Self(bytes.as_bytes().to_vec(), then)
    }
}

/// A request as it came.
#[derive(Debug)]
pub struct Request {
    /// Such as `GET /v1/me HTTP/1.1`.
    pub line: String,
    /// Names in lower case, sorted.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

pub struct RawServer {
    port: u16,
    requests: mpsc::UnboundedReceiver<Request>,
    left: mpsc::UnboundedReceiver<()>,
}

impl RawServer {
    /// Starts; a connection beyond the last reply is read and closed without an answer.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (came, requests) = mpsc::unbounded_channel();
        let (gone, left) = mpsc::unbounded_channel();
        let mut replies = replies.into_iter().collect::<Vec<_>>().into_iter();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let reply = replies.next().unwrap_or(Reply(Vec::new(), Then::Close));
                let (came, gone) = (came.clone(), gone.clone());
                tokio::spawn(async move {
                    answer(stream, reply, &came).await;
                    let _ = gone.send(());
                });
            }
        });
        Self { port, requests, left }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// The next request, in the order of arrival.
    pub async fn request(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }

    /// The requests that have come and were not asked for yet.
    pub fn more_requests(&mut self) -> usize {
        std::iter::from_fn(|| self.requests.try_recv().ok()).count()
    }

    /// Waits until a connection is over.
    pub async fn connection_over(&mut self) {
        self.left.recv().await.unwrap();
    }
}

async fn answer(mut stream: TcpStream, Reply(bytes, then): Reply, came: &mpsc::UnboundedSender<Request>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let _ = came.send(request);
    if stream.write_all(&bytes).await.is_err() {
        return;
    }
    match then {
        Then::Close => drop(stream.shutdown().await),
        Then::Reset => drop(stream.set_zero_linger()),
        Then::KeepOpen => drop(stream.read(&mut [0; 1]).await),
        Then::Flood => while stream.write_all(&vec![b' '; 65_536]).await.is_ok() {},
        Then::Drip(pause) => {
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        read_more(stream, &mut bytes).await?;
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.trim_end().lines();
    let line = lines.next()?.to_owned();
    let mut headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    headers.sort();
    let mut request = Request {
        line,
        headers,
        body: String::new(),
    };
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + length {
        read_more(stream, &mut bytes).await?;
    }
    request.body = String::from_utf8(bytes.split_off(head)).unwrap();
    Some(request)
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 4096];
    let read = stream.read(&mut piece).await.ok().filter(|read| *read > 0)?;
    bytes.extend_from_slice(&piece[..read]);
    Some(())
}
