//! What can be said on the command line.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::examples;
use crate::api::{BPM_MAX, BPM_MIN, Energy, Filters};
use crate::config::Overrides;

/// Describe music, hear it at once, and only then spend a credit.
///
/// Without a command it opens the screen. Start with: trackyard-tui --sandbox
#[derive(Debug, Parser)]
#[command(name = "trackyard-tui", version, max_term_width = 100, after_help = examples::PROGRAM)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) screen: Screen,
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Options of the screen.
#[derive(Debug, clap::Args)]
pub(super) struct Screen {
    /// Try it with the embedded sandbox: a real server with play money, no key needed
    #[arg(long)]
    pub(super) sandbox: bool,
    /// Tier of the sandbox: free, starter or pro
    #[arg(long, default_value = "free", requires = "sandbox")]
    pub(super) tier: String,
    /// No sound
    #[arg(long)]
    pub(super) no_audio: bool,
    /// Lines of text in and out instead of a screen, for screen readers and pipes
    #[arg(long)]
    pub(super) plain: bool,
    /// Play on this device
    #[arg(long, value_name = "NAME", conflicts_with = "no_audio")]
    pub(super) audio_device: Option<String>,
}

impl Screen {
    /// What to do instead of giving these options to a command, if one of them means something without a command only.
    pub(super) fn misplaced(&self) -> Option<&'static str> {
        if self.sandbox && cfg!(feature = "sandbox") {
            Some(
                "--sandbox opens the screen, and no command takes it: for commands start a server with `trackyard-tui sandbox`, and name it \
                 by the TRACKYARD_API_URL and the TRACKYARD_API_KEY that it prints",
            )
        } else if self.sandbox {
            Some("--sandbox opens the screen, and no command takes it; this build has no sandbox")
        } else if self.plain {
            Some("--plain is the program without a command, in lines of text, and no command takes it: leave it away")
        } else {
            None
        }
    }
}

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// The API's base URL, path included (also TRACKYARD_API_URL)
    #[arg(long, global = true, value_name = "URL")]
    api_url: Option<String>,
    /// Spend at most so many credits in this session
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = whole)]
    budget: Option<u64>,
    /// Wait at most so many seconds for a rate limit
    #[arg(long, global = true, value_name = "S", allow_negative_numbers = true, value_parser = whole)]
    max_wait: Option<u64>,
    /// Ask no server: answer from what was seen before
    #[arg(long, global = true)]
    offline: bool,
    /// Use this configuration file (also TRACKYARD_TUI_CONFIG)
    #[arg(long, global = true, value_name = "F")]
    config: Option<PathBuf>,
}

impl Global {
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            config: self.config.clone(),
            api_url: self.api_url.clone(),
            budget: self.budget,
            max_wait: self.max_wait,
            offline: self.offline,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Search for music (1 credit; 0 if the same was asked before)
    Search(Search),
    /// Download a track (1 credit; 0 if it was bought before and is still there)
    Download(Download),
    /// Cut a clip out of a track that is owned (free)
    Clip(Clip),
    /// Listen to a preview or a file, until its end or ^C (free)
    Play(Play),
    /// Show the account (free)
    Me(Me),
    /// Show the history of calls (free)
    Usage(Usage),
    /// Ask many briefs from a file, each different one once (1 credit each; 0 for those asked before)
    Batch(Batch),
    /// Show every spend that this machine has made (free)
    Receipts(Receipts),
    /// The configuration file: where it is, what holds, and one that documents every option
    #[command(subcommand, after_help = examples::CONFIG)]
    Config(Config),
    /// Print what a shell needs to complete commands and options
    Completions(Completions),
    /// Print the manual page, or write one page for each command
    Man(Man),
    /// The previews kept on the disk: how much they take, and throwing them out
    #[command(subcommand, after_help = examples::CACHE)]
    Cache(Cache),
    /// Serve the embedded sandbox alone, for scripts: prints its URL and key
    #[cfg(feature = "sandbox")]
    Sandbox(Sandbox),
}

/// `search`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::SEARCH)]
pub(super) struct Search {
    /// The music in plain words
    pub(super) query: String,
    /// How many tracks, 1 to 100; they cost the same
    #[arg(long, default_value_t = 100, allow_negative_numbers = true, value_parser = limit)]
    pub(super) limit: u8,
    /// How many tracks to skip
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = offset)]
    pub(super) offset: u32,
    /// Genres, at least one of which a track has
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    genres: Vec<String>,
    /// Moods, at least one of which a track has
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    moods: Vec<String>,
    /// Instruments
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    instruments: Vec<String>,
    /// Slowest tempo, 40 to 200
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = bpm)]
    min_bpm: Option<u16>,
    /// Fastest tempo, 40 to 200
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = bpm)]
    max_bpm: Option<u16>,
    /// Energy: low, medium or high
    #[arg(long, value_name = "LEVEL")]
    energy: Option<String>,
    /// Only tracks with vocals
    #[arg(long, conflicts_with = "no_vocals")]
    vocals: bool,
    /// Only instrumental tracks
    #[arg(long)]
    no_vocals: bool,
    /// Ask again although the answer is here (1 credit)
    #[arg(long)]
    pub(super) fresh: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(super) json: bool,
}

/// A whole number, or a word on what it has to be.
fn number<T: TryFrom<u64>>(text: &str, within: RangeInclusive<u64>, what: &str) -> Result<T, String> {
    let number: Option<u64> = text.parse().ok().filter(|number| within.contains(number));
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| what.to_owned())
}

fn limit(text: &str) -> Result<u8, String> {
    number(text, 1..=100, "a page has 1 to 100 tracks")
}

