//! Drum patterns, a bar at a time, in sixteenths; fills, builds and cymbals.

use super::super::catalogue::Energy;
use super::Part;
use super::arrangement::{Bar, Section};
use super::mix::{Insert, Strip};
use super::sheet::{Human, Sheet};
use super::style::Beat;
use super::voices::{Note, Sound, Stroke};

/// What a line of a pattern is for: it decides when the line is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Kick,
    Snare,
    Hat,
    /// In choruses and drops only.
    Full,
}

/// Strokes of a bar: `X` accented, `x`, `o` soft.
struct Line(Role, Stroke, f32, &'static str);

#[rustfmt::skip]
fn pattern(beat: Beat) -> &'static [Line] {
    use Role::{Full, Hat, Kick, Snare};
    use Stroke as S;
    match beat {
        Beat::None => &[],
        Beat::Brush => &[
            Line(Kick, S::Kick, 0.5, "x.........o....."), Line(Snare, S::Brush, 0.6, "....x..o....x..."),
            Line(Hat, S::Sweep, 0.5, "x...x...x...x..."), Line(Full, S::Tambourine, 0.4, "....X.......X.o."),
        ],
        Beat::BoomBap => &[
            Line(Kick, S::Kick, 0.95, "X......x..x....."), Line(Snare, S::Snare, 0.7, "....X.......X..o"),
            Line(Hat, S::Hat, 0.34, "x.x.x.xox.x.x.xo"), Line(Full, S::OpenHat, 0.26, "......x........."),
        ],
        Beat::Trap => &[
            Line(Kick, S::LongKick, 0.9, "X.....x...x....."), Line(Snare, S::Clap, 0.65, "........X......."),
            Line(Hat, S::ClubHat, 0.3, "x.x.x.xxx.x.xoxo"), Line(Full, S::ClubSnare, 0.4, "........X.....o."),
        ],
        Beat::Slow => &[
            Line(Kick, S::Kick, 0.85, "X.......o.x....."), Line(Snare, S::Snare, 0.6, "....X.......X..."),
            Line(Hat, S::Hat, 0.28, "x.o.x.o.x.o.x.o."), Line(Full, S::Shaker, 0.3, "x.o.x.o.x.o.x.o."),
        ],
        Beat::Shuffle => &[
            Line(Kick, S::Kick, 0.85, "X.....o.X.....o."), Line(Snare, S::Snare, 0.65, "....X.......X..."),
            Line(Hat, S::Hat, 0.34, "X.x.X.x.X.x.X.x."), Line(Full, S::Ride, 0.26, "x.o.x.o.x.o.x.o."),
        ],
        Beat::Rock => &[
            Line(Kick, S::Kick, 1.0, "X.......X.x....."), Line(Snare, S::Snare, 0.8, "....X.......X..."),
            Line(Hat, S::Hat, 0.36, "X.x.X.x.X.x.X.x."), Line(Full, S::OpenHat, 0.26, "X...X...X...X..."),
        ],
        Beat::Punk => &[
            Line(Kick, S::Kick, 1.0, "X..xX..xX..xX..x"), Line(Snare, S::Snare, 0.8, "..X...X...X...X."),
            Line(Hat, S::OpenHat, 0.26, "X.x.X.x.X.x.X.x."), Line(Full, S::Crash, 0.16, "X.......X......."),
        ],
        Beat::Metal => &[
            Line(Kick, S::Kick, 0.9, "X.xxX.xxX.xxX.xx"), Line(Snare, S::Snare, 0.85, "....X.......X..."),
            Line(Hat, S::Hat, 0.3, "X...X...X...X..."), Line(Full, S::Crash, 0.18, "X...x...X...x..."),
        ],
        Beat::March => &[
            Line(Kick, S::Taiko, 0.7, "X.......X......."), Line(Snare, S::Snare, 0.55, "x.xoX.xox.xxXoxo"),
            Line(Hat, S::Tambourine, 0.3, "....x.......x..."), Line(Full, S::Crash, 0.3, "X.......X......."),
        ],
        Beat::Epic => &[
            Line(Kick, S::Taiko, 0.95, "X.....x.X...x.x."), Line(Snare, S::Tom, 0.6, "....x.....x...xx"),
            Line(Hat, S::Shaker, 0.25, "..x...x...x...x."), Line(Full, S::Boom, 0.45, "X..............."),
        ],
        Beat::House => &[
            Line(Kick, S::ClubKick, 1.0, "X...X...X...X..."), Line(Snare, S::Clap, 0.6, "....X.......X..."),
            Line(Hat, S::ClubOpenHat, 0.36, "..X...X...X...X."), Line(Full, S::ClubHat, 0.26, "xoxoxoxoxoxoxoxo"),
        ],
        Beat::Disco => &[
            Line(Kick, S::Kick, 1.0, "X...X...X...X..."), Line(Snare, S::Snare, 0.65, "....X.......X..."),
            Line(Hat, S::Hat, 0.34, "x.o.x.o.x.o.x.o."), Line(Full, S::OpenHat, 0.32, "..X...X...X...X."),
        ],
        Beat::Electro => &[
            Line(Kick, S::ClubKick, 1.0, "X...X...X...X..."), Line(Snare, S::ClubSnare, 0.75, "....X.......X..."),
            Line(Hat, S::ClubHat, 0.34, "x.xxx.xxx.xxx.xx"), Line(Full, S::ClubOpenHat, 0.3, "..X...X...X...X."),
        ],
        Beat::Broken => &[
            Line(Kick, S::ClubKick, 0.95, "X..x......X..x.."), Line(Snare, S::ClubSnare, 0.7, "....X..o.o..X..."),
            Line(Hat, S::ClubHat, 0.3, "x.xox.x.xox.x.oo"), Line(Full, S::Rim, 0.4, "..o..x...o.x..o."),
        ],
        Beat::Funk => &[
            Line(Kick, S::Kick, 0.95, "X..x..x...x..o.."), Line(Snare, S::Snare, 0.7, "....X..o.o..X..o"),
            Line(Hat, S::Hat, 0.34, "XoxoXoxoXoxoXox."), Line(Full, S::OpenHat, 0.26, "..............x."),
        ],
        Beat::Motown => &[
            Line(Kick, S::Kick, 0.9, "X.....x.X......."), Line(Snare, S::Snare, 0.6, "X...X...X...X..."),
            Line(Hat, S::Tambourine, 0.4, "..x...x...x...x."), Line(Full, S::Clap, 0.3, "....X.......X..."),
        ],
        Beat::Swing => &[
            Line(Kick, S::Kick, 0.4, "o...o...o...o..."), Line(Snare, S::Rim, 0.4, "....o......o..o."),
            Line(Hat, S::Ride, 0.42, "X...X.x.X...X.x."), Line(Full, S::Snare, 0.4, "......x......o.."),
        ],
        Beat::Bossa => &[
            Line(Kick, S::Kick, 0.65, "X.....xoX.....xo"), Line(Snare, S::Rim, 0.55, "X..x..x...x..x.."),
            Line(Hat, S::Shaker, 0.42, "xoxoxoxoxoxoxoxo"), Line(Full, S::Conga, 0.4, "..x...xx..x...xx"),
        ],
        Beat::Salsa => &[
            Line(Kick, S::Kick, 0.75, "......X.......X."), Line(Snare, S::Clave, 0.5, "..x.x...x..x..x."),
            Line(Hat, S::Conga, 0.55, "o.x.o.Xxo.x.o.Xx"), Line(Full, S::Cowbell, 0.32, "X.x.X.xxX.x.X.xx"),
        ],
        Beat::Reggaeton => &[
            Line(Kick, S::ClubKick, 0.95, "X...X...X...X..."), Line(Snare, S::ClubSnare, 0.65, "...X..X....X..X."),
            Line(Hat, S::ClubHat, 0.3, "x.x.x.x.x.x.x.x."), Line(Full, S::Shaker, 0.35, "xoxoxoxoxoxoxoxo"),
        ],
        Beat::Afro => &[
            Line(Kick, S::Kick, 0.9, "X..x..x.X..x..x."), Line(Snare, S::Rim, 0.55, "...x..x....x..x."),
            Line(Hat, S::Shaker, 0.42, "X.xoX.xoX.xoX.xo"), Line(Full, S::Conga, 0.5, "..x..xx...x..xxx"),
        ],
        Beat::OneDrop => &[
            Line(Kick, S::Kick, 1.0, "........X......."), Line(Snare, S::Rim, 0.7, "........X......."),
            Line(Hat, S::Hat, 0.34, "x.xox.x.x.xox.x."), Line(Full, S::OpenHat, 0.24, "......x.......x."),
        ],
        Beat::Ska => &[
            Line(Kick, S::Kick, 0.95, "X.......X......."), Line(Snare, S::Snare, 0.7, "....X.......X..."),
            Line(Hat, S::Hat, 0.36, "..X...X...X...X."), Line(Full, S::OpenHat, 0.24, "..X...X...X...X."),
        ],
    }
}

