//! The frames of a file, and how much of what they decode to is music.

use super::gapless::{DECODER_DELAY, Info};
use super::header::Header;

/// How far to look for the first frame, or for the next one after something that is none, in bytes.
const SEARCH: usize = 1 << 20;

/// Why a file cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No frame of layer III is in it; what it looks like instead.
    #[error("this is {0}, not an MP3: only MP3 files are cut, without re-encoding them")]
    NotMp3(&'static str),
    /// Its frames do not say how long they are.
    #[error("this MP3 has a “free” bit rate, whose frames do not say how long they are: it cannot be cut")]
    FreeRate,
}

/// A frame with sound.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub at: usize,
    pub header: Header,
}

/// An MP3 file in memory, its tags left aside.
#[derive(Debug)]
pub struct Stream<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) frames: Vec<Frame>,
    /// The first sample of the music among those that decode.
    pub(super) first: u64,
    /// One past the last sample of the music.
    pub(super) last: u64,
}

impl<'a> Stream<'a> {
    /// Finds the frames. Tags of any size, junk between frames, and a last frame that is cut short are passed over.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut at = after_tags(bytes);
        let start = find(bytes, at, None).ok_or_else(|| why_none(bytes, at))?;
        at = start;
        let first = Header::parse(&bytes[at..]).ok_or(Unreadable::NotMp3("data of an unknown kind"))?;
        let info = Info::read(&bytes[at..], &first);
        if info.is_some() {
            at += first.length;
        }
        let mut frames = Vec::with_capacity((bytes.len() - start) / first.length + 1);
        while let Some(rest) = bytes.get(at..).filter(|rest| rest.len() >= 4) {
            match Header::parse(rest).filter(|header| header.fits(&first)) {
                Some(header) if header.length > rest.len() => break,
                Some(header) => {
                    frames.push(Frame { at, header });
                    at += header.length;
                }
                None => match find(bytes, at + 1, Some(&first)) {
                    Some(next) => at = next,
                    None => break,
                },
            }
        }
        if frames.is_empty() {
            return Err(Unreadable::NotMp3("an MP3 header without any sound behind it"));
        }
        let total = (frames.len() * first.samples) as u64;
        let trim = info.and_then(|info| info.trim);
        let (start, end) = trim.map_or((0, total), |(delay, padding)| {
            (
                u64::from(delay) + DECODER_DELAY,
                (total + DECODER_DELAY).saturating_sub(padding.into()).min(total),
            )
        });
        Ok(Self {
            bytes,
            frames,
            first: start.min(end),
            last: end,
        })
    }

    /// Samples of music, of each channel.
    pub fn samples(&self) -> u64 {
        self.last - self.first
    }

    /// Samples a second.
    pub fn rate(&self) -> u32 {
        self.frames[0].header.rate
    }

    /// Length of the music in seconds.
    pub fn seconds(&self) -> f64 {
        self.samples() as f64 / f64::from(self.rate())
    }

    /// Samples in a frame: 1152, or 576 at low sample rates.
    pub fn frame_samples(&self) -> u32 {
        self.frames[0].header.samples as u32
    }
}

/// Where the bytes begin that are no `ID3v2` tag.
fn after_tags(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + 10)
        && head.starts_with(b"ID3")
        && head[6..].iter().all(|byte| byte & 0x80 == 0)
    {
        let size = head[6..].iter().fold(0, |size, byte| size << 7 | usize::from(*byte));
        at += 10 + size + if head[5] & 0x10 == 0 { 0 } else { 10 };
    }
    at.min(bytes.len())
}

/// The next frame that another one (or a tag, or the end) follows.
fn find(bytes: &[u8], from: usize, like: Option<&Header>) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let end = rest.len().min(SEARCH);
    (0..end).filter(|at| rest[*at] == 0xFF).find_map(|at| {
        let header = Header::parse(&rest[at..]).filter(|header| like.is_none_or(|like| like.fits(header)))?;
        let next = rest.get(at + header.length..)?;
        let followed = next.is_empty()
            || Header::parse(next).is_some_and(|next| next.fits(&header))
            || [&b"TAG"[..], b"APETAGEX", b"ID3", b"LYRICSBEGIN"]
                .iter()
                .any(|tag| next.starts_with(tag));
        followed.then_some(from + at)
    })
}

fn why_none(bytes: &[u8], at: usize) -> Unreadable {
    let rest = &bytes[at..];
    let free = (0..rest.len().min(4096)).any(|at| Header::is_free_rate(&rest[at..]));
    let named = match bytes {
        [] => "an empty file",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "a WAV file",
        [b'O', b'g', b'g', b'S', ..] => "an Ogg file",
        [b'f', b'L', b'a', b'C', ..] => "a FLAC file",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "an MP4 or M4A file",
        [b'<', ..] => "a web page",
        [b'{' | b'[', ..] => "a JSON document",
        [b'I', b'D', b'3', ..] => "a tag without any sound behind it",
        _ if free => return Unreadable::FreeRate,
        _ => "data of an unknown kind",
    };
    Unreadable::NotMp3(named)
}
