//! Every spend, with the file it brought.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::window::{Window, first_line, place_in, room};
use crate::spend::{Receipt, SpendState};
use crate::state::ReceiptsView;
use crate::ui::format::{balance, path_tail};
use crate::ui::line::{fit, sides, stack};
use crate::ui::theme::Theme;
use crate::ui::wrap::wrap;

const COLUMNS: usize = 84;
/// The column where the second line of a receipt starts.
const INDENT: usize = 15;

/// Draws it.
pub fn draw(buf: &mut Buffer, view: &ReceiptsView, theme: &Theme) {
    let size = (buf.area.width, buf.area.height);
    let (lines, height) = extent(size, view);
    let first = first_line(view.scroll, lines, height);
    let window = Window {
        title: "Receipts",
        foot: vec![
            Span::styled("Esc", theme.key),
            Span::styled(" closes  ", theme.dim),
            Span::styled("e", theme.key),
            Span::styled(" export  ", theme.dim),
            Span::styled("v", theme.key),
            Span::styled(" verify files  ", theme.dim),
            Span::styled("c", theme.key),
            Span::styled(" credits.txt  ", theme.dim),
            Span::styled("times are UTC", theme.faint),
        ],
        foot_corner: place_in(first, lines, height, theme),
    };
    let inside = window.open(buf, (COLUMNS, lines.max(3)), theme);
    let wide = usize::from(inside.width);
    let note = match &view.problem {
        Some(problem) => Some((problem.as_str(), theme.warning)),
        None if view.loading => Some(("Reading the ledger…", theme.dim)),
        None if view.receipts.is_empty() => Some(("Nothing was spent yet.", theme.dim)),
        None => None,
    };
    if let Some((note, style)) = note {
        let text: Vec<Line> = wrap(note, wide).into_iter().map(|line| Line::styled(line, style)).collect();
        stack(buf, inside, &text);
        return;
    }
    let mut skip = first;
    let mut seen = Vec::with_capacity(height + 3);
    for receipt in &view.receipts {
        let own = rows(receipt);
        if skip >= own {
            skip -= own;
            continue;
        }
        seen.extend(lines_of(receipt, wide, theme).into_iter().skip(skip));
        skip = 0;
        if seen.len() >= height {
            break;
        }
    }
    stack(buf, inside, &seen);
}

/// How many lines there are and how many are seen.
pub fn extent(size: (u16, u16), view: &ReceiptsView) -> (usize, usize) {
    let lines = view.receipts.iter().map(rows).sum();
    (lines, room(size, (COLUMNS, lines.max(3))).1)
}

fn rows(receipt: &Receipt) -> usize {
    1 + usize::from(receipt.path.is_some()) + usize::from(receipt.fit.is_some()) + usize::from(receipt.note.is_some())
}

fn lines_of<'a>(receipt: &'a Receipt, wide: usize, theme: &Theme) -> Vec<Line<'a>> {
    let (glyph, style, word) = match receipt.state {
        SpendState::Charged => ("✓", theme.success, "1 credit"),
        SpendState::Free => ("–", theme.dim, "free"),
        SpendState::Unknown => ("?", theme.warning, "unsure"),
        SpendState::Pending => ("…", theme.accent, "pending"),
    };
    let what = match (&receipt.query, &receipt.title, &receipt.track_id) {
        (Some(query), _, _) => query.clone(),
        (None, Some(title), _) => title.clone(),
        (None, None, Some(id)) => id.to_string(),
        _ => receipt.endpoint.clone(),
    };
    let clip = receipt
        .clip
        .map(|clip| format!(" (clip of {} s)", clip.duration().as_f64()))
        .unwrap_or_default();
    let mut right = vec![Span::styled(word, style)];
    if let Some(left) = receipt.balance {
        right.push(Span::styled(format!("{:>7}", format!("→ {}", balance(left))), theme.dim));
    }
    let head = vec![
        Span::styled(format!("{glyph} "), style),
        Span::styled(receipt.at.strftime("%b %d %H:%M ").to_string(), theme.dim),
    ];
    let room_left = wide.saturating_sub(crate::ui::line::columns(&right) + 2);
    let mut left = head;
    left.extend([Span::styled(what, theme.text), Span::styled(clip, theme.dim)]);
    if let Some(project) = &receipt.project {
        left.push(Span::styled(format!(" · {project}"), theme.accent));
    }
    let mut lines = vec![sides(fit(left, room_left), right, wide)];
    let indent = || Span::raw(" ".repeat(INDENT.min(wide / 4)));
    if let Some(path) = &receipt.path {
        // The beginning of the hash is enough to tell files apart; exports have all of it.
        let hash = receipt.file_sha256.as_ref().or(receipt.sha256.as_ref());
        let hash = hash
            .map(|hash| format!("{}…", hash.chars().take(8).collect::<String>()))
            .unwrap_or_default();
        let room = wide.saturating_sub(INDENT.min(wide / 4) + hash.chars().count() + 1);
        let path = vec![indent(), Span::styled(path_tail(&path.to_string_lossy(), room), theme.dim)];
        lines.push(sides(path, vec![Span::styled(hash, theme.faint)], wide));
    }
    if let Some(measured) = &receipt.fit {
        lines.push(Line::from(fit(vec![indent(), Span::styled(measured.words(), theme.dim)], wide)));
    }
    if let Some(note) = &receipt.note {
        lines.push(Line::from(fit(vec![indent(), Span::styled(note.as_str(), theme.warning)], wide)));
    }
    lines
}