/// What percussion adds, with a kit or without.
#[rustfmt::skip]
fn percussion(beat: Beat) -> &'static [Line] {
    use Role::{Full, Hat, Snare};
    use Stroke as S;
    match beat {
        Beat::Epic | Beat::None | Beat::March => &[
            Line(Snare, S::Taiko, 0.7, "X.....o.x..o..o."), Line(Full, S::Tom, 0.45, "..x.x...x.x.x.xx"),
        ],
        Beat::Bossa | Beat::Salsa | Beat::Afro | Beat::Reggaeton | Beat::Funk | Beat::Disco | Beat::OneDrop => &[
            Line(Snare, S::Conga, 0.5, "x.o.x.xxx.o.x.xx"), Line(Hat, S::Shaker, 0.34, "xoxoxoxoxoxoxoxo"),
            Line(Full, S::Cowbell, 0.2, "x...x...x...x..."),
        ],
        _ => &[
            Line(Hat, S::Shaker, 0.42, "x.o.x.o.x.o.x.o."), Line(Snare, S::Tambourine, 0.34, "....X.......X..."),
            Line(Full, S::Conga, 0.34, "x..o..x.x..o..xx"),
        ],
    }
}

fn strokes(line: &str) -> impl Iterator<Item = (f64, f32)> + '_ {
    line.bytes().enumerate().filter_map(|(sixteenth, stroke)| {
        let strength = match stroke {
            b'X' => 1.0,
            b'x' => 0.75,
            b'o' => 0.38,
            _ => return None,
        };
        Some((sixteenth as f64 / 4.0, strength))
    })
}

