//! A key that is typed: nothing of it is shown.

use std::io::Write;

use crate::app::{Effect, Message};
use crate::input::Key;
use crate::plain::{From, Plain, pages};
use crate::state::Popup;
use crate::term::Unseen;

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// The next line is a key: nothing of it is shown. It is kept where the rest of this line says.
    pub(super) fn expect_key(&mut self, place: &str) {
        let in_keyring = place.eq_ignore_ascii_case("keyring");
        if !place.is_empty() && !in_keyring {
            // It may be the key itself, so it is not repeated.
            return self.fail("Say key, or key keyring, and nothing else in that line; the next one is for the key, and is not shown.");
        }
        let no_keyring = match self.state.popups.last() {
            Some(Popup::NoKey(entry)) if in_keyring => entry.no_keyring().map(ToOwned::to_owned),
            _ => None,
        };
        if let Some(why) = no_keyring {
            return self.fail(&why);
        }
        if self.from == From::Terminal {
            match Unseen::begin() {
                Ok(unseen) => self.told.unseen = Some(unseen),
                Err(why) => {
                    self.fail(&format!(
                        "The key would be seen as you type it here ({why}): set TRACKYARD_API_KEY instead."
                    ));
                    return;
                }
            }
        }
        self.key(Key::Char('k'));
        if in_keyring {
            self.key(Key::Tab);
        }
        self.told.key_next = true;
        self.say("Paste or type the key and press Enter; it is not shown.");
    }

    pub(super) fn take_key(&mut self, line: &str) {
        self.told.unseen = None;
        self.take(Message::Paste(line.trim().to_owned()));
        self.key(Key::Enter);
        if let Some(Popup::NoKey(entry)) = self.state.popups.last() {
            let problem = entry.problem.clone();
            self.key(Key::Esc);
            self.fail(&problem.unwrap_or_else(|| "That is no key.".to_owned()));
            self.say_all(pages::no_key(&self.state));
        }
    }
}
