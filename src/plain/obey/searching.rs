//! Words about searching: what it costs, asking, and filters.

use std::io::Write;

use crate::app::{Effect, Wish};
use crate::input::{Action, Key};
use crate::plain::filter::{self, Wanted};
use crate::plain::line::Verb;
use crate::plain::{Plain, tell};
use crate::state::Price;
use crate::ui::format;

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    pub(super) fn searching(&mut self, verb: Verb, rest: &str) {
        match verb {
            Verb::Search if rest.is_empty() => self.fail("Say search, and what you are looking for."),
            Verb::Search => {
                self.told.offer = None;
                self.told.pricing = true;
                self.wish(Wish::Words(rest.to_owned()));
                // What cannot be asked is known at once.
                self.tell_price();
            }
            Verb::Ask if rest.is_empty() => self.ask(),
            Verb::Ask => self.fail(&format!("Nothing is asked about that ask {rest} would answer.")),
            Verb::Near if self.state.query.near.is_some() => self.act(Action::ShowNear),
            Verb::Near => self.fail("Nothing nearly the same was asked before."),
            Verb::More | Verb::Again if self.state.results.request.is_none() => {
                self.fail("There is no answer to go on with: say search and what you are looking for, then ask.");
            }
            Verb::More => self.act(Action::NextPage),
            Verb::Again => self.act(Action::Refresh),
            Verb::Filter => self.filter(rest),
            _ => {
                let queries: Vec<String> = self.state.query.history.iter().rev().take(tell::AT_ONCE).cloned().collect();
                if queries.is_empty() {
                    self.say("Nothing was searched for yet.");
                }
                self.say_all(queries);
            }
        }
    }

    /// `ask`: Enter in the query box, for the very request whose price was told.
    fn ask(&mut self) {
        let Some(offer) = self.told.offer.clone() else {
            self.fail("There is nothing to ask: say search and what you are looking for first.");
            return;
        };
        if self.now() < self.told.answer_from {
            self.fail("That was said before the price could be heard, and does not count. Say ask once more.");
            return;
        }
        if self.state.request_in_box().as_ref() != Ok(&offer) {
            self.told.offer = None;
            self.fail("Words or filters are others now: say search again to hear what they cost.");
            return;
        }
        match &self.state.query.price {
            Price::OneCredit => {}
            Price::Checking => return self.fail("What it costs is being looked up anew. Say ask once more."),
            // It is not what was told any more: that is told, and nothing is asked.
            _ => {
                self.told.offer = None;
                self.told.pricing = true;
                return self.tell_price();
            }
        }
        self.told.offer = None;
        self.act(Action::FocusQuery);
        self.say(&format!("Asking {}.", format::server_name(&self.state.server)));
        self.key(Key::Enter);
    }

    fn filter(&mut self, rest: &str) {
        match filter::wanted(rest, &self.state.filters.active, &self.state.filters.vocabulary) {
            Ok(Wanted::Told) => self.say(&tell::filters(&self.state.filters.active)),
            Ok(Wanted::Values(name, known)) => {
                let line = if known.is_empty() {
                    format!("No {name} are known yet; any can be said.")
                } else {
                    format!("Known {name}: {}. Others can be said too.", known.join(", "))
                };
                self.say(&line);
            }
            Ok(Wanted::Set(filters)) => {
                self.wish(Wish::Filters(filters));
                self.told.next_row = 0;
                self.say(&tell::filters(&self.state.filters.active));
                let results = &self.state.results;
                if !results.all.is_empty() {
                    let (rows, all) = (results.rows.len(), results.all.len());
                    let line = format!("{} of {all} {}.", format::count(rows, "track"), tell::pass(rows));
                    self.say(&line);
                }
            }
            Err(why) => self.fail(&why),
        }
    }
}
