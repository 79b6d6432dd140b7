//! A device of the machine: of its sound server where one runs, else a sound card.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::NO_ANSWER;
use super::buffers::Buffers;
use super::card::{self, Card};
use super::server::{Server, Sink, Stream};
use crate::audio::player::Message;
use crate::audio::source::Voice;
use crate::text::Clean;

/// A sound system that has not opened a device by then is taken for one that does not answer.
const ANSWER: Duration = Duration::from_secs(3);
/// So many devices are named to who asked for one that is not there.
const MOST_NAMED: usize = 5;

/// An open device.
pub(super) struct Device {
    sounding: Sounding,
    /// What its buffer's size is remembered by.
    pub(super) id: String,
    /// How much sound it holds.
    pub(super) held: Duration,
}

enum Sounding {
    Server(Stream),
    Card(Card),
}

/// A device to be opened.
enum Choice {
    /// One of the server that was reached.
    Sink(Server, Option<Sink>),
    Card(card::Found),
}

impl Device {
    /// Plays a voice until it ends.
    pub(super) fn add(&self, voice: Voice) {
        match &self.sounding {
            Sounding::Server(stream) => stream.mixer().add(voice),
            Sounding::Card(card) => card.add(voice),
        }
    }
}

/// A device that is being opened. Dropped before it has come, it is closed when it comes.
pub(super) struct Awaited {
    /// Which opening it is.
    pub(super) opening: u64,
    /// When it should have come.
    pub(super) due: Instant,
    told: Receiver<Result<Device, String>>,
}

impl Awaited {
    /// What came of it, if that is told before so much time has passed.
    pub(super) fn answer(&self, within: Duration) -> Option<Result<Device, String>> {
        match self.told.recv_timeout(within) {
            Ok(answer) => Some(answer),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(NO_ANSWER.to_owned())),
        }
    }
}

/// Tells what came of an opening, also when it came to nothing, and lets the player know that it is told.
struct Reply {
    opening: u64,
    messages: Sender<Message>,
    tell: Option<Sender<Result<Device, String>>>,
}

impl Reply {
    fn give(mut self, answer: Result<Device, String>) {
        if let Some(tell) = self.tell.take() {
            // A device that nobody waits for any more is closed here.
            let _ = tell.send(answer);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        self.tell = None;
        let opening = self.opening;
        let _ = self.messages.send(Message::Answered { opening });
    }
}

/// Begins to open a device for output, with the buffer that has proved itself on it. The text says why not, cleaned.
pub(super) fn open(name: Option<&str>, buffers: &Buffers, opening: u64, messages: &Sender<Message>) -> Result<Awaited, String> {
    // On a thread of its own: a sound system can hang, and the player goes on without it.
    let (name, buffers, messages) = (name.map(str::to_owned), buffers.clone(), messages.clone());
    let (tell, told) = mpsc::channel();
    let reply = Reply {
        opening,
        messages: messages.clone(),
        tell: Some(tell),
    };
    let open = move || reply.give(open_here(name.as_deref(), &buffers, opening, messages));
    let thread = thread::Builder::new().name("opening-device".into()).spawn(open);
    thread.map_err(|error| format!("no thread to open the audio device: {error}"))?;
    Ok(Awaited {
        opening,
        due: Instant::now() + ANSWER,
        told,
    })
}

/// Where a server lets nobody in, the card may still work; if it does not, what the server said is the reason.
fn open_here(name: Option<&str>, buffers: &Buffers, opening: u64, messages: Sender<Message>) -> Result<Device, String> {
    let (server, refusal) = match Server::connect() {
        Ok(server) => (server, None),
        Err(why) => (None, Some(why)),
    };
    let opened = choose(name, server).and_then(|chosen| start(chosen, buffers, opening, messages));
    opened.map_err(|why| refusal.unwrap_or(why))
}

fn start(chosen: Choice, buffers: &Buffers, opening: u64, messages: Sender<Message>) -> Result<Device, String> {
    match chosen {
        Choice::Sink(mut server, sink) => {
            let name = match &sink {
                Some(sink) => sink.name.clone(),
                None => server.default_sink()?,
            };
            let id = format!("pulseaudio:{}", Clean::new(&name.to_string_lossy()));
            let stream = server.play(sink.map(|sink| sink.name), buffers.frames(&id), opening, messages)?;
            let held = stream.held();
            let sounding = Sounding::Server(stream);
            Ok(Device { sounding, id, held })
        }
        Choice::Card(found) => {
            let id = found.id();
            let card = found.open(buffers.frames(&id), opening, messages)?;
            let held = card.held();
            let sounding = Sounding::Card(card);
            Ok(Device { sounding, id, held })
        }
    }
}

/// The device of this name, or the default one.
fn choose(name: Option<&str>, server: Option<Server>) -> Result<Choice, String> {
    match (name, server) {
        (Some(name), server) => find(name, server),
        (None, Some(server)) => Ok(Choice::Sink(server, None)),
        (None, None) => card::default().map(Choice::Card),
    }
}

/// The first device of any sound system that has `name` as its own name or a part of it, those of the server before the others.
fn find(name: &str, server: Option<Server>) -> Result<Choice, String> {
    let mut known = Vec::new();
    if let Some(mut server) = server {
        let mut sinks = server.sinks()?;
        let names: Vec<String> = sinks
            .iter()
            .map(|sink| format!("{}\n{}", sink.description, sink.name.to_string_lossy()))
            .collect();
        if let Some(at) = best(&names, name) {
            return Ok(Choice::Sink(server, Some(sinks.swap_remove(at))));
        }
        known.extend(names);
    }
    let mut cards = card::all();
    let names: Vec<String> = cards.iter().map(card::Found::names).collect();
    if let Some(at) = best(&names, name) {
        return Ok(Choice::Card(cards.swap_remove(at)));
    }
    known.extend(names);
    let mut text = format!("there is no audio device named “{}”", Clean::new(name));
    let known: Vec<&str> = known.iter().filter_map(|names| names.lines().next()).take(MOST_NAMED).collect();
    if !known.is_empty() {
        text = format!("{text}; there are: {}", Clean::new(&known.join(", ")));
    }
    Err(text)
}

/// Which of several is meant, each with its names on lines: the one that is called so, else the first that has it in its name.
fn best(all: &[String], name: &str) -> Option<usize> {
    let wanted = name.to_lowercase();
    let exact = |names: &String| names.lines().any(|name| name.to_lowercase() == wanted);
    let part = |names: &String| names.lines().any(|name| name.to_lowercase().contains(&wanted));
    all.iter().position(exact).or_else(|| all.iter().position(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_the_device_that_is_called_so_or_has_it_in_its_name() {
        let devices = [
            "Monitor of Speakers\nspeakers.monitor",
            "Speakers\nalsa.speakers",
            "HDMI 1\nalsa.hdmi",
        ];
        let devices = devices.map(str::to_owned);
        let found = |name| best(&devices, name);
        assert_eq!(found("speakers"), Some(1), "not the monitor, which also has it in its name");
        assert_eq!(found("alsa.hdmi"), Some(2));
        assert_eq!(found("hdmi"), Some(2));
        assert_eq!(found("monitor"), Some(0));
        assert_eq!(found("headset"), None);
    }
}
