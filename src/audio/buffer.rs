//! A preview's bytes while they arrive: written by the fetch, read by decoders that wait for what is missing.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use symphonia::core::io::MediaSource;
use tokio::sync::watch;

use super::pages::Pages;

/// How long a blocked read sleeps at most before it looks around. Whoever changes something wakes it at once.
const SHORT_WAIT: Duration = Duration::from_millis(100);

/// How much room a server's word is worth before its bytes are here.
const MOST_RESERVED: usize = 4 << 20;

/// How the bytes ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All of them are here.
    Complete,
    /// They came to an end, and nothing says whether it was the true one. Played as if it were.
    Unproven,
    /// Nothing, or nothing more, will come. What is here may be played.
    Broken(String),
}

#[derive(Default)]
struct State {
    bytes: Pages,
    expected: Option<u64>,
    end: Option<End>,
}

/// A buffer that grows until it ends.
#[derive(Default)]
pub(super) struct Growing {
    state: Mutex<State>,
    changed: Condvar,
    /// No more bytes than this are taken from the server for now.
    ceiling: watch::Sender<Option<u64>>,
}

impl State {
    fn is_complete(&self) -> bool {
        matches!(self.end, Some(End::Complete | End::Unproven))
    }
}

impl Growing {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how many bytes there will be in all.
    pub(super) fn expect(&self, total: u64) {
        let mut state = self.lock();
        state.expected = Some(total);
        // If that fails, so does what is written there.
        let _ = state.bytes.reserve(usize::try_from(total).unwrap_or(usize::MAX).min(MOST_RESERVED));
    }

    /// How many bytes there will be in all, as far as the server said.
    pub(super) fn expected(&self) -> Option<u64> {
        self.lock().expected
    }

    /// Adds these at the end; where there is no memory for them, that is how the bytes end.
    pub(super) fn push(&self, chunk: &[u8]) {
        let mut state = self.lock();
        // After a gap nothing fits any more.
        if state.end.is_none()
            && let Err(error) = state.bytes.push(chunk)
        {
            state.end = Some(End::Broken(no_memory(&error)));
        }
        drop(state);
        self.changed.notify_all();
    }

    /// These are all of them.
    pub(super) fn fill(&self, bytes: Pages) {
        let mut state = self.lock();
        state.expected = Some(bytes.len() as u64);
        state.bytes = bytes;
        drop(state);
        self.finish(End::Complete);
    }

    pub(super) fn finish(&self, end: End) {
        let mut state = self.lock();
        state.end.get_or_insert(end);
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().bytes.len()
    }

    /// Lets the fetch take so many bytes in all before it waits; `None`: as many as there are.
    pub(super) fn allow(&self, ceiling: Option<u64>) {
        self.ceiling.send_if_modified(|now| std::mem::replace(now, ceiling) != ceiling);
    }

    /// Waits until another byte may be taken from the server.
    pub(super) async fn room(&self) {
        // It cannot fail: the sender is here.
        let _ = self
            .ceiling
            .subscribe()
            .wait_for(|ceiling| ceiling.is_none_or(|most| (self.len() as u64) < most))
            .await;
    }

    /// The bytes that are here.
    ///
    /// # Errors
    /// Why there is no memory for them.
    pub(super) fn copy(&self) -> Result<Pages, String> {
        self.lock().bytes.copy().map_err(|error| no_memory(&error))
    }

    /// Nothing more will come.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().end.is_some()
    }

    /// All of them are here, as far as anybody can tell.
    pub(super) fn is_complete(&self) -> bool {
        self.lock().is_complete()
    }

    /// All of them are here, without a doubt.
    pub(super) fn is_proven(&self) -> bool {
        self.lock().end == Some(End::Complete)
    }

    /// How many bytes there are in all, as far as the server said or their end has shown.
    pub(super) fn size(&self) -> Option<u64> {
        let state = self.lock();
        state.expected.or_else(|| state.is_complete().then_some(state.bytes.len() as u64))
    }

    /// Why the bytes stopped, if they did not end well.
    pub(super) fn broken(&self) -> Option<String> {
        match &self.lock().end {
            Some(End::Broken(why)) => Some(why.clone()),
            _ => None,
        }
    }

    /// Lets blocked readers look at their [`Interrupt`] again.
    pub(super) fn wake(&self) {
        // Taking the lock orders this after a reader's check and before its wait.
        drop(self.lock());
        self.changed.notify_all();
    }

    /// The first `count` bytes, waiting for them; fewer at the end or when interrupted.
    pub(super) fn head(&self, count: usize, interrupt: &Interrupt) -> Vec<u8> {
        let state = self.wait(interrupt, |state| state.bytes.len() >= count);
        state.bytes.iter().copied().take(count).collect()
    }

    /// Waits for the last byte. False when interrupted or broken.
    pub(super) fn wait_complete(&self, interrupt: &Interrupt) -> bool {
        self.wait(interrupt, |_| false).is_complete()
    }

    fn wait(&self, interrupt: &Interrupt, enough: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        while state.end.is_none() && !enough(&state) && !interrupt.raised() {
            state = self
                .changed
                .wait_timeout(state, SHORT_WAIT)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state
    }
}

