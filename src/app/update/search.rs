//! A search on its way: started, waited for, answered, given up.

use std::sync::Arc;

use super::status::say;
use super::{Effect, batch, briefs, list, live, play, query};
use crate::api::{Charge, Limits, SearchPage, SearchRequest};
use crate::app::{Failed, SearchNews};
use crate::spend::Permit;
use crate::state::{Focus, Running, Severity, Source, State};
use crate::ui::format;

/// Starts a search. One that asks the same joins the one on its way; another one takes its place on the screen.
pub(super) fn start(state: &mut State, permit: Permit<SearchRequest>, adds_page: bool, effects: &mut Vec<Effect>) {
    if !adds_page {
        state.focus = Focus::Results;
        list::keep_in_view(state);
    }
    if state
        .results
        .running
        .as_ref()
        .is_some_and(|running| running.request == *permit.request())
    {
        return;
    }
    let generation = begin(state, permit.request().clone(), adds_page, effects);
    effects.push(Effect::Search { generation, permit });
}

/// Shows an answer that is here already, for nothing.
pub(super) fn start_kept(state: &mut State, request: SearchRequest, adds_page: bool, effects: &mut Vec<Effect>) {
    let generation = begin(state, request.clone(), adds_page, effects);
    effects.push(Effect::Kept { generation, request });
}

/// From here on this is the search that is waited for. Its generation.
fn begin(state: &mut State, request: SearchRequest, adds_page: bool, effects: &mut Vec<Effect>) -> u64 {
    overtake(state, effects);
    let generation = state.next_number();
    state.results.problem = None;
    state.results.running = Some(Running {
        generation,
        request,
        sent: false,
        waiting_until: None,
        adds_page,
        touched: false,
    });
    generation
}

/// Stops waiting for the search on its way: cancels it if it has not been sent.
fn overtake(state: &mut State, effects: &mut Vec<Effect>) -> Option<Running> {
    let running = state.results.running.take()?;
    state.account.waiting_until = None;
    if running.sent {
        state.results.unwatched.push(running.generation);
    } else {
        effects.push(Effect::CancelSearch(running.generation));
    }
    Some(running)
}

/// Other rows take the place of whatever was asked for.
pub(super) fn set_aside(state: &mut State, effects: &mut Vec<Effect>) {
    overtake(state, effects);
}

/// Esc in the results.
pub(super) fn give_up(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(running) = overtake(state, effects) {
        let text = if running.sent {
            "Not waiting any more. The search was sent already: its answer is kept, and asking it again will be free."
        } else {
            "Cancelled before it was sent: nothing spent."
        };
        say(state, Severity::Info, text);
        return;
    }
    let queued = state
        .downloads
        .iter()
        .find(|download| download.phase == crate::state::DownloadPhase::Queued);
    if let Some(download) = queued {
        effects.push(Effect::CancelDownload(download.id));
        return;
    }
    // One that goes on was said yes to as a whole; one that is held back is waited for, as a search would be.
    let held_back = state.batch_running().filter(|batch| batch.waiting_until.is_some());
    if let Some(id) = held_back.map(|batch| batch.id) {
        batch::give_up(state, id, effects);
    }
}

/// News of a search.
pub(super) fn news(state: &mut State, generation: u64, news: SearchNews, effects: &mut Vec<Effect>) {
    let current = state
        .results
        .running
        .as_ref()
        .is_some_and(|running| running.generation == generation);
    match news {
        SearchNews::Waiting(wait) if current => {
            let until = state.now.plus_millis(wait.as_millis() as u64);
            state.account.waiting_until = Some(until);
            if let Some(running) = &mut state.results.running {
                running.waiting_until = Some(until);
                // A limit that answered a sent one says that it did not count.
                running.sent = false;
            }
        }
        SearchNews::Again if current => {
            if let Some(running) = &mut state.results.running {
                running.sent = false;
            }
        }
        // It came back without having counted, and nobody waits for it: it need not leave again.
        SearchNews::Waiting(_) | SearchNews::Again => effects.push(Effect::CancelSearch(generation)),
        SearchNews::Sent if current => {
            state.account.waiting_until = None;
            if let Some(running) = &mut state.results.running {
                running.sent = true;
                running.waiting_until = None;
            }
        }
        SearchNews::Sent => {
            if !state.results.unwatched.contains(&generation) {
                state.results.unwatched.push(generation);
            }
        }
        SearchNews::Answered { page, source, limits } => answered(state, generation, page, source, &limits, effects),
        SearchNews::Failed(failed) => {
            if current {
                state.results.running = None;
                state.account.waiting_until = None;
                state.results.problem = Some(failed.text.clone());
            }
            let waiting = state.results.unwatched.len();
            state.results.unwatched.retain(|unwatched| *unwatched != generation);
            let watched = current || state.results.unwatched.len() < waiting;
            count(state, &failed);
            // That it was cancelled is no news to who cancelled it, or asked for something else instead.
            if watched || failed.charge != Charge::Free {
                say(state, Severity::Error, failed.text);
            }
            query::price_again(state, effects);
        }
    }
}

