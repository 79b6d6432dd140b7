//! Popups: the top one takes the keys and swallows the rest.

use super::{Effect, alike, briefs, clip, confirm, leave, moves, no_key, palette, picker, shortlist, tasks, tour};
use crate::api::UsagePage;
use crate::app::ReceiptWork;
use crate::input::{Action, Context, Key, KeyPress};
use crate::spend::Receipt;
use crate::state::{ErrorDetail, Help, Moment, Popup, ReceiptsView, State, UsageView};
use crate::ui;

/// Opens the popup of a global action.
pub(super) fn open(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Help => state.popups.push(Popup::Help(Help::default())),
        Action::Palette => palette::open(state),
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
    let key = &moves::in_popup(state, key);
    if receipt_work(state, key, effects) {
        return;
    }
    match state.popups.last_mut() {
        Some(Popup::Confirm { .. }) => confirm::key(state, key, effects),
        Some(Popup::Alike(_)) => alike::key(state, key, effects),
        Some(Popup::Briefs(_)) => briefs::key(state, key, effects),
        Some(Popup::Clip(_)) => clip::key(state, key, effects),
        Some(Popup::Picker(_)) => picker::key(state, key, effects),
        Some(Popup::Palette(_)) => palette::key(state, key, effects),
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
        Some(Popup::Palette(palette)) if palette.cursor == index => palette::chosen(state, effects),
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
pub(super) const HELD_KEY_MS: u64 = 800;

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
    match key.key {
        Key::Char(' ') => Some(line + moves::PAGE),
        // Where the last line is depends on the window.
        _ => moves::cursor(key, line, usize::MAX),
    }
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

/// Pasted text: only boxes take it, a confirmation never.
pub(super) fn paste(state: &mut State, text: &str) {
    match state.popups.last_mut() {
        Some(Popup::Picker(top)) => picker::paste(top, text),
        Some(Popup::Shortlist(view)) => shortlist::paste(view, text),
        Some(Popup::Briefs(view)) => briefs::paste(view, text),
        Some(Popup::Clip(panel)) => clip::paste(panel, text),
        Some(Popup::Palette(_)) => palette::paste(state, text),
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
