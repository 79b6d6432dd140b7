//! When the loop has to look again by itself. At rest: never.

use crate::state::{Leaving, Moment, Popup, State};

/// How long a picture of the spinner stands, in milliseconds.
const SPINNER_MS: u64 = 100;

/// The next moment at which the screen changes although nothing happens; `None` at rest.
pub fn next_wake(state: &State) -> Option<Moment> {
    let batch = state.batch_running();
    let spinning = state.results.running.is_some()
        || state.downloads.iter().any(crate::state::Download::running)
        || batch.is_some_and(|batch| batch.waiting_until.is_none());
    let spinner = spinning.then(|| Moment((state.now.0 / SPINNER_MS + 1) * SPINNER_MS));
    let waiting = state.account.waiting_until.is_some() || batch.is_some_and(|batch| batch.waiting_until.is_some());
    let countdown = waiting.then(|| Moment((state.now.0 / 1000 + 1) * 1000));
    let leaving = match state.leaving {
        Leaving::AskedUntil(until) => Some(until),
        Leaving::No | Leaving::Now => None,
    };
    let armed_at = state.popups.last().and_then(|popup| match popup {
        Popup::Confirm { confirmation, .. } => confirmation.armed_at(),
        Popup::Quit(quitting) => quitting.arming.armed_at(),
        _ => None,
    });
    let arming = armed_at.filter(|at| *at > state.now);
    [spinner, countdown, leaving, arming, state.status.until, state.player.audition_at]
        .into_iter()
        .flatten()
        .min()
}
