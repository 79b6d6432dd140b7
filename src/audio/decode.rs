//! Bytes to samples: symphonia over a growing buffer, always as stereo, with exact places.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::{Error, SeekErrorKind};
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{TimeBase, Timestamp};

use super::buffer::{Growing, Interrupt, Reader};
use super::edit;
use super::sniff::{HEAD, Kind, sniff};
use crate::term::contain;

/// The sample rates that music comes in. Odd ones would overflow the output's rate conversion.
const RATES: [u32; 13] = [
    8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000,
];
/// A decoder needs the packets before a place to get that place right (MP3: bit reservoir and overlap).
const PREROLL_FRAMES: u64 = 2 * 1_152;
/// Damaged packets in a row before the rest is given up.
const MAX_DAMAGED: u32 = 100;
const UNPLAYABLE: &str = "the preview is damaged or not audio of a kind that can be played";

/// Why there is no next sample.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Halt {
    /// Something else is wanted; see [`Interrupt`].
    Interrupted,
    /// The bytes make no music, in a sentence.
    Unplayable(String),
}

/// Decodes one preview.
pub(super) struct Decoder {
    bytes: Arc<Growing>,
    interrupt: Arc<Interrupt>,
    open: Open,
    /// The decoder's frame that comes next; `None` takes it from the next packet.
    next_frame: Option<u64>,
    /// The decoder's frames before this one are dropped.
    skip_until: u64,
    damaged: u32,
    exhausted: bool,
}

/// What a (re)start from the first byte makes.
struct Open {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    seekable: Arc<AtomicBool>,
    track: u32,
    rate: u32,
    time_base: TimeBase,
    declared_frames: Option<u64>,
    /// The decoder's frames that are the music; the first of them is preview frame 0.
    music: Range<u64>,
}

impl Decoder {
    /// Opens a preview, waiting for as many bytes as that takes.
    pub(super) fn open(bytes: &Arc<Growing>, interrupt: &Arc<Interrupt>) -> Result<Self, Halt> {
        let open = guard(|| open(bytes, interrupt))?;
        Ok(Self {
            bytes: Arc::clone(bytes),
            interrupt: Arc::clone(interrupt),
            skip_until: open.music.start,
            open,
            next_frame: None,
            damaged: 0,
            exhausted: false,
        })
    }

    /// Frames a second.
    pub(super) fn rate(&self) -> u32 {
        self.open.rate
    }

    /// How many frames the header says there are.
    pub(super) fn declared_frames(&self) -> Option<u64> {
        let music = &self.open.music;
        let frames = self.open.declared_frames?.min(music.end).saturating_sub(music.start);
        Some(frames).filter(|&frames| frames > 0)
    }

    /// Replaces `out` by the next interleaved stereo samples and says which preview frame they begin with. `None` at the end.
    pub(super) fn next(&mut self, out: &mut Vec<f32>) -> Result<Option<(u64, usize)>, Halt> {
        guard(|| self.advance(out))
    }

