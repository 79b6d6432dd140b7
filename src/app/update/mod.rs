//! What a message does: a pure function of the state and the message. Time comes with the message.

mod account;
mod alike;
mod analyses;
mod batch;
mod briefs;
mod clip;
mod confirm;
mod copy;
mod download;
mod filters;
mod fuzzy;
mod kept;
mod leave;
mod list;
mod live;
mod mouse;
mod moves;
mod no_key;
mod palette;
mod picker;
mod play;
mod popups;
mod query;
mod search;
mod shortlist;
mod status;
mod tasks;
mod tour;
mod wish;

use super::{Effect, Message};
use crate::input::{Action, Context, Key, KeyPress};
use crate::state::{Focus, KeyEntry, Leaving, Moment, Popup, Severity, State};

/// Changes the state by a message that came at `now`, and says what is to be done.
pub fn update(state: &mut State, now: Moment, message: Message) -> Vec<Effect> {
    state.now = now.max(state.now);
    let mut effects = Vec::new();
    match message {
        Message::Key(key) => on_key(state, &key, &mut effects),
        Message::Act(action) => by_name(state, action, &mut effects),
        Message::Wish(wish) => {
            touch(state);
            wish::grant(state, wish, &mut effects);
        }
        Message::Mouse(mouse) => mouse::act(state, mouse, &mut effects),
        Message::Paste(text) => on_paste(state, &text, &mut effects),
        Message::Resize(columns, rows) => {
            state.size = (columns, rows);
            list::keep_in_view(state);
            // A window that went small and came back has lost what it did not show, although its size is the same again.
            effects.push(Effect::Redraw);
        }
        Message::Wake => on_wake(state, &mut effects),
        Message::Drawn => confirm::drawn(state),
        Message::Returned => effects.push(Effect::Redraw),
        Message::Terminate => state.leaving = Leaving::Now,
        Message::Connected(server) => account::connected(state, server, &mut effects),
        Message::Unavailable(reason) => account::unavailable(state, &reason),
        Message::NoKey { no_keyring, problem } => state.popups.push(Popup::NoKey(KeyEntry::new(no_keyring, problem))),
        Message::KeyFrom(place) => state.account.key_place = Some(place.as_str().to_owned()),
        Message::Remembered(memory) => account::remembered(state, *memory, &mut effects),
        Message::Priced(request, price) => {
            kept::page_priced(state, &request, &price, &mut effects);
            query::priced(state, &request, price);
        }
        Message::Nearly(request, near) => kept::nearly(state, &request, near),
        Message::Matched(generation, matches) => live::matched(state, generation, matches),
        Message::Search(generation, news) => search::news(state, generation, news, &mut effects),
        Message::Account(answer) => account::arrived(state, answer),
        Message::Limits(limits) => state.account.take_limits(&limits),
        Message::SpentThisWeek(credits) => state.account.spent_this_week = Some((credits, state.account.spent)),
        Message::Audio(event) => {
            play::event(state, event, &mut effects);
            clip::heard(state, &mut effects);
        }
        Message::Analyses(known) => analyses::known(state, known, &mut effects),
        Message::Download(id, news) => download::news(state, id, news, &mut effects),
        Message::Batch(id, news) => batch::news(state, id, news, &mut effects),
        Message::Owned(request, ownership) => {
            clip::owned(state, &request, &ownership);
            confirm::owned(state, &request, ownership);
        }
        Message::Usage(answer) => popups::usage_arrived(state, answer),
        Message::Project(answer) => shortlist::arrived(state, answer.map(|project| *project), &mut effects),
        Message::Briefs(answer) => briefs::arrived(state, answer.map(|list| *list), &mut effects),
        Message::Receipts(answer) => popups::receipts_arrived(state, answer),
        Message::Alike(of, answer) => alike::arrived(state, &of, answer),
        Message::Cut(made) => clip::cut_done(state, made),
        Message::FileOf(path) => copy::path_found(state, path, &mut effects),
        Message::MediaLength(path, length) => clip::length_read(state, &path, length, &mut effects),
        Message::Measured(id, fit) => clip::measured(state, id, fit),
        Message::Settled(settled) => account::settled(state, &settled),
        Message::Look(look) => {
            let unreachable = look.keys.unreachable_notice();
            state.keymap = look.keys.keymap;
            state.glyphs = look.glyphs;
            effects.push(Effect::Theme(look.theme));
            match unreachable {
                Some(text) => status::say(state, Severity::Error, text),
                None => status::say(state, Severity::Info, "The configuration was read anew."),
            }
        }
        Message::Background(light) => effects.push(Effect::Background(light)),
        Message::Notice(severity, text) => status::say(state, severity, text),
    }
    leave::keep_up(state);
    if state.leaving == Leaving::Now {
        batch::leave(state, &mut effects);
    }
    tour::keep_up(state, &mut effects);
    effects
}

