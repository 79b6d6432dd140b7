//! The mouse: everything it does a key does too. A click on the button that spends counts as that button pressed, once it listens.

use super::{Effect, by_name, confirm, filters, focus, list, on_key, picker, play, popups, touch};
use crate::app::message::Mouse;
use crate::input::{Key, KeyPress};
use crate::state::{Focus, State};
use crate::ui::{Target, target};

/// Rows that one notch of the wheel goes.
const NOTCH: usize = 3;

pub(super) fn act(state: &mut State, mouse: Mouse, effects: &mut Vec<Effect>) {
    touch(state);
    match mouse {
        Mouse::Click { column, row } => click(state, target(state, column, row), effects),
        Mouse::Wheel { up, column, row } => wheel(state, up, target(state, column, row), effects),
    }
}

fn click(state: &mut State, target: Target, effects: &mut Vec<Effect>) {
    match target {
        Target::Query => focus(state, Focus::Query),
        Target::Chip(index) => filters::drop_chip(state, index, effects),
        Target::Filters => focus(state, Focus::Filters),
        Target::Filter(row) => {
            focus(state, Focus::Filters);
            state.filters.row = row;
            if row.is_list() {
                picker::open(state);
            }
        }
        Target::Row(row) => {
            focus(state, Focus::Results);
            list::go(state, row, effects);
        }
        Target::Results => focus(state, Focus::Results),
        Target::Wave(share) => play::seek_to_share(state, share, effects),
        // Asking Trackyard is for the Enter of the query box alone: a name is no evidence of it.
        Target::Hint(action) => by_name(state, action, effects),
        Target::Button(button) => confirm::clicked(state, button, effects),
        Target::Entry(index) => popups::entry_clicked(state, index, effects),
        Target::Key(key) => on_key(state, &KeyPress::char(key), effects),
        // A page closes, a question is answered with no.
        Target::Beside => on_key(state, &KeyPress::plain(Key::Esc), effects),
        Target::Popup | Target::Nothing => {}
    }
}

fn wheel(state: &mut State, up: bool, target: Target, effects: &mut Vec<Effect>) {
    let key = KeyPress::plain(if up { Key::Up } else { Key::Down });
    if let Some(popup) = state.popups.last() {
        // A question is not scrolled away.
        if popup.scrolls() {
            on_key(state, &key, effects);
        }
        return;
    }
    match target {
        Target::Filters | Target::Filter(_) if state.focus == Focus::Filters => on_key(state, &key, effects),
        Target::Row(_) | Target::Results => {
            let at = state.results.selected;
            let to = if up { at.saturating_sub(NOTCH) } else { at + NOTCH };
            list::go(state, to, effects);
        }
        Target::Wave(_) => play::seek_by(state, if up { 5.0 } else { -5.0 }, effects),
        _ => {}
    }
}
