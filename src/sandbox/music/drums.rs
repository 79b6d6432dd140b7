//! Drum patterns, a bar at a time, in sixteenths.

use super::super::catalogue::{Energy, Groove};
use super::arrangement::Section;
use super::score::{Place, Score};
use super::voices::Timbre;

/// Strokes of a bar: `x` loud, `o` soft.
struct Pattern {
    kick: &'static str,
    snare: &'static str,
    hat: &'static str,
}

fn pattern(groove: Groove) -> Pattern {
    let (kick, snare, hat) = match groove {
        Groove::None => ("................", "................", "................"),
        Groove::Brush => ("x.......o.......", "....o.......o...", "x...o...x...o..."),
        Groove::HipHop => ("x.....x...x.....", "....x.......x..o", "x.o.x.o.x.o.x.o."),
        Groove::Shuffle => ("x.....o.x.....o.", "....x.......x...", "x..ox..ox..ox..o"),
        Groove::Rock => ("x.......x.x.....", "....x.......x...", "x.o.x.o.x.o.x.o."),
        Groove::Epic => ("x.....x.x.....x.", "............x.x.", "................"),
        Groove::House => ("x...x...x...x...", "....x.......x...", "..x...x...x...x."),
        Groove::Funk => ("x..x..o...x..o..", "....x..o.o..x..o", "x.x.x.x.x.x.x.x."),
        Groove::Swing => ("o...o...o...o...", "......o.......o.", "x...x..ox...x..o"),
        Groove::Latin => ("x..x..x...x.x...", "...o..x....o..x.", "x.ox.ox.x.ox.ox."),
        Groove::Reggae => ("........x.......", "........x.....o.", "..x...x...x...x."),
    };
    Pattern { kick, snare, hat }
}

/// Writes one bar of drums.
pub(super) fn bar(score: &mut Score, groove: Groove, energy: Energy, section: Section, intensity: f32, place: Place) {
    if section == Section::Intro && energy == Energy::Low {
        return;
    }
    let pattern = pattern(groove);
    let level = intensity
        * match energy {
            Energy::Low => 0.45,
            Energy::Medium => 0.75,
            Energy::High => 1.0,
        };
    let build = section == Section::Build;
    let mut strokes = |line: &str, timbre: Timbre, pitch: f32, loud: f32, pan: f32| {
        for (sixteenth, stroke) in line.bytes().enumerate() {
            let strength = match stroke {
                b'x' => 1.0,
                b'o' => 0.5,
                _ => continue,
            };
            score.add(timbre, place.at(sixteenth as f64 / 4.0), 0.05, pitch, level * loud * strength, pan);
        }
    };
    strokes(pattern.kick, Timbre::Kick, 36.0, 0.62, 0.0);
    strokes(
        if build { "x.o.x.o.x.o.xoxo" } else { pattern.snare },
        Timbre::Snare,
        60.0,
        0.34,
        0.05,
    );
    strokes(pattern.hat, Timbre::Hat, 60.0, 0.16, 0.3);
    if energy == Energy::High && section == Section::Drop {
        strokes("oooooooooooooooo", Timbre::Hat, 60.0, 0.1, -0.3);
    }
}
