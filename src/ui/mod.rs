//! Draws the state.

use ratatui::Frame;

use crate::state::State;

/// Colours.
#[derive(Debug, Clone, Default)]
pub struct Theme {}

/// Draws the state: the same state gives the same frame.
pub fn draw(_frame: &mut Frame, _state: &State, _theme: &Theme) {}

/// How many rows of the list of tracks are on the screen.
pub fn results_height(_state: &State) -> usize {
    10
}
