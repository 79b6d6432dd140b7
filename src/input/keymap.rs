//! The keymap: which key does what where. The default one is `assets/keymap.toml`.

use std::collections::{BTreeMap, HashMap};

use super::{Action, Context, Key, KeyPress};

/// One key and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The key.
    pub key: KeyPress,
    /// What it does.
    pub action: Action,
}

/// Why a keymap cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct KeymapError {
    /// What to change, by its name.
    pub text: String,
    /// The names that lead to what is wrong: a place, and a name in it. As short as what is known.
    pub at: Vec<String>,
}

impl KeymapError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            at: Vec::new(),
        }
    }

    pub(super) fn at(self, names: &[&str]) -> Self {
        Self {
            at: names.iter().map(|name| (*name).to_owned()).collect(),
            ..self
        }
    }
}

/// Which key does what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    bindings: Vec<Binding>,
    by_key: HashMap<(Context, KeyPress), Action>,
}

/// A keymap as it is written: place → action → keys.
type Written = BTreeMap<String, BTreeMap<String, Vec<String>>>;

impl Keymap {
    /// The default keys as they are written.
    pub const STANDARD: &str = include_str!("../../assets/keymap.toml");

    /// The default keys, from `assets/keymap.toml`. A test keeps that file readable; one that is not would leave no keys.
    pub fn standard() -> Self {
        Self::parse(Self::STANDARD).unwrap_or_default()
    }

    /// Reads a keymap.
    ///
    /// # Errors
    /// [`KeymapError`] for what is no TOML, an unknown place, action or key, an action in the wrong place, or one key for two actions in one place.
    pub fn parse(toml: &str) -> Result<Self, KeymapError> {
        let written: Written = toml::from_str(toml).map_err(|error| KeymapError::new(error.to_string()))?;
        let mut keymap = Self::default();
        for context in Context::ALL {
            let Some(table) = written.get(context.name()) else { continue };
            for (name, keys) in table {
                let action = Action::ALL
                    .iter()
                    .copied()
                    .find(|action| action.name() == name && action.context() == context)
                    .ok_or_else(|| KeymapError::new(format!("[{}] has no action named “{name}”", context.name())))?;
                for key in keys {
                    keymap.bind(context, parse_key(key)?, action)?;
                }
            }
        }
        if let Some(unknown) = written
            .keys()
            .find(|name| Context::ALL.iter().all(|context| context.name() != *name))
        {
            return Err(KeymapError::new(format!(
                "there is no place named [{unknown}]; places are global, query, filters and results"
            )));
        }
        keymap.sort();
        Ok(keymap)
    }

    pub(super) fn sort(&mut self) {
        self.bindings.sort_by_key(|binding| binding.action);
    }

    /// Takes keys away.
    pub(super) fn release(&mut self, which: impl Fn(&Binding) -> bool) {
        let by_key = &mut self.by_key;
        self.bindings.retain(|binding| {
            let goes = which(binding);
            if goes {
                by_key.remove(&(binding.action.context(), binding.key));
            }
            !goes
        });
    }

    pub(super) fn bind(&mut self, context: Context, key: KeyPress, action: Action) -> Result<(), KeymapError> {
        if let Some(first) = self.by_key.insert((context, key), action) {
            return Err(KeymapError::new(format!(
                "in [{}], {key} is bound to both {} and {}",
                context.name(),
                first.name(),
                action.name()
            )));
        }
        self.bindings.push(Binding { key, action });
        Ok(())
    }

    /// What a key does in a context; a context's own keys come before the global ones. In the query box a plain character is text, so only
    /// other keys are looked up globally there.
    pub fn action(&self, context: Context, key: &KeyPress) -> Option<Action> {
        let key = KeyPress { repeated: false, ..*key };
        if let Some(action) = self.by_key.get(&(context, key)) {
            return Some(*action);
        }
        let is_text = context == Context::Query && key.is_text();
        if is_text {
            return None;
        }
        self.by_key.get(&(Context::Global, key)).copied()
    }

    /// The key that means in every list what this one does in the results, if it moves there: an arrow up or down, Home, End, PgUp or PgDn.
    pub fn move_of(&self, key: &KeyPress) -> Option<Key> {
        Some(match self.action(Context::Results, key)? {
            Action::Down => Key::Down,
            Action::Up => Key::Up,
            Action::First => Key::Home,
            Action::Last => Key::End,
            Action::HalfDown | Action::PageDown => Key::PageDown,
            Action::HalfUp | Action::PageUp => Key::PageUp,
            _ => return None,
        })
    }

    /// The keys of an action, the first one to be shown first.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = &KeyPress> {
        self.bindings
            .iter()
            .filter(move |binding| binding.action == action)
            .map(|binding| &binding.key)
    }

    /// All bindings, in the order of the help page.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }
}

