//! The query box.

use tui_input::{Input, InputRequest};

use super::popups::HELD_KEY_MS;
use super::status::say;
use super::{Effect, kept, list, live, search};
use crate::api::SearchRequest;
use crate::input::{Action, Key, KeyPress};
use crate::spend::acts::Entered;
use crate::spend::{Arming, Permit};
use crate::state::{Focus, Opened, Price, Severity, State};
use crate::text::Clean;

/// An action of the query box.
pub(super) fn act(state: &mut State, action: Action, key: &KeyPress, effects: &mut Vec<Effect>) {
    match action {
        Action::Ask => ask(state, key, effects),
        Action::IntoRows => live::enter_rows(state, effects),
        Action::EarlierQuery => earlier(state, effects),
        Action::ClearQuery => set_text(state, "", effects),
        Action::ShowNear => kept::show_near(state, effects),
        Action::UseWords => live::use_words(state, effects),
        Action::DropWord => live::drop_word(state, effects),
        _ => {}
    }
}

/// Enter: the explicit act that may spend a credit.
fn ask(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(act) = Entered::from_key(key) else { return };
    let now = state.now;
    if let Some(opened) = &mut state.query.opened {
        let held = now.since(opened.at) < HELD_KEY_MS;
        if held || !opened.arming.armed(now) {
            opened.at = now;
            let text = "Nothing is asked: that Enter may have been meant for what was here before. Once more asks.";
            say(state, Severity::Info, text);
            return;
        }
        state.query.opened = None;
    }
    match state.request_in_box() {
        Ok(request) => {
            remember(state, request.query());
            let permit = Permit::by_enter(act, request).for_project(state.named_project());
            search::start(state, permit, false, effects);
        }
        Err(invalid) => state.query.price = Price::Invalid(invalid.0),
    }
}

/// The box is under the hands of somebody who may still mean something else.
pub(super) fn opened(state: &mut State) {
    state.query.opened = Some(Opened {
        at: state.now,
        arming: Arming::default(),
    });
}

pub(super) fn remember(state: &mut State, query: &str) {
    state.query.history.retain(|earlier| earlier != query);
    state.query.history.push(query.to_owned());
    state.query.history_back = None;
    state.query.before = query.to_owned();
}

/// A key that is no action: text, or a move of the cursor.
pub(super) fn typed(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    // The way here from everywhere else, pressed once more. No description begins with it.
    if *key == KeyPress::char('/') && state.query.input.value().is_empty() {
        return;
    }
    if let Some(change) = edit(&mut state.query.input, key)
        && change
    {
        state.query.history_back = None;
        state.query.opened = None;
        changed(state, effects);
    }
}

/// Edits a text box. `Some(true)` when its text changed, `None` when the key means nothing there.
pub(super) fn edit(input: &mut Input, key: &KeyPress) -> Option<bool> {
    let request = request_of(key)?;
    Some(input.handle(request).is_some_and(|changed| changed.value))
}

/// Whether a key means something in a text box.
pub(super) fn edits(key: &KeyPress) -> bool {
    request_of(key).is_some()
}

fn request_of(key: &KeyPress) -> Option<InputRequest> {
    Some(match (key.key, key.ctrl, key.alt) {
        (Key::Char(c), false, false) => InputRequest::InsertChar(c),
        (Key::Backspace, false, false) | (Key::Char('h'), true, false) => InputRequest::DeletePrevChar,
        (Key::Backspace, ..) | (Key::Char('w'), true, false) => InputRequest::DeletePrevWord,
        (Key::Delete, false, _) => InputRequest::DeleteNextChar,
        (Key::Delete, true, _) | (Key::Char('d'), false, true) => InputRequest::DeleteNextWord,
        (Key::Char('k'), true, false) => InputRequest::DeleteTillEnd,
        (Key::Left, true, _) | (Key::Char('b'), false, true) => InputRequest::GoToPrevWord,
        (Key::Right, true, _) | (Key::Char('f'), false, true) => InputRequest::GoToNextWord,
        (Key::Left, false, _) | (Key::Char('b'), true, false) => InputRequest::GoToPrevChar,
        (Key::Right, false, _) | (Key::Char('f'), true, false) => InputRequest::GoToNextChar,
        (Key::Home, ..) | (Key::Char('a'), true, false) => InputRequest::GoToStart,
        (Key::End, ..) | (Key::Char('e'), true, false) => InputRequest::GoToEnd,
        _ => return None,
    })
}

