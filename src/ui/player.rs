//! The player pane.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::format::{clock, clock_seconds, count};
use super::line::{columns, fit, joined, stack};
use super::pane::Pane;
use super::theme::Theme;
use super::waveform::{self, Shape, column_of};
use super::wrap::wrap;
use crate::audio::{COLUMNS_PER_SECOND, evened};
use crate::config::Glyphs;
use crate::state::{Device, Phase, PlayerState, State};

/// A preview this close to the track's length counts as the whole track.
const SAME_LENGTH_SECONDS: f64 = 1.5;

/// Draws the pane.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let player = &state.player;
    let title = title(player, theme);
    let room = usize::from(area.width).saturating_sub(4);
    // The signs at the right keep some room whatever the title is.
    let signs_room = room.saturating_sub(columns(&title) + 3).max(room * 2 / 5);
    let signs = fitting(signs(player, theme), &Span::styled(" · ", theme.faint), signs_room);
    let title = fit(title, room.saturating_sub(columns(&signs) + 3));
    let mut pane = Pane::new(title, false).corner(signs);
    if let Device::Silent(why) = &player.device {
        pane = pane.foot(vec![Span::styled("silent: ", theme.warning), Span::styled(why.as_str(), theme.dim)]);
    }
    if player.underruns > 0 {
        let underruns = count(player.underruns as usize, "underrun");
        pane = pane.foot_corner(vec![Span::styled(underruns, theme.faint)]);
    }
    let inside = pane.draw(buf, area, theme);
    if let Phase::Failed(why) = &player.phase {
        let lines: Vec<Line> = wrap(why, inside.width.into())
            .into_iter()
            .map(|line| Line::styled(line, theme.text))
            .collect();
        stack(buf, inside, &lines);
        return;
    }
    if player.track.is_none() {
        let lines = [
            Line::styled("Move to a track and you hear it.", theme.dim),
            Line::styled("Hearing is free.", theme.faint),
        ];
        stack(buf, inside, &lines);
        return;
    }
    let (wave, marks) = if inside.height > 1 {
        let height = inside.height - 1;
        (
            Rect { height, ..inside },
            Some(Rect::new(inside.x, inside.y + height, inside.width, 1)),
        )
    } else {
        (inside, None)
    };
    let length = shown_length(player);
    let shape = Shape {
        waveform: &player.waveform,
        length,
        position: player.position,
        within: (player.loop_in, player.loop_out),
        glyphs: state.glyphs,
    };
    waveform::draw(buf, wave, &shape, theme);
    if let Some(marks) = marks {
        draw_marks(buf, marks, player, length, (state.glyphs, theme));
    }
}

/// The share of the length that a place on the waveform stands for; `None` on the border and below the waveform.
pub fn share_at(area: Rect, at: Position) -> Option<f64> {
    let inside = Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2));
    let wave = Rect {
        height: if inside.height > 1 { inside.height - 1 } else { inside.height },
        ..inside
    };
    wave.contains(at)
        .then(|| f64::from(at.x - wave.x) / f64::from(wave.width.saturating_sub(1).max(1)))
}

/// The player in a few words, where it has no pane.
pub fn brief<'a>(state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let player = &state.player;
    if player.track.is_none() {
        return Vec::new();
    }
    let time = player.length.map_or_else(
        || clock(player.position),
        |length| format!("{} / {}", clock(player.position), clock(length)),
    );
    let mut line = vec![
        Span::styled(format!("{} ", phase_glyph(&player.phase)), theme.accent),
        Span::styled(time, theme.dim),
    ];
    if matches!(player.device, Device::Silent(_)) {
        line.push(Span::styled(" silent", theme.warning));
    }
    line
}

/// The sign of what the player does.
pub fn phase_glyph(phase: &Phase) -> &'static str {
    match phase {
        Phase::Idle => "·",
        Phase::Loading | Phase::Buffering => "◌",
        Phase::Playing => "▶",
        Phase::Paused => "‖",
        Phase::Ended => "■",
        Phase::Failed(_) => "✕",
    }
}

/// The time that the width of the waveform stands for.
fn shown_length(player: &PlayerState) -> Duration {
    let decoded = Duration::from_secs_f64(player.waveform.levels.len() as f64 / COLUMNS_PER_SECOND as f64);
    player.length.unwrap_or_else(|| decoded.max(player.position))
}

