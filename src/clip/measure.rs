//! What a file turned out to be: where its energy peaks, and which part of a longer piece it is.

use super::features::{BANDS, FRAMES_PER_SECOND, Features};

/// How long the moment is that [`peak`] looks for, in seconds.
const MOMENT: f64 = 0.5;
/// Music is compared over at least this many frames.
const LEAST_OVERLAP: usize = 4 * FRAMES_PER_SECOND;
/// Below this, two pieces of music are not the same.
const ALIKE: f64 = 0.6;

/// The dominant energy peak in seconds: the middle of the loudest half second. `None` in less music than that, or in silence.
pub fn peak(features: &Features) -> Option<f64> {
    loudest_moment(&features.power, FRAMES_PER_SECOND, |_| true)
}

/// As [`peak`], of music whose mean power is known so often a second, among the moments in seconds that `may` allows.
pub fn loudest_moment(power: &[f32], per_second: usize, may: impl Fn(f64) -> bool) -> Option<f64> {
    let length = (MOMENT * per_second as f64) as usize;
    let mut sum = 0.0;
    let mut best: Option<(f64, f64)> = None;
    for (at, new) in power.iter().enumerate() {
        sum += f64::from(*new);
        if at + 1 < length {
            continue;
        }
        let middle = (at + 1) as f64 / per_second as f64 - MOMENT / 2.0;
        // The sum drifts by rounding; a moment must be louder by more than that.
        if sum > best.map_or(1e-9, |(loudest, _)| loudest * (1.0 + 1e-9)) && may(middle) {
            best = Some((sum, middle));
        }
        sum -= f64::from(power[at + 1 - length]);
    }
    best.map(|(_, middle)| middle)
}

/// Where one piece of music lies in another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Located {
    /// Where the part begins, in seconds of the whole; negative where it begins before.
    pub start: f64,
    /// How alike they are where they overlap: 1 is the same.
    pub correlation: f64,
}

/// Finds `part` in `whole` by cross-correlation of their loudness in bands; either may reach beyond the other.
/// `None` when they have too little in common.
pub fn locate(whole: &Features, part: &Features) -> Option<Located> {
    let (whole, part) = (&whole.bands, &part.bands);
    let overlap = LEAST_OVERLAP.max(whole.len().min(part.len()) / 4);
    if whole.len() < overlap || part.len() < overlap {
        return None;
    }
    let first = overlap as isize - part.len() as isize;
    let last = (whole.len() - overlap) as isize;
    let (shift, correlation) = (first..=last)
        .map(|shift| (shift, correlation(whole, part, shift)))
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    (correlation >= ALIKE).then_some(Located {
        start: shift as f64 / FRAMES_PER_SECOND as f64,
        correlation,
    })
}

/// Pearson's correlation of the overlap, each band about its own mean.
fn correlation(whole: &[[f32; BANDS]], part: &[[f32; BANDS]], shift: isize) -> f64 {
    let from = shift.max(0) as usize;
    let skip = (-shift).max(0) as usize;
    let length = (whole.len() - from).min(part.len() - skip);
    let (a, b) = (&whole[from..from + length], &part[skip..skip + length]);
    let (mut both, mut a_alone, mut b_alone) = (0.0, 0.0, 0.0);
    for band in 0..BANDS {
        let (mut sum_a, mut sum_b, mut aa, mut bb, mut ab) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for (x, y) in a.iter().zip(b) {
            let (x, y) = (x[band], y[band]);
            sum_a += x;
            sum_b += y;
            aa = x.mul_add(x, aa);
            bb = y.mul_add(y, bb);
            ab = x.mul_add(y, ab);
        }
        let count = length as f32;
        both += f64::from(ab - sum_a * sum_b / count);
        a_alone += f64::from((aa - sum_a * sum_a / count).max(0.0));
        b_alone += f64::from((bb - sum_b * sum_b / count).max(0.0));
    }
    let scale = (a_alone * b_alone).sqrt();
    // What does not change at all is like anything.
    if scale > 1e-3 * length as f64 { both / scale } else { 0.0 }
}
