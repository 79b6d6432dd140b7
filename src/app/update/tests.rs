//! Tables: state and message in, state and effects out.

mod batches;
mod briefs;
mod buying;
mod clipping;
mod first_key;
mod leaving;
mod listening;
mod live;
mod moves;
mod palette;
mod pointing;
mod pointing_at_popups;
mod searching;
mod shortlists;
mod tasks;
mod tour;
mod wishes;

use std::sync::Arc;

use serde_json::json;

use super::update;
use crate::api::{Limits, SearchPage, Track};
use crate::app::{Effect, Failed, Message, SearchNews};
use crate::input::{Key, KeyPress, Keymap};
use crate::library::{Entry, Project};
use crate::state::{Moment, Server, Source, State};

/// A project with these tracks on its shortlist.
fn project(name: &str, shortlisted: impl IntoIterator<Item = usize>) -> Project {
    let entry = |number| Entry {
        track: track(number),
        note: String::new(),
    };
    Project {
        name: name.into(),
        entries: shortlisted.into_iter().map(entry).collect(),
        ..Project::default()
    }
}

/// A state with a clock, and everything it wanted done since it was last asked.
struct Desk {
    state: State,
    now: u64,
    effects: Vec<Effect>,
}

impl Desk {
    fn new() -> Self {
        let server = Server {
            host: "localhost:1".into(),
            is_vendor: false,
            is_sandbox: true,
            has_key: true,
        };
        Self {
            state: State::new(server, Arc::new(Keymap::standard()), "/music".into(), (140, 42)),
            now: 0,
            effects: Vec::new(),
        }
    }

    fn send(&mut self, message: Message) -> &mut Self {
        self.effects.extend(update(&mut self.state, Moment(self.now), message));
        // As the loop does after each frame.
        self.effects.extend(update(&mut self.state, Moment(self.now), Message::Drawn));
        self
    }

    /// A project was read.
    fn read(&mut self, project: Project) -> &mut Self {
        self.send(Message::Project(Ok(Box::new(project))))
    }

    /// Lets time pass before what comes next.
    fn later(&mut self, millis: u64) -> &mut Self {
        self.now += millis;
        self
    }

    fn press(&mut self, key: KeyPress) -> &mut Self {
        self.send(Message::Key(key))
    }

    fn key(&mut self, key: Key) -> &mut Self {
        self.press(KeyPress::plain(key))
    }

    /// Types, a second between keys, so that no key counts as held.
    fn keys(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.later(1000).press(KeyPress::char(c));
        }
        self
    }

    fn taken(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The generation of the only search that is asked for.
    fn asked(&mut self) -> u64 {
        let asked: Vec<u64> = self
            .taken()
            .iter()
            .filter_map(|effect| {
                if let Effect::Search { generation, .. } = effect {
                    Some(*generation)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(asked.len(), 1, "exactly one search");
        asked[0]
    }

    fn answer(&mut self, generation: u64, page: SearchPage) -> &mut Self {
        let limits = Limits {
            credits_remaining: Some(49),
            ..Limits::default()
        };
        self.send(Message::Search(
            generation,
            SearchNews::Answered {
                page,
                source: Source::Server,
                limits,
            },
        ))
    }

    /// Asks, and gets this many tracks.
    fn with_tracks(count: usize) -> Self {
        let mut desk = Self::new();
        desk.keys("piano").key(Key::Enter);
        let generation = desk.asked();
        desk.answer(generation, page(count));
        desk.taken();
        desk
    }

    fn plays(effects: &[Effect]) -> Vec<String> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Audio(crate::audio::Command::Play { url, .. }) => Some(url.rsplit('/').next().unwrap_or_default().to_owned()),
                _ => None,
            })
            .collect()
    }
}

fn track(number: usize) -> Track {
    Track::from_json(&json!({
        "id": format!("trk_{number}"), "title": format!("Title {number}"), "artist": "Ada", "bpm": 60 + number, "duration_seconds": 120,
        "genre": if number.is_multiple_of(2) { "Jazz" } else { "House" }, "moods": ["Calm"], "instruments": ["piano"],
        "has_vocals": number.is_multiple_of(3), "energy_level": "low", "preview_url": format!("http://cdn/{number}"),
    }))
    .unwrap()
}

fn page(count: usize) -> SearchPage {
    SearchPage {
        tracks: (0..count).map(track).collect(),
        skipped: 0,
        received: count,
    }
}
