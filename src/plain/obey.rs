//! What a line does: it becomes what the screen's keys would have said.

mod briefs;
mod keys;
mod listening;
mod places;
mod searching;
mod tasks;
mod tracks;

use std::io::Write;

use super::line::{Line, Verb, read};
use super::{Plain, pages, tell};
use crate::app::{Effect, Message, Wish};
use crate::input::{Action, Context, Key, KeyPress};
use crate::state::{Leaving, Popup};

/// Whether this line leaves the search whose price was told. What only reads, plays or goes to a track does not, nor does a search, which has a
/// price of its own.
fn leaves_offer(line: &Line) -> bool {
    match line {
        Line::Blank | Line::Number(_) => false,
        Line::Verb(Verb::Ask, rest) => !rest.is_empty(),
        Line::Verb(Verb::Search, rest) => rest.is_empty(),
        Line::Verb(verb, _) => !matches!(
            verb,
            Verb::Filter
                | Verb::Earlier
                | Verb::List
                | Verb::Describe
                | Verb::Next
                | Verb::Previous
                | Verb::Unheard
                | Verb::Sort
                | Verb::Play
                | Verb::Pause
                | Verb::Seek
                | Verb::Peak
                | Verb::Volume
                | Verb::Where
                | Verb::Wait
                | Verb::Downloads
                | Verb::Tasks
                | Verb::Account
                | Verb::Usage
                | Verb::Receipts
                | Verb::Message
                | Verb::Help
        ),
        Line::Act(_) | Line::Unknown(..) => true,
    }
}

