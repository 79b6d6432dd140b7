//! The filters pane.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::format::energy_bars;
use super::line::{columns, fit};
use super::pane::Pane;
use super::slider::{Handle, slider};
use super::theme::Theme;
use crate::state::{BPM_MAX, BPM_MIN, FilterRow, Focus, State};

/// The column where values start.
const LABEL: usize = 8;

/// One filter as it is drawn; both tempo rows are one slider.
struct Entry<'a> {
    label: &'static str,
    rows: &'static [FilterRow],
    /// One line of values each.
    values: Vec<Vec<Span<'a>>>,
}

/// Draws the pane.
pub fn draw(buf: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let focused = state.focus == Focus::Filters;
    Clear.render(area, buf);
    buf.set_style(area, theme.text);
    let set = super::query::chip_words(&state.filters.active).len();
    let corner = if set == 0 {
        Vec::new()
    } else {
        vec![Span::styled(format!("{set} set"), theme.accent)]
    };
    let inside = Pane::new(vec![Span::raw("Filters")], focused).corner(corner).draw(buf, area, theme);
    for (y, entry) in placed(state, inside, theme) {
        let under_cursor = entry.rows.contains(&state.filters.row);
        for (index, (value, y)) in entry.values.into_iter().zip(y..inside.bottom()).enumerate() {
            let label = if index == 0 { entry.label } else { "" };
            let style = if under_cursor && focused { theme.strong } else { theme.dim };
            let mut line = vec![Span::styled(crate::text::pad(label, LABEL), style)];
            line.extend(value);
            buf.set_line(inside.x, y, &Line::from(fit(line, inside.width.into())), inside.width);
            if under_cursor && focused {
                // The bar reaches over the air at both sides, to the border.
                let row = Rect::new(inside.x.saturating_sub(1), y, inside.width + 2, 1);
                buf.set_style(row, theme.selection);
                if index == 0 {
                    buf.set_string(row.x, y, "▌", theme.accent);
                }
            }
        }
    }
}

/// The filter at a row of the screen.
pub fn row_at(area: Rect, state: &State, row: u16) -> Option<FilterRow> {
    let inside = Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2));
    placed(state, inside, &Theme::mono())
        .into_iter()
        .find(|(y, entry)| (*y..y + entry.values.len() as u16).contains(&row) && row < inside.bottom())
        .and_then(|(_, entry)| entry.rows.first().copied())
}

/// The filters that are on the screen, and the row where each begins.
fn placed<'a>(state: &'a State, inside: Rect, theme: &Theme) -> Vec<(u16, Entry<'a>)> {
    let height = usize::from(inside.height);
    let mut entries = entries(state, usize::from(inside.width), theme);
    let lines = |entries: &[Entry]| entries.iter().map(|entry| entry.values.len()).sum::<usize>();
    if lines(&entries) > height {
        entries.iter_mut().for_each(|entry| collapse(entry, theme));
    }
    let air = usize::from(lines(&entries) + entries.len() - 1 <= height);
    // Where not even one line each fits, the list starts at the row that keeps the cursor in view.
    let at_cursor = entries
        .iter()
        .position(|entry| entry.rows.contains(&state.filters.row))
        .unwrap_or(0);
    let first = if air == 0 { (at_cursor + 1).saturating_sub(height) } else { 0 };
    let mut y = inside.y;
    let mut placed = Vec::new();
    for entry in entries.into_iter().skip(first) {
        if y >= inside.bottom() {
            break;
        }
        let next = y + (entry.values.len() + air) as u16;
        placed.push((y, entry));
        y = next;
    }
    placed
}

/// Puts a list of values on one line: the first one and how many more.
fn collapse(entry: &mut Entry, theme: &Theme) {
    let more = entry.values.len().saturating_sub(1);
    if more > 0 {
        entry.values.truncate(1);
        entry.values[0].push(Span::styled(format!(" +{more}"), theme.accent));
    }
}

fn entries<'a>(state: &'a State, room: usize, theme: &Theme) -> Vec<Entry<'a>> {
    let active = &state.filters.active;
    let any = || vec![vec![Span::styled("any", theme.faint)]];
    let list = |label, rows, words: &'a std::collections::BTreeSet<String>| Entry {
        label,
        rows,
        values: if words.is_empty() {
            any()
        } else {
            words.iter().map(|word| vec![Span::styled(word.as_str(), theme.text)]).collect()
        },
    };
    let one = |label, rows, value: Option<Vec<Span<'a>>>| Entry {
        label,
        rows,
        values: value.map_or_else(any, |value| vec![value]),
    };
    vec![
        list("Genres", &[FilterRow::Genres], &active.genres),
        list("Moods", &[FilterRow::Moods], &active.moods),
        one(
            "Energy",
            &[FilterRow::Energy],
            active.energy.as_ref().map(|energy| {
                vec![
                    Span::styled(format!("{} ", energy_bars(Some(energy))), theme.accent),
                    Span::styled(energy.as_str(), theme.text),
                ]
            }),
        ),
        one(
            "Vocals",
            &[FilterRow::Vocals],
            active
                .has_vocals
                .map(|has| vec![Span::styled(if has { "with vocals" } else { "none" }, theme.text)]),
        ),
        Entry {
            label: "BPM",
            rows: &[FilterRow::MinBpm, FilterRow::MaxBpm],
            values: vec![tempo(state, room.saturating_sub(LABEL), theme)],
        },
        list("Instr.", &[FilterRow::Instruments], &active.instruments),
    ]
}

fn tempo<'a>(state: &State, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let active = &state.filters.active;
    let at = match (state.focus, state.filters.row) {
        (Focus::Filters, FilterRow::MinBpm) => Some(Handle::Low),
        (Focus::Filters, FilterRow::MaxBpm) => Some(Handle::High),
        _ => None,
    };
    if active.min_bpm.is_none() && active.max_bpm.is_none() && at.is_none() {
        return vec![Span::styled("any", theme.faint)];
    }
    let number = |value: Option<u16>, limit: u16, handle| {
        let style = match value {
            _ if at == Some(handle) => theme.accent,
            Some(_) => theme.text,
            None => theme.faint,
        };
        Span::styled(value.unwrap_or(limit).to_string(), style)
    };
    let low = number(active.min_bpm, BPM_MIN, Handle::Low);
    let high = number(active.max_bpm, BPM_MAX, Handle::High);
    let track = room.saturating_sub(columns(&[low.clone(), high.clone()]) + 2).min(24);
    let mut line = vec![low, Span::raw(" ")];
    line.extend(slider(
        (BPM_MIN, BPM_MAX),
        active.min_bpm.unwrap_or(BPM_MIN),
        active.max_bpm.unwrap_or(BPM_MAX),
        at,
        track,
        theme,
    ));
    line.extend([Span::raw(" "), high]);
    line
}
