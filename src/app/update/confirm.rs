//! Confirmations: the questions that may spend a credit, and what their answers do.

use std::sync::Arc;

use super::status::say;
use super::{Effect, batch, download, search};
use crate::api::{DownloadRequest, Track};
use crate::input::{Key, KeyPress};
use crate::spend::{Button, Confirmation, Confirmed, Permit, Press};
use crate::state::{Ask, Ownership, Popup, Rehearsed, Severity, State};
use crate::ui;

/// Why nothing paid can be done in a session without a network.
pub(super) const OFFLINE: &str = "Offline: nothing is asked of any server. Start without --offline for that.";
/// Why a track whose file is not here cannot be had in such a session.
const NOT_HERE: &str = "it is not on this disk, and nothing is bought offline; start without --offline for that";

/// `d`: asks whether to buy the track under the cursor.
pub(super) fn download(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(track) = state.selected().cloned() else {
        say(
            state,
            Severity::Info,
            "There is no track to download yet: describe some music first.",
        );
        return;
    };
    download_of(state, track, effects);
}

/// Asks whether to buy this track.
pub(super) fn download_of(state: &mut State, track: Arc<Track>, effects: &mut Vec<Effect>) {
    let request = DownloadRequest {
        track_id: track.id.clone(),
        clip: None,
    };
    buy(state, track, request, None, effects);
}

/// Asks whether to buy a track or a clip of it.
pub(super) fn buy(state: &mut State, track: Arc<Track>, request: DownloadRequest, rehearsed: Option<Rehearsed>, effects: &mut Vec<Effect>) {
    if state.is_downloading(&track.id) {
        say(state, Severity::Info, format!("{} is being downloaded already.", track.title));
        return;
    }
    effects.push(Effect::LookUpOwned(request.clone()));
    let file_name = crate::spend::file_name(&request, Some(&track));
    let ask = Ask::Download {
        request,
        track,
        folder: state.folder.clone(),
        file_name,
        ownership: Ownership::Checking,
        rehearsed,
    };
    open(state, ask);
}

/// `>`: asks whether to pay for the next page.
pub(super) fn next_page(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(request) = &state.results.request else {
        return no_answer(state);
    };
    if state.results.running.is_some() {
        say(state, Severity::Info, "A search is on its way.");
    } else if state.results.may_have_more {
        let next = request.with_offset(request.offset() + u32::from(request.limit())).with_full_page();
        effects.push(Effect::Price(next.clone()));
        if state.offline {
            // Nothing can be paid, so there is nothing to ask about: it comes if it is here.
            state.results.page_wanted = Some(next);
        } else {
            open(state, Ask::NextPage(next));
        }
    } else {
        say(state, Severity::Info, "There are no more: the last page was not full.");
    }
}

/// `F5`: asks whether to pay for the same answer again.
pub(super) fn refresh(state: &mut State) {
    let Some(request) = &state.results.request else {
        return no_answer(state);
    };
    if state.offline {
        say(state, Severity::Info, OFFLINE);
        return;
    }
    if state.results.running.is_some() {
        say(state, Severity::Info, "A search is on its way.");
    } else {
        let again = request.with_offset(0).with_full_page();
        open(state, Ask::Refresh(again));
    }
}

fn no_answer(state: &mut State) {
    if state.live.shown() {
        say(
            state,
            Severity::Info,
            "These are tracks seen before. Ask first: the query box, then Enter.",
        );
    }
}

/// Opens a question about credits, where there is room for all that it has to tell.
pub(super) fn open(state: &mut State, ask: Ask) {
    if !ui::can_ask(state.size) {
        say(
            state,
            Severity::Info,
            "Make the window larger first: what this costs would not fit.",
        );
        return;
    }
    let confirmation = Confirmation::open();
    state.popups.push(Popup::Confirm { ask, confirmation });
}

/// A frame is on the screen, and with it the question on top.
pub(super) fn drawn(state: &mut State) {
    let now = state.now;
    match state.popups.last_mut() {
        Some(Popup::Confirm { confirmation, .. }) => confirmation.drawn(now),
        Some(Popup::Quit(quitting)) => quitting.arming.drawn(now),
        Some(_) => {}
        None => {
            if let Some(opened) = &mut state.query.opened {
                opened.arming.drawn(now);
            }
        }
    }
}

/// A button of the confirmation on top was clicked: as its key, and as late.
pub(super) fn clicked(state: &mut State, button: Button, effects: &mut Vec<Effect>) {
    let as_key = match button {
        Button::Cancel => Key::Esc,
        Button::Spend => Key::Char('y'),
    };
    key(state, &KeyPress::plain(as_key), effects);
}

/// A key while a confirmation is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let (now, offline) = (state.now, state.offline);
    if !ui::can_ask(state.size) {
        // Nobody says yes to what cannot be read.
        state.popups.pop();
        return;
    }
    let Some(Popup::Confirm { ask, confirmation }) = state.popups.last_mut() else {
        return;
    };
    match confirmation.press(key, now) {
        Press::Ignored | Press::Moved => {}
        Press::Closed => {
            state.popups.pop();
        }
        Press::Confirmed(act) => {
            // What is not known to be new or owned cannot be bought yet; offline nothing can.
            let unknown = matches!(
                ask,
                Ask::Download {
                    ownership: Ownership::Checking | Ownership::Unknown(_),
                    ..
                }
            );
            if unknown || offline {
                return;
            }
            if let Some(Popup::Confirm { ask, .. }) = state.popups.pop() {
                confirmed(state, ask, act, effects);
            }
        }
    }
}

fn confirmed(state: &mut State, ask: Ask, act: Confirmed, effects: &mut Vec<Effect>) {
    match ask {
        Ask::Download {
            request,
            track,
            folder,
            ownership,
            rehearsed,
            ..
        } => {
            let again = matches!(ownership, Ownership::Owned(_));
            let permit = Permit::download_by_confirmation(act, request, again).for_project(state.named_project());
            download::start(state, permit, track, folder, rehearsed, effects);
        }
        Ask::NextPage(request) => {
            let permit = Permit::page_by_confirmation(act, request).for_project(state.named_project());
            search::start(state, permit, true, effects);
        }
        Ask::Refresh(request) => {
            let permit = Permit::again_by_confirmation(act, request).for_project(state.named_project());
            search::start(state, permit, false, effects);
        }
        Ask::Batch { file, asks } => {
            let permits = Permit::each_by_confirmation(act, asks.iter().map(|ask| ask.request.clone()));
            let permits = permits
                .into_iter()
                .zip(&asks)
                .map(|(permit, ask)| permit.for_project(ask.project.clone()))
                .collect();
            batch::start(state, file, asks, permits, effects);
        }
    }
}

/// The ledger knows whether this is owned. What the popup shows changes, so it arms anew.
pub(super) fn owned(state: &mut State, about: &DownloadRequest, known: Ownership) {
    let known = match known {
        Ownership::New if state.offline => Ownership::Unknown(NOT_HERE.to_owned()),
        known => known,
    };
    for popup in &mut state.popups {
        if let Popup::Confirm {
            ask: Ask::Download { request, ownership, .. },
            confirmation,
        } = popup
            && request == about
        {
            *ownership = known.clone();
            confirmation.rearm();
        }
    }
}
