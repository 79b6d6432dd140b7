//! The notes of a track.

use super::super::catalogue::{Energy, Groove, Track};
use super::super::seed::Seed;
use super::arrangement::{Arrangement, Section};
use super::harmony::{Harmony, frequency};
use super::voices::Timbre;
use super::{drums, samples};

/// One note of one voice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// The first sample.
    pub(super) start: i64,
    /// How many samples it may sound.
    pub(super) length: i64,
    /// How many of them until it is let go.
    pub(super) held: i64,
    /// In Hz.
    pub(super) frequency: f32,
    pub(super) loudness: f32,
    /// −1 left to 1 right.
    pub(super) pan: f32,
    pub(super) timbre: Timbre,
}

/// What is being written.
pub(super) struct Score {
    notes: Vec<Note>,
}

impl Score {
    /// Adds a note: when and how long in seconds, which pitch (MIDI), how loud, where.
    pub(super) fn add(&mut self, timbre: Timbre, start: f64, seconds: f64, pitch: f32, loudness: f32, pan: f32) {
        let held = samples(seconds);
        let length = held + samples(timbre.release_seconds());
        self.notes.push(Note {
            start: samples(start),
            length,
            held,
            frequency: frequency(pitch),
            loudness,
            pan,
            timbre,
        });
    }
}

/// How a chord instrument plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pattern {
    /// Held through the bar.
    Held,
    /// On every beat.
    Beats,
    /// One tone after the other, in eighths.
    Broken,
    /// Between the beats.
    Offbeat,
}

/// Writes a track.
pub(super) fn write(track: &Track, arrangement: &Arrangement) -> Vec<Note> {
    let mut seed = Seed::of(&track.id);
    let harmony = Harmony::new(track.key, &mut seed);
    let mut score = Score { notes: Vec::new() };
    let players = Players::of(track, &mut seed);
    let motif = motif(&mut seed, track);
    let swing = if matches!(track.groove, Groove::Swing | Groove::Shuffle | Groove::HipHop) {
        0.06
    } else {
        0.0
    };
    for (index, bar) in arrangement.bars().iter().enumerate() {
        let start = index as f64 * arrangement.bar_seconds();
        let beat = arrangement.bar_seconds() / 4.0;
        let drop = bar.section == Section::Drop;
        let degree = harmony.degree(index, drop);
        let place = Place { start, beat, swing, index };
        for (number, (timbre, pattern, octave)) in players.chords.iter().enumerate() {
            // The second chord instrument joins when the music gets going.
            if number == 0 || bar.intensity > 0.45 {
                chords(
                    &mut score,
                    &harmony,
                    place,
                    degree,
                    *timbre,
                    *pattern,
                    *octave,
                    bar.intensity * players.share,
                    number,
                    players.sevenths,
                );
            }
        }
        if let Some(bass) = players.bass.filter(|_| bar.section != Section::Intro) {
            bass_line(&mut score, &harmony, place, degree, bass, bar.intensity, track.energy);
        }
        if let Some(lead) = players.lead.filter(|_| matches!(bar.section, Section::Verse | Section::Drop)) {
            melody(&mut score, &harmony, place, degree, lead, &motif, bar.intensity);
        }
        if track.has_vocals && matches!(bar.section, Section::Verse | Section::Drop | Section::Build) {
            sung(&mut score, &harmony, place, degree, &motif, bar.intensity, track.id.len());
        }
        if players.drums {
            drums::bar(&mut score, track.groove, track.energy, bar.section, bar.intensity, place);
        }
    }
    impact(&mut score, &harmony, arrangement, &players, track);
    let mut notes = score.notes;
    notes.sort_by_key(|note| note.start);
    notes
}

/// Where a bar is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// In seconds.
    pub(super) start: f64,
    /// Length of a beat in seconds.
    pub(super) beat: f64,
    /// How late the eighth between two beats comes, in beats.
    pub(super) swing: f64,
    /// Which bar.
    pub(super) index: usize,
}

impl Place {
    /// The time of a beat (or a part of one) of the bar, in seconds.
    pub(super) fn at(&self, beat: f64) -> f64 {
        let between = (beat.fract() - 0.5).abs() < 0.01;
        self.start + (beat + if between { self.swing } else { 0.0 }) * self.beat
    }
}

