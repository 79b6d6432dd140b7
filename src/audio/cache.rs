//! The shelf: previews that are in memory, on their way, or wanted; and who may be fetched now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::Analysis;
use super::buffer::{End, Growing, Interrupt};
use super::fetch::Source;
use super::head::{Head, Making};
use super::kept::Kept;
use super::player::Message;
use crate::clip::Features;

/// Fetches at a time, in all.
const MAX_FETCHES: usize = 4;
/// Of these, ahead of time.
const MAX_AHEAD: usize = 3;
/// A longer wish is cut.
const MAX_WISH: usize = 16;
/// How much of a preview is fetched ahead while what plays still comes in: some seconds of music.
const HEAD_BYTES: u64 = 160 << 10;
/// And how much at all: who wants to hear more of it has to play it.
const MOST_AHEAD: u64 = 8 << 20;

/// How much of the line what plays can spare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spare {
    /// Nothing: it has not started yet, or might run dry.
    Nothing,
    /// Enough for beginnings.
    Some,
    /// All of it.
    All,
}

/// One preview.
struct Entry {
    id: u64,
    bytes: Arc<Growing>,
    state: State,
    used: u64,
    seen: Seen,
    beginning: Beginning,
}

/// Whether a preview's beginning was decoded ahead.
#[derive(Default)]
enum Beginning {
    #[default]
    Unknown,
    Making(Arc<Interrupt>),
    Here(Box<Head>),
}

/// What was found out about a preview.
#[derive(Default, Clone)]
pub(super) struct Seen {
    pub(super) analysis: Option<Arc<Analysis>>,
    pub(super) features: Option<Arc<Features>>,
    /// Somebody listens to it ahead, or has tried to.
    pub(super) tried: bool,
}

enum State {
    Waiting,
    Fetching(CancellationToken),
    Here,
}

impl Entry {
    /// All of it is here, also when the end of its fetch was not told yet.
    fn is_here(&self) -> bool {
        matches!(self.state, State::Here) || self.bytes.is_complete()
    }

    /// Its beginning, if it is here; if it is being decoded, that ends.
    fn take_beginning(&mut self) -> Option<Head> {
        match std::mem::take(&mut self.beginning) {
            Beginning::Here(head) => Some(*head),
            Beginning::Making(interrupt) => {
                interrupt.want(Interrupt::STOP);
                self.bytes.wake();
                None
            }
            Beginning::Unknown => None,
        }
    }
}

/// All previews, by URL. Owned by the player's thread.
pub(super) struct Shelf {
    entries: HashMap<String, Entry>,
    playing: Option<String>,
    /// The playing preview is not fetched before this.
    not_before: Instant,
    wish: Vec<String>,
    /// Wishes that were tried: each is, once, so that what does not fit is not fetched again and again.
    tried: HashSet<String>,
    /// Fetches that run, the cancelled ones that have not ended yet included.
    running: usize,
    clock: u64,
    source: Source,
    runtime: Handle,
    messages: Sender<Message>,
    threads: Vec<JoinHandle<()>>,
}

impl Shelf {
    pub(super) fn new(source: Source, runtime: Handle, messages: Sender<Message>) -> Self {
        Self {
            entries: HashMap::new(),
            playing: None,
            not_before: Instant::now(),
            wish: Vec::new(),
            tried: HashSet::new(),
            running: 0,
            clock: 0,
            source,
            runtime,
            messages,
            threads: Vec::new(),
        }
    }

    /// The bytes of what plays now, here or to come, and its beginning if that was decoded ahead. What played before is given up
    /// unless it is whole or wished for.
    pub(super) fn play(&mut self, url: &str, not_before: Instant) -> (Arc<Growing>, Option<Head>) {
        self.playing = Some(url.to_owned());
        self.not_before = not_before;
        self.drop_unwanted();
        self.clock += 1;
        let used = self.clock;
        let entry = self.entry(url);
        entry.used = used;
        entry.bytes.allow(None);
        let head = entry.take_beginning();
        (Arc::clone(&entry.bytes), head)
    }

    /// From now on what is fetched is kept on the disk there.
    pub(super) fn keep_in(&mut self, place: Option<Kept>) {
        self.source.keep_in(place);
    }

    /// What plays turned out to be no music.
    pub(super) fn forget(&mut self, url: &str) {
        self.remove(url);
        self.source.forget(url, &self.runtime);
    }

    /// A beginning was decoded ahead.
    pub(super) fn begun(&mut self, id: u64, head: Box<Head>) {
        // Unless it was played meanwhile, or is not wanted any more.
        if let Some(entry) = self.entries.values_mut().find(|entry| entry.id == id)
            && matches!(&entry.beginning, Beginning::Making(interrupt) if Arc::ptr_eq(interrupt, &head.interrupt))
        {
            entry.beginning = Beginning::Here(head);
        }
    }

    /// Nothing plays any more.
    pub(super) fn stop(&mut self) {
        self.playing = None;
        self.drop_unwanted();
    }

