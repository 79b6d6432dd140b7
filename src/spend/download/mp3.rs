//! Walking an MP3 from frame to frame to its end: is it one, is it whole, how long is it?

use std::io::{self, BufRead, BufReader, Read};

/// What a walk found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Walk {
    /// Frames to the end.
    Whole {
        /// Length of the music.
        seconds: f64,
    },
    /// The last frame breaks off.
    CutShort {
        /// Length of the music so far.
        seconds: f64,
    },
    /// No MPEG audio.
    NotMp3,
}

/// Two frames in a row are the least that nobody takes for chance.
const FEWEST_FRAMES: u64 = 2;
/// How far one looks for the next frame after damage, in bytes.
const MAX_GAP: usize = 64 << 10;

/// Walks a file from its start.
pub(super) fn walk(file: impl Read) -> io::Result<Walk> {
    let mut reader = BufReader::with_capacity(64 << 10, file);
    skip_id3v2(&mut reader)?;
    let (mut frames, mut samples, mut rate, mut gap) = (0u64, 0u64, 0u32, 0usize);
    let seconds = |samples: u64, rate: u32| if rate == 0 { 0.0 } else { samples as f64 / f64::from(rate) };
    loop {
        let head = peek(&mut reader, 4)?;
        if head.len() < 4 {
            // Fewer bytes than a header are padding, unless nothing was found at all.
            let found = frames >= FEWEST_FRAMES;
            return Ok(if found {
                Walk::Whole {
                    seconds: seconds(samples, rate),
                }
            } else {
                Walk::NotMp3
            });
        }
        let Some(frame) = Frame::read([head[0], head[1], head[2], head[3]]) else {
            if frames >= FEWEST_FRAMES && is_trailing_tag(&peek(&mut reader, 8)?) {
                return Ok(Walk::Whole {
                    seconds: seconds(samples, rate),
                });
            }
            gap += 1;
            if gap > MAX_GAP {
                let found = frames >= FEWEST_FRAMES;
                return Ok(if found {
                    Walk::CutShort {
                        seconds: seconds(samples, rate),
                    }
                } else {
                    Walk::NotMp3
                });
            }
            reader.consume(1);
            continue;
        };
        let body = take(&mut reader, frame.bytes)?;
        if body.len() < frame.bytes {
            return Ok(if frames >= FEWEST_FRAMES {
                Walk::CutShort {
                    seconds: seconds(samples, rate),
                }
            } else {
                Walk::NotMp3
            });
        }
        gap = 0;
        rate = frame.rate;
        if frames > 0 || !is_info_frame(&body) {
            samples += u64::from(frame.samples);
        }
        frames += 1;
    }
}

/// The header of a frame (ISO 11172-3, 13818-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    bytes: usize,
    samples: u32,
    rate: u32,
}

