//! Cutting a part out of a stream at any sample, without decoding or encoding anything.
//!
//! Frames are kept as they are, from a little before the part on: what a decoder needs to have its state right. The bytes
//! that the first kept frame borrows from frames before it (its bit reservoir) come along in a frame of silence. Which samples
//! are then the music is told in the header frame, so that the part is exact to the sample where a decoder reads that, and to
//! a few frames of lead where it does not.

use super::gain::{granules, lower, reaches_back};
use super::gapless::{DECODER_DELAY, header_frame};
use super::header::Header;
use super::stream::Stream;
use crate::clip::Fades;

/// Samples that a decoder gets wrong after a cold start: one granule of overlap, and the filter bank's memory.
const SETTLING: u64 = 576 + 480;
/// Samples from a granule's first output to the middle of its window.
const MIDDLE: f64 = 576.0 + 240.0;

impl Stream<'_> {
    /// Cuts `samples` of each channel from sample `from` of the music on; what lies beyond the end is left out.
    /// `None` when nothing is left.
    pub fn cut(&self, from: u64, samples: u64, fades: Fades) -> Option<Vec<u8>> {
        let per_frame = u64::from(self.frame_samples());
        // In samples of the decoder's output, which begins before the music does.
        let start = self.first + from;
        let end = (start + samples).min(self.last);
        let length = end.checked_sub(start).filter(|length| *length > 0)?;
        let first = (start.saturating_sub(SETTLING) / per_frame) as usize;
        let head = self.reservoir_frame(first)?;
        // The frame of silence comes before the first one.
        let delay = start + per_frame - first as u64 * per_frame - DECODER_DELAY;
        let count = (delay + DECODER_DELAY + length).div_ceil(per_frame);
        let padding = count * per_frame - delay - length;
        let last = (first + count as usize - 1).min(self.frames.len());
        let mut frames: Vec<Vec<u8>> = vec![head];
        for (number, frame) in self.frames.iter().enumerate().take(last).skip(first) {
            let mut bytes = self.bytes[frame.at..frame.at + frame.header.length].to_vec();
            let parts = granules(&frame.header);
            let factors: Vec<f64> = (0..parts)
                .map(|part| {
                    let middle = 576.0 * (number * parts + part) as f64 + MIDDLE - start as f64;
                    let rate = f64::from(self.rate());
                    fades.factor(middle / rate, length as f64 / rate)
                })
                .collect();
            lower(&mut bytes, &frame.header, &factors);
            frames.push(bytes);
        }
        let slices: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let mut file = header_frame(&self.frames[first.min(last)].header, &slices, delay as u32, padding as u32)?;
        file.extend(slices.concat());
        Some(file)
    }

    /// A frame that decodes to silence, and ends in the bytes that frame `first` borrows from before it.
    fn reservoir_frame(&self, first: usize) -> Option<Vec<u8>> {
        let next = self.frames.get(first)?;
        let needed = reaches_back(&self.bytes[next.at..], &next.header);
        let mut borrowed: Vec<u8> = Vec::with_capacity(needed);
        for frame in self.frames[..first].iter().rev() {
            let missing = needed - borrowed.len();
            if missing == 0 {
                break;
            }
            let end = frame.at + frame.header.length;
            let room = frame.header.main_data().min(missing);
            let mut longer = self.bytes[end - room..end].to_vec();
            longer.append(&mut borrowed);
            borrowed = longer;
        }
        let header: Header = next.header.with_room(needed)?;
        let mut bytes = vec![0; header.length];
        bytes[..4].copy_from_slice(&header.bytes());
        let at = bytes.len() - borrowed.len();
        bytes[at..].copy_from_slice(&borrowed);
        Some(bytes)
    }
}
