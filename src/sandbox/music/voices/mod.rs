//! What plays a note: synthesised tones, plucked strings, struck bars, drums and a voice.
//!
//! Every voice plays from its own beginning, a chunk at a time.

mod kit;
mod pluck;
mod singer;
mod struck;
mod tables;
mod tone;

use super::super::mp3::SAMPLE_RATE;
pub(super) use kit::Stroke;
pub(super) use pluck::Pluck;
pub(super) use singer::Register;
pub(super) use struck::Struck;
pub(super) use tables::Wave;
pub(super) use tone::Patch;

/// Samples that are played at a time; envelopes run straight between their ends.
pub(super) const CHUNK: usize = 64;
const RATE: f32 = SAMPLE_RATE as f32;

/// One note of one part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// The first sample.
    pub(super) start: i64,
    /// How many samples until it is let go.
    pub(super) held: i64,
    /// In semitones, 69 is 440 Hz; for a drum how far it is tuned away from its own pitch.
    pub(super) pitch: f32,
    pub(super) loudness: f32,
    /// Which of its shades: for a voice the syllable.
    pub(super) shade: u8,
}

/// What a part is played on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sound {
    Tone(&'static Patch),
    Pluck(&'static Pluck),
    Struck(&'static Struck),
    Drum(Stroke),
    Sung(Register),
}

/// A chunk of stereo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk {
    pub(super) left: [f32; CHUNK],
    pub(super) right: [f32; CHUNK],
}

impl Chunk {
    pub(super) const SILENT: Self = Self {
        left: [0.0; CHUNK],
        right: [0.0; CHUNK],
    };

    /// Both samples of each moment.
    pub(super) fn frames(&mut self) -> impl Iterator<Item = (&mut f32, &mut f32)> {
        self.left.iter_mut().zip(&mut self.right)
    }
}

/// A note that sounds.
#[derive(Debug)]
pub(super) struct Voice {
    note: Note,
    /// Samples of it that were played.
    at: i64,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Tone(tone::Tone),
    Pluck(pluck::String),
    Struck(struck::Bar),
    Drum(&'static [f32]),
    Sung(Box<singer::Singer>),
}

impl Voice {
    pub(super) fn new(sound: Sound, note: Note) -> Self {
        let kind = match sound {
            Sound::Tone(patch) => Kind::Tone(tone::Tone::new(patch, &note)),
            Sound::Pluck(pluck) => Kind::Pluck(pluck::String::new(pluck, &note)),
            Sound::Struck(struck) => Kind::Struck(struck::Bar::new(struck, &note)),
            Sound::Drum(stroke) => Kind::Drum(kit::sample(stroke)),
            Sound::Sung(register) => Kind::Sung(Box::new(singer::Singer::new(register, &note))),
        };
        Self { note, at: 0, kind }
    }

    /// Adds the rest of the chunk that begins at sample `from`. False when nothing comes after.
    pub(super) fn play(&mut self, from: i64, out: &mut Chunk) -> bool {
        let place = (self.note.start + self.at - from).clamp(0, CHUNK as i64) as usize;
        let count = (CHUNK - place) as i64;
        let (left, right) = (&mut out.left[place..], &mut out.right[place..]);
        let goes_on = match &mut self.kind {
            Kind::Tone(tone) => tone.play(&self.note, self.at, left, right),
            Kind::Pluck(string) => string.play(&self.note, self.at, left, right),
            Kind::Struck(bar) => bar.play(&self.note, self.at, left, right),
            Kind::Drum(sample) => drum(sample, &self.note, self.at, left, right),
            Kind::Sung(singer) => singer.play(&self.note, self.at, left, right),
        };
        self.at += count;
        goes_on
    }
}

/// The longest time in seconds that a sound goes on after it was let go.
pub(super) fn ring(sound: Sound) -> f32 {
    match sound {
        Sound::Tone(patch) => patch.release,
        Sound::Pluck(pluck) => pluck.release,
        Sound::Struck(struck) => struck.seconds,
        Sound::Drum(_) => kit::LONGEST,
        Sound::Sung(_) => singer::RELEASE,
    }
}

/// How many seconds of full loudness a note of so many seconds amounts to, by its power: enough to balance a mix.
pub(super) fn weight(sound: Sound, seconds: f32) -> f32 {
    match sound {
        Sound::Tone(patch) if patch.sustain == 0.0 => seconds.min(patch.decay * 0.45),
        Sound::Tone(patch) => seconds * patch.sustain.max(0.3).powi(2),
        Sound::Pluck(pluck) => seconds.min(pluck.decay * 0.14),
        Sound::Struck(_) => 0.2,
        Sound::Drum(stroke) => kit::weight(stroke),
        Sound::Sung(_) => seconds * 0.5,
    }
}

/// The frequency of a pitch in Hz.
fn frequency(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// A drum, faster or slower than it was made.
fn drum(sample: &[f32], note: &Note, at: i64, left: &mut [f32], right: &mut [f32]) -> bool {
    let rate = (note.pitch / 12.0).exp2();
    let mut place = at as f32 * rate;
    for (left, right) in left.iter_mut().zip(right) {
        let index = place as usize;
        let Some(pair) = sample.get(index..index + 2) else {
            return false;
        };
        let value = (pair[0] + (pair[1] - pair[0]) * (place - index as f32)) * note.loudness;
        *left += value;
        *right += value;
        place += rate;
    }
    true
}

/// A filter of second order in the form that may be changed while it runs (Zavalishin's).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filter {
    one: f32,
    two: f32,
    band_gain: f32,
    a1: f32,
    a2: f32,
    a3: f32,
}

impl Filter {
    /// `damping` is 1/Q: 1.4 has no resonance.
    pub(super) fn tune(&mut self, hertz: f32, damping: f32) {
        let g = (std::f32::consts::PI * hertz.clamp(20.0, RATE * 0.45) / RATE).tan();
        self.a1 = 1.0 / (1.0 + g * (g + damping));
        self.a2 = g * self.a1;
        self.a3 = g * self.a2;
        self.band_gain = damping;
    }

    /// The lows and the band of the next sample.
    #[inline]
    pub(super) fn next(&mut self, sample: f32) -> (f32, f32) {
        let rest = sample - self.two;
        let band = self.a1 * self.one + self.a2 * rest;
        let low = self.two + self.a2 * self.one + self.a3 * rest;
        self.one = 2.0 * band - self.one;
        self.two = 2.0 * low - self.two;
        (low, band * self.band_gain)
    }
}

/// Noise that is the same for the same seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise(u32);

impl Noise {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9) | 1)
    }

    fn of(note: &Note) -> Self {
        Self::new(note.start as u32 ^ note.pitch.to_bits())
    }

    /// From −1 to 1.
    #[inline]
    pub(super) fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as f32 / (1u32 << 23) as f32 - 1.0
    }
}
