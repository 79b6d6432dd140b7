//! How chord instruments play: held, strummed, broken, on or off the beat.

use super::super::catalogue::Energy;
use super::arrangement::{Bar, Section};
use super::harmony::{Chord, Hands, above};
use super::sheet::{Human, Sheet};
use super::style::Beat;
use super::voices::Note;

/// A way to play chords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comp {
    Held,
    /// A guitar's down and up.
    Strum,
    /// One tone after the other: up and down.
    Broken,
    /// Root, then the others, as a pianist's two hands.
    Ballad,
    Beats,
    Offbeats,
    /// Short and syncopated.
    Stabs,
    /// Muted power chords in eighths.
    Chug,
    Scratch,
    /// Here and there, leaving room.
    Sparse,
    Montuno,
    /// The same short tones again and again.
    Ostinato,
    /// Sixteenths up and down, as a machine's.
    Arpeggio,
}

/// How an instrument of so many in the band plays.
pub(super) fn comp(sheet: &Sheet, instrument: &str, rank: usize) -> Comp {
    let energy = sheet.track.energy;
    let calm = energy == Energy::Low;
    let mut seed = sheet.seed(instrument);
    let beat = sheet.style.beat;
    match instrument {
        "choir" | "pad" => Comp::Held,
        "organ" if matches!(beat, Beat::OneDrop | Beat::Ska) => Comp::Offbeats,
        "organ" => Comp::Held,
        "strings" | "cello" | "violin" => match beat {
            _ if calm => Comp::Held,
            Beat::Epic => Comp::Ostinato,
            Beat::None => {
                if seed.chance(0.5) {
                    Comp::Ostinato
                } else {
                    Comp::Held
                }
            }
            _ => Comp::Held,
        },
        "brass" | "trumpet" | "saxophone" | "flute" => match beat {
            Beat::Funk | Beat::Motown | Beat::Salsa | Beat::Disco | Beat::OneDrop | Beat::Afro => Comp::Stabs,
            Beat::Ska => Comp::Offbeats,
            Beat::March => Comp::Beats,
            _ if energy == Energy::High => Comp::Beats,
            _ => Comp::Held,
        },
        "harp" | "bells" => Comp::Broken,
        "acoustic guitar" | "guitar" | "ukulele" => match beat {
            Beat::Bossa | Beat::Salsa => Comp::Sparse,
            _ if calm => Comp::Broken,
            _ => Comp::Strum,
        },
        "electric guitar" => match beat {
            Beat::Metal | Beat::Punk => Comp::Chug,
            Beat::Rock if !calm => Comp::Chug,
            Beat::Funk | Beat::Disco | Beat::Afro => Comp::Scratch,
            Beat::OneDrop | Beat::Ska | Beat::Motown => Comp::Offbeats,
            Beat::Shuffle => Comp::Sparse,
            _ if calm => Comp::Broken,
            _ => Comp::Strum,
        },
        "piano" => match beat {
            Beat::Swing | Beat::Shuffle | Beat::Bossa => Comp::Sparse,
            Beat::Salsa => Comp::Montuno,
            Beat::House | Beat::Disco => Comp::Stabs,
            Beat::BoomBap | Beat::Trap | Beat::Slow => {
                if seed.chance(0.5) {
                    Comp::Sparse
                } else {
                    Comp::Broken
                }
            }
            _ if calm => {
                if seed.chance(0.5) {
                    Comp::Broken
                } else {
                    Comp::Ballad
                }
            }
            _ if energy == Energy::High => Comp::Beats,
            _ => Comp::Ballad,
        },
        // Synthesizers.
        _ => match beat {
            Beat::None => {
                if rank == 0 {
                    Comp::Held
                } else {
                    Comp::Broken
                }
            }
            Beat::House => Comp::Stabs,
            Beat::Electro | Beat::Broken => {
                if seed.chance(0.6) {
                    Comp::Arpeggio
                } else {
                    Comp::Offbeats
                }
            }
            Beat::Disco | Beat::Rock => Comp::Offbeats,
            _ if calm => Comp::Held,
            _ => {
                if seed.chance(0.5) {
                    Comp::Held
                } else {
                    Comp::Broken
                }
            }
        },
    }
}

