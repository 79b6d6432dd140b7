//! The command line: one file per subcommand, no logic that the screen also needs.

mod args;
mod batch;
mod cache;
mod clip;
mod config;
mod download;
mod failure;
mod me;
mod receipts;
#[cfg(feature = "sandbox")]
mod sandbox;
mod search;
mod tui;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use args::{Args, Command};
use failure::Failure;

use crate::audio::{self, Kept, OutputChoice};
use crate::config::Settings;
use crate::library::Library;
use crate::tasks::{OpenError, Session, Start};

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
                Failure::usage(error.kind().to_string()).print_json()
            } else {
                ExitCode::from(failure::USAGE)
            };
        }
    };
    match dispatch(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.printed() => failure.exit_code(),
        Err(failure) => {
            eprintln!("trackyard-tui: {failure}");
            if json { failure.print_json() } else { failure.exit_code() }
        }
    }
}

fn print_help(help: &clap::Error) -> ExitCode {
    match help.print() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn dispatch(args: Args) -> Result<(), Failure> {
    let settings = || Settings::load(&args.global.overrides(), &|name| std::env::var_os(name)).map_err(Failure::from);
    match args.command {
        None => tui::run(&args.screen, settings),
        Some(Command::Search(search)) => blocking(search::run(search, settings()?)),
        Some(Command::Download(download)) => blocking(download::run(download, settings()?)),
        Some(Command::Clip(clip)) => blocking(clip::run(clip, settings)),
        Some(Command::Me(me)) => blocking(me::run(me, settings()?)),
        Some(Command::Usage(usage)) => blocking(usage::run(usage, settings()?)),
        Some(Command::Batch(batch)) => blocking(batch::run(batch, settings()?)),
        Some(Command::Receipts(receipts)) => blocking(receipts::run(receipts, settings()?)),
        Some(Command::Config(config)) => config::run(&config, &args.global),
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
    let session = Session::open(&Start::Configured, settings).await.map_err(|error| match error {
        OpenError::NoKey => Failure::no_key(error.to_string()),
        OpenError::Other(text) => Failure::other(text),
    })?;
    for notice in &session.notices {
        eprintln!("trackyard-tui: {notice}");
    }
    Ok(session)
}

/// The library of the configured server, without a key and without a connection.
fn library(settings: &Settings) -> Result<Library, Failure> {
    let (library, moved) =
        Library::open(&settings.paths.library(), &settings.endpoint.origin()).map_err(|error| Failure::other(error.to_string()))?;
    if let Some(notice) = moved {
        eprintln!("trackyard-tui: {notice}");
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
            eprintln!("trackyard-tui: {outcome}");
        }
    }
}

/// Prints a document on standard output. A reader that went away is no failure of ours.
fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{text}");
}
