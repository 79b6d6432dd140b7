//! Tracks like one, each with the reason in a few words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::window::{Window, place_in, room};
use crate::library::Alike;
use crate::state::{AlikeView, State};
use crate::text::{cut, pad};
use crate::ui::layout::offset_in_view;
use crate::ui::line::{fit, stack};
use crate::ui::player::phase_glyph;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 96;
/// Columns of a title and its artist.
const NAME: usize = 36;

/// Draws it.
pub fn draw(buf: &mut Buffer, view: &AlikeView, moves: &str, state: &State, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let lines = view.found.len();
    let (wide, height) = room(size, (COLUMNS, lines.max(3)));
    let cursor = view.cursor.min(lines.saturating_sub(1));
    let first = offset_in_view(cursor.saturating_sub(height / 2), cursor, lines, height);
    let title = format!("Like {}", cut(&view.of.title, 40));
    let hint = |key: &str, what: &'static str| [Span::styled(key.to_owned(), theme.key), Span::styled(what, theme.dim)];
    let window = Window {
        title: &title,
        foot: [
            hint(moves, " move and hear   "),
            hint("Enter", " makes them the results   "),
            hint("Esc", " closes"),
        ]
        .concat(),
        foot_corner: place_in(first, lines, height, theme),
    };
    let inside = window.open(buf, (COLUMNS, lines.max(3)), theme);
    let note = match &view.problem {
        Some(problem) => Some((problem.as_str(), theme.warning)),
        None if view.loading => Some(("Comparing with every track seen before…", theme.dim)),
        None if view.found.is_empty() => Some(("No other track was seen yet: search for some music first.", theme.dim)),
        None => None,
    };
    if let Some((note, style)) = note {
        let text: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(buf, inside, &text);
        return;
    }
    for (row, index) in inside.rows().zip(first..lines) {
        let Some(alike) = view.found.get(index) else { break };
        buf.set_line(row.x, row.y, &line(alike, wide, state, theme), row.width);
        if index == cursor {
            let bar = Rect::new(row.x.saturating_sub(1), row.y, row.width + 2, 1);
            buf.set_style(bar, theme.selection);
            buf.set_string(bar.x, bar.y, "▌", theme.accent);
        }
    }
}

fn line<'a>(alike: &Alike, wide: usize, state: &State, theme: &Theme) -> Line<'a> {
    let track = &alike.track;
    let playing = state.player.track.as_ref().is_some_and(|playing| playing.id == track.id);
    let marks = &state.marks;
    let (glyph, style) = if playing {
        (phase_glyph(&state.player.phase), theme.accent)
    } else if marks.owned.contains(&track.id) {
        ("✓", theme.success)
    } else if marks.shortlisted.contains(&track.id) {
        ("★", theme.warning)
    } else if marks.rejected.contains(&track.id) {
        ("✕", theme.faint)
    } else if marks.heard.contains(&track.id) {
        ("·", theme.dim)
    } else {
        (" ", theme.dim)
    };
    let name = NAME.min(wide / 2);
    let full = if track.artist.is_empty() {
        track.title.to_string()
    } else {
        format!("{} · {}", track.title, track.artist)
    };
    Line::from(fit(
        vec![
            Span::styled(format!("{glyph} "), style),
            Span::styled(pad(&cut(&full, name), name), theme.text),
            Span::styled(format!(" {:>3.0} %  ", alike.likeness * 100.0), theme.strong),
            Span::styled(alike.why.join(" · "), theme.dim),
        ],
        wide,
    ))
}
