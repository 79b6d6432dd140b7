//! The client: four calls, no automatic retries, no redirects, the key sent to one server only.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Response};
use serde_json::Value;

use super::limits::retry_after;
use super::problem::problem;
use super::{
    Account, Answer, ApiKey, DownloadRequest, Endpoint, Error, Limits, SearchPage, SearchRequest, UsagePage, disposition, lenient,
};
use crate::spend::Authorised;
use crate::text::Clean;

/// Time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Time between two reads. There is none for a whole answer: a large download may take long.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest JSON answer that is read, in bytes.
const MAX_ANSWER: usize = 16 << 20;
/// The largest error body that is read, in bytes.
const MAX_ERROR: usize = 64 << 10;

/// A body as it arrives.
type Body = Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>;

/// An API client for one server and one key. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    key: ApiKey,
    read_timeout: Duration,
}

/// A download that was answered with 200: what the headers said, and the body as it arrives.
pub struct DownloadStart {
    /// What the headers said about limits.
    pub limits: Limits,
    /// `Content-Type`, lower case, without parameters, cleaned.
    pub content_type: Option<Clean>,
    /// `Content-Length` in bytes.
    pub content_length: Option<u64>,
    /// The name of `Content-Disposition`, cleaned: a hint for a file name, never a path.
    pub file_name: Option<Clean>,
    /// The body. An error means that the rest is lost, and is the last item.
    pub body: Body,
}

