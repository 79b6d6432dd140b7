//! `M`: tracks like the one under the cursor, from what was seen before. Free.

use std::sync::Arc;
use std::time::Duration;

use super::status::say;
use super::{Effect, list, moves, play};
use crate::api::{Track, TrackId};
use crate::input::{Key, KeyPress};
use crate::library::Alike;
use crate::state::{AlikeView, Popup, Severity, Source, State};

/// Opens the list.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(track) = state.selected().cloned() else {
        say(
            state,
            Severity::Info,
            "There is no track to compare with yet: describe some music first.",
        );
        return;
    };
    effects.push(Effect::Alike(Arc::clone(&track)));
    state.popups.push(Popup::Alike(AlikeView::new(track)));
}

/// They have come.
pub(super) fn arrived(state: &mut State, of: &TrackId, answer: Result<Vec<Alike>, String>) {
    for popup in &mut state.popups {
        if let Popup::Alike(view) = popup
            && view.of.id == *of
        {
            view.loading = false;
            match &answer {
                Ok(found) => view.found.clone_from(found),
                Err(problem) => view.problem = Some(problem.clone()),
            }
        }
    }
}

/// A key while the list is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(Popup::Alike(view)) = state.popups.last_mut() else {
        return;
    };
    let last = view.found.len().saturating_sub(1);
    if let Some(to) = moves::cursor(key, view.cursor, last) {
        return go(state, to, effects);
    }
    match key.key {
        Key::Char(' ') => {
            let track = view.found.get(view.cursor).map(|alike| Arc::clone(&alike.track));
            play::play_pause_at(state, track, effects);
        }
        Key::Enter => into_results(state),
        _ => drop(state.popups.pop()),
    }
}

/// Moves the cursor to a line, which plays its track as in the results.
pub(super) fn go(state: &mut State, to: usize, effects: &mut Vec<Effect>) {
    let Some(Popup::Alike(view)) = state.popups.last_mut() else {
        return;
    };
    view.cursor = to.min(view.found.len().saturating_sub(1));
    let track = view.found.get(view.cursor).map(|alike| Arc::clone(&alike.track));
    let sounds = |track: &Track| state.player.track.as_ref().is_some_and(|playing| playing.id == track.id);
    if let Some(track) = track.filter(|track| state.player.auto_audition && !sounds(track)) {
        play::play(state, track, Duration::ZERO, effects);
    }
}

/// Enter: the list takes the place of the results, the cursor on the same track.
fn into_results(state: &mut State) {
    let Some(Popup::Alike(view)) = state.popups.pop() else { return };
    if view.found.is_empty() {
        return;
    }
    let mut tracks = vec![Arc::clone(&view.of)];
    tracks.extend(view.found.iter().map(|alike| Arc::clone(&alike.track)));
    let chosen = view.found.get(view.cursor).map(|alike| alike.track.id.clone());
    state.player.audition_at = None;
    let results = &mut state.results;
    results.all = tracks;
    results.request = None;
    results.source = Source::None;
    results.may_have_more = false;
    results.skipped = 0;
    results.new_on_page = None;
    results.problem = None;
    results.arrange(&state.filters.active);
    results.selected = chosen.and_then(|id| results.row_of(&id)).unwrap_or(0);
    state.query.shown.query.clear();
    list::keep_in_view(state);
    say(
        state,
        Severity::Info,
        format!("Tracks like {}, from what you have seen before: free", view.of.title),
    );
}
