//! Moving in the lists and pages of popups, by the keys that move in the results.

use super::query;
use crate::input::{Key, KeyPress};
use crate::state::State;

/// How many lines a page of a popup is, as far as its keys go.
pub(super) const PAGE: usize = 10;

/// A key as the popup on top reads it: one that moves in the results is the arrow, or Home, End, PgUp or PgDn, which mean the same in every list.
/// What the popup has a use for itself, or its box, stays as it is.
pub(super) fn in_popup(state: &State, key: &KeyPress) -> KeyPress {
    let Some(popup) = state.popups.last().filter(|popup| popup.has_moves()) else {
        return *key;
    };
    if popup.owns(key) || (popup.takes_text() && query::edits(key)) {
        return *key;
    }
    match state.keymap.move_of(key) {
        Some(moves) => KeyPress {
            repeated: key.repeated,
            ..KeyPress::plain(moves)
        },
        None => *key,
    }
}

/// Where a key moves the cursor of a list from a line; `None` where it is no move.
pub(super) fn cursor(key: &KeyPress, at: usize, last: usize) -> Option<usize> {
    Some(match key.key {
        Key::Down => (at + 1).min(last),
        Key::Up => at.saturating_sub(1),
        Key::PageDown => (at + PAGE).min(last),
        Key::PageUp => at.saturating_sub(PAGE),
        Key::Home => 0,
        Key::End => last,
        _ => return None,
    })
}

/// The same in a list below a text box: Home and End are the box's own, and Tab moves too.
pub(super) fn below_box(key: &KeyPress, at: usize, last: usize) -> Option<usize> {
    match key.key {
        Key::Home | Key::End => None,
        Key::Tab => cursor(&KeyPress::plain(Key::Down), at, last),
        Key::BackTab => cursor(&KeyPress::plain(Key::Up), at, last),
        _ => cursor(key, at, last),
    }
}
