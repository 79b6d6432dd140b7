//! What is drawn where nothing else fits.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::theme::Theme;
use super::wrap::wrap;
use crate::state::State;

/// Asks for a larger window.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let mut text = "Make the window larger: 30 × 8 at least.".to_owned();
    if !state.popups.is_empty() {
        text.push_str("\nEsc closes what is open.");
    }
    let lines: Vec<Line> = wrap(&text, area.width.into())
        .into_iter()
        .map(|line| Line::styled(line, theme.dim).centered())
        .collect();
    let top = area.height.saturating_sub(lines.len() as u16) / 2;
    for (row, line) in area.rows().skip(top.into()).zip(lines) {
        line.render(row, buf);
    }
}