/// Which tones are played.
#[derive(Clone, Copy)]
enum Tones {
    All,
    /// All, one shortly after the other, low to high or back.
    Down,
    Up,
    /// One of them, counted up and down.
    One(usize),
    /// The root, an octave lower.
    Root,
    /// All but the lowest.
    Upper,
}

type Step = (f64, f64, Tones, f32);

#[rustfmt::skip]
fn steps(comp: Comp, full: bool) -> Vec<Step> {
    use Tones::{All, Down, One, Root, Up, Upper};
    match comp {
        Comp::Held => vec![(0.0, 3.95, All, 0.8)],
        Comp::Strum => if full {
            vec![(0.0, 0.9, Down, 1.0), (1.0, 0.5, Down, 0.8), (1.5, 0.5, Up, 0.55), (2.0, 0.5, Down, 0.7), (2.5, 0.5, Up, 0.65), (3.0, 0.5, Down, 0.85), (3.5, 0.45, Up, 0.6)]
        } else {
            vec![(0.0, 1.4, Down, 0.9), (1.5, 0.5, Up, 0.5), (2.5, 0.5, Up, 0.55), (3.0, 0.9, Down, 0.75)]
        },
        Comp::Broken => [0, 1, 2, 3, 2, 1, 2, 1].iter().enumerate().map(|(at, tone)| (at as f64 / 2.0, 1.3, One(*tone), if at == 0 { 1.0 } else { 0.7 })).collect(),
        Comp::Ballad => vec![(0.0, 1.9, Root, 0.9), (0.0, 0.95, Upper, 0.6), (1.0, 0.95, Upper, 0.5), (2.0, 1.9, Root, 0.7), (2.0, 0.95, Upper, 0.6), (3.0, 0.95, Upper, 0.5), (3.5, 0.5, One(3), 0.5)],
        Comp::Beats => vec![(0.0, 0.8, All, 0.95), (1.0, 0.7, All, 0.7), (2.0, 0.8, All, 0.85), (3.0, 0.7, All, 0.7)],
        Comp::Offbeats => vec![(0.5, 0.3, All, 0.9), (1.5, 0.3, All, 0.8), (2.5, 0.3, All, 0.9), (3.5, 0.3, All, 0.8)],
        Comp::Stabs => if full {
            vec![(0.0, 0.35, All, 0.95), (0.75, 0.3, All, 0.8), (1.5, 0.35, All, 0.9), (2.25, 0.3, All, 0.75), (3.0, 0.35, All, 0.8), (3.5, 0.3, All, 0.7)]
        } else {
            vec![(0.0, 0.5, All, 0.9), (1.5, 0.4, All, 0.8), (2.75, 0.4, All, 0.7)]
        },
        Comp::Chug => if full {
            vec![(0.0, 1.45, All, 1.0), (1.5, 0.45, All, 0.8), (2.0, 1.45, All, 0.9), (3.5, 0.45, All, 0.8)]
        } else {
            (0..8).map(|eighth| (f64::from(eighth) / 2.0, if eighth % 4 == 0 { 0.42 } else { 0.2 }, All, if eighth % 4 == 0 { 1.0 } else { 0.7 })).collect()
        },
        Comp::Scratch => vec![
            (0.0, 0.12, Upper, 0.8), (0.25, 0.06, Upper, 0.35), (0.75, 0.15, Upper, 0.8), (1.25, 0.06, Upper, 0.4), (1.5, 0.2, Upper, 0.85), (1.75, 0.06, Upper, 0.35),
            (2.25, 0.15, Upper, 0.7), (2.5, 0.06, Upper, 0.4), (2.75, 0.15, Upper, 0.8), (3.25, 0.06, Upper, 0.4), (3.5, 0.2, Upper, 0.8), (3.75, 0.06, Upper, 0.35),
        ],
        Comp::Sparse => vec![(0.0, 0.7, All, 0.8), (1.5, 1.2, All, 0.65), (3.5, 0.45, All, 0.5)],
        Comp::Montuno => vec![
            (0.0, 0.4, All, 0.9), (0.5, 0.4, One(2), 0.7), (1.0, 0.4, All, 0.8), (1.75, 0.4, One(1), 0.7), (2.25, 0.4, All, 0.85), (2.75, 0.4, One(2), 0.7), (3.25, 0.4, All, 0.8), (3.75, 0.3, One(3), 0.7),
        ],
        Comp::Ostinato => (0..8).map(|eighth| (f64::from(eighth) / 2.0, 0.32, if eighth % 4 == 0 { All } else { One([0, 2, 1][eighth as usize % 3]) }, if eighth % 2 == 0 { 0.9 } else { 0.65 })).collect(),
        Comp::Arpeggio => (0..16).map(|at| (f64::from(at) / 4.0, 0.22, One([0, 1, 2, 3, 4, 3, 2, 1][at as usize % 8]), if at % 4 == 0 { 0.95 } else { 0.65 })).collect(),
    }
}

