//! An error in full.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::state::ErrorDetail;
use crate::ui::line::stack;
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

/// Draws it.
pub fn draw(buf: &mut Buffer, error: &ErrorDetail, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (66, 1));
    let mut text = wrap(&error.text, wide);
    let (_, high) = room(size, (66, text.len()));
    if text.len() > high && high > 0 {
        text.truncate(high);
        if let Some(last) = text.last_mut() {
            *last = crate::text::cut(&format!("{last} …"), wide);
        }
    }
    let lines: Vec<Line> = text.into_iter().map(|line| Line::styled(line, theme.text)).collect();
    let window = Window {
        title: &error.title,
        foot: vec![Span::styled("any key", theme.key), Span::styled(" closes", theme.dim)],
        foot_corner: Vec::new(),
    };
    let inside = window.open(buf, (66, lines.len()), theme);
    stack(buf, inside, &lines);
}
