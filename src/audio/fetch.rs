//! Bringing a preview's bytes: without any key, over http and https only, and never more than a bound.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::buffer::{Arrival, Buffer};
use crate::text::Clean;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// How often a connection that was cut short is taken up again.
const MAX_RESUMES: usize = 2;

/// The client for previews. It knows no key, so it can send none anywhere.
pub(super) fn client() -> Client {
    let redirects = Policy::custom(|attempt| {
        if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("it redirects too often")
        } else if matches!(attempt.url().scheme(), "http" | "https") {
            attempt.follow()
        } else {
            attempt.error("it redirects to something that is no web address")
        }
    });
    Client::builder()
        .user_agent(concat!("trackyard-tui/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .redirect(redirects)
        .referer(false)
        .build()
        .unwrap_or_default()
}

/// Fetches a preview of at most `most` bytes into a buffer.
pub(super) async fn fetch(client: Client, url: String, buffer: Arc<Buffer>, most: usize) {
    let arrival = match run(&client, &url, &buffer, most).await {
        Ok(()) => Arrival::Complete,
        Err(reason) => Arrival::Broken(reason),
    };
    buffer.finish(arrival);
}

async fn run(client: &Client, url: &str, buffer: &Buffer, most: usize) -> Result<(), String> {
    let address = reqwest::Url::parse(url).map_err(|_| "its address cannot be read".to_owned())?;
    if !matches!(address.scheme(), "http" | "https") {
        return Err("its address is no web address".into());
    }
    let mut response = client.get(address.clone()).send().await.map_err(|error| reason(&error))?;
    if !response.status().is_success() {
        return Err(match response.status().as_u16() {
            403 | 404 | 410 => format!("the preview is gone (the server said {})", response.status().as_u16()),
            status => format!("the preview server said {status}"),
        });
    }
    let whole = response.content_length();
    if whole.is_some_and(|length| length > most as u64) {
        return Err(format!("the preview is larger than {} MB", most >> 20));
    }
    buffer.announce(whole);
    let validator = validator(response.headers());
    let mut resumes = 0;
    loop {
        match receive(response, buffer, most).await {
            Ok(()) if whole.is_none_or(|length| buffer.len() as u64 >= length) => return Ok(()),
            Ok(()) => {}
            Err(Broken::TooLarge) => return Err(format!("the preview is larger than {} MB", most >> 20)),
            Err(Broken::Cut(reason)) if resumes >= MAX_RESUMES || validator.is_none() => return Err(reason),
            Err(Broken::Cut(_)) => {}
        }
        let (Some(validator), true) = (&validator, resumes < MAX_RESUMES) else {
            return Err("the connection ended too early".into());
        };
        resumes += 1;
        response = resume(client, &address, buffer.len(), validator).await?;
    }
}

/// Why receiving stopped.
enum Broken {
    TooLarge,
    Cut(String),
}

async fn receive(response: Response, buffer: &Buffer, most: usize) -> Result<(), Broken> {
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Broken::Cut(reason(&error)))?;
        if buffer.len() + chunk.len() > most {
            return Err(Broken::TooLarge);
        }
        buffer.push(&chunk);
    }
    Ok(())
}

/// Asks for the rest. Only the very same file, from the very byte, is taken: anything else would be noise.
async fn resume(client: &Client, address: &reqwest::Url, from: usize, validator: &HeaderValue) -> Result<Response, String> {
    let response = client
        .get(address.clone())
        .header(RANGE, format!("bytes={from}-"))
        .header(IF_RANGE, validator)
        .send()
        .await
        .map_err(|error| reason(&error))?;
    let range = response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok())
        .unwrap_or_default();
    if response.status().as_u16() == 206 && range.starts_with(&format!("bytes {from}-")) {
        Ok(response)
    } else {
        Err("the connection was cut, and the server cannot go on from there".into())
    }
}

/// What tells whether a file is still the same: a strong ETag, else its date.
fn validator(headers: &HeaderMap) -> Option<HeaderValue> {
    let strong = headers.get(ETAG).filter(|tag| !tag.as_bytes().starts_with(b"W/"));
    strong.or_else(|| headers.get(LAST_MODIFIED)).cloned()
}

fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the preview server does not answer".into();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_connect() {
        format!("the preview server cannot be reached ({})", Clean::new(&cause.to_string()))
    } else {
        Clean::new(&cause.to_string()).to_string()
    }
}
