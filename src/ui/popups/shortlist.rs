//! The shortlist of the project at hand.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::window::{Listed, Window, content, mark};
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

/// Draws it, and says where the cursor of its box is, if one is open.
pub fn draw(buf: &mut Buffer, view: &ShortlistView, moves: &str, state: &State, theme: &Theme) -> Option<Position> {
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
        if columns(&foot) + columns(&more) + 16 < COLUMNS.min(usize::from(buf.area.width)) {
            foot.extend(more);
        }
    }
    let window = Window {
        title: &title,
        foot,
        foot_corner: vec![Span::styled(count(view.entries.len(), "track"), theme.faint)],
    };
    let inside = window.open(buf, size(view), theme);
    let wide = usize::from(inside.width);
    let (list, bottom) = areas(inside, view);
    let note = match &view.problem {
        Some(problem) => Some((problem.as_str(), theme.warning)),
        None if view.loading => Some(("Reading the shortlist…", theme.dim)),
        None if view.entries.is_empty() => Some(("Nothing is on it yet: a in the results adds a track, x rejects one.", theme.dim)),
        None => None,
    };
    if let Some((note, style)) = note {
        let lines: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(buf, list, &lines);
    }
    let cursor = view.cursor.min(view.entries.len().saturating_sub(1));
    for (index, rows) in on_screen(buf.area, view) {
        let note = vec![Span::raw("     "), Span::styled(view.entries[index].note.as_str(), theme.dim)];
        stack(buf, rows, &[entry(view, index, state, wide, theme), Line::from(fit(note, wide))]);
        if index == cursor {
            mark(buf, rows, theme);
        }
    }
    text_box(buf, bottom?, view.typing.as_ref()?, theme)
}

fn size(view: &ShortlistView) -> (usize, usize) {
    (COLUMNS, (view.entries.len() * 2 + 2).max(ROWS))
}

/// The room for the list, and for a box below it.
fn areas(inside: Rect, view: &ShortlistView) -> (Rect, Option<Rect>) {
    match &view.typing {
        Some(_) if inside.height > 2 => {
            let list = Rect::new(inside.x, inside.y, inside.width, inside.height - 2);
            (list, Some(Rect::new(inside.x, inside.bottom() - 1, inside.width, 1)))
        }
        _ => (inside, None),
    }
}

/// The tracks that are on the screen: a row for the track, and one for its note where there is one.
pub fn on_screen(screen: Rect, view: &ShortlistView) -> Listed {
    let (list, _) = areas(content(screen, size(view)), view);
    let visible = usize::from(list.height / 2).max(1);
    let cursor = view.cursor.min(view.entries.len().saturating_sub(1));
    let first = offset_in_view(cursor.saturating_sub(visible / 2), cursor, view.entries.len(), visible);
    let mut seen = Listed::new();
    let mut y = list.y;
    for (index, entry) in view.entries.iter().enumerate().skip(first) {
        let high = 1 + u16::from(!entry.note.is_empty());
        if y + high > list.bottom() {
            break;
        }
        seen.push((index, Rect::new(list.x, y, list.width, high)));
        y += high;
    }
    seen
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

fn text_box(buf: &mut Buffer, area: Rect, typing: &Typing, theme: &Theme) -> Option<Position> {
    let (label, input) = match typing {
        Typing::Note(input) => ("Note › ", input),
        Typing::Project(input) => ("Project › ", input),
    };
    let shown = textbox::view(input, usize::from(area.width).saturating_sub(width(label)));
    let line = Line::from(vec![Span::styled(label, theme.accent), Span::styled(shown.text, theme.strong)]);
    buf.set_line(area.x, area.y, &line, area.width);
    let cursor = Position::new(area.x + width(label) as u16 + shown.cursor, area.y);
    Some(cursor).filter(|cursor| area.contains(*cursor))
}