impl Frame {
    fn read(head: [u8; 4]) -> Option<Self> {
        const V1_L3: [u32; 15] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
        const V2_L3: [u32; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
        const V1_RATES: [u32; 3] = [44_100, 48_000, 32_000];
        if head[0] != 0xFF || head[1] & 0xE0 != 0xE0 {
            return None;
        }
        let (version, layer) = (head[1] >> 3 & 3, head[1] >> 1 & 3);
        // Version 1 is reserved, and only layer III (written as 1) is MP3.
        if version == 1 || layer != 1 {
            return None;
        }
        let (bitrate_index, rate_index) = (usize::from(head[2] >> 4), usize::from(head[2] >> 2 & 3));
        let first_version = version == 3;
        let kilobits = *(if first_version { V1_L3 } else { V2_L3 })
            .get(bitrate_index)
            .filter(|rate| **rate > 0)?;
        let rate = V1_RATES.get(rate_index)?
            >> (if first_version {
                0
            } else if version == 2 {
                1
            } else {
                2
            });
        let samples = if first_version { 1152 } else { 576 };
        let padding = u32::from(head[2] >> 1 & 1);
        let bytes = samples / 8 * kilobits * 1000 / rate + padding;
        Some(Self {
            bytes: bytes as usize,
            samples,
            rate,
        })
    }
}

/// The first frame may hold a table (Xing, Info, VBRI) instead of music.
fn is_info_frame(frame: &[u8]) -> bool {
    let start = &frame[..frame.len().min(64)];
    start.windows(4).any(|word| matches!(word, b"Xing" | b"Info" | b"VBRI"))
}

fn is_trailing_tag(head: &[u8]) -> bool {
    head.starts_with(b"TAG")
        || head.starts_with(b"APETAGEX")
        || head.starts_with(b"LYRICSBE")
        || head.starts_with(b"ID3")
        || head.iter().all(|byte| *byte == 0)
}

fn skip_id3v2(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let head = peek(reader, 10)?;
        if head.len() < 10 || !head.starts_with(b"ID3") {
            return Ok(());
        }
        let size = head[6..10].iter().fold(0u64, |size, byte| size << 7 | u64::from(byte & 0x7F));
        let footer = if head[5] & 0x10 != 0 { 10 } else { 0 };
        io::copy(&mut reader.take(10 + size + footer), &mut io::sink())?;
    }
}

/// The next bytes without taking them; fewer at the end.
fn peek(reader: &mut impl BufRead, count: usize) -> io::Result<Vec<u8>> {
    let buffered = reader.fill_buf()?;
    if buffered.len() >= count {
        return Ok(buffered[..count].to_vec());
    }
    // At the end of the buffer the rest has to be looked at in the next one; a reader of the whole file has no next one.
    Ok(buffered.to_vec())
}

fn take(reader: &mut impl BufRead, count: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(count);
    reader.take(count as u64).read_to_end(&mut body)?;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A silent frame of 128 kbit/s at 48 kHz: 384 bytes, 24 ms.
    fn frames(count: usize) -> Vec<u8> {
        let mut frame = vec![0; 384];
        frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x94, 0xC4]);
        frame.repeat(count)
    }

    fn walked(bytes: &[u8]) -> Walk {
        walk(bytes).unwrap()
    }

    #[test]
    fn frames_to_the_end_are_a_whole_track() {
        assert_eq!(walked(&frames(500)), Walk::Whole { seconds: 12.0 });
    }

    #[test]
    fn tags_on_both_ends_belong_to_it_and_are_no_music() {
        let mut bytes = b"ID3\x04\x00\x00\x00\x00\x02\x01".to_vec();
        bytes.extend([7; 257]);
        bytes.extend(frames(100));
        bytes.extend(b"TAG");
        bytes.extend([0; 125]);
        assert_eq!(walked(&bytes), Walk::Whole { seconds: 2.4 });
    }

    #[test]
    fn an_info_frame_is_no_music() {
        let mut bytes = frames(101);
        bytes[36..40].copy_from_slice(b"Info");
        assert_eq!(walked(&bytes), Walk::Whole { seconds: 2.4 });
    }

    #[test]
    fn a_track_that_breaks_off_is_cut_short() {
        let bytes = frames(100);
        for length in [384 * 50 + 5, 384 * 99 + 383, 384 * 2 + 100] {
            assert!(matches!(walked(&bytes[..length]), Walk::CutShort { .. }), "{length}");
        }
    }

    #[test]
    fn pages_text_and_noise_are_no_mp3() {
        let noise: Vec<u8> = (0u32..200_000)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 & 0x7F)
            .collect();
        for bytes in [&b""[..], b"<html>no</html>", b"{\"error\":\"x\"}", &noise, &frames(1)] {
            assert_eq!(walked(bytes), Walk::NotMp3);
        }
    }

    #[test]
    fn damage_in_the_middle_is_stepped_over() {
        let mut bytes = frames(50);
        bytes.extend([1; 700]);
        bytes.extend(frames(50));
        assert_eq!(walked(&bytes), Walk::Whole { seconds: 2.4 });
    }
}