    fn advance(&mut self, out: &mut Vec<f32>) -> Result<Option<(u64, usize)>, Halt> {
        while !self.exhausted {
            let packet = match self.open.format.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.open.track => packet,
                Ok(Some(_)) => continue,
                Err(_) if self.interrupt.raised() => return Err(Halt::Interrupted),
                Ok(None) | Err(Error::IoError(_)) => break,
                Err(error) => {
                    self.damage(&error)?;
                    continue;
                }
            };
            // A read that gave up on an interrupt can look like a clean packet or a clean end to a lenient demuxer.
            if self.interrupt.raised() {
                return Err(Halt::Interrupted);
            }
            let size = packet.data.len();
            let at = self.next_frame.unwrap_or_else(|| self.open.frame_of(packet.pts));
            match self.open.decoder.decode(&packet) {
                Ok(decoded) => {
                    if decoded.frames() > 0 && decoded.spec().rate() != self.open.rate {
                        return Err(Halt::Unplayable("the preview changes its sample rate midway".into()));
                    }
                    to_stereo(
                        decoded.spec().channels().count(),
                        |buffer| decoded.copy_to_vec_interleaved(buffer),
                        out,
                    );
                    self.damaged = 0;
                }
                Err(Error::ResetRequired) => {
                    self.open.decoder.reset();
                    continue;
                }
                Err(error) => {
                    self.damage(&error)?;
                    continue;
                }
            }
            let frames = (out.len() / 2) as u64;
            self.next_frame = Some(at + frames);
            let music = &self.open.music;
            if at >= music.end {
                break;
            }
            out.truncate((music.end - at).min(frames) as usize * 2);
            let drop = self.skip_until.saturating_sub(at).min(frames);
            out.drain(..(drop as usize * 2).min(out.len()));
            if !out.is_empty() {
                return Ok(Some((at + drop - music.start, size)));
            }
        }
        if self.interrupt.raised() {
            return Err(Halt::Interrupted);
        }
        out.clear();
        self.exhausted = true;
        Ok(None)
    }

    fn damage(&mut self, error: &Error) -> Result<(), Halt> {
        self.damaged += 1;
        tracing::trace!(%error, "a damaged packet");
        if self.damaged > MAX_DAMAGED {
            Err(Halt::Unplayable(UNPLAYABLE.into()))
        } else {
            Ok(())
        }
    }

    /// Goes to a preview frame, waiting for its bytes. Beyond the end, [`Self::next`] gives the end.
    pub(super) fn seek(&mut self, frame: u64) -> Result<(), Halt> {
        guard(|| self.jump(frame))
    }

    fn jump(&mut self, frame: u64) -> Result<(), Halt> {
        if self.bytes.is_complete() {
            self.open.seekable.store(true, Ordering::Relaxed);
        }
        let ended = self.exhausted;
        let frame = frame.saturating_add(self.open.music.start);
        (self.damaged, self.exhausted, self.skip_until) = (0, false, frame);
        // After the end some demuxers go anywhere and give nothing.
        if !ended && self.seek_format(frame)? {
            return Ok(());
        }
        // Not seekable yet, or not that way: from the first byte again, which is all here.
        self.open = open(&self.bytes, &self.interrupt)?;
        self.next_frame = None;
        if frame > PREROLL_FRAMES && !self.seek_format(frame)? {
            self.open = open(&self.bytes, &self.interrupt)?;
            self.next_frame = None;
        }
        Ok(())
    }

    /// Goes to a frame of the decoder's. True when the format can do it.
    fn seek_format(&mut self, frame: u64) -> Result<bool, Halt> {
        let ts = self.open.timestamp_of(frame.saturating_sub(PREROLL_FRAMES));
        let to = SeekTo::Timestamp {
            ts,
            track_id: self.open.track,
        };
        let sought = self.open.format.seek(SeekMode::Accurate, to);
        if self.interrupt.raised() {
            return Err(Halt::Interrupted);
        }
        match sought {
            Ok(_) => {
                self.open.decoder.reset();
                self.next_frame = None;
                Ok(true)
            }
            Err(Error::SeekError(SeekErrorKind::OutOfRange)) => {
                self.exhausted = true;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }
}

impl Open {
    fn frame_of(&self, ts: Timestamp) -> u64 {
        let ticks = ts.get().max(0) as u128;
        let frame = ticks * u128::from(self.time_base.numer.get()) * u128::from(self.rate) / u128::from(self.time_base.denom.get());
        u64::try_from(frame).unwrap_or(u64::MAX)
    }

    fn timestamp_of(&self, frame: u64) -> Timestamp {
        let per_tick = u128::from(self.time_base.numer.get()) * u128::from(self.rate);
        let ticks = u128::from(frame) * u128::from(self.time_base.denom.get()) / per_tick.max(1);
        Timestamp::new(i64::try_from(ticks).unwrap_or(i64::MAX))
    }
}

/// A decoder must not take the player down with it, whatever bytes a stranger sent.
fn guard<T>(work: impl FnOnce() -> Result<T, Halt>) -> Result<T, Halt> {
    contain(work).unwrap_or_else(|_| Err(Halt::Unplayable(UNPLAYABLE.into())))
}

fn open(bytes: &Arc<Growing>, interrupt: &Arc<Interrupt>) -> Result<Open, Halt> {
    let head = bytes.head(HEAD, interrupt);
    if interrupt.raised() {
        return Err(Halt::Interrupted);
    }
    let kind = match sniff(&head) {
        Ok(kind) => kind,
        Err(why) => {
            return Err(Halt::Unplayable(
                bytes.broken().filter(|_| head.is_empty()).unwrap_or_else(|| why.into()),
            ));
        }
    };
    // Not seekable at first, even when complete: some demuxers guess a length from a seekable source and cut the music there.
    match probe(bytes, interrupt, kind, false) {
        Ok(open) => Ok(open),
        // The index of an MP4 may be at its end.
        Err(_) if kind == Kind::Mp4 && bytes.wait_complete(interrupt) => probe(bytes, interrupt, kind, true),
        // What the fetch says is closer to the cause than that too little came.
        Err(Halt::Unplayable(why)) => Err(Halt::Unplayable(bytes.broken().unwrap_or(why))),
        Err(Halt::Interrupted) => Err(Halt::Interrupted),
    }
}

fn probe(bytes: &Arc<Growing>, interrupt: &Arc<Interrupt>, kind: Kind, seekable: bool) -> Result<Open, Halt> {
    let seekable = Arc::new(AtomicBool::new(seekable));
    let reader = Reader::new(Arc::clone(bytes), Arc::clone(interrupt), Arc::clone(&seekable));
    let stream = MediaSourceStream::new(Box::new(reader), symphonia::core::io::MediaSourceStreamOptions::default());
    let probed = symphonia::default::get_probe().probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default());
    if interrupt.raised() {
        return Err(Halt::Interrupted);
    }
    let unplayable = |_| Halt::Unplayable(UNPLAYABLE.into());
    let format = probed.map_err(unplayable)?;
    let track = format.default_track(TrackType::Audio);
    let track = track.ok_or_else(|| Halt::Unplayable("the preview holds no audio".into()))?;
    let params = track.codec_params.as_ref().and_then(|params| params.audio());
    let params = params.ok_or_else(|| Halt::Unplayable(UNPLAYABLE.into()))?;
    let rate = params.sample_rate.unwrap_or_default();
    if !RATES.contains(&rate) {
        return Err(Halt::Unplayable(format!(
            "the preview has a sample rate of {rate} Hz, which cannot be played"
        )));
    }
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map_err(unplayable)?;
    let time_base = track.time_base.or_else(|| TimeBase::try_from_recip(rate));
    let time_base = time_base.ok_or_else(|| Halt::Unplayable(UNPLAYABLE.into()))?;
    // What says so was read on the way here.
    let music = if kind == Kind::Mp4 {
        edit::music(&bytes.copy().map_err(Halt::Unplayable)?, rate)
    } else {
        0..u64::MAX
    };
    let (track, declared_frames) = (track.id, track.num_frames.filter(|&frames| frames > 0));
    Ok(Open {
        format,
        decoder,
        seekable,
        track,
        rate,
        time_base,
        declared_frames,
        music,
    })
}

