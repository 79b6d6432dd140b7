//! Loudness of single granules, changed in the side information: nothing is decoded or encoded again.
//!
//! Every granule of a channel has a gain of eight bits, in steps of 1.5 dB. A fade that lowers it granule by granule (every
//! 12 to 13 ms) is smooth, since the windows of neighbouring granules overlap and cross-fade the steps; everything outside
//! of the fade stays bit for bit what it was.

use super::header::Header;

/// Bits of one granule and channel in MPEG 1, and in 2 and 2.5.
const GRANULE_BITS: [usize; 2] = [59, 63];
/// Where in them the gain is.
const GAIN_AT: usize = 21;
/// Below this, sound is gone: 90 dB down.
const SILENT: f64 = 3e-5;

/// Granules in a frame.
pub(super) fn granules(header: &Header) -> usize {
    if header.first_version { 2 } else { 1 }
}

/// Lowers the granules of a frame by these factors, 0 to 1.
pub(super) fn lower(frame: &mut [u8], header: &Header, factors: &[f64]) {
    let side_at = header.side_at();
    let Some(side) = frame.get_mut(side_at..side_at + header.side_info) else {
        return;
    };
    let channels = if header.mono { 1 } else { 2 };
    let (before, bits) = match (header.first_version, header.mono) {
        // Back pointer, private bits, and which scale factors are shared.
        (true, true) => (9 + 5 + 4, GRANULE_BITS[0]),
        (true, false) => (9 + 3 + 8, GRANULE_BITS[0]),
        (false, true) => (8 + 1, GRANULE_BITS[1]),
        (false, false) => (8 + 2, GRANULE_BITS[1]),
    };
    for (granule, factor) in factors.iter().enumerate().take(granules(header)) {
        if *factor >= 1.0 {
            continue;
        }
        let steps = (4.0 * factor.max(SILENT).log2()).round();
        for channel in 0..channels {
            let at = before + (granule * channels + channel) * bits + GAIN_AT;
            let gain = f64::from(read_byte(side, at)) + steps;
            write_byte(side, at, if *factor < SILENT { 0 } else { gain.max(0.0) as u8 });
        }
    }
    if header.checked {
        let crc = checksum(&[&frame[2..4], &frame[6..6 + header.side_info]].concat());
        frame[4..6].copy_from_slice(&crc.to_be_bytes());
    }
}

/// How many bytes of earlier frames a frame reaches back to.
pub(super) fn reaches_back(frame: &[u8], header: &Header) -> usize {
    let at = header.side_at();
    let [first, second] = [at, at + 1].map(|at| usize::from(frame.get(at).copied().unwrap_or_default()));
    if header.first_version { first << 1 | second >> 7 } else { first }
}

/// Eight bits from bit `at` on.
fn read_byte(bytes: &[u8], at: usize) -> u8 {
    let pair = u16::from_be_bytes([bytes[at / 8], bytes.get(at / 8 + 1).copied().unwrap_or_default()]);
    (pair >> (8 - at % 8)) as u8
}

fn write_byte(bytes: &mut [u8], at: usize, value: u8) {
    let (byte, shift) = (at / 8, 8 - at % 8);
    let mask = 0xFF_u16 << shift;
    let pair = u16::from_be_bytes([bytes[byte], bytes.get(byte + 1).copied().unwrap_or_default()]);
    let [a, b] = (pair & !mask | u16::from(value) << shift).to_be_bytes();
    bytes[byte] = a;
    if let Some(second) = bytes.get_mut(byte + 1) {
        *second = b;
    }
}

/// The checksum of a frame.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc: u16, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_anywhere() {
        for at in 0..16 {
            let mut bytes = [0xFF; 3];
            write_byte(&mut bytes, at, 0b1010_0101);
            assert_eq!(read_byte(&bytes, at), 0b1010_0101);
            write_byte(&mut bytes, at, 0xFF);
            assert_eq!(bytes, [0xFF; 3], "nothing beside it changed");
        }
    }

    #[test]
    fn a_granule_is_lowered_in_steps_and_no_further_than_silence() {
        for bytes in [
            [0xFF, 0xFB, 0x90, 0x64],
            [0xFF, 0xFB, 0x90, 0xC4],
            [0xFF, 0xF3, 0x84, 0x64],
            [0xFF, 0xFA, 0x90, 0x64],
        ] {
            let header = Header::parse(&bytes).unwrap();
            let mut frame = vec![0xFF; header.length];
            frame[..4].copy_from_slice(&bytes);
            let before = frame.clone();
            lower(&mut frame, &header, &[1.0, 1.0]);
            assert_eq!(frame[6..], before[6..]);
            lower(&mut frame, &header, &[0.5, 0.5]);
            let changed: u32 = frame[6..].iter().zip(&before[6..]).map(|(a, b)| (a ^ b).count_ones()).sum();
            let channels = if header.mono { 1 } else { 2 };
            // 255 − 4: one bit each.
            assert_eq!(changed as usize, channels * granules(&header));
            lower(&mut frame, &header, &[0.0, 0.0]);
            lower(&mut frame, &header, &[0.5, 0.5]);
            let zeros: u32 = frame[6..].iter().map(|byte| byte.count_zeros()).sum();
            assert_eq!(zeros as usize, 8 * channels * granules(&header));
        }
    }
}
