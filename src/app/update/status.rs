//! The status line: what is said, and for how long.

use crate::state::{Severity, State};

/// How long good news stand, in milliseconds. Errors stay until the next key.
const NEWS_MS: u64 = 6000;

/// Says something.
pub(super) fn say(state: &mut State, severity: Severity, text: impl Into<String>) {
    let text = text.into();
    state.status.said += 1;
    state.status.last = Some(text.clone());
    state.status.message = Some((severity, text));
    state.status.until = (severity != Severity::Error).then(|| state.now.plus_millis(NEWS_MS));
}

/// An error was seen once the user goes on.
pub(super) fn key_pressed(state: &mut State) {
    if matches!(state.status.message, Some((Severity::Error, _))) {
        state.status.message = None;
        state.status.until = None;
    }
}

/// Takes away what has been said long enough.
pub(super) fn expire(state: &mut State) {
    if state.status.until.is_some_and(|until| until <= state.now) {
        state.status.message = None;
        state.status.until = None;
    }
}
