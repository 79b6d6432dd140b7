//! Drums: each stroke is made once, from a falling tone, resonances and noise, and then only copied.

use std::f32::consts::TAU;
use std::sync::OnceLock;

use super::{Filter, Noise, RATE};

/// The longest stroke, in seconds.
pub(super) const LONGEST: f32 = 2.6;

/// What is struck, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Stroke {
    Kick,
    ClubKick,
    LongKick,
    Snare,
    ClubSnare,
    Clap,
    Rim,
    Brush,
    Sweep,
    Hat,
    OpenHat,
    ClubHat,
    ClubOpenHat,
    Ride,
    Crash,
    Tom,
    Shaker,
    Tambourine,
    Conga,
    Clave,
    Cowbell,
    Taiko,
    Boom,
    Riser,
}

const STROKES: usize = 24;

/// Seconds are until a third is left.
struct Recipe {
    seconds: f32,
    /// A tone that falls: from, to (Hz), how fast (seconds), strength, decay.
    skin: Option<(f32, f32, f32, f32, f32)>,
    /// Resonances: Hz, strength, decay.
    ring: &'static [(f32, f32, f32)],
    /// Noise between two frequencies: Hz, Hz, strength, decay.
    noise: &'static [(f32, f32, f32, f32)],
    /// How many hands strike, 10 ms apart.
    hands: usize,
    /// Seconds until it is there.
    attack: f32,
    /// How hard it is driven.
    drive: f32,
    loudest: f32,
}

const NONE: Recipe = Recipe {
    seconds: 0.5,
    skin: None,
    ring: &[],
    noise: &[],
    hands: 1,
    attack: 0.0,
    drive: 1.0,
    loudest: 1.0,
};
/// Cymbals have many resonances that no scale fits.
const METAL: &[(f32, f32, f32)] = &[
    (3170.0, 0.12, 0.3),
    (4230.0, 0.12, 0.26),
    (5410.0, 0.12, 0.3),
    (6280.0, 0.1, 0.24),
    (7950.0, 0.1, 0.2),
    (9340.0, 0.08, 0.2),
];

