//! The account, and what earlier sessions left behind.

use super::status::say;
use super::{Effect, batch, play, query, tour};
use crate::api::{Account, Answer};
use crate::app::Memory;
use crate::spend::Settled;
use crate::state::{
    AlikeView, Ask, BriefsView, DownloadPhase, Ownership, Popup, Price, ReceiptsView, Server, Severity, ShortlistView, State, UsageView,
    Vocabulary,
};

/// A server is there to talk to.
pub(super) fn connected(state: &mut State, server: Server, effects: &mut Vec<Effect>) {
    state.server = server;
    state.results.problem = None;
    tour::begin(state);
    if !state.offline {
        effects.push(Effect::Account);
    }
    query::price_again(state, effects);
}

/// There is no server: whatever waits for one has come to nothing, for nothing.
pub(super) fn unavailable(state: &mut State, reason: &str) {
    state.results.running = None;
    state.results.problem = Some(reason.to_owned());
    state.query.price = Price::Refused(reason.to_owned());
    for download in state.downloads.iter_mut().filter(|download| download.running()) {
        download.phase = DownloadPhase::Failed(reason.to_owned());
    }
    batch::unavailable(state, reason);
    for popup in &mut state.popups {
        match popup {
            Popup::Usage(UsageView { loading, problem, .. })
            | Popup::Receipts(ReceiptsView { loading, problem, .. })
            | Popup::Shortlist(ShortlistView { loading, problem, .. })
            | Popup::Alike(AlikeView { loading, problem, .. })
            | Popup::Briefs(BriefsView { loading, problem, .. })
                if *loading =>
            {
                *loading = false;
                *problem = Some(reason.to_owned());
            }
            Popup::Clip(panel) if panel.full == Ownership::Checking => panel.full = Ownership::Unknown(reason.to_owned()),
            Popup::Confirm {
                ask: Ask::Download { ownership, .. },
                ..
            } => *ownership = Ownership::Unknown(reason.to_owned()),
            _ => {}
        }
    }
}

/// What earlier sessions left behind.
pub(super) fn remembered(state: &mut State, memory: Memory, effects: &mut Vec<Effect>) {
    // Queries of this session are newer than any remembered one.
    let mut history = memory.queries;
    history.retain(|query| !state.query.history.contains(query));
    history.append(&mut state.query.history);
    state.query.history = history;
    state.marks.heard.extend(memory.heard);
    state.marks.owned.extend(memory.owned);
    let known = &mut state.filters.vocabulary;
    let Vocabulary {
        genres,
        moods,
        instruments,
    } = memory.vocabulary;
    genres.iter().for_each(|word| Vocabulary::add(&mut known.genres, word));
    moods.iter().for_each(|word| Vocabulary::add(&mut known.moods, word));
    instruments.iter().for_each(|word| Vocabulary::add(&mut known.instruments, word));
    if let Some(volume) = memory.volume {
        state.player.volume = volume.min(100);
    }
    effects.push(play::volume(state));
    tour::remembered(state, memory.tour_taken);
}

/// The history of calls has told what spends of unknown outcome cost.
pub(super) fn settled(state: &mut State, settled: &[Settled]) {
    for spend in settled {
        // What an earlier session or another program left behind was never counted as unsure here.
        if spend.own && state.account.unsure > 0 {
            state.account.unsure -= 1;
            state.account.spent += u64::from(spend.charged);
        }
    }
    // One message stays on the screen, so it tells of all of them.
    let text = match settled {
        [] => return,
        [spend] => spend.to_string(),
        _ => {
            let charged = settled.iter().filter(|spend| spend.charged).count();
            let of = settled.len();
            format!(
                "Of {of} requests of unknown outcome {charged} cost 1 credit each, as the usage history shows; the receipts (L) name them."
            )
        }
    };
    say(state, Severity::Info, text);
}

/// The account, or why it cannot be read.
pub(super) fn arrived(state: &mut State, answer: Result<Box<Answer<Account>>, String>) {
    match answer {
        Ok(answer) => state.account.take_account(&answer.value, &answer.limits),
        Err(problem) => state.account.problem = Some(problem),
    }
}
