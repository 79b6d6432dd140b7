//! Tracks like one, each with the reason in a few words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::window::{Listed, Window, content, first_of, listed, mark, place_in};
use crate::library::Alike;
use crate::state::{AlikeView, State};
use crate::text::{cut, pad};
use crate::ui::line::{fit, stack};
use crate::ui::player::phase_glyph;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 96;
/// Columns of a title and its artist.
const NAME: usize = 36;

/// Draws it.
pub fn draw(buf: &mut Buffer, view: &AlikeView, moves: &str, state: &State, theme: &Theme) {
    let height = usize::from(content(buf.area, size(view)).height);
    let seen = on_screen(buf.area, view);
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
        foot_corner: place_in(first_of(&seen), view.found.len(), height, theme),
    };
    let inside = window.open(buf, size(view), theme);
    let wide = usize::from(inside.width);
    if let Some((note, is_problem)) = note(view) {
        let style = if is_problem { theme.warning } else { theme.dim };
        let text: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(buf, inside, &text);
        return;
    }
    let cursor = view.cursor.min(view.found.len().saturating_sub(1));
    for (index, row) in seen {
        let Some(alike) = view.found.get(index) else { break };
        buf.set_line(row.x, row.y, &line(alike, wide, state, theme), row.width);
        if index == cursor {
            mark(buf, row, theme);
        }
    }
}

fn size(view: &AlikeView) -> (usize, usize) {
    (COLUMNS, view.found.len().max(3))
}

/// What is said in place of a list, and whether that is a problem.
fn note(view: &AlikeView) -> Option<(&str, bool)> {
    match &view.problem {
        Some(problem) => Some((problem.as_str(), true)),
        None if view.loading => Some(("Comparing with every track seen before…", false)),
        None if view.found.is_empty() => Some(("No other track was seen yet: search for some music first.", false)),
        None => None,
    }
}

/// The tracks that are on the screen.
pub fn on_screen(screen: Rect, view: &AlikeView) -> Listed {
    let entries = if note(view).is_none() { view.found.len() } else { 0 };
    listed(content(screen, size(view)), view.cursor, entries, 1)
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
