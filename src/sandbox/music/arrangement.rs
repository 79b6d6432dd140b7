//! The form of a track: an intro, verses with small choruses, a build, the drop, a break, a second and smaller drop, an outro and a
//! last chord, in phrases of four bars.

use super::super::catalogue::Track;

/// What a bar is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Intro,
    Verse,
    Chorus,
    Build,
    Drop,
    Break,
    Outro,
    /// The bar of the last chord, and what comes after it.
    End,
}

/// One bar of four beats.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bar {
    pub(super) section: Section,
    /// 0 to 1.
    pub(super) intensity: f32,
    /// Which bar of its phrase, 0 to 3.
    pub(super) of_phrase: usize,
    /// Which phrase of its section, the first is 0.
    pub(super) phrase: usize,
    /// What the next phrase is part of.
    pub(super) next: Section,
}

impl Bar {
    /// Whether everybody plays: a chorus or a drop.
    pub(super) fn full(self) -> bool {
        matches!(self.section, Section::Chorus | Section::Drop)
    }

    /// Whether this is the last bar before another section.
    pub(super) fn turns(self) -> bool {
        self.of_phrase == 3 && self.next != self.section
    }
}

/// The bars of a track.
pub(super) struct Arrangement {
    bars: Vec<Bar>,
    bar_seconds: f64,
    drop_bar: usize,
    last_bar: usize,
    seconds: f64,
}

impl Arrangement {
    pub(super) fn of(track: &Track) -> Self {
        let bar_seconds = 4.0 * 60.0 / f64::from(track.bpm);
        let seconds = f64::from(track.seconds);
        let phrases = ((seconds / bar_seconds / 4.0).floor() as usize).max(4);
        // The drop comes in the middle, where every clip finds music on both sides of it.
        let drop = (phrases / 2).max(2);
        let sections: Vec<Section> = (0..=phrases + 1).map(|phrase| section(phrase, phrases, drop)).collect();
        // The last chord has a bar to ring out in.
        let last_bar = ((seconds / bar_seconds).floor() as usize).saturating_sub(2);
        let mut bars: Vec<Bar> = Vec::new();
        for phrase in 0..=phrases {
            let (section, next) = (sections[phrase], sections[phrase + 1]);
            let number = sections[..phrase].iter().rev().take_while(|before| **before == section).count();
            for bar in 0..4 {
                let along = bar as f32 / 3.0;
                let first = phrase == drop && bar == 0;
                let intensity = match section {
                    Section::Intro => 0.3 + 0.12 * along,
                    Section::Verse if phrase < drop => 0.5,
                    Section::Verse => 0.55,
                    Section::Chorus => 0.68,
                    Section::Build => 0.5 + 0.2 * along,
                    Section::Drop if first => 1.0,
                    Section::Drop if phrase < drop + 4 => 0.88,
                    Section::Drop => 0.78,
                    Section::Break => 0.4,
                    Section::Outro | Section::End => 0.38 - 0.14 * along,
                };
                let ended = bars.len() >= last_bar;
                bars.push(Bar {
                    section: if ended { Section::End } else { section },
                    intensity: if ended { 0.35 } else { intensity },
                    of_phrase: bar,
                    phrase: number,
                    next,
                });
            }
        }
        Self {
            bars,
            bar_seconds,
            drop_bar: drop * 4,
            last_bar,
            seconds,
        }
    }

    pub(super) fn bars(&self) -> &[Bar] {
        &self.bars
    }

    pub(super) fn bar_seconds(&self) -> f64 {
        self.bar_seconds
    }

    /// The first bar of the drop.
    pub(super) fn drop_bar(&self) -> usize {
        self.drop_bar
    }

    /// The bar of the last chord.
    pub(super) fn last_bar(&self) -> usize {
        self.last_bar
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

/// What a phrase is part of.
fn section(phrase: usize, phrases: usize, drop: usize) -> Section {
    let intro = if phrases >= 16 { 2 } else { 1 };
    let outro = phrases - if phrases >= 16 { 2 } else { 1 };
    // How long the drop lasts, and where the second one begins.
    let drop_length = (phrases / 6).clamp(1, 4).max(usize::from(phrases >= 6) * 2);
    let second = outro.saturating_sub(drop_length);
    let has_second = second >= drop + drop_length + 2;
    match phrase {
        _ if phrase >= outro => Section::Outro,
        _ if phrase < intro && phrase + 1 < drop => Section::Intro,
        _ if phrase + 1 == drop => Section::Build,
        _ if phrase < drop => {
            // Verses, and a small chorus after every two or three of them.
            let since = phrase - intro.min(phrase);
            let round = if drop > 12 { 5 } else { 3 };
            if since % round >= round.min(4) - 1 && phrase + 2 < drop {
                Section::Chorus
            } else {
                Section::Verse
            }
        }
        _ if phrase < drop + drop_length => Section::Drop,
        _ if has_second && phrase >= second => Section::Drop,
        _ if has_second && phrase + 1 == second => Section::Build,
        _ if has_second && phrase < drop + drop_length + (phrases / 12).clamp(1, 3) => Section::Break,
        _ => Section::Verse,
    }
}