#[expect(clippy::too_many_lines, reason = "a table")]
fn recipe(stroke: Stroke) -> Recipe {
    match stroke {
        Stroke::Kick => Recipe {
            seconds: 0.5,
            skin: Some((150.0, 52.0, 0.03, 1.0, 0.13)),
            noise: &[(1500.0, 6000.0, 0.35, 0.004), (100.0, 900.0, 0.2, 0.015)],
            drive: 1.4,
            ..NONE
        },
        Stroke::ClubKick => Recipe {
            seconds: 0.6,
            skin: Some((260.0, 49.0, 0.028, 1.0, 0.2)),
            noise: &[(2000.0, 9000.0, 0.3, 0.003)],
            drive: 2.2,
            ..NONE
        },
        Stroke::LongKick => Recipe {
            seconds: 1.2,
            skin: Some((170.0, 45.0, 0.04, 1.0, 0.5)),
            noise: &[(1500.0, 6000.0, 0.15, 0.004)],
            drive: 1.6,
            ..NONE
        },
        Stroke::Snare => Recipe {
            seconds: 0.5,
            skin: Some((260.0, 185.0, 0.02, 0.6, 0.07)),
            ring: &[(331.0, 0.25, 0.05), (478.0, 0.12, 0.04)],
            noise: &[(900.0, 9000.0, 0.75, 0.11), (3500.0, 14000.0, 0.3, 0.05)],
            drive: 1.3,
            ..NONE
        },
        Stroke::ClubSnare => Recipe {
            seconds: 0.4,
            skin: Some((320.0, 200.0, 0.015, 0.7, 0.06)),
            noise: &[(1200.0, 12000.0, 0.8, 0.09)],
            drive: 1.8,
            ..NONE
        },
        Stroke::Clap => Recipe {
            seconds: 0.5,
            noise: &[(800.0, 3200.0, 1.0, 0.09), (2500.0, 9000.0, 0.35, 0.05)],
            hands: 4,
            drive: 1.5,
            ..NONE
        },
        Stroke::Rim => Recipe {
            seconds: 0.15,
            ring: &[(480.0, 0.6, 0.015), (1650.0, 0.7, 0.012), (2680.0, 0.3, 0.008)],
            noise: &[(1500.0, 7000.0, 0.2, 0.004)],
            loudest: 0.7,
            ..NONE
        },
        Stroke::Brush => Recipe {
            seconds: 0.4,
            skin: Some((230.0, 180.0, 0.02, 0.25, 0.06)),
            noise: &[(1200.0, 7000.0, 0.7, 0.1)],
            attack: 0.006,
            loudest: 0.7,
            ..NONE
        },
        Stroke::Sweep => Recipe {
            seconds: 0.6,
            noise: &[(1800.0, 8000.0, 0.6, 0.24)],
            attack: 0.12,
            loudest: 0.35,
            ..NONE
        },
        Stroke::Hat => Recipe {
            seconds: 0.15,
            ring: METAL,
            noise: &[(6500.0, 15000.0, 0.8, 0.028)],
            loudest: 0.8,
            ..NONE
        },
        Stroke::OpenHat => Recipe {
            seconds: 0.7,
            ring: METAL,
            noise: &[(6000.0, 15000.0, 0.8, 0.2)],
            loudest: 0.8,
            ..NONE
        },
        Stroke::ClubHat => Recipe {
            seconds: 0.12,
            noise: &[(7500.0, 17000.0, 1.0, 0.022)],
            drive: 1.5,
            loudest: 0.8,
            ..NONE
        },
        Stroke::ClubOpenHat => Recipe {
            seconds: 0.5,
            ring: &METAL_SHORT,
            noise: &[(7000.0, 17000.0, 1.0, 0.14)],
            drive: 1.4,
            loudest: 0.8,
            ..NONE
        },
        Stroke::Ride => Recipe {
            seconds: 1.4,
            ring: &[
                (2890.0, 0.3, 0.5),
                (3710.0, 0.25, 0.6),
                (4820.0, 0.25, 0.5),
                (6130.0, 0.2, 0.45),
                (7420.0, 0.15, 0.4),
                (523.0, 0.03, 0.2),
            ],
            noise: &[(5000.0, 14000.0, 0.45, 0.3), (6000.0, 15000.0, 0.5, 0.015)],
            loudest: 0.7,
            ..NONE
        },
        Stroke::Crash => Recipe {
            seconds: LONGEST,
            ring: METAL,
            noise: &[(3000.0, 14000.0, 0.9, 0.7), (1200.0, 5000.0, 0.3, 0.25)],
            attack: 0.002,
            loudest: 0.9,
            ..NONE
        },
        Stroke::Tom => Recipe {
            seconds: 0.7,
            skin: Some((190.0, 110.0, 0.06, 1.0, 0.2)),
            noise: &[(400.0, 3000.0, 0.15, 0.02)],
            drive: 1.3,
            ..NONE
        },
        Stroke::Shaker => Recipe {
            seconds: 0.2,
            noise: &[(5500.0, 13000.0, 0.8, 0.035)],
            attack: 0.018,
            loudest: 0.6,
            ..NONE
        },
        Stroke::Tambourine => Recipe {
            seconds: 0.3,
            ring: &[(5800.0, 0.3, 0.08), (7300.0, 0.3, 0.07), (9100.0, 0.3, 0.06), (11200.0, 0.2, 0.05)],
            noise: &[(6000.0, 15000.0, 0.5, 0.06)],
            hands: 2,
            loudest: 0.6,
            ..NONE
        },
        Stroke::Conga => Recipe {
            seconds: 0.4,
            skin: Some((260.0, 215.0, 0.02, 1.0, 0.09)),
            ring: &[(420.0, 0.15, 0.05)],
            noise: &[(800.0, 4000.0, 0.2, 0.008)],
            loudest: 0.9,
            ..NONE
        },
        Stroke::Clave => Recipe {
            seconds: 0.15,
            ring: &[(2450.0, 1.0, 0.022), (4900.0, 0.15, 0.01)],
            loudest: 0.6,
            ..NONE
        },
        Stroke::Cowbell => Recipe {
            seconds: 0.35,
            ring: &[(562.0, 0.7, 0.07), (845.0, 0.7, 0.07), (1690.0, 0.2, 0.04)],
            drive: 2.5,
            loudest: 0.6,
            ..NONE
        },
        Stroke::Taiko => Recipe {
            seconds: 1.1,
            skin: Some((130.0, 62.0, 0.07, 1.0, 0.28)),
            ring: &[(148.0, 0.25, 0.1)],
            noise: &[(150.0, 1800.0, 0.4, 0.03)],
            drive: 1.8,
            ..NONE
        },
        Stroke::Boom => Recipe {
            seconds: 2.2,
            skin: Some((85.0, 36.0, 0.22, 1.0, 0.55)),
            noise: &[(60.0, 500.0, 0.5, 0.12)],
            attack: 0.003,
            drive: 1.5,
            ..NONE
        },
        Stroke::Riser => NONE,
    }
}

