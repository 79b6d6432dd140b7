//! A spinner that turns with the state's own time.

use crate::state::Moment;

const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How long one picture stands, in milliseconds.
const FRAME_MS: u64 = 100;

/// The picture of a moment.
pub fn glyph(now: Moment) -> &'static str {
    FRAMES[(now.0 / FRAME_MS) as usize % FRAMES.len()]
}

/// Whole seconds left until a moment, rounded up.
pub fn seconds_left(now: Moment, until: Moment) -> u64 {
    until.since(now).div_ceil(1000)
}
