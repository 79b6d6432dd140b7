//! What a line does: it becomes what the screen's keys would have said.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::filter::{self, Wanted};
use super::line::{Line, Verb, read};
use super::{Plain, pages, tell};
use crate::api::{SearchRequest, Track};
use crate::app::{Effect, Message, Wish};
use crate::input::{Action, Context, Key, KeyPress};
use crate::state::{Focus, Leaving, Popup, SEARCH_PAGE, Sort, State};
use crate::term;
use crate::text::parse_seconds;
use crate::ui::format;

/// What would be asked for what stands in the query box, if that can be asked.
pub(super) fn request_in_box(state: &State) -> Option<SearchRequest> {
    SearchRequest::new(state.query.text(), state.filters.active.clone(), SEARCH_PAGE, 0).ok()
}

/// Whether this line leaves the search whose price was told: any but the word that spends, and a search, which has a price of its own.
fn leaves_offer(line: &Line) -> bool {
    match line {
        Line::Blank => false,
        Line::Verb(Verb::Ask, rest) => !rest.is_empty(),
        Line::Verb(Verb::Search, rest) => rest.is_empty(),
        _ => true,
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
        if leaves_offer {
            self.told.offer = None;
        }
        if self.told.lines == before && *self.at_work.borrow() == 0 && self.messages.is_empty() {
            self.done(line);
        }
    }

    /// A line that changed something and told nothing: what holds now.
    fn done(&mut self, line: &str) {
        let about_sound = matches!(read(line), Line::Act(action) if action.context() == Context::Results);
        if about_sound {
            self.say_all(tell::sound(&self.state));
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
        if !matches!(
            verb,
            Verb::Help | Verb::Message | Verb::Where | Verb::Pause | Verb::Volume | Verb::Seek | Verb::Wait
        ) {
            self.close_all();
        }
        match verb {
            Verb::Search | Verb::Ask | Verb::Near | Verb::More | Verb::Again | Verb::Filter | Verb::Earlier | Verb::Cancel => {
                self.searching(verb, rest);
            }
            Verb::List | Verb::Describe | Verb::Next | Verb::Previous | Verb::Unheard | Verb::Sort => self.tracks(verb, rest),
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
            Verb::Downloads => self.say_all(tell::downloads(&self.state)),
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
            Verb::Quit => self.quit(),
            Verb::Sandbox | Verb::Key => self.fail(&format!("There is a key already; {} is for a start without one.", verb.name())),
            Verb::Note
            | Verb::Remove
            | Verb::Up
            | Verb::Down
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

    /// A word that means something where one is: in a shortlist, a list, a clip, or without a key.
    fn in_place(&mut self, verb: Verb, rest: &str) -> bool {
        let closes = matches!(verb, Verb::Close | Verb::Cancel);
        match self.state.popups.last() {
            None => false,
            Some(Popup::NoKey(_)) => {
                match verb {
                    Verb::Sandbox => self.key(Key::Char('s')),
                    Verb::Key => self.expect_key(),
                    Verb::Quit => self.key(Key::Char('q')),
                    Verb::Help => return false,
                    _ => self.say_all(pages::no_key()),
                }
                true
            }
            Some(_) if closes => {
                self.close();
                self.say("Closed.");
                true
            }
            Some(Popup::Shortlist(_)) => self.in_shortlist(verb, rest),
            Some(Popup::Alike(_)) => self.in_alike(verb),
            Some(Popup::Clip(_)) => self.in_clip(verb, rest),
            Some(_) => false,
        }
    }

    fn in_shortlist(&mut self, verb: Verb, rest: &str) -> bool {
        let key = match verb {
            Verb::List => return self.tell_place(),
            Verb::Note => {
                self.wish(Wish::Note(rest.to_owned()));
                return self.tell_place();
            }
            Verb::Project if !rest.is_empty() => {
                self.wish(Wish::Project(rest.to_owned()));
                return true;
            }
            Verb::Pause => Key::Char(' '),
            Verb::Play => Key::Enter,
            Verb::Next => Key::Down,
            Verb::Previous => Key::Up,
            Verb::Remove => Key::Char('x'),
            Verb::Up => Key::Char('K'),
            Verb::Down => Key::Char('J'),
            Verb::Compare => Key::Char('b'),
            Verb::Export => Key::Char('e'),
            Verb::Download => Key::Char('d'),
            Verb::Describe => return self.describe_line(),
            _ => return false,
        };
        self.key(key);
        if matches!(verb, Verb::Remove | Verb::Up | Verb::Down) {
            self.tell_place();
        }
        true
    }

    fn in_alike(&mut self, verb: Verb) -> bool {
        let key = match verb {
            Verb::List => return self.tell_place(),
            Verb::Describe => return self.describe_line(),
            Verb::Pause => Key::Char(' '),
            Verb::Next => Key::Down,
            Verb::Previous => Key::Up,
            Verb::Take => Key::Enter,
            _ => return false,
        };
        self.told.next_row = 0;
        self.key(key);
        true
    }

    fn in_clip(&mut self, verb: Verb, rest: &str) -> bool {
        match verb {
            Verb::Length => match parse_seconds(rest) {
                Some(seconds) => self.wish(Wish::ClipLength(seconds)),
                None => self.fail("Say length and seconds, as in length 30 or length 1:07."),
            },
            Verb::Hit if matches!(rest, "none" | "off") => self.wish(Wish::ClipHit(None)),
            Verb::Hit if rest == "here" => self.key(Key::Char('m')),
            Verb::Hit => match parse_seconds(rest) {
                Some(seconds) => self.wish(Wish::ClipHit(Some(seconds))),
                None => self.fail("Say hit and seconds, as in hit 12.5, or hit here, or hit none."),
            },
            Verb::Film if rest.is_empty() => self.fail("Say film and the path of a video or voice file."),
            Verb::Film => self.wish(Wish::ClipFilm(PathBuf::from(rest.trim_matches(['"', '\''])))),
            Verb::Rehearse | Verb::Play => self.key(Key::Enter),
            Verb::Pause => self.key(Key::Char(' ')),
            Verb::Cut => self.key(Key::Char('c')),
            Verb::Download => self.key(Key::Char('d')),
            Verb::Describe | Verb::List => return self.tell_place(),
            _ => return false,
        }
        true
    }

    /// Reads the list or the clip that is open.
    fn tell_place(&mut self) -> bool {
        let lines = match self.state.popups.last() {
            Some(Popup::Shortlist(view)) => pages::shortlist(view, &self.state),
            Some(Popup::Alike(view)) => pages::alike(view),
            Some(Popup::Clip(panel)) => pages::clip(panel, &self.state),
            _ => Vec::new(),
        };
        self.say_all(lines);
        true
    }

    /// Reads everything about the track under the cursor of the list that is open.
    fn describe_line(&mut self) -> bool {
        let track = match self.state.popups.last() {
            Some(Popup::Shortlist(view)) => view.entries.get(view.cursor).map(|entry| entry.track.clone()),
            Some(Popup::Alike(view)) => view.found.get(view.cursor).map(|alike| Track::clone(&alike.track)),
            _ => None,
        };
        let lines = track.map_or_else(|| vec!["There is no track.".to_owned()], |track| tell::track(&track, &self.state));
        self.say_all(lines);
        true
    }

    fn searching(&mut self, verb: Verb, rest: &str) {
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
            Verb::More => self.act(Action::NextPage),
            Verb::Again => self.act(Action::Refresh),
            Verb::Filter => self.filter(rest),
            Verb::Earlier => {
                let queries: Vec<String> = self.state.query.history.iter().rev().take(tell::AT_ONCE).cloned().collect();
                if queries.is_empty() {
                    self.say("Nothing was searched for yet.");
                }
                self.say_all(queries);
            }
            _ => {
                let offered = self.told.offer.take().is_some();
                let before = self.told.lines;
                self.act(Action::Back);
                if self.told.lines == before {
                    self.say(if offered {
                        "Left it: nothing spent."
                    } else {
                        "There is nothing to cancel."
                    });
                }
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
            self.fail("That was said before the price could be heard, and does not count. Say ask again.");
            return;
        }
        self.told.offer = None;
        if request_in_box(&self.state).as_ref() != Some(&offer) {
            self.fail("Words or filters are others now: say search again to hear what they cost.");
            return;
        }
        if self.state.focus != Focus::Query {
            self.act(Action::FocusQuery);
        }
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
                    let line = format!("{} of {} pass.", format::count(results.rows.len(), "track"), results.all.len());
                    self.say(&line);
                }
            }
            Err(why) => self.fail(&why),
        }
    }

    fn tracks(&mut self, verb: Verb, rest: &str) {
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
            Verb::Next => self.move_by(Action::Down),
            Verb::Previous => self.move_by(Action::Up),
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
    fn move_by(&mut self, action: Action) {
        let before = self.state.results.selected;
        self.act(action);
        if self.state.results.rows.is_empty() {
            self.say_all(tell::rows(&self.state, 0));
        } else if self.state.results.selected != before {
            self.tell_here();
        } else if action != Action::NextUnheard {
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
    fn number(&mut self, number: usize) {
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
    fn on_track(&mut self, rest: &str, action: Action) {
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

    fn listening(&mut self, verb: Verb, rest: &str) {
        match verb {
            Verb::Play => return self.on_track(rest, Action::PlayFromStart),
            Verb::Pause => self.act(Action::PlayPause),
            Verb::Peak => self.act(Action::Peak),
            Verb::Auto => return self.act(Action::AutoAudition),
            Verb::Seek => return self.seek(rest),
            Verb::Loop => match rest {
                "in" | "out" => {
                    self.act(if rest == "in" { Action::LoopIn } else { Action::LoopOut });
                    return self.say_all(tell::sound(&self.state));
                }
                "off" if self.state.player.repeat => return self.act(Action::Repeat),
                "off" => {
                    // Switched on and off again, as the key does: off takes the loop away.
                    self.act(Action::Repeat);
                    return self.act(Action::Repeat);
                }
                _ => return self.fail("Say loop in, loop out or loop off."),
            },
            Verb::Volume if rest.is_empty() => return self.say(&tell::volume(&self.state)),
            Verb::Volume => match rest.trim_end_matches(['%', ' ']).parse::<u8>() {
                Ok(percent) if percent <= 100 => {
                    self.wish(Wish::Volume(percent));
                    return self.say(&tell::volume(&self.state));
                }
                _ => return self.fail("Say volume and a number from 0 to 100."),
            },
            Verb::Wait => {
                let until = match rest {
                    "" => None,
                    rest => match parse_seconds(rest) {
                        Some(seconds) => Some(self.now().plus_millis((seconds * 1000.0) as u64)),
                        None => return self.fail("Say wait, or wait and seconds."),
                    },
                };
                self.told.wait = Some(until);
                return;
            }
            _ => {}
        }
        self.say_all(tell::sound(&self.state).into_iter().take(2).collect());
    }

    fn seek(&mut self, rest: &str) {
        let player = &self.state.player;
        let Some(length) = player.length else {
            return self.fail("Nothing plays whose length is known, so there is no place to go to.");
        };
        let by = |sign: f64, text: &str| Some(player.position.as_secs_f64() + sign * parse_seconds(text)?);
        let to = if let Some(text) = rest.strip_prefix('+') {
            by(1.0, text)
        } else if let Some(text) = rest.strip_prefix(['-', '−']) {
            by(-1.0, text)
        } else if let Some(text) = rest.strip_suffix('%') {
            parse_seconds(text).map(|share| length.as_secs_f64() * share / 100.0)
        } else {
            parse_seconds(rest)
        };
        match to {
            Some(to) => {
                self.wish(Wish::Seek(Duration::from_secs_f64(to.clamp(0.0, length.as_secs_f64()))));
                self.say_all(tell::sound(&self.state).into_iter().take(2).collect());
            }
            None => self.fail("Say seek and a time: 0:12, 40 %, +5 or -5."),
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
            Action::Quit => self.quit(),
            action => self.act(action),
        }
    }

    fn quit(&mut self) {
        self.act(Action::Quit);
        if self.state.leaving == Leaving::Now {
            self.say("Good bye.");
        }
    }

    /// The next line is a key: nothing of it is shown.
    fn expect_key(&mut self) {
        if self.from == super::From::Terminal
            && let Err(why) = term::echo(false)
        {
            self.fail(&format!(
                "The key would be seen as you type it here ({why}): set TRACKYARD_API_KEY instead."
            ));
            return;
        }
        self.key(Key::Char('k'));
        self.told.key_next = true;
        self.say("Paste or type the key and press Enter; it is not shown.");
    }

    fn take_key(&mut self, line: &str) {
        if self.from == super::From::Terminal {
            let _ = term::echo(true);
        }
        self.take(Message::Paste(line.trim().to_owned()));
        self.key(Key::Enter);
        if let Some(Popup::NoKey(entry)) = self.state.popups.last() {
            let problem = entry.problem.clone();
            self.key(Key::Esc);
            self.fail(&problem.unwrap_or_else(|| "That is no key.".to_owned()));
            self.say_all(pages::no_key());
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
