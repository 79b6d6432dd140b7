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
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Color, Style};

use super::theme::Theme;
use crate::spend::{Button, Confirmation};
use crate::state::{Ask, KeyEntry, Popup, State};

/// Draws them all, the top one last, and places the text cursor where a box of that one takes the keys.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme) {
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
        let cursor = paint(frame.buffer_mut(), popup, state, theme);
        if let Some(cursor) = cursor.filter(|_| is_top) {
            frame.set_cursor_position(cursor);
        }
    }
}

/// Draws one of them, and says where the text cursor is, if a box in it is open.
fn paint(buf: &mut Buffer, popup: &Popup, state: &State, theme: &Theme) -> Option<Position> {
    let moves = || window::moves(popup, &state.keymap);
    match popup {
        Popup::Clip(panel) => return clip::draw(buf, panel, state, theme),
        Popup::Picker(picker) => return choice::draw_picker(buf, picker, theme),
        Popup::Palette(palette) => return choice::draw_palette(buf, palette, state, theme),
        Popup::Briefs(view) => return briefs::draw(buf, view, state, theme),
        Popup::Shortlist(view) => return shortlist::draw(buf, view, &moves(), state, theme),
        Popup::Confirm { ask, confirmation } => confirm::draw(buf, ask, confirmation, state, theme),
        Popup::Alike(view) => alike::draw(buf, view, &moves(), state, theme),
        Popup::Help(help) => help::draw(buf, help, &moves(), state, theme),
        Popup::Error(error) => error::draw(buf, error, theme),
        Popup::Account => account::draw(buf, state, theme),
        Popup::Usage(view) => usage::draw(buf, view, theme),
        Popup::Receipts(view) => receipts::draw(buf, view, theme),
        Popup::Tasks(view) => tasks::draw(buf, *view, state, theme),
        Popup::Quit(quitting) => quit::draw(buf, quitting, state.now, theme),
        Popup::NoKey(entry) => no_key::draw(buf, entry, theme),
    }
    None
}

/// Whether this place is in a popup: it is drawn once more, alone, on a ground that nothing in it has.
pub fn covers(popup: &Popup, state: &State, at: Position) -> bool {
    let ground = Color::Indexed(1);
    let mut buf = Buffer::empty(screen(state));
    buf.set_style(buf.area, Style::new().bg(ground));
    paint(&mut buf, popup, state, &Theme::mono());
    buf.cell(at).is_some_and(|cell| cell.bg != ground)
}

/// The button of a confirmation that is drawn at this place.
pub fn button_at(ask: &Ask, confirmation: &Confirmation, state: &State, at: Position) -> Option<Button> {
    confirm::button_at(ask, confirmation, state, at)
}

/// The key of the first choice whose line is drawn at this place.
pub fn key_at(entry: &KeyEntry, state: &State, at: Position) -> Option<char> {
    no_key::key_at(entry, screen(state), at)
}

/// The entry at this place in a popup's list that has a cursor, by its place in the list, counted from 0.
pub fn entry_at(popup: &Popup, state: &State, at: Position) -> Option<usize> {
    let screen = screen(state);
    let seen = match popup {
        Popup::Picker(picker) => choice::picker_on_screen(screen, picker),
        Popup::Palette(palette) => choice::palette_on_screen(screen, palette),
        Popup::Alike(view) => alike::on_screen(screen, view),
        // What is typed is about the entry under the cursor, which stays there meanwhile.
        Popup::Shortlist(view) if view.typing.is_none() => shortlist::on_screen(screen, view),
        Popup::Briefs(view) if view.typing.is_none() => {
            briefs::on_screen(screen, view, state.briefs.as_ref().map_or(0, |list| list.briefs.len()))
        }
        Popup::Tasks(view) => tasks::on_screen(screen, *view, state.tasks().len()),
        _ => return None,
    };
    let mut seen = seen.into_iter();
    seen.find(|(_, rows)| window::bar(*rows).contains(at)).map(|(index, _)| index)
}

fn screen(state: &State) -> Rect {
    Rect::new(0, 0, state.size.0, state.size.1)
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
