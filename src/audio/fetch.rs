//! Gets a preview's bytes: from the disk if they are kept there, else over HTTP, without any key and without trusting the server.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{ACCEPT, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE, TRANSFER_ENCODING};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Version, redirect};
use tokio::runtime::Handle;
use tokio::time::timeout;
use url::Url;

use super::buffer::{End, Growing};
use super::kept::Kept;
use super::pages::Pages;
use super::sniff::{HEAD, sniff};

const MAX_REDIRECTS: usize = 5;
/// How many bytes an HTTP/2 server may send of a preview before they are taken, so that what is held back stays with the server.
const STREAM_WINDOW: u32 = 128 << 10;
/// The same for all previews of one connection: more than those that run at a time can fill, or what is held back would hold up what plays.
const CONNECTION_WINDOW: u32 = 1 << 20;
/// How often a connection that was cut is taken up again.
const MAX_RESUMES: u32 = 2;
const SILENT: &str = "the preview server does not answer";
const OFFLINE: &str = "this preview is not kept here, and with --offline no server is asked";

/// What fetching may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest preview, in bytes; a larger one is an error.
    pub preview_bytes: u64,
    /// How many bytes of fetched previews are kept for playing again.
    pub cache_bytes: u64,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a server may keep silent.
    pub read_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            preview_bytes: 64 << 20,
            cache_bytes: 24 << 20,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(15),
        }
    }
}

/// Why a redirect was not followed.
#[derive(Debug)]
enum Refused {
    TooMany,
    NotWeb,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "the preview server redirects again and again",
            Self::NotWeb => "the preview server redirects to something that is not on the web",
        })
    }
}

impl Error for Refused {}

/// Where previews come from.
#[derive(Clone)]
pub(super) struct Source {
    client: Result<Client, String>,
    kept: Option<Kept>,
    /// Where previews are kept instead, for now.
    instead: Option<Kept>,
    offline: bool,
    limits: Limits,
}

impl Source {
    /// `offline`: no server is asked.
    pub(super) fn new(limits: Limits, kept: Option<Kept>, offline: bool) -> Self {
        Self {
            client: client(&limits),
            kept,
            instead: None,
            offline,
            limits,
        }
    }

    /// From now on previews are kept there; `None`: where they were at first.
    pub(super) fn keep_in(&mut self, place: Option<Kept>) {
        self.instead = place;
    }

    fn place(&self) -> Option<Kept> {
        self.instead.clone().or_else(|| self.kept.clone())
    }

    /// How many bytes of previews may stay in memory.
    pub(super) fn most_in_memory(&self) -> u64 {
        self.limits.cache_bytes
    }

    /// Brings a preview into `bytes` and ends them, well or not. What came whole from the server, and shows that, is kept on the disk.
    pub(super) async fn bring(&self, url: &str, bytes: &Growing) {
        if let Some(music) = self.kept(url).await {
            return bytes.fill(music);
        }
        match &self.client {
            _ if self.offline => bytes.finish(End::Broken(OFFLINE.into())),
            Ok(client) => fetch(client, url, bytes, &self.limits).await,
            Err(why) => bytes.finish(End::Broken(why.clone())),
        }
        if let Some(kept) = self.place().filter(|_| bytes.is_proven())
            && let Ok(music) = bytes.copy()
        {
            let url = url.to_owned();
            // Nobody waits for that.
            tokio::task::spawn_blocking(move || {
                // An error page is not worth keeping.
                if sniff(&music[..music.len().min(HEAD)]).is_ok()
                    && let Err(error) = kept.put(&url, &music)
                {
                    tracing::warn!(%error, "a preview cannot be kept on the disk");
                }
            });
        }
    }

    async fn kept(&self, url: &str) -> Option<Pages> {
        let (kept, url, most) = (self.place()?, url.to_owned(), self.limits.preview_bytes);
        tokio::task::spawn_blocking(move || kept.get(&url, most)).await.ok()?
    }

    /// A preview turned out to be no music: the next time it is asked for anew.
    pub(super) fn forget(&self, url: &str, runtime: &Handle) {
        if let Some(kept) = self.place() {
            let url = url.to_owned();
            runtime.spawn_blocking(move || kept.forget(&url));
        }
    }
}

