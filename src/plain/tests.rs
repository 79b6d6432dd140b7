//! Lines, messages and the clock in an order that no stall of the machine can change.

mod actions;
mod asking;
mod work;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::*;
use crate::api::{Limits, SearchPage, Track};
use crate::app::Failed;
use crate::audio::{Event, Ticket};
use crate::input::Keymap;
use crate::library::Matches;
use crate::state::{Server, Source};

/// The program in lines, and everything it wanted done.
struct Talk {
    plain: Plain<Vec<u8>, Box<dyn FnMut(Effect)>>,
    wanted: Rc<RefCell<Vec<Effect>>>,
    _messages: mpsc::UnboundedSender<Message>,
    _at_work: watch::Sender<usize>,
}

impl Talk {
    fn new(from: From) -> Self {
        let server = Server {
            host: "localhost:1".into(),
            is_vendor: false,
            is_sandbox: true,
            has_key: true,
        };
        let state = State::new(server, Arc::new(Keymap::standard()), "/music".into(), SIZE);
        let wanted = Rc::new(RefCell::new(Vec::<Effect>::new()));
        let perform: Box<dyn FnMut(Effect)> = Box::new({
            let wanted = Rc::clone(&wanted);
            move |effect: Effect| wanted.borrow_mut().push(effect)
        });
        let (to_plain, messages) = mpsc::unbounded_channel();
        let (works, at_work) = watch::channel(0);
        Self {
            plain: Plain::new(state, from, from == From::Terminal, Vec::new(), messages, at_work, perform),
            wanted,
            _messages: to_plain,
            _at_work: works,
        }
    }

    /// Says a line, and hears what is said to it at once.
    fn say(&mut self, line: &str) -> String {
        let before = self.plain.out.len();
        self.plain.obey(line);
        String::from_utf8(self.plain.out[before..].to_vec()).unwrap()
    }

    /// The newest of the effects that are meant.
    fn newest<T>(&self, meant: impl Fn(&Effect) -> Option<T>) -> T {
        self.wanted.borrow().iter().rev().find_map(meant).unwrap()
    }

    /// Hears what is said of a message at once.
    fn hear(&mut self, message: Message) -> String {
        let before = self.plain.out.len();
        self.plain.take(message);
        String::from_utf8(self.plain.out[before..].to_vec()).unwrap()
    }

    /// What was asked about has its price.
    fn priced(&mut self) {
        let request = self.newest(|effect| match effect {
            Effect::Price(request) => Some(request.clone()),
            _ => None,
        });
        self.plain.take(Message::Priced(request, Price::OneCredit));
    }

    /// An answer of three tracks is here, and the first of them plays.
    fn among_tracks(from: From) -> Self {
        let mut talk = Self::new(from);
        talk.say("search calm piano");
        talk.priced();
        talk.later();
        talk.say("ask");
        talk.answered_with((1..=3).map(heard_track).collect());
        let ticket = Ticket(talk.plain.state.player.ticket);
        talk.hear(Message::Audio(Event::Started(ticket)));
        talk.hear(Message::Audio(Event::Length(ticket, Duration::from_secs(30))));
        talk
    }

    /// The search has brought a track.
    fn answered(&mut self) {
        self.answered_with(vec![one_track()]);
    }

    /// The search has brought these tracks.
    fn answered_with(&mut self, tracks: Vec<Track>) {
        let generation = self.newest(|effect| match effect {
            Effect::Search { generation, .. } => Some(*generation),
            _ => None,
        });
        let page = SearchPage {
            skipped: 0,
            received: tracks.len(),
            tracks,
        };
        let news = SearchNews::Answered {
            page,
            source: Source::Server,
            limits: Limits::default(),
        };
        self.plain.take(Message::Search(generation, news));
    }

    /// The track is not owned.
    fn not_owned(&mut self) {
        let request = self.newest(|effect| match effect {
            Effect::LookUpOwned(request) => Some(request.clone()),
            _ => None,
        });
        self.plain.take(Message::Owned(request, Ownership::New));
    }

    /// What was told last cannot have been heard yet.
    fn too_early(&mut self) {
        self.plain.told.answer_from = Moment(u64::MAX);
    }

    /// A second later: everything that was told has been heard.
    fn later(&mut self) {
        self.plain.started -= Duration::from_secs(1);
        self.plain.told.answer_from = Moment(0);
    }

    /// How many of the effects are meant.
    fn count(&self, meant: impl Fn(&Effect) -> bool) -> usize {
        self.wanted.borrow().iter().filter(|effect| meant(effect)).count()
    }

    /// How often something was asked for that can cost a credit.
    fn spends(&self) -> usize {
        self.count(|effect| matches!(effect, Effect::Search { .. } | Effect::Download { .. } | Effect::AskBatch { .. }))
    }

    /// Whether a line has a batch asked.
    fn asks_batch(&mut self, line: &str) -> bool {
        let before = self.spends();
        self.say(line);
        self.spends() > before
    }
}

fn one_track() -> Track {
    Track::from_json(&json!({"id": "trk_1", "title": "One", "duration_seconds": 120, "bpm": 90})).unwrap()
}

/// The first track was bought, and is not sent yet.
fn bought(talk: &mut Talk) {
    talk.say("download 1");
    talk.not_owned();
    talk.later();
    talk.say("buy");
    assert_eq!(talk.plain.state.downloads.len(), 1);
}

/// A download came to nothing.
fn failed() -> DownloadNews {
    DownloadNews::Failed(Failed::new(Charge::Free, "the disk is full"))
}

/// A track that can be heard.
fn heard_track(number: usize) -> Track {
    Track::from_json(&json!({
        "id": format!("trk_{number}"), "title": format!("Title {number}"), "artist": "Ada", "duration_seconds": 120, "bpm": 60 + number,
        "preview_url": format!("http://cdn/{number}"),
    }))
    .unwrap()
}

#[test]
fn one_of_something_is_said_as_one() {
    let mut talk = Talk::new(From::Pipe);
    talk.say("search calm piano");
    let matches = Matches {
        tracks: vec![one_track()],
        ..Matches::default()
    };
    let said = talk.hear(Message::Matched(talk.plain.state.live.generation, matches));
    assert!(said.contains("1 track seen before matches. Say list to read it, free."), "{said}");

    let mut talk = Talk::new(From::Pipe);
    talk.say("search calm piano");
    talk.priced();
    talk.later();
    talk.say("ask");
    talk.answered();
    let said = talk.say("filter bpm 100-120");
    assert!(said.contains("0 tracks of 1 pass."), "{said}");
    let said = talk.say("list");
    assert!(said.contains("The one track does not pass the filters."), "{said}");
    let said = talk.say("filter clear");
    assert!(said.contains("1 track of 1 passes."), "{said}");
}

#[test]
fn without_a_server_whatever_was_said_ends_in_the_reason() {
    for line in ["usage", "receipts", "shortlists", "briefs day.csv", "search calm piano"] {
        let mut talk = Talk::new(From::Terminal);
        talk.say(line);
        let before = talk.plain.out.len();
        // One for each thing that was wanted of it.
        for _ in 0..2 {
            talk.plain.take(Message::Unavailable("there is no server".into()));
        }
        let said = String::from_utf8(talk.plain.out[before..].to_vec()).unwrap();
        assert_eq!(said.matches("Error: there is no server").count(), 1, "{line}: {said}");
    }
}