/// Books what a failed paid request cost, once.
pub(super) fn count(state: &mut State, failed: &Failed) {
    match failed.charge {
        _ if failed.shared => {}
        Charge::Free => {}
        Charge::Charged => state.account.spent += 1,
        Charge::Unknown => state.account.unsure += 1,
    }
    if let Some(limits) = &failed.limits {
        state.account.take_limits(limits);
    }
    if failed.out_of_credits {
        state.account.out_of_credits = true;
    }
}

/// Books an answer: what it cost, what was said with it, and the words of its tracks.
pub(super) fn book(state: &mut State, page: &SearchPage, source: &Source, limits: &Limits) {
    if *source == Source::Server {
        state.account.spent += 1;
    }
    state.account.take_limits(limits);
    for track in &page.tracks {
        state.filters.vocabulary.learn(track);
    }
}

fn answered(state: &mut State, generation: u64, page: SearchPage, source: Source, limits: &Limits, effects: &mut Vec<Effect>) {
    book(state, &page, &source, limits);
    if let Some(running) = state.results.running.take_if(|running| running.generation == generation) {
        show(state, running, page, source, effects);
    } else {
        state.results.unwatched.retain(|unwatched| *unwatched != generation);
        say(
            state,
            Severity::Info,
            "The answer to an earlier search has come and is kept: asking it again is free.",
        );
    }
    query::price_again(state, effects);
}

fn show(state: &mut State, running: Running, page: SearchPage, source: Source, effects: &mut Vec<Effect>) {
    state.account.waiting_until = None;
    let received = page.received;
    let may_have_more = received >= usize::from(running.request.limit());
    let tracks: Vec<Arc<_>> = page.tracks.into_iter().map(Arc::new).collect();
    if running.adds_page {
        // Matches of what is typed may stand before the rows that it belongs to, or other rows have taken their place.
        let results = state.live.behind.as_deref_mut().unwrap_or(&mut state.results);
        let whole = |request: &SearchRequest| request.with_offset(0);
        if results.request.as_ref().map(whole) != Some(whole(&running.request)) {
            say(
                state,
                Severity::Info,
                "The next page has come and is kept: asking for it again is free.",
            );
            return;
        }
        results.may_have_more = may_have_more;
        results.skipped += page.skipped;
        let new = results.append(tracks);
        results.new_on_page = Some((new, received));
        results.request = Some(running.request);
        results.arrange(&state.filters.active);
        let cost = if source == Source::Server {
            ""
        } else {
            " Free: this page was asked before."
        };
        say(state, Severity::Success, format!("{}.{cost}", format::count(new, "more track")));
        return;
    }
    briefs::answered(state, &running.request, age_of(&source));
    live::settle(state);
    // The row that the cursor was about to play is not the one it is on now.
    state.player.audition_at = None;
    let results = &mut state.results;
    results.may_have_more = may_have_more;
    results.skipped = page.skipped;
    results.new_on_page = None;
    results.all = tracks;
    results.rows.clear();
    results.selected = 0;
    results.offset = 0;
    results.source = source;
    state.query.shown.query = running.request.query().to_owned();
    results.request = Some(running.request);
    results.arrange(&state.filters.active);
    if !running.touched && state.focus == Focus::Results && state.player.auto_audition {
        play::audition(state, effects);
    }
}

/// How old an answer from there is, in seconds.
pub(super) fn age_of(source: &Source) -> u64 {
    match source {
        Source::Cache { age_seconds } => *age_seconds,
        _ => 0,
    }
}
