//! The keys of the configuration over the default ones.

use toml::{Table, Value};

use super::keymap::{Keymap, KeymapError, parse_key};
use super::{Action, Context, Key, KeyPress};
use crate::text::did_you_mean;

impl Keymap {
    /// The default keys, changed by the section `[keys]` of the configuration: a table for each place, an action's name, and
    /// its keys, which replace the default ones; an empty list takes them away. A key that was given to one action is taken
    /// from the others of its place. The second value tells what cannot be reached any more: actions without any key, actions that
    /// other keys cover where they are wanted, and keys that never come.
    ///
    /// # Errors
    /// [`KeymapError`], which names the place and the nearest right name: an unknown place, action or key, one key given to two
    /// actions of a place, and any change of `ask`, the one key that can spend.
    pub fn customised(section: &Table) -> Result<(Self, Vec<String>), KeymapError> {
        let mut keymap = Self::standard();
        for (place, table) in section {
            let context = Context::ALL
                .into_iter()
                .find(|context| context.name() == place)
                .ok_or_else(|| unknown_place(place))?;
            let table = table.as_table().ok_or_else(|| {
                KeymapError::new(format!("[keys.{place}] has to be a section: an action and its keys on each line")).at(&[place])
            })?;
            keymap.change(context, table)?;
        }
        let unreachable = keymap.unreachable();
        Ok((keymap, unreachable))
    }

    fn change(&mut self, context: Context, table: &Table) -> Result<(), KeymapError> {
        let place = context.name();
        let mut given: Vec<(KeyPress, Action)> = Vec::new();
        for (name, keys) in table {
            let wrong = |text: String| KeymapError::new(text).at(&[place, name]);
            let action = action(context, name)?;
            if action == Action::Ask {
                return Err(wrong(
                    "[keys.query] ask stays Enter: it is the one key that can spend a credit without a question".to_owned(),
                ));
            }
            let keys = keys_of(context, name, keys).map_err(wrong)?;
            self.release(|binding| binding.action == action);
            for key in keys {
                if let Some((_, first)) = given.iter().find(|(taken, _)| *taken == key) {
                    // Written twice, or in two ways.
                    if *first == action {
                        continue;
                    }
                    return Err(wrong(format!(
                        "in [keys.{place}], {key} is given to both {} and {name}",
                        first.name()
                    )));
                }
                given.push((key, action));
            }
        }
        for (key, action) in given {
            if context == Context::Query && self.action(Context::Query, &key) == Some(Action::Ask) {
                let name = action.name();
                let text = format!("[keys.query] {name} cannot be {key}: that key asks Trackyard");
                return Err(KeymapError::new(text).at(&[place, name]));
            }
            self.release(|binding| binding.action.context() == context && binding.key == key);
            self.bind(context, key, action)?;
        }
        self.sort();
        Ok(())
    }

    /// What no key reaches, each in a few words.
    fn unreachable(&self) -> Vec<String> {
        let name = |action: Action| format!("{}.{}", action.context().name(), action.name());
        let mut told: Vec<String> = Action::ALL
            .iter()
            .filter(|action| self.keys(**action).next().is_none())
            .map(|action| format!("{} has no key", name(*action)))
            .collect();
        // A key of a place comes before the same one of [keys.global].
        for action in Action::ALL.iter().filter(|action| action.context() == Context::Global) {
            for place in [Context::Query, Context::Filters, Context::Results] {
                // In the query box a character is text, whatever the keymap says.
                let is_key = |key: &&KeyPress| place != Context::Query || !key.is_text();
                let keys: Vec<&KeyPress> = self.keys(*action).filter(is_key).collect();
                let covered = |key: &&KeyPress| self.action(place, key) != Some(*action);
                if let Some(first) = keys.first().filter(|_| keys.iter().all(covered))
                    && let Some(other) = self.action(place, first)
                {
                    told.push(format!(
                        "{} is out of reach in {}: {first} does {} there",
                        name(*action),
                        place.name(),
                        other.name()
                    ));
                }
            }
        }
        for binding in self.bindings() {
            let (key, action) = (&binding.key, binding.action);
            // Leaving by ^c comes before everything.
            if action != Action::Interrupt && self.action(Context::Query, key) == Some(Action::Interrupt) {
                told.push(format!("{} never gets {key}: that key quits", name(action)));
            } else if let Some(twin) = twin(key) {
                told.push(format!("{} may never get {key}: most terminals send it as {twin}", name(action)));
            }
        }
        told
    }
}