/// Reads a key as the keymap file writes it.
pub(super) fn parse_key(text: &str) -> Result<KeyPress, KeymapError> {
    let mut press = KeyPress::plain(Key::Esc);
    let mut shift = false;
    let mut rest = text;
    loop {
        if let Some(after) = rest.strip_prefix("ctrl-").filter(|after| !after.is_empty()) {
            press.ctrl = true;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("alt-").filter(|after| !after.is_empty()) {
            press.alt = true;
            rest = after;
        } else if let Some(after) = rest.strip_prefix("shift-").filter(|after| !after.is_empty()) {
            shift = true;
            rest = after;
        } else {
            break;
        }
    }
    let mut chars = rest.chars();
    press.key = match (chars.next(), chars.next()) {
        // Terminals send the same for both cases.
        (Some(c), None) if press.ctrl => Key::Char(c.to_ascii_lowercase()),
        (Some(c), None) if shift && c.is_ascii_alphabetic() => Key::Char(c.to_ascii_uppercase()),
        // What shift makes of it depends on the keyboard.
        (Some(_), None) if shift => return Err(without_shift(text)),
        (Some(c), None) => Key::Char(c),
        _ => {
            let key = named_key(rest, shift)
                .ok_or_else(|| KeymapError::new(format!("“{text}” is no key; write it like d, ctrl-d, F5, Enter or PageUp")))?;
            if shift && key != Key::BackTab {
                return Err(without_shift(text));
            }
            key
        }
    };
    // Terminals cannot tell Ctrl-I from Tab.
    if press.ctrl && press.key == Key::Char('i') {
        press = KeyPress::plain(Key::Tab);
    }
    Ok(press)
}

fn without_shift(text: &str) -> KeymapError {
    KeymapError::new(format!(
        "“{text}” cannot be told from the same key without shift-: shift- goes with Tab and the letters a to z; write any other character as it is typed"
    ))
}

fn named_key(name: &str, shift: bool) -> Option<Key> {
    Some(match name.to_lowercase().as_str() {
        "enter" => Key::Enter,
        "esc" => Key::Esc,
        "tab" if shift => Key::BackTab,
        "tab" => Key::Tab,
        "backspace" => Key::Backspace,
        "delete" => Key::Delete,
        "left" => Key::Left,
        "right" => Key::Right,
        "up" => Key::Up,
        "down" => Key::Down,
        "home" => Key::Home,
        "end" => Key::End,
        "pageup" => Key::PageUp,
        "pagedown" => Key::PageDown,
        "space" => Key::Char(' '),
        other => Key::F(other.strip_prefix('f')?.parse().ok().filter(|n| (1..=12).contains(n))?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_keymap_binds_every_action() {
        let keymap = Keymap::parse(Keymap::STANDARD).unwrap();
        for action in Action::ALL {
            assert!(keymap.keys(*action).next().is_some(), "{} has no key", action.name());
        }
    }

    #[test]
    fn a_plain_character_in_the_query_box_is_text_and_ctrl_c_is_not() {
        let keymap = Keymap::standard();
        assert_eq!(keymap.action(Context::Query, &KeyPress::char('q')), None);
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('q')), Some(Action::Quit));
        assert_eq!(keymap.action(Context::Query, &KeyPress::ctrl('c')), Some(Action::Interrupt));
        assert_eq!(keymap.action(Context::Query, &KeyPress::ctrl('u')), Some(Action::ClearQuery));
        assert_eq!(keymap.action(Context::Results, &KeyPress::ctrl('u')), Some(Action::HalfUp));
    }

    #[test]
    fn a_held_key_does_what_the_pressed_one_does() {
        let held = KeyPress {
            repeated: true,
            ..KeyPress::char('j')
        };
        assert_eq!(Keymap::standard().action(Context::Results, &held), Some(Action::Down));
    }

    #[test]
    fn one_key_for_two_actions_is_refused_by_name() {
        let error = Keymap::parse("[results]\ndown = [\"j\"]\nup = [\"j\"]").unwrap_err();
        assert_eq!(error.text, "in [results], j is bound to both down and up");
    }

    #[test]
    fn unknown_places_actions_and_keys_are_named() {
        assert!(Keymap::parse("[nowhere]\ndown = [\"j\"]").unwrap_err().text.contains("[nowhere]"));
        assert!(Keymap::parse("[results]\nfly = [\"j\"]").unwrap_err().text.contains("“fly”"));
        assert!(
            Keymap::parse("[results]\ndown = [\"hyper-j\"]")
                .unwrap_err()
                .text
                .contains("“hyper-j”")
        );
    }

    #[test]
    fn ctrl_i_is_tab() {
        assert_eq!(parse_key("ctrl-i"), Ok(KeyPress::plain(Key::Tab)));
        assert_eq!(parse_key("shift-Tab"), Ok(KeyPress::plain(Key::BackTab)));
        assert_eq!(parse_key("-"), Ok(KeyPress::char('-')));
    }

    #[test]
    fn a_key_is_taken_as_terminals_send_it() {
        use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
        let sent = |code, modifiers| KeyPress::from_terminal(&KeyEvent::new(code, modifiers)).unwrap();
        let (ctrl, shift) = (KeyModifiers::CONTROL, KeyModifiers::SHIFT);
        for (written, pressed) in [
            ("ctrl-a", sent(KeyCode::Char('a'), ctrl)),
            ("ctrl-A", sent(KeyCode::Char('A'), ctrl)),
            ("ctrl-shift-a", sent(KeyCode::Char('A'), ctrl | shift)),
            ("shift-a", sent(KeyCode::Char('A'), shift)),
            ("A", sent(KeyCode::Char('A'), KeyModifiers::NONE)),
            ("shift-Tab", sent(KeyCode::BackTab, shift)),
        ] {
            assert_eq!(parse_key(written), Ok(pressed), "{written}");
        }
    }

    #[test]
    fn a_shift_that_cannot_be_seen_is_refused() {
        for written in ["shift-Enter", "shift-Up", "shift-F5", "shift-Space", "shift-1", "alt-shift-Left"] {
            let error = parse_key(written).unwrap_err();
            assert!(error.text.contains(written), "{error}");
            assert!(error.text.contains("without shift-"), "{error}");
        }
    }
}
