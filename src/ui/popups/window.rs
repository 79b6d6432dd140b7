//! The frame of a popup: centred, as large as what is in it, as far as the screen allows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::input::{Action, Keymap};
use crate::state::Popup;
use crate::text::width;
use crate::ui::layout::offset_in_view;
use crate::ui::pane::{Pane, inside};
use crate::ui::theme::Theme;

/// Columns that a frame and the air in it take.
const FRAME_COLUMNS: u16 = 6;
/// Columns of a label, with the air behind it.
pub const LABEL: usize = 10;
/// Rows that a frame takes.
const FRAME_ROWS: u16 = 2;

/// What is around a popup.
#[derive(Debug, Default)]
pub struct Window<'a> {
    /// Its title.
    pub title: &'a str,
    /// Hints at its lower left.
    pub foot: Vec<Span<'a>>,
    /// At its lower right.
    pub foot_corner: Vec<Span<'a>>,
}

impl Window<'_> {
    /// Draws it around content of so many columns and rows, and gives the room that there is.
    pub fn open(self, buf: &mut Buffer, (columns, rows): (usize, usize), theme: &Theme) -> Rect {
        let area = place(buf.area, columns, rows);
        uncover(buf, area);
        Clear.render(area, buf);
        buf.set_style(area, theme.text);
        let title = vec![Span::raw(self.title.to_owned())];
        let inside = Pane::new(title, true)
            .foot(self.foot)
            .foot_corner(self.foot_corner)
            .draw(buf, area, theme);
        air(inside)
    }
}

/// Where the content of a popup is on the screen, if it wants so many columns and rows.
pub fn content(screen: Rect, (columns, rows): (usize, usize)) -> Rect {
    air(inside(place(screen, columns, rows)))
}

/// The room for content on a screen of this size, if it wants so many columns and rows.
pub fn room((columns, rows): (u16, u16), wanted: (usize, usize)) -> (usize, usize) {
    let content = content(Rect::new(0, 0, columns, rows), wanted);
    (content.width.into(), content.height.into())
}

/// Entries of a list that are on the screen: each with its place in the list, counted from 0, and its rows.
pub type Listed = Vec<(usize, Rect)>;

/// The entries around the one under the cursor, so many rows each; the last one may be cut.
pub fn listed(area: Rect, cursor: usize, entries: usize, each: u16) -> Listed {
    let visible = usize::from(area.height / each).max(1);
    let cursor = cursor.min(entries.saturating_sub(1));
    let first = offset_in_view(cursor.saturating_sub(visible / 2), cursor, entries, visible);
    let tops = (area.y..area.bottom()).step_by(each.into()).take(visible);
    let rows = tops.map(|y| Rect::new(area.x, y, area.width, each).intersection(area));
    (first..entries).zip(rows).collect()
}

/// The first entry that is on the screen.
pub fn first_of(seen: &[(usize, Rect)]) -> usize {
    seen.first().map_or(0, |(first, _)| *first)
}

/// The bar under an entry, which reaches over the air at both sides.
pub fn bar(rows: Rect) -> Rect {
    Rect::new(rows.x.saturating_sub(1), rows.y, rows.width + 2, rows.height)
}

/// Marks the row under the cursor.
pub fn mark(buf: &mut Buffer, row: Rect, theme: &Theme) {
    let bar = bar(Rect { height: 1, ..row });
    buf.set_style(bar, theme.selection);
    buf.set_string(bar.x, bar.y, "▌", theme.accent);
}

fn place(screen: Rect, columns: usize, rows: usize) -> Rect {
    let fits = |wanted: usize, frame: u16, most: u16| u16::try_from(wanted).unwrap_or(u16::MAX).saturating_add(frame).min(most);
    let width = fits(columns, FRAME_COLUMNS, screen.width);
    let height = fits(rows, FRAME_ROWS, screen.height);
    Rect::new(
        screen.x + (screen.width - width) / 2,
        screen.y + (screen.height - height) / 2,
        width,
        height,
    )
}

/// A second column of air at each side, where there is any to spare.
fn air(inside: Rect) -> Rect {
    if inside.width > 30 {
        Rect::new(inside.x + 1, inside.y, inside.width - 2, inside.height)
    } else {
        inside
    }
}

/// A wide character that reaches under the popup's left border would hide the border: it goes.
fn uncover(buf: &mut Buffer, area: Rect) {
    let Some(x) = area.x.checked_sub(1) else { return };
    for y in area.top()..area.bottom() {
        if let Some(cell) = buf.cell_mut((x, y))
            && width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// Everything behind a popup steps back.
pub fn dim_ground(buf: &mut Buffer, theme: &Theme) {
    let area = buf.area;
    let faint = theme.faint;
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.set_style(ratatui::style::Style::reset().patch(faint));
            }
        }
    }
}

/// The keys that move in a popup now, for its foot: the first one of each direction that the popup does not use otherwise; the arrows always
/// move.
pub fn moves(popup: &Popup, keymap: &Keymap) -> String {
    let key = |action: Action, arrow: &str| {
        let free = keymap.keys(action).find(|key| !popup.owns(key));
        free.map_or_else(|| arrow.to_owned(), ToString::to_string)
    };
    format!("{} {}", key(Action::Down, "↓"), key(Action::Up, "↑"))
}

/// A label and its value.
pub fn field<'a>(label: &str, value: Vec<Span<'a>>, theme: &Theme) -> Line<'a> {
    let mut line = vec![Span::styled(crate::text::pad(label, LABEL), theme.faint)];
    line.extend(value);
    Line::from(line)
}

/// The part of a scrolled list that is on the screen: the first line, no further down than the last page.
pub fn first_line(scroll: usize, lines: usize, height: usize) -> usize {
    scroll.min(lines.saturating_sub(height))
}

/// Where in a scrolled list one is, for the lower right.
pub fn place_in<'a>(first: usize, lines: usize, height: usize, theme: &Theme) -> Vec<Span<'a>> {
    if lines <= height {
        return Vec::new();
    }
    let last = (first + height).min(lines);
    let arrows = match (first > 0, last < lines) {
        (true, true) => "↑↓",
        (true, false) => "↑",
        (false, _) => "↓",
    };
    vec![Span::styled(format!("{arrows} {last} / {lines}"), theme.dim)]
}