fn on_key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    touch(state);
    // Leaving is the one wish that no popup may swallow.
    if state.keymap.action(Context::Query, key) == Some(Action::Interrupt) {
        leave::interrupt(state);
        return;
    }
    if !state.popups.is_empty() {
        popups::key(state, key, effects);
        // Pressed twice, or held down, it would go on in the box under the popup.
        if key.key == Key::Enter && state.popups.is_empty() && state.focus == Focus::Query {
            query::opened(state);
        }
        return;
    }
    match state.keymap.action(state.focus.context(), key) {
        Some(action) => perform(state, action, key, effects),
        None if state.focus == Focus::Query => query::typed(state, key, effects),
        None => {}
    }
}

/// The user did something: an error was seen, and the first row of what is on its way shall not play by itself.
fn touch(state: &mut State) {
    status::key_pressed(state);
    if let Some(running) = &mut state.results.running {
        running.touched = true;
    }
}

/// An action that was chosen by its name.
fn by_name(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    touch(state);
    // No key stands for it: that of the query box, which asks, takes no other than Enter for evidence.
    perform(state, action, &KeyPress::plain(Key::Esc), effects);
}

/// Does an action. `key` is the key that stands for it, which is evidence where the action can spend.
fn perform(state: &mut State, action: Action, key: &KeyPress, effects: &mut Vec<Effect>) {
    match action.context() {
        Context::Global => global(state, action, effects),
        Context::Query => query::act(state, action, key, effects),
        Context::Filters => filters::act(state, action, effects),
        Context::Results => list::act(state, action, effects),
    }
}

fn global(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::FocusQuery => focus(state, Focus::Query),
        Action::FocusFilters => focus(state, Focus::Filters),
        Action::NextPane => {
            let next = match state.focus {
                Focus::Query => Focus::Filters,
                Focus::Filters => Focus::Results,
                Focus::Results => Focus::Query,
            };
            focus(state, next);
        }
        Action::PreviousPane => {
            let next = match state.focus {
                Focus::Query => Focus::Results,
                Focus::Filters => Focus::Query,
                Focus::Results => Focus::Filters,
            };
            focus(state, next);
        }
        Action::Quit => leave::quit(state),
        Action::Interrupt => leave::interrupt(state),
        Action::Redraw => effects.push(Effect::Redraw),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Back => back(state, effects),
        _ => popups::open(state, action, effects),
    }
}

/// Moves the focus. The query box remembers what Esc brings back.
fn focus(state: &mut State, to: Focus) {
    if to == Focus::Query && state.focus != Focus::Query {
        query::enter_box(state);
    }
    state.query.opened = None;
    state.focus = to;
    list::keep_in_view(state);
}

/// Esc, when no popup is open.
fn back(state: &mut State, effects: &mut Vec<Effect>) {
    match state.focus {
        Focus::Query => query::leave_box(state, effects),
        Focus::Filters => focus(state, Focus::Results),
        Focus::Results if state.live.shown() && state.results.running.is_none() => query::leave_box(state, effects),
        Focus::Results => search::give_up(state, effects),
    }
}

fn on_paste(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    match state.popups.last() {
        Some(_) => popups::paste(state, text),
        None if state.focus == Focus::Query => query::pasted(state, text, effects),
        None => {}
    }
}

fn on_wake(state: &mut State, effects: &mut Vec<Effect>) {
    status::expire(state);
    if state.account.waiting_until.is_some_and(|until| until <= state.now) {
        state.account.waiting_until = None;
    }
    batch::expire(state);
    if matches!(state.leaving, Leaving::AskedUntil(until) if until <= state.now) {
        state.leaving = Leaving::No;
    }
    if state.player.audition_at.is_some_and(|at| at <= state.now) {
        play::audition(state, effects);
    }
}

#[cfg(test)]
mod tests;
