//! Briefs of a batch, one after the other: each brings its kept answer, its filters and the shortlist of its project. Free.

use std::path::PathBuf;

use tui_input::Input;

use super::status::say;
use super::{Effect, batch, list, live, moves, query, search, shortlist};
use crate::api::SearchRequest;
use crate::input::{Key, KeyPress};
use crate::state::{BriefList, BriefsView, Focus, Popup, ResultsState, Severity, Source, State};

/// What stands in place of the rows of a brief that was not asked.
const NOT_ASKED: &str = "This brief was not asked yet. Enter in the query box asks it: 1 credit.";
/// And once a batch has asked it.
const ANSWERED_NOW: &str = "The answer to this brief is here now. Enter in the query box shows it, free.";

/// `B`: the list of briefs; where none are open, the box for a file.
pub(super) fn open(state: &mut State) {
    let view = BriefsView {
        cursor: state.briefs.as_ref().map_or(0, |list| list.at),
        typing: state.briefs.is_none().then(Input::default),
        ..BriefsView::default()
    };
    state.popups.push(Popup::Briefs(view));
}

/// The briefs of a file, as a line of text names it: the list waits for them.
pub(super) fn read(state: &mut State, file: PathBuf, effects: &mut Vec<Effect>) {
    state.popups.push(Popup::Briefs(BriefsView {
        loading: true,
        ..BriefsView::default()
    }));
    effects.push(Effect::LoadBriefs(file));
}

fn view(state: &mut State) -> Option<&mut BriefsView> {
    match state.popups.last_mut() {
        Some(Popup::Briefs(view)) => Some(view),
        _ => None,
    }
}

/// A key while the list is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let last = state.briefs.as_ref().map_or(0, |list| list.briefs.len().saturating_sub(1));
    let Some(view) = view(state) else { return };
    if view.typing.is_some() {
        typed(state, key, effects);
        return;
    }
    if let Some(to) = moves::cursor(key, view.cursor, last) {
        view.cursor = to;
        return;
    }
    match key.key {
        // By a press of the user's own: a question about credits comes of it.
        Key::Char('a') if key.is_text() && !key.repeated => batch::ask_rest(state),
        Key::Char('o') => view.typing = Some(Input::default()),
        Key::Enter => {
            let chosen = view.cursor;
            state.popups.pop();
            show(state, chosen, true, effects);
        }
        Key::Esc | Key::Char('q' | 'B') => drop(state.popups.pop()),
        _ => {}
    }
}

/// A key while the box for a file is open.
fn typed(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let nothing_open = state.briefs.is_none();
    let Some(view) = view(state) else { return };
    let Some(mut input) = view.typing.take() else { return };
    match key.key {
        Key::Esc if nothing_open => drop(state.popups.pop()),
        Key::Esc => view.problem = None,
        Key::Enter if input.value().trim().is_empty() => view.typing = Some(input),
        Key::Enter => {
            view.problem = None;
            view.loading = true;
            effects.push(Effect::LoadBriefs(PathBuf::from(input.value().trim())));
            view.typing = Some(input);
        }
        _ => {
            query::edit(&mut input, key);
            view.typing = Some(input);
        }
    }
}

/// Pasted text goes into the open box.
pub(super) fn paste(view: &mut BriefsView, text: &str) {
    if let Some(input) = &mut view.typing {
        query::insert(input, text);
    }
}

/// A file of briefs was read, or not. The first one whose video has no music yet is shown; it does not play by itself.
pub(super) fn arrived(state: &mut State, answer: Result<BriefList, String>, effects: &mut Vec<Effect>) {
    let popup = state.popups.iter_mut().rev().find_map(|popup| match popup {
        Popup::Briefs(view) => Some(view),
        _ => None,
    });
    let list = match (answer, popup) {
        (Ok(list), _) => list,
        (Err(problem), Some(view)) => {
            view.loading = false;
            view.problem = Some(problem);
            return;
        }
        (Err(problem), None) => return say(state, Severity::Error, problem),
    };
    state.popups.retain(|popup| !matches!(popup, Popup::Briefs(_)));
    let left_out = list.bad.first().map(|(line, problem)| {
        let more = match list.bad.len() {
            1 => String::new(),
            2 => " (1 more row is bad)".to_owned(),
            count => format!(" ({} more rows are bad)", count - 1),
        };
        format!("Left out: line {line}: {problem}{more}")
    });
    let first = list.first_open();
    state.briefs = Some(list);
    show(state, first, false, effects);
    if let Some(text) = left_out {
        say(state, Severity::Error, text);
    }
}

/// `]` and `[`: the next brief and the one before.
pub(super) fn step(state: &mut State, forward: bool, effects: &mut Vec<Effect>) {
    let Some(list) = &state.briefs else {
        say(state, Severity::Info, "No briefs are open: B opens a file of them.");
        return;
    };
    let to = if forward { Some(list.at + 1) } else { list.at.checked_sub(1) };
    match to.filter(|to| *to < list.briefs.len()) {
        Some(to) => show(state, to, true, effects),
        None if forward => say(state, Severity::Info, "That was the last brief."),
        None => say(state, Severity::Info, "That was the first brief."),
    }
}

/// Brings a brief onto the screen: its words, its filters, its project, and the answer that is here. Never asks anybody.
pub(super) fn show(state: &mut State, index: usize, by_key: bool, effects: &mut Vec<Effect>) {
    let Some(list) = &mut state.briefs else { return };
    let Some(brief) = list.briefs.get(index).cloned() else {
        say(state, Severity::Info, "There is no brief in this file that can be asked.");
        return;
    };
    list.at = index;
    live::settle(state);
    state.query.input = Input::new(brief.request.query().to_owned());
    state.query.before = brief.request.query().to_owned();
    state.query.history_back = None;
    state.filters.active = brief.request.filters().clone();
    shortlist::switch(state, brief.project, effects);
    state.focus = Focus::Results;
    if brief.age_seconds.is_some() {
        search::start_kept(state, brief.request, false, effects);
        // Only what the user's own key brings may sound.
        if let Some(running) = &mut state.results.running {
            running.touched = !by_key;
        }
    } else {
        search::set_aside(state, effects);
        let unwatched = std::mem::take(&mut state.results.unwatched);
        state.results = ResultsState {
            sort: state.results.sort,
            unwatched,
            source: Source::None,
            problem: Some(NOT_ASKED.to_owned()),
            ..ResultsState::default()
        };
        state.focus = Focus::Query;
        query::opened(state);
    }
    list::keep_in_view(state);
    query::changed(state, effects);
}

/// What a brief asks was answered meanwhile.
pub(super) fn answered(state: &mut State, request: &SearchRequest, age_seconds: u64) {
    let Some(list) = &mut state.briefs else { return };
    for brief in list.same(request) {
        brief.age_seconds = Some(age_seconds);
        brief.refused = false;
    }
    let shown = list.briefs.get(list.at).is_some_and(|brief| brief.age_seconds.is_some());
    if shown && state.results.problem.as_deref() == Some(NOT_ASKED) {
        state.results.problem = Some(ANSWERED_NOW.to_owned());
    }
}

/// The server does not take what a brief asks.
pub(super) fn refused(state: &mut State, request: &SearchRequest) {
    for brief in state.briefs.iter_mut().flat_map(|list| list.same(request)) {
        brief.refused = true;
    }
}
