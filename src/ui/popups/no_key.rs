//! There is no key: the sandbox, or how to set one.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;

/// Draws it.
pub fn draw(buf: &mut Buffer, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let text = |text: &'static str| Line::styled(text, theme.text);
    let labelled =
        |label: &'static str, value: &'static str| Line::from(vec![Span::styled(label, theme.faint), Span::styled(value, theme.accent)]);
    let mut lines = Vec::new();
    if cfg!(feature = "sandbox") {
        lines.extend([
            Line::from(vec![
                Span::styled(" s ", theme.button_focused),
                Span::styled("  start the sandbox right here", theme.strong),
            ]),
            Line::styled("     made-up music, play money, no account", theme.dim),
            labelled("     next time  ", "trackyard-tui --sandbox"),
            Line::default(),
        ]);
    }
    lines.extend([
        text("Or use a key of your own:"),
        labelled("  get one  ", "app.trackyard.com/api-keys"),
        labelled("  set it   ", "export TRACKYARD_API_KEY=…"),
        Line::styled("  and start the program again.", theme.text),
    ]);
    let (wide, high) = room(size, (52, lines.len()));
    if lines.len() > high {
        lines.retain(|line| line.width() > 0);
    }
    let lines: Vec<Line> = lines.into_iter().map(|line| Line::from(fit(styled_spans(line), wide))).collect();
    let window = Window {
        title: "Trackyard needs a key",
        foot: vec![Span::styled("Esc", theme.key), Span::styled(" looks around", theme.dim)],
        foot_corner: vec![Span::styled("q", theme.key), Span::styled(" quits", theme.dim)],
    };
    let inside = window.open(buf, (52, lines.len()), theme);
    stack(buf, inside, &lines);
}

/// A line's pieces with the line's own style in each.
fn styled_spans(line: Line) -> Vec<Span> {
    let style = line.style;
    line.spans
        .into_iter()
        .map(|span| Span::styled(span.content, style.patch(span.style)))
        .collect()
}
