//! The four bytes that begin a frame.

/// A frame header of layer III.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    bytes: [u8; 4],
    /// Samples a second.
    pub rate: u32,
    /// Bytes of the whole frame, header included.
    pub length: usize,
    /// Samples of each channel.
    pub samples: usize,
    /// Bytes of the side information.
    pub side_info: usize,
    pub mono: bool,
    /// A checksum of two bytes stands before the side information.
    pub checked: bool,
    /// MPEG 1; otherwise 2 or 2.5, with half as many samples in a frame.
    pub first_version: bool,
}

const KBPS: [[usize; 14]; 2] = [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const RATES: [u32; 3] = [44_100, 48_000, 32_000];

impl Header {
    /// `None` where no frame of layer III begins. A frame of "free" bit rate is none either: it does not say how long it is.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
        let [a, b, c, d] = bytes;
        let version = (b >> 3) & 3;
        // The sync word, a version that exists, layer III, an emphasis that exists.
        if a != 0xFF || b & 0xE0 != 0xE0 || version == 1 || (b >> 1) & 3 != 1 || d & 3 == 2 {
            return None;
        }
        let first_version = version == 3;
        let index = usize::from(c >> 4).checked_sub(1)?;
        let kbps = *KBPS[usize::from(!first_version)].get(index)?;
        let rate = RATES.get(usize::from((c >> 2) & 3))? >> [2, 0, 1, 0][usize::from(version)];
        let samples = if first_version { 1152 } else { 576 };
        let mono = d >> 6 == 3;
        Some(Self {
            bytes,
            rate,
            length: samples / 8 * kbps * 1000 / rate as usize + usize::from((c >> 1) & 1),
            samples,
            side_info: match (first_version, mono) {
                (true, false) => 32,
                (true, true) | (false, false) => 17,
                (false, true) => 9,
            },
            mono,
            checked: b & 1 == 0,
            first_version,
        })
    }

    /// Whether this is a frame of "free" bit rate, which does not say how long it is.
    pub(super) fn is_free_rate(bytes: &[u8]) -> bool {
        let Some(&[a, b, c, d]) = bytes.first_chunk::<4>() else {
            return false;
        };
        // With another rate in its place it would be a frame.
        c >> 4 == 0 && Self::parse(&[a, b, c | 0x10, d]).is_some()
    }

    /// Frames of one stream agree in version, sample rate and number of channels.
    pub(super) fn fits(&self, other: &Self) -> bool {
        self.first_version == other.first_version && self.rate == other.rate && self.mono == other.mono
    }

    /// Where the side information begins in the frame.
    pub(super) fn side_at(&self) -> usize {
        if self.checked { 6 } else { 4 }
    }

    /// Bytes after the side information.
    pub(super) fn main_data(&self) -> usize {
        self.length.saturating_sub(self.side_at() + self.side_info)
    }

    /// The same kind of frame without checksum and padding, of the lowest bit rate that has `room` bytes after the side
    /// information, this one's own if it has them.
    pub(super) fn with_room(&self, room: usize) -> Option<Self> {
        let own = usize::from(self.bytes[2] >> 4);
        let candidates = std::iter::once(own).chain(1..=14).filter_map(|index| {
            let [a, b, c, d] = self.bytes;
            Self::parse(&[a, b | 1, (c & 0x0D) | (index as u8) << 4, d])
        });
        candidates.into_iter().find(|header| header.main_data() >= room)
    }

    pub(super) fn bytes(&self) -> [u8; 4] {
        self.bytes
    }

    /// Kilobits a second.
    pub(super) fn kbps(&self) -> usize {
        let index = usize::from(self.bytes[2] >> 4).saturating_sub(1);
        KBPS[usize::from(!self.first_version)].get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_as_long_as_the_standard_says() {
        for (bytes, rate, length, samples, side) in [
            ([0xFF, 0xFB, 0x90, 0x64], 44_100, 417, 1152, 32),
            ([0xFF, 0xFB, 0x92, 0x64], 44_100, 418, 1152, 32),
            ([0xFF, 0xFB, 0x94, 0xC4], 48_000, 384, 1152, 17),
            ([0xFF, 0xF3, 0x84, 0x64], 24_000, 192, 576, 17),
            ([0xFF, 0xE3, 0x18, 0xC4], 8_000, 72, 576, 9),
        ] {
            let header = Header::parse(&bytes).unwrap();
            assert_eq!(
                (header.rate, header.length, header.samples, header.side_info),
                (rate, length, samples, side)
            );
        }
        for no_frame in [
            [0xFF, 0xFB, 0xF0, 0x64],
            [0xFF, 0xFD, 0x90, 0x64],
            [0xFF, 0xFB, 0x9C, 0x64],
            [0x49, 0x44, 0x33, 4],
        ] {
            assert_eq!(Header::parse(&no_frame), None);
        }
        assert!(Header::is_free_rate(&[0xFF, 0xFB, 0x00, 0x64]) && !Header::is_free_rate(&[0xFF, 0xFB, 0x90, 0x64]));
    }

    #[test]
    fn room_for_a_whole_reservoir_is_found_at_every_rate() {
        for version in [0xFB, 0xF3, 0xE3] {
            for (rate, mode) in [(0, 0x00), (4, 0x00), (8, 0x00), (0, 0xC0), (4, 0xC0), (8, 0xC0)] {
                let header = Header::parse(&[0xFF, version, 0x10 | rate, mode]).unwrap();
                let most = if header.first_version { 511 } else { 255 };
                let roomy = header.with_room(most).unwrap();
                assert!(roomy.main_data() >= most && roomy.fits(&header));
            }
        }
    }
}