    /// The likeliest wish that is here and that nobody has listened to, nor knows.
    pub(super) fn unheard(&self, known: impl Fn(&str) -> bool) -> Option<(String, Arc<Growing>)> {
        let new = |entry: &&Entry| entry.is_here() && entry.seen.analysis.is_none() && !entry.seen.tried;
        self.wish.iter().filter(|url| !known(url)).find_map(|url| {
            let entry = self.entries.get(url).filter(new)?;
            Some((url.clone(), Arc::clone(&entry.bytes)))
        })
    }

    /// Replaces the wish.
    pub(super) fn wish(&mut self, mut urls: Vec<String>) {
        urls.truncate(MAX_WISH);
        self.wish = urls;
        self.tried.clear();
        self.drop_unwanted();
        for (url, entry) in &mut self.entries {
            if !self.wish.contains(url) {
                entry.take_beginning();
            }
        }
    }

    /// What was found out.
    pub(super) fn seen(&self, url: &str) -> Seen {
        self.entries.get(url).map(|entry| entry.seen.clone()).unwrap_or_default()
    }

    /// Keeps what was found out.
    pub(super) fn remember(&mut self, url: &str, with: impl FnOnce(&mut Seen)) {
        if let Some(entry) = self.entries.get_mut(url) {
            with(&mut entry.seen);
        }
    }

    /// A fetch ended.
    pub(super) fn ended(&mut self, id: u64) {
        self.running = self.running.saturating_sub(1);
        let Some((url, entry)) = self.entries.iter_mut().find(|(_, entry)| entry.id == id) else {
            return;
        };
        if entry.bytes.is_complete() {
            entry.state = State::Here;
        } else {
            // Not kept: playing it again tries again.
            let url = url.clone();
            self.entries.remove(&url);
        }
        self.evict();
    }

    /// Starts what may start. Gives the time to look again.
    pub(super) fn pump(&mut self, now: Instant, spare: Spare) -> Option<Instant> {
        let mut again = None;
        let mut ahead = true;
        if let Some(url) = self
            .playing
            .clone()
            .filter(|url| self.entries.get(url).is_some_and(|e| matches!(e.state, State::Waiting)))
        {
            if now < self.not_before {
                again = Some(self.not_before);
            } else if self.running < MAX_FETCHES {
                self.launch(&url);
            } else {
                self.make_room();
            }
            ahead = false;
        }
        for (url, entry) in &self.entries {
            if self.playing.as_ref() != Some(url) {
                entry.bytes.allow(Some(match spare {
                    Spare::Nothing => 0,
                    Spare::Some => HEAD_BYTES,
                    Spare::All => MOST_AHEAD,
                }));
            }
        }
        if ahead && spare != Spare::Nothing {
            for url in self.wish.clone() {
                self.prepare(&url);
                if self.running >= MAX_FETCHES || self.fetching_ahead().count() >= MAX_AHEAD {
                    break;
                }
                if !self.entries.contains_key(&url) && self.tried.insert(url.clone()) {
                    self.entry(&url).bytes.allow(Some(HEAD_BYTES));
                    self.launch(&url);
                    self.prepare(&url);
                }
            }
        }
        again
    }

