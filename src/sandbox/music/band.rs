//! Who plays: a part for each instrument of the track, its sound, and its place on the desk.

use super::super::catalogue::Energy;
use super::chords::{self, Comp, Playing};
use super::melody::{self, Tunes};
use super::mix::{Insert, Strip};
use super::sheet::Sheet;
use super::style::{Bass, Beat};
use super::voices::{Note, Patch, Pluck, Register, Sound, Stroke, Struck, Wave};
use super::{Part, bass, drums};

const PIANO: Patch = Patch {
    wave: Wave::Piano,
    unison: 2,
    detune: 1.6,
    attack: 0.002,
    decay: 1.3,
    sustain: 0.0,
    release: 0.22,
    cutoff: 1500.0,
    sweep: 4200.0,
    sweep_decay: 0.35,
    ..Patch::PLAIN
};
const ELECTRIC_PIANO: Patch = Patch {
    wave: Wave::Electric,
    attack: 0.003,
    decay: 1.6,
    sustain: 0.0,
    release: 0.2,
    cutoff: 1200.0,
    sweep: 3000.0,
    sweep_decay: 0.12,
    ..Patch::PLAIN
};
const ORGAN: Patch = Patch {
    wave: Wave::Organ,
    attack: 0.01,
    release: 0.06,
    cutoff: 4500.0,
    ..Patch::PLAIN
};
const STRINGS: Patch = Patch {
    unison: 3,
    detune: 9.0,
    attack: 0.16,
    release: 0.4,
    cutoff: 2200.0,
    vibrato: 5.0,
    ..Patch::PLAIN
};
const SHORT_STRINGS: Patch = Patch {
    unison: 3,
    detune: 9.0,
    attack: 0.012,
    decay: 0.2,
    sustain: 0.12,
    release: 0.15,
    cutoff: 1600.0,
    sweep: 2400.0,
    sweep_decay: 0.1,
    ..Patch::PLAIN
};
const VIOLIN: Patch = Patch {
    unison: 2,
    detune: 4.0,
    attack: 0.07,
    release: 0.2,
    cutoff: 3400.0,
    vibrato: 16.0,
    breath: 0.012,
    ..Patch::PLAIN
};
const CELLO: Patch = Patch {
    unison: 2,
    detune: 4.0,
    attack: 0.09,
    release: 0.25,
    cutoff: 1500.0,
    vibrato: 12.0,
    ..Patch::PLAIN
};
const BRASS: Patch = Patch {
    unison: 3,
    detune: 6.0,
    attack: 0.035,
    decay: 0.9,
    sustain: 0.75,
    release: 0.12,
    cutoff: 900.0,
    sweep: 3600.0,
    sweep_decay: 0.5,
    ..Patch::PLAIN
};
const TRUMPET: Patch = Patch {
    attack: 0.03,
    decay: 1.2,
    sustain: 0.8,
    release: 0.1,
    cutoff: 1900.0,
    sweep: 3000.0,
    sweep_decay: 0.4,
    vibrato: 10.0,
    damping: 0.9,
    ..Patch::PLAIN
};
const FLUTE: Patch = Patch {
    wave: Wave::Flute,
    attack: 0.06,
    release: 0.12,
    cutoff: 5000.0,
    vibrato: 12.0,
    breath: 0.06,
    ..Patch::PLAIN
};
const SAXOPHONE: Patch = Patch {
    wave: Wave::Reed,
    attack: 0.035,
    decay: 1.5,
    sustain: 0.85,
    release: 0.12,
    cutoff: 2200.0,
    sweep: 1600.0,
    sweep_decay: 0.3,
    vibrato: 14.0,
    breath: 0.025,
    ..Patch::PLAIN
};
const PAD: Patch = Patch {
    unison: 4,
    detune: 13.0,
    attack: 0.5,
    release: 0.9,
    cutoff: 1100.0,
    ..Patch::PLAIN
};
const CHORUS: Patch = Patch {
    unison: 4,
    detune: 14.0,
    attack: 0.18,
    release: 0.4,
    cutoff: 5000.0,
    vibrato: 8.0,
    ..Patch::PLAIN
};
const SUPER: Patch = Patch {
    unison: 5,
    detune: 17.0,
    attack: 0.004,
    decay: 0.5,
    sustain: 0.6,
    release: 0.16,
    cutoff: 2600.0,
    sweep: 4500.0,
    sweep_decay: 0.3,
    damping: 1.0,
    ..Patch::PLAIN
};
const SYNTH_PLUCK: Patch = Patch {
    unison: 2,
    detune: 9.0,
    attack: 0.002,
    decay: 0.22,
    sustain: 0.08,
    release: 0.14,
    cutoff: 500.0,
    sweep: 5200.0,
    sweep_decay: 0.1,
    damping: 0.55,
    ..Patch::PLAIN
};
const SYNTH_LEAD: Patch = Patch {
    wave: Wave::Square,
    unison: 2,
    detune: 7.0,
    attack: 0.006,
    decay: 0.6,
    sustain: 0.7,
    release: 0.14,
    cutoff: 2200.0,
    sweep: 2400.0,
    sweep_decay: 0.2,
    vibrato: 9.0,
    damping: 0.8,
    ..Patch::PLAIN
};
const SOFT_LEAD: Patch = Patch {
    wave: Wave::Square,
    unison: 2,
    detune: 5.0,
    attack: 0.05,
    release: 0.3,
    cutoff: 900.0,
    vibrato: 7.0,
    ..Patch::PLAIN
};
const SYNTH_BASS: Patch = Patch {
    attack: 0.003,
    decay: 0.5,
    sustain: 0.6,
    release: 0.05,
    cutoff: 220.0,
    sweep: 1500.0,
    sweep_decay: 0.11,
    damping: 0.8,
    ..Patch::PLAIN
};
const SUB_BASS: Patch = Patch {
    wave: Wave::Sub,
    attack: 0.006,
    decay: 0.9,
    sustain: 0.5,
    release: 0.09,
    cutoff: 500.0,
    ..Patch::PLAIN
};

