//! A key being typed or pasted: nothing shows it, `Debug` neither.

use std::fmt;

use crate::api::{ApiKey, InvalidKey};
use crate::config::KeepIn;

/// Longer than any key.
const LONGEST: usize = 512;

/// The choice at a first start without a key, and the key that is being given.
#[derive(Clone, Default)]
pub struct KeyEntry {
    text: Option<String>,
    keep: KeepIn,
    no_keyring: Option<String>,
    /// Why the keyring gave none, or why the last one that was given cannot be one.
    pub problem: Option<String>,
}

impl KeyEntry {
    /// The choice: why no key can be kept in the keyring (`None`: it can), and why the keyring gave none if it was asked.
    pub fn new(no_keyring: Option<String>, problem: Option<String>) -> Self {
        Self {
            no_keyring,
            problem,
            ..Self::default()
        }
    }

    /// The box opens, empty.
    pub fn begin(&mut self) {
        self.text = Some(String::new());
        self.problem = None;
    }

    /// Back to the choice.
    pub fn leave(&mut self) {
        *self = Self::new(self.no_keyring.take(), None);
    }

    /// Where the key will be kept.
    pub fn keep(&self) -> KeepIn {
        self.keep
    }

    /// Why no key can be kept in the keyring; `None`: it can.
    pub fn no_keyring(&self) -> Option<&str> {
        self.no_keyring.as_deref()
    }

    /// It will be kept in the other place, if there is one.
    pub fn keep_elsewhere(&mut self) {
        self.keep = match self.keep {
            KeepIn::File if self.no_keyring.is_none() => KeepIn::Keyring,
            KeepIn::File | KeepIn::Keyring => KeepIn::File,
        };
    }

    /// How many characters are there; `None`: the box is not open.
    pub fn characters(&self) -> Option<usize> {
        self.text.as_ref().map(|text| text.chars().count())
    }

    /// Takes in what was typed or pasted, without the white space around it.
    pub fn put(&mut self, more: &str) {
        if let Some(text) = &mut self.text {
            text.extend(more.trim().chars().take(LONGEST - text.len().min(LONGEST)));
        }
    }

    /// Takes the last character away.
    pub fn delete(&mut self) {
        if let Some(text) = &mut self.text {
            text.pop();
        }
    }

    /// The key.
    ///
    /// # Errors
    /// Why it cannot be one.
    pub fn key(&self) -> Result<ApiKey, InvalidKey> {
        ApiKey::new(self.text.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEntry")
            .field("characters", &self.characters())
            .finish_non_exhaustive()
    }
}
