//! What everybody in the band has before them: the track, its style, its form and its chords; and the clock they share.

use super::super::catalogue::Track;
use super::super::seed::Seed;
use super::arrangement::{Arrangement, Bar};
use super::harmony::Harmony;
use super::samples;
use super::style::{Style, Swing};
use super::voices::Note;

pub(super) struct Sheet<'a> {
    pub(super) track: &'a Track,
    pub(super) style: Style,
    pub(super) form: &'a Arrangement,
    pub(super) harmony: Harmony,
}

impl<'a> Sheet<'a> {
    pub(super) fn of(track: &'a Track, form: &'a Arrangement) -> Self {
        let style = Style::of(track);
        Self {
            track,
            style,
            form,
            harmony: Harmony::of(track, &style, form),
        }
    }

    /// The bars that are played, numbered.
    pub(super) fn bars(&self) -> impl Iterator<Item = (usize, Bar)> + '_ {
        let played = self.form.bars().iter().take(self.form.last_bar() + 1);
        played.copied().enumerate()
    }

    /// Chance that belongs to the track and to one player, so that no player's choices change another's.
    pub(super) fn seed(&self, player: &str) -> Seed {
        Seed::of(&format!("{} {player}", self.track.id))
    }

    pub(super) fn has(&self, instrument: &str) -> bool {
        self.track.instruments.contains(&instrument)
    }

    /// Seconds that a beat lasts.
    pub(super) fn beat(&self) -> f64 {
        self.form.bar_seconds() / 4.0
    }

    /// When a beat, or a part of one, of a bar is played, in seconds.
    pub(super) fn time(&self, bar: usize, beat: f64) -> f64 {
        let late = match self.style.swing {
            Swing::Straight => 0.0,
            Swing::Eighths(late) => late * bend(beat.fract(), 0.5),
            Swing::Sixteenths(late) => late * bend((beat * 2.0).fract(), 0.5),
        };
        bar as f64 * self.form.bar_seconds() + (beat + late) * self.beat()
    }

    /// A note of a bar; times are in beats.
    pub(super) fn note(&self, bar: usize, beat: f64, beats: f64, pitch: f32, loudness: f32) -> Note {
        Note {
            start: samples(self.time(bar, beat)),
            held: samples(beats * self.beat()).max(1),
            pitch,
            loudness,
            shade: 0,
        }
    }
}

/// How much a place between two steps is moved: most at `peak`, not at all on the steps.
fn bend(place: f64, peak: f64) -> f64 {
    if place <= peak {
        place / peak
    } else {
        (1.0 - place) / (1.0 - peak)
    }
}

/// The small inexactness of hands.
pub(super) struct Human {
    seed: Seed,
    /// Samples at most.
    late: f32,
    /// How much louder or softer at most, as a share.
    uneven: f32,
}

impl Human {
    pub(super) fn new(sheet: &Sheet, player: &str) -> Self {
        let (late, uneven) = if sheet.style.electronic { (0.0, 0.05) } else { (220.0, 0.14) };
        Self {
            seed: sheet.seed(player),
            late,
            uneven,
        }
    }

    pub(super) fn play(&mut self, mut note: Note) -> Note {
        let off = |seed: &mut Seed| seed.unit() * 2.0 - 1.0;
        note.start = (note.start + (off(&mut self.seed) * self.late) as i64).max(0);
        note.loudness *= 1.0 + off(&mut self.seed) * self.uneven;
        note
    }
}