fn no_memory(error: &io::Error) -> String {
    format!("there is no memory left for the preview: {error}")
}

/// Ends a blocked read: raised while the number that is wanted differs from the one that is served.
#[derive(Default)]
pub(super) struct Interrupt {
    wanted: AtomicU64,
    served: AtomicU64,
}

impl Interrupt {
    /// The number that says "stop altogether".
    pub(super) const STOP: u64 = u64::MAX;

    /// Asks for another number; blocked reads end. Wake the buffer afterwards.
    pub(super) fn want(&self, number: u64) {
        self.wanted.store(number, Ordering::SeqCst);
    }

    /// The reader's side took up this number.
    pub(super) fn serve(&self, number: u64) {
        self.served.store(number, Ordering::SeqCst);
    }

    pub(super) fn raised(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) != self.served.load(Ordering::SeqCst)
    }

    pub(super) fn stopped(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) == Self::STOP
    }
}

/// Reads a [`Growing`] from the start, waiting for bytes that are not here yet.
pub(super) struct Reader {
    bytes: Arc<Growing>,
    position: u64,
    interrupt: Arc<Interrupt>,
    seekable: Arc<AtomicBool>,
}

impl Reader {
    /// `seekable` is what the source says of itself; it must stay false until the bytes are complete.
    pub(super) fn new(bytes: Arc<Growing>, interrupt: Arc<Interrupt>, seekable: Arc<AtomicBool>) -> Self {
        Self {
            bytes,
            position: 0,
            interrupt,
            seekable,
        }
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(self.position).unwrap_or(usize::MAX);
        let state = self.bytes.wait(&self.interrupt, |state| state.bytes.len() > from);
        let available = state.bytes.get(from..).unwrap_or_default();
        if available.is_empty() && state.end.is_none() && !out.is_empty() {
            // Not `Interrupted`: that kind would be read again at once.
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        drop(state);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) if self.bytes.is_complete() => (self.bytes.len() as u64).checked_add_signed(by),
            SeekFrom::End(_) => None,
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl MediaSource for Reader {
    fn is_seekable(&self) -> bool {
        self.seekable.load(Ordering::Relaxed)
    }

    fn byte_len(&self) -> Option<u64> {
        self.is_seekable().then(|| self.bytes.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    fn reader(bytes: &Arc<Growing>, interrupt: &Arc<Interrupt>) -> Reader {
        Reader::new(Arc::clone(bytes), Arc::clone(interrupt), Arc::default())
    }

    #[test]
    fn a_read_waits_for_bytes_and_ends_only_at_the_true_end() {
        let bytes = Arc::new(Growing::default());
        let mut source = reader(&bytes, &Arc::default());
        let (got, seen) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut chunk = [0; 8];
            loop {
                let count = source.read(&mut chunk).unwrap();
                got.send(chunk[..count].to_vec()).unwrap();
                if count == 0 {
                    break;
                }
            }
        });
        bytes.push(b"abc");
        assert_eq!(seen.recv().unwrap(), b"abc");
        assert!(seen.try_recv().is_err(), "no end of file while bytes may come");
        bytes.push(b"de");
        assert_eq!(seen.recv().unwrap(), b"de");
        bytes.finish(End::Complete);
        assert_eq!(seen.recv().unwrap(), b"");
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn beyond_the_ceiling_the_fetch_waits() {
        let bytes = Arc::new(Growing::default());
        bytes.room().await;
        bytes.push(b"abc");
        bytes.allow(Some(4));
        bytes.room().await;
        bytes.push(b"def");
        let waiting = tokio::spawn({
            let bytes = Arc::clone(&bytes);
            async move { bytes.room().await }
        });
        bytes.allow(Some(6));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        bytes.allow(None);
        waiting.await.unwrap();
    }

    #[test]
    fn what_comes_after_the_end_is_not_put_behind_it() {
        let bytes = Growing::default();
        bytes.push(b"abc");
        bytes.finish(End::Broken("a gap".into()));
        bytes.push(b"def");
        assert_eq!(*bytes.copy().unwrap(), *b"abc");
    }

    #[test]
    fn an_interrupt_ends_a_blocked_read() {
        let bytes = Arc::new(Growing::default());
        let interrupt = Arc::new(Interrupt::default());
        let mut source = reader(&bytes, &interrupt);
        let thread = thread::spawn(move || source.read(&mut [0; 4]).map_err(|error| error.kind()));
        interrupt.want(1);
        bytes.wake();
        assert_eq!(thread.join().unwrap(), Err(io::ErrorKind::ConnectionAborted));
    }
}
