//! Answers that are here already: shown for nothing, without a permit.

use super::status::say;
use super::{Effect, confirm, list, search};
use crate::api::SearchRequest;
use crate::library::NearlySame;
use crate::state::{Ask, Focus, Popup, Price, Severity, State};

/// What is nearly the same as what is typed has been found; it counts only for what stands in the box now.
pub(super) fn nearly(state: &mut State, request: &SearchRequest, near: NearlySame) {
    if super::query::stands_in_box(state, request) {
        state.query.near = Some(near);
    }
}

/// Shows the kept answer to what is nearly the same; the filters narrow its rows.
pub(super) fn show_near(state: &mut State, effects: &mut Vec<Effect>) {
    if let Some(near) = state.query.near.take() {
        state.focus = Focus::Results;
        list::keep_in_view(state);
        search::start_kept(state, near.request, false, effects);
    }
}

/// A page that is asked about may have been paid for before: then it comes at once, for nothing, and the question goes. Offline there was no
/// question, and a page that is not here cannot be had.
pub(super) fn page_priced(state: &mut State, request: &SearchRequest, price: &Price, effects: &mut Vec<Effect>) {
    let asked = |popup: &Popup| matches!(popup, Popup::Confirm { ask: Ask::NextPage(next), .. } if next == request);
    let on_top = state.popups.last().is_some_and(asked);
    let wanted = state.results.page_wanted.take_if(|next| *next == *request).is_some();
    let kept = matches!(price, Price::Cached { .. });
    if kept && on_top {
        state.popups.pop();
        search::start_kept(state, request.clone(), true, effects);
    } else if kept && wanted && state.results.running.is_none() {
        search::start_kept(state, request.clone(), true, effects);
    } else if wanted && !kept {
        say(state, Severity::Info, confirm::OFFLINE);
    }
}
