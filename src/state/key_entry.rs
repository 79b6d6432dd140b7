//! A key being typed or pasted: nothing shows it, `Debug` neither.

use std::fmt;

use crate::api::{ApiKey, InvalidKey};

/// Longer than any key.
const LONGEST: usize = 512;

/// The choice at a first start without a key, and the key that is being given.
#[derive(Clone, Default)]
pub struct KeyEntry {
    text: Option<String>,
    /// Why the last one cannot be one.
    pub problem: Option<String>,
}

impl KeyEntry {
    /// The box opens, empty.
    pub fn begin(&mut self) {
        *self = Self {
            text: Some(String::new()),
            problem: None,
        };
    }

    /// Back to the choice.
    pub fn leave(&mut self) {
        *self = Self::default();
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
