//! The API key: a secret that is never printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::text::hex;

/// A Trackyard API key. `Debug` prints only its fingerprint.
#[derive(Clone)]
pub struct ApiKey(SecretString);

/// Why a string cannot be an API key. Never holds the string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Nothing but white space.
    #[error("the API key is empty")]
    Empty,
    /// A character that cannot stand in an HTTP header.
    #[error(
        "the API key has a line break, a space or another character in it that no key has; copy it again from app.trackyard.com/api-keys"
    )]
    BadCharacter,
}

impl ApiKey {
    /// Takes a key as it stands in the environment or a file. White space around it is not part of it, a line break inside is refused.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is empty or holds anything but visible ASCII.
    pub fn new(raw: &str) -> Result<Self, InvalidKey> {
        let trimmed = raw.trim_matches([' ', '\t']);
        if trimmed.trim().is_empty() {
            return Err(InvalidKey::Empty);
        }
        if !trimmed.chars().all(|c| c.is_ascii_graphic()) {
            return Err(InvalidKey::BadCharacter);
        }
        Ok(Self(SecretString::from(trimmed.to_owned())))
    }

    /// A short fingerprint (the first 12 hex digits of its SHA-256) that tells keys apart in the ledger and cannot be turned back.
    pub fn fingerprint(&self) -> String {
        let hash = Sha256::digest(self.0.expose_secret().as_bytes());
        hex(&hash)[..12].to_owned()
    }

    /// The text without the key, should a server have put it there.
    pub(super) fn redact(&self, text: &str) -> String {
        // What is shorter is no secret, and may be part of any word.
        const SHORTEST: usize = 8;
        let key = self.0.expose_secret();
        if key.len() < SHORTEST {
            text.to_owned()
        } else {
            text.replace(key, "[API key]")
        }
    }

    /// A document without the key, should a server have put it there.
    pub(super) fn redact_all(&self, document: &mut Value) {
        match document {
            Value::String(text) if text.contains(self.0.expose_secret()) => *text = self.redact(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_all(item)),
            Value::Object(fields) => {
                let cleared = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                    self.redact_all(&mut value);
                    (self.redact(&name), value)
                });
                *fields = cleared.collect();
            }
            _ => {}
        }
    }

    /// The key itself, for the file or the keyring that keeps it.
    pub(crate) fn secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value of the `Authorization` header. Only the client asks for it.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0.expose_secret())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApiKey({})", self.fingerprint())
    }
}

impl PartialEq for ApiKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}