/// Whether a line is played in a bar.
fn plays(role: Role, bar: Bar, energy: Energy) -> bool {
    match bar.section {
        Section::Intro => role == Role::Hat && energy != Energy::Low && (bar.phrase > 0 || bar.of_phrase > 1),
        Section::Verse => match role {
            Role::Full => energy == Energy::High && bar.phrase > 1,
            _ => true,
        },
        Section::Chorus | Section::Drop => role != Role::Full || energy != Energy::Low,
        Section::Build => role != Role::Full && (bar.of_phrase < 2 || role == Role::Hat),
        Section::Break => role == Role::Hat && energy == Energy::High,
        Section::Outro => role != Role::Full && (role != Role::Snare || bar.of_phrase < 2),
        Section::End => false,
    }
}

/// Whether there are drums at all: where they are named, and where the genre is none without them.
pub(super) fn has_kit(sheet: &Sheet) -> bool {
    let needed = !matches!(sheet.style.beat, Beat::None | Beat::Brush | Beat::Epic) && sheet.track.energy != Energy::Low;
    sheet.has("drums") || needed
}

/// All parts of the drums.
pub(super) fn parts(sheet: &Sheet) -> Vec<Part> {
    let kit = has_kit(sheet);
    let mut lines: Vec<(&Line, f32)> = Vec::new();
    // Where drums are named but the genre has none, they are played with brushes.
    let beat = if kit && sheet.style.beat == Beat::None {
        Beat::Brush
    } else {
        sheet.style.beat
    };
    if kit {
        lines.extend(pattern(beat).iter().map(|line| (line, 1.0)));
    }
    if sheet.has("percussion") {
        lines.extend(percussion(sheet.style.beat).iter().map(|line| (line, if kit { 0.7 } else { 1.0 })));
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let level = match sheet.track.energy {
        Energy::Low => 0.5,
        Energy::Medium => 0.8,
        Energy::High => 1.0,
    };
    let mut parts: Vec<Part> = lines
        .iter()
        .enumerate()
        .map(|(number, (Line(role, stroke, gain, line), share))| {
            let mut part = part(sheet, *stroke, gain * level * share, number);
            part.notes = line_notes(sheet, *role, *stroke, line, number);
            part
        })
        .collect();
    if kit {
        parts.extend(fills(sheet, beat, level));
    }
    parts.extend(cymbals(sheet, level));
    parts
}

fn part(sheet: &Sheet, stroke: Stroke, gain: f32, number: usize) -> Part {
    let low = matches!(
        stroke,
        Stroke::Kick | Stroke::ClubKick | Stroke::LongKick | Stroke::Boom | Stroke::Taiko
    );
    let pan = match stroke {
        _ if low => 0.0,
        Stroke::Snare | Stroke::ClubSnare | Stroke::Clap => 0.04,
        Stroke::Hat | Stroke::OpenHat | Stroke::ClubHat => 0.35,
        _ => [-0.45, 0.5, -0.3, 0.25][number % 4],
    };
    Part {
        sound: Sound::Drum(stroke),
        strip: Strip {
            gain,
            pan,
            room: if low { 0.03 } else { sheet.style.room.1 * 0.6 },
            echo: 0.0,
            duck: 0.0,
            insert: Insert::None,
        },
        kick: matches!(stroke, Stroke::ClubKick | Stroke::Kick | Stroke::LongKick) && sheet.style.pump > 0.0,
        notes: Vec::new(),
    }
}

fn line_notes(sheet: &Sheet, role: Role, stroke: Stroke, line: &str, number: usize) -> Vec<Note> {
    let mut human = Human::new(sheet, &format!("drums {number}"));
    let mut variation = sheet.seed(&format!("variation {number}"));
    let mut notes = Vec::new();
    for (index, bar) in sheet.bars() {
        let filled = fill(sheet, bar);
        if !plays(role, bar, sheet.track.energy) {
            continue;
        }
        for (beat, strength) in strokes(line) {
            // A fill takes the place of the last beat.
            if filled && beat >= 3.0 && role != Role::Hat {
                continue;
            }
            // Ghost strokes come and go.
            if strength < 0.5 && variation.chance(0.25) {
                continue;
            }
            let level = strength * (0.45 + 0.55 * bar.intensity);
            let pitch = if stroke == Stroke::Tom && beat >= 3.0 { -5.0 } else { 0.0 };
            notes.push(human.play(sheet.note(index, beat, 0.2, pitch, level)));
        }
        // Now and then one kick more.
        if role == Role::Kick && bar.of_phrase == 1 && variation.chance(0.5) && !matches!(sheet.style.beat, Beat::Swing | Beat::OneDrop) {
            notes.push(human.play(sheet.note(index, 3.5, 0.2, 0.0, 0.4 * bar.intensity)));
        }
    }
    notes
}

/// Whether a bar ends with a fill.
fn fill(sheet: &Sheet, bar: Bar) -> bool {
    let sections = matches!(bar.section, Section::Verse | Section::Chorus | Section::Drop);
    sections && bar.of_phrase == 3 && (bar.turns() || bar.phrase % 2 == 1) && sheet.track.energy != Energy::Low
}

/// Fills, and the rolls of a build.
fn fills(sheet: &Sheet, beat: Beat, level: f32) -> Vec<Part> {
    const FILLS: [[&str; 2]; 4] = [
        ["............xxxx", "................"],
        ["............x.x.", ".............x.x"],
        ["............xx..", "..............xx"],
        ["............X..x", "..............xX"],
    ];
    let roll = match beat {
        Beat::House | Beat::Electro | Beat::Broken | Beat::Reggaeton | Beat::Trap => Stroke::ClubSnare,
        Beat::Epic => Stroke::Taiko,
        Beat::Brush | Beat::Swing | Beat::Bossa => Stroke::Brush,
        _ => Stroke::Snare,
    };
    let mut seed = sheet.seed("fills");
    let mut human = Human::new(sheet, "fills");
    let mut snare = part(sheet, roll, 0.5 * level, 0);
    let mut toms = part(sheet, Stroke::Tom, 0.6 * level, 1);
    for (index, bar) in sheet.bars() {
        if fill(sheet, bar) {
            let [first, second] = seed.pick(&FILLS);
            for (beat, strength) in strokes(first) {
                snare
                    .notes
                    .push(human.play(sheet.note(index, beat, 0.2, 0.0, strength * 0.8 * bar.intensity)));
            }
            for (beat, strength) in strokes(second) {
                let pitch = if beat > 3.6 { -4.0 } else { 2.0 };
                toms.notes
                    .push(human.play(sheet.note(index, beat, 0.2, pitch, strength * bar.intensity)));
            }
        }
        if bar.section == Section::Build && sheet.track.energy != Energy::Low {
            // Twice as dense in each bar, and a breath before the drop.
            let step = [1.0, 1.0, 0.5, 0.25][bar.of_phrase];
            let until = if bar.of_phrase == 3 { 3.5 } else { 4.0 };
            for number in 0..(until / step) as usize {
                let beat = number as f64 * step;
                let along = (bar.of_phrase as f32 + beat as f32 / 4.0) / 4.0;
                snare
                    .notes
                    .push(human.play(sheet.note(index, beat, 0.2, along * 2.0, 0.15 + 0.4 * along)));
            }
        }
    }
    vec![snare, toms]
}

/// A crash where something begins, and noise that rises before the drop.
fn cymbals(sheet: &Sheet, level: f32) -> Vec<Part> {
    let mut crash = part(sheet, Stroke::Crash, 0.42 * level, 1);
    let mut riser = part(sheet, Stroke::Riser, 0.3 * level, 2);
    crash.strip.room = sheet.style.room.1;
    for (index, bar) in sheet.bars() {
        if bar.of_phrase == 0 && bar.phrase == 0 && bar.full() || bar.section == Section::End {
            crash.notes.push(sheet.note(index, 0.0, 1.0, 0.0, bar.intensity.max(0.5)));
        }
        if bar.section == Section::Build && bar.of_phrase == 3 && sheet.style.electronic {
            // It ends where the drop begins.
            let mut note = sheet.note(index + 1, 0.0, 1.0, 0.0, 0.8);
            note.start -= super::samples(2.0);
            if note.start > 0 {
                riser.notes.push(note);
            }
        }
    }
    vec![crash, riser]
}