const STEEL: Pluck = Pluck {
    decay: 2.6,
    bright: 0.6,
    damping: 0.28,
    release: 0.12,
};
const NYLON: Pluck = Pluck {
    decay: 1.3,
    bright: 0.42,
    damping: 0.36,
    release: 0.1,
};
const HARP: Pluck = Pluck {
    decay: 3.2,
    bright: 0.4,
    damping: 0.22,
    release: 0.8,
};
const CLEAN: Pluck = Pluck {
    decay: 3.0,
    bright: 0.5,
    damping: 0.2,
    release: 0.07,
};
const DRIVEN: Pluck = Pluck {
    decay: 6.0,
    bright: 0.6,
    damping: 0.25,
    release: 0.05,
};
const UPRIGHT: Pluck = Pluck {
    decay: 1.3,
    bright: 0.16,
    damping: 0.4,
    release: 0.1,
};
const FINGERED: Pluck = Pluck {
    decay: 2.4,
    bright: 0.24,
    damping: 0.3,
    release: 0.06,
};
const PICKED: Pluck = Pluck {
    decay: 2.6,
    bright: 0.5,
    damping: 0.2,
    release: 0.05,
};

const BELLS: Struck = Struck {
    modes: &[(1.0, 0.9, 1.0), (2.76, 0.35, 0.5), (5.4, 0.16, 0.25), (8.93, 0.06, 0.1)],
    seconds: 1.6,
};

