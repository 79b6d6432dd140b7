//! The client: four calls, no automatic retries, no redirects, the key sent to one origin only.

use std::{fmt, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::Stream;
use url::Url;

use super::{Account, Answer, ApiKey, DownloadRequest, Error, Limits, SearchPage, SearchRequest, UsagePage};
use crate::spend::Authorised;

/// The vendor's own base URL.
pub const VENDOR: &str = "https://api.trackyard.com/api/external/v1";

/// Where requests go: the base URL, path included.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    base: Url,
}

impl Endpoint {
    /// Checks a base URL such as `https://api.trackyard.com/api/external/v1`.
    ///
    /// # Errors
    /// A message for the user when it is no http(s) URL, or carries credentials, a query or a fragment.
    pub fn new(url: &str) -> Result<Self, super::Invalid> {
        let _ = url;
        todo!("api helper")
    }

    /// Scheme, host, port and path as one string: what rows in the databases are kept apart by.
    pub fn origin(&self) -> String {
        todo!("api helper")
    }

    /// Host and port for people.
    pub fn host(&self) -> String {
        todo!("api helper")
    }

    /// Whether this is Trackyard's own server.
    pub fn is_vendor(&self) -> bool {
        todo!("api helper")
    }
}

/// Time limits of a call. There is none for a whole answer: a large download may take long.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To open a connection.
    pub connect: Duration,
    /// Between two reads.
    pub read: Duration,
}

/// An API client for one server and one key. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
    key: ApiKey,
}

/// A download that was answered with 200: what the headers said, and the body as it arrives.
pub struct DownloadStart {
    /// What the headers said about limits.
    pub limits: Limits,
    /// `Content-Type`, lower case, without parameters.
    pub content_type: Option<String>,
    /// `Content-Length` in bytes.
    pub content_length: Option<u64>,
    /// The name of `Content-Disposition`, cleaned: a hint for a file name, never a path.
    pub file_name: Option<crate::text::Clean>,
    /// The body. An error means that the rest is lost.
    pub body: Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send>>,
}

impl Client {
    /// Builds a client with the usual time limits (10 s to connect, 30 s between reads).
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    pub fn new(endpoint: Endpoint, key: ApiKey) -> Result<Self, Error> {
        let _ = (endpoint, key);
        todo!("api helper")
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
        let _ = (&self.http, request);
        todo!("api helper")
    }

    /// `POST /download-track`: 1 credit on success. Returns when the headers are there.
    ///
    /// # Errors
    /// [`Error`]; [`Error::charge`] says whether it was charged.
    pub async fn download(&self, _authorised: &Authorised, request: &DownloadRequest) -> Result<DownloadStart, Error> {
        let _ = request;
        todo!("api helper")
    }

    /// `GET /me`: free.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn me(&self) -> Result<Answer<Account>, Error> {
        todo!("api helper")
    }

    /// `GET /usage`: free. `limit` 1 to 100.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn usage(&self, limit: u8, offset: u64) -> Result<Answer<UsagePage>, Error> {
        let _ = (limit, offset);
        todo!("api helper")
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
