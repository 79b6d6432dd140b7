//! How long a video or a voice recording is, read from the headers of its file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::mp3::Stream;
use crate::audio::atoms::{Atom, atom};

/// Boxes looked at before a file counts as nonsense.
const MOST_BOXES: usize = 10_000;
/// A longer one is not read as MP3.
const MOST_MP3_BYTES: u64 = 1 << 30;

/// Why a file has no length for us. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// It cannot be read.
    #[error("{0}: check the path")]
    Unreadable(io::Error),
    /// It ends too early.
    #[error("the file is cut short: {0}; copy or export it again, or type the length")]
    CutShort(&'static str),
    /// It does not tell.
    #[error("the file does not say how long it is (a recording that was not finished, perhaps): type the length")]
    Untold,
    /// It is of another kind.
    #[error("{0} cannot be measured: give an MP4, MOV, M4A, WAV or MP3 file, or type the length")]
    Foreign(&'static str),
}

impl From<io::Error> for MediaError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::CutShort("it ends in the middle of a header")
        } else {
            Self::Unreadable(error)
        }
    }
}

/// The length of an MP4, MOV, M4A, WAV or MP3 file in seconds. Waits for the disk; only headers are read, but for MP3.
///
/// # Errors
/// [`MediaError`].
pub fn media_seconds(path: &Path) -> Result<f64, MediaError> {
    let about = std::fs::metadata(path).map_err(MediaError::Unreadable)?;
    if let Some(other) = no_file(&about) {
        return Err(MediaError::Foreign(other));
    }
    let mut file = File::open(path).map_err(MediaError::Unreadable)?;
    seconds(&mut file)
}

/// What it is in place of a file, which must not be read: pipes and devices may have no end, or never begin.
pub(super) fn no_file(about: &std::fs::Metadata) -> Option<&'static str> {
    match (about.is_file(), about.is_dir()) {
        (true, _) => None,
        (_, true) => Some("a folder"),
        _ => Some("a pipe or a device"),
    }
}

/// As [`media_seconds`], of anything that can be read.
fn seconds(file: &mut (impl Read + Seek)) -> Result<f64, MediaError> {
    let end = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut head = Vec::new();
    file.take(16).read_to_end(&mut head)?;
    match &head[..] {
        [] => Err(MediaError::CutShort("it is empty")),
        [b'R', b'I', b'F', b'F' | b'X', _, _, _, _, b'W', b'A', b'V', b'E', ..]
        | [b'R', b'F', b'6', b'4', _, _, _, _, b'W', b'A', b'V', b'E', ..] => wav(file, end),
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..]
        | [_, _, _, _, b'f', b'r', b'e', b'e', ..] => mp4(file, end),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Err(MediaError::Foreign("a Matroska or WebM file")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'V', b'I', ..] => Err(MediaError::Foreign("an AVI file")),
        [b'O', b'g', b'g', b'S', ..] => Err(MediaError::Foreign("an Ogg file")),
        [b'f', b'L', b'a', b'C', ..] => Err(MediaError::Foreign("a FLAC file")),
        [0x47, ..] if head.len() >= 4 => Err(MediaError::Foreign("an MPEG transport stream, or a file of unknown kind,")),
        [0, 0, 1, 0xBA, ..] => Err(MediaError::Foreign("an MPEG programme stream")),
        _ => mp3(file, end),
    }
}

fn mp3(file: &mut (impl Read + Seek), end: u64) -> Result<f64, MediaError> {
    if end > MOST_MP3_BYTES {
        return Err(MediaError::Foreign("a file of this kind and size"));
    }
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Stream::parse(&bytes)
        .map(|stream| stream.seconds())
        .map_err(|_| MediaError::Foreign("a file of this kind"))
}