/// A client of its own: it has no key that it could send.
fn client(limits: &Limits) -> Result<Client, String> {
    let policy = redirect::Policy::custom(|attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error(Refused::TooMany)
        } else if is_plain_web(attempt.url()) {
            attempt.follow()
        } else {
            attempt.error(Refused::NotWeb)
        }
    });
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("audio/*, */*;q=0.5"));
    crate::tls::choose();
    Client::builder()
        .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(policy)
        .referer(false)
        .connect_timeout(limits.connect_timeout)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .pool_max_idle_per_host(4)
        .build()
        .map_err(|error| format!("previews cannot be fetched: {error}"))
}

fn is_plain_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}

/// Fetches `url` into `bytes` and ends them, well or not.
async fn fetch(client: &Client, url: &str, bytes: &Growing, limits: &Limits) {
    let end = match transfer(client, url, bytes, limits).await {
        Ok(end) => end,
        Err(why) => {
            tracing::debug!(have = bytes.len(), why, "a preview did not arrive whole");
            End::Broken(why)
        }
    };
    bytes.finish(end);
}

async fn transfer(client: &Client, url: &str, bytes: &Growing, limits: &Limits) -> Result<End, String> {
    let url = Url::parse(url).map_err(|_| "the preview has no valid address")?;
    if !is_plain_web(&url) {
        return Err("the preview's address is not a plain web address".into());
    }
    let response = answer(client.get(url.clone()), limits).await?;
    if response.status() != StatusCode::OK {
        return Err(refused(response.status()));
    }
    let validator = validator(response.headers());
    let total = response.content_length();
    let shows_its_end = response.version() >= Version::HTTP_2 || is_chunked(response.headers());
    if let Some(total) = total {
        allow(total, limits)?;
        bytes.expect(total);
    }
    let mut cut = receive(response, bytes, limits).await?;
    let mut resumes = 0;
    while let Some(why) = cut {
        let Some(validator) = validator.as_ref().filter(|_| resumes < MAX_RESUMES) else {
            return Err(why);
        };
        resumes += 1;
        let have = bytes.len() as u64;
        tracing::debug!(have, resumes, "taking up a preview that was cut short");
        let request = client
            .get(url.clone())
            .header(RANGE, format!("bytes={have}-"))
            .header(IF_RANGE, validator);
        cut = match answer(request, limits).await {
            Ok(response) if continues(&response, have, total) => receive(response, bytes, limits).await?,
            // Anything but the rest of the very same bytes would be another piece of music in the middle of this one.
            Ok(_) => return Err(why),
            Err(silent) => Some(silent),
        };
    }
    // A connection that is closed may have been cut. What was taken up again is the rest only if it makes the length.
    if total.is_some() || (resumes == 0 && shows_its_end) {
        Ok(End::Complete)
    } else {
        Ok(End::Unproven)
    }
}

