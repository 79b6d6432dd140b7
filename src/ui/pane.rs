//! The frame around a pane.

use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget};

use super::line::{columns, fit};
use super::theme::Theme;

/// A rounded frame with something to say in its corners. What does not fit is left out, the right corners first.
#[derive(Debug, Default)]
pub struct Pane<'a> {
    focused: bool,
    title: Vec<Span<'a>>,
    corner: Vec<Span<'a>>,
    foot: Vec<Span<'a>>,
    foot_corner: Vec<Span<'a>>,
}

impl<'a> Pane<'a> {
    /// A frame with a title at its upper left.
    pub fn new(title: impl Into<Vec<Span<'a>>>, focused: bool) -> Self {
        Self {
            focused,
            title: title.into(),
            ..Self::default()
        }
    }

    /// At the upper right.
    pub fn corner(mut self, spans: Vec<Span<'a>>) -> Self {
        self.corner = spans;
        self
    }

    /// At the lower left.
    pub fn foot(mut self, spans: Vec<Span<'a>>) -> Self {
        self.foot = spans;
        self
    }

    /// At the lower right.
    pub fn foot_corner(mut self, spans: Vec<Span<'a>>) -> Self {
        self.foot_corner = spans;
        self
    }

    /// Draws it and gives the room inside, one column of air at each side.
    pub fn draw(self, buf: &mut Buffer, area: Rect, theme: &Theme) -> Rect {
        let (border, title) = if self.focused {
            (theme.border_focused, theme.title_focused)
        } else {
            (theme.border, theme.title)
        };
        let room = usize::from(area.width).saturating_sub(4);
        let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(border);
        let named: Vec<Span> = self
            .title
            .into_iter()
            .map(|span| Span::styled(span.content, title.patch(span.style)))
            .collect();
        for (top, left, right) in [(true, named, self.corner), (false, self.foot, self.foot_corner)] {
            let fits = columns(&left) + columns(&right) + 3 <= room || left.is_empty();
            for (spans, is_right) in [(left, false), (if fits { right } else { Vec::new() }, true)] {
                if spans.is_empty() {
                    continue;
                }
                let mut line = vec![Span::raw(" ")];
                line.extend(fit(spans, room));
                line.push(Span::raw(" "));
                let line = if is_right {
                    Line::from(line).right_aligned()
                } else {
                    Line::from(line)
                };
                block = if top { block.title_top(line) } else { block.title_bottom(line) };
            }
        }
        block.render(area, buf);
        inside(area)
    }
}

/// The room inside of a frame, one column of air at each side.
pub fn inside(area: Rect) -> Rect {
    Block::bordered().inner(area).inner(Margin::new(1, 0))
}
