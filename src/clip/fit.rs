//! What a delivered clip turned out to be, beside what was asked for and expected.

use serde::{Deserialize, Serialize};

use super::{Features, Segment, locate, peak};

/// The measurement of one delivered clip, kept with its receipt. All times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Fit {
    /// Where the energy peak was asked to land.
    pub hit_point: Option<f64>,
    /// Where it landed.
    pub peak: Option<f64>,
    /// Where the clip was expected to begin, in preview time.
    pub expected_start: Option<f64>,
    /// Where it begins in fact, in preview time; `None` where clip and preview have too little in common to tell.
    pub start: Option<f64>,
    /// How alike clip and preview are where they overlap; 1 is the same.
    pub correlation: Option<f64>,
    /// How much of the clip was expected, 0 to 1.
    pub overlap: Option<f64>,
}

impl Fit {
    /// Measures a delivered clip. `preview` and `estimate` where there was a rehearsal.
    pub fn of(delivered: &Features, hit_point: Option<f64>, preview: Option<&Features>, estimate: Option<Segment>) -> Self {
        let located = preview.and_then(|preview| locate(preview, delivered));
        let start = located.map(|located| located.start);
        Self {
            hit_point,
            peak: peak(delivered),
            expected_start: estimate.map(|estimate| estimate.start),
            start,
            correlation: located.map(|located| located.correlation),
            overlap: estimate.zip(start).map(|(estimate, start)| estimate.overlap(start)),
        }
    }

    /// In a few words, for the status line and the receipts.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        match (self.peak, self.hit_point) {
            (Some(peak), Some(hit)) => parts.push(format!("peak at {peak:.1} s, asked {hit:.1}")),
            (Some(peak), None) => parts.push(format!("peak at {peak:.1} s")),
            (None, _) => parts.push("no peak in it".to_owned()),
        }
        match (self.start, self.expected_start, self.overlap) {
            (Some(start), Some(expected), Some(overlap)) => parts.push(format!(
                "from {start:.1} s, estimated {expected:.1} · {:.0} % as rehearsed",
                overlap * 100.0
            )),
            (Some(start), ..) => parts.push(format!("from {start:.1} s of the preview")),
            (None, Some(_), _) => parts.push("another part than was rehearsed".to_owned()),
            (None, None, _) => {}
        }
        parts.join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Music in which no two seconds are alike.
    fn music(seconds: usize) -> Features {
        let mut state = 7_u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 16_777_216.0
        };
        let bands: Vec<[f32; 3]> = (0..seconds * 50)
            .map(|_| [random() * 4.0 - 8.0, random() * 4.0 - 6.0, random() * 4.0 - 9.0])
            .collect();
        Features {
            power: bands.iter().map(|bands| bands[1].exp()).collect(),
            chroma: vec![[0.1; 12]; seconds * 4],
            bands,
        }
    }

    fn part(of: &Features, from: usize, seconds: usize) -> Features {
        Features {
            power: of.power[from * 50..(from + seconds) * 50].to_vec(),
            bands: of.bands[from * 50..(from + seconds) * 50].to_vec(),
            chroma: of.chroma[from * 4..(from + seconds) * 4].to_vec(),
        }
    }

    #[test]
    fn what_came_is_found_in_the_preview_even_where_it_reaches_beyond() {
        let track = music(90);
        let preview = part(&track, 30, 30);
        for (from, start) in [(35, 5.0), (20, -10.0), (50, 20.0)] {
            let mut delivered = part(&track, from, 15);
            delivered.power[4 * 50..4 * 50 + 25].fill(1.0);
            let estimate = Segment {
                start: start + 3.0,
                seconds: 15.0,
                peak: None,
            };
            let fit = Fit::of(&delivered, Some(4.0), Some(&preview), Some(estimate));
            assert!((fit.start.unwrap() - start).abs() < 0.03, "{from}: {fit:?}");
            assert!((fit.peak.unwrap() - 4.25).abs() < 0.03);
            assert!((fit.overlap.unwrap() - 0.8).abs() < 0.01);
            assert!(
                fit.words().contains("80 % as rehearsed") && fit.words().contains("asked 4.0"),
                "{}",
                fit.words()
            );
        }
    }

    #[test]
    fn another_part_is_said_to_be_one() {
        let track = music(90);
        let estimate = Segment {
            start: 0.0,
            seconds: 15.0,
            peak: None,
        };
        let fit = Fit::of(&part(&track, 70, 15), None, Some(&part(&track, 0, 30)), Some(estimate));
        assert_eq!((fit.start, fit.overlap), (None, None));
        assert!(fit.words().contains("another part"), "{}", fit.words());
        let silence = Features {
            power: vec![0.0; 750],
            bands: vec![[-16.0; 3]; 750],
            chroma: vec![[0.0; 12]; 60],
        };
        assert_eq!(Fit::of(&silence, None, Some(&silence), None), Fit::default());
    }
}
