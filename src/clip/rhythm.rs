//! Beats and phrases: where a listener would count one.

use super::features::{BANDS, FRAMES_PER_SECOND, Features};

/// Beats in a bar, and in a phrase of four bars.
pub(super) const BAR: usize = 4;
pub(super) const PHRASE: usize = 16;
/// How far a tempo that is told may be off, as a share of it; and in what steps that is tried.
const OFF: f64 = 0.012;
const STEP: f64 = 0.001;
/// Tempos tried where none is told, in beats a minute.
const SLOWEST: f64 = 70.0;
const FASTEST: f64 = 160.0;
/// Shorter music has no phrases to find, in seconds.
const LEAST: f64 = 4.0;

/// A steady grid of beats, the phrases begun on every sixteenth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Where a phrase begins, in seconds; at most a phrase after the start.
    pub first: f64,
    /// Seconds between two beats.
    pub beat: f64,
}

impl Grid {
    /// Finds beats and phrases. The tempo may be told, in beats a minute; where it is not, it is guessed. `None` in music that
    /// is too short or has no beats at all.
    pub fn of(features: &Features, bpm: Option<f64>) -> Option<Self> {
        if features.seconds() < LEAST {
            return None;
        }
        let onsets = onsets(features);
        let tempos: Vec<f64> = if let Some(bpm) = bpm.filter(|bpm| (20.0..=400.0).contains(bpm)) {
            let steps = (OFF / STEP) as i32;
            (-steps..=steps).map(|step| bpm * (1.0 + f64::from(step) * STEP)).collect()
        } else {
            let steps = ((FASTEST / SLOWEST).ln() / STEP.ln_1p()) as i32;
            (0..=steps / 4).map(|step| SLOWEST * (1.0 + STEP).powi(4 * step)).collect()
        };
        let (strength, beat, phase) = tempos
            .into_iter()
            .map(|tempo| {
                let beat = 60.0 / tempo;
                let (strength, phase) = best_phase(&onsets, beat);
                (strength, beat, phase)
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))?;
        if strength <= 0.0 {
            return None;
        }
        let first_beat = phrase_beat(features, beat, phase);
        Some(Self {
            first: phase + first_beat as f64 * beat,
            beat,
        })
    }

    /// Seconds in a phrase.
    pub fn phrase(&self) -> f64 {
        self.beat * PHRASE as f64
    }

    /// Where a phrase begins that is near this moment in seconds.
    pub fn phrase_near(&self, at: f64) -> f64 {
        self.first + ((at - self.first) / self.phrase()).round() * self.phrase()
    }

    /// Beats, bars and phrases begin here: their moments in seconds from `from` on to `to`, with the number of the beat, 0
    /// where a phrase begins.
    pub fn beats(&self, from: f64, to: f64) -> impl Iterator<Item = (usize, f64)> {
        let (first, beat) = (self.first, self.beat);
        let start = ((from - first) / beat).ceil() as i64;
        (start..)
            .map(move |number| (number.rem_euclid(PHRASE as i64) as usize, first + number as f64 * beat))
            .take_while(move |(_, at)| *at <= to)
    }
}

/// How suddenly something begins in each frame, above what is usual around it.
fn onsets(features: &Features) -> Vec<f32> {
    let rises: Vec<f32> = std::iter::once(0.0)
        .chain(
            features
                .bands
                .windows(2)
                .map(|pair| (0..BANDS).map(|band| (pair[1][band] - pair[0][band]).clamp(0.0, 4.0)).sum()),
        )
        .collect();
    let mean = rises.iter().sum::<f32>() / rises.len().max(1) as f32;
    rises.iter().map(|rise| rise - mean).collect()
}

/// The place of the beats, in seconds, that the onsets follow best, and how well they do.
fn best_phase(onsets: &[f32], beat: f64) -> (f64, f64) {
    let frames = beat * FRAMES_PER_SECOND as f64;
    let score = |phase: f64| {
        let mut sum = 0.0;
        let mut count = 0;
        let mut at = phase;
        while let Some(onset) = onsets.get(at.round() as usize) {
            sum += f64::from(*onset);
            count += 1;
            at += frames;
        }
        sum / f64::from(count.max(1))
    };
    (0..frames as usize)
        .map(|phase| (score(phase as f64), phase as f64 / FRAMES_PER_SECOND as f64))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or_default()
}

/// Which of the first sixteen beats begins a phrase: the one with its like on which the music changes most.
fn phrase_beat(features: &Features, beat: f64, phase: f64) -> usize {
    let around = beat * BAR as f64;
    let mean = |from: f64, to: f64| -> [f32; BANDS] {
        let part = &features.bands[features.frame(from)..features.frame(to)];
        let mut mean = [0.0; BANDS];
        for frame in part {
            for (sum, level) in mean.iter_mut().zip(frame) {
                *sum += level / part.len() as f32;
            }
        }
        mean
    };
    let change = |at: f64| -> f32 {
        if at - around < 0.0 || at + around > features.seconds() {
            return 0.0;
        }
        let (before, after) = (mean(at - around, at), mean(at, at + around));
        before.iter().zip(after).map(|(before, after)| (after - before).abs()).sum()
    };
    let beats = ((features.seconds() - phase) / beat) as usize;
    (0..PHRASE.min(beats.max(1)))
        .map(|first| {
            let changes: Vec<f32> = (first..beats)
                .step_by(PHRASE)
                .map(|number| change(phase + number as f64 * beat))
                .collect();
            (changes.iter().sum::<f32>() / changes.len().max(1) as f32, first)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(0, |(_, first)| first)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A knock on every beat from 0.3 s on; louder and brighter from the 32nd beat on, and again from the 48th.
    pub(in crate::clip) fn knocks(bpm: f64, seconds: f64) -> Features {
        let beat = 60.0 / bpm;
        let frames = (seconds * FRAMES_PER_SECOND as f64) as usize;
        let mut features = Features::default();
        for at in 0..frames {
            let t = at as f64 / FRAMES_PER_SECOND as f64 - 0.3;
            let since = t.rem_euclid(beat);
            let number = (t / beat).floor();
            let loud = if number < 32.0 {
                -6.0
            } else if number < 48.0 {
                -3.0
            } else {
                -4.5
            };
            let level = loud - since * 6.0;
            features.bands.push([level as f32, (level - 1.0) as f32, (level * 1.2) as f32]);
            features.power.push(level.exp() as f32);
        }
        features
    }

    #[test]
    fn beats_and_phrases_are_found_with_and_without_a_tempo() {
        for bpm in [72.0, 100.0, 128.0] {
            let features = knocks(bpm, 60.0);
            for told in [Some(bpm), Some(bpm + 0.5), None] {
                let grid = Grid::of(&features, told).unwrap();
                assert!((60.0 / grid.beat - bpm).abs() < 1.0, "{bpm} {told:?}: {}", 60.0 / grid.beat);
                let off = (grid.first - 0.3).rem_euclid(grid.phrase());
                assert!(off.min(grid.phrase() - off) < grid.beat / 2.0, "{bpm} {told:?}: {grid:?}");
            }
        }
    }

    #[test]
    fn silence_and_scraps_have_no_beats() {
        assert_eq!(Grid::of(&Features::default(), Some(100.0)), None);
        let silence = Features {
            power: vec![0.0; 1000],
            bands: vec![[-16.0; BANDS]; 1000],
            chroma: vec![[0.0; 12]; 80],
        };
        assert_eq!(Grid::of(&silence, None), None);
        assert!(Grid::of(&knocks(100.0, 60.0), Some(f64::NAN)).is_some());
    }
}
