//! The shortlist of the project at hand.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::window::Window;
use crate::library::FIRST_PROJECT;
use crate::state::{ShortlistView, State, Typing};
use crate::text::{cut, pad, width};
use crate::ui::format::{bpm, clock_seconds, count};
use crate::ui::layout::offset_in_view;
use crate::ui::line::{columns, fit, sides, stack};
use crate::ui::player::phase_glyph;
use crate::ui::textbox;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 84;
/// Lines that the popup has at least, so that it stands still while it fills.
const ROWS: usize = 12;

/// Draws it.
pub fn draw(frame: &mut Frame, view: &ShortlistView, moves: &str, is_top: bool, state: &State, theme: &Theme) {
    let title = if state.project == FIRST_PROJECT {
        "Shortlist".to_owned()
    } else {
        format!("Shortlist · {}", cut(&state.project, 40))
    };
    let keys = [
        (moves, "hear"),
        ("b", "compare"),
        ("J K", "order"),
        ("n", "note"),
        ("x u", "off, undo"),
        ("e", "export"),
        ("Tab N", "projects"),
    ];
    let mut foot = Vec::new();
    for (key, what) in keys {
        let air = if foot.is_empty() { "" } else { "  " };
        let more = vec![
            Span::raw(air),
            Span::styled(key, theme.key),
            Span::styled(format!(" {what}"), theme.dim),
        ];
        if columns(&foot) + columns(&more) + 16 < COLUMNS.min(usize::from(frame.area().width)) {
            foot.extend(more);
        }
    }
    let window = Window {
        title: &title,
        foot,
        foot_corner: vec![Span::styled(count(view.entries.len(), "track"), theme.faint)],
    };
    let rows = (view.entries.len() * 2 + 2).max(ROWS);
    let inside = window.open(frame.buffer_mut(), (COLUMNS, rows), theme);
    let wide = usize::from(inside.width);
    let (list, bottom) = match &view.typing {
        Some(_) if inside.height > 2 => {
            let list = Rect::new(inside.x, inside.y, inside.width, inside.height - 2);
            (list, Some(Rect::new(inside.x, inside.bottom() - 1, inside.width, 1)))
        }
        _ => (inside, None),
    };
    let note = match &view.problem {
        Some(problem) => Some((problem.as_str(), theme.warning)),
        None if view.loading => Some(("Reading the shortlist…", theme.dim)),
        None if view.entries.is_empty() => Some(("Nothing is on it yet: a in the results adds a track, x rejects one.", theme.dim)),
        None => None,
    };
    if let Some((note, style)) = note {
        let lines: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(frame.buffer_mut(), list, &lines);
    }
    let high = usize::from(list.height);
    // A line for the track, and one for its note where there is one.
    let lines_of = |index: usize| 1 + usize::from(!view.entries[index].note.is_empty());
    let visible = (high / 2).max(1);
    let cursor = view.cursor.min(view.entries.len().saturating_sub(1));
    let first = offset_in_view(cursor.saturating_sub(visible / 2), cursor, view.entries.len(), visible);
    let mut y = list.y;
    for index in first..view.entries.len() {
        if usize::from(y - list.y) + lines_of(index) > high {
            break;
        }
        let row = Rect::new(list.x, y, list.width, 1);
        let line = entry(view, index, state, wide, theme);
        frame.buffer_mut().set_line(row.x, row.y, &line, row.width);
        if index == cursor {
            let bar = Rect::new(row.x.saturating_sub(1), row.y, row.width + 2, 1);
            frame.buffer_mut().set_style(bar, theme.selection);
            frame.buffer_mut().set_string(bar.x, bar.y, "▌", theme.accent);
        }
        y += 1;
        if !view.entries[index].note.is_empty() {
            let note = fit(
                vec![Span::raw("     "), Span::styled(view.entries[index].note.as_str(), theme.dim)],
                wide,
            );
            frame.buffer_mut().set_line(list.x, y, &Line::from(note), list.width);
            y += 1;
        }
    }
    if let (Some(area), Some(typing)) = (bottom, &view.typing) {
        text_box(frame, area, typing, is_top, theme);
    }
}

fn entry<'a>(view: &'a ShortlistView, index: usize, state: &State, wide: usize, theme: &Theme) -> Line<'a> {
    let track = &view.entries[index].track;
    let is_playing = state.player.track.as_ref().is_some_and(|playing| playing.id == track.id);
    let mark = if is_playing {
        Span::styled(format!("{} ", phase_glyph(&state.player.phase)), theme.accent)
    } else if state.marks.owned.contains(&track.id) {
        Span::styled("✓ ", theme.success)
    } else if state.marks.heard.contains(&track.id) {
        Span::styled("· ", theme.dim)
    } else {
        Span::raw("  ")
    };
    let letter = match (view.other, index == view.cursor) {
        (Some(_), true) => Span::styled("A ", theme.accent),
        (Some(other), false) if other == index => Span::styled("B ", theme.accent),
        _ => Span::raw("  "),
    };
    let right = vec![
        Span::styled(format!("{:>4}", bpm(track).unwrap_or_default()), theme.dim),
        Span::styled(
            format!("{:>7}", track.duration_seconds.map(clock_seconds).unwrap_or_default()),
            theme.dim,
        ),
    ];
    let room = wide.saturating_sub(columns(&right) + 6);
    let artist = if room > 44 { room / 3 } else { 0 };
    let mut left = vec![
        Span::raw(" "),
        mark,
        letter,
        Span::styled(
            pad(&track.title, room - artist),
            if index == view.cursor { theme.strong } else { theme.text },
        ),
    ];
    left.push(Span::styled(pad(&track.artist, artist), theme.dim));
    sides(left, right, wide)
}

fn text_box(frame: &mut Frame, area: Rect, typing: &Typing, is_top: bool, theme: &Theme) {
    let (label, input) = match typing {
        Typing::Note(input) => ("Note › ", input),
        Typing::Project(input) => ("Project › ", input),
    };
    let shown = textbox::view(input, usize::from(area.width).saturating_sub(width(label)));
    let line = Line::from(vec![Span::styled(label, theme.accent), Span::styled(shown.text, theme.strong)]);
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
    let cursor = Position::new(area.x + width(label) as u16 + shown.cursor, area.y);
    if is_top && area.contains(cursor) {
        frame.set_cursor_position(cursor);
    }
}