fn title<'a>(player: &'a PlayerState, theme: &Theme) -> Vec<Span<'a>> {
    let Some(track) = &player.track else {
        return vec![Span::raw("Player")];
    };
    let (glyph_style, word) = match &player.phase {
        Phase::Failed(_) => (theme.error, Some("cannot be played")),
        Phase::Loading => (theme.warning, Some("loading")),
        Phase::Buffering => (theme.warning, Some("buffering")),
        Phase::Paused => (theme.accent, Some("paused")),
        _ => (theme.accent, None),
    };
    let mut line = vec![
        Span::styled(format!("{} ", phase_glyph(&player.phase)), glyph_style),
        Span::styled(track.title.as_str(), theme.text.patch(theme.strong)),
    ];
    if !track.artist.is_empty() {
        line.push(Span::styled(format!(" · {}", track.artist), theme.dim));
    }
    if let Some(word) = word {
        line.push(Span::styled(format!(" · {word}"), theme.dim));
    }
    line
}

/// Something that the upper right says, and how much it matters: the higher, the longer it stays where there is little room.
type Sign<'a> = (u8, Vec<Span<'a>>);

/// What the upper right says, from left to right.
fn signs<'a>(player: &PlayerState, theme: &Theme) -> Vec<Sign<'a>> {
    let mut signs: Vec<Sign> = Vec::new();
    if !player.auto_audition {
        signs.push((1, vec![Span::styled("auto off", theme.warning)]));
    }
    if player.repeat {
        let what = if player.loop_in.is_some() || player.loop_out.is_some() {
            "↻ loop"
        } else {
            "↻ repeat"
        };
        signs.push((2, vec![Span::styled(what, theme.accent)]));
    }
    signs.extend(loudness(player, theme).map(|loudness| (3, loudness)));
    signs.push((
        4,
        if player.muted {
            vec![Span::styled("muted", theme.warning)]
        } else {
            vec![
                Span::styled("vol ", theme.faint),
                Span::styled(format!("{} %", player.volume), theme.dim),
            ]
        },
    ));
    let full = player.track.as_ref().and_then(|track| track.duration_seconds);
    match (player.length, full) {
        (Some(length), Some(full)) if (length.as_secs_f64() - full).abs() > SAME_LENGTH_SECONDS => {
            let coverage = vec![
                Span::styled("hearing ", theme.faint),
                Span::styled(clock(length), theme.dim),
                Span::styled(" of ", theme.faint),
                Span::styled(clock_seconds(full), theme.dim),
            ];
            signs.push((5, coverage));
        }
        (Some(_), Some(_)) => signs.push((5, vec![Span::styled("whole track", theme.faint)])),
        _ => {}
    }
    signs
}

/// How loud it is, and how loud it is made; faint and with a tilde as long as that is an estimate.
fn loudness<'a>(player: &PlayerState, theme: &Theme) -> Option<Vec<Span<'a>>> {
    let Some(loudness) = player.waveform.loudness else {
        return player.even.then(|| vec![Span::styled("even", theme.accent)]);
    };
    let (about, style) = if player.waveform.complete {
        ("", theme.dim)
    } else {
        ("~", theme.faint)
    };
    let lufs = |loudness: f32| format!("{loudness:.0}").replace('-', "−");
    let mut sign = vec![Span::styled(format!("{about}{}", lufs(loudness)), style)];
    if player.even {
        sign.push(Span::styled(format!(" → {}", lufs(evened(loudness))), theme.accent));
    }
    sign.push(Span::styled(" LUFS", theme.faint));
    Some(sign)
}

/// The signs with a separator between, without those that matter least where they do not all fit.
fn fitting<'a>(mut signs: Vec<Sign<'a>>, separator: &Span<'a>, room: usize) -> Vec<Span<'a>> {
    let gap = columns(std::slice::from_ref(separator));
    let wide = |signs: &[Sign]| signs.iter().map(|(_, sign)| columns(sign) + gap).sum::<usize>().saturating_sub(gap);
    while wide(&signs) > room {
        let Some(least) = (0..signs.len()).min_by_key(|at| signs[*at].0) else {
            break;
        };
        signs.remove(least);
    }
    joined(signs.into_iter().map(|(_, sign)| sign).collect(), separator, room)
}

/// A line on which marks take their places; who comes first stays.
struct Marks {
    taken: Vec<bool>,
    placed: Vec<(usize, String, Style)>,
}

/// A moment with a sign, and words for where there is room.
struct Mark {
    moment: Duration,
    sign: &'static str,
    words: String,
    style: Style,
}

impl Marks {
    fn new(columns: u16) -> Self {
        Self {
            taken: vec![false; columns.into()],
            placed: Vec::new(),
        }
    }

    /// Puts a sign at its column, or beside it where another one stands. Gives the column.
    fn put_sign(&mut self, at: usize, sign: &str, style: Style) -> Option<usize> {
        let free = |at: &usize| self.taken.get(*at) == Some(&false);
        let at = [Some(at), at.checked_add(1), at.checked_sub(1)].into_iter().flatten().find(free)?;
        self.taken[at] = true;
        self.placed.push((at, sign.to_owned(), style));
        Some(at)
    }

