//! Which part of a track Trackyard will probably deliver, judged from what can be heard of it.
//!
//! The vendor names what it goes by: the best-sounding segment by phrases, energy, beats and tonal consistency, and with a hit
//! point the dominant energy peak on it, within a second. This follows the words; how the server weighs them nobody knows, so
//! it is an estimate, and what came is measured afterwards ([`measure`](super::measure)).

use super::features::{CHROMA_PER_SECOND, FRAMES_PER_SECOND, Features};
use super::measure::{loudest_moment, peak};
use super::rhythm::{BAR, Grid};
use crate::api::Clip;

/// How much each of the vendor's criteria counts.
const ENERGY: f64 = 0.45;
const PHRASES: f64 = 0.25;
const BEATS: f64 = 0.05;
const TONAL: f64 = 0.1;
const PEAK: f64 = 0.15;
/// The peak counts as inside if it is at least so long before the end, in seconds.
const AFTER_PEAK: f64 = 1.0;
/// How much of a segment may lie outside of what was heard, as a share of it.
const UNHEARD: f64 = 0.25;
/// Where no beats are found, segments may begin this often, in seconds.
const WITHOUT_BEATS: f64 = 1.0;

/// A part of a track in the time of what was heard of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Where it begins, in seconds; negative where it begins before what was heard.
    pub start: f64,
    /// Its length in seconds.
    pub seconds: f64,
    /// Where the dominant energy peak is that the hit point is about, or that is inside anyway; in the same time as `start`.
    pub peak: Option<f64>,
}

impl Segment {
    /// Where it ends, in seconds.
    pub fn end(&self) -> f64 {
        self.start + self.seconds
    }

    /// The part of it that can be heard when `heard` seconds are there: from and to. Empty when they do not meet.
    pub fn audible(&self, heard: f64) -> (f64, f64) {
        let from = self.start.clamp(0.0, heard);
        (from, self.end().clamp(from, heard))
    }

    /// How much of it another one of the same length covers, 0 to 1.
    pub fn overlap(&self, start: f64) -> f64 {
        if self.seconds <= 0.0 {
            return 0.0;
        }
        (1.0 - (self.start - start).abs() / self.seconds).max(0.0)
    }
}

/// What the catalogue says of a track; either may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Told {
    /// Its tempo in beats a minute.
    pub bpm: Option<f64>,
    /// Its length in seconds.
    pub seconds: Option<f64>,
}

/// The segment that a clip will probably be. `None` when there is nothing to go by.
pub fn predict(heard: &Features, clip: Clip, told: Told) -> Option<Segment> {
    let seconds = clip.duration().as_f64();
    let peak = peak(heard)?;
    let start = if let Some(hit_point) = clip.hit_point() {
        peak - hit_point.as_f64()
    } else {
        let unheard = told.seconds.map_or(0.0, |track| (track - heard.seconds()).max(0.0));
        best_start(heard, seconds, told.bpm, peak, unheard)
    };
    let inside = (start..start + seconds).contains(&peak);
    Some(Segment {
        start,
        seconds,
        peak: inside.then_some(peak),
    })
}

/// The part to cut out of a track that is here as a whole. Unlike [`predict`] it never reaches beyond the track: where the
/// dominant peak comes too early or too late for the hit point, the strongest one that does not is taken.
/// `None` when the track is shorter than the clip, or silent.
pub fn choose(track: &Features, seconds: f64, hit_point: Option<f64>, bpm: Option<f64>) -> Option<Segment> {
    let last = track.seconds() - seconds;
    // Frames of loudness are coarser than samples.
    if last < -0.1 {
        return None;
    }
    let last = last.max(0.0);
    let peak = match hit_point {
        Some(hit) => {
            loudest_moment(&track.power, FRAMES_PER_SECOND, |moment| (0.0..=last).contains(&(moment - hit))).or_else(|| peak(track))?
        }
        None => peak(track)?,
    };
    let start = match hit_point {
        Some(hit) => (peak - hit).clamp(0.0, last),
        None => best_start(track, seconds, bpm, peak, 0.0).clamp(0.0, last),
    };
    let inside = (start..start + seconds).contains(&peak);
    Some(Segment {
        start,
        seconds,
        peak: inside.then_some(peak),
    })
}

