//! Words about the briefs of a batch, one after the other. Free.

use std::io::Write;
use std::path::PathBuf;

use crate::app::{Effect, Wish};
use crate::input::Action;
use crate::plain::{Plain, pages};
use crate::state::Popup;

/// What to say first.
const NONE_OPEN: &str = "No briefs are open: say briefs and the path of a file of them.";

/// Asks for all that is missing. A file of that name has a path: `./ask`.
const ASK: &str = "ask";

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// `briefs`: reads those that are open, goes to one, opens a file of them, or asks about asking all that is missing.
    pub(super) fn briefs(&mut self, rest: &str) {
        let rest = rest.trim_matches(['"', '\'']);
        let open = self.state.briefs.as_ref();
        if rest.is_empty() {
            let lines = open.map_or_else(|| vec![NONE_OPEN.to_owned()], |list| pages::briefs(list, &self.state));
            return self.say_all(lines);
        }
        if rest == ASK {
            return match open {
                Some(_) => self.wish(Wish::AskBriefs),
                None => self.fail(NONE_OPEN),
            };
        }
        let Ok(number) = rest.trim_start_matches('#').parse::<usize>() else {
            return self.wish(Wish::Briefs(PathBuf::from(rest)));
        };
        let Some(count) = open.map(|list| list.briefs.len()) else {
            return self.fail(NONE_OPEN);
        };
        if number == 0 || number > count {
            return self.fail(&format!("There is no brief {number}: the list ends with {count}."));
        }
        self.wish(Wish::Brief(number - 1));
        self.tell_brief();
    }

    /// The next brief or the one before.
    pub(super) fn step_brief(&mut self, action: Action) {
        let before = self.at_hand();
        if before.is_none() {
            return self.fail(NONE_OPEN);
        }
        self.act(action);
        if self.at_hand() != before {
            self.tell_brief();
        }
    }

    /// The place of the brief at hand.
    fn at_hand(&self) -> Option<usize> {
        self.state.briefs.as_ref().map(|list| list.at)
    }

    /// A file of briefs was opened, or it could not be.
    pub(in crate::plain) fn tell_briefs(&mut self, opened: bool) {
        if opened {
            let lines = self.state.briefs.as_ref().map(pages::briefs_opened);
            self.say_all(lines.unwrap_or_default());
            self.tell_brief();
        } else if let Some(Popup::Briefs(view)) = self.state.popups.last() {
            let problem = view.problem.clone();
            self.close();
            if let Some(problem) = problem {
                self.fail(&problem);
            }
        }
    }

    /// Tells the brief at hand. What asking it costs is told as after `search`, if it has no answer yet.
    fn tell_brief(&mut self) {
        let Some(list) = &self.state.briefs else { return };
        let Some(brief) = list.briefs.get(list.at) else { return };
        let unasked = brief.age_seconds.is_none();
        let line = pages::brief(list, brief);
        self.told.next_row = 0;
        self.told.offer = None;
        self.told.pricing = unasked;
        self.say(&line);
        if unasked {
            // What cannot be asked is known at once.
            self.tell_price();
        }
    }
}