/// The sizes of the parts of a WAV file: the format says bytes a second, the data how many.
fn wav(file: &mut (impl Read + Seek), end: u64) -> Result<f64, MediaError> {
    let (mut bytes_a_second, mut long_data) = (None, None);
    let mut at = 12;
    for _ in 0..MOST_BOXES {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 8];
        if at + 8 > end {
            return Err(MediaError::CutShort("there is no sound in it"));
        }
        file.read_exact(&mut head)?;
        let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        match &head[..4] {
            b"ds64" => {
                let mut sizes = [0; 16];
                file.read_exact(&mut sizes)?;
                long_data = sizes.last_chunk().map(|size| u64::from_le_bytes(*size));
            }
            b"fmt " => {
                let mut format = [0; 16];
                file.read_exact(&mut format)?;
                bytes_a_second = Some(u32::from_le_bytes([format[8], format[9], format[10], format[11]])).filter(|rate| *rate > 0);
            }
            b"data" => {
                let rate = bytes_a_second.ok_or(MediaError::CutShort("the sound comes before its format"))?;
                let there = end - (at + 8);
                // Recorders that stream write no size, or the largest there is.
                let size = match size {
                    0xFFFF_FFFF => long_data.unwrap_or(there),
                    0 if there > 0 => there,
                    size => size,
                };
                if size > there {
                    return Err(MediaError::CutShort("its header promises more sound than there is"));
                }
                return told(size as f64 / f64::from(rate));
            }
            _ => {}
        }
        // Parts begin at even places.
        at = at.saturating_add(8).saturating_add(size).saturating_add(size % 2);
    }
    Err(MediaError::Untold)
}

/// The film's own header is in the box `moov`, which may come last.
fn mp4(file: &mut (impl Read + Seek), end: u64) -> Result<f64, MediaError> {
    let mut at = 0;
    for _ in 0..MOST_BOXES {
        let Some(found) = atom(file, at, end)? else { break };
        if found.to > end {
            return Err(MediaError::CutShort("a part of it is longer than the file"));
        }
        if &found.kind == b"moov" {
            return film(file, &found);
        }
        at = found.to;
    }
    Err(MediaError::CutShort("the part that says how long it is (moov) is missing"))
}

fn film(file: &mut (impl Read + Seek), moov: &Atom) -> Result<f64, MediaError> {
    let (mut scale, mut length) = (0, None);
    let mut at = moov.from;
    for _ in 0..MOST_BOXES {
        let Some(found) = atom(file, at, moov.to)? else { break };
        match &found.kind {
            b"mvhd" => {
                let (version, body) = full_box(file, &found)?;
                // Version 1 has times of eight bytes.
                let times = if version == 1 { 16 } else { 8 };
                scale = number(&body, times, 4)?;
                length = told_number(&body, times + 4, version)?;
            }
            // Of a film in fragments the length is here.
            b"mvex" => {
                let inner = atom(file, found.from, found.to)?.filter(|inner| &inner.kind == b"mehd");
                if let Some(inner) = inner.filter(|_| length.is_none()) {
                    let (version, body) = full_box(file, &inner)?;
                    length = told_number(&body, 0, version)?;
                }
            }
            _ => {}
        }
        at = found.to;
    }
    match length {
        Some(length) if scale > 0 => told(length as f64 / scale as f64),
        _ => Err(MediaError::Untold),
    }
}

/// Version and content of a box that has flags.
fn full_box(file: &mut (impl Read + Seek), found: &Atom) -> Result<(u8, Vec<u8>), MediaError> {
    file.seek(SeekFrom::Start(found.from))?;
    let mut body = Vec::new();
    file.take((found.to - found.from).min(128)).read_to_end(&mut body)?;
    let version = body.first().copied().unwrap_or_default();
    Ok((version, body.split_off(body.len().min(4))))
}