/// The best start of a segment. The track may go on for `unheard` seconds beyond what was heard, at either end.
fn best_start(heard: &Features, seconds: f64, bpm: Option<f64>, peak: f64, unheard: f64) -> f64 {
    let grid = Grid::of(heard, bpm);
    let last = heard.seconds() - seconds;
    // Segments that are heard for the most part can be judged too.
    let beyond = unheard.min(seconds * UNHEARD);
    if last + beyond <= 0.0 {
        // Longer than what can be heard: all of that is in it, as far as anybody can tell, and as much before as after.
        let middle = (last / 2.0).max(-unheard);
        return grid.map_or(middle, |grid| grid.phrase_near(middle)).clamp(last.max(-unheard), 0.0);
    }
    let candidates: Vec<(usize, f64)> = match &grid {
        Some(grid) => grid.beats(-beyond, last + beyond).filter(|(number, _)| number % BAR == 0).collect(),
        None => (0..=(last.max(0.0) / WITHOUT_BEATS) as usize)
            .map(|number| (1, number as f64 * WITHOUT_BEATS))
            .collect(),
    };
    let loudest = candidates
        .iter()
        .map(|(_, start)| heard.power_between(*start, start + seconds))
        .fold(0.0, f64::max);
    let worth = |(number, start): (usize, f64)| {
        let end = start + seconds;
        let energy = heard.power_between(start, end) / loudest.max(f64::MIN_POSITIVE);
        let phrases = match number {
            0 => 1.0,
            8 => 0.5,
            _ => 0.0,
        };
        let beats = grid.map_or(0.0, |grid| closeness_to_a_beat(&grid, end));
        let has_peak = (start..end - AFTER_PEAK).contains(&peak);
        ENERGY * energy + PHRASES * phrases + BEATS * beats + TONAL * consistency(heard, start, end) + if has_peak { PEAK } else { 0.0 }
    };
    candidates
        .into_iter()
        .max_by(|a, b| worth(*a).total_cmp(&worth(*b)).then(b.1.total_cmp(&a.1)))
        .map_or(0.0, |(_, start)| start)
}

/// 1 on a beat, 0 between two.
fn closeness_to_a_beat(grid: &Grid, at: f64) -> f64 {
    let off = ((at - grid.first) / grid.beat).rem_euclid(1.0);
    1.0 - 2.0 * off.min(1.0 - off)
}

/// How alike the harmony of a part is to its own mean, 0 to 1.
fn consistency(heard: &Features, from: f64, to: f64) -> f64 {
    let place = |seconds: f64| ((seconds * CHROMA_PER_SECOND as f64) as usize).min(heard.chroma.len());
    let part = &heard.chroma[place(from)..place(to).max(place(from))];
    if part.is_empty() {
        return 0.0;
    }
    let mean = mean(part);
    part.iter().map(|chroma| cosine(chroma, &mean)).sum::<f64>() / part.len() as f64
}

/// The mean of pitch classes over time.
pub fn mean(chroma: &[[f32; 12]]) -> [f32; 12] {
    let mut mean = [0.0; 12];
    for moment in chroma {
        for (sum, part) in mean.iter_mut().zip(moment) {
            *sum += part / chroma.len() as f32;
        }
    }
    mean
}

/// The cosine between two profiles of pitch classes: 1 where they are alike.
pub fn cosine(a: &[f32; 12], b: &[f32; 12]) -> f64 {
    let dot = |a: &[f32; 12], b: &[f32; 12]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let scale = (dot(a, a) * dot(b, b)).sqrt();
    if scale > 0.0 { dot(a, b) / scale } else { 0.0 }
}
