//! Popups: a stack, each drawn over the last.

mod account;
mod alike;
mod briefs;
mod choice;
mod clip;
mod confirm;
mod error;
mod help;
mod no_key;
mod quit;
mod receipts;
mod shortlist;
mod tasks;
mod usage;
mod window;

pub(crate) use clip::FULL_TRACK_HINT;

use ratatui::Frame;
use ratatui::layout::Position;

use super::theme::Theme;
use crate::spend::{Button, Confirmation};
use crate::state::{Ask, Popup, State};

/// Draws them all, the top one last.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme) {
    let moves = |popup: &Popup| window::moves(popup, &state.keymap);
    for (index, popup) in state.popups.iter().enumerate() {
        let is_top = index + 1 == state.popups.len();
        // Rows change under a picker while it is open, so they stay readable.
        if index == 0 && !matches!(popup, Popup::Picker(_)) {
            window::dim_ground(frame.buffer_mut(), theme);
        }
        // A question stands before everything, the clip panel that led to it included.
        if index > 0 && matches!(popup, Popup::Confirm { .. }) {
            window::dim_ground(frame.buffer_mut(), theme);
        }
        match popup {
            Popup::Confirm { ask, confirmation } => confirm::draw(frame.buffer_mut(), ask, confirmation, state, theme),
            Popup::Alike(view) => alike::draw(frame.buffer_mut(), view, &moves(popup), state, theme),
            Popup::Clip(panel) => clip::draw(frame, panel, is_top, state, theme),
            Popup::Picker(picker) => choice::draw_picker(frame, picker, is_top, theme),
            Popup::Palette(palette) => choice::draw_palette(frame, palette, is_top, state, theme),
            Popup::Help(help) => help::draw(frame.buffer_mut(), help, &moves(popup), state, theme),
            Popup::Error(error) => error::draw(frame.buffer_mut(), error, theme),
            Popup::Account => account::draw(frame.buffer_mut(), state, theme),
            Popup::Usage(view) => usage::draw(frame.buffer_mut(), view, theme),
            Popup::Receipts(view) => receipts::draw(frame.buffer_mut(), view, theme),
            Popup::Briefs(view) => briefs::draw(frame, view, is_top, state, theme),
            Popup::Shortlist(view) => shortlist::draw(frame, view, &moves(popup), is_top, state, theme),
            Popup::Tasks(view) => tasks::draw(frame.buffer_mut(), *view, state, theme),
            Popup::Quit(quitting) => quit::draw(frame.buffer_mut(), quitting, state.now, theme),
            Popup::NoKey(entry) => no_key::draw(frame.buffer_mut(), entry, theme),
        }
    }
}

/// The button of a confirmation that is drawn at this place.
pub fn button_at(ask: &Ask, confirmation: &Confirmation, state: &State, at: Position) -> Option<Button> {
    confirm::button_at(ask, confirmation, state, at)
}

/// How far the top popup can be scrolled at the state's size, in lines; 0 for one that does not scroll.
pub fn furthest_scroll(state: &State) -> usize {
    let (lines, height) = match state.popups.last() {
        Some(Popup::Help(_)) => help::extent(state.size, state),
        Some(Popup::Usage(view)) => usage::extent(state.size, view),
        Some(Popup::Receipts(view)) => receipts::extent(state.size, view),
        _ => return 0,
    };
    lines.saturating_sub(height)
}