/// Whether this word leaves open what is open: it only reads something, or is about the sound.
fn stays(verb: Verb, rest: &str) -> bool {
    match verb {
        Verb::Help
        | Verb::Message
        | Verb::Where
        | Verb::Pause
        | Verb::Volume
        | Verb::Seek
        | Verb::Wait
        | Verb::Downloads
        | Verb::Tasks
        | Verb::Tour => true,
        Verb::Cancel => !rest.is_empty(),
        _ => false,
    }
}

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// Does what a line says.
    pub(super) fn obey(&mut self, line: &str) {
        self.told.wait = None;
        if std::mem::take(&mut self.told.key_next) {
            self.take_key(line);
            return;
        }
        if self.told.question.is_some() && self.answer(line) {
            if !line.trim().is_empty() {
                self.told.offer = None;
            }
            return;
        }
        let before = self.told.lines;
        let said = read(line);
        let leaves_offer = leaves_offer(&said);
        match said {
            Line::Blank => return,
            Line::Number(number) => self.number(number),
            Line::Verb(verb, rest) => self.verb(verb, &rest),
            Line::Act(action) => self.act_by_name(action),
            Line::Unknown(word, _) if ["buy", "leave"].contains(&word.as_str()) => {
                self.fail(&format!("Nothing is asked about that {word} would answer."));
            }
            Line::Unknown(word, nearest) => {
                let hint = nearest.map_or_else(String::new, |name| format!(" Did you mean {name}?"));
                self.fail(&format!("“{word}” is no word here.{hint} Say help to hear all of them."));
            }
        }
        // Whatever a line was about: what was told the price of has to be what stands in the box.
        if leaves_offer || self.told.offer != self.state.request_in_box().ok() {
            self.told.offer = None;
        }
        if self.told.lines == before && *self.at_work.borrow() == 0 && self.messages.is_empty() {
            self.done(line);
        }
    }

    /// A line that changed something and told nothing: what holds now.
    fn done(&mut self, line: &str) {
        match read(line) {
            Line::Act(Action::VolumeUp | Action::VolumeDown | Action::Mute) => self.say(&tell::volume(&self.state)),
            Line::Act(action) if action.context() == Context::Results => self.say_all(tell::sound(&self.state)),
            _ => {}
        }
    }

    /// A line while a question is open. `true`: it was an answer; any other line leaves the question and does what it says.
    fn answer(&mut self, line: &str) -> bool {
        let Some((_, word)) = self.told.question.clone() else {
            return false;
        };
        let said = line.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if said.is_empty() {
            return true;
        }
        let yes = !word.is_empty() && said == word;
        if yes && self.now() < self.told.answer_from {
            self.fail(&format!(
                "That was said before the question could be heard, and does not count. Say {word} again, or anything else."
            ));
            return true;
        }
        if yes {
            self.key(Key::Char('y'));
            return true;
        }
        let about_money = matches!(self.state.popups.last(), Some(Popup::Confirm { .. }));
        self.close();
        if about_money {
            self.say("Left it: nothing spent.");
        }
        matches!(said.as_str(), "no" | "n" | "cancel" | "stay" | "close")
    }

    fn verb(&mut self, verb: Verb, rest: &str) {
        if self.in_place(verb, rest) {
            return;
        }
        if !stays(verb, rest) {
            self.close_all();
        }
        match verb {
            Verb::Search | Verb::Ask | Verb::Near | Verb::More | Verb::Again | Verb::Filter | Verb::Earlier => {
                self.searching(verb, rest);
            }
            Verb::List | Verb::Describe | Verb::Next | Verb::Previous | Verb::Up | Verb::Down | Verb::Unheard | Verb::Sort => {
                self.tracks(verb, rest);
            }
            Verb::Play | Verb::Pause | Verb::Seek | Verb::Peak | Verb::Loop | Verb::Volume | Verb::Auto | Verb::Where | Verb::Wait => {
                self.listening(verb, rest);
            }
            Verb::Like => self.on_track(rest, Action::Alike),
            Verb::Copy => self.on_track(rest, Action::Copy),
            Verb::Shortlist => self.on_track(rest, Action::Shortlist),
            Verb::Reject => self.on_track(rest, Action::Reject),
            Verb::Clip => self.on_track(rest, Action::FitClip),
            Verb::Download => self.on_track(rest, Action::Download),
            Verb::Shortlists => self.act(Action::Shortlists),
            Verb::Project if rest.is_empty() => self.say(&format!("The project at hand is {}.", self.state.project.clone())),
            Verb::Project => {
                self.act(Action::Shortlists);
                self.wish(Wish::Project(rest.to_owned()));
            }
            Verb::Briefs => self.briefs(rest),
            Verb::Downloads => self.say_all(tell::downloads(&self.state)),
            Verb::Tasks => self.tasks(),
            Verb::Cancel => self.cancel(rest),
            Verb::Account => {
                self.act(Action::Account);
                if self.state.offline {
                    self.say_all(tell::account(&self.state));
                    self.close();
                }
            }
            Verb::Usage => self.act(Action::Usage),
            Verb::Receipts => self.receipts(rest),
            Verb::Message => {
                let last = self.state.status.last.clone();
                self.say(&last.unwrap_or_else(|| "Nothing was said yet.".to_owned()));
            }
            Verb::Help => self.say_all(pages::help(&rest.to_lowercase())),
            Verb::Tour => self.tour(),
            Verb::Quit => self.quit(),
            Verb::Sandbox | Verb::Key => self.fail(&format!("There is a key already; {} is for a start without one.", verb.name())),
            Verb::Note
            | Verb::Remove
            | Verb::Undo
            | Verb::Compare
            | Verb::Export
            | Verb::Take
            | Verb::Length
            | Verb::Hit
            | Verb::Film
            | Verb::Rehearse
            | Verb::Cut => self.fail(&format!(
                "{} is for an open shortlist, list or clip: say shortlists, like or clip first.",
                verb.name()
            )),
            Verb::Close => self.say("Nothing is open."),
        }
    }

    fn receipts(&mut self, rest: &str) {
        let key = match rest {
            "" => None,
            "export" => Some('e'),
            "check" => Some('v'),
            "note" => Some('c'),
            _ => return self.fail("Say receipts, receipts export, receipts check or receipts note."),
        };
        self.act(Action::Receipts);
        if let Some(key) = key {
            self.key(Key::Char(key));
            self.close();
        }
    }

    fn act_by_name(&mut self, action: Action) {
        if action.context() != Context::Global {
            self.close_all();
        }
        match action {
            Action::Down
            | Action::Up
            | Action::First
            | Action::Last
            | Action::HalfDown
            | Action::HalfUp
            | Action::PageDown
            | Action::PageUp
            | Action::NextUnheard
            | Action::PreviousUnheard => self.move_by(action),
            Action::NextBrief | Action::PreviousBrief => self.step_brief(action),
            Action::Quit => self.quit(),
            action => self.act(action),
        }
    }

    /// Starts the tour, or ends it.
    fn tour(&mut self) {
        let on = self.state.tour.is_none();
        if !on {
            self.say("The tour is out of the way. Say tour to start it again.");
        }
        self.wish(Wish::Tour(on));
    }

    fn quit(&mut self) {
        self.act(Action::Quit);
        if self.state.leaving == Leaving::Now {
            self.say("Good bye.");
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.take(Message::Act(action));
    }

    pub(super) fn wish(&mut self, wish: Wish) {
        self.take(Message::Wish(wish));
    }

    fn key(&mut self, key: Key) {
        self.take(Message::Key(KeyPress::plain(key)));
    }

    /// Closes what is on top.
    pub(super) fn close(&mut self) {
        self.key(Key::Esc);
    }

    /// Closes everything that is open, but the choice without a key.
    pub(super) fn close_all(&mut self) {
        for _ in 0..self.state.popups.len() {
            if self.state.popups.last().is_some_and(|popup| !matches!(popup, Popup::NoKey(_))) {
                self.close();
            }
        }
    }
}