/// How one of the chord instruments of a band is played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Playing {
    pub(super) comp: Comp,
    /// The pitch around which the hands stay.
    pub(super) centre: f32,
    /// The first plays from the beginning, the others join later.
    pub(super) rank: usize,
}

fn plays(bar: Bar, rank: usize) -> bool {
    match bar.section {
        Section::Intro => rank == 0 || (rank == 1 && bar.phrase > 0),
        Section::Verse => rank == 0 || (rank == 1 && (bar.phrase > 0 || bar.intensity > 0.5)),
        Section::Break | Section::Outro => rank < 2,
        _ => true,
    }
}

/// Everything that one chord instrument plays.
pub(super) fn notes(sheet: &Sheet, name: &str, playing: Playing) -> Vec<Note> {
    let mut human = Human::new(sheet, name);
    let mut hands = Hands::near(playing.centre);
    let mut notes = Vec::new();
    for (index, bar) in sheet.bars() {
        let chord = sheet.harmony.at(index);
        let pitches = hands.put(chord);
        if !plays(bar, playing.rank) {
            continue;
        }
        let loudness = (0.42 + 0.58 * bar.intensity) / (pitches.len() as f32).sqrt();
        // The last chord and the break are held; the bar before the drop is left open.
        let comp = match bar.section {
            Section::End => Comp::Held,
            Section::Break if playing.comp != Comp::Broken => Comp::Held,
            _ => playing.comp,
        };
        let until = if bar.section == Section::Build && bar.of_phrase == 3 && sheet.track.energy == Energy::High {
            3.0
        } else {
            4.0
        };
        for (beat, beats, tones, strength) in steps(comp, bar.full()).into_iter().filter(|step| step.0 < until) {
            let beats = if bar.section == Section::End { 6.0 } else { beats };
            for (number, pitch) in chosen(tones, &pitches, chord, playing.centre).into_iter().enumerate() {
                let mut note = human.play(sheet.note(index, beat, beats, pitch, strength * loudness));
                // A strum takes a few hundredths of a second.
                if matches!(tones, Tones::Down | Tones::Up) || comp == Comp::Sparse {
                    note.start += number as i64 * 480;
                }
                if matches!(tones, Tones::One(_) | Tones::Root) {
                    note.loudness *= 1.35;
                }
                notes.push(note);
            }
        }
    }
    notes
}

fn chosen(tones: Tones, pitches: &[f32], chord: &Chord, centre: f32) -> Vec<f32> {
    match tones {
        Tones::All | Tones::Down => pitches.to_vec(),
        Tones::Up => pitches.iter().rev().copied().take(3).collect(),
        Tones::Upper => pitches.iter().copied().skip(usize::from(pitches.len() > 2)).collect(),
        Tones::Root => vec![above(chord.tones[0], centre - 22.0)],
        Tones::One(number) => {
            let octave = number / pitches.len();
            vec![pitches[number % pitches.len()] + 12.0 * octave as f32]
        }
    }
}
