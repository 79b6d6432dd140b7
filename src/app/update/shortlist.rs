//! Shortlists: `a` and `x` in the results, and the popup with the project at hand.

use std::sync::Arc;
use std::time::Duration;

use tui_input::Input;

use super::status::say;
use super::{Effect, confirm, moves, play, query};
use crate::api::{Track, TrackId};
use crate::input::{Key, KeyPress};
use crate::library::{Choice, Project, ProjectChange, project_name};
use crate::state::{Phase, Popup, Severity, ShortlistView, State, Typing};
use crate::text::Clean;

/// `a` or `x`: the decision about the track under the cursor; the same key again takes it back.
pub(super) fn choose(state: &mut State, choice: Choice, effects: &mut Vec<Effect>) {
    let Some(track) = state.selected().cloned() else { return };
    let marks = &mut state.marks;
    let (wanted, other) = match choice {
        Choice::Rejected => (&mut marks.rejected, &mut marks.shortlisted),
        _ => (&mut marks.shortlisted, &mut marks.rejected),
    };
    other.remove(&track.id);
    let decided = wanted.insert(track.id.clone());
    if !decided {
        wanted.remove(&track.id);
    }
    let now = if decided { choice } else { Choice::Open };
    change(state, ProjectChange::Choose(track.id.clone(), now), effects);
    let place = state.named_project().map(|project| format!(" of {project}")).unwrap_or_default();
    let purpose = state.named_project().map(|project| format!(" for {project}")).unwrap_or_default();
    let text = match (now, choice) {
        (Choice::Shortlisted, _) => format!("{} is on the shortlist{place}", track.title),
        (Choice::Rejected, _) => format!("{} is rejected{purpose}", track.title),
        (Choice::Open, Choice::Rejected) => format!("{} is not rejected any more", track.title),
        (Choice::Open, _) => format!("{} is off the shortlist", track.title),
    };
    say(state, Severity::Success, text);
}

fn change(state: &mut State, change: ProjectChange, effects: &mut Vec<Effect>) {
    state.project_stale = true;
    effects.push(Effect::ChangeProject {
        project: state.project.clone(),
        change,
    });
}

/// `S`: the shortlist of the project at hand.
pub(super) fn open(state: &mut State, effects: &mut Vec<Effect>) {
    state.popups.push(Popup::Shortlist(ShortlistView {
        loading: true,
        ..ShortlistView::default()
    }));
    read(state, effects);
}

/// Another project is at hand from now on; what is known of it comes later.
pub(super) fn switch(state: &mut State, name: String, effects: &mut Vec<Effect>) {
    state.project_named = true;
    if state.project != name {
        if let Some(list) = &mut state.briefs {
            list.shortlisted.insert(state.project.clone(), state.marks.shortlisted.len());
        }
        state.marks.shortlisted.clear();
        state.marks.rejected.clear();
        state.project = name;
        // What stood in the popup belongs to the other one, and is not to be decided about under this name.
        for popup in &mut state.popups {
            if let Popup::Shortlist(view) = popup {
                *view = ShortlistView {
                    loading: true,
                    projects: std::mem::take(&mut view.projects),
                    ..ShortlistView::default()
                };
            }
        }
    }
    read(state, effects);
}

/// Asks for the project at hand as it is kept, with everything that was decided so far.
fn read(state: &mut State, effects: &mut Vec<Effect>) {
    state.project_stale = false;
    effects.push(Effect::OpenProject(Some(state.project.clone())));
}

/// A project has come, or it cannot be read.
pub(super) fn arrived(state: &mut State, answer: Result<Project, String>, effects: &mut Vec<Effect>) {
    match answer {
        Ok(project) => opened(state, project, effects),
        Err(why) => not_read(state, &why),
    }
}

/// A project cannot be read: an empty popup that waits for it says so, else the status line.
fn not_read(state: &mut State, why: &str) {
    let text = format!("The shortlist cannot be read: {why}. Open it again to try once more.");
    let mut told = false;
    for popup in &mut state.popups {
        if let Popup::Shortlist(view) = popup {
            view.loading = false;
            if view.entries.is_empty() {
                view.problem = Some(text.clone());
                told = true;
            }
        }
    }
    if !told {
        say(state, Severity::Error, text);
    }
}