/// Whether an HTTP/1 body comes in chunks, the last of which says so.
fn is_chunked(headers: &HeaderMap) -> bool {
    let codings = headers
        .get_all(TRANSFER_ENCODING)
        .iter()
        .next_back()
        .and_then(|codings| codings.to_str().ok());
    let last = codings.and_then(|codings| codings.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// Asks, and waits for the head of the answer.
async fn answer(request: RequestBuilder, limits: &Limits) -> Result<Response, String> {
    match timeout(limits.read_timeout, request.send()).await {
        Ok(sent) => sent.map_err(|error| explain(&error)),
        Err(_) => Err(SILENT.into()),
    }
}

/// Takes what comes; the answer says why it stopped early, if it did.
async fn receive(response: Response, bytes: &Growing, limits: &Limits) -> Result<Option<String>, String> {
    let mut body = response.bytes_stream();
    loop {
        // What is not taken stays with the server.
        bytes.room().await;
        // Counted from here: while nothing was wanted, the server's silence was ours. The client's own timeout would count that too.
        match timeout(limits.read_timeout, body.next()).await {
            Ok(Some(Ok(chunk))) => {
                allow(bytes.len() as u64 + chunk.len() as u64, limits)?;
                bytes.push(&chunk);
            }
            Ok(Some(Err(error))) => return Ok(Some(explain(&error))),
            Ok(None) => break,
            Err(_) => return Ok(Some(SILENT.into())),
        }
    }
    Ok(bytes
        .expected()
        .filter(|&total| (bytes.len() as u64) < total)
        .map(|_| "the preview server closed the connection".into()))
}

fn allow(size: u64, limits: &Limits) -> Result<(), String> {
    if size > limits.preview_bytes {
        return Err(format!("the preview is larger than {} MB", (limits.preview_bytes >> 20).max(1)));
    }
    Ok(())
}

/// What proves that the rest belongs to what is here: a strong `ETag`, else the date.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

fn continues(response: &Response, have: u64, total: Option<u64>) -> bool {
    let range = response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(parse_range);
    response.status() == StatusCode::PARTIAL_CONTENT
        && range.is_some_and(|(start, size)| start == have && (total.is_none() || size.is_none() || size == total))
}

/// The first byte and the whole size of `bytes 100-199/200`; `*` is a size that is not known.
fn parse_range(range: &str) -> Option<(u64, Option<u64>)> {
    let (span, size) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, last) = span.split_once('-')?;
    let (start, last): (u64, u64) = (start.trim().parse().ok()?, last.trim().parse().ok()?);
    let size = if size.trim() == "*" {
        None
    } else {
        Some(size.trim().parse().ok()?)
    };
    (start <= last && size.is_none_or(|size| last < size)).then_some((start, size))
}

fn refused(status: StatusCode) -> String {
    match status.as_u16() {
        // The client follows what leads to the web by itself.
        300..=399 => Refused::NotWeb.to_string(),
        code @ (403 | 410) => format!("the preview server said {code}: the preview may have expired"),
        code => format!("the preview server said {code}"),
    }
}

/// A transport error as a sentence. The URL stays out of it: it may be a signed one.
fn explain(error: &reqwest::Error) -> String {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return refused.to_string();
        }
        source = cause.source();
    }
    let text = if error.is_redirect() {
        "the preview server redirects to nowhere"
    } else if error.is_connect() {
        "the preview server cannot be reached"
    } else if error.is_timeout() {
        SILENT
    } else if error.is_body() || error.is_decode() {
        "the preview server closed the connection"
    } else {
        "the preview server sent no valid answer"
    };
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_range_that_says_where_it_is_counts() {
        assert_eq!(parse_range("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(parse_range("bytes 100-199/*"), Some((100, None)));
        for wrong in [
            "",
            "bytes */200",
            "bytes 100-/200",
            "bytes 199-100/200",
            "bytes 0-200/200",
            "items 1-2/3",
            "bytes 1-2",
        ] {
            assert_eq!(parse_range(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_weak_tag_proves_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(validator(&headers), None);
        headers.insert(ETAG, HeaderValue::from_static("W/\"a\""));
        assert_eq!(validator(&headers), None);
        headers.insert(LAST_MODIFIED, HeaderValue::from_static("Mon, 01 Jan 2024 00:00:00 GMT"));
        assert_eq!(validator(&headers), headers.get(LAST_MODIFIED).cloned());
        headers.insert(ETAG, HeaderValue::from_static("\"a\""));
        assert_eq!(validator(&headers), headers.get(ETAG).cloned());
    }

    #[test]
    fn only_a_body_whose_last_coding_is_chunks_shows_its_end() {
        for (codings, chunked) in [
            (&["chunked"][..], true),
            (&["gzip, Chunked"], true),
            (&["gzip", "chunked"], true),
            (&["chunked, gzip"], false),
            (&["chunked", "gzip"], false),
            (&["identity"], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            for &coding in codings {
                headers.append(TRANSFER_ENCODING, HeaderValue::from_static(coding));
            }
            assert_eq!(is_chunked(&headers), chunked, "{codings:?}");
        }
    }

    #[test]
    fn addresses_off_the_web_or_with_a_password_are_not_followed() {
        for (url, plain) in [
            ("https://a/b", true),
            ("http://a", true),
            ("file:///etc/passwd", false),
            ("http://u:p@a/", false),
        ] {
            assert_eq!(is_plain_web(&Url::parse(url).unwrap()), plain, "{url}");
        }
    }
}