/// What an instrument sounds like on chords, how loud, around which pitch, and through what.
fn chord_sound(sheet: &Sheet, instrument: &str, comp: Comp) -> (Sound, f32, f32, Insert) {
    let calm = sheet.track.energy == Energy::Low;
    let electric = matches!(sheet.track.genre, "R&B" | "Hip Hop" | "Beats" | "Downtempo" | "Soul" | "Funk");
    let none = Insert::None;
    match instrument {
        "piano" if electric => (Sound::Tone(&ELECTRIC_PIANO), 0.42, 62.0, Insert::Rotary(4.0)),
        "piano" => (Sound::Tone(&PIANO), 0.5, 64.0, none),
        "acoustic guitar" | "guitar" => (Sound::Pluck(&STEEL), 0.4, 58.0, none),
        "ukulele" => (Sound::Pluck(&NYLON), 0.46, 67.0, none),
        "harp" => (Sound::Pluck(&HARP), 0.44, 66.0, none),
        "electric guitar" if comp == Comp::Chug => (
            Sound::Pluck(&DRIVEN),
            0.3,
            48.0,
            Insert::Amplifier(if sheet.style.beat == Beat::Metal { 9.0 } else { 4.5 }),
        ),
        "electric guitar" if sheet.style.beat == Beat::Shuffle => (Sound::Pluck(&CLEAN), 0.42, 58.0, Insert::Amplifier(1.6)),
        "electric guitar" => (Sound::Pluck(&CLEAN), 0.4, 60.0, none),
        "strings" if comp == Comp::Ostinato => (Sound::Tone(&SHORT_STRINGS), 0.5, 57.0, none),
        "strings" | "violin" => (Sound::Tone(&STRINGS), 0.32, 62.0, none),
        "cello" if comp == Comp::Ostinato => (Sound::Tone(&SHORT_STRINGS), 0.5, 48.0, none),
        "cello" => (Sound::Tone(&CELLO), 0.36, 50.0, none),
        "brass" | "trumpet" => (Sound::Tone(&BRASS), 0.34, 59.0, none),
        "saxophone" => (Sound::Tone(&SAXOPHONE), 0.3, 60.0, none),
        "flute" => (Sound::Tone(&FLUTE), 0.34, 72.0, none),
        "organ" => (Sound::Tone(&ORGAN), 0.3, 60.0, Insert::Rotary(if calm { 1.0 } else { 6.0 })),
        "bells" => (Sound::Struck(&BELLS), 0.34, 76.0, none),
        "choir" => (Sound::Tone(&CHORUS), 0.5, 60.0, Insert::Choir),
        "pad" => (Sound::Tone(&PAD), 0.3, 55.0, none),
        _ => match comp {
            Comp::Held => (Sound::Tone(&PAD), 0.36, 60.0, none),
            Comp::Arpeggio | Comp::Broken => (Sound::Tone(&SYNTH_PLUCK), 0.42, 60.0, none),
            _ if calm => (Sound::Tone(&SYNTH_PLUCK), 0.4, 60.0, none),
            _ => (Sound::Tone(&SUPER), 0.34, 62.0, none),
        },
    }
}

/// What an instrument sounds like on a tune, how loud, around which pitch, and through what.
fn lead_sound(sheet: &Sheet, instrument: &str) -> (Sound, f32, f32, Insert) {
    let calm = sheet.track.energy == Energy::Low;
    let none = Insert::None;
    match instrument {
        "violin" | "strings" => (Sound::Tone(&VIOLIN), 0.24, 74.0, none),
        "cello" => (Sound::Tone(&CELLO), 0.34, 55.0, none),
        "flute" => (Sound::Tone(&FLUTE), 0.32, 77.0, none),
        "saxophone" => (Sound::Tone(&SAXOPHONE), 0.28, 65.0, none),
        "trumpet" | "brass" => (Sound::Tone(&TRUMPET), 0.24, 68.0, none),
        "bells" => (Sound::Struck(&BELLS), 0.36, 81.0, none),
        "electric guitar" if matches!(sheet.style.beat, Beat::Rock | Beat::Metal | Beat::Punk | Beat::Shuffle) => {
            (Sound::Pluck(&DRIVEN), 0.26, 67.0, Insert::Amplifier(5.0))
        }
        "electric guitar" => (Sound::Pluck(&CLEAN), 0.5, 67.0, none),
        "acoustic guitar" | "guitar" => (Sound::Pluck(&STEEL), 0.55, 69.0, none),
        "ukulele" => (Sound::Pluck(&NYLON), 0.55, 72.0, none),
        "harp" => (Sound::Pluck(&HARP), 0.5, 74.0, none),
        "organ" => (Sound::Tone(&ORGAN), 0.26, 70.0, Insert::Rotary(6.0)),
        "piano" => (Sound::Tone(&PIANO), 0.55, 74.0, none),
        "choir" => (Sound::Tone(&CHORUS), 0.45, 69.0, Insert::Choir),
        _ if calm => (Sound::Tone(&SOFT_LEAD), 0.3, 70.0, none),
        _ => (Sound::Tone(&SYNTH_LEAD), 0.24, 72.0, none),
    }
}