const METAL_SHORT: [(f32, f32, f32); 3] = [(5410.0, 0.1, 0.1), (7950.0, 0.1, 0.1), (9340.0, 0.1, 0.1)];

/// The samples of a stroke, with silence at the end so that it can be read between samples.
pub(super) fn sample(stroke: Stroke) -> &'static [f32] {
    static SAMPLES: [OnceLock<Vec<f32>>; STROKES] = [const { OnceLock::new() }; STROKES];
    SAMPLES[stroke as usize].get_or_init(|| {
        if stroke == Stroke::Riser {
            riser()
        } else {
            make(&recipe(stroke), stroke as u32)
        }
    })
}

/// The power of a stroke: its samples' squares, in seconds.
pub(super) fn weight(stroke: Stroke) -> f32 {
    sample(stroke).iter().map(|sample| sample * sample).sum::<f32>() / RATE
}

fn make(recipe: &Recipe, seed: u32) -> Vec<f32> {
    let count = (recipe.seconds * RATE) as usize;
    let mut samples = vec![0.0f32; count];
    let at = |number: usize| number as f32 / RATE;
    if let Some((from, to, fall, strength, decay)) = recipe.skin {
        let mut phase = 0.0f32;
        for (number, sample) in samples.iter_mut().enumerate() {
            let seconds = at(number);
            phase += (to + (from - to) * (-seconds / fall).exp()) / RATE;
            *sample += strength * (TAU * phase).sin() * (-seconds * 1.1 / decay).exp() * (seconds / 0.001).min(1.0);
        }
    }
    for (hertz, strength, decay) in recipe.ring {
        let turn = TAU * hertz / RATE;
        let shrink = (-1.1 / (decay * RATE)).exp();
        let (mut last, mut before) = (0.0, -turn.sin() * strength / shrink);
        for sample in &mut samples {
            let next = 2.0 * shrink * turn.cos() * last - shrink * shrink * before;
            (before, last) = (last, next);
            *sample += next;
        }
    }
    let mut noise = Noise::new(seed + 1);
    for (low, high, strength, decay) in recipe.noise {
        let (mut above, mut below) = (Filter::default(), Filter::default());
        above.tune(*low, 1.4);
        below.tune(*high, 1.4);
        for (number, sample) in samples.iter_mut().enumerate() {
            let raw = below.next(noise.next()).0;
            // What is left when the lows are taken away.
            let (lows, band) = above.next(raw);
            let seconds = at(number);
            *sample += (raw - lows - band) * strength * 1.6 * hands(seconds, recipe.hands, *decay) * (seconds / 0.0007).min(1.0);
        }
    }
    let mut loudest = 0.0f32;
    for (number, sample) in samples.iter_mut().enumerate() {
        let rise = if recipe.attack > 0.0 {
            (at(number) / recipe.attack).min(1.0)
        } else {
            1.0
        };
        let fall = ((count - number) as f32 / (0.01 * RATE)).min(1.0);
        *sample = (*sample * recipe.drive).tanh() * rise * fall;
        loudest = loudest.max(sample.abs());
    }
    let scale = recipe.loudest / loudest.max(1e-6);
    samples.iter_mut().for_each(|sample| *sample *= scale);
    samples.push(0.0);
    samples
}

/// The envelope of a stroke by several hands.
fn hands(seconds: f32, count: usize, decay: f32) -> f32 {
    let hand = ((seconds / 0.01) as usize).min(count - 1);
    let since = seconds - hand as f32 * 0.01;
    let decay = if hand + 1 < count { 0.006 } else { decay };
    (-since * 1.1 / decay).exp()
}

/// Noise that rises for two seconds: what comes before a drop.
fn riser() -> Vec<f32> {
    const SECONDS: f32 = 2.0;
    let mut noise = Noise::new(77);
    let mut filter = Filter::default();
    let count = (SECONDS * RATE) as usize;
    let mut samples: Vec<f32> = (0..count)
        .map(|number| {
            let along = number as f32 / count as f32;
            if number % 32 == 0 {
                filter.tune(500.0 + 7500.0 * along * along, 0.6);
            }
            let fall = ((count - number) as f32 / (0.004 * RATE)).min(1.0);
            filter.next(noise.next()).1 * along * along * fall * 0.9
        })
        .collect();
    samples.push(0.0);
    samples
}
