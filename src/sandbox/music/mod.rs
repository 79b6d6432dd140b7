//! How a track sounds. Everything follows from the track's own fields, so that genre, tempo, key, mood, energy, instruments and
//! vocals can be heard.
//!
//! | you look for | it is in |
//! |---|---|
//! | intro, verse, build, drop | `arrangement` |
//! | what a genre plays like | `style` |
//! | keys, chords, voicings | `harmony` |
//! | what is played | `drums`, `bass`, `chords`, `melody`, from the `sheet` they share |
//! | who plays | `band` |
//! | how it sounds | `voices` |
//! | how it is mixed | `mix` |

mod arrangement;
mod band;
mod bass;
mod chords;
mod drums;
mod harmony;
mod melody;
mod mix;
mod sheet;
mod style;
mod voices;

use super::catalogue::{Energy, Track};
use super::mp3::SAMPLE_RATE;
use arrangement::Arrangement;
use mix::{Echo, Insert, Lane, Limiter, Room, Strip, Sums};
use sheet::Sheet;
use voices::{CHUNK, Chunk, Note, Sound, Voice};

/// Seconds that are played unheard before a player begins, so that what rings on from before is there.
const LEAD: f64 = 0.8;
/// Seconds in which the kick's push is two thirds gone.
const PUSH: f32 = 0.11;
/// How loud everything is but the moment of the drop: 2 dB less.
const RIDE: f64 = 0.79;
/// Seconds of fading at the very end.
const FADE: f64 = 1.2;

/// What one instrument plays.
struct Part {
    sound: Sound,
    strip: Strip,
    /// Whether it pushes the others down.
    kick: bool,
    /// By start.
    notes: Vec<Note>,
}

impl Part {
    /// The mean power of what it plays from one sample to another, estimated from its notes.
    fn power(&self, from: i64, to: i64) -> f32 {
        let notes = self.notes.iter().filter(|note| (from..to).contains(&note.start));
        let sounding: f32 = notes
            .map(|note| note.loudness.powi(2) * voices::weight(self.sound, note.held as f32 / SAMPLE_RATE as f32))
            .sum();
        let power = sounding * SAMPLE_RATE as f32 / (to - from) as f32;
        // An amplifier gives no more than it can.
        let power = match self.strip.insert {
            Insert::Amplifier(drive) => (power * drive * drive).min(0.3),
            _ => power,
        };
        power * self.strip.gain.powi(2) * (1.0 + self.strip.room)
    }
}

/// A track, ready to be played.
pub(super) struct Performance {
    arrangement: Arrangement,
    parts: Vec<Part>,
    /// Starts of the kicks that push the others down.
    kicks: Vec<i64>,
    gain: f32,
    room: f32,
    echo_seconds: f64,
}

impl Performance {
    /// Writes the notes of a track. They depend on nothing but the track.
    pub fn new(track: &Track) -> Self {
        let arrangement = Arrangement::of(track);
        let sheet = Sheet::of(track, &arrangement);
        let mut parts = band::parts(&sheet);
        parts.retain(|part| !part.notes.is_empty());
        for part in &mut parts {
            part.notes.sort_by_key(|note| note.start);
        }
        let mut kicks: Vec<i64> = parts
            .iter()
            .filter(|part| part.kick)
            .flat_map(|part| part.notes.iter().map(|note| note.start))
            .collect();
        kicks.sort_unstable();
        // Mastered: how loud the drop is follows from the energy alone, however many play.
        let target = match track.energy {
            Energy::Low => 0.13,
            Energy::Medium => 0.175,
            Energy::High => 0.22,
        };
        let drop = samples(arrangement.drop_seconds());
        let phrase = samples(arrangement.bar_seconds() * 4.0);
        let power: f32 = parts.iter().map(|part| part.power(drop, drop + phrase)).sum();
        let gain = target / power.sqrt().max(1e-3);
        let room = sheet.style.room.0;
        // Dotted eighths.
        let echo_seconds = sheet.beat() * 0.75;
        Self {
            arrangement,
            parts,
            kicks,
            gain,
            room,
            echo_seconds,
        }
    }

    /// Where the drop is, in seconds: the dominant energy peak.
    pub fn drop_seconds(&self) -> f64 {
        self.arrangement.drop_seconds()
    }

    /// Length of a phrase of four bars, in seconds.
    pub fn phrase_seconds(&self) -> f64 {
        self.arrangement.bar_seconds() * 4.0
    }

    /// Length of the whole, in seconds.
    pub fn seconds(&self) -> f64 {
        self.arrangement.seconds()
    }

    /// How much goes on from one second to another, 0 to 1: the mean intensity of the bars.
    pub fn intensity(&self, from: f64, to: f64) -> f64 {
        self.arrangement.mean_intensity(from, to)
    }

    /// Plays from a sample on.
    pub fn player(&self, from: i64) -> Player<'_> {
        Player::new(self, from)
    }
}

/// One part while it is played.
struct Playing<'a> {
    part: &'a Part,
    lane: Lane,
    next: usize,
    voices: Vec<Voice>,
}

