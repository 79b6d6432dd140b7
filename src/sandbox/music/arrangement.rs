//! The form of a track: intro, verse, a build, the drop, a second verse, a second and smaller drop, and an outro, in phrases of four bars.

use super::super::catalogue::Track;

/// What a bar is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Intro,
    Verse,
    Build,
    Drop,
    Outro,
}

/// One bar of four beats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) section: Section,
    /// 0 to 1.
    pub(super) intensity: f32,
}

/// The bars of a track.
pub(super) struct Arrangement {
    bars: Vec<Bar>,
    bar_seconds: f64,
    drop_bar: usize,
    seconds: f64,
}

impl Arrangement {
    pub(super) fn of(track: &Track) -> Self {
        let bar_seconds = 4.0 * 60.0 / f64::from(track.bpm);
        let seconds = f64::from(track.seconds);
        let phrases = ((seconds / bar_seconds / 4.0).floor() as usize).max(4);
        // The drop comes in the middle, where every clip finds music on both sides of it.
        let drop = (phrases / 2).max(2);
        let second_drop = if phrases >= drop + 6 { Some(phrases - 3) } else { None };
        let mut bars = Vec::new();
        for phrase in 0..=phrases {
            for bar in 0..4 {
                let along = bar as f32 / 3.0;
                bars.push(match phrase {
                    0 => Bar {
                        section: Section::Intro,
                        intensity: 0.3 + 0.1 * along,
                    },
                    _ if phrase + 1 == drop => Bar {
                        section: Section::Build,
                        intensity: 0.5 + 0.2 * along,
                    },
                    _ if phrase == drop => Bar {
                        section: Section::Drop,
                        intensity: 1.0,
                    },
                    _ if phrase == drop + 1 => Bar {
                        section: Section::Drop,
                        intensity: 0.85,
                    },
                    _ if Some(phrase) == second_drop => Bar {
                        section: Section::Drop,
                        intensity: 0.75,
                    },
                    _ if phrase + 1 >= phrases => Bar {
                        section: Section::Outro,
                        intensity: 0.35 - 0.15 * along,
                    },
                    _ => Bar {
                        section: Section::Verse,
                        intensity: 0.5,
                    },
                });
            }
        }
        Self {
            bars,
            bar_seconds,
            drop_bar: drop * 4,
            seconds,
        }
    }

    pub(super) fn bars(&self) -> &[Bar] {
        &self.bars
    }

    pub(super) fn bar_seconds(&self) -> f64 {
        self.bar_seconds
    }

    pub(super) fn drop_bar(&self) -> usize {
        self.drop_bar
    }

    pub(super) fn drop_seconds(&self) -> f64 {
        self.drop_bar as f64 * self.bar_seconds
    }

    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }

    pub(super) fn mean_intensity(&self, from: f64, to: f64) -> f64 {
        let first = (from / self.bar_seconds).floor().max(0.0) as usize;
        let last = (to / self.bar_seconds).ceil().max(0.0) as usize;
        let bars = &self.bars[first.min(self.bars.len())..last.min(self.bars.len())];
        bars.iter().map(|bar| f64::from(bar.intensity)).sum::<f64>() / bars.len().max(1) as f64
    }
}