    /// Cancels every fetch, and waits for the threads.
    pub(super) fn clear(&mut self) {
        for url in self.entries.keys().cloned().collect::<Vec<_>>() {
            self.remove(&url);
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }

    /// Has the beginning of a wished preview decoded, once.
    fn prepare(&mut self, url: &str) {
        let Some(entry) = self
            .entries
            .get_mut(url)
            .filter(|entry| matches!(entry.beginning, Beginning::Unknown))
        else {
            return;
        };
        if self.playing.as_deref() == Some(url) {
            return;
        }
        let interrupt = Arc::new(Interrupt::default());
        entry.beginning = Beginning::Making(Arc::clone(&interrupt));
        let making = Making {
            id: entry.id,
            bytes: Arc::clone(&entry.bytes),
            interrupt,
            messages: self.messages.clone(),
        };
        self.threads.retain(|thread| !thread.is_finished());
        // Without a thread it is decoded when it is played.
        let thread = thread::Builder::new().name("preview-ahead".into()).spawn(move || making.run());
        self.threads.extend(thread);
    }

    fn entry(&mut self, url: &str) -> &mut Entry {
        self.clock += 1;
        let id = self.clock;
        self.entries.entry(url.to_owned()).or_insert_with(|| Entry {
            id,
            bytes: Arc::default(),
            state: State::Waiting,
            used: id,
            seen: Seen::default(),
            beginning: Beginning::default(),
        })
    }

    fn launch(&mut self, url: &str) {
        let Some(entry) = self.entries.get_mut(url) else { return };
        let cancel = CancellationToken::new();
        entry.state = State::Fetching(cancel.clone());
        self.running += 1;
        let (id, bytes, messages) = (entry.id, Arc::clone(&entry.bytes), self.messages.clone());
        let (url, source) = (url.to_owned(), self.source.clone());
        self.runtime.spawn(async move {
            // Ended by dropping it: that closes its connection.
            if cancel.run_until_cancelled(source.bring(&url, &bytes)).await.is_none() {
                bytes.finish(End::Broken("the preview is not wanted any more".into()));
            }
            let _ = messages.send(Message::FetchEnded { id });
        });
    }

    fn fetching_ahead(&self) -> impl Iterator<Item = &String> {
        let fetching = self
            .entries
            .iter()
            .filter(|(_, entry)| matches!(entry.state, State::Fetching(_)) && !entry.is_here());
        fetching.map(|(url, _)| url).filter(|url| self.playing.as_ref() != Some(url))
    }

    /// Gives up the least likely fetch for the one that plays.
    fn make_room(&mut self) {
        let rank = |url: &&String| self.wish.iter().position(|wished| wished == *url);
        // One that was given up already will make room in a moment.
        if self.fetching_ahead().count() < self.running {
            return;
        }
        if let Some(url) = self.fetching_ahead().max_by_key(rank).cloned() {
            self.tried.remove(&url);
            self.remove(&url);
        }
    }

    fn drop_unwanted(&mut self) {
        let wanted = |url: &String| self.playing.as_ref() == Some(url) || self.wish.contains(url);
        let stale = self.entries.iter().filter(|(url, entry)| !entry.is_here() && !wanted(url));
        for url in stale.map(|(url, _)| url.clone()).collect::<Vec<_>>() {
            self.remove(&url);
        }
    }

    fn remove(&mut self, url: &str) {
        let Some(mut entry) = self.entries.remove(url) else { return };
        entry.take_beginning();
        if let State::Fetching(cancel) = entry.state {
            cancel.cancel();
        }
    }

    /// Throws out what was not used for longest, until the rest fits. What plays stays.
    fn evict(&mut self) {
        let here = |shelf: &Self| {
            shelf
                .entries
                .values()
                .filter(|e| e.is_here())
                .map(|e| e.bytes.len() as u64)
                .sum::<u64>()
        };
        while here(self) > self.source.most_in_memory() {
            let idle = self
                .entries
                .iter()
                .filter(|(url, e)| e.is_here() && self.playing.as_ref() != Some(*url));
            let Some(oldest) = idle.min_by_key(|(_, entry)| entry.used).map(|(url, _)| url.clone()) else {
                break;
            };
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver};

    use super::super::fetch::Limits;
    use super::*;

    /// A shelf that fetches nothing: what happens is said by the test.
    fn shelf() -> (tokio::runtime::Runtime, Shelf, Receiver<Message>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (messages, inbox) = mpsc::channel();
        let shelf = Shelf::new(Source::new(Limits::default(), None, true), runtime.handle().clone(), messages);
        (runtime, shelf, inbox)
    }

    #[test]
    fn what_is_whole_stays_also_when_the_next_one_plays_before_the_end_of_its_fetch_is_told() {
        let (_runtime, mut shelf, _inbox) = shelf();
        let (bytes, _) = shelf.play("a", Instant::now());
        let entry = shelf.entries.get_mut("a").unwrap();
        (entry.state, shelf.running) = (State::Fetching(CancellationToken::new()), 1);
        let id = entry.id;
        bytes.push(b"music");
        bytes.finish(End::Complete);
        shelf.play("b", Instant::now());
        shelf.ended(id);
        let (again, _) = shelf.play("a", Instant::now());
        assert!(Arc::ptr_eq(&bytes, &again), "it would be fetched again");
        assert!(matches!(shelf.entries["a"].state, State::Here));
        // What is not whole goes.
        assert!(!shelf.entries.contains_key("b"));
    }

    /// Half a second of nothing, then as much of a tone, as 16-bit mono.
    fn wav() -> Vec<u8> {
        let silence = std::iter::repeat_n(0_i16, 4_000);
        let tone = (0..4_000_i16).map(|n| if n % 20 < 10 { 8_000 } else { -8_000 });
        let samples: Vec<u8> = silence.chain(tone).flat_map(i16::to_le_bytes).collect();
        let size = samples.len() as u32;
        let mut out = b"RIFF".to_vec();
        out.extend((36 + size).to_le_bytes());
        out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\x10\0data");
        out.extend(size.to_le_bytes());
        out.extend(samples);
        out
    }

    #[test]
    fn a_beginning_that_was_decoded_ahead_is_there_for_who_plays_it_once() {
        let (_runtime, mut shelf, inbox) = shelf();
        shelf.wish(vec!["b".to_owned()]);
        let entry = shelf.entry("b");
        entry.bytes.push(&wav());
        entry.bytes.finish(End::Complete);
        entry.state = State::Here;
        shelf.prepare("b");
        let Message::Head { id, head } = inbox.recv().unwrap() else {
            panic!("another message");
        };
        shelf.begun(id, head);
        let (_, head) = shelf.play("b", Instant::now());
        let head = head.unwrap();
        assert_eq!(head.first, 4_000, "where the music is");
        assert!(head.samples[0].abs() > 0.1 && head.samples.len() >= 2 * 480);
        let (_, again) = shelf.play("b", Instant::now());
        assert!(again.is_none(), "its decoder went with the first");
    }
}
