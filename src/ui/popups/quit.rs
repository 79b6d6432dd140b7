//! Leave although something is running?

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::state::{Moment, Quitting};
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const CONSEQUENCE: &str = "What was sent may be charged; the ledger settles it at the next start.";

/// Draws it.
pub fn draw(buf: &mut Buffer, quitting: &Quitting, now: Moment, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (56, 1));
    let consequence = wrap(CONSEQUENCE, wide);
    let (_, high) = room(size, (56, quitting.running.len() + consequence.len() + 3));
    let most = high.saturating_sub(consequence.len() + 2).max(1);
    let mut lines = vec![Line::styled("Still going on:", theme.strong)];
    let hidden = if quitting.running.len() > most {
        quitting.running.len() + 1 - most
    } else {
        0
    };
    for what in quitting.running.iter().take(quitting.running.len() - hidden) {
        lines.push(Line::from(fit(
            vec![Span::styled("· ", theme.accent), Span::styled(what.as_str(), theme.text)],
            wide,
        )));
    }
    if hidden > 0 {
        lines.push(Line::styled(format!("  and {hidden} more"), theme.dim));
    }
    lines.push(Line::default());
    lines.extend(consequence.into_iter().map(|line| Line::styled(line, theme.dim)));
    let yes = if quitting.arming.armed(now) {
        vec![Span::styled("y", theme.key), Span::styled(" leaves", theme.dim)]
    } else {
        vec![Span::styled("y leaves", theme.faint)]
    };
    let window = Window {
        title: "Leave now?",
        foot: vec![Span::styled("any other key stays", theme.faint)],
        foot_corner: yes,
    };
    let inside = window.open(buf, (56, lines.len()), theme);
    stack(buf, inside, &lines);
}