/// Pasted text becomes one line; its line breaks ask nothing. One that comes alone keeps the words on both sides of it apart.
pub(super) fn pasted(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    if !text.is_empty() && text.chars().all(char::is_whitespace) {
        state.query.input.handle(InputRequest::InsertChar(' '));
    } else {
        insert(&mut state.query.input, text);
    }
    state.query.history_back = None;
    state.query.opened = None;
    changed(state, effects);
}

/// Inserts cleaned text at the cursor of a text box.
pub(super) fn insert(input: &mut Input, text: &str) {
    for c in Clean::new(text).chars() {
        input.handle(InputRequest::InsertChar(c));
    }
}

/// `↑`: an earlier query; from the oldest one back to what was typed.
fn earlier(state: &mut State, effects: &mut Vec<Effect>) {
    let query = &mut state.query;
    let mut back = query.history_back.map_or(0, |back| back + 1);
    // The newest query often stands in the box already.
    if query.history_back.is_none() && query.history.last().is_some_and(|newest| newest == query.input.value()) {
        back = 1;
    }
    if query.history_back.is_none() {
        query.draft = query.input.value().to_owned();
    }
    let text = if back < query.history.len() {
        query.history_back = Some(back);
        query.history[query.history.len() - 1 - back].clone()
    } else {
        query.history_back = None;
        query.draft.clone()
    };
    let kept = query.history_back;
    set_text(state, &text, effects);
    state.query.history_back = kept;
}

pub(super) fn set_text(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    state.query.input = Input::new(text.to_owned());
    state.query.history_back = None;
    changed(state, effects);
}

/// The text or the filters are different now: what would Enter cost?
pub(super) fn changed(state: &mut State, effects: &mut Vec<Effect>) {
    live::changed(state, effects);
    price(state, effects);
}

/// Something was learned or answered meanwhile: Enter may cost something else now. No row changes by that.
pub(super) fn price_again(state: &mut State, effects: &mut Vec<Effect>) {
    live::understand_again(state);
    price(state, effects);
}

fn price(state: &mut State, effects: &mut Vec<Effect>) {
    state.query.near = None;
    if state.query.text().trim().is_empty() {
        state.query.price = Price::Nothing;
        return;
    }
    state.query.price = match state.request_in_box() {
        Ok(request) => {
            effects.push(Effect::Price(request));
            Price::Checking
        }
        Err(invalid) => Price::Invalid(invalid.0),
    };
}

/// A price has come; it counts only for what stands in the box now.
pub(super) fn priced(state: &mut State, request: &SearchRequest, price: Price) {
    if stands_in_box(state, request) {
        state.query.price = price;
    }
}

/// Whether Enter would ask this now.
pub(super) fn stands_in_box(state: &State, request: &SearchRequest) -> bool {
    state.request_in_box().as_ref() == Ok(request)
}

/// The box gets the focus.
pub(super) fn enter_box(state: &mut State) {
    // While matches are shown, Esc still brings back what was there before them.
    if !state.live.shown() {
        state.query.before = state.query.text().to_owned();
    }
    state.query.history_back = None;
}

/// Esc: leaves the box and restores what stood in it.
pub(super) fn leave_box(state: &mut State, effects: &mut Vec<Effect>) {
    let before = state.query.before.clone();
    if before != state.query.text() {
        set_text(state, &before, effects);
    }
    live::restore(state);
    state.focus = Focus::Results;
    list::keep_in_view(state);
}
