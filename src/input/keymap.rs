//! The keymap: which key does what where. The default one is `assets/keymap.toml`.

use super::{Action, Context, KeyPress};

/// One key and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: KeyPress,
    /// What it does.
    pub action: Action,
}

/// Two actions on one key in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Where.
    pub context: Context,
    /// The key.
    pub key: KeyPress,
    /// The action that has it.
    pub first: Action,
    /// The action that wants it too.
    pub second: Action,
}

/// Why a keymap cannot be used; the text names the line to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeymapError(pub String);

/// Which key does what.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// The default keys, from `assets/keymap.toml`.
    pub fn standard() -> Self {
        todo!("app")
    }

    /// What a key does in a context; a context's own keys come before the global ones. The query box has no global keys.
    pub fn action(&self, context: Context, key: &KeyPress) -> Option<Action> {
        let _ = (context, key);
        todo!("app")
    }

    /// The keys of an action, the first one to be shown first.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = &KeyPress> {
        self.bindings
            .iter()
            .filter(move |binding| binding.action == action)
            .map(|binding| &binding.key)
    }

    /// All bindings in the order of the file.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}
