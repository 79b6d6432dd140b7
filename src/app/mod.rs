//! The loop, the messages that drive it, and `update`: what a message does to the state.

mod effect;
mod message;
mod run;
mod update;
mod wake;
mod wish;

pub use effect::{Effect, ReceiptWork};
pub use message::{BatchNews, DownloadNews, Failed, Memory, Message, Mouse, SearchNews};
pub(crate) use run::sleep_until;
pub use run::{Outcome, Tui};
pub use update::update;
pub use wake::next_wake;
pub use wish::Wish;
