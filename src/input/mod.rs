//! From a terminal event to an action: keys, the keymap, and what each action is called.

mod action;
mod key;
mod keymap;
mod overrides;

pub use action::{Action, Context};
pub use key::{Key, KeyPress};
pub use keymap::{Binding, Keymap, KeymapError};
