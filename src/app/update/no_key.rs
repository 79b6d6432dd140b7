//! A first start without a key: the sandbox, or a key of one's own.

use super::Effect;
use crate::input::{Key, KeyPress};
use crate::state::{Leaving, Popup, State};

/// A key while the choice is on top.
pub(super) fn key(state: &mut State, key: &KeyPress, effects: &mut Vec<Effect>) {
    let Some(Popup::NoKey(entry)) = state.popups.last_mut() else {
        return;
    };
    if entry.characters().is_some() {
        match key.key {
            Key::Esc => entry.leave(),
            Key::Backspace => entry.delete(),
            Key::Char('u') if key.ctrl => entry.begin(),
            Key::Tab | Key::BackTab => entry.keep_elsewhere(),
            Key::Char(c) if key.is_text() => entry.put(c.encode_utf8(&mut [0; 4])),
            Key::Enter => match entry.key() {
                Ok(given) => {
                    let keep = entry.keep();
                    state.popups.pop();
                    state.server.has_key = true;
                    state.account.key_place = Some("what was typed or pasted here".to_owned());
                    effects.push(Effect::UseKey { key: given, keep });
                }
                Err(error) => entry.problem = Some(error.to_string()),
            },
            _ => {}
        }
        return;
    }
    match key.key {
        Key::Char('s') if cfg!(feature = "sandbox") => {
            state.popups.pop();
            effects.push(Effect::StartSandbox);
        }
        Key::Char('k') => entry.begin(),
        Key::Char('q') => state.leaving = Leaving::Now,
        // Enter may be a key too many: nothing brings the choice back.
        Key::Esc => drop(state.popups.pop()),
        _ => {}
    }
}