fn number(body: &[u8], at: usize, bytes: usize) -> Result<u64, MediaError> {
    let field = body
        .get(at..at + bytes)
        .ok_or(MediaError::CutShort("it ends in the middle of a header"))?;
    Ok(field.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A length; zero and all ones mean that nobody knows it.
fn told_number(body: &[u8], at: usize, version: u8) -> Result<Option<u64>, MediaError> {
    let bytes = if version == 1 { 8 } else { 4 };
    let unknown = if version == 1 { u64::MAX } else { u64::from(u32::MAX) };
    Ok(Some(number(body, at, bytes)?).filter(|length| *length > 0 && *length != unknown))
}

fn told(seconds: f64) -> Result<f64, MediaError> {
    if seconds > 0.0 { Ok(seconds) } else { Err(MediaError::Untold) }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, body].concat()
    }

    fn mvhd(version: u8, scale: u32, length: u64) -> Vec<u8> {
        let mut body = vec![version, 0, 0, 0];
        if version == 1 {
            body.extend([0; 16]);
            body.extend(scale.to_be_bytes());
            body.extend(length.to_be_bytes());
        } else {
            body.extend([0; 8]);
            body.extend(scale.to_be_bytes());
            body.extend((length as u32).to_be_bytes());
        }
        body.extend([0; 80]);
        boxed(*b"mvhd", &body)
    }

    fn film(parts: &[Vec<u8>]) -> Vec<u8> {
        [
            boxed(*b"ftyp", b"isom\0\0\0\0"),
            boxed(*b"mdat", &[7; 500]),
            boxed(*b"moov", &parts.concat()),
        ]
        .concat()
    }

    fn wave(rate: u32, told: u32, there: usize) -> Vec<u8> {
        let mut format = vec![1, 0, 1, 0];
        format.extend(48_000_u32.to_le_bytes());
        format.extend(rate.to_le_bytes());
        format.extend([2, 0, 16, 0]);
        let mut bytes = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        bytes.extend(format);
        bytes.extend(b"data");
        bytes.extend(told.to_le_bytes());
        bytes.extend(vec![0; there]);
        bytes
    }

    fn read(bytes: Vec<u8>) -> Result<f64, String> {
        seconds(&mut Cursor::new(bytes)).map_err(|error| error.to_string())
    }

    #[test]
    fn films_and_waves_say_how_long_they_are() {
        assert_eq!(read(film(&[mvhd(0, 600, 600 * 30)])), Ok(30.0));
        assert_eq!(read(film(&[mvhd(1, 90_000, 90_000 * 7200)])), Ok(7200.0));
        let mut fragment = vec![0; 4];
        fragment.extend(15_000_u32.to_be_bytes());
        let fragmented = film(&[mvhd(0, 1000, 0), boxed(*b"mvex", &boxed(*b"mehd", &fragment))]);
        assert_eq!(read(fragmented), Ok(15.0));
        let mut long = boxed(*b"ftyp", b"qt  ");
        let size = 16_u64 + 100;
        long.extend([0, 0, 0, 1]);
        long.extend(b"mdat");
        long.extend(size.to_be_bytes());
        long.extend([0; 100]);
        long.extend(boxed(*b"moov", &mvhd(0, 1, 12)));
        assert_eq!(read(long), Ok(12.0));
        assert_eq!(read(wave(96_000, 96_000, 96_000)), Ok(1.0));
        assert_eq!(read(wave(96_000, 0xFFFF_FFFF, 192_000)), Ok(2.0));
        assert_eq!(read(wave(96_000, 0, 48_000)), Ok(0.5));
    }

    #[test]
    fn torn_and_foreign_files_say_what_is_wrong_and_what_to_do() {
        let whole = film(&[mvhd(0, 600, 600 * 30)]);
        for length in 0..whole.len() {
            let error = read(whole[..length].to_vec()).unwrap_err();
            assert!(
                error.contains("cut short") || error.contains("cannot be measured"),
                "{length}: {error}"
            );
        }
        assert!(read(film(&[mvhd(0, 600, 0)])).unwrap_err().contains("type the length"));
        assert!(read(film(&[mvhd(0, 0, 600)])).unwrap_err().contains("type the length"));
        assert!(read(wave(96_000, 96_000, 1000)).unwrap_err().contains("promises more"));
        assert!(read(wave(0, 96_000, 96_000)).unwrap_err().contains("cut short"));
        for (bytes, says) in [
            (&b"\x1A\x45\xDF\xA3\x9F"[..], "Matroska"),
            (b"RIFF\0\0\0\0AVI LIST", "AVI"),
            (b"OggS\0\x02", "Ogg"),
            (b"hello, this is text", "cannot be measured"),
        ] {
            let error = read(bytes.to_vec()).unwrap_err();
            assert!(error.contains(says) && error.contains("type the length"), "{error}");
        }
        assert!(
            media_seconds(Path::new("/no/such/film.mp4"))
                .unwrap_err()
                .to_string()
                .contains("check the path")
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_even_opened() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [Path::new("/dev/null"), socket.as_path()] {
            let error = media_seconds(path).unwrap_err().to_string();
            assert!(error.contains("a pipe or a device") && error.contains("type the length"), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_in_a_file_does_harm(body in proptest::collection::vec(proptest::num::u8::ANY, 0..400), kind in 0..3) {
            let head: &[u8] = [&b"\0\0\0\x10ftypisom\0\0\0\0"[..], b"RIFF\0\0\0\0WAVE", b"\0\0\x01\0moov"][kind as usize];
            let _ = read([head, &body].concat());
        }
    }
}
