//! From the promise of a file to the file: its place is made before anything is sent ([`place`]), its bytes are taken in
//! ([`body`]), looked through ([`mp3`]), given what tags they lack ([`tags`]) and put in their place ([`settle`]).

mod body;
mod mp3;
mod name;
mod place;
mod settle;
mod tags;

pub(in crate::spend) use body::{Body, Received};
pub use name::file_name;
pub use place::Target;
pub(in crate::spend) use place::{MOST_NAMES, Place, every_name_is_taken, numbered};
pub(crate) use place::{put, waiting_file};
pub(in crate::spend) use settle::{Settled, settle};
