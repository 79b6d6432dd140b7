//! The header frame of Xing's and LAME's making: how many frames there are, and which samples are the encoder's own.

use super::header::Header;

/// Samples by which every decoder starts late. Delay and padding of LAME's header do not count them.
pub(super) const DECODER_DELAY: u64 = 529;

/// Bytes of the header frame after its side information.
const TAG_BYTES: usize = 156;
/// Of these, before LAME's extension.
const XING_BYTES: usize = 120;
/// Where in LAME's extension delay and padding are.
const TRIM_AT: usize = 21;
/// More than this is no delay and no padding.
const MOST_TRIM: usize = 4095;

/// What a header frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Info {
    /// Samples of the encoder's own at the beginning and at the end, if told.
    pub trim: Option<(u32, u32)>,
}

impl Info {
    /// Reads the frame at the head of `frame`. `None`: it is a frame with sound.
    pub(super) fn read(frame: &[u8], header: &Header) -> Option<Self> {
        if frame.get(36..40) == Some(b"VBRI") {
            return Some(Self { trim: None });
        }
        // Encoders leave out the checksum of this frame's place even where its header speaks of one.
        let tag = [4 + header.side_info, header.side_at() + header.side_info]
            .into_iter()
            .filter_map(|at| frame.get(at..header.length.min(frame.len())))
            .find(|tag| tag.starts_with(b"Xing") || tag.starts_with(b"Info"))?;
        let flags = *tag.get(7)?;
        let fields = [(1, 4), (2, 4), (4, 100), (8, 4)];
        let at = 8 + fields
            .iter()
            .filter(|(flag, _)| flags & flag != 0)
            .map(|(_, size)| size)
            .sum::<usize>();
        let trim = tag.get(at..at + TRIM_AT + 3).and_then(|lame| {
            let known = [&b"LAME"[..], b"Lavf", b"Lavc"].iter().any(|name| lame.starts_with(name));
            let [a, b, c] = [TRIM_AT, TRIM_AT + 1, TRIM_AT + 2].map(|at| u32::from(lame[at]));
            known.then_some((a << 4 | b >> 4, (b & 15) << 8 | c))
        });
        Some(Self { trim })
    }
}

/// Makes a header frame for `frames` (the bytes of each), of which `delay` samples at the beginning and `padding` at the end
/// are not music. `like` gives version, sample rate and channels.
pub(super) fn header_frame(like: &Header, frames: &[&[u8]], delay: u32, padding: u32) -> Option<Vec<u8>> {
    let header = like.with_room(TAG_BYTES)?;
    let mut frame = vec![0; header.length];
    frame[..4].copy_from_slice(&header.bytes());
    let tag = &mut frame[4 + header.side_info..];
    let steady = frames
        .iter()
        .all(|bytes| Header::parse(bytes).is_some_and(|h| h.kbps() == header.kbps()));
    tag[..4].copy_from_slice(if steady { b"Info" } else { b"Xing" });
    // Frames, bytes and a table of contents.
    tag[7] = 7;
    tag[8..12].copy_from_slice(&(frames.len() as u32).to_be_bytes());
    let total = header.length + frames.iter().map(|bytes| bytes.len()).sum::<usize>();
    tag[12..16].copy_from_slice(&(total as u32).to_be_bytes());
    let mut starts = Vec::with_capacity(frames.len());
    let mut at = header.length;
    for bytes in frames {
        starts.push(at);
        at += bytes.len();
    }
    for percent in 0..100 {
        let start = starts.get(percent * frames.len() / 100).copied().unwrap_or(header.length);
        tag[16 + percent] = (start * 256 / total).min(255) as u8;
    }
    // Decoders honour delay and padding only under a name they know.
    let lame = &mut tag[XING_BYTES - 4..];
    lame[..9].copy_from_slice(b"LAME3.100");
    let (delay, padding) = (delay.min(MOST_TRIM as u32), padding.min(MOST_TRIM as u32));
    lame[9] = if steady { 1 } else { 4 };
    lame[20] = header.kbps().min(255) as u8;
    lame[TRIM_AT] = (delay >> 4) as u8;
    lame[TRIM_AT + 1] = ((delay & 15) << 4 | padding >> 8) as u8;
    lame[TRIM_AT + 2] = padding as u8;
    lame[28..32].copy_from_slice(&(total as u32).to_be_bytes());
    let music = frames.iter().fold(0, |crc, bytes| checksum(bytes, crc));
    lame[32..34].copy_from_slice(&music.to_be_bytes());
    let crc_at = 4 + header.side_info + XING_BYTES - 4 + 34;
    let crc = checksum(&frame[..crc_at], 0);
    frame[crc_at..crc_at + 2].copy_from_slice(&crc.to_be_bytes());
    Some(frame)
}

/// CRC-16 as LAME's header uses it.
fn checksum(bytes: &[u8], crc: u16) -> u16 {
    bytes.iter().fold(crc, |crc, byte| {
        (0..8).fold(
            crc ^ u16::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xA001 } else { crc >> 1 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let like = Header::parse(&[0xFF, 0xFB, 0x90, 0x64]).unwrap();
        let sound = {
            let mut bytes = vec![0; like.length];
            bytes[..4].copy_from_slice(&like.bytes());
            bytes
        };
        let frames = vec![sound.as_slice(); 200];
        let frame = header_frame(&like, &frames, 1105, 2047).unwrap();
        let header = Header::parse(&frame).unwrap();
        assert_eq!(frame.len(), header.length);
        assert_eq!(Info::read(&frame, &header), Some(Info { trim: Some((1105, 2047)) }));
        assert_eq!(&frame[36..40], b"Info");
        assert_eq!(Info::read(&sound, &like), None);
        assert_eq!(checksum(b"123456789", 0), 0xBB3D, "the check value of CRC-16/ARC");
    }
}
