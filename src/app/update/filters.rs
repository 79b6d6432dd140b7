//! The filters pane.

use super::{Effect, list, picker, query};
use crate::api::{Energy, Filters};
use crate::input::Action;
use crate::state::{BPM_MAX, BPM_MIN, Chip, FilterRow, State};

/// How much one key changes a tempo, in BPM.
const BPM_STEP: u16 = 5;
/// Where a slowest and a fastest tempo begin when a key first sets them, in BPM.
const FIRST_MIN: u16 = 60;
const FIRST_MAX: u16 = 140;

/// An action of the filters pane.
pub(super) fn act(state: &mut State, action: Action, effects: &mut Vec<Effect>) {
    let rows = FilterRow::ALL;
    let at = rows.iter().position(|row| *row == state.filters.row).unwrap_or(0);
    match action {
        Action::FilterDown => state.filters.row = rows[(at + 1).min(rows.len() - 1)],
        Action::FilterUp => state.filters.row = rows[at.saturating_sub(1)],
        Action::FilterLess => step(state, false, effects),
        Action::FilterMore => step(state, true, effects),
        Action::FilterPick => picker::open(state),
        Action::FilterClear => {
            clear(&mut state.filters.active, state.filters.row);
            changed(state, effects);
        }
        Action::FilterClearAll => {
            state.filters.active = Filters::default();
            changed(state, effects);
        }
        _ => {}
    }
}

/// Takes away the filter of a chip, by its place among the chips.
pub(super) fn drop_chip(state: &mut State, index: usize, effects: &mut Vec<Effect>) {
    if let Some(chip) = Chip::all(&state.filters.active).get(index) {
        chip.take_from(&mut state.filters.active);
        changed(state, effects);
    }
}

/// The filters are different: the rows narrow at once, for nothing, and Enter may cost something else.
pub(super) fn changed(state: &mut State, effects: &mut Vec<Effect>) {
    state.results.arrange(&state.filters.active);
    list::keep_in_view(state);
    query::changed(state, effects);
}

fn step(state: &mut State, more: bool, effects: &mut Vec<Effect>) {
    let active = &mut state.filters.active;
    match state.filters.row {
        FilterRow::Energy => {
            active.energy = next_of(
                &[None, Some(Energy::Low), Some(Energy::Medium), Some(Energy::High)],
                &active.energy,
                more,
            );
        }
        FilterRow::Vocals => active.has_vocals = next_of(&[None, Some(false), Some(true)], &active.has_vocals, more),
        FilterRow::MinBpm => {
            active.min_bpm = match (active.min_bpm, more) {
                (None, true) => Some(FIRST_MIN),
                (None, false) => None,
                (Some(bpm), true) => Some((bpm + BPM_STEP).min(BPM_MAX)),
                (Some(bpm), false) => Some(bpm.saturating_sub(BPM_STEP)).filter(|bpm| *bpm >= BPM_MIN),
            };
            active.max_bpm = active.max_bpm.map(|max| max.max(active.min_bpm.unwrap_or(0)));
        }
        FilterRow::MaxBpm => {
            active.max_bpm = match (active.max_bpm, more) {
                (None, false) => Some(FIRST_MAX),
                (None, true) => None,
                (Some(bpm), true) => Some(bpm + BPM_STEP).filter(|bpm| *bpm <= BPM_MAX),
                (Some(bpm), false) => Some(bpm.saturating_sub(BPM_STEP).max(BPM_MIN)),
            };
            active.min_bpm = active.min_bpm.map(|min| min.min(active.max_bpm.unwrap_or(BPM_MAX)));
        }
        FilterRow::Genres | FilterRow::Moods | FilterRow::Instruments => {
            picker::open(state);
            return;
        }
    }
    changed(state, effects);
}

/// The neighbour of a value in a list that ends at both ends.
fn next_of<T: Clone + PartialEq>(values: &[T], value: &T, more: bool) -> T {
    let at = values.iter().position(|known| known == value).unwrap_or(0);
    let to = if more {
        (at + 1).min(values.len() - 1)
    } else {
        at.saturating_sub(1)
    };
    values[to].clone()
}

/// Clears one filter.
pub(super) fn clear(filters: &mut Filters, row: FilterRow) {
    match row {
        FilterRow::Genres => filters.genres.clear(),
        FilterRow::Moods => filters.moods.clear(),
        FilterRow::Instruments => filters.instruments.clear(),
        FilterRow::Energy => filters.energy = None,
        FilterRow::Vocals => filters.has_vocals = None,
        FilterRow::MinBpm => filters.min_bpm = None,
        FilterRow::MaxBpm => filters.max_bpm = None,
    }
}
