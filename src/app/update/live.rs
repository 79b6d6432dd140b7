//! Tracks seen before, listed while one types: free, and gone again with Esc.

use super::status::say;
use super::{Effect, filters, list, play, query};
use crate::library::{Matches, Wanted};
use crate::state::{Focus, Found, ResultsState, Severity, Source, State};
use crate::words::understand;

/// The text or the filters are different: what do the words mean, and what was seen before that matches them?
pub(super) fn changed(state: &mut State, effects: &mut Vec<Effect>) {
    // What was dropped of the words that are gone says nothing about the next ones.
    if state.query.text().trim().is_empty() {
        state.live.plain.clear();
    }
    understand_again(state);
    let text = state.query.text();
    // Rows change under a box that is typed in, and under filters that narrow them; never by themselves.
    if state.focus != Focus::Query && !state.live.shown() {
        return;
    }
    if text.trim().is_empty() || (text == state.query.before && state.focus == Focus::Query) {
        restore(state);
        return;
    }
    let generation = state.next_number();
    state.live.generation = generation;
    state.live.found = None;
    effects.push(Effect::Match {
        generation,
        wanted: Wanted {
            understood: state.live.understood.clone(),
            filters: state.filters.active.clone(),
        },
    });
}

/// What do the words in the box mean, as far as is known now?
pub(super) fn understand_again(state: &mut State) {
    state.live.understood = understand(state.query.text(), &state.filters.vocabulary, &state.live.plain);
}

/// Matches have come.
pub(super) fn matched(state: &mut State, generation: u64, matches: Matches) {
    if state.live.generation != generation {
        return;
    }
    let whole = matches.tracks.len() - matches.close;
    state.live.found = Some(Found {
        whole,
        more: matches.more,
        close: matches.close,
    });
    // Nothing takes no place: what stood there stays, or comes back, unless filters have narrowed the matches to nothing.
    let narrowed = state.live.shown() && state.focus != Focus::Query && state.results.running.is_none();
    if matches.tracks.is_empty() && !narrowed {
        bring_back(state);
        return;
    }
    if !state.live.shown() {
        let mut behind = std::mem::take(&mut state.results);
        state.results = rows_for(&mut behind);
        // Who has asked already, and was refused before these matches came, is still told why.
        if state.focus != Focus::Query {
            state.results.problem = behind.problem.take();
        }
        state.live.behind = Some(Box::new(behind));
    }
    // The row that the cursor was about to play may be gone.
    state.player.audition_at = None;
    let results = &mut state.results;
    // Who is among the rows stays on a track.
    let keep = results
        .selected_track()
        .map(|track| track.id.clone())
        .filter(|_| state.focus != Focus::Query);
    results.all = matches.tracks.into_iter().map(Into::into).collect();
    results.source = Source::Library;
    results.rows.clear();
    results.selected = 0;
    results.offset = 0;
    results.arrange(&state.filters.active);
    if let Some(row) = keep.and_then(|id| results.row_of(&id)) {
        results.selected = row;
    }
    list::keep_in_view(state);
}

/// An empty list of rows; what is on its way stays with the rows on the screen.
fn rows_for(behind: &mut ResultsState) -> ResultsState {
    ResultsState {
        sort: behind.sort,
        running: behind.running.take(),
        unwatched: std::mem::take(&mut behind.unwatched),
        ..ResultsState::default()
    }
}

/// Brings back the rows that stood there before; what is on its way stays with the rows on the screen.
pub(super) fn restore(state: &mut State) {
    state.live.generation = 0;
    state.live.found = None;
    bring_back(state);
}

fn bring_back(state: &mut State) {
    if let Some(mut behind) = state.live.behind.take() {
        behind.running = state.results.running.take();
        behind.problem = state.results.problem.take().or(behind.problem);
        behind.unwatched = std::mem::take(&mut state.results.unwatched);
        state.results = *behind;
        state.player.audition_at = None;
        state.results.arrange(&state.filters.active);
        list::keep_in_view(state);
    }
}

/// The rows on the screen are an answer now: there is nothing to come back to.
pub(super) fn settle(state: &mut State) {
    state.live.generation = 0;
    state.live.found = None;
    state.live.behind = None;
}

/// `↓`: into the rows. The first match is where the cursor goes, so it is heard.
pub(super) fn enter_rows(state: &mut State, effects: &mut Vec<Effect>) {
    super::focus(state, Focus::Results);
    if state.live.shown() && state.player.auto_audition {
        play::audition(state, effects);
    }
}

/// Makes filters of the words that mean some, so that they are sent.
pub(super) fn use_words(state: &mut State, effects: &mut Vec<Effect>) {
    let mut active = state.filters.active.clone();
    let taken = state.live.chips().filter(|chip| chip.add_to(&mut active)).count();
    if taken == 0 {
        say(state, Severity::Info, "No word here means a filter.");
        return;
    }
    if active == state.filters.active {
        say(state, Severity::Info, "These words are filters already.");
        return;
    }
    state.filters.active = active;
    filters::changed(state, effects);
    say(state, Severity::Success, "The words are filters now: they go along with the ask.");
}

/// Takes the last word that means a filter as a mere word.
pub(super) fn drop_word(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(last) = state.live.chips().last().map(|chip| chip.typed.clone()) else {
        say(state, Severity::Info, "No word here means a filter.");
        return;
    };
    say(state, Severity::Info, format!("“{last}” is only a word now."));
    state.live.plain.insert(last);
    query::changed(state, effects);
}
