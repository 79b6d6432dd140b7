//! MP3 of constant bit rate: 48 kHz at 128 kbit/s makes every frame exactly 384 bytes, so that lengths are known before
//! a sound is made.

use mp3lame_encoder::{Bitrate, Builder, Encoder, FlushGap, InterleavedPcm, Mode, Quality, VbrMode, max_required_buffer_size};

/// Samples a second and channel.
pub(super) const SAMPLE_RATE: u32 = 48_000;
/// Samples of one channel in a frame.
pub(super) const FRAME_SAMPLES: usize = 1152;
/// Bytes in a frame.
pub(super) const FRAME_BYTES: u64 = 384;

/// Frames that come nearest to a length in seconds.
pub(super) fn frames(seconds: f64) -> u64 {
    (seconds * f64::from(SAMPLE_RATE) / FRAME_SAMPLES as f64).round() as u64
}

/// An encoder of one file.
pub(super) struct Mp3(Encoder);

impl Mp3 {
    /// `None` when the encoder cannot be had.
    pub fn new() -> Option<Self> {
        let mut builder = Builder::new()?;
        builder.set_num_channels(2).ok()?;
        builder.set_sample_rate(SAMPLE_RATE).ok()?;
        builder.set_brate(Bitrate::Kbps128).ok()?;
        builder.set_mode(Mode::JointStereo).ok()?;
        builder.set_vbr_mode(VbrMode::Off).ok()?;
        builder.set_quality(Quality::Ok).ok()?;
        builder.set_to_write_vbr_tag(false).ok()?;
        builder.build().ok().map(Self)
    }

    /// Encodes stereo samples from −1 to 1, left and right in turn.
    pub fn encode(&mut self, samples: &[f32], out: &mut Vec<u8>) -> Option<()> {
        out.reserve(max_required_buffer_size(samples.len() / 2));
        self.0.encode_to_vec(InterleavedPcm(samples), out).ok().map(drop)
    }

    /// Gets out what the encoder still holds.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Option<()> {
        // What the encoder asks for at the end.
        out.reserve(7200);
        self.0.flush_to_vec::<FlushGap>(out).ok().map(drop)
    }
}
