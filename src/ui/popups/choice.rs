//! Lists to choose from with a text box above: the values of a filter, and the palette of actions.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use tui_input::Input;

use super::window::Window;
use crate::input::Action;
use crate::state::{Palette, Picker, State};
use crate::text::width;
use crate::ui::layout::offset_in_view;
use crate::ui::line::{columns, fit, sides};
use crate::ui::textbox;
use crate::ui::theme::Theme;

const PROMPT: &str = "› ";
/// Columns of the palette: what an action does, why it does nothing now, and its key.
const PALETTE: usize = 74;

/// Draws the picker of a filter.
pub fn draw_picker(frame: &mut Frame, picker: &Picker, is_top: bool, theme: &Theme) {
    let own = picker.own_value();
    let lines = picker.shown.len() + usize::from(own.is_some());
    // As high as the whole list, so that it stands still while it is narrowed.
    let rows = (picker.items.len() + 2).clamp(6, 22);
    let widest = picker.items.iter().map(|item| width(&item.word)).max().unwrap_or(0);
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
    let inside = window.open(frame.buffer_mut(), ((widest + 4).clamp(32, 50), rows), theme);
    let list = text_box(frame, inside, &picker.input, "type to narrow", is_top, theme);
    let room = usize::from(list.width);
    draw_list(frame, list, picker.cursor, lines, theme, |index| {
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
    if lines == 0 && list.height > 0 {
        frame
            .buffer_mut()
            .set_string(list.x, list.y, crate::text::cut("  nothing like it", room), theme.faint);
    }
}

/// Draws the palette.
pub fn draw_palette(frame: &mut Frame, palette: &Palette, is_top: bool, state: &State, theme: &Theme) {
    let window = Window {
        title: "Palette",
        foot: vec![Span::styled("Enter", theme.key), Span::styled(" does it", theme.dim)],
        foot_corner: vec![Span::styled(palette.shown.len().to_string(), theme.faint)],
    };
    let inside = window.open(frame.buffer_mut(), (PALETTE, 20), theme);
    let list = text_box(frame, inside, &palette.input, "type what you want to do", is_top, theme);
    let room = usize::from(list.width);
    draw_list(frame, list, palette.cursor, palette.shown.len(), theme, |index| {
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
    if palette.shown.is_empty() && list.height > 0 {
        frame
            .buffer_mut()
            .set_string(list.x, list.y, crate::text::cut("nothing like it", room), theme.faint);
    }
}

fn key_of<'a>(action: Action, state: &State, theme: &Theme) -> Vec<Span<'a>> {
    let key = state.keymap.keys(action).next();
    key.map(|key| vec![Span::styled(key.to_string(), theme.key)]).unwrap_or_default()
}

/// Draws the text box at the top and gives the room below it.
fn text_box(frame: &mut Frame, area: Rect, input: &Input, placeholder: &str, is_top: bool, theme: &Theme) -> Rect {
    if area.height == 0 {
        return area;
    }
    let room = usize::from(area.width).saturating_sub(width(PROMPT));
    let view = textbox::view(input, room);
    let text = if input.value().is_empty() {
        Span::styled(crate::text::cut(placeholder, room), theme.faint)
    } else {
        Span::styled(view.text, theme.strong)
    };
    let line = Line::from(vec![Span::styled(PROMPT, theme.accent), text]);
    frame.buffer_mut().set_line(area.x, area.y, &line, area.width);
    let cursor = Position::new(area.x + width(PROMPT) as u16 + view.cursor, area.y);
    if is_top && area.contains(cursor) {
        frame.set_cursor_position(cursor);
    }
    // A line of air, where there is any to spare.
    let used = if area.height > 6 { 2 } else { 1 };
    Rect::new(area.x, area.y + used, area.width, area.height - used)
}

/// Draws the lines around the cursor; only those are made.
fn draw_list<'a>(frame: &mut Frame, area: Rect, cursor: usize, lines: usize, theme: &Theme, line: impl Fn(usize) -> Line<'a>) {
    let height = usize::from(area.height);
    let cursor = cursor.min(lines.saturating_sub(1));
    let first = offset_in_view(cursor.saturating_sub(height / 2), cursor, lines, height);
    let buf = frame.buffer_mut();
    for (row, index) in area.rows().zip(first..lines) {
        buf.set_line(row.x, row.y, &line(index), row.width);
        if index == cursor {
            let bar = Rect::new(row.x.saturating_sub(1), row.y, row.width + 2, 1);
            buf.set_style(bar, theme.selection);
            buf.set_string(bar.x, bar.y, "▌", theme.accent);
        }
    }
}