/// A project has come. One that is not at hand any more, or is older than what was decided since, is not shown.
fn opened(state: &mut State, project: Project, effects: &mut Vec<Effect>) {
    if state.project_named && project.name != state.project {
        return;
    }
    if std::mem::take(&mut state.project_stale) {
        effects.push(Effect::OpenProject(Some(project.name)));
        return;
    }
    state.marks.shortlisted = project.entries.iter().map(|entry| entry.track.id.clone()).collect();
    state.marks.rejected = project.rejected.into_iter().collect();
    state.project = project.name;
    for popup in &mut state.popups {
        if let Popup::Shortlist(view) = popup {
            view.cursor = view.cursor.min(project.entries.len().saturating_sub(1));
            view.other = None;
            view.removed.clear();
            view.entries.clone_from(&project.entries);
            view.projects.clone_from(&project.all);
            view.loading = false;
            view.problem = None;
        }
    }
}

fn view(state: &mut State) -> Option<&mut ShortlistView> {
    match state.popups.last_mut() {
        Some(Popup::Shortlist(view)) => Some(view),
        _ => None,
    }
}

/// A key while the popup is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    if view.typing.is_some() {
        typed(state, key, effects);
        return;
    }
    let (at, last) = (view.cursor, view.entries.len().saturating_sub(1));
    if let Some(to) = moves::cursor(key, at, last) {
        return go(state, to, effects);
    }
    match key.key {
        Key::Char('J') => shift(state, (at + 1).min(last), effects),
        Key::Char('K') => shift(state, at.saturating_sub(1), effects),
        Key::Char('b') => compare(state, effects),
        Key::Char(' ') => {
            let track = track_at(state, at);
            play::play_pause_at(state, track, effects);
        }
        Key::Enter => play_at(state, at, Duration::ZERO, effects),
        Key::Char('x') | Key::Delete => remove(state, effects),
        Key::Char('u') => put_back(state, effects),
        Key::Char('n') => {
            if let Some(entry) = view.entries.get(at) {
                view.typing = Some(Typing::Note(Input::new(entry.note.clone())));
            }
        }
        Key::Char('N') => view.typing = Some(Typing::Project(Input::default())),
        Key::Tab => {
            // The one used longest ago: so the key goes round.
            if let Some(next) = view.projects.last().cloned().filter(|_| view.projects.len() > 1) {
                switch(state, next, effects);
            }
        }
        // It writes files, so it is done once for each press.
        Key::Char('e') if key.is_text() && !key.repeated => export(state, effects),
        Key::Char('d') => {
            if let Some(entry) = view.entries.get(at) {
                let track = Arc::new(entry.track.clone());
                confirm::download_of(state, track, effects);
            }
        }
        Key::Esc | Key::Char('q' | 'S') => drop(state.popups.pop()),
        _ => {}
    }
}

pub(super) fn go(state: &mut State, to: usize, effects: &mut Vec<Effect>) {
    let auto = state.player.auto_audition;
    let Some(view) = view(state) else { return };
    if to != view.cursor && to < view.entries.len() {
        view.cursor = to;
        if auto {
            play_at(state, to, Duration::ZERO, effects);
        }
    }
}

fn play_at(state: &mut State, at: usize, from: Duration, effects: &mut Vec<Effect>) {
    if let Some(track) = track_at(state, at) {
        play::play(state, track, from, effects);
    }
}

fn track_at(state: &mut State, at: usize) -> Option<Arc<Track>> {
    let entry = view(state)?.entries.get(at)?;
    Some(Arc::new(entry.track.clone()))
}

