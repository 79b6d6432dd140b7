//! One cycle of each wave, once for every octave, so that no partial goes beyond what can be sampled.

use std::f32::consts::TAU;
use std::sync::OnceLock;

use super::RATE;

/// Samples in a cycle.
pub(super) const TABLE: usize = 2048;
/// Most partials of the lowest octave; each octave above has half as many.
const MOST: usize = 128;
const OCTAVES: usize = 8;

/// A wave by its partials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Wave {
    Saw,
    Square,
    Piano,
    Electric,
    Organ,
    Reed,
    Flute,
    Sub,
}

const WAVES: usize = 8;

impl Wave {
    fn partial(self, number: usize) -> f32 {
        let nth = number as f32;
        let listed = |partials: &[f32]| partials.get(number - 1).copied().unwrap_or(0.0);
        match self {
            Self::Saw => 1.0 / nth,
            Self::Square => f32::from(u8::from(number % 2 == 1)) / nth,
            // A hammer at an eighth of the string leaves every eighth partial out.
            Self::Piano => (std::f32::consts::PI * nth / 8.0).sin().abs() / nth.powf(1.25) * 2.0,
            Self::Electric => listed(&[1.0, 0.28, 0.06, 0.05, 0.02, 0.03]),
            Self::Organ => listed(&[0.9, 0.8, 0.6, 0.35, 0.0, 0.3, 0.0, 0.25, 0.0, 0.12]),
            // Strong where a horn resonates.
            Self::Reed => {
                (1.0 / nth) * (1.0 + 1.6 * (-((nth - 4.0) / 1.8).powi(2)).exp()) * if number.is_multiple_of(2) { 0.7 } else { 1.0 }
            }
            Self::Flute => listed(&[1.0, 0.34, 0.12, 0.07, 0.03]),
            Self::Sub => listed(&[1.0, 0.3, 0.14, 0.06]),
        }
    }

    /// A cycle for a frequency in Hz, with one sample more so that reading between the last and the first needs no wrap.
    pub(super) fn table(self, hertz: f32) -> &'static [f32] {
        static TABLES: [OnceLock<Vec<Vec<f32>>>; WAVES] = [const { OnceLock::new() }; WAVES];
        let room = (RATE * 0.42 / hertz.max(1.0)).max(1.0);
        let octave = (MOST as f32 / room).log2().ceil().clamp(0.0, (OCTAVES - 1) as f32) as usize;
        &TABLES[self as usize].get_or_init(|| self.octaves())[octave]
    }

    fn octaves(self) -> Vec<Vec<f32>> {
        let sine: Vec<f32> = (0..TABLE).map(|at| (TAU * at as f32 / TABLE as f32).sin()).collect();
        let power = (1..=MOST).map(|number| self.partial(number).powi(2)).sum::<f32>();
        let scale = 1.0 / power.sqrt();
        let mut tables = vec![Vec::new(); OCTAVES];
        let mut cycle = vec![0.0; TABLE];
        let mut done = 0;
        // The fullest table has what the emptier ones have, and more.
        for (octave, table) in tables.iter_mut().enumerate().rev() {
            let most = MOST >> octave;
            for number in done + 1..=most {
                let strength = self.partial(number) * scale;
                if strength != 0.0 {
                    for (at, sample) in cycle.iter_mut().enumerate() {
                        *sample += strength * sine[at * number % TABLE];
                    }
                }
            }
            done = most;
            *table = cycle.clone();
            table.push(cycle[0]);
        }
        tables
    }
}