/// A performance that is being played.
pub(super) struct Player<'a> {
    performance: &'a Performance,
    playing: Vec<Playing<'a>>,
    room: Room,
    echo: Echo,
    limiter: Limiter,
    /// The next chunk's first sample.
    at: i64,
    ready: Chunk,
    /// Samples of `ready` that were given away.
    taken: usize,
}

impl<'a> Player<'a> {
    fn new(performance: &'a Performance, from: i64) -> Self {
        // Chunks begin at the same samples wherever one listens from.
        let chunk = CHUNK as i64;
        let first = (from - samples(LEAD)).div_euclid(chunk) * chunk;
        let playing = performance
            .parts
            .iter()
            .map(|part| {
                let mut playing = Playing {
                    part,
                    lane: Lane::new(part.strip),
                    next: part.notes.partition_point(|note| note.start < first),
                    voices: Vec::new(),
                };
                playing.catch_up(first);
                playing
            })
            .collect();
        let mut player = Self {
            performance,
            playing,
            room: Room::new(performance.room, 0.25),
            echo: Echo::new(performance.echo_seconds),
            limiter: Limiter::new(),
            at: first,
            ready: Chunk::SILENT,
            taken: 0,
        };
        // The limiter is a chunk behind.
        let wanted = from.div_euclid(chunk) * chunk;
        player.make();
        while player.at - 2 * chunk < wanted {
            player.make();
        }
        player.taken = (from - wanted) as usize;
        player
    }

    /// The next stereo samples, left and right in turn.
    pub fn fill(&mut self, out: &mut [f32]) {
        for frame in out.chunks_exact_mut(2) {
            if self.taken == CHUNK {
                self.make();
                self.taken = 0;
            }
            (frame[0], frame[1]) = (self.ready.left[self.taken], self.ready.right[self.taken]);
            self.taken += 1;
        }
    }

    /// Plays a chunk.
    fn make(&mut self) {
        let from = self.at;
        let mut sums = Sums::SILENT;
        let pushed = (self.performance.push(from), self.performance.push(from + CHUNK as i64));
        for playing in &mut self.playing {
            if playing.begin(from) {
                let mut chunk = Chunk::SILENT;
                playing.voices.retain_mut(|voice| voice.play(from, &mut chunk));
                playing.lane.mix(&mut chunk, from, pushed, &mut sums);
            }
        }
        self.echo.answer(&sums.echo, &mut sums.dry);
        self.room.answer(&sums.room, &mut sums.dry);
        let end = samples(self.performance.seconds());
        let ride = self.performance.ride(from);
        for (number, (left, right)) in sums.dry.frames().enumerate() {
            let rest = (end - from - number as i64) as f32 / samples(FADE) as f32;
            let gain = self.performance.gain * ride * rest.clamp(0.0, 1.0);
            *left *= gain;
            *right *= gain;
        }
        self.ready = self.limiter.pass(sums.dry);
        self.at += CHUNK as i64;
    }
}

impl Playing<'_> {
    /// Begins what begins in a chunk; false when nothing sounds.
    fn begin(&mut self, from: i64) -> bool {
        while let Some(note) = self.part.notes.get(self.next).filter(|note| note.start < from + CHUNK as i64) {
            self.voices.push(Voice::new(self.part.sound, *note));
            self.next += 1;
        }
        !self.voices.is_empty()
    }

    /// Plays unheard what began before and may still sound.
    fn catch_up(&mut self, from: i64) {
        let ring = samples(f64::from(voices::ring(self.part.sound)));
        for note in &self.part.notes[..self.next] {
            if note.start + note.held + ring <= from {
                continue;
            }
            let mut voice = Voice::new(self.part.sound, *note);
            let mut at = note.start.div_euclid(CHUNK as i64) * CHUNK as i64;
            let (mut sounds, mut unheard) = (true, Chunk::SILENT);
            while sounds && at < from {
                sounds = voice.play(at, &mut unheard);
                at += CHUNK as i64;
            }
            if sounds {
                self.voices.push(voice);
            }
        }
    }
}

impl Performance {
    /// The hand on the fader: up for the drop, then slowly down again.
    fn ride(&self, at: i64) -> f32 {
        let since = at as f64 / f64::from(SAMPLE_RATE) - self.arrangement.drop_seconds();
        let up = (since / 0.02 + 1.0).clamp(0.0, 1.0) * (1.0 - (since - 0.55) / 0.9).clamp(0.0, 1.0);
        (RIDE + (1.0 - RIDE) * up) as f32
    }

    /// How hard the last kick pushes the others down, 0 to 1.
    fn push(&self, at: i64) -> f32 {
        let next = self.kicks.partition_point(|kick| *kick <= at);
        next.checked_sub(1).map_or(0.0, |last| {
            let since = (at - self.kicks[last]) as f32 / SAMPLE_RATE as f32;
            (since / 0.004).min(1.0) * (-since / PUSH).exp()
        })
    }
}

/// Seconds as samples.
fn samples(seconds: f64) -> i64 {
    (seconds * f64::from(SAMPLE_RATE)).round() as i64
}

#[cfg(test)]
mod tests;
