//! Popups: the top one takes the keys and swallows the rest.

use super::fuzzy::ranked;
use super::{Effect, confirm, perform, picker, query};
use crate::api::UsagePage;
use crate::input::{Action, Context, Key, KeyPress};
use crate::spend::Receipt;
use crate::state::{Help, Leaving, Palette, Popup, ReceiptsView, State, UsageView};

/// Opens the popup of a global action.
pub(super) fn open(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Help => state.popups.push(Popup::Help(Help::default())),
        Action::Palette => {
            let mut palette = Palette::default();
            list_actions(&mut palette);
            state.popups.push(Popup::Palette(palette));
        }
        Action::Usage => {
            state.popups.push(Popup::Usage(UsageView {
                loading: true,
                ..UsageView::default()
            }));
            effects.push(Effect::Usage);
        }
        Action::Receipts => {
            state.popups.push(Popup::Receipts(ReceiptsView {
                loading: true,
                ..ReceiptsView::default()
            }));
            effects.push(Effect::Receipts);
        }
        _ => {}
    }
}

/// A key while a popup is open.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    match state.popups.last_mut() {
        Some(Popup::Confirm { .. }) => confirm::key(state, key, effects),
        Some(Popup::Picker(_)) => picker::key(state, key, effects),
        Some(Popup::Palette(_)) => palette_key(state, key, effects),
        Some(Popup::Quit(_)) => {
            state.popups.pop();
            if key.key == Key::Char('y') && !key.repeated {
                state.leaving = Leaving::Now;
            }
        }
        Some(Popup::NoKey) => no_key(state, key, effects),
        Some(Popup::Help(help)) => scroll_or_close(key, |to| help.scroll = to(help.scroll))
            .then(|| state.popups.pop())
            .map_or((), drop),
        Some(Popup::Usage(view)) => scroll_or_close(key, |to| view.scroll = to(view.scroll))
            .then(|| state.popups.pop())
            .map_or((), drop),
        Some(Popup::Receipts(view)) => scroll_or_close(key, |to| view.scroll = to(view.scroll))
            .then(|| state.popups.pop())
            .map_or((), drop),
        Some(Popup::Error(_)) => {
            state.popups.pop();
        }
        None => {}
    }
}

/// Scrolls a page of text, or says that the key closes it.
fn scroll_or_close(key: &KeyPress, scroll: impl FnOnce(&dyn Fn(usize) -> usize)) -> bool {
    const PAGE: usize = 10;
    match key.key {
        Key::Char('j') | Key::Down => scroll(&|line| line + 1),
        Key::Char('k') | Key::Up => scroll(&|line| line.saturating_sub(1)),
        Key::PageDown | Key::Char(' ') => scroll(&|line| line + PAGE),
        Key::PageUp => scroll(&|line| line.saturating_sub(PAGE)),
        Key::Char('g') | Key::Home => scroll(&|_| 0),
        _ => return true,
    }
    false
}

/// Every action but those of the query box: what they do needs the box's own Enter.
fn list_actions(palette: &mut Palette) {
    let all: Vec<Action> = Action::ALL
        .iter()
        .copied()
        .filter(|action| action.context() != Context::Query && *action != Action::Palette)
        .collect();
    let found = ranked(palette.input.value(), all.iter().map(|action| action.description()));
    palette.shown = found.into_iter().map(|index| all[index]).collect();
    palette.cursor = 0;
}

fn palette_key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(Popup::Palette(palette)) = state.popups.last_mut() else {
        return;
    };
    match key.key {
        Key::Esc => {
            state.popups.pop();
        }
        Key::Down | Key::Tab => palette.cursor = (palette.cursor + 1).min(palette.shown.len().saturating_sub(1)),
        Key::Up | Key::BackTab => palette.cursor = palette.cursor.saturating_sub(1),
        Key::Enter => {
            let chosen = palette.shown.get(palette.cursor).copied();
            state.popups.pop();
            if let Some(action) = chosen {
                perform(state, action, key, effects);
            }
        }
        _ => {
            if query::edit(&mut palette.input, key) == Some(true) {
                list_actions(palette);
            }
        }
    }
}

fn no_key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    match key.key {
        Key::Char('s') => {
            state.popups.pop();
            effects.push(Effect::StartSandbox);
        }
        Key::Char('q') => state.leaving = Leaving::Now,
        Key::Esc | Key::Enter => {
            state.popups.pop();
        }
        _ => {}
    }
}

/// Pasted text: only boxes take it, a confirmation never.
pub(super) fn paste(state: &mut State, text: &str) {
    match state.popups.last_mut() {
        Some(Popup::Picker(top)) => picker::paste(top, text),
        Some(Popup::Palette(palette)) => {
            query::insert(&mut palette.input, text);
            list_actions(palette);
        }
        _ => {}
    }
}

/// The history of calls has come.
pub(super) fn usage_arrived(state: &mut State, answer: Result<UsagePage, String>) {
    for popup in &mut state.popups {
        if let Popup::Usage(view) = popup {
            view.loading = false;
            match &answer {
                Ok(page) => {
                    view.records.clone_from(&page.records);
                    view.total = page.total_count;
                }
                Err(problem) => view.problem = Some(problem.clone()),
            }
        }
    }
}

/// The receipts have come.
pub(super) fn receipts_arrived(state: &mut State, answer: Result<Vec<Receipt>, String>) {
    for popup in &mut state.popups {
        if let Popup::Receipts(view) = popup {
            view.loading = false;
            match &answer {
                Ok(receipts) => view.receipts.clone_from(receipts),
                Err(problem) => view.problem = Some(problem.clone()),
            }
        }
    }
}
