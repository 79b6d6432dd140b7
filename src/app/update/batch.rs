//! Briefs asked in one go: a question with the whole price, then one ask after the other, to the end.

use std::path::PathBuf;

use super::status::say;
use super::{Effect, briefs, confirm, query, search};
use crate::api::{Charge, Limits, SearchPage, SearchRequest};
use crate::app::{BatchNews, Failed};
use crate::spend::Permit;
use crate::state::{Ask, Batch, BatchAsk, BatchId, BatchPhase, Severity, Source, State};

/// `a` in the list of briefs: asks whether to ask everything of the file that is not answered yet.
pub(super) fn ask_rest(state: &mut State) {
    let Some(list) = &state.briefs else {
        say(state, Severity::Info, "No briefs are open: B opens a file of them.");
        return;
    };
    let (file, asks) = (list.file.clone(), list.missing_asks());
    if asks.is_empty() {
        say(state, Severity::Info, "Every brief of this file was asked already.");
    } else if state.offline {
        say(state, Severity::Info, confirm::OFFLINE);
    } else if state.batch_running().is_some() {
        say(state, Severity::Info, "A batch is under way already; it is among the tasks.");
    } else {
        confirm::open(state, Ask::Batch { file, asks });
    }
}

/// Starts it.
pub(super) fn start(state: &mut State, file: PathBuf, asks: Vec<BatchAsk>, permits: Vec<Permit<SearchRequest>>, effects: &mut Vec<Effect>) {
    let id = BatchId(state.next_number());
    let requests = asks.into_iter().map(|ask| ask.request).collect();
    state.batches.push(Batch::new(id, file, requests));
    effects.push(Effect::AskBatch { id, permits });
}

/// Gives up what is not sent of the batch that is under way. What was sent is waited for.
pub(super) fn give_up(state: &mut State, id: BatchId, effects: &mut Vec<Effect>) {
    let Some(batch) = find(state, id).filter(|batch| batch.running() && !batch.given_up) else {
        return;
    };
    batch.given_up = true;
    let sent = batch.phase == BatchPhase::Sent;
    effects.push(Effect::CancelBatch(id));
    if sent {
        say(
            state,
            Severity::Info,
            "Nothing more of the batch is asked. What was sent may cost its credit, so it is waited for and kept.",
        );
    }
}

/// The program ends: nothing more leaves.
pub(super) fn leave(state: &mut State, effects: &mut Vec<Effect>) {
    for batch in state.batches.iter_mut().filter(|batch| batch.running() && !batch.given_up) {
        batch.given_up = true;
        effects.push(Effect::CancelBatch(batch.id));
    }
}

/// There is no server to ask.
pub(super) fn unavailable(state: &mut State, reason: &str) {
    for batch in state.batches.iter_mut().filter(|batch| batch.running()) {
        batch.phase = BatchPhase::Stopped(reason.to_owned());
        batch.waiting_until = None;
    }
}

/// A moment has come.
pub(super) fn expire(state: &mut State) {
    let now = state.now;
    for batch in &mut state.batches {
        batch.waiting_until = batch.waiting_until.filter(|until| *until > now);
    }
}

fn find(state: &mut State, id: BatchId) -> Option<&mut Batch> {
    state.batches.iter_mut().find(|batch| batch.id == id)
}

/// News of a batch.
pub(super) fn news(state: &mut State, id: BatchId, news: BatchNews, effects: &mut Vec<Effect>) {
    match news {
        BatchNews::Next(number) => {
            if let Some(batch) = find(state, id) {
                batch.at = number;
            }
            step(state, id, BatchPhase::Unsent);
        }
        BatchNews::Waiting(wait) => {
            step(state, id, BatchPhase::Unsent);
            let until = state.now.plus_millis(wait.as_millis() as u64);
            state.account.waiting_until = Some(until);
            if let Some(batch) = find(state, id) {
                batch.waiting_until = Some(until);
            }
        }
        BatchNews::Again => step(state, id, BatchPhase::Unsent),
        BatchNews::Sent => {
            state.account.waiting_until = None;
            step(state, id, BatchPhase::Sent);
        }
        BatchNews::Answered {
            number,
            page,
            source,
            limits,
        } => answered(state, (id, number), &page, &source, &limits, effects),
        BatchNews::Refused { number, text, limits } => {
            if let Some(limits) = limits {
                state.account.take_limits(&limits);
            }
            step(state, id, BatchPhase::Unsent);
            let Some(batch) = find(state, id) else { return };
            batch.tally.refused += 1;
            if let Some(request) = batch.requests.get(number).cloned() {
                briefs::refused(state, &request);
                say(state, Severity::Error, format!("Left out: “{}”: {text}", request.query()));
            }
        }
        BatchNews::Done => {
            step(state, id, BatchPhase::Done);
            let Some(batch) = find(state, id) else { return };
            let tally = batch.tally;
            say(state, Severity::Success, format!("The batch is done: {}.", tally.told()));
            effects.push(Effect::Notify(tally.ending()));
        }
        BatchNews::Stopped(failed) => stopped(state, id, &failed, effects),
    }
}

fn stopped(state: &mut State, id: BatchId, failed: &Failed, effects: &mut Vec<Effect>) {
    // What it waited for is not waited for any more.
    state.account.waiting_until = None;
    search::count(state, failed);
    let Some(batch) = find(state, id) else { return };
    let tally = batch.tally;
    let (why, severity) = if failed.cancelled {
        (format!("{} · cancelled, nothing spent on the rest", tally.told()), Severity::Info)
    } else {
        (format!("{} · {}", tally.told(), failed.text), Severity::Error)
    };
    step(state, id, BatchPhase::Stopped(why.clone()));
    say(state, severity, format!("The batch has stopped: {why}"));
    // Whoever has cancelled it is there, and knows.
    if !failed.cancelled {
        let last = match failed.charge {
            Charge::Free => "",
            Charge::Charged => "; the last one was charged",
            Charge::Unknown => "; the last one may have been charged",
        };
        effects.push(Effect::Notify(format!("{}{last}", tally.ending())));
    }
    query::price_again(state, effects);
}

/// It has come to this; nothing of it waits for a limit.
fn step(state: &mut State, id: BatchId, phase: BatchPhase) {
    if let Some(batch) = find(state, id) {
        batch.waiting_until = None;
        batch.phase = phase;
    }
}

fn answered(
    state: &mut State,
    (id, number): (BatchId, usize),
    page: &SearchPage,
    source: &Source,
    limits: &Limits,
    effects: &mut Vec<Effect>,
) {
    search::book(state, page, source, limits);
    step(state, id, BatchPhase::Unsent);
    if let Some(batch) = find(state, id) {
        if *source == Source::Server {
            batch.tally.asked += 1;
        } else {
            batch.tally.free += 1;
        }
        if let Some(request) = batch.requests.get(number).cloned() {
            briefs::answered(state, &request, search::age_of(source));
        }
    }
    query::price_again(state, effects);
}