/// The other of two, from where the first one is: the same passage of both. Where another track sounds, or the first one has ended, there is
/// none, and the other begins at its start.
fn compare(state: &mut State, effects: &mut Vec<Effect>) {
    let place = state.player.here(state.now);
    let over = state.player.phase == Phase::Ended;
    let sounding = state.player.track.as_ref().filter(|_| !over).map(|track| track.id.clone());
    let Some(view) = view(state) else { return };
    if view.entries.len() < 2 {
        say(state, Severity::Info, "It takes two tracks to compare.");
        return;
    }
    let here = view.cursor;
    let first = view.entries.get(here).map(|entry| &entry.track.id);
    let from = if sounding.is_some() && sounding.as_ref() == first {
        place
    } else {
        Duration::ZERO
    };
    let other = view
        .other
        .filter(|other| *other != here && *other < view.entries.len())
        .unwrap_or(if here + 1 < view.entries.len() { here + 1 } else { here - 1 });
    view.other = Some(here);
    view.cursor = other;
    play_at(state, other, from, effects);
}

/// Moves the track under the cursor, and the cursor with it.
fn shift(state: &mut State, to: usize, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    if to == view.cursor || to >= view.entries.len() {
        return;
    }
    view.entries.swap(view.cursor, to);
    view.other = None;
    view.cursor = to;
    let order = view.entries.iter().map(|entry| entry.track.id.clone()).collect();
    change(state, ProjectChange::Order(order), effects);
}

fn remove(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    if view.cursor >= view.entries.len() {
        return;
    }
    let place = view.cursor;
    let entry = view.entries.remove(place);
    view.cursor = view.cursor.min(view.entries.len().saturating_sub(1));
    view.other = None;
    let id = entry.track.id.clone();
    view.removed.push((place, entry));
    state.marks.shortlisted.remove(&id);
    change(state, ProjectChange::Choose(id, Choice::Open), effects);
}

/// Puts back what was taken off last: with its note, in its place.
fn put_back(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    let Some((place, entry)) = view.removed.pop() else {
        return say(state, Severity::Info, "Nothing was taken off since this list was opened.");
    };
    let place = place.min(view.entries.len());
    let (id, note) = (entry.track.id.clone(), entry.note.clone());
    view.entries.insert(place, entry);
    view.cursor = place;
    view.other = None;
    let order = view.entries.iter().map(|entry| entry.track.id.clone()).collect();
    state.marks.shortlisted.insert(id.clone());
    change(state, ProjectChange::Choose(id.clone(), Choice::Shortlisted), effects);
    if !note.is_empty() {
        change(state, ProjectChange::Note(id, note), effects);
    }
    change(state, ProjectChange::Order(order), effects);
}

fn export(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    let entries = view.entries.clone();
    if entries.is_empty() {
        say(state, Severity::Info, "There is nothing on this shortlist yet.");
        return;
    }
    effects.push(Effect::ExportShortlist {
        project: state.project.clone(),
        entries,
        folder: state.folder.clone(),
    });
}

/// A note beside the track under the cursor.
pub(super) fn note(state: &mut State, text: &str, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    let note = Clean::new(text).to_string();
    let at = view.cursor;
    if let Some(entry) = view.entries.get_mut(at) {
        entry.note.clone_from(&note);
        let id: TrackId = entry.track.id.clone();
        change(state, ProjectChange::Note(id, note), effects);
    }
}

/// Goes to the project of this name, which is made if there is none.
pub(super) fn open_project(state: &mut State, name: &str, effects: &mut Vec<Effect>) {
    if name.trim().is_empty() {
        return;
    }
    if let Some(view) = view(state) {
        view.loading = true;
        view.problem = None;
    }
    switch(state, project_name(name), effects);
}

/// A key while a box is open.
fn typed(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(view) = view(state) else { return };
    match (key.key, view.typing.take()) {
        (Key::Esc, _) | (_, None) => {}
        (Key::Enter, Some(Typing::Note(input))) => note(state, input.value(), effects),
        (Key::Enter, Some(Typing::Project(input))) => open_project(state, input.value(), effects),
        (_, Some(Typing::Note(mut input))) => {
            query::edit(&mut input, key);
            view.typing = Some(Typing::Note(input));
        }
        (_, Some(Typing::Project(mut input))) => {
            query::edit(&mut input, key);
            view.typing = Some(Typing::Project(input));
        }
    }
}

/// Pasted text goes into the open box.
pub(super) fn paste(view: &mut ShortlistView, text: &str) {
    if let Some(Typing::Note(input) | Typing::Project(input)) = &mut view.typing {
        query::insert(input, text);
    }
}
