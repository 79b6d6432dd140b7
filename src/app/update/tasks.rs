//! The tasks view: what is under way, and giving up what is not sent yet.

use super::status::say;
use super::{Effect, batch, search};
use crate::input::{Key, KeyPress};
use crate::state::{BatchId, DownloadId, DownloadPhase, Popup, Severity, State, Task, TasksView};

/// A task by its name, once nothing is borrowed any more.
enum Named {
    Search,
    Download(DownloadId),
    Batch(BatchId),
    Sent,
}

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
    match key.key {
        Key::Char('j') | Key::Down => view.cursor = (view.cursor + 1).min(last),
        Key::Char('k') | Key::Up => view.cursor = view.cursor.saturating_sub(1),
        Key::Char('g') | Key::Home => view.cursor = 0,
        Key::Char('G') | Key::End => view.cursor = last,
        Key::Char('x') if !key.repeated => {
            let at = view.cursor;
            give_up(state, at, effects);
        }
        Key::Char('x') => {}
        _ => drop(state.popups.pop()),
    }
}

/// `x`: cancels what is not sent, takes off the list what is over, and leaves alone what may cost a credit.
fn give_up(state: &mut State, at: usize, effects: &mut Vec<Effect>) {
    let Some(task) = state.tasks().get(at).copied() else {
        return;
    };
    let over = task.over();
    let named = match task {
        Task::Search(running) if !running.sent => Named::Search,
        Task::Download(download) if over || task.can_be_cancelled() => Named::Download(download.id),
        Task::Batch(batch) if over || task.can_be_cancelled() => Named::Batch(batch.id),
        _ => Named::Sent,
    };
    match named {
        Named::Search => search::give_up(state, effects),
        Named::Download(id) if over => {
            state.downloads.retain(|download| download.id != id);
            stay_on_the_list(state);
        }
        Named::Download(id) => effects.push(Effect::CancelDownload(id)),
        Named::Batch(id) if over => {
            state.batches.retain(|batch| batch.id != id);
            stay_on_the_list(state);
        }
        Named::Batch(id) => batch::give_up(state, id, effects),
        Named::Sent => say(
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
