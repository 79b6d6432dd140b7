//! The terminal itself: taken, given back whatever happens, suspended, and its clipboard.

mod background;
mod clipboard;
mod echo;
mod events;
mod log;
mod notify;
mod pasted;
mod screen;
mod signals;
mod typed;

pub use background::{Background, Picked, ask_background};
pub use clipboard::copy;
pub use echo::Unseen;
pub use events::{Events, events};
pub use log::{QuietStderr, start_log};
pub use notify::Notify;
pub use screen::{Guard, can_be_asked, contain, install_panic_hook, is_terminal};
pub use signals::{ended, interrupted, suspend, terminated};
pub use typed::forget_typed_ahead;
