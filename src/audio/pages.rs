//! Memory for previews: pages of their own, which go back to the system as soon as they are dropped.
//!
//! On a heap the place of a dropped preview stays with the process, and seldom fits the next one: each thread has a heap of its own in glibc, and
//! previews come on several threads and in many sizes.

use std::io::{self, Write};
use std::ops::Deref;

use memmap2::MmapMut;

/// Bytes that are asked for at least, when nobody knows how many will come. Those that are never written to take no memory.
const LEAST: usize = 1 << 20;

/// Bytes that grow at their end.
#[derive(Default)]
pub(super) struct Pages {
    memory: Option<MmapMut>,
    len: usize,
}

impl Pages {
    /// Makes room for so many bytes in all.
    ///
    /// # Errors
    /// When the system has no memory left. What is here stays.
    pub(super) fn reserve(&mut self, total: usize) -> io::Result<()> {
        if total > self.room() {
            let mut larger = MmapMut::map_anon(total)?;
            larger[..self.len].copy_from_slice(self);
            self.memory = Some(larger);
        }
        Ok(())
    }

    /// Adds these at the end.
    ///
    /// # Errors
    /// When the system has no memory left. What is here stays.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let total = self.len + bytes.len();
        if total > self.room() {
            self.reserve(total.max(2 * self.room()).max(LEAST))?;
        }
        if let Some(memory) = &mut self.memory {
            memory[self.len..total].copy_from_slice(bytes);
            self.len = total;
        }
        Ok(())
    }

    /// The same bytes once more.
    ///
    /// # Errors
    /// When the system has no memory left.
    pub(super) fn copy(&self) -> io::Result<Self> {
        let mut copy = Self::default();
        copy.reserve(self.len)?;
        copy.push(self)?;
        Ok(copy)
    }

    /// How many bytes there is room for in all.
    fn room(&self) -> usize {
        self.memory.as_ref().map_or(0, |memory| memory.len())
    }
}

impl Deref for Pages {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.memory.as_ref().map_or(&[], |memory| &memory[..self.len])
    }
}

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_in_order_however_they_come_and_grow() {
        let mut pages = Pages::default();
        assert!(pages.is_empty());
        pages.push(b"").unwrap();
        pages.reserve(0).unwrap();
        let piece: Vec<u8> = (0..=250).collect();
        let pieces = 4 * LEAST / piece.len();
        for _ in 0..pieces {
            pages.push(&piece).unwrap();
        }
        assert_eq!(*pages, piece.repeat(pieces));
        let copy = pages.copy().unwrap();
        assert_eq!(*copy, *pages);
        assert_eq!(copy.room(), pages.len(), "a copy takes what it needs");
    }

    #[test]
    fn what_there_is_no_memory_for_is_an_error_and_loses_nothing() {
        let mut pages = Pages::default();
        pages.push(b"music").unwrap();
        pages.reserve(isize::MAX as usize).unwrap_err();
        pages.push(b", more").unwrap();
        assert_eq!(&*pages, b"music, more");
    }
}
