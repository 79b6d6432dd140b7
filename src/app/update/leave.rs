//! Leaving the program.

use super::status::say;
use crate::input::{Key, KeyPress};
use crate::state::{Leaving, Popup, Quitting, Severity, State};

/// How long a second `^c` counts as an answer, in milliseconds.
const SECOND_MS: u64 = 2000;

/// `q`: asks while downloads or paid requests run.
pub(super) fn quit(state: &mut State) {
    let running = under_way(state);
    if running.is_empty() {
        state.leaving = Leaving::Now;
    } else {
        state.popups.push(Popup::Quit(Quitting {
            running,
            ..Quitting::default()
        }));
    }
}

/// A key while it asks. As a question about a credit, it is deaf to keys that are held down or were typed before it could be seen.
pub(super) fn answer(state: &mut State, key: &KeyPress) {
    let Some(Popup::Quit(quitting)) = state.popups.last() else { return };
    let armed = quitting.arming.armed(state.now);
    // Staying is always safe, so Esc need not wait.
    if key.repeated || (!armed && key.key != Key::Esc) {
        return;
    }
    state.popups.pop();
    if *key == KeyPress::char('y') {
        state.leaving = Leaving::Now;
    }
}

/// Keeps the question up to date; with nothing left to ask about it goes away.
pub(super) fn keep_up(state: &mut State) {
    if !state.popups.iter().any(|popup| matches!(popup, Popup::Quit(_))) {
        return;
    }
    let running = under_way(state);
    state.popups.retain(|popup| !running.is_empty() || !matches!(popup, Popup::Quit(_)));
    for popup in &mut state.popups {
        if let Popup::Quit(quitting) = popup {
            quitting.running.clone_from(&running);
        }
    }
}

/// `^c`: leaves; with a paid request in flight only the second one within two seconds does.
pub(super) fn interrupt(state: &mut State) {
    match state.leaving {
        Leaving::AskedUntil(until) if state.now < until => state.leaving = Leaving::Now,
        _ if state.is_paid_for_in_flight() => {
            state.leaving = Leaving::AskedUntil(state.now.plus_millis(SECOND_MS));
            say(
                state,
                Severity::Error,
                "A paid request is on its way. Press ^c again within 2 s to leave; the next start finds out what it cost.",
            );
        }
        _ => state.leaving = Leaving::Now,
    }
}

/// What is still going on, a line each.
fn under_way(state: &State) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(running) = &state.results.running {
        lines.push(format!("a search: {}", running.request.query()));
    }
    if !state.results.unwatched.is_empty() {
        lines.push(format!("earlier searches on their way: {}", state.results.unwatched.len()));
    }
    lines.extend(
        state
            .batch_running()
            .map(|batch| format!("a batch, {}: the rest is not asked", batch.tally.progress())),
    );
    lines.extend(
        state
            .downloads
            .iter()
            .filter(|download| download.running())
            .map(|download| format!("a download: {}", download.track.title)),
    );
    lines
}
