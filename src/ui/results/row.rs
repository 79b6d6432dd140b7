//! One row of the table.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::columns::{Column, GAP, Kind};
use crate::api::Track;
use crate::state::{Focus, State};
use crate::text::{cut, pad, width};
use crate::ui::format::{bpm, clock_seconds, energy_bars, short_key};
use crate::ui::player::phase_glyph;
use crate::ui::theme::Theme;

/// The names of the columns.
pub fn header<'a>(columns: &[Column], theme: &Theme) -> Line<'a> {
    let mut line = vec![Span::raw("    ")];
    for column in columns {
        line.push(Span::styled(cell(column.kind.name(), column), theme.faint));
        line.push(Span::raw(" ".repeat(GAP)));
    }
    Line::from(line)
}

/// Draws one track.
pub fn draw(buf: &mut Buffer, area: Rect, columns: &[Column], track: &Track, selected: bool, state: &State, theme: &Theme) {
    let focused = state.focus == Focus::Results;
    // Rows that answer neither what is asked nor what is being typed.
    let dimmed = state.results.dimmed() || (state.focus == Focus::Query && state.live.nothing_matches());
    let marks = &state.marks;
    let rejected = marks.rejected.contains(&track.id);
    let style = |style: Style| if dimmed || rejected { theme.faint } else { style };

    let bar = match (selected, focused) {
        (true, true) => Span::styled("▌", theme.accent),
        (true, false) => Span::styled("▌", theme.dim),
        _ => Span::raw(" "),
    };
    let mut line = vec![bar];
    line.extend(mark_cells(track, state, theme));
    line.push(Span::raw(" "));
    for column in columns {
        let (text, base) = match column.kind {
            Kind::Title => (
                track.title.to_string(),
                title_style(selected, marks.heard.contains(&track.id), theme),
            ),
            Kind::Artist => (track.artist.to_string(), theme.dim),
            Kind::Bpm => (bpm(track).unwrap_or_default(), theme.text),
            Kind::Key => (track.key.as_deref().map(short_key).unwrap_or_default(), theme.dim),
            Kind::Length => (track.duration_seconds.map(clock_seconds).unwrap_or_default(), theme.text),
            Kind::Mood => (moods(track, column.width), theme.dim),
            Kind::Energy => (energy_bars(track.energy.as_ref()).to_owned(), theme.dim),
            Kind::Vocals => (vocals(track).to_owned(), theme.dim),
        };
        line.push(Span::styled(cell(&text, column), style(base)));
        line.push(Span::raw(" ".repeat(GAP)));
    }
    buf.set_line(area.x, area.y, &Line::from(line), area.width);
    if selected {
        buf.set_style(area, if focused { theme.selection } else { theme.selection_unfocused });
    }
}

/// Two columns: what plays or was heard, then owned, shortlisted or rejected.
fn mark_cells<'a>(track: &Track, state: &State, theme: &Theme) -> [Span<'a>; 2] {
    let marks = &state.marks;
    let is_playing = state.player.track.as_ref().is_some_and(|playing| playing.id == track.id);
    let first = if is_playing {
        Span::styled(phase_glyph(&state.player.phase), theme.accent)
    } else if marks.heard.contains(&track.id) {
        Span::styled("·", theme.dim)
    } else {
        Span::raw(" ")
    };
    let second = if marks.owned.contains(&track.id) {
        Span::styled("✓", theme.success)
    } else if marks.shortlisted.contains(&track.id) {
        Span::styled("★", theme.warning)
    } else if marks.rejected.contains(&track.id) {
        Span::styled("✕", theme.faint)
    } else {
        Span::raw(" ")
    };
    [first, second]
}

/// What was not heard yet stands out a little.
fn title_style(selected: bool, heard: bool, theme: &Theme) -> Style {
    match (selected, heard) {
        (true, _) => theme.strong,
        (false, true) => theme.dim,
        (false, false) => theme.text,
    }
}

/// As many whole moods as fit, the first one cut if it must be.
fn moods(track: &Track, columns: usize) -> String {
    let mut text = String::new();
    for mood in &track.moods {
        let more = if text.is_empty() {
            mood.to_string()
        } else {
            format!("{text}, {mood}")
        };
        if width(&more) > columns && !text.is_empty() {
            break;
        }
        text = more;
    }
    text
}

fn vocals(track: &Track) -> &'static str {
    match track.has_vocals {
        Some(true) => "vox",
        Some(false) => " – ",
        None => "",
    }
}

/// A text in a column, exactly as wide as it.
fn cell(text: &str, column: &Column) -> String {
    if column.kind.is_number() {
        let text = cut(text, column.width);
        format!("{}{text}", " ".repeat(column.width - width(&text)))
    } else {
        pad(text, column.width)
    }
}
