//! Decoding on a thread of its own, as fast as bytes arrive and ahead of what is heard.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::buffer::{Arrival, Buffer, Reader};
use super::pcm::{Pcm, Writer};
use super::waveform::Meter;

/// Below this a frame counts as silence: −60 dBFS.
const AUDIBLE: f32 = 0.001;
/// Leading silence longer than this is meant, in seconds.
const MAX_SILENCE: u64 = 10;
/// How often the waveform is handed over while it grows, in columns (a quarter of a second).
const WAVEFORM_STEP: usize = 5;
/// What is looked at to tell music from a web page, in bytes.
const SNIFF: usize = 16;

/// Starts decoding. It ends by itself, at the latest soon after `unwanted` is set.
pub(super) fn start(buffer: Arc<Buffer>, pcm: Arc<Pcm>, unwanted: Arc<AtomicBool>) {
    let target = pcm.clone();
    let spawned = thread::Builder::new().name("decode".into()).spawn(move || {
        let mut writer = Writer::new(pcm);
        let failure = decode(&buffer, &mut writer, &unwanted).err();
        writer.end(failure);
    });
    if let Err(error) = spawned {
        Writer::new(target).end(Some(format!("the decoder cannot be started: {error}")));
    }
}

/// Decodes all of it. `Err` says why it ends before its end, in words for the user.
fn decode(buffer: &Arc<Buffer>, writer: &mut Writer, unwanted: &Arc<AtomicBool>) -> Result<(), String> {
    let Some(head) = buffer.first_bytes(SNIFF, unwanted) else {
        return Ok(());
    };
    refuse_text(&head, buffer)?;
    let (mut format, track, mut decoder) = open(buffer, unwanted)?;
    let mut state = Decoded {
        buffer: buffer.clone(),
        meter: None,
        first_sound: false,
        bytes: 0,
    };
    loop {
        if unwanted.load(Ordering::Relaxed) {
            return Ok(());
        }
        match format.next_packet() {
            Ok(Some(packet)) if packet.track_id != track => {}
            Ok(Some(packet)) => match decoder.decode(&packet) {
                Ok(audio) => {
                    let spec = audio.spec().clone();
                    let mut samples = vec![0.0f32; audio.samples_interleaved()];
                    audio.copy_to_slice_interleaved(&mut samples);
                    state.bytes += packet.data.len() as u64;
                    if !state.take(&samples, spec.channels().count(), spec.rate(), writer) {
                        return Err("the preview is longer than ten minutes; the rest is left out".into());
                    }
                }
                // A frame that is damaged is left out; the next one may be whole.
                Err(Error::DecodeError(_)) => {}
                Err(error) => return Err(format!("the preview is damaged ({error})")),
            },
            Ok(None) => break,
            Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(Error::DecodeError(_)) => {}
            Err(Error::ResetRequired) => break,
            Err(_) if unwanted.load(Ordering::Relaxed) => return Ok(()),
            Err(error) => return Err(format!("the preview is damaged ({error})")),
        }
    }
    if let Some(meter) = &state.meter {
        writer.set_waveform(meter.waveform(true));
    }
    match buffer.arrival() {
        Arrival::Broken(reason) if writer.written() == 0 => Err(reason),
        Arrival::Broken(reason) => Err(format!("the preview stops here: {reason}")),
        _ if writer.written() == 0 => Err("the preview has no music in it".into()),
        _ => Ok(()),
    }
}

type Opened = (Box<dyn FormatReader>, u32, Box<dyn AudioDecoder>);

/// Finds the format. Some files say what they are only at their end, so a second look is taken once everything is here.
fn open(buffer: &Arc<Buffer>, unwanted: &Arc<AtomicBool>) -> Result<Opened, String> {
    let reader = Reader::new(buffer.clone(), unwanted.clone());
    let was_whole = reader.seekable();
    match probe(reader) {
        Ok(opened) => Ok(opened),
        Err(_) if !was_whole && buffer.wait_for_end(unwanted) && buffer.arrival() == Arrival::Complete => {
            probe(Reader::new(buffer.clone(), unwanted.clone()))
        }
        Err(reason) => match buffer.arrival() {
            Arrival::Broken(why) => Err(why),
            _ => Err(reason),
        },
    }
}

fn probe(reader: Reader) -> Result<Opened, String> {
    let stream = MediaSourceStream::new(Box::new(reader), Default::default());
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|_| "the preview is not music in a format that can be played".to_owned())?;
    let track = format.default_track(TrackType::Audio).ok_or("the preview has no sound in it")?;
    let parameters = track
        .codec_params
        .as_ref()
        .and_then(|parameters| parameters.audio())
        .ok_or("the preview has no sound in it")?;
    let decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|error| format!("the preview cannot be decoded ({error})"))?;
    let id = track.id;
    Ok((format, id, decoder))
}

/// A web page or a JSON answer says so in its first character.
fn refuse_text(head: &[u8], buffer: &Buffer) -> Result<(), String> {
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    match (first, buffer.arrival()) {
        (None, Arrival::Broken(reason)) => Err(reason),
        (None, _) => Err("the preview is empty".into()),
        (Some(b'<'), _) => Err("the preview is a web page, not music".into()),
        (Some(b'{' | b'['), _) => Err("the preview is a text answer, not music".into()),
        _ => Ok(()),
    }
}

/// What has to be known from one packet to the next.
struct Decoded {
    buffer: Arc<Buffer>,
    meter: Option<Meter>,
    first_sound: bool,
    /// Bytes of the packets decoded so far.
    bytes: u64,
}

impl Decoded {
    /// Takes in interleaved samples; `false` when no more are kept.
    fn take(&mut self, samples: &[f32], channels: usize, rate: u32, writer: &mut Writer) -> bool {
        if channels == 0 || rate == 0 {
            return true;
        }
        let meter = self.meter.get_or_insert_with(|| {
            writer.set_rate(rate);
            Meter::new(rate)
        });
        let before = meter.columns() / WAVEFORM_STEP;
        for frame in samples.chunks_exact(channels) {
            let left = frame[0].clamp(-1.0, 1.0);
            let right = frame.get(1).map_or(left, |right| right.clamp(-1.0, 1.0));
            meter.push(left, right);
            if !self.first_sound && (left.abs() > AUDIBLE || right.abs() > AUDIBLE || writer.written() > MAX_SILENCE * u64::from(rate)) {
                self.first_sound = true;
                let long = writer.written() > MAX_SILENCE * u64::from(rate);
                writer.set_first_sound(if long { 0 } else { writer.written() });
            }
            if !writer.push([to_i16(left), to_i16(right)]) {
                return false;
            }
        }
        if meter.columns() / WAVEFORM_STEP > before {
            writer.set_waveform(meter.waveform(false));
            self.estimate(writer);
        }
        true
    }

    /// How long the whole will be, if its bytes go on to hold as much music as those so far.
    fn estimate(&self, writer: &mut Writer) {
        if let Some(whole) = self.buffer.whole_length().filter(|_| self.bytes > 0) {
            writer.set_estimate((writer.written() as f64 * whole as f64 / self.bytes as f64) as u64);
        }
    }
}

fn to_i16(sample: f32) -> i16 {
    (sample * 32767.0).round() as i16
}
