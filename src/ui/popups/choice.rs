//! Lists to choose from with a text box above: the values of a filter, and the palette of actions.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::window::{Listed, Window, content, listed, mark};
use crate::input::Action;
use crate::state::{Palette, Picker, State};
use crate::text::width;
use crate::ui::line::{columns, fit, sides};
use crate::ui::textbox;
use crate::ui::theme::Theme;

const PROMPT: &str = "› ";
/// Columns and rows of the palette: what an action does, why it does nothing now, and its key.
const PALETTE: (usize, usize) = (74, 20);

/// Draws the picker of a filter, and says where the cursor of its box is.
pub fn draw_picker(buf: &mut Buffer, picker: &Picker, theme: &Theme) -> Option<Position> {
    let own = picker.own_value();
    let window = Window {
        title: picker.row.name(),
        foot: vec![
            Span::styled("Space", theme.key),
            Span::styled(" toggles   ", theme.dim),
            Span::styled("Enter", theme.key),
            Span::styled(" closes", theme.dim),
        ],
        foot_corner: Vec::new(),
    };
    let inside = window.open(buf, picker_size(picker), theme);
    let list = below_box(inside);
    let room = usize::from(list.width);
    let seen = picker_on_screen(buf.area, picker);
    draw_list(buf, &seen, picker.cursor, theme, |index| {
        let Some(item) = picker.shown.get(index).and_then(|index| picker.items.get(*index)) else {
            let own = own.clone().unwrap_or_default();
            return Line::from(fit(
                vec![Span::styled("+ ", theme.accent), Span::styled(format!("use “{own}”"), theme.text)],
                room,
            ));
        };
        let (check, style) = if item.chosen { ("✓ ", theme.strong) } else { ("  ", theme.text) };
        Line::from(fit(
            vec![Span::styled(check, theme.accent), Span::styled(item.word.as_str(), style)],
            room,
        ))
    });
    if seen.is_empty() && list.height > 0 {
        buf.set_string(list.x, list.y, crate::text::cut("  nothing like it", room), theme.faint);
    }
    text_box(buf, inside, &picker.input, "type to narrow", theme)
}

/// Columns and rows of a picker: as high as the whole list, so that it stands still while it is narrowed.
fn picker_size(picker: &Picker) -> (usize, usize) {
    let widest = picker.items.iter().map(|item| width(&item.word)).max().unwrap_or(0);
    ((widest + 4).clamp(32, 50), (picker.items.len() + 2).clamp(6, 22))
}

/// The lines of a picker that are on the screen.
pub fn picker_on_screen(screen: Rect, picker: &Picker) -> Listed {
    let lines = picker.shown.len() + usize::from(picker.own_value().is_some());
    listed(below_box(content(screen, picker_size(picker))), picker.cursor, lines, 1)
}

/// Draws the palette, and says where the cursor of its box is.
pub fn draw_palette(buf: &mut Buffer, palette: &Palette, state: &State, theme: &Theme) -> Option<Position> {
    let window = Window {
        title: "Palette",
        foot: vec![Span::styled("Enter", theme.key), Span::styled(" does it", theme.dim)],
        foot_corner: vec![Span::styled(palette.shown.len().to_string(), theme.faint)],
    };
    let inside = window.open(buf, PALETTE, theme);
    let list = below_box(inside);
    let room = usize::from(list.width);
    let seen = palette_on_screen(buf.area, palette);
    draw_list(buf, &seen, palette.cursor, theme, |index| {
        let Some(action) = palette.shown.get(index).copied() else {
            return Line::default();
        };
        let key = key_of(action, state, theme);
        let Some(why) = state.why_not(action) else {
            return sides(vec![Span::styled(action.description(), theme.text)], key, room);
        };
        let what = Span::styled(format!("{} – {why}", action.description()), theme.faint);
        sides(fit(vec![what], room.saturating_sub(columns(&key) + 1)), key, room)
    });
    if seen.is_empty() && list.height > 0 {
        buf.set_string(list.x, list.y, crate::text::cut("nothing like it", room), theme.faint);
    }
    text_box(buf, inside, &palette.input, "type what you want to do", theme)
}

/// The lines of the palette that are on the screen.
pub fn palette_on_screen(screen: Rect, palette: &Palette) -> Listed {
    listed(below_box(content(screen, PALETTE)), palette.cursor, palette.shown.len(), 1)
}

fn key_of<'a>(action: Action, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let key = state.keymap.keys(action).next();
    key.map(|key| vec![Span::styled(key.to_string(), theme.key)]).unwrap_or_default()
}

/// Draws the text box at the top, and says where its cursor is.
fn text_box(buf: &mut Buffer, area: Rect, input: &Input, placeholder: &str, theme: &Theme) -> Option<Position> {
    let room = usize::from(area.width).saturating_sub(width(PROMPT));
    let view = textbox::view(input, room);
    let text = if input.value().is_empty() {
        Span::styled(crate::text::cut(placeholder, room), theme.faint)
    } else {
        Span::styled(view.text, theme.strong)
    };
    if area.height > 0 {
        let line = Line::from(vec![Span::styled(PROMPT, theme.accent), text]);
        buf.set_line(area.x, area.y, &line, area.width);
    }
    let cursor = Position::new(area.x + width(PROMPT) as u16 + view.cursor, area.y);
    Some(cursor).filter(|cursor| area.contains(*cursor))
}

/// The room below the text box, and below a line of air where there is any to spare.
fn below_box(area: Rect) -> Rect {
    let used = if area.height > 6 { 2 } else { area.height.min(1) };
    Rect::new(area.x, area.y + used, area.width, area.height - used)
}

/// Draws the lines that are on the screen; only those are made.
fn draw_list<'a>(buf: &mut Buffer, seen: &[(usize, Rect)], cursor: usize, theme: &Theme, line: impl Fn(usize) -> Line<'a>) {
    // A cursor past the end is on the last line.
    let last = seen.last().map_or(0, |(last, _)| *last);
    for (index, row) in seen {
        buf.set_line(row.x, row.y, &line(*index), row.width);
        if *index == cursor.min(last) {
            mark(buf, *row, theme);
        }
    }
}