/// Whether an instrument rather plays a tune than chords.
fn sings(instrument: &str) -> bool {
    matches!(instrument, "violin" | "flute" | "saxophone" | "trumpet" | "bells" | "cello")
}

/// All parts of a track.
pub(super) fn parts(sheet: &Sheet) -> Vec<Part> {
    let melodic: Vec<&str> = sheet
        .track
        .instruments
        .iter()
        .copied()
        .filter(|name| !matches!(*name, "bass" | "drums" | "percussion"))
        .collect();
    let lead = if melodic.len() > 1 {
        melodic.iter().copied().find(|name| sings(name))
    } else {
        None
    };
    let mut players: Vec<&str> = melodic.iter().copied().filter(|name| Some(*name) != lead).collect();
    if players.is_empty() {
        // Drums and bass alone: a pad says which key it is.
        players.push("pad");
    }
    let mut parts = drums::parts(sheet);
    parts.extend(bass_part(sheet, parts.is_empty()));
    parts.extend(chord_parts(sheet, &players));
    let tunes = Tunes::of(sheet);
    let by = lead.unwrap_or(players[0]);
    let role = if sheet.track.has_vocals {
        melody::Part::Answer
    } else {
        melody::Part::Lead
    };
    parts.push(lead_part(sheet, &tunes, by, role));
    if sheet.track.has_vocals {
        parts.extend(voices(sheet, &tunes));
    }
    parts.extend(impact(sheet, players[0]));
    parts
}

fn strip(sheet: &Sheet, gain: f32, pan: f32, insert: Insert) -> Strip {
    Strip {
        gain,
        pan,
        room: sheet.style.room.1,
        echo: 0.0,
        duck: 0.0,
        insert,
    }
}

fn bass_part(sheet: &Sheet, alone: bool) -> Option<Part> {
    // A player of classical or quiet music needs no bass.
    let needed = sheet.has("bass") || !alone || sheet.track.energy != Energy::Low;
    if !needed || (matches!(sheet.style.beat, Beat::None) && !sheet.has("bass") && !sheet.has("drums")) {
        return None;
    }
    let (sound, gain) = match (sheet.style.beat, sheet.style.bass) {
        (Beat::House | Beat::Electro | Beat::Broken, _) => (Sound::Tone(&SYNTH_BASS), 0.4),
        (Beat::Trap | Beat::Reggaeton, _) => (Sound::Tone(&SUB_BASS), 0.5),
        (Beat::BoomBap | Beat::Slow, _) if sheet.style.electronic => (Sound::Tone(&SUB_BASS), 0.46),
        (Beat::Rock | Beat::Punk | Beat::Metal, _) => (Sound::Pluck(&PICKED), 0.55),
        (Beat::Swing | Beat::Brush | Beat::Bossa | Beat::March | Beat::None, _) => (Sound::Pluck(&UPRIGHT), 0.62),
        (Beat::Epic, Bass::Long | Bass::Eighths) => (Sound::Tone(&CELLO), 0.34),
        _ => (Sound::Pluck(&FINGERED), 0.58),
    };
    let mut strip = strip(sheet, gain, 0.0, Insert::None);
    strip.room *= 0.15;
    strip.duck = sheet.style.pump * 0.7;
    Some(Part {
        sound,
        strip,
        kick: false,
        notes: bass::notes(sheet, !alone),
    })
}

fn chord_parts(sheet: &Sheet, players: &[&str]) -> Vec<Part> {
    let mut parts = Vec::new();
    let share = 1.0 / (players.len().min(3) as f32).sqrt();
    // Dark music is lower.
    let dark = sheet
        .track
        .moods
        .iter()
        .any(|mood| matches!(*mood, "Dark" | "Suspenseful" | "Angry"));
    for (rank, name) in players.iter().take(4).enumerate() {
        let comp = chords::comp(sheet, name, rank);
        let (sound, gain, centre, insert) = chord_sound(sheet, name, comp);
        let centre = if dark && centre > 55.0 { centre - 5.0 } else { centre };
        let notes = chords::notes(sheet, name, Playing { comp, centre, rank });
        let mut strip = strip(sheet, gain * share, [-0.28, 0.34, -0.5, 0.55][rank], insert);
        strip.duck = sheet.style.pump;
        if matches!(comp, Comp::Arpeggio | Comp::Stabs | Comp::Offbeats) && sheet.style.electronic {
            strip.echo = 0.22;
        }
        if comp == Comp::Chug {
            // Played twice, left and right.
            let again = notes
                .iter()
                .map(|note| Note {
                    start: note.start + 530,
                    pitch: note.pitch + 0.06,
                    ..*note
                })
                .collect();
            strip.pan = -0.85;
            strip.room *= 0.5;
            parts.push(Part {
                sound,
                strip: Strip { pan: 0.85, ..strip },
                kick: false,
                notes: again,
            });
        }
        parts.push(Part {
            sound,
            strip,
            kick: false,
            notes,
        });
    }
    parts
}

