//! The explicit acts that make a permit: Enter in the query box, a confirmation, a command of the command line.
//!
//! Each takes evidence, so that an act cannot be claimed by code that only wants a permit.

pub use super::confirmation::Confirmed;
use crate::cli::Consent;
use crate::input::KeyPress;

/// Enter was pressed in the query box.
///
/// ```compile_fail,E0451
/// let forged = trackyard_tui::spend::acts::Entered { _private: () };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Entered {
    _private: (),
}

impl Entered {
    /// The act, if this key is Enter, pressed by hand: a repeat, a release or a pasted line break is none.
    pub fn from_key(key: &KeyPress) -> Option<Self> {
        key.is_fresh_enter().then_some(Self { _private: () })
    }
}

/// A paid command was given on the command line.
///
/// ```compile_fail,E0451
/// let forged = trackyard_tui::spend::acts::Commanded { _private: () };
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Commanded {
    _private: (),
}

impl Commanded {
    /// The act, given the consent that the command line parser made: `search` itself, or `--yes`, or a typed yes.
    pub fn from_consent(_consent: Consent) -> Self {
        Self { _private: () }
    }
}
