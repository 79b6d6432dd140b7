//! Lines put together from styled pieces.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::text;

/// How many columns the pieces take.
pub fn columns(spans: &[Span]) -> usize {
    spans.iter().map(|span| text::width(&span.content)).sum()
}

/// Cuts the pieces to at most `room` columns; what was cut ends in `…`.
pub fn fit(spans: Vec<Span>, room: usize) -> Vec<Span> {
    if columns(&spans) <= room {
        return spans;
    }
    let mut kept = Vec::with_capacity(spans.len());
    let mut left = room;
    for span in spans {
        let wide = text::width(&span.content);
        // A piece that ends exactly at the edge gives up its last column: something follows that is not shown.
        if wide < left {
            left -= wide;
            kept.push(span);
        } else {
            let cut = if wide == left {
                text::cut(&format!("{}…", span.content), left)
            } else {
                text::cut(&span.content, left)
            };
            kept.push(Span::styled(cut, span.style));
            break;
        }
    }
    kept
}

/// A line with something at its left and something at its right; if both do not fit, the right one goes first.
pub fn sides<'a>(left: Vec<Span<'a>>, right: Vec<Span<'a>>, room: usize) -> Line<'a> {
    let (wide_left, wide_right) = (columns(&left), columns(&right));
    if right.is_empty() || wide_left + wide_right + 1 > room {
        return Line::from(fit(left, room));
    }
    let mut all = left;
    all.push(Span::raw(" ".repeat(room - wide_left - wide_right)));
    all.extend(right);
    Line::from(all)
}

/// Joins groups with a separator between them, as many as fit.
pub fn joined<'a>(groups: Vec<Vec<Span<'a>>>, separator: &Span<'a>, room: usize) -> Vec<Span<'a>> {
    let mut all: Vec<Span<'a>> = Vec::new();
    for group in groups {
        let gap = if all.is_empty() { 0 } else { text::width(&separator.content) };
        if columns(&all) + gap + columns(&group) > room {
            break;
        }
        if gap > 0 {
            all.push(separator.clone());
        }
        all.extend(group);
    }
    all
}

/// Draws lines from the top of an area; what does not fit is left out.
pub fn stack(buf: &mut Buffer, area: Rect, lines: &[Line]) {
    for (row, line) in area.rows().zip(lines) {
        buf.set_line(row.x, row.y, line, row.width);
    }
}

/// A key and what it does.
pub fn hint<'a>(key: impl Into<String>, what: impl Into<String>, key_style: Style, style: Style) -> Vec<Span<'a>> {
    vec![
        Span::styled(key.into(), key_style),
        Span::styled(format!(" {}", what.into()), style),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_wider_than_the_room() {
        let spans = || vec![Span::raw("初音ミク"), Span::raw("abc"), Span::raw("e\u{301}e\u{301}")];
        for room in 0..20 {
            assert!(columns(&fit(spans(), room)) <= room, "{room}");
            assert!(columns(&sides(spans(), vec![Span::raw("right")], room).spans) <= room, "{room}");
            assert!(columns(&joined(vec![spans(), spans()], &Span::raw(" · "), room)) <= room, "{room}");
        }
    }

    #[test]
    fn a_cut_is_seen() {
        let cut = fit(vec![Span::raw("abc"), Span::raw("def")], 3);
        assert_eq!(Line::from(cut).to_string(), "ab…");
    }
}
