//! Words that mean something where one is: in a shortlist, a list, a clip, or without a key.

use std::io::Write;
use std::path::PathBuf;

use crate::api::Track;
use crate::app::{Effect, Wish};
use crate::input::Key;
use crate::plain::line::Verb;
use crate::plain::{Plain, pages, tell};
use crate::state::{Ownership, Popup};
use crate::text::parse_seconds;

impl<W: Write, P: FnMut(Effect)> Plain<W, P> {
    /// A word that means something where one is: in a shortlist, a list, a clip, or without a key.
    pub(super) fn in_place(&mut self, verb: Verb, rest: &str) -> bool {
        let closes = verb == Verb::Close || (verb == Verb::Cancel && rest.is_empty());
        match self.state.popups.last() {
            None => false,
            Some(Popup::NoKey(_)) => {
                match verb {
                    Verb::Sandbox => self.key(Key::Char('s')),
                    Verb::Key => self.expect_key(rest),
                    Verb::Quit => self.key(Key::Char('q')),
                    Verb::Help => return false,
                    _ => self.say_all(pages::no_key(&self.state)),
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
            Verb::Undo => Key::Char('u'),
            Verb::Up => Key::Char('K'),
            Verb::Down => Key::Char('J'),
            Verb::Compare => Key::Char('b'),
            Verb::Export => Key::Char('e'),
            Verb::Download => Key::Char('d'),
            Verb::Describe => return self.describe_line(),
            _ => return false,
        };
        let before = self.told.lines;
        self.key(key);
        let changes = matches!(verb, Verb::Remove | Verb::Undo | Verb::Up | Verb::Down);
        if changes && self.told.lines == before {
            self.tell_place();
        }
        true
    }

    fn in_alike(&mut self, verb: Verb) -> bool {
        let key = match verb {
            Verb::List => return self.tell_place(),
            Verb::Describe => return self.describe_line(),
            Verb::Pause => Key::Char(' '),
            Verb::Next | Verb::Down => Key::Down,
            Verb::Previous | Verb::Up => Key::Up,
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
            Verb::Cut if self.is_not_owned() => {
                self.fail("Clips are cut from the full track, and that is not owned. Say close, then download to buy it once (1 credit).");
            }
            Verb::Cut => self.key(Key::Char('c')),
            Verb::Download => self.key(Key::Char('d')),
            Verb::Describe | Verb::List => return self.tell_place(),
            _ => return false,
        }
        true
    }

    /// The full track of the clip that is open is known not to be owned.
    fn is_not_owned(&self) -> bool {
        matches!(self.state.popups.last(), Some(Popup::Clip(panel)) if panel.full == Ownership::New)
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
}
