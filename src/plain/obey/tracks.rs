//! Words about the tracks: reading them, going to them, and doing something with one.

use std::io::Write;

use crate::api::Track;
use crate::app::{Effect, Wish};
use crate::input::Action;
use crate::plain::line::Verb;
use crate::plain::{Plain, tell};
use crate::state::{Focus, Popup, Sort};

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    pub(super) fn tracks(&mut self, verb: Verb, rest: &str) {
        match verb {
            Verb::List => {
                let from = match rest {
                    "" => self.told.next_row,
                    rest => match rest.parse::<usize>() {
                        Ok(number) if number > 0 => number - 1,
                        _ => return self.fail("Say list, or list and the number of its first track."),
                    },
                };
                let count = self.state.results.rows.len();
                let from = if from < count { from } else { 0 };
                self.told.next_row = if from + tell::AT_ONCE < count { from + tell::AT_ONCE } else { 0 };
                self.say_all(tell::rows(&self.state, from));
            }
            Verb::Describe => {
                if let Some(track) = self.track_of(rest) {
                    self.say_all(tell::track(&track, &self.state));
                }
            }
            Verb::Next | Verb::Down => self.move_by(Action::Down),
            Verb::Previous | Verb::Up => self.move_by(Action::Up),
            Verb::Unheard => self.move_by(Action::NextUnheard),
            _ => {
                let order = match rest.to_lowercase().as_str() {
                    "" => self.state.results.sort.next(),
                    "match" => Sort::BestMatch,
                    "bpm" => Sort::Bpm,
                    "length" => Sort::Length,
                    "title" => Sort::Title,
                    "energy" => Sort::Energy,
                    _ => return self.fail("Say sort match, bpm, length, title or energy."),
                };
                self.wish(Wish::Sort(order));
                self.told.next_row = 0;
                self.say(&format!("Sorted: {}.", self.state.results.sort.name()));
            }
        }
    }

    /// Moves the cursor, and says where it is.
    pub(super) fn move_by(&mut self, action: Action) {
        let before = self.state.results.selected;
        self.act(action);
        if self.state.results.rows.is_empty() {
            self.say_all(tell::rows(&self.state, 0));
        } else if self.state.results.selected != before {
            self.tell_here();
        } else if !matches!(action, Action::NextUnheard | Action::PreviousUnheard) {
            self.say("There are no more in this direction.");
        }
    }

    fn tell_here(&mut self) {
        let at = self.state.results.selected;
        if let Some(track) = self.state.results.track(at).cloned() {
            self.say(&tell::row(at + 1, &track, &self.state));
        }
    }

    /// A number alone: to that line of what is open.
    pub(super) fn number(&mut self, number: usize) {
        let lines = match self.state.popups.last() {
            Some(Popup::Shortlist(view)) => view.entries.len(),
            Some(Popup::Alike(view)) => view.found.len(),
            _ => {
                self.close_all();
                if self.select(number) {
                    self.tell_here();
                }
                return;
            }
        };
        if number == 0 || number > lines {
            self.fail(&format!("There is no {number} here: it ends with {lines}."));
            return;
        }
        self.wish(Wish::Line(number - 1));
    }

    /// The cursor on the track with this number.
    fn select(&mut self, number: usize) -> bool {
        let count = self.state.results.rows.len();
        if number == 0 || number > count {
            self.fail(&match count {
                0 => "There are no tracks yet. Say search, and what you are looking for.".to_owned(),
                count => format!("There is no track {number}: the list ends with {count}."),
            });
            return false;
        }
        if number - 1 != self.state.results.selected || self.state.focus != Focus::Results {
            self.wish(Wish::Row(number - 1));
        }
        true
    }

    /// The track with this number, or the one under the cursor; the cursor stays.
    fn track_of(&mut self, rest: &str) -> Option<Track> {
        let row = match rest.trim_start_matches('#') {
            "" => Some(self.state.results.selected),
            number => number.parse::<usize>().ok().and_then(|number| number.checked_sub(1)),
        };
        let found = row.and_then(|row| self.state.results.track(row)).map(|track| Track::clone(track));
        if found.is_none() {
            self.fail("There is no such track. Say list to hear which there are.");
        }
        found
    }

    /// An action on the track with this number, or the one under the cursor.
    pub(super) fn on_track(&mut self, rest: &str, action: Action) {
        if !rest.is_empty() {
            match rest.trim_start_matches('#').parse() {
                Ok(number) if self.select(number) => {}
                Ok(_) => return,
                Err(_) => return self.fail(&format!("“{rest}” is no number of a track.")),
            }
        }
        if self.state.selected().is_none() {
            return self.fail("There are no tracks yet. Say search, and what you are looking for.");
        }
        self.act(action);
    }
}