fn lead_part(sheet: &Sheet, tunes: &Tunes, by: &str, role: melody::Part) -> Part {
    let (sound, gain, centre, insert) = lead_sound(sheet, by);
    let mut strip = strip(sheet, gain, 0.12, insert);
    strip.echo = if sheet.style.electronic { 0.3 } else { 0.12 };
    strip.duck = sheet.style.pump * 0.4;
    Part {
        sound,
        strip,
        kick: false,
        notes: melody::notes(sheet, tunes, role, centre),
    }
}

fn voices(sheet: &Sheet, tunes: &Tunes) -> Vec<Part> {
    let high = sheet.seed("singer").chance(0.55);
    let (register, centre) = if high { (Register::High, 67.0) } else { (Register::Low, 57.0) };
    let rough = matches!(sheet.style.beat, Beat::Metal | Beat::Punk);
    let insert = if rough { Insert::Amplifier(2.5) } else { Insert::None };
    let gain = if rough { 0.5 } else { 0.62 };
    let mut lead = strip(sheet, gain, 0.0, insert);
    lead.echo = 0.14;
    let mut above = strip(sheet, gain * 0.42, -0.55, insert);
    above.room *= 1.4;
    let below = Strip { pan: 0.6, ..above };
    let sung = melody::notes(sheet, tunes, melody::Part::Voice, centre);
    let doubled = melody::notes(sheet, tunes, melody::Part::Above, centre);
    // The same singer once more, a little late.
    let again = sung
        .iter()
        .map(|note| Note {
            start: note.start + 900,
            pitch: note.pitch + 0.08,
            ..*note
        })
        .collect();
    [
        (lead, sung),
        (above, doubled),
        (
            Strip {
                gain: gain * 0.28,
                ..below
            },
            again,
        ),
    ]
    .into_iter()
    .map(|(strip, notes)| Part {
        sound: Sound::Sung(register),
        strip,
        kick: false,
        notes,
    })
    .collect()
}

/// What makes the drop the strongest moment: a deep stroke, and the chord of the first player in two octaves.
fn impact(sheet: &Sheet, by: &str) -> Vec<Part> {
    let soft = if sheet.track.energy == Energy::Low { 0.8 } else { 1.0 };
    let bar = sheet.form.drop_bar();
    let chord = sheet.harmony.at(bar);
    let (sound, gain, centre, insert) = match chord_sound(sheet, by, Comp::Held) {
        // What swells comes too late.
        (Sound::Tone(patch), _, centre, _) if patch.attack > 0.1 => (Sound::Tone(&PIANO), 0.6, centre, Insert::None),
        fast => fast,
    };
    let pitches = [centre - 12.0, centre]
        .into_iter()
        .flat_map(|low: f32| chord.tones.iter().map(move |tone| super::harmony::above(*tone, low - 5.0)));
    let notes = pitches.map(|pitch| sheet.note(bar, 0.0, 2.5, pitch, 0.42 * soft)).collect();
    vec![
        Part {
            sound: Sound::Drum(Stroke::Boom),
            strip: Strip {
                room: 0.08,
                ..strip(sheet, 0.85 * soft, 0.0, Insert::None)
            },
            kick: false,
            notes: vec![sheet.note(bar, 0.0, 1.0, 0.0, 1.0)],
        },
        Part {
            sound,
            strip: strip(sheet, gain, 0.0, insert),
            kick: false,
            notes,
        },
    ]
}
