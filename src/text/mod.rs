//! Every string from outside goes through here before it is drawn, printed or used in a name.

mod clean;
mod csv;
mod filename;
mod hex;
mod json;
mod nearest;
mod time;
mod width;

pub(crate) use clean::is_hidden;
pub use clean::{Clean, MAX_CHARS};
pub use csv::csv_cell;
pub use filename::file_stem;
pub(crate) use hex::hex;
pub use json::json;
pub(crate) use nearest::{did_you_mean, nearest};
pub use time::parse_seconds;
pub use width::{cut, pad, width};