/// What terminals send for this key, if they cannot tell it from another one. Only those that report keys the new way (kitty's) can. `^j` and
/// `^h` are not among them: in raw mode Enter comes as a carriage return, and Backspace as a delete.
fn twin(key: &KeyPress) -> Option<String> {
    let other = |other: Key, ctrl: bool| Some(KeyPress { key: other, ctrl, ..*key }.to_string());
    match key.key {
        Key::Esc if key.ctrl || key.alt => Some(KeyPress::plain(Key::Esc).to_string()),
        Key::Char('[' | 'O') if key.alt && !key.ctrl => Some("the beginning of another key".to_owned()),
        _ if !key.ctrl => None,
        Key::Enter | Key::Char('m') => other(Key::Enter, false),
        Key::Tab => other(Key::Tab, false),
        Key::BackTab => other(Key::BackTab, false),
        Key::Backspace => other(Key::Char('h'), true),
        Key::Char('8' | '?') => other(Key::Backspace, false),
        Key::Char('[' | '3') => other(Key::Esc, false),
        Key::Char('@' | '2') => other(Key::Char(' '), true),
        Key::Char('\\') => other(Key::Char('4'), true),
        Key::Char(']') => other(Key::Char('5'), true),
        Key::Char('^') => other(Key::Char('6'), true),
        Key::Char('_' | '/') => other(Key::Char('7'), true),
        Key::Char('a'..='z' | ' ' | '4'..='7') => None,
        Key::Char(c) => other(Key::Char(c), false),
        _ => None,
    }
}

fn unknown_place(place: &str) -> KeymapError {
    let nearest = did_you_mean(place, Context::ALL.into_iter().map(Context::name));
    let hint = if nearest.is_empty() {
        "; places are global, query, filters and results"
    } else {
        nearest.as_str()
    };
    KeymapError::new(format!("there is no place named [keys.{place}]{hint}")).at(&[place])
}

fn action(context: Context, name: &str) -> Result<Action, KeymapError> {
    let here = || Action::ALL.iter().copied().filter(|action| action.context() == context);
    if let Some(action) = here().find(|action| action.name() == name) {
        return Ok(action);
    }
    let place = context.name();
    let wrong = |text: String| Err(KeymapError::new(text).at(&[place, name]));
    let elsewhere = Action::ALL.iter().find(|action| action.name() == name);
    if let Some(action) = elsewhere {
        let home = action.context().name();
        return wrong(format!("[keys.{place}] has no action named {name}; it belongs to [keys.{home}]"));
    }
    let hint = did_you_mean(name, here().map(Action::name));
    wrong(format!("[keys.{place}] has no action named {name}{hint}"))
}

