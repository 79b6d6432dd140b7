//! How a track sounds: an arrangement, notes made from it, and voices that play them. Everything follows from the track's own
//! fields, so that tempo, key, mood, energy, instruments and vocals can be heard.
//!
//! A performance can be played from any sample on without playing what comes before.

mod arrangement;
mod drums;
mod harmony;
mod score;
mod voices;

use super::catalogue::{Energy, Track};
use super::mp3::SAMPLE_RATE;
use arrangement::Arrangement;
use score::Note;

/// A track, ready to be played.
pub(super) struct Performance {
    arrangement: Arrangement,
    /// By start.
    notes: Vec<Note>,
    /// The longest note, in samples: how far back one has to look for what still sounds.
    longest: i64,
    gain: f32,
}

impl Performance {
    /// Writes the notes of a track. They depend on nothing but the track.
    pub fn new(track: &Track) -> Self {
        let arrangement = Arrangement::of(track);
        let notes = score::write(track, &arrangement);
        let longest = notes.iter().map(|note| note.length).max().unwrap_or(0);
        let gain = match track.energy {
            Energy::Low => 0.6,
            Energy::Medium => 0.72,
            Energy::High => 0.85,
        };
        Self {
            arrangement,
            notes,
            longest,
            gain,
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

    /// Adds what sounds from a sample on to a block of stereo samples, left and right in turn.
    pub fn play(&self, from: i64, out: &mut [f32]) {
        let to = from + (out.len() / 2) as i64;
        let first = self.notes.partition_point(|note| note.start < from - self.longest);
        for note in self.notes[first..].iter().take_while(|note| note.start < to) {
            if note.start + note.length > from {
                voices::play(note, from, out);
            }
        }
        for sample in out.iter_mut() {
            *sample = soft_clip(*sample * self.gain);
        }
    }
}

/// Leaves quiet samples alone and bends loud ones, so that nothing goes over full scale.
fn soft_clip(sample: f32) -> f32 {
    const KNEE: f32 = 0.5;
    /// Below full scale, since an encoder adds a little of its own.
    const CEILING: f32 = 0.85;
    let size = sample.abs();
    if size <= KNEE {
        return sample;
    }
    let over = (size - KNEE) / (CEILING - KNEE);
    (KNEE + (CEILING - KNEE) * over / (1.0 + over)).copysign(sample)
}

/// Seconds as samples.
fn samples(seconds: f64) -> i64 {
    (seconds * f64::from(SAMPLE_RATE)).round() as i64
}

#[cfg(test)]
mod tests {
    use super::super::catalogue;
    use super::*;

    fn energy(samples: &[f32]) -> f64 {
        samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64
    }

    #[test]
    fn it_sounds_the_same_from_wherever_it_is_played_and_never_clips() {
        for track in catalogue::all().tracks().iter().step_by(241) {
            let performance = Performance::new(track);
            let at = samples(performance.drop_seconds()) - 1000;
            let mut whole = vec![0.0; 40_000];
            performance.play(at, &mut whole);
            let mut later = vec![0.0; 20_000];
            performance.play(at + 10_000, &mut later);
            let differs = whole[20_000..].iter().zip(&later).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(differs < 5e-3, "{} {differs}", track.title);
            assert!(whole.iter().all(|sample| sample.abs() < 1.0));
        }
    }

    #[test]
    fn the_drop_is_the_loudest_second() {
        for track in catalogue::all().tracks().iter().step_by(173) {
            let performance = Performance::new(track);
            let second = |at: f64| {
                let mut block = vec![0.0; SAMPLE_RATE as usize * 2];
                performance.play(samples(at), &mut block);
                energy(&block)
            };
            let drop = second(performance.drop_seconds());
            for at in (0..track.seconds - 1)
                .step_by(5)
                .map(f64::from)
                .filter(|at| (at - performance.drop_seconds()).abs() > 1.5)
            {
                assert!(second(at) < drop, "{} at {at} of {}", track.title, performance.drop_seconds());
            }
        }
    }
}
