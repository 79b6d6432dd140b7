//! The palette: every action, found by its name or by what it does.

use std::cmp::Reverse;

use super::fuzzy::scored;
use super::{Effect, by_name, moves, query};
use crate::input::{Action, Context, Key, KeyPress};
use crate::state::{Palette, Popup, State};

/// Opens it.
pub(super) fn open(state: &mut State) {
    let shown = matching(state, "");
    state.popups.push(Popup::Palette(Palette {
        shown,
        ..Palette::default()
    }));
}

/// Every action but those of the query box, which need the box's own Enter: what is possible now first, then what matches best, then what
/// belongs to the pane at hand.
fn matching(state: &State, typed: &str) -> Vec<Action> {
    let here = state.focus.context();
    let all: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.context() != Context::Query && *action != Action::Palette)
        .collect();
    let words: Vec<String> = all
        .iter()
        .map(|action| format!("{} {}", action.name(), action.description()))
        .collect();
    let mut found = scored(typed, words.iter().map(String::as_str));
    found.sort_by_cached_key(|&(score, index)| {
        let action = all[index];
        (!state.is_possible(action), Reverse(score), action.context() != here)
    });
    found.into_iter().map(|(_, index)| all[index]).collect()
}

/// What is typed has changed.
fn narrow(state: &mut State) {
    let Some(Popup::Palette(palette)) = state.popups.last() else {
        return;
    };
    let shown = matching(state, palette.input.value());
    if let Some(Popup::Palette(palette)) = state.popups.last_mut() {
        palette.shown = shown;
        palette.cursor = 0;
    }
}

/// A key while it is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(Popup::Palette(palette)) = state.popups.last_mut() else {
        return;
    };
    let last = palette.shown.len().saturating_sub(1);
    if let Some(to) = moves::below_box(key, palette.cursor, last) {
        palette.cursor = to;
        return;
    }
    match key.key {
        Key::Esc => {
            state.popups.pop();
        }
        Key::Enter => chosen(state, effects),
        _ => {
            if query::edit(&mut palette.input, key) == Some(true) {
                narrow(state);
            }
        }
    }
}

/// Does what the cursor is on, and closes the palette.
pub(super) fn chosen(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Popup::Palette(palette)) = state.popups.pop() else {
        return;
    };
    if let Some(action) = palette.shown.get(palette.cursor) {
        by_name(state, *action, effects);
    }
}

/// Pasted text goes into its box.
pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(Popup::Palette(palette)) = state.popups.last_mut() {
        query::insert(&mut palette.input, text);
        narrow(state);
    }
}
