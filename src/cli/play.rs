//! `play`: a preview or a file, heard from the shell by the same player as on the screen. It costs nothing and asks for nothing paid.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use url::Url;

use super::args::{Play, Screen};
use super::failure::Failure;
use super::source::track_id;
use super::{library, player_options};
use crate::audio::{Command, DeviceEvent, Event, Fault, Player, Ticket};
use crate::config::{self, Settings};
use crate::term::{self, QuietStderr};
use crate::text::{Clean, cut};
use crate::ui::format::{clock, count};

/// The one playing there is.
const TICKET: Ticket = Ticket(1);
/// How long a device may take to sound what it was given last.
const LAST_SOUND: Duration = Duration::from_millis(300);

/// What is played.
struct Source {
    name: String,
    command: Command,
    /// What messages call it.
    noun: &'static str,
}

pub(super) async fn run(args: Play, screen: &Screen, settings: Settings) -> Result<(), Failure> {
    if args.no_audio || screen.no_audio {
        return Err(Failure::usage("--no-audio leaves nothing to play: leave it away"));
    }
    let source = find(&args.source, &settings).await?;
    // What sound systems print to standard error belongs to nobody who listens.
    let log = term::start_log(&settings.paths.log());
    let quiet = log.as_ref().ok().and_then(|log| QuietStderr::into_log(log).ok());
    let name = args.audio_device.as_deref().or(screen.audio_device.as_deref());
    let options = player_options(&settings, false, name);
    let (tell, mut events) = mpsc::unbounded_channel();
    let player = Player::start(options, move |event| drop(tell.send(event)), tokio::runtime::Handle::current());
    if let Some(volume) = config::load_volume(&settings.paths.state) {
        player.send(Command::Volume(f32::from(volume) / 100.0));
    }
    player.send(Command::Even(settings.even_loudness));
    player.send(source.command);
    let mut line = Line::new(source.name);
    let ended = tokio::select! {
        ended = follow(&mut events, &mut line, source.noun) => ended,
        () = term::terminated() => Ok(()),
    };
    line.finish();
    // Fades out, and gives the device back.
    drop(player);
    drop(quiet);
    ended
}

/// What the argument means: an address, a file that is there, or a track that was seen before.
async fn find(source: &Path, settings: &Settings) -> Result<Source, Failure> {
    let text = source.to_str().unwrap_or_default();
    if text.contains("://") {
        let host = Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.ok_or_else(|| Failure::usage("this is no web address that can be played: it begins with http:// or https://"))?;
        return Ok(Source {
            name: format!("preview from {}", Clean::new(&host)),
            command: preview(text.to_owned()),
            noun: "preview",
        });
    }
    if source.exists() {
        let name = source.file_name().unwrap_or(source.as_os_str()).to_string_lossy();
        return Ok(Source {
            name: Clean::new(&name).to_string(),
            command: Command::PlayFile {
                ticket: TICKET,
                path: source.to_owned(),
                start: Duration::ZERO,
            },
            noun: "file",
        });
    }
    let shown = Clean::new(&source.to_string_lossy()).to_string();
    let id = track_id(source).ok_or_else(|| Failure::not_found(format!("there is no file {shown}: check the path")))?;
    let track = library(settings)?
        .track(id)
        .await
        .map_err(|error| Failure::other(error.to_string()))?
        .ok_or_else(|| {
            Failure::not_found(format!(
                "there is no file {shown}, and no track of that id was seen before on this server: search for it first (trackyard-tui search …, \
                 1 credit), or give the address of its preview"
            ))
        })?;
    let url = track
        .preview_url
        .clone()
        .ok_or_else(|| Failure::not_found(format!("the track {shown} has no preview")))?;
    let by = if track.artist.is_empty() {
        String::new()
    } else {
        format!(" · {}", track.artist)
    };
    Ok(Source {
        name: format!("{}{by}", track.title),
        command: preview(url),
        noun: "preview",
    })
}

fn preview(url: String) -> Command {
    Command::Play {
        ticket: TICKET,
        url,
        start: Duration::ZERO,
    }
}

/// Tells how it goes, until the end.
async fn follow(events: &mut UnboundedReceiver<Event>, line: &mut Line, noun: &str) -> Result<(), Failure> {
    while let Some(event) = events.recv().await {
        match event {
            Event::Device(DeviceEvent::Silent(why)) => {
                return Err(Failure::other(format!(
                    "there is nothing to hear it on: {why}. Plug a device in, or name another one with --audio-device; on the screen, \
                     everything but the sound works without one"
                )));
            }
            Event::Failed(_, why, fault) => {
                let why = format!("it cannot be played: {}", why.replace("preview", noun));
                return Err(match fault {
                    Fault::Delivery if noun == "preview" => Failure::unreachable(why),
                    Fault::Delivery | Fault::Music => Failure::other(why),
                });
            }
            Event::Ended(_) => {
                tokio::time::sleep(LAST_SOUND).await;
                return Ok(());
            }
            Event::Length(_, length) => line.length = Some(length),
            Event::Waveform(_, waveform) => line.loudness = waveform.loudness,
            Event::Position(_, position) => line.position = position,
            Event::Buffering(_) => line.waits = true,
            Event::Resumed(_) => line.waits = false,
            Event::Device(DeviceEvent::RanDry(times)) => line.underruns = times,
            _ => continue,
        }
        line.show();
    }
    Err(Failure::other("the system has no thread left to play this"))
}

/// The line that shows what plays, on a terminal.
struct Line {
    name: String,
    position: Duration,
    length: Option<Duration>,
    loudness: Option<f32>,
    waits: bool,
    /// How often the device ran dry.
    underruns: u32,
    shown: String,
    on_terminal: bool,
}

impl Line {
    fn new(name: String) -> Self {
        Self {
            name,
            position: Duration::ZERO,
            length: None,
            loudness: None,
            waits: false,
            underruns: 0,
            shown: String::new(),
            on_terminal: io::stdout().is_terminal(),
        }
    }

    /// As it is now.
    fn text(&self) -> String {
        let sign = if self.waits { "◌" } else { "▶" };
        let length = self.length.map(|length| format!(" / {}", clock(length))).unwrap_or_default();
        let loudness = self
            .loudness
            .map(|loudness| format!("   {loudness:.0} LUFS").replace('-', "−"))
            .unwrap_or_default();
        let underruns = match self.underruns {
            0 => String::new(),
            times => format!("   {}", count(times as usize, "underrun")),
        };
        format!("{sign} {}{length}{loudness}{underruns}   {}", clock(self.position), self.name)
    }

    /// Writes it, if it says something new.
    fn show(&mut self) {
        let text = self.text();
        if !self.on_terminal || text == self.shown {
            return;
        }
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let mut out = io::stdout();
        let _ = write!(out, "\r\x1b[K{}", cut(&text, columns.saturating_sub(1))).and_then(|()| out.flush());
        self.shown = text;
    }

    fn finish(&self) {
        if !self.shown.is_empty() {
            super::print("");
        }
    }
}