/// One key in quotes, or a list of them; else what is wrong with it.
fn keys_of(context: Context, name: &str, value: &Value) -> Result<Vec<KeyPress>, String> {
    let not_keys = || {
        format!(
            "[keys.{}] {name} has to be a key in quotes, or a list of them: [\"x\", \"ctrl-x\"]",
            context.name()
        )
    };
    let texts: Vec<&str> = match value {
        Value::String(key) => vec![key],
        Value::Array(keys) => keys.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(not_keys)?,
        _ => return Err(not_keys()),
    };
    let keys: Vec<KeyPress> = texts
        .into_iter()
        .map(|text| parse_key(text).map_err(|error| format!("[keys.{}] {name}: {error}", context.name())))
        .collect::<Result<_, _>>()?;
    let typed = keys.iter().find(|key| key.is_text());
    if let Some(key) = typed.filter(|_| context == Context::Query) {
        return Err(format!(
            "[keys.query] {name} cannot be {key}: in the query box that is text; add ctrl- or alt-"
        ));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(text: &str) -> Result<(Keymap, Vec<String>), KeymapError> {
        Keymap::customised(&toml::from_str(text).unwrap())
    }

    #[test]
    fn keys_of_the_user_replace_the_default_ones_and_help_shows_them() {
        let (keymap, silent) = custom("[results]\ndown = 'n'\nnext-unheard = ['ctrl-n']").unwrap();
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('n')), Some(Action::Down));
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('j')), None);
        assert_eq!(keymap.action(Context::Results, &KeyPress::ctrl('n')), Some(Action::NextUnheard));
        let shown: Vec<String> = keymap.keys(Action::Down).map(ToString::to_string).collect();
        assert_eq!((shown, silent), (vec!["n".to_owned()], vec![]));
    }

    #[test]
    fn a_key_is_taken_from_the_action_that_had_it_and_that_is_told() {
        let (keymap, silent) = custom("[results]\ndown = ['n', 'j']").unwrap();
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('n')), Some(Action::Down));
        assert_eq!(silent, ["results.next-unheard has no key"]);
        let (_, silent) = custom("[global]\nquit = []").unwrap();
        assert_eq!(silent, ["global.quit has no key"]);
    }

    #[test]
    fn what_cannot_be_reached_is_told() {
        for (text, told) in [
            (
                "[results]\ndown = 'q'",
                &["global.quit is out of reach in results: q does down there"][..],
            ),
            ("[results]\ndown = ['q', 'j']\n[global]\nquit = ['q', 'Q']", &[]),
            (
                "[results]\ncopy = 'ctrl-c'",
                &[
                    "results.copy never gets ^c: that key quits",
                    "global.interrupt is out of reach in results: ^c does copy there",
                ],
            ),
            (
                "[global]\nhelp = 'ctrl-m'",
                &["global.help may never get ^m: most terminals send it as Enter"],
            ),
            ("[global]\nhelp = ['?', 'ctrl-g']", &[]),
            (
                "[global]\nredraw = 'ctrl-Enter'\ntasks = 'ctrl-Tab'\nhelp = 'ctrl-Backspace'\ntour = 'ctrl-Esc'\nquit = 'ctrl-1'\nmessage = 'ctrl-]'",
                &[
                    "global.redraw may never get ^Enter: most terminals send it as Enter",
                    "global.tasks may never get ^Tab: most terminals send it as Tab",
                    "global.help may never get ^Backspace: most terminals send it as ^h",
                    "global.tour may never get ^Esc: most terminals send it as Esc",
                    "global.quit may never get ^1: most terminals send it as 1",
                    "global.message may never get ^]: most terminals send it as ^5",
                ],
            ),
            (
                "[results]\nsort = 'alt-ctrl-m'\ncopy = 'alt-Esc'\npeak = 'alt-['",
                &[
                    "results.sort may never get ^⌥m: most terminals send it as ⌥Enter",
                    "results.copy may never get ⌥Esc: most terminals send it as Esc",
                    "results.peak may never get ⌥[: most terminals send it as the beginning of another key",
                ],
            ),
            // These are sent as themselves.
            (
                "[results]\nlast = ['ctrl-End', 'alt-Enter', 'alt-Backspace', 'ctrl-Space', 'ctrl-5', 'ctrl-F5', 'ctrl-Delete', 'ctrl-Left', 'alt-o']",
                &[],
            ),
            (
                "[query]\nclear-query = 'Esc'",
                &["global.back is out of reach in query: Esc does clear-query there"],
            ),
            // Text in the query box is no key that could be covered there, and another key is left.
            ("[query]\nclear-query = 'Esc'\n[global]\nback = ['b', 'Esc', 'alt-b']", &[]),
            (
                "[query]\nclear-query = 'Esc'\n[global]\nback = ['b', 'Esc']",
                &["global.back is out of reach in query: Esc does clear-query there"],
            ),
            // A line feed and a backspace are no Enter and no Backspace.
            ("[global]\nhelp = ['?', 'ctrl-j', 'ctrl-h']", &[]),
        ] {
            let (_, mut unreachable) = custom(text).unwrap();
            let mut told: Vec<String> = told.iter().map(ToString::to_string).collect();
            unreachable.sort();
            told.sort();
            assert_eq!(unreachable, told, "{text}");
        }
    }

    #[test]
    fn a_key_that_is_written_twice_is_one() {
        let (keymap, silent) = custom("[results]\ndown = ['j', 'ctrl-a', 'j', 'ctrl-A']").unwrap();
        let shown: Vec<String> = keymap.keys(Action::Down).map(ToString::to_string).collect();
        assert_eq!((shown, silent), (vec!["j".to_owned(), "^a".to_owned()], vec![]));
    }

    #[test]
    fn the_order_of_actions_does_not_matter_when_keys_are_exchanged() {
        let (keymap, silent) = custom("[results]\ndown = 'k'\nup = 'j'").unwrap();
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('k')), Some(Action::Down));
        assert_eq!(keymap.action(Context::Results, &KeyPress::char('j')), Some(Action::Up));
        assert_eq!(silent, Vec::<String>::new());
    }

    #[test]
    fn the_key_that_can_spend_stays_where_it_is() {
        for text in ["[query]\nask = 'ctrl-x'", "[query]\nask = []", "[query]\nclear-query = 'Enter'"] {
            assert!(custom(text).is_err(), "{text}");
        }
        let (keymap, _) = custom("[query]\nclear-query = 'ctrl-x'").unwrap();
        assert_eq!(keymap.action(Context::Query, &KeyPress::plain(Key::Enter)), Some(Action::Ask));
    }

    #[test]
    fn mistakes_are_named_with_the_nearest_right_name() {
        for (text, words) in [
            ("[reslts]\ndown = 'j'", "no place named [keys.reslts]; did you mean results?"),
            (
                "[popups]\ndown = 'j'",
                "no place named [keys.popups]; places are global, query, filters and results",
            ),
            ("[results]\ndwn = 'j'", "did you mean down?"),
            ("[results]\nquit = 'Q'", "it belongs to [keys.global]"),
            ("[results]\ndown = 'hyper-j'", "“hyper-j” is no key"),
            ("[results]\ndown = 7", "a key in quotes"),
            ("[results]\ndown = ['j', 7]", "a key in quotes"),
            ("[results]\ndown = 'j'\nup = 'j'", "j is given to both"),
            ("[query]\nclear-query = 'x'", "that is text"),
            ("results = 'vi'", "has to be a section"),
        ] {
            let error = custom(text).map(|_| ()).unwrap_err();
            assert!(error.text.contains(words), "{text}: {error}");
        }
    }
}
