//! What is under the mouse pointer: the other way round from drawing, from the same layout.

use ratatui::layout::{Position, Rect};

use super::layout::{Class, Layout, offset_in_view};
use super::{filters, player, popups, query, status};
use crate::input::Action;
use crate::spend::Button;
use crate::state::{FilterRow, Popup, State};

/// What a click there is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The query box.
    Query,
    /// The ✕ of a chip, by its place among the chips.
    Chip(usize),
    /// A filter.
    Filter(FilterRow),
    /// The filters pane, between its rows.
    Filters,
    /// A row of the results, counted from the first one there is.
    Row(usize),
    /// The results, where there is no row.
    Results,
    /// The waveform, at this share of its length, 0 to 1.
    Wave(f64),
    /// A hint in the status line: what it says that a key does.
    Hint(Action),
    /// A button of the confirmation on top.
    Button(Button),
    /// An entry in the list of the popup on top, counted from the first one there is.
    Entry(usize),
    /// The line of a key that the popup on top offers.
    Key(char),
    /// The popup on top, where there is nothing to click.
    Popup,
    /// Beside the popup on top.
    Beside,
    /// Nothing that can be clicked.
    Nothing,
}

/// What is at this column and row.
pub fn target(state: &State, column: u16, row: u16) -> Target {
    let at = Position::new(column, row);
    let layout = Layout::of(state.size, state.focus, !state.downloads.is_empty());
    if layout.class == Class::TooSmall {
        return Target::Nothing;
    }
    if let Some(popup) = state.popups.last() {
        return in_popup(popup, state, at);
    }
    let over = |area: Option<Rect>| area.filter(|area| area.contains(at));
    if let Some(area) = over(layout.filters) {
        filters::row_at(area, state, row).map_or(Target::Filters, Target::Filter)
    } else if let Some(area) = over(Some(layout.results)) {
        row_at(state, &layout, area, row).map_or(Target::Results, Target::Row)
    } else if layout.query.contains(at) {
        query::chip_at(&layout, state, at).map_or(Target::Query, Target::Chip)
    } else if let Some(area) = over(layout.player) {
        player::share_at(area, at).map_or(Target::Nothing, Target::Wave)
    } else if layout.status.contains(at) {
        status::action_at(layout.status, state, column).map_or(Target::Nothing, Target::Hint)
    } else {
        Target::Nothing
    }
}

/// What a place is about while this popup is on top.
fn in_popup(popup: &Popup, state: &State, at: Position) -> Target {
    // What was set up in the clip panel must not go by a slip of the hand.
    if matches!(popup, Popup::Clip(_)) {
        return Target::Nothing;
    }
    if !popups::covers(popup, state, at) {
        return Target::Beside;
    }
    let found = match popup {
        Popup::Confirm { ask, confirmation } => popups::button_at(ask, confirmation, state, at).map(Target::Button),
        Popup::NoKey(entry) => popups::key_at(entry, state, at).map(Target::Key),
        _ => popups::entry_at(popup, state, at).map(Target::Entry),
    };
    found.unwrap_or(Target::Popup)
}

fn row_at(state: &State, layout: &Layout, area: Rect, row: u16) -> Option<usize> {
    let top = area.y + 1 + u16::from(layout.results_have_header());
    let below = usize::from(row.checked_sub(top)?);
    let height = layout.results_rows();
    let results = &state.results;
    let first = offset_in_view(results.offset, results.selected, results.rows.len(), height);
    (below < height && first + below < results.rows.len()).then_some(first + below)
}
