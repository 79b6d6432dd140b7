//! The list of tracks: moving, and what one does with the track under the cursor.

use super::status::say;
use super::{Effect, alike, briefs, clip, confirm, copy, play, shortlist};
use crate::input::Action;
use crate::library::Choice;
use crate::state::{Severity, State};
use crate::ui;

/// An action of the results pane.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let last = state.results.rows.len().saturating_sub(1);
    let at = state.results.selected;
    let page = visible_rows(state).max(2);
    match action {
        Action::Down => go(state, at + 1, effects),
        Action::Up => go(state, at.saturating_sub(1), effects),
        Action::First => go(state, 0, effects),
        Action::Last => go(state, last, effects),
        Action::HalfDown => go(state, at + page / 2, effects),
        Action::HalfUp => go(state, at.saturating_sub(page / 2), effects),
        Action::PageDown => go(state, at + page - 1, effects),
        Action::PageUp => go(state, at.saturating_sub(page - 1), effects),
        Action::NextUnheard => unheard(state, true, effects),
        Action::PreviousUnheard => unheard(state, false, effects),
        Action::Sort => {
            state.results.sort = state.results.sort.next();
            state.results.arrange(&state.filters.active);
            keep_in_view(state);
        }
        Action::Shortlist => shortlist::choose(state, Choice::Shortlisted, effects),
        Action::Reject => shortlist::choose(state, Choice::Rejected, effects),
        Action::Download => confirm::download(state, effects),
        Action::Alike => alike::open(state, effects),
        Action::FitClip => clip::open(state, false, effects),
        Action::HitPoint => clip::open(state, true, effects),
        Action::NextBrief => briefs::step(state, true, effects),
        Action::PreviousBrief => briefs::step(state, false, effects),
        Action::NextPage => confirm::next_page(state, effects),
        Action::Refresh => confirm::refresh(state),
        Action::Copy => copy::copy(state, effects),
        _ => play::act(state, action, effects),
    }
}

/// Moves the cursor to a row and lets its track be heard.
pub(super) fn go(state: &mut State, row: usize, effects: &mut Vec<Effect>) {
    if state.results.rows.is_empty() {
        return;
    }
    let before = state.results.selected;
    state.results.selected = row.min(state.results.rows.len() - 1);
    state.player.upwards = state.results.selected < before;
    keep_in_view(state);
    if state.results.selected != before {
        play::cursor_moved(state, effects);
    }
}

fn unheard(state: &mut State, below: bool, effects: &mut Vec<Effect>) {
    match state.unheard(below) {
        Some(row) => go(state, row, effects),
        None => say(state, Severity::Info, "You have heard all of them in this direction."),
    }
}

/// How many rows of the list are on the screen.
fn visible_rows(state: &State) -> usize {
    ui::results_height(state)
}

/// Scrolls so that the cursor is on the screen, and no further than needed.
pub(super) fn keep_in_view(state: &mut State) {
    let height = visible_rows(state).max(1);
    let results = &mut state.results;
    results.offset = ui::layout::offset_in_view(results.offset, results.selected, results.rows.len(), height);
}
