//! The keys of the configuration over the default ones.

use toml::{Table, Value};

use super::keymap::{Keymap, KeymapError, parse_key};
use super::{Action, Context, Key, KeyPress};

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
            let context = Context::ALL.into_iter().find(|context| context.name() == place).ok_or_else(|| {
                wrong(format!(
                    "there is no place named [keys.{place}]; places are global, query, filters and results"
                ))
            })?;
            let table = table
                .as_table()
                .ok_or_else(|| wrong(format!("[keys.{place}] has to be a section: an action and its keys on each line")))?;
            keymap.change(context, table)?;
        }
        let unreachable = keymap.unreachable();
        Ok((keymap, unreachable))
    }

    fn change(&mut self, context: Context, table: &Table) -> Result<(), KeymapError> {
        let mut given: Vec<(KeyPress, Action)> = Vec::new();
        for (name, keys) in table {
            let action = action(context, name)?;
            if action == Action::Ask {
                return Err(wrong(
                    "[keys.query] ask stays Enter: it is the one key that can spend a credit without a question".to_owned(),
                ));
            }
            let keys = keys_of(context, name, keys)?;
            self.release(|binding| binding.action == action);
            for key in keys {
                if let Some((_, first)) = given.iter().find(|(taken, _)| *taken == key) {
                    // Written twice, or in two ways.
                    if *first == action {
                        continue;
                    }
                    return Err(wrong(format!(
                        "in [keys.{}], {key} is given to both {} and {}",
                        context.name(),
                        first.name(),
                        action.name()
                    )));
                }
                given.push((key, action));
            }
        }
        for (key, action) in given {
            if context == Context::Query && self.action(Context::Query, &key) == Some(Action::Ask) {
                return Err(wrong(format!(
                    "[keys.query] {} cannot be {key}: that key asks Trackyard",
                    action.name()
                )));
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
            for place in [Context::Filters, Context::Results] {
                let keys: Vec<&KeyPress> = self.keys(*action).collect();
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

/// The key that terminals send for this one, if they cannot tell them apart. `^j` and `^h` are not among them: in raw mode Enter comes as a
/// carriage return, and Backspace as a delete.
fn twin(key: &KeyPress) -> Option<&'static str> {
    match key.key {
        Key::Char('m') if key.ctrl => Some("Enter"),
        Key::Char('[') if key.ctrl => Some("Esc"),
        _ => None,
    }
}

fn wrong(text: String) -> KeymapError {
    KeymapError(text)
}

fn action(context: Context, name: &str) -> Result<Action, KeymapError> {
    let here = || Action::ALL.iter().copied().filter(|action| action.context() == context);
    if let Some(action) = here().find(|action| action.name() == name) {
        return Ok(action);
    }
    let place = context.name();
    let elsewhere = Action::ALL.iter().find(|action| action.name() == name);
    if let Some(action) = elsewhere {
        let home = action.context().name();
        return Err(wrong(format!(
            "[keys.{place}] has no action named {name}; it belongs to [keys.{home}]"
        )));
    }
    let nearest = here()
        .map(|action| (strsim::jaro_winkler(action.name(), name), action.name()))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.75);
    let hint = nearest.map_or_else(String::new, |(_, known)| format!("; did you mean {known}?"));
    Err(wrong(format!("[keys.{place}] has no action named {name}{hint}")))
}

/// One key in quotes, or a list of them.
fn keys_of(context: Context, name: &str, value: &Value) -> Result<Vec<KeyPress>, KeymapError> {
    let not_keys = || {
        wrong(format!(
            "[keys.{}] {name} has to be a key in quotes, or a list of them: [\"x\", \"ctrl-x\"]",
            context.name()
        ))
    };
    let texts: Vec<&str> = match value {
        Value::String(key) => vec![key],
        Value::Array(keys) => keys.iter().map(Value::as_str).collect::<Option<_>>().ok_or_else(not_keys)?,
        _ => return Err(not_keys()),
    };
    let keys: Vec<KeyPress> = texts
        .into_iter()
        .map(|text| parse_key(text).map_err(|error| wrong(format!("[keys.{}] {name}: {error}", context.name()))))
        .collect::<Result<_, _>>()?;
    let typed = keys.iter().find(|key| key.is_text());
    if let Some(key) = typed.filter(|_| context == Context::Query) {
        return Err(wrong(format!(
            "[keys.query] {name} cannot be {key}: in the query box that is text; add ctrl- or alt-"
        )));
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
            ("[reslts]\ndown = 'j'", "no place named [keys.reslts]"),
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
            assert!(error.0.contains(words), "{text}: {error}");
        }
    }
}
