//! The command line: one file per subcommand, no logic that the screen also needs.

mod args;
mod batch;
mod cache;
mod clip;
mod completions;
mod config;
mod download;
mod examples;
mod failure;
mod man;
mod me;
mod plain;
mod play;
mod receipts;
#[cfg(feature = "sandbox")]
mod sandbox;
mod search;
mod source;
mod tui;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde_json::Value;

use args::{Args, Command};
use failure::Failure;

use crate::audio::{self, Kept, OutputChoice};
use crate::config::Settings;
use crate::library::Library;
use crate::tasks::{OpenError, Session, Start, WAITING, patiently};
use crate::text::{self, Clean};

/// Consent to a paid request, given on the command line: by `search` itself, by `--yes`, or by a typed yes.
#[derive(Debug)]
pub struct Consent {
    _private: (),
}

impl Consent {
    /// Only a command that was given makes one.
    fn given() -> Self {
        Self { _private: () }
    }
}

/// Runs the program with these arguments, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json = args.iter().any(|arg| arg == "--json");
    let parsed = match Args::try_parse_from(&args) {
        Ok(parsed) => parsed,
        // Help and version are no errors.
        Err(error) if !error.use_stderr() => return print_help(&error),
        Err(error) => {
            let _ = error.print();
            return if json {
                Failure::usage(sentence(&error.render().to_string())).print_json()
            } else {
                ExitCode::from(failure::USAGE)
            };
        }
    };
    match dispatch(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.printed() => failure.exit_code(),
        Err(failure) => {
            remark(&failure);
            if json { failure.print_json() } else { failure.exit_code() }
        }
    }
}

/// What the argument parser has to say, without its tips and the usage.
fn sentence(error: &str) -> String {
    let error = error.trim_start_matches("error: ");
    let first = error.split("\n\n").next().unwrap_or(error);
    Clean::new(first).to_string()
}

fn print_help(help: &clap::Error) -> ExitCode {
    match help.print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn dispatch(args: Args) -> Result<(), Failure> {
    // First of all: a command would pass over these options, and spend real credits where play money was meant.
    if let Some(advice) = args.screen.misplaced().filter(|_| args.command.is_some()) {
        return Err(Failure::usage(advice));
    }
    let settings = || Settings::load(&args.global.overrides(), &|name| std::env::var_os(name)).map_err(Failure::from);
    match args.command {
        None if args.screen.plain => plain::run(&args.screen, settings),
        None => tui::run(&args.screen, settings),
        Some(Command::Search(search)) => blocking(search::run(search, settings()?)),
        Some(Command::Download(download)) => blocking(download::run(download, settings()?)),
        Some(Command::Clip(clip)) => blocking(clip::run(clip, settings)),
        Some(Command::Play(play)) => blocking(play::run(play, &args.screen, settings()?)),
        Some(Command::Me(me)) => blocking(me::run(me, settings()?)),
        Some(Command::Usage(usage)) => blocking(usage::run(usage, settings()?)),
        Some(Command::Batch(batch)) => blocking(batch::run(batch, args.screen, settings()?)),
        Some(Command::Receipts(receipts)) => blocking(receipts::run(receipts, settings()?)),
        Some(Command::Config(config)) => config::run(&config, &args.global),
        Some(Command::Completions(completions)) => {
            completions::run(&completions);
            Ok(())
        }
        Some(Command::Man(man)) => man::run(&man),
        Some(Command::Cache(cache)) => cache::run(&cache, &settings()?),
        #[cfg(feature = "sandbox")]
        Some(Command::Sandbox(sandbox)) => blocking(sandbox::run(sandbox)),
    }
}

/// How long a command looks up what earlier ones cost.
const SETTLE_TIME: Duration = Duration::from_secs(5);

/// Runs a command to its end.
fn blocking(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime()?.block_on(command)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::other(format!("the program cannot be started: {error}")))
}

/// Connects to the configured server.
async fn open(settings: &Settings) -> Result<Session, Failure> {
    let tell = || {
        if settings.asks_keyring() {
            remark(&WAITING);
        }
    };
    let opened = patiently(Session::open(&Start::Configured, settings), tell).await;
    let session = opened.map_err(|error| match error {
        OpenError::NoKey | OpenError::NoneKept(_) => Failure::no_key(error.to_string()),
        OpenError::Keyring(why) => Failure::from(why),
        OpenError::Other(text) => Failure::other(text),
    })?;
    for notice in &session.notices {
        remark(notice);
    }
    Ok(session)
}

/// The library of the configured server, without a key and without a connection.
fn library(settings: &Settings) -> Result<Library, Failure> {
    let (library, moved) =
        Library::open_or_copy(&settings.paths.library(), &settings.endpoint.origin()).map_err(|error| Failure::other(error.to_string()))?;
    if let Some(notice) = moved {
        remark(&notice);
    }
    Ok(library)
}

/// The previews kept on the disk.
fn kept_previews(settings: &Settings) -> Kept {
    Kept::new(settings.paths.previews(), settings.preview_cache)
}

/// How a player works with these settings, on this device unless there shall be no sound.
fn player_options(settings: &Settings, no_audio: bool, device: Option<&str>) -> audio::Options {
    audio::Options {
        output: if no_audio {
            OutputChoice::None
        } else {
            OutputChoice::Device {
                name: device.map(str::to_owned).or_else(|| settings.audio_device.clone()),
            }
        },
        kept: Some(kept_previews(settings)),
        offline: settings.offline,
        buffers: Some(settings.paths.audio_buffers()),
        ..audio::Options::default()
    }
}

/// Settles what earlier commands left open, if it is due, and tells. A server that does not answer keeps nobody waiting for long.
async fn settle(session: &Session) {
    if let Ok(settled) = tokio::time::timeout(SETTLE_TIME, session.door.reconcile_due()).await {
        for outcome in settled {
            remark(&outcome);
        }
    }
}

/// Prints the one document of `--json`.
fn print_json(document: &Value) {
    print(&text::json(document));
}

/// Prints on standard output. A reader that went away is no failure of ours.
fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Writes a line on standard error, where a reader may have gone away too: what was done is done, and what is left to do goes on.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The same with the program's name before it, as its remarks have it.
fn remark(text: &impl std::fmt::Display) {
    say(&format!("trackyard-tui: {text}"));
}

/// Asks on standard error, on one line with the answer; empty where there is none. What was typed before the question is no answer to it.
fn ask(question: &str) -> String {
    use std::io::{BufRead, Write};
    crate::term::forget_typed_ahead();
    let mut out = std::io::stderr();
    let _ = write!(out, "{question} ").and_then(|()| out.flush());
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(_) => answer.trim().to_lowercase(),
        Err(_) => String::new(),
    }
}

/// The same as [`print()`] for what is made by others, line ends included.
fn print_bytes(document: &[u8]) {
    use std::io::Write;
    let _ = std::io::stdout().write_all(document);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_line_is_one_sentence() {
        for (args, sentence_of) in [
            (&["search"][..], "the following required arguments were not provided: <QUERY>"),
            (&["search", "x", "--colour", "red"], "unexpected argument '--colour' found"),
            (
                &["search", "x", "--min-bpm", "-5"],
                "invalid value '-5' for '--min-bpm <N>': a tempo is a whole number, 40 to 200",
            ),
            (
                &["download", "x", "--hit-point", "3"],
                "the following required arguments were not provided: --duration <S>",
            ),
        ] {
            let error = Args::try_parse_from(["trackyard-tui"].iter().chain(args)).unwrap_err();
            assert_eq!(sentence(&error.render().to_string()), sentence_of);
        }
    }
}
