//! The briefs of a batch: what each asks, whether it is answered, and how far its shortlist is.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::window::{Listed, Window, content, first_of, listed, mark, place_in};
use crate::state::{BriefList, BriefsView, State};
use crate::text::{cut, pad, width};
use crate::ui::format::{age, count, path_tail};
use crate::ui::line::{columns, fit, sides, stack};
use crate::ui::query::chip_words;
use crate::ui::textbox;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 96;
/// Lines that the popup has at least.
const ROWS: usize = 8;
const LABEL: &str = "File › ";

/// Draws it, and says where the cursor of its box is, if that is open.
pub fn draw(buf: &mut Buffer, view: &BriefsView, state: &State, theme: &Theme) -> Option<Position> {
    let none = BriefList::default();
    let list = state.briefs.as_ref().unwrap_or(&none);
    let lines = list.briefs.len();
    let seen = on_screen(buf.area, view, lines);
    let (above, bottom) = areas(content(buf.area, size(view, lines)), view);
    let title = if state.briefs.is_some() {
        format!("Briefs · {}", path_tail(&list.file.to_string_lossy(), 48))
    } else {
        "Briefs".to_owned()
    };
    let hint = |key: &'static str, what: &'static str| [Span::styled(key, theme.key), Span::styled(what, theme.dim)];
    let foot = match (&view.typing, state.briefs.is_some()) {
        (Some(_), _) => [
            hint("Enter", " opens   "),
            hint("Esc", " closes   "),
            [Span::styled("free", theme.success), Span::raw("")],
        ]
        .concat(),
        (None, _) => {
            let mut foot = hint("Enter", " shows   ").to_vec();
            foot.extend(rest(list, state, theme));
            foot.extend([hint("o", " another file   "), hint("Esc", " closes")].concat());
            foot
        }
    };
    let window = Window {
        title: &title,
        foot,
        foot_corner: place_in(first_of(&seen), lines, above.height.into(), theme),
    };
    let inside = window.open(buf, size(view, lines), theme);
    let wide = usize::from(inside.width);
    if lines == 0 {
        let text = "A file of briefs, a video each: .txt with a query a line, .csv with a header, or .jsonl. Opening it is free; then one key asks all of them, and says before what that costs.";
        let text: Vec<Line> = wrap(text, wide).into_iter().map(|line| Line::styled(line, theme.dim)).collect();
        stack(buf, above, &text);
    }
    let cursor = view.cursor.min(lines.saturating_sub(1));
    for (index, row) in seen {
        buf.set_line(row.x, row.y, &line(list, index, wide, state, theme), row.width);
        if index == cursor && view.typing.is_none() {
            mark(buf, row, theme);
        }
    }
    file_box(buf, bottom, view, view.typing.as_ref()?, theme)
}

fn size(view: &BriefsView, briefs: usize) -> (usize, usize) {
    (COLUMNS, (briefs + if view.typing.is_some() { 3 } else { 0 }).max(ROWS))
}

/// The room for the list, and for the box below it.
fn areas(inside: Rect, view: &BriefsView) -> (Rect, Rect) {
    let below = if view.typing.is_some() { inside.height.min(3) } else { 0 };
    (
        Rect::new(inside.x, inside.y, inside.width, inside.height - below),
        Rect::new(inside.x, inside.bottom() - below, inside.width, below),
    )
}

/// The briefs that are on the screen, of so many.
pub fn on_screen(screen: Rect, view: &BriefsView, briefs: usize) -> Listed {
    let (list, _) = areas(content(screen, size(view, briefs)), view);
    listed(list, view.cursor, briefs, 1)
}

/// The key that asks everything that is missing, with the price; or how far that is.
fn rest<'a>(list: &BriefList, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let missing = list.count_missing();
    match state.batch_running() {
        Some(batch) => vec![Span::styled(format!("asked {}   ", batch.tally.progress()), theme.accent)],
        None if missing == 0 || state.offline => Vec::new(),
        None => vec![
            Span::styled("a", theme.key),
            Span::styled(
                format!(" asks the {missing} missing: up to {}   ", count(missing, "credit")),
                theme.dim,
            ),
        ],
    }
}

fn line<'a>(list: &'a BriefList, index: usize, wide: usize, state: &State, theme: &Theme) -> Line<'a> {
    let brief = &list.briefs[index];
    let here = if index == list.at {
        Span::styled("▸ ", theme.accent)
    } else {
        Span::raw("  ")
    };
    let chosen = state.shortlisted_for(&brief.project);
    let stars = if chosen > 0 { format!("★ {chosen}") } else { String::new() };
    let (answer, style) = match brief.age_seconds {
        Some(seconds) => (age(seconds), theme.dim),
        None if brief.refused => ("refused, free".to_owned(), theme.error),
        None => ("not asked: 1 credit".to_owned(), theme.warning),
    };
    let mut right = vec![Span::styled(pad(&stars, 6), theme.warning)];
    right.push(Span::styled(format!("{answer:>19}"), style));
    let left_room = wide.saturating_sub(columns(&right) + 1);
    let named = brief.project != brief.request.query() && left_room > 50;
    let project = if named { left_room / 4 } else { 0 };
    let filters = chip_words(brief.request.filters()).join(", ");
    let text = if filters.is_empty() {
        brief.request.query().to_owned()
    } else {
        format!("{} · {filters}", brief.request.query())
    };
    let query = left_room.saturating_sub(7 + project);
    let mut left = vec![
        here,
        Span::styled(format!("{:>3}  ", index + 1), theme.faint),
        Span::styled(
            pad(&cut(&text, query.saturating_sub(1)), query),
            if index == list.at { theme.strong } else { theme.text },
        ),
    ];
    if named {
        left.push(Span::styled(cut(&brief.project, project), theme.dim));
    }
    sides(fit(left, left_room), right, wide)
}

fn file_box(buf: &mut Buffer, area: Rect, view: &BriefsView, input: &tui_input::Input, theme: &Theme) -> Option<Position> {
    if area.height == 0 {
        return None;
    }
    let wide = usize::from(area.width);
    let note = match (&view.problem, view.loading) {
        (Some(problem), _) => (problem.as_str(), theme.warning),
        (None, true) => ("reading…", theme.dim),
        (None, false) => ("", theme.dim),
    };
    let row = area.bottom() - 1;
    // Just above the box, as far as there is room.
    let lines = wrap(note.0, wide).into_iter().map(|line| Line::styled(line, note.1));
    let lines: Vec<Line> = lines.take(usize::from(area.height) - 1).collect();
    let top = row - lines.len() as u16;
    stack(buf, Rect::new(area.x, top, area.width, row - top), &lines);
    let shown = textbox::view(input, wide.saturating_sub(width(LABEL)));
    let line = Line::from(vec![Span::styled(LABEL, theme.accent), Span::styled(shown.text, theme.strong)]);
    buf.set_line(area.x, row, &line, area.width);
    let cursor = Position::new(area.x + width(LABEL) as u16 + shown.cursor, row);
    Some(cursor).filter(|cursor| area.contains(*cursor))
}
