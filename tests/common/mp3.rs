//! Sound out of an MP3, by a decoder that knows nothing of ours.

// Each target uses its own part of this.
#![allow(dead_code)]

use std::io::Cursor;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::core::meta::MetadataOptions;

/// What is in an MP3.
pub struct Decoded {
    /// Samples a second of each channel.
    pub rate: u32,
    pub channels: usize,
    /// All channels, in turn.
    pub samples: Vec<f32>,
    /// Whether it came to its end without an error.
    pub whole: bool,
}

impl Decoded {
    /// Decodes it; every packet must be sound.
    pub fn of(mp3: Vec<u8>) -> Self {
        Self::read(Box::new(Cursor::new(mp3)))
    }

    /// The same from a source that cannot be sought in: of one that can, without a header frame, it would guess the length and stop there.
    pub fn of_unseekable(mp3: Vec<u8>) -> Self {
        Self::read(Box::new(ReadOnlySource::new(Cursor::new(mp3))))
    }

    fn read(source: Box<dyn MediaSource>) -> Self {
        let stream = MediaSourceStream::new(source, Default::default());
        let mut hint = Hint::new();
        hint.with_extension("mp3");
        let mut format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .unwrap();
        let track = format.default_track(TrackType::Audio).unwrap();
        let parameters = track.codec_params.as_ref().unwrap().audio().unwrap();
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .unwrap();
        let (mut samples, mut rate, mut channels) = (Vec::new(), 0, 0);
        let whole = loop {
            let packet = match format.next_packet() {
                Ok(Some(packet)) => packet,
                end => break end.is_ok(),
            };
            let audio = decoder.decode(&packet).unwrap();
            rate = audio.spec().rate();
            let count = audio.spec().channels().count();
            assert!(channels == 0 || channels == count, "{channels} channels, then {count}");
            channels = count;
            let from = samples.len();
            samples.resize(from + audio.samples_interleaved(), 0.0f32);
            audio.copy_to_slice_interleaved(&mut samples[from..]);
        };
        Self {
            rate,
            channels,
            samples,
            whole,
        }
    }

    /// The first channel.
    pub fn left(&self) -> Vec<f32> {
        self.samples.iter().copied().step_by(self.channels.max(1)).collect()
    }

    /// How long it is.
    pub fn seconds(&self) -> f64 {
        (self.samples.len() / self.channels.max(1)) as f64 / f64::from(self.rate)
    }
}