impl Client {
    /// Builds a client: 10 s to connect, 30 s between reads.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    pub fn new(endpoint: Endpoint, key: ApiKey) -> Result<Self, Error> {
        Self::with_timeouts(endpoint, key, CONNECT_TIMEOUT, READ_TIMEOUT)
    }

    /// The same with other time limits.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    pub fn with_timeouts(endpoint: Endpoint, key: ApiKey, connect: Duration, read: Duration) -> Result<Self, Error> {
        crate::tls::choose();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("trackyard-tui/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(connect)
            .read_timeout(read)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            // A request on a kept connection that the server has just closed may be sent again behind our back: each gets its own.
            .pool_max_idle_per_host(0);
        if endpoint.is_loopback() {
            // A proxy elsewhere means another machine by this address, and would be handed the key.
            builder = builder.no_proxy();
        }
        Ok(Self {
            http: builder.build().map_err(|error| Error::NotSent(reason(&error)))?,
            endpoint,
            key,
            read_timeout: read,
        })
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The key's fingerprint.
    pub fn key_fingerprint(&self) -> String {
        self.key.fingerprint()
    }

    /// `POST /search`: 1 credit on success.
    ///
    /// # Errors
    /// [`Error`]; [`Error::charge`] says whether it was charged.
    pub async fn search(&self, _authorised: &Authorised, request: &SearchRequest) -> Result<Answer<SearchPage>, Error> {
        let response = self.send(Method::POST, "search", Some(&request.body())).await?;
        let (json, limits) = self.read_json(response).await?;
        let (value, credits) = SearchPage::from_json(&json).map_err(|reason| unreadable(reason, limits))?;
        Ok(Answer {
            value,
            limits: limits.with_body_credits(credits),
        })
    }

    /// `POST /download-track`: 1 credit on success. Returns when the headers are there.
    ///
    /// # Errors
    /// [`Error`]; [`Error::charge`] says whether it was charged.
    pub async fn download(&self, _authorised: &Authorised, request: &DownloadRequest) -> Result<DownloadStart, Error> {
        let response = self.send(Method::POST, "download-track", Some(&request.body())).await?;
        let headers = response.headers();
        Ok(DownloadStart {
            limits: Limits::from_headers(headers),
            content_type: content_type(headers).map(|kind| Clean::new(&self.key.redact(kind).to_lowercase())),
            content_length: headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()),
            file_name: disposition::file_name(headers).map(|name| Clean::new(&self.key.redact(&name))),
            body: until_error(response),
        })
    }

    /// `GET /me`: free.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn me(&self) -> Result<Answer<Account>, Error> {
        let (json, limits) = self.read_json(self.send(Method::GET, "me", None).await?).await?;
        let (value, credits) = Account::from_json(&json).map_err(|reason| unreadable(reason, limits))?;
        Ok(Answer {
            value,
            limits: limits.with_body_credits(credits),
        })
    }

    /// `GET /usage`: free. `limit` 1 to 100.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn usage(&self, limit: u8, offset: u64) -> Result<Answer<UsagePage>, Error> {
        let path = format!("usage?limit={limit}&offset={offset}");
        let (json, limits) = self.read_json(self.send(Method::GET, &path, None).await?).await?;
        let value = UsagePage::from_json(&json).map_err(|reason| unreadable(reason, limits))?;
        Ok(Answer { value, limits })
    }

    /// Sends one request, once, and gives back a response of status 200.
    async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Response, Error> {
        let mut key =
            HeaderValue::from_str(&self.key.bearer()).map_err(|_| Error::NotSent(Clean::new("the API key cannot stand in a header")))?;
        key.set_sensitive(true);
        let mut request = self
            .http
            .request(method, self.endpoint.url(path))
            .header(AUTHORIZATION, key)
            .header(ACCEPT, "application/json, audio/mpeg");
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        if status == 200 {
            return Ok(response);
        }
        let limits = Limits::from_headers(response.headers());
        let retry_after = retry_after(response.headers());
        // What cannot be read of an error in good time is not needed: its status is known.
        let mut body = Vec::new();
        let _ = tokio::time::timeout(self.read_timeout, read_up_to(response, MAX_ERROR, &mut body)).await;
        let body = self.key.redact(&String::from_utf8_lossy(&body));
        let mut problem = problem(status, &body, retry_after, limits);
        // Once more, for it may have been written in escapes.
        for said in [&mut problem.code, &mut problem.message, &mut problem.request_id]
            .into_iter()
            .flatten()
        {
            *said = Clean::new(&self.key.redact(said));
        }
        Err(Error::Refused(Box::new(problem)))
    }

    /// Reads a whole JSON answer. One that is cut short was paid for all the same, so it is unreadable, not lost.
    async fn read_json(&self, response: Response) -> Result<(Value, Limits), Error> {
        let limits = Limits::from_headers(response.headers());
        let from_trackyard =
            limits.are_told() || content_type(response.headers()).is_some_and(|kind| kind.to_lowercase().ends_with("json"));
        let unreadable = |reason: &str| Error::Unreadable {
            reason: Clean::new(reason),
            from_trackyard,
            limits,
        };
        let mut body = Vec::new();
        let whole = read_up_to(response, MAX_ANSWER, &mut body)
            .await
            .map_err(|error| unreadable(&format!("it broke off: {error}")))?;
        if !whole {
            return Err(unreadable("it is larger than any answer should be"));
        }
        let mut json = lenient::document(&body).map_err(|error| unreadable(&format!("it is not JSON: {error}")))?;
        self.key.redact_all(&mut json);
        Ok((json, limits))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// A request that got no response: only what failed while connecting has certainly not been sent.
fn failed(error: &reqwest::Error) -> Error {
    if error.is_connect() || error.is_builder() {
        Error::NotSent(reason(error))
    } else {
        lost(error)
    }
}

/// JSON that is not what was asked for.
fn unreadable(reason: Clean, limits: Limits) -> Error {
    Error::Unreadable {
        reason,
        from_trackyard: true,
        limits,
    }
}

fn lost(error: &reqwest::Error) -> Error {
    Error::Lost(reason(error))
}

/// The innermost cause says it best ("connection refused"), and it never names the URL.
fn reason(error: &reqwest::Error) -> Clean {
    if error.is_timeout() {
        return Clean::new("no answer in time");
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Clean::new(&cause.to_string())
}

/// The body up to its end or its first error. By itself it would report one time-out after the other, for ever.
fn until_error(response: Response) -> Body {
    let chunks = Box::pin(response.bytes_stream());
    Box::pin(stream::unfold(Some(chunks), |chunks| async {
        let mut chunks = chunks?;
        match chunks.next().await? {
            Ok(chunk) => Some((Ok(chunk), Some(chunks))),
            Err(error) => Some((Err(lost(&error)), None)),
        }
    }))
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').next().map(str::trim)
}

/// Reads a body up to a size and says whether that was all of it.
async fn read_up_to(response: Response, most: usize, body: &mut Vec<u8>) -> Result<bool, Clean> {
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| reason(&error))?;
        if body.len() + chunk.len() > most {
            body.extend_from_slice(&chunk[..most - body.len()]);
            return Ok(false);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
