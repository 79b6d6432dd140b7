//! Walks the frames of an MP3 file to its end, to know that it is whole and how long it plays.
//!
//! Only headers are read; nothing is decoded and no more than one buffer is held.

use std::io::{self, BufReader, Read, Seek};

use crate::clip::mp3;

/// How far to look for the next frame after something that is none, in bytes.
const SEARCH: u64 = 1 << 20;
/// Samples by which a decoder of the LAME kind starts late.
const DECODER_DELAY: u64 = 529;

/// What the walk found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::spend) struct Walk {
    /// Frames with sound.
    pub frames: u64,
    /// Playing time, without the encoder's own padding where the file names it.
    pub seconds: f64,
    /// Bytes that the last frame lacks; 0 when it is whole.
    pub cut: u64,
    /// Bytes that are neither frames nor tags.
    pub junk: u64,
    /// Frames with sound that the file's own header promises.
    pub promised: Option<u64>,
}

/// A frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Header {
    first_version: bool,
    rate: u32,
    length: u64,
    samples: u64,
    side_info: u64,
}

impl Header {
    fn parse(bytes: [u8; 4]) -> Option<Self> {
        let header = mp3::Header::parse(&bytes)?;
        Some(Self {
            first_version: header.first_version,
            rate: header.rate,
            length: header.length as u64,
            samples: header.samples as u64,
            side_info: header.side_info as u64,
        })
    }

    /// Frames of one stream agree in version and sample rate.
    fn fits(&self, other: &Self) -> bool {
        self.first_version == other.first_version && self.rate == other.rate
    }
}

struct Walker<R: Read + Seek> {
    reader: BufReader<R>,
    at: u64,
    end: u64,
}

/// Walks a file of `length` bytes. `None`: there is no MP3 frame in it.
pub(in crate::spend) fn walk<R: Read + Seek>(reader: R, length: u64) -> io::Result<Option<Walk>> {
    let mut walker = Walker {
        reader: BufReader::with_capacity(64 << 10, reader),
        at: 0,
        end: length,
    };
    walker.go(0)?;
    walker.frames()
}

impl<R: Read + Seek> Walker<R> {
    fn frames(&mut self) -> io::Result<Option<Walk>> {
        self.skip_tags()?;
        let before = self.at;
        let Some(first) = self.find(None)? else { return Ok(None) };
        let mut walk = Walk {
            frames: 0,
            seconds: 0.0,
            cut: 0,
            junk: self.at - before,
            promised: None,
        };
        let mut trimmed = 0;
        if let Some((promised, trim)) = self.info(&first)? {
            (walk.promised, trimmed) = (promised, trim);
            self.go((self.at + first.length).min(self.end))?;
        }
        while self.at < self.end {
            match self.header()? {
                Some(header) if header.fits(&first) => {
                    if self.at + header.length > self.end {
                        walk.cut = self.at + header.length - self.end;
                        break;
                    }
                    walk.frames += 1;
                    self.go(self.at + header.length)?;
                }
                _ => {
                    if self.skip_tags()? {
                        continue;
                    }
                    let lost = self.at;
                    if self.find(Some(&first))?.is_none() {
                        walk.junk += self.end - lost;
                        break;
                    }
                    walk.junk += self.at - lost;
                }
            }
        }
        let samples = (walk.frames * first.samples).saturating_sub(trimmed);
        walk.seconds = samples as f64 / f64::from(first.rate);
        Ok((walk.frames > 0).then_some(walk))
    }

    fn go(&mut self, to: u64) -> io::Result<()> {
        let current = self.reader.stream_position()?;
        let offset = i64::try_from(to).unwrap_or(i64::MAX) - i64::try_from(current).unwrap_or(i64::MAX);
        self.reader.seek_relative(offset)?;
        self.at = to;
        Ok(())
    }