    /// Puts a text there, if the place is free; `air` columns around it, too.
    fn put(&mut self, start: usize, text: &str, (before, after): (usize, usize), style: Style) -> bool {
        let end = start + crate::text::width(text);
        let around = start.saturating_sub(before)..(end + after).min(self.taken.len());
        if end > self.taken.len() || self.taken.get(around).is_none_or(|cells| cells.contains(&true)) {
            return false;
        }
        self.taken[start..end].fill(true);
        self.placed.push((start, text.to_owned(), style));
        true
    }

    /// Puts words at one side of a sign, whichever is free.
    fn put_words(&mut self, sign: usize, words: &str, style: Style) {
        let before = sign.checked_sub(crate::text::width(words) + 1);
        let _ = self.put(sign + 2, words, (0, 1), style) || before.is_some_and(|start| self.put(start, words, (1, 0), style));
    }
}

fn draw_marks(buf: &mut Buffer, area: Rect, player: &PlayerState, length: Duration, (glyphs, theme): (Glyphs, &Theme)) {
    let pick = |fine, plain| if glyphs == Glyphs::Ascii { plain } else { fine };
    let mark = |moment: Option<Duration>, sign, name: &str, style| {
        moment.map(|moment| Mark {
            moment,
            sign,
            words: format!("{name}{}", clock(moment)),
            style,
        })
    };
    // The most important first: it keeps its place.
    let all = [
        mark(Some(player.position), pick("┃", "|"), "", theme.accent),
        mark(player.loop_in, "[", "in ", theme.accent),
        mark(player.loop_out, "]", "out ", theme.accent),
        mark(player.hit, pick("▲", "^"), "hit ", theme.accent),
        mark(player.peak(), pick("◆", "*"), "peak ", theme.dim),
    ];
    let mut marks = Marks::new(area.width);
    let mut words = Vec::new();
    for mark in all.into_iter().flatten() {
        if let Some(at) = column_of(mark.moment, length, area.width)
            && let Some(at) = marks.put_sign(at.into(), mark.sign, mark.style)
        {
            words.push((at, mark));
        }
    }
    let mut words = words.into_iter();
    if let Some((at, position)) = words.next() {
        marks.put_words(at, &position.words, position.style);
    }
    if let Some(length) = player.length {
        let text = clock(length);
        marks.put(usize::from(area.width).saturating_sub(text.len()), &text, (1, 0), theme.dim);
    }
    for (at, mark) in words {
        marks.put_words(at, &mark.words, mark.style);
    }
    marks.put(0, "0:00", (0, 1), theme.faint);
    for (start, text, style) in marks.placed {
        buf.set_string(area.x + start as u16, area.y, text, style);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audio::Waveform;

    fn marks(columns: u16, glyphs: Glyphs, position: u64) -> String {
        let mut levels = vec![0.1; 600];
        levels[490..500].fill(0.9);
        let player = PlayerState {
            position: Duration::from_secs(position),
            length: Some(Duration::from_secs(30)),
            loop_in: Some(Duration::from_secs(10)),
            loop_out: Some(Duration::from_secs(20)),
            hit: Some(Duration::from_secs(15)),
            waveform: Arc::new(Waveform {
                levels,
                loudness: None,
                complete: true,
            }),
            ..PlayerState::default()
        };
        let area = Rect::new(0, 0, columns, 1);
        let mut buf = Buffer::empty(area);
        draw_marks(&mut buf, area, &player, Duration::from_secs(30), (glyphs, &Theme::dark()));
        (0..columns).map(|x| buf[(x, 0)].symbol()).collect()
    }

    #[test]
    fn every_mark_is_there_at_20_and_at_200_columns() {
        let narrow = marks(20, Glyphs::Blocks, 5);
        for sign in ["┃", "[", "▲", "]", "◆"] {
            assert_eq!(narrow.matches(sign).count(), 1, "{sign} in {narrow:?}");
        }
        let wide = marks(200, Glyphs::Blocks, 5);
        for words in ["0:00", "┃ 0:05", "[ in 0:10", "▲ hit 0:15", "] out 0:20", "◆ peak 0:24", "0:30"] {
            assert!(wide.contains(words), "{words} in {wide:?}");
        }
        let column = |sign: &str| wide.chars().position(|c| sign.contains(c)).unwrap();
        assert_eq!([column("┃"), column("["), column("]")], [33, 66, 133]);
        assert!(marks(20, Glyphs::Ascii, 5).is_ascii() && marks(200, Glyphs::Ascii, 5).is_ascii());
    }

    #[test]
    fn marks_of_one_moment_stand_beside_each_other() {
        let together = marks(40, Glyphs::Blocks, 10);
        assert!(together.contains("┃[") || together.contains("[┃"), "{together:?}");
        assert_eq!(marks(3, Glyphs::Blocks, 10).chars().count(), 3);
    }
}