/// Who plays what.
struct Players {
    chords: Vec<(Timbre, Pattern, i32)>,
    bass: Option<Timbre>,
    lead: Option<Timbre>,
    drums: bool,
    sevenths: bool,
    /// How loud one chord instrument is, the more of them the softer.
    share: f32,
}

impl Players {
    fn of(track: &Track, seed: &mut Seed) -> Self {
        let low = track.moods.iter().any(|mood| matches!(*mood, "Dark" | "Suspenseful" | "Angry"));
        let mut chords = Vec::new();
        let mut lead = None;
        for name in &track.instruments {
            let octave = if low { 3 } else { 4 };
            let pattern = match (*name, track.energy) {
                ("strings" | "choir" | "organ" | "brass" | "cello", Energy::Low | Energy::Medium) => Pattern::Held,
                (_, Energy::Low) => {
                    if seed.chance(0.6) {
                        Pattern::Broken
                    } else {
                        Pattern::Held
                    }
                }
                (_, Energy::Medium) => {
                    if track.groove == Groove::Reggae {
                        Pattern::Offbeat
                    } else if seed.chance(0.5) {
                        Pattern::Broken
                    } else {
                        Pattern::Beats
                    }
                }
                (_, Energy::High) => {
                    if seed.chance(0.5) {
                        Pattern::Beats
                    } else {
                        Pattern::Offbeat
                    }
                }
            };
            match Timbre::named(name) {
                Some(timbre) if timbre.sings() && lead.is_none() && !chords.is_empty() => lead = Some(timbre),
                Some(timbre) => chords.push((
                    timbre,
                    pattern,
                    if matches!(*name, "cello" | "brass") { octave - 1 } else { octave },
                )),
                None => {}
            }
        }
        if chords.is_empty() {
            // Drums and bass alone: a soft pad says which key it is.
            chords.push((Timbre::Pad, Pattern::Held, 3));
        }
        chords.truncate(3);
        let has = |name: &str| track.instruments.contains(&name);
        let bass = (has("bass") || track.energy != Energy::Low || has("drums")).then_some(
            if matches!(track.groove, Groove::House | Groove::HipHop) {
                Timbre::SynthBass
            } else {
                Timbre::Bass
            },
        );
        let lead = lead.or_else(|| (track.energy != Energy::Low || seed.chance(0.5)).then(|| chords[0].0));
        let share = 0.9 / (chords.len() as f32).sqrt();
        let sevenths = matches!(
            track.genre,
            "Jazz" | "Soul" | "R&B" | "Hip Hop" | "Easy Listening" | "Downtempo" | "House"
        );
        Self {
            chords,
            bass,
            lead,
            drums: has("drums") || has("percussion"),
            sevenths,
            share,
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "a bar of one instrument is made of just these")]
fn chords(
    score: &mut Score,
    harmony: &Harmony,
    place: Place,
    degree: usize,
    timbre: Timbre,
    pattern: Pattern,
    octave: i32,
    loudness: f32,
    number: usize,
    sevenths: bool,
) {
    let tones = Harmony::chord(degree, sevenths);
    let side = if number.is_multiple_of(2) { -0.25 } else { 0.3 };
    let pan = |tone: usize| side + tone as f32 * 0.12;
    let each = loudness * 0.2;
    match pattern {
        Pattern::Held => {
            for (tone, step) in tones.iter().enumerate() {
                score.add(
                    timbre,
                    place.at(0.0),
                    place.beat * 3.9,
                    harmony.pitch(*step, octave),
                    each,
                    pan(tone),
                );
            }
        }
        Pattern::Beats | Pattern::Offbeat => {
            let shift = if pattern == Pattern::Offbeat { 0.5 } else { 0.0 };
            for beat in 0..4 {
                let accent = if beat % 2 == 0 { 1.0 } else { 0.8 };
                for (tone, step) in tones.iter().enumerate() {
                    score.add(
                        timbre,
                        place.at(f64::from(beat) + shift),
                        place.beat * 0.7,
                        harmony.pitch(*step, octave),
                        each * accent,
                        pan(tone),
                    );
                }
            }
        }
        Pattern::Broken => {
            let order = [0, 1, 2, 1, 0, 2, 1, 2];
            for (eighth, tone) in order.iter().enumerate() {
                let accent = if eighth == 0 { 1.25 } else { 0.85 };
                let pitch = harmony.pitch(tones[tone % tones.len()], octave);
                score.add(
                    timbre,
                    place.at(eighth as f64 / 2.0),
                    place.beat * 1.2,
                    pitch,
                    each * 1.5 * accent,
                    pan(*tone),
                );
            }
        }
    }
}

fn bass_line(score: &mut Score, harmony: &Harmony, place: Place, degree: usize, timbre: Timbre, intensity: f32, energy: Energy) {
    let beats: &[f64] = match energy {
        Energy::Low => &[0.0, 2.0],
        Energy::Medium => &[0.0, 1.5, 2.0, 3.5],
        Energy::High => &[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5],
    };
    for (number, beat) in beats.iter().enumerate() {
        let step = if number + 1 == beats.len() && energy != Energy::Low {
            degree + 4
        } else {
            degree
        };
        let length = place.beat * if energy == Energy::Low { 1.8 } else { 0.45 };
        score.add(
            timbre,
            place.at(*beat),
            length,
            harmony.pitch(step, 2).min(52.0),
            intensity * 0.34,
            0.0,
        );
    }
}

/// Steps of a little tune: when in the bar (in beats), how long, and how far from the chord's root.
type Motif = Vec<(f64, f64, usize)>;

fn motif(seed: &mut Seed, track: &Track) -> [Motif; 2] {
    const TONES: [usize; 7] = [0, 2, 4, 7, 5, 9, 4];
    let dense = match track.energy {
        Energy::Low => 0.35,
        Energy::Medium => 0.55,
        Energy::High => 0.7,
    };
    [(); 2].map(|()| {
        let mut tune = Vec::new();
        let mut at = 0.0;
        while at < 4.0 {
            let length = *seed.pick(&[0.5, 0.5, 1.0, 1.5]);
            if seed.chance(dense) || at == 0.0 {
                tune.push((at, length, *seed.pick(&TONES)));
            }
            at += length;
        }
        tune
    })
}

fn melody(score: &mut Score, harmony: &Harmony, place: Place, degree: usize, timbre: Timbre, motif: &[Motif; 2], intensity: f32) {
    // Every other phrase rests, so that the tune can breathe.
    if place.index / 4 % 2 == 1 && intensity < 0.7 {
        return;
    }
    for (at, length, step) in &motif[place.index % 2] {
        let pitch = harmony.pitch(degree + step, 4).min(88.0) + 12.0;
        score.add(
            timbre,
            place.at(*at),
            place.beat * length * 0.9,
            pitch.min(90.0),
            intensity * 0.22,
            0.1,
        );
    }
}

/// A voice that sings "ah" and "oh" to the tune.
fn sung(score: &mut Score, harmony: &Harmony, place: Place, degree: usize, motif: &[Motif; 2], intensity: f32, who: usize) {
    if place.index / 4 % 4 == 3 {
        return;
    }
    let octave = if who.is_multiple_of(2) { 3 } else { 4 };
    for (number, (at, length, step)) in motif[(place.index + 1) % 2].iter().enumerate() {
        let timbre = if number % 2 == 0 { Timbre::VoiceAh } else { Timbre::VoiceOh };
        let pitch = harmony.pitch(degree + step % 7, octave);
        score.add(
            timbre,
            place.at(*at),
            place.beat * (length + 0.2),
            pitch,
            0.12 + intensity * 0.16,
            0.0,
        );
    }
}

/// What makes the drop the strongest moment: everything at once, and a deep stroke under it.
fn impact(score: &mut Score, harmony: &Harmony, arrangement: &Arrangement, players: &Players, track: &Track) {
    let start = arrangement.drop_seconds();
    let degree = harmony.degree(arrangement.drop_bar(), true);
    let soft = if track.energy == Energy::Low { 0.75 } else { 1.0 };
    score.add(Timbre::Boom, start, 1.2, 33.0 + harmony.pitch(degree, 0) % 12.0, 0.9 * soft, 0.0);
    if players.drums {
        score.add(Timbre::Crash, start, 1.6, 60.0, 0.5 * soft, 0.15);
    }
    let (timbre, _, octave) = players.chords[0];
    for (tone, step) in Harmony::chord(degree, false).into_iter().enumerate() {
        score.add(
            timbre,
            start,
            1.4,
            harmony.pitch(step, octave),
            0.34 * soft,
            tone as f32 * 0.2 - 0.2,
        );
        score.add(
            timbre,
            start,
            1.4,
            harmony.pitch(step, octave - 1),
            0.34 * soft,
            0.2 - tone as f32 * 0.2,
        );
    }
}