/// One channel on both sides; of more than two, the others softly in the middle. No sample that could hurt.
fn to_stereo(channels: usize, copy: impl FnOnce(&mut Vec<f32>), out: &mut Vec<f32>) {
    out.clear();
    copy(out);
    match channels {
        0 => out.clear(),
        1 => {
            let mono = out.len();
            out.resize(mono * 2, 0.0);
            for at in (0..mono).rev() {
                out[at * 2 + 1] = out[at];
                out[at * 2] = out[at];
            }
        }
        2 => {}
        _ => {
            let frames = out.len() / channels;
            let scale = 1.0 / (1.0 + 0.5 * (channels - 2) as f32);
            for frame in 0..frames {
                let from = frame * channels;
                let middle: f32 = out[from + 2..from + channels].iter().map(|sample| sample * 0.5).sum();
                let (left, right) = (out[from], out[from + 1]);
                out[frame * 2] = (left + middle) * scale;
                out[frame * 2 + 1] = (right + middle) * scale;
            }
            out.truncate(frames * 2);
        }
    }
    for sample in out {
        *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_channels_becomes_two() {
        let cases: [(usize, &[f32], &[f32]); 3] = [
            (1, &[0.1, 0.2], &[0.1, 0.1, 0.2, 0.2]),
            (2, &[0.1, 2.0], &[0.1, 1.0]),
            (3, &[0.3, 0.6, 0.6, f32::NAN, 0.0, 0.6], &[0.4, 0.6, 0.0, 0.2]),
        ];
        for (channels, samples, stereo) in cases {
            let mut out = Vec::new();
            to_stereo(channels, |buffer| buffer.extend_from_slice(samples), &mut out);
            assert_eq!(out.len(), stereo.len());
            assert!(out.iter().zip(stereo).all(|(one, other)| (one - other).abs() < 1e-6), "{out:?}");
        }
    }
}
