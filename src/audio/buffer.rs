//! The bytes of a preview while they arrive.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use symphonia::core::io::MediaSource;

/// How long a reader waits before it looks again whether anybody still wants it.
const SHORT_WAIT: Duration = Duration::from_millis(50);

/// How far the bytes have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arrival {
    /// More are on their way.
    Going,
    /// All are here.
    Complete,
    /// No more will come; why, in words for the user.
    Broken(String),
}

#[derive(Debug)]
struct Inner {
    bytes: Vec<u8>,
    arrival: Arrival,
    announced: Option<u64>,
}

/// Bytes that grow at the end: the fetch task writes, decoders read.
#[derive(Debug)]
pub(super) struct Buffer {
    inner: Mutex<Inner>,
    grown: Condvar,
}

impl Buffer {
    pub(super) fn new() -> Self {
        Self {
            inner: Mutex::new(Inner {
                bytes: Vec::new(),
                arrival: Arrival::Going,
                announced: None,
            }),
            grown: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Bytes are never left half written, so a panic elsewhere spoils nothing here.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The length that the server announced, in bytes.
    pub(super) fn announce(&self, length: Option<u64>) {
        self.lock().announced = length;
    }

    pub(super) fn push(&self, bytes: &[u8]) {
        self.lock().bytes.extend_from_slice(bytes);
        self.grown.notify_all();
    }

    pub(super) fn finish(&self, arrival: Arrival) {
        self.lock().arrival = arrival;
        self.grown.notify_all();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().bytes.len()
    }

    pub(super) fn arrival(&self) -> Arrival {
        self.lock().arrival.clone()
    }

    /// The length of the whole: known once complete, else as the server announced it.
    pub(super) fn whole_length(&self) -> Option<u64> {
        let inner = self.lock();
        if inner.arrival == Arrival::Complete {
            Some(inner.bytes.len() as u64)
        } else {
            inner.announced
        }
    }

    /// Waits until `count` bytes are here or no more will come, and gives the first ones. `None` when nobody wants them any more.
    pub(super) fn first_bytes(&self, count: usize, unwanted: &AtomicBool) -> Option<Vec<u8>> {
        let mut inner = self.lock();
        while inner.bytes.len() < count && inner.arrival == Arrival::Going {
            if unwanted.load(Ordering::Relaxed) {
                return None;
            }
            inner = self.grown.wait_timeout(inner, SHORT_WAIT).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(inner.bytes[..inner.bytes.len().min(count)].to_vec())
    }

    /// Waits until no more bytes will come; `false` when nobody wants them any more.
    pub(super) fn wait_for_end(&self, unwanted: &AtomicBool) -> bool {
        let mut inner = self.lock();
        while inner.arrival == Arrival::Going {
            if unwanted.load(Ordering::Relaxed) {
                return false;
            }
            inner = self.grown.wait_timeout(inner, SHORT_WAIT).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// A reader for the decoder. It waits for bytes that are still to come and ends only at the true end.
///
/// It can be sought in only once everything is here: a decoder looks for trailing tags of a source that it can seek in,
/// and would wait for the whole download.
pub(super) struct Reader {
    buffer: Arc<Buffer>,
    unwanted: Arc<AtomicBool>,
    at: u64,
    seekable: bool,
}

impl Reader {
    pub(super) fn new(buffer: Arc<Buffer>, unwanted: Arc<AtomicBool>) -> Self {
        let seekable = buffer.arrival() == Arrival::Complete;
        Self {
            buffer,
            unwanted,
            at: 0,
            seekable,
        }
    }

    pub(super) fn seekable(&self) -> bool {
        self.seekable
    }
}

impl Read for Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut inner = self.buffer.lock();
        loop {
            let start = (self.at as usize).min(inner.bytes.len());
            let ready = (inner.bytes.len() - start).min(out.len());
            if ready > 0 || out.is_empty() {
                out[..ready].copy_from_slice(&inner.bytes[start..start + ready]);
                self.at += ready as u64;
                return Ok(ready);
            }
            if inner.arrival != Arrival::Going {
                return Ok(0);
            }
            if self.unwanted.load(Ordering::Relaxed) {
                return Err(io::Error::other("not wanted any more"));
            }
            inner = self
                .buffer
                .grown
                .wait_timeout(inner, SHORT_WAIT)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.buffer.len() as u64;
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "before the start"))?;
        Ok(self.at)
    }
}

impl MediaSource for Reader {
    fn is_seekable(&self) -> bool {
        self.seekable
    }

    fn byte_len(&self) -> Option<u64> {
        self.buffer.whole_length()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_waits_for_bytes_and_ends_at_the_true_end() {
        let buffer = Arc::new(Buffer::new());
        buffer.push(b"abc");
        let mut reader = Reader::new(buffer.clone(), Arc::default());
        let writer = std::thread::spawn(move || {
            buffer.push(b"def");
            buffer.finish(Arrival::Complete);
        });
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        writer.join().unwrap();
        assert_eq!(all, b"abcdef");
        assert!(!reader.is_seekable(), "it was growing when it was opened");
    }

    #[test]
    fn a_reader_that_nobody_wants_stops_waiting() {
        let unwanted = Arc::new(AtomicBool::new(true));
        let mut reader = Reader::new(Arc::new(Buffer::new()), unwanted);
        assert!(reader.read(&mut [0; 4]).is_err());
    }
}