    /// Reads `N` bytes from `at + skip` on and goes back; `None` past the end.
    fn peek<const N: usize>(&mut self, skip: u64) -> io::Result<Option<[u8; N]>> {
        let from = self.at;
        if from + skip + N as u64 > self.end {
            return Ok(None);
        }
        self.go(from + skip)?;
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes)?;
        self.go(from)?;
        Ok(Some(bytes))
    }

    fn header(&mut self) -> io::Result<Option<Header>> {
        Ok(self.peek(0)?.and_then(Header::parse))
    }

    /// Goes to the next frame that another one (or the end, or a tag) follows.
    fn find(&mut self, like: Option<&Header>) -> io::Result<Option<Header>> {
        let from = self.at;
        for at in from..self.end.min(from + SEARCH) {
            self.go(at)?;
            let header = self.header()?.filter(|header| like.is_none_or(|like| like.fits(header)));
            if let Some(header) = header
                && self.followed(&header)?
            {
                return Ok(Some(header));
            }
        }
        self.go(from)?;
        Ok(None)
    }

    fn followed(&mut self, header: &Header) -> io::Result<bool> {
        if self.at + header.length >= self.end {
            // The last one: believed if it is whole.
            return Ok(self.at + header.length == self.end);
        }
        let next = self.peek::<4>(header.length)?;
        Ok(next.is_none_or(|next| {
            Header::parse(next).is_some_and(|next| next.fits(header))
                || next.starts_with(b"TAG")
                || &next == b"APET"
                || next.starts_with(b"ID3")
        }))
    }

    /// Skips the tags that start here: `ID3v2`, `ID3v1`, APE, Lyrics3, and zeros up to the end. Whether there were any.
    fn skip_tags(&mut self) -> io::Result<bool> {
        let start = self.at;
        loop {
            let here = self.at;
            if let Some(head) = self.peek::<10>(0)?
                && head.starts_with(b"ID3")
                && head[6..].iter().all(|byte| byte & 0x80 == 0)
            {
                let size = head[6..].iter().fold(0, |size, byte| size << 7 | u64::from(*byte));
                let footer = if head[5] & 0x10 == 0 { 0 } else { 10 };
                self.go((here + 10 + size + footer).min(self.end))?;
            } else if let Some(head) = self.peek::<32>(0)?
                && head.starts_with(b"APETAGEX")
            {
                // The size counts items and footer; a header comes on top.
                let size = u64::from(u32::from_le_bytes([head[12], head[13], head[14], head[15]]));
                let is_header = head[23] & 0x20 != 0;
                self.go((here + if is_header { 32 + size } else { 32 }).min(self.end))?;
            } else if self.end - here == 128 && self.peek::<3>(0)?.as_ref() == Some(b"TAG") {
                self.go(self.end)?;
            } else if self.end - here >= 11 && self.peek::<11>(0)?.as_ref() == Some(b"LYRICSBEGIN") {
                self.skip_lyrics()?;
            } else if !self.only_zeros()? {
                return Ok(self.at > start);
            }
            if self.at == here || self.at >= self.end {
                return Ok(self.at > start);
            }
        }
    }

    /// Lyrics3 tells its size at its end only, which is the end of the file or an `ID3v1` tag.
    fn skip_lyrics(&mut self) -> io::Result<()> {
        let from = self.at;
        for end in [self.end, self.end.saturating_sub(128)] {
            if end >= from + 20
                && self
                    .peek::<9>(end - 9 - from)?
                    .is_some_and(|tail| &tail == b"LYRICS200" || &tail == b"LYRICSEND")
            {
                return self.go(end);
            }
        }
        Ok(())
    }

    /// Goes to the end if only zeros are left.
    fn only_zeros(&mut self) -> io::Result<bool> {
        let from = self.at;
        if self.peek::<1>(0)? != Some([0]) {
            return Ok(false);
        }
        let mut rest = (&mut self.reader).take(self.end - from);
        let mut buffer = [0; 4096];
        loop {
            let read = rest.read(&mut buffer)?;
            if read == 0 {
                self.go(self.end)?;
                return Ok(true);
            }
            if buffer[..read].iter().any(|byte| *byte != 0) {
                self.go(from)?;
                return Ok(false);
            }
        }
    }

    /// Reads a Xing, Info or VBRI header: the frames it promises, and how many samples are the encoder's own.
    fn info(&mut self, first: &Header) -> io::Result<Option<(Option<u64>, u64)>> {
        let big_endian = |bytes: [u8; 4]| u64::from(u32::from_be_bytes(bytes));
        if self.peek::<4>(36)?.as_ref() == Some(b"VBRI") {
            return Ok(Some((self.peek(36 + 14)?.map(big_endian), 0)));
        }
        let at = 4 + first.side_info;
        if !matches!(self.peek::<4>(at)?.as_ref(), Some(b"Xing" | b"Info")) {
            return Ok(None);
        }
        let flags = self.peek(at + 4)?.map_or(0, big_endian);
        let mut next = at + 8;
        let mut promised = None;
        if flags & 1 != 0 {
            promised = self.peek(next)?.map(big_endian);
            next += 4;
        }
        next += if flags & 2 == 0 { 0 } else { 4 } + if flags & 4 == 0 { 0 } else { 100 } + if flags & 8 == 0 { 0 } else { 4 };
        let encoder = self.peek::<4>(next)?;
        let delays = self.peek::<3>(next + 21)?;
        let trimmed = match (encoder, delays) {
            (Some(name), Some([a, b, c])) if name.starts_with(b"LAME") || name.starts_with(b"Lav") => {
                let delay = u64::from(a) << 4 | u64::from(b >> 4);
                let padding = u64::from(b & 15) << 8 | u64::from(c);
                // What is larger than a few frames is no padding.
                if delay + padding <= 4 * first.samples + DECODER_DELAY {
                    delay + padding
                } else {
                    0
                }
            }
            _ => 0,
        };
        Ok(Some((promised, trimmed)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    /// MPEG-1 layer III, 128 kbit/s, 44.1 kHz.
    fn frame() -> Vec<u8> {
        let mut frame = vec![0; 417];
        frame[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x00]);
        frame
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            8 => Just(frame()),
            1 => (1..417_usize).prop_map(|length| frame()[..length].to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..60),
            1 => (any::<[u8; 7]>(), 0..40_usize).prop_map(|(head, length)| [b"ID3".as_slice(), &head, &vec![0; length]].concat()),
            1 => any::<[u8; 24]>().prop_map(|rest| [b"APETAGEX".as_slice(), &rest].concat()),
            1 => Just([b"TAG".as_slice(), &[0; 125]].concat()),
            1 => any::<[u8; 40]>().prop_map(|rest| [&frame()[..36], b"Info", &rest].concat()),
        ]
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_walked_to_their_end(pieces in prop::collection::vec(piece(), 0..30)) {
            let bytes = pieces.concat();
            if let Some(walk) = walk(Cursor::new(&bytes), bytes.len() as u64).unwrap() {
                prop_assert!(walk.seconds.is_finite() && walk.seconds >= 0.0, "{walk:?}");
                prop_assert!(walk.junk <= bytes.len() as u64, "{walk:?} of {} bytes", bytes.len());
            }
        }

        #[test]
        fn whole_frames_are_counted_and_a_cut_is_told_to_the_byte(frames in 2..40_u64, cut in 0..417_u64) {
            let mut bytes = frame().repeat(frames as usize);
            bytes.truncate(bytes.len() - cut as usize);
            let walk = walk(Cursor::new(&bytes), bytes.len() as u64).unwrap().unwrap();
            // Of a frame of which less than a header is left, nothing tells what it was.
            if cut <= 413 {
                prop_assert_eq!(walk.cut, cut);
            }
            prop_assert!(walk.frames == frames || (cut > 0 && walk.frames == frames - 1), "{walk:?}");
        }
    }
}
