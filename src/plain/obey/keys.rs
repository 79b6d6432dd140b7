//! A key that is typed: nothing of it is shown.

use std::io::Write;

use crate::app::{Effect, Message};
use crate::input::Key;
use crate::plain::{From, Plain, pages};
use crate::state::Popup;
use crate::term::Unseen;

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// The next line is a key: nothing of it is shown.
    pub(super) fn expect_key(&mut self) {
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
            self.say_all(pages::no_key());
        }
    }
}
