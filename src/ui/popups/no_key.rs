//! There is no key: the sandbox, or a key of one's own.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::state::KeyEntry;
use crate::ui::format::count;
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

/// Draws it.
pub fn draw(buf: &mut Buffer, entry: &KeyEntry, theme: &Theme) {
    if let Some(characters) = entry.characters() {
        return draw_box(buf, characters, entry.problem.as_deref(), theme);
    }
    let size = (buf.area.width, buf.area.height);
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
        Line::from(vec![
            Span::styled(" k ", theme.button_focused),
            Span::styled("  use a key of your own", theme.strong),
        ]),
        Line::styled("     kept in the configuration, for you alone", theme.dim),
        labelled("     get one  ", "app.trackyard.com/api-keys"),
        labelled("     or set   ", "TRACKYARD_API_KEY"),
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

/// The box for the key: how much there is of it, never what.
fn draw_box(buf: &mut Buffer, characters: usize, problem: Option<&str>, theme: &Theme) {
    let (wide, _) = room((buf.area.width, buf.area.height), (52, 3));
    let dots = "•".repeat(characters.min(wide.saturating_sub(4)));
    let mut lines = vec![
        Line::from(vec![
            Span::styled("› ", theme.accent),
            Span::styled(dots, theme.text),
            Span::styled("▏", theme.accent),
        ]),
        Line::styled(
            if characters == 0 {
                "paste it, or type it; it is not shown".to_owned()
            } else {
                count(characters, "character")
            },
            theme.faint,
        ),
    ];
    if let Some(problem) = problem {
        lines.extend(wrap(problem, wide).into_iter().map(|line| Line::styled(line, theme.error)));
    }
    let lines: Vec<Line> = lines.into_iter().map(|line| Line::from(fit(styled_spans(line), wide))).collect();
    let window = Window {
        title: "Your Trackyard key",
        foot: vec![Span::styled("Esc", theme.key), Span::styled(" goes back", theme.dim)],
        foot_corner: vec![Span::styled("Enter", theme.key), Span::styled(" uses and keeps it", theme.dim)],
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
