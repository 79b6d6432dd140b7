//! The account: tier, credits, limits, last use.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, room};
use crate::input::Action;
use crate::state::State;
use crate::text::pad;
use crate::ui::account::facts;
use crate::ui::line::{fit, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 62;
/// Columns of a label.
const LABEL: usize = 22;

/// Draws it.
pub fn draw(buf: &mut Buffer, state: &State, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (wide, _) = room(size, (COLUMNS, 1));
    let label = LABEL.min(wide / 2);
    let problem = state.account.problem.iter().flat_map(|problem| wrap(problem, wide));
    let mut lines: Vec<Line> = problem.map(|line| Line::styled(line, theme.warning)).collect();
    for (name, value) in facts(state) {
        for (index, part) in wrap(&value, wide.saturating_sub(label)).into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let label = Span::styled(pad(name, label), theme.dim);
            lines.push(Line::from(fit(vec![label, Span::styled(part, theme.text)], wide)));
        }
    }
    let mut foot = Vec::new();
    if let Some(key) = state.keymap.keys(Action::Usage).next() {
        foot.extend([Span::styled(key.to_string(), theme.key), Span::styled(" history   ", theme.dim)]);
    }
    foot.extend([Span::styled("any other", theme.key), Span::styled(" closes", theme.dim)]);
    let window = Window {
        title: "Account",
        foot,
        foot_corner: Vec::new(),
    };
    let inside = window.open(buf, (COLUMNS, lines.len()), theme);
    stack(buf, inside, &lines);
}
