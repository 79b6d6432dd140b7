//! The picker of a filter's values: type to narrow, Space toggles, a value that is not listed can be typed, Enter closes.

use std::collections::BTreeSet;

use tui_input::Input;

use super::filters;
use super::fuzzy::ranked;
use super::{Effect, moves, query};
use crate::api::{Energy, Filters};
use crate::input::{Key, KeyPress};
use crate::state::{BPM_MAX, BPM_MIN, FilterRow, Picker, PickerItem, Popup, State};

/// Opens the picker of the row under the cursor.
pub(super) fn open(state: &mut State) {
    let row = state.filters.row;
    let active = &state.filters.active;
    let known = &state.filters.vocabulary;
    let items = match row {
        FilterRow::Genres => words(&known.genres, &active.genres),
        FilterRow::Moods => words(&known.moods, &active.moods),
        FilterRow::Instruments => words(&known.instruments, &active.instruments),
        FilterRow::Energy => one_of(&["low", "medium", "high"], active.energy.as_ref().map(Energy::as_str)),
        FilterRow::Vocals => one_of(&["instrumental", "with vocals"], active.has_vocals.map(vocals_word)),
        FilterRow::MinBpm => tempos(active.min_bpm),
        FilterRow::MaxBpm => tempos(active.max_bpm),
    };
    let shown = (0..items.len()).collect();
    let cursor = items.iter().position(|item| item.chosen).unwrap_or(0);
    state.popups.push(Popup::Picker(Picker {
        row,
        input: Input::default(),
        items,
        shown,
        cursor,
    }));
}

fn words(known: &[String], chosen: &BTreeSet<String>) -> Vec<PickerItem> {
    let own = chosen.iter().filter(|word| !known.contains(word));
    // What is chosen stands first, where it is found again at once.
    let mut items: Vec<PickerItem> = own
        .chain(known)
        .map(|word| PickerItem {
            word: word.clone(),
            chosen: chosen.contains(word),
        })
        .collect();
    items.sort_by_key(|item| !item.chosen);
    items
}

fn one_of(all: &[&str], chosen: Option<&str>) -> Vec<PickerItem> {
    all.iter()
        .map(|word| PickerItem {
            word: (*word).to_owned(),
            chosen: chosen == Some(*word),
        })
        .collect()
}

fn tempos(chosen: Option<u16>) -> Vec<PickerItem> {
    let mut all: Vec<u16> = (BPM_MIN..=BPM_MAX).step_by(10).collect();
    all.extend(chosen);
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .map(|bpm| PickerItem {
            word: bpm.to_string(),
            chosen: chosen == Some(bpm),
        })
        .collect()
}

fn vocals_word(has_vocals: bool) -> &'static str {
    if has_vocals { "with vocals" } else { "instrumental" }
}

/// A key while a picker is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(Popup::Picker(picker)) = state.popups.last_mut() else {
        return;
    };
    let lines = picker.shown.len() + usize::from(picker.own_value().is_some());
    if let Some(to) = moves::below_box(key, picker.cursor, lines.saturating_sub(1)) {
        picker.cursor = to;
        return;
    }
    match key.key {
        Key::Esc => {
            state.popups.pop();
        }
        Key::Enter => {
            // What was typed to find a value means that value.
            if !picker.input.value().trim().is_empty() && !highlighted_is_chosen(picker) {
                toggle(state, effects);
            }
            state.popups.pop();
        }
        Key::Char(' ') if !picker.shown.is_empty() => toggle(state, effects),
        _ => {
            if query::edit(&mut picker.input, key) == Some(true) {
                narrow(picker);
            }
        }
    }
}

/// Pasted text goes into the picker's box.
pub(super) fn paste(picker: &mut Picker, text: &str) {
    query::insert(&mut picker.input, text);
    narrow(picker);
}

fn narrow(picker: &mut Picker) {
    picker.shown = ranked(picker.input.value(), picker.items.iter().map(|item| item.word.as_str()));
    picker.cursor = 0;
}

fn highlighted_is_chosen(picker: &Picker) -> bool {
    picker.shown.get(picker.cursor).is_some_and(|&index| picker.items[index].chosen)
}

/// Chooses the highlighted value, or takes it back.
pub(super) fn toggle(state: &mut State, effects: &mut Vec<Effect>) {
    let Some(Popup::Picker(picker)) = state.popups.last_mut() else {
        return;
    };
    let index = match picker.shown.get(picker.cursor) {
        Some(&index) => index,
        None => match picker.own_value() {
            Some(word) => {
                picker.items.insert(0, PickerItem { word, chosen: false });
                picker.input = Input::default();
                narrow(picker);
                0
            }
            None => return,
        },
    };
    let single = !picker.row.is_list();
    let chosen = !picker.items[index].chosen;
    if single {
        picker.items.iter_mut().for_each(|item| item.chosen = false);
    }
    picker.items[index].chosen = chosen;
    set(&mut state.filters.active, picker.row, &picker.items);
    filters::changed(state, effects);
}

fn set(active: &mut Filters, row: FilterRow, items: &[PickerItem]) {
    let chosen = || items.iter().filter(|item| item.chosen).map(|item| item.word.clone());
    match row {
        FilterRow::Genres => active.genres = chosen().collect(),
        FilterRow::Moods => active.moods = chosen().collect(),
        FilterRow::Instruments => active.instruments = chosen().collect(),
        FilterRow::Energy => active.energy = chosen().next().map(|word| Energy::from(word.as_str())),
        FilterRow::Vocals => active.has_vocals = chosen().next().map(|word| word == vocals_word(true)),
        FilterRow::MinBpm => active.min_bpm = chosen().next().and_then(|word| word.parse().ok()),
        FilterRow::MaxBpm => active.max_bpm = chosen().next().and_then(|word| word.parse().ok()),
    }
}