fn bpm(text: &str) -> Result<u16, String> {
    let what = format!("a tempo is a whole number, {BPM_MIN} to {BPM_MAX}");
    number(text, BPM_MIN.into()..=BPM_MAX.into(), &what)
}

fn offset(text: &str) -> Result<u32, String> {
    number(text, 0..=u64::from(u32::MAX), "it is a whole number that is not negative")
}

fn whole(text: &str) -> Result<u64, String> {
    number(text, 0..=u64::MAX, "it is a whole number that is not negative")
}

impl Search {
    pub(super) fn filters(&self) -> Filters {
        let list = |words: &[String]| {
            words
                .iter()
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty())
                .collect()
        };
        Filters {
            genres: list(&self.genres),
            moods: list(&self.moods),
            instruments: list(&self.instruments),
            has_vocals: if self.vocals { Some(true) } else { self.no_vocals.then_some(false) },
            min_bpm: self.min_bpm,
            max_bpm: self.max_bpm,
            energy: self.energy.as_deref().map(Energy::from),
        }
    }
}

/// `download`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::DOWNLOAD)]
pub(super) struct Download {
    /// The track's id, as search prints it
    pub(super) track_id: String,
    /// Only a clip of so many seconds, 10 to 300: the best-sounding segment
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(super) duration: Option<f64>,
    /// Where in the clip its energy peak shall land, in seconds
    #[arg(long, value_name = "S", allow_negative_numbers = true, requires = "duration")]
    pub(super) hit_point: Option<f64>,
    /// The file, or a folder with a slash at its end
    #[arg(long, value_name = "FILE|DIR/")]
    pub(super) output: Option<PathBuf>,
    /// Buy it anew although it was bought before
    #[arg(long)]
    pub(super) again: bool,
    /// Spend the credit without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(super) json: bool,
}

/// `clip`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::CLIP)]
pub(super) struct Clip {
    /// An MP3 file, or the id of a track that was bought in full
    #[arg(value_name = "FILE|TRACK_ID")]
    pub(super) source: PathBuf,
    /// The length in seconds, exact to one frame
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(super) duration: f64,
    /// Where in the clip its energy peak shall land, in seconds
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(super) hit_point: Option<f64>,
    /// Fade out over so many seconds, and in over at most 0.05; without it the cuts are hard
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    pub(super) fade: Option<f64>,
    /// The file to write; a taken name gets " (2)"
    #[arg(long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// Print one JSON document
    #[arg(long)]
    pub(super) json: bool,
}

/// `play`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::PLAY)]
pub(super) struct Play {
    /// The id of a track that a search has found, the address of a preview, or a file (MP3, AAC, M4A, Ogg Vorbis, FLAC, WAV)
    #[arg(value_name = "TRACK_ID|URL|FILE")]
    pub(super) source: PathBuf,
    /// Play on this device
    #[arg(long, value_name = "NAME", conflicts_with = "no_audio")]
    pub(super) audio_device: Option<String>,
    /// No sound: nothing to do here
    #[arg(long, hide = true)]
    pub(super) no_audio: bool,
}

/// `me`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::ME)]
pub(super) struct Me {
    /// Print the answer as the server sent it
    #[arg(long)]
    pub(super) json: bool,
}

/// `usage`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::USAGE)]
pub(super) struct Usage {
    /// How many calls, 1 to 100
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(super) limit: u8,
    /// How many calls to skip
    #[arg(long, default_value_t = 0)]
    pub(super) offset: u64,
    /// All of them, page by page within the rate limits
    #[arg(long, conflicts_with_all = ["limit", "offset"])]
    pub(super) all: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub(super) csv: bool,
}

/// `batch`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::BATCH)]
pub(super) struct Batch {
    /// The briefs: .txt with a query a line, .csv with a header, or .jsonl
    pub(super) file: PathBuf,
    /// Only show what it would cost
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Spend the credits without asking
    #[arg(long)]
    pub(super) yes: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// Print every track of every brief as comma-separated values
    #[arg(long)]
    pub(super) csv: bool,
    /// Take the answer to nearly the same brief (same words, fewer filters) instead of paying for another
    #[arg(long)]
    pub(super) near: bool,
    /// Then open the screen, brief by brief, to audition and shortlist
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub(super) open: bool,
}

/// `receipts`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::RECEIPTS)]
pub(super) struct Receipts {
    /// Look whether the bought files are still there and unchanged; exit 1 if not
    #[arg(long)]
    pub(super) check: bool,
    /// Write a licence note, credits.txt, beside the bought files
    #[arg(long)]
    pub(super) credits_txt: bool,
    /// Print one JSON document
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// Print comma-separated values
    #[arg(long)]
    pub(super) csv: bool,
}

/// `config`
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Print the path of the file
    Path,
    /// Print what holds, wherever it comes from; never the key
    Show,
    /// Write a file that documents every option and changes nothing
    Init,
}

/// `completions`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::COMPLETIONS)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: clap_complete::Shell,
}

/// `man`
#[derive(Debug, clap::Args)]
#[command(after_help = examples::MAN)]
pub(super) struct Man {
    /// Write a page for each command into this folder instead
    #[arg(long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
}

/// `cache`
#[derive(Debug, Subcommand)]
pub(super) enum Cache {
    /// Print where they are and how much they take
    Info {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Throw out all of them
    Clear {
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
}

/// `sandbox`
#[cfg(feature = "sandbox")]
#[derive(Debug, clap::Args)]
#[command(after_help = examples::SANDBOX)]
pub(super) struct Sandbox {
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(super) port: u16,
    /// Tier: free, starter or pro
    #[arg(long, default_value = "free")]
    pub(super) tier: String,
}
