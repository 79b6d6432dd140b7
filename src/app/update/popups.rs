//! Popups: the top one takes the keys and swallows the rest.

use super::fuzzy::ranked;
use super::{Effect, alike, briefs, by_name, clip, confirm, leave, no_key, picker, query, shortlist, tasks, tour};
use crate::api::UsagePage;
use crate::app::ReceiptWork;
use crate::input::{Action, Context, Key, KeyPress};
use crate::spend::Receipt;
use crate::state::{ErrorDetail, Help, Moment, Palette, Popup, ReceiptsView, State, UsageView};
use crate::ui;

/// Opens the popup of a global action.
pub(super) fn open(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Help => state.popups.push(Popup::Help(Help::default())),
        Action::Palette => {
            let mut palette = Palette::default();
            list_actions(&mut palette);
            state.popups.push(Popup::Palette(palette));
        }
        Action::Account => {
            state.popups.push(Popup::Account);
            if !state.offline {
                effects.push(Effect::Account);
            }
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
        Action::Shortlists => shortlist::open(state, effects),
        Action::Briefs => briefs::open(state),
        Action::Tasks => tasks::open(state),
        Action::Tour => tour::toggle(state, effects),
        Action::Message => {
            if let Some(text) = state.status.last.clone() {
                state.popups.push(Popup::Error(ErrorDetail {
                    title: "Message".into(),
                    text,
                }));
            }
        }
        _ => {}
    }
}

/// A key while a popup is open.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    if receipt_work(state, key, effects) {
        return;
    }
    match state.popups.last_mut() {
        Some(Popup::Confirm { .. }) => confirm::key(state, key, effects),
        Some(Popup::Alike(_)) => alike::key(state, key, effects),
        Some(Popup::Briefs(_)) => briefs::key(state, key, effects),
        Some(Popup::Clip(_)) => clip::key(state, key, effects),
        Some(Popup::Picker(_)) => picker::key(state, key, effects),
        Some(Popup::Palette(_)) => palette_key(state, key, effects),
        Some(Popup::Shortlist(_)) => shortlist::key(state, key, effects),
        Some(Popup::Tasks(_)) => tasks::key(state, key, effects),
        Some(Popup::Quit(_)) => leave::answer(state, key),
        Some(Popup::NoKey(_)) => no_key::key(state, key, effects),
        Some(Popup::Help(Help { scroll }) | Popup::Usage(UsageView { scroll, .. }) | Popup::Receipts(ReceiptsView { scroll, .. })) => {
            match scrolled(key, *scroll) {
                Some(to) => *scroll = to,
                None => drop(state.popups.pop()),
            }
            stay_on_the_page(state);
        }
        Some(Popup::Account) => {
            state.popups.pop();
            // From the account to its history by the same key as from anywhere.
            if state.keymap.action(Context::Global, key) == Some(Action::Usage) {
                open(state, Action::Usage, effects);
            }
        }
        Some(Popup::Error(_)) => {
            state.popups.pop();
        }
        None => {}
    }
}

/// A click on an entry of the list on top: the cursor goes there. A value is taken by that, or put back; what the palette's cursor is on already
/// is done.
pub(super) fn entry_clicked(state: &mut State, index: usize, effects: &mut Vec<Effect>) {
    match state.popups.last_mut() {
        Some(Popup::Picker(top)) => {
            top.cursor = index;
            picker::toggle(state, effects);
        }
        Some(Popup::Palette(palette)) if palette.cursor == index => palette_chosen(state, effects),
        Some(Popup::Palette(palette)) => palette.cursor = index,
        Some(Popup::Alike(_)) => alike::go(state, index, effects),
        Some(Popup::Shortlist(_)) => shortlist::go(state, index, effects),
        Some(Popup::Briefs(view)) => view.cursor = index,
        Some(Popup::Tasks(view)) => view.cursor = index,
        _ => {}
    }
}

/// The same key within this time, in milliseconds, is held down: the first repeat comes after up to 660 ms, and few terminals tell it from a
/// press.
const HELD_KEY_MS: u64 = 800;

/// The keys of the receipts popup that do something with them. Held down, a key does it once: two of them write a file each time.
fn receipt_work(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) -> bool {
    if !key.is_text() {
        return false;
    }
    let work = match key.key {
        Key::Char('e') => ReceiptWork::Export(state.folder.clone()),
        Key::Char('v') => ReceiptWork::Check,
        Key::Char('c') => ReceiptWork::CreditsNote,
        _ => return false,
    };
    let now = state.now;
    let Some(Popup::Receipts(view)) = state.popups.last_mut() else {
        return false;
    };
    let same = |(before, at): (Key, Moment)| before == key.key && now.since(at) < HELD_KEY_MS;
    let held = key.repeated || view.worked.is_some_and(same);
    view.worked = Some((key.key, now));
    if !held {
        effects.push(Effect::ReceiptFiles(work));
    }
    true
}

/// Where a key scrolls to from a line; `None` when it closes the page.
fn scrolled(key: &KeyPress, line: usize) -> Option<usize> {
    const PAGE: usize = 10;
    Some(match key.key {
        Key::Char('j') | Key::Down => line + 1,
        Key::Char('k') | Key::Up => line.saturating_sub(1),
        Key::PageDown | Key::Char(' ') => line + PAGE,
        Key::PageUp => line.saturating_sub(PAGE),
        Key::Char('g') | Key::Home => 0,
        _ => return None,
    })
}

/// Nothing scrolls past the last line.
fn stay_on_the_page(state: &mut State) {
    let furthest = ui::furthest_scroll(state);
    if let Some(Popup::Help(Help { scroll }) | Popup::Usage(UsageView { scroll, .. }) | Popup::Receipts(ReceiptsView { scroll, .. })) =
        state.popups.last_mut()
    {
        *scroll = (*scroll).min(furthest);
    }
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
        Key::Enter => palette_chosen(state, effects),
        _ => {
            if query::edit(&mut palette.input, key) == Some(true) {
                list_actions(palette);
            }
        }
    }
}

/// Does what the palette's cursor is on, and closes it.
fn palette_chosen(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Popup::Palette(palette)) = state.popups.pop() else {
        return;
    };
    if let Some(action) = palette.shown.get(palette.cursor) {
        by_name(state, *action, effects);
    }
}

/// Pasted text: only boxes take it, a confirmation never.
pub(super) fn paste(state: &mut State, text: &str) {
    match state.popups.last_mut() {
        Some(Popup::Picker(top)) => picker::paste(top, text),
        Some(Popup::Shortlist(view)) => shortlist::paste(view, text),
        Some(Popup::Briefs(view)) => briefs::paste(view, text),
        Some(Popup::Clip(panel)) => clip::paste(panel, text),
        Some(Popup::Palette(palette)) => {
            query::insert(&mut palette.input, text);
            list_actions(palette);
        }
        Some(Popup::NoKey(entry)) => entry.put(text),
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
