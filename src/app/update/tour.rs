//! The tour: it starts in the sandbox, goes on by itself when a step is done, and ends for good.

use super::Effect;
use super::status::say;
use crate::input::Action;
use crate::state::{Severity, State, TourStep};

/// Whether the tour was taken before is known now.
pub(super) fn remembered(state: &mut State, taken: bool) {
    state.tour_waits = !taken;
    begin(state);
}

/// Starts the tour that waits, once. It leads through spending, so by itself it starts only where credits are play money; which of the two is
/// known first, that it waits or where it is, depends on how the sandbox was come to.
pub(super) fn begin(state: &mut State) {
    if state.server.is_sandbox && std::mem::take(&mut state.tour_waits) && state.tour.is_none() {
        state.tour = Some(TourStep::default());
    }
}

/// The key: hides the tour for good, or starts it again.
pub(super) fn toggle(state: &mut State, effects: &mut Vec<Effect>) {
    let on = state.tour.is_none();
    set(state, on, effects);
    if !on {
        let again = match state.keymap.keys(Action::Tour).next() {
            Some(key) => format!("The tour is out of the way; {key} starts it again."),
            None => "The tour is out of the way.".to_owned(),
        };
        say(state, Severity::Info, again);
    }
}

/// Starts the tour from its first step, or puts it away for good.
pub(super) fn set(state: &mut State, on: bool, effects: &mut Vec<Effect>) {
    state.tour_waits = false;
    if state.tour.is_some() && !on {
        effects.push(Effect::RememberTour);
    }
    state.tour = on.then(TourStep::default);
}

/// Goes past the steps that are done.
pub(super) fn keep_up(state: &mut State, effects: &mut Vec<Effect>) {
    while let Some(step) = state.tour.filter(|step| step.done(state)) {
        state.tour = step.next();
        if state.tour.is_none() {
            effects.push(Effect::RememberTour);
            if let Some((Severity::Success, text)) = &state.status.message {
                let text = format!("{text} — that was the tour: you know the way.");
                say(state, Severity::Success, text);
            } else {
                say(state, Severity::Success, "That was the tour: you know the way.");
            }
        }
    }
}
