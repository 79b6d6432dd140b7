//! MP3 files as they are: their frames, and parts cut out of them without encoding anything again.

mod cut;
mod gain;
mod gapless;
mod header;
mod stream;

pub(crate) use header::Header;
pub use stream::{Stream, Unreadable};
