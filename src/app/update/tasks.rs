//! The tasks view: what is under way, and giving up what is not sent yet.

use super::status::say;
use super::{Effect, batch, moves, search};
use crate::input::{Key, KeyPress};
use crate::state::{DownloadId, DownloadPhase, Popup, Severity, State, TaskName, TasksView};

/// Opens it.
pub(super) fn open(state: &mut State) {
    state.popups.push(Popup::Tasks(TasksView::default()));
}

/// A key while it is open.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let last = state.tasks().len().saturating_sub(1);
    let Some(Popup::Tasks(view)) = state.popups.last_mut() else {
        return;
    };
    view.cursor = view.cursor.min(last);
    if let Some(to) = moves::cursor(key, view.cursor, last) {
        view.cursor = to;
        return;
    }
    match key.key {
        Key::Char('x') if !key.repeated => {
            let at = view.cursor;
            let name = state.tasks().get(at).map(|task| task.name());
            if let Some(name) = name {
                give_up(state, name, effects);
            }
        }
        Key::Char('x') => {}
        _ => drop(state.popups.pop()),
    }
}

/// `x`: cancels what is not sent, takes off the list what is over, and leaves alone what may cost a credit.
pub(super) fn give_up(state: &mut State, name: TaskName, effects: &mut Vec<Effect>) {
    let found = state.tasks().into_iter().find(|task| task.name() == name);
    let Some((over, unsent)) = found.map(|task| (task.over(), task.can_be_cancelled())) else {
        return;
    };
    match name {
        TaskName::Search(_) if unsent => search::give_up(state, effects),
        TaskName::Download(id) if over => {
            state.downloads.retain(|download| download.id != id);
            stay_on_the_list(state);
        }
        TaskName::Download(id) if unsent => effects.push(Effect::CancelDownload(id)),
        TaskName::Batch(id) if over => {
            state.batches.retain(|batch| batch.id != id);
            stay_on_the_list(state);
        }
        TaskName::Batch(id) if unsent => batch::give_up(state, id, effects),
        TaskName::Search(_) | TaskName::Download(_) | TaskName::Batch(_) => say(
            state,
            Severity::Info,
            "It was sent and may cost its credit, so it is not cancelled; what comes is kept.",
        ),
    }
}

/// The cursor stays on a task, where there is one.
fn stay_on_the_list(state: &mut State) {
    let last = state.tasks().len().saturating_sub(1);
    if let Some(Popup::Tasks(view)) = state.popups.last_mut() {
        view.cursor = view.cursor.min(last);
    }
}

/// A download has come to its end: when it was the last one under way, whoever asked to be told is told.
pub(super) fn ended(state: &State, id: DownloadId, effects: &mut Vec<Effect>) {
    if state.downloads.iter().any(crate::state::Download::running) {
        return;
    }
    let Some(download) = state.downloads.iter().find(|download| download.id == id) else {
        return;
    };
    let what = match &download.phase {
        DownloadPhase::Done(_) => "downloaded",
        _ => "download failed",
    };
    effects.push(Effect::Notify(format!("{what}: {}", download.track.title)));
}
