//! The results pane: a table of which only the visible rows are built.

mod columns;
mod empty;
mod row;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use super::layout::{Layout, offset_in_view};
use super::line::{columns as wide, fit};
use super::pane::Pane;
use super::spinner::{glyph, seconds_left};
use super::theme::Theme;
use super::{format, player};
use crate::input::Action;
use crate::state::{Focus, Running, Source, State};

/// Draws the pane.
pub fn draw(buf: &mut Buffer, layout: &Layout, state: &State, theme: &Theme) {
    let results = &state.results;
    let focused = state.focus == Focus::Results;
    let room = usize::from(layout.results.width).saturating_sub(4);
    let title = title(state, theme);
    let corner_room = room.saturating_sub(wide(&title) + 3);
    let mut pane = Pane::new(title, focused).corner(corner(state, corner_room, theme));
    if let Some(problem) = results.problem.as_ref().filter(|_| !results.rows.is_empty()) {
        pane = pane.foot(vec![Span::styled("✕ ", theme.error), Span::styled(problem.clone(), theme.text)]);
    } else if layout.player.is_none() {
        pane = pane.foot(player::brief(state, theme));
    }
    let height = layout.results_rows();
    if results.rows.len() > height {
        let place = format!("{} / {}", results.selected + 1, results.rows.len());
        pane = pane.foot_corner(vec![Span::styled(place, theme.faint)]);
    }
    let inside = pane.draw(buf, layout.results, theme);
    if results.rows.is_empty() {
        empty::draw(buf, inside, state, theme);
        return;
    }

    // The table reaches over the air at both sides: the left column is the bar of the selected row.
    let table = Rect::new(inside.x.saturating_sub(1), inside.y, inside.width + 2, inside.height);
    let columns = columns::fitting(usize::from(table.width));
    let mut y = table.y;
    if layout.results_have_header() {
        buf.set_line(table.x, y, &row::header(&columns, theme), table.width);
        y += 1;
    }
    let first = offset_in_view(results.offset, results.selected, results.rows.len(), height);
    for (index, y) in (first..results.rows.len()).zip(y..table.bottom()) {
        let Some(track) = results.track(index) else { continue };
        let area = Rect::new(table.x, y, table.width, 1);
        row::draw(buf, area, &columns, track, index == results.selected, state, theme);
    }
    scroll_thumb(buf, layout.results, first, height, results.rows.len(), focused, theme);
}

/// A brighter stretch of the right border shows which part of the rows is on the screen.
fn scroll_thumb(buf: &mut Buffer, pane: Rect, first: usize, height: usize, rows: usize, focused: bool, theme: &Theme) {
    let track = usize::from(pane.height.saturating_sub(2));
    if rows <= height || track < 3 {
        return;
    }
    let length = (track * height / rows).clamp(1, track);
    let top = (track - length) * first / (rows - height).max(1);
    let style = if focused { theme.border_focused } else { theme.dim };
    for y in top..(top + length).min(track) {
        buf.set_string(pane.right().saturating_sub(1), pane.y + 1 + y as u16, "┃", style);
    }
}

fn title<'a>(state: &'a State, theme: &Theme) -> Vec<Span<'a>> {
    let Some(running) = &state.results.running else {
        let Some((brief, number, of)) = state.brief_shown() else {
            return vec![Span::raw("Results")];
        };
        let mut line = vec![Span::raw(format!("Brief {number} of {of}"))];
        if brief.project != brief.request.query() {
            line.push(Span::styled(format!(" · {}", crate::text::cut(&brief.project, 24)), theme.dim));
        }
        return line;
    };
    let mut line = vec![Span::styled(format!("{} ", glyph(state.now)), theme.accent)];
    line.extend(progress(state, running, theme));
    line
}

/// What the search on its way is doing.
fn progress<'a>(state: &'a State, running: &Running, theme: &Theme) -> Vec<Span<'a>> {
    let esc = state.keymap.keys(Action::Back).next().map(ToString::to_string);
    if let Some(until) = running.waiting_until.filter(|until| *until > state.now) {
        let seconds = seconds_left(state.now, until);
        let mut line = vec![Span::styled(format!("waiting {seconds} s for the rate limit"), theme.warning)];
        if let Some(esc) = esc {
            line.extend([
                Span::styled(" · ", theme.faint),
                Span::styled(esc, theme.key),
                Span::styled(" cancels", theme.dim),
            ]);
        }
        return line;
    }
    let what = if running.adds_page { "asking for the next page" } else { "asking" };
    let text = format!("{what} {}…", format::server_name(&state.server)).replace("page the", "page from the");
    let mut line = vec![Span::styled(text, theme.accent)];
    // Before that it may still turn out to be kept here.
    if running.sent {
        line.push(Span::styled(" 1 credit", theme.warning));
    }
    line
}

/// How many rows there are, and where they come from; what matters least goes first where room is short.
fn corner<'a>(state: &State, room: usize, theme: &Theme) -> Vec<Span<'a>> {
    let results = &state.results;
    if results.all.is_empty() {
        return Vec::new();
    }
    let narrowed = results.rows.len() != results.all.len();
    let number = if narrowed {
        Span::styled(format!("{} of {} shown", results.rows.len(), results.all.len()), theme.accent)
    } else {
        Span::styled(format::count(results.all.len(), "track"), theme.dim)
    };
    let mut groups = vec![vec![number], vec![Span::styled(results.sort.name(), theme.dim)]];
    if let Source::Cache { age_seconds } = results.source {
        groups.push(vec![
            Span::styled(format!("from {} · ", format::age(age_seconds)), theme.dim),
            Span::styled("free", theme.success),
        ]);
    }
    if results.source == Source::Library {
        groups.push(vec![Span::styled("seen before · ", theme.dim), Span::styled("free", theme.success)]);
    }
    if results.skipped > 0 {
        groups.push(vec![Span::styled(format!("{} unreadable", results.skipped), theme.warning)]);
    }
    fit(super::line::joined(groups, &Span::styled(" · ", theme.faint), room), room)
}
