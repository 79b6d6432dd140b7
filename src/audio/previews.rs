//! The previews that are here or on their way: a bounded cache in memory, and what is fetched ahead.

use std::sync::Arc;

use reqwest::Client;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::buffer::{Arrival, Buffer};
use super::fetch;

/// How many previews are fetched ahead at a time.
const AHEAD: usize = 3;

/// Bounds on memory, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Of one preview.
    pub(super) one: usize,
    /// Of all that are kept.
    pub(super) all: usize,
}

struct Entry {
    url: String,
    buffer: Arc<Buffer>,
    task: AbortHandle,
}

/// The cache. The most recently wanted preview stands last.
pub(super) struct Previews {
    client: Client,
    runtime: Handle,
    bounds: Bounds,
    arrived: Arc<dyn Fn() + Send + Sync>,
    entries: Vec<Entry>,
    wished: Vec<String>,
}

impl Previews {
    /// `arrived` is called whenever a fetch has ended, so that the next one can be started.
    pub(super) fn new(runtime: Handle, bounds: Bounds, arrived: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            client: fetch::client(),
            runtime,
            bounds,
            arrived: Arc::new(arrived),
            entries: Vec::new(),
            wished: Vec::new(),
        }
    }

    /// The preview that is to be heard now. What else is on its way and not wished for is given up.
    pub(super) fn now(&mut self, url: &str) -> Arc<Buffer> {
        self.wished.clear();
        self.give_up_all_but(url);
        self.want(url)
    }

    /// What is likely to be heard next.
    pub(super) fn ahead(&mut self, urls: Vec<String>, playing: Option<&str>) {
        self.wished = urls;
        self.wished.truncate(AHEAD);
        self.give_up_all_but(playing.unwrap_or_default());
        self.fetch_ahead(playing);
    }

    /// Fetches what is wished for, once what plays is here: it must not share its bandwidth.
    pub(super) fn fetch_ahead(&mut self, playing: Option<&str>) {
        let busy = playing.is_some_and(|url| {
            self.entries
                .iter()
                .any(|entry| entry.url == url && entry.buffer.arrival() == Arrival::Going)
        });
        if busy {
            return;
        }
        for url in self.wished.clone() {
            if !self.entries.iter().any(|entry| entry.url == url) {
                self.want(&url);
            }
        }
        self.shrink(playing);
    }

    /// The preview's buffer; its fetch is started unless it is here or on its way. One that failed is tried again.
    fn want(&mut self, url: &str) -> Arc<Buffer> {
        if let Some(index) = self.entries.iter().position(|entry| entry.url == url) {
            let entry = self.entries.remove(index);
            if !matches!(entry.buffer.arrival(), Arrival::Broken(_)) {
                let buffer = entry.buffer.clone();
                self.entries.push(entry);
                return buffer;
            }
        }
        let buffer = Arc::new(Buffer::new());
        let fetch = fetch::fetch(self.client.clone(), url.to_owned(), buffer.clone(), self.bounds.one);
        let arrived = self.arrived.clone();
        let task = self.runtime.spawn(async move {
            fetch.await;
            arrived();
        });
        self.entries.push(Entry {
            url: url.to_owned(),
            buffer: buffer.clone(),
            task: task.abort_handle(),
        });
        buffer
    }

    fn give_up_all_but(&mut self, playing: &str) {
        let wished = &self.wished;
        self.entries.retain(|entry| {
            let keep = entry.buffer.arrival() != Arrival::Going || entry.url == playing || wished.contains(&entry.url);
            if !keep {
                entry.task.abort();
                entry.buffer.finish(Arrival::Broken("it was given up".into()));
            }
            keep
        });
    }

    /// Drops what was wanted longest ago until the rest fits.
    fn shrink(&mut self, playing: Option<&str>) {
        let mut total: usize = self.entries.iter().map(|entry| entry.buffer.len()).sum();
        let bound = self.bounds.all;
        self.entries.retain(|entry| {
            let needed = playing == Some(entry.url.as_str()) || entry.buffer.arrival() == Arrival::Going;
            if total <= bound || needed {
                return true;
            }
            total -= entry.buffer.len();
            false
        });
    }
}

impl Drop for Previews {
    fn drop(&mut self) {
        self.entries.iter().for_each(|entry| entry.task.abort());
    }
}
