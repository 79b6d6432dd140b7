//! Draws the state. [`draw`] is pure: the same state gives the same frame, whatever time it is and however often it is called.
//!
//! One file for each pane, one for each popup; [`layout`] says where they go and [`theme`] what they look like.

pub(crate) mod account;
mod batches;
mod credits;
mod detail;
mod downloads;
mod filters;
pub(crate) mod format;
mod gauge;
pub mod layout;
mod line;
mod notice;
mod pane;
mod player;
mod pointer;
mod popups;
mod query;
mod results;
mod slider;
mod spinner;
mod status;
mod textbox;
pub mod theme;
mod waveform;
mod wrap;

use ratatui::Frame;

pub use layout::{Class, Layout};
pub use pointer::{Target, target};
pub(crate) use popups::FULL_TRACK_HINT;
pub use popups::furthest_scroll;
pub(crate) use query::chip_words;
pub use theme::{Colors, Theme};

use crate::state::State;

/// How many rows of the results are on the screen.
pub fn results_height(state: &State) -> usize {
    layout::results_height(state.size, state)
}

/// Whether a confirmation is shown with all that it has to tell, at a size in columns and rows. In a smaller window nothing can be bought.
pub fn can_ask(size: (u16, u16)) -> bool {
    size.0 >= 40 && size.1 >= 11
}

/// Draws the whole screen.
pub fn draw(frame: &mut Frame, state: &State, theme: &Theme) {
    let area = frame.area();
    let layout = Layout::of((area.width, area.height), state.focus, !state.downloads.is_empty());
    frame.buffer_mut().set_style(area, theme.text);
    if layout.class == Class::TooSmall {
        notice::draw(frame.buffer_mut(), area, state, theme);
        return;
    }
    query::draw(frame, &layout, state, theme);
    let buf = frame.buffer_mut();
    if let Some(area) = layout.credits {
        credits::draw(buf, area, state, theme);
    }
    // Where there is no room for both, the filters lie over the rows while they have the focus.
    if layout.filters != Some(layout.results) {
        results::draw(buf, &layout, state, theme);
    }
    if let Some(area) = layout.filters {
        filters::draw(buf, area, state, theme);
    }
    if let Some(area) = layout.downloads {
        downloads::draw(buf, area, state, theme);
    }
    if let Some(area) = layout.detail {
        detail::draw(buf, area, state, theme);
    }
    if let Some(area) = layout.player {
        player::draw(buf, area, state, theme);
    }
    status::draw(buf, layout.status, state, theme);
    popups::draw(frame, state, theme);
}
