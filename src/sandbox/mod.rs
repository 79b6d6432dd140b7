//! The embedded Trackyard: a real HTTP server with the contract of the real one. The client has no special path for it.
//!
//! It is an independent implementation of the contract and shares no code with the client, so that it can catch the
//! client's mistakes.
//!
//! | you look for | it is in |
//! |---|---|
//! | the endpoints | `routes`, with `parameters` (what a request may say) and `errors` (what a refusal looks like) |
//! | credits, limits, usage history | `account` |
//! | which tracks there are | `catalogue`, words in `assets/sandbox/` |
//! | what a query finds | `search` |
//! | how a track sounds | `music` (notes and voices), `mp3` and `recordings` (encoding, cache), `trim` (clips) |
//! | previews and Range | `previews`, `range` |
//! | how it fails when told to | `faults`, `delivery` (bodies), `wire` (connections) |

mod account;
mod catalogue;
mod delivery;
mod errors;
mod faults;
mod house;
mod mp3;
mod music;
mod parameters;
mod previews;
mod range;
mod recordings;
mod routes;
mod search;
mod seed;
mod seen;
mod trim;
mod wire;

use std::fmt;
use std::io;
use std::net::Ipv4Addr;
use std::str::FromStr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use faults::{Fault, Faults, Mangler, Target};
pub use seen::{Origin, Seen};

use house::House;

/// A plan of Trackyard's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Tier {
    /// 50 credits, 5 requests a minute, 50 a day.
    #[default]
    Free,
    /// 300 credits, 10 requests a minute, 500 a day.
    Starter,
    /// 50,000 credits, 300 requests a minute, no daily limit.
    Pro,
}

impl Tier {
    /// The word as the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Starter => "starter",
            Self::Pro => "pro",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word is not the name of a tier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown tier {0:?}: free, starter or pro")]
pub struct UnknownTier(String);

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(word: &str) -> Result<Self, UnknownTier> {
        match word.to_ascii_lowercase().as_str() {
            "free" => Ok(Self::Free),
            "starter" => Ok(Self::Starter),
            "pro" => Ok(Self::Pro),
            _ => Err(UnknownTier(word.to_owned())),
        }
    }
}

/// How a sandbox starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The plan its only key has.
    pub tier: Tier,
    /// The API's port on the loopback address; 0 takes any free one. The previews' port is always any free one.
    pub port: u16,
    /// The only key it knows; `None` makes a random one that looks like the real ones.
    pub key: Option<String>,
    /// The balance it starts with; `None` gives the tier's monthly allowance.
    pub credits: Option<i64>,
}

/// A running sandbox. Dropping it ends the server and every connection.
#[derive(Debug)]
pub struct Sandbox {
    house: Arc<House>,
    api_url: String,
    stop: CancellationToken,
}

impl Sandbox {
    /// Starts serving on two loopback ports. Needs a Tokio runtime with time and network.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start(options: Options) -> io::Result<Self> {
        let api = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let previews = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let api_url = format!("http://{}{}", api.local_addr()?, routes::BASE_PATH);
        let preview_origin = format!("http://{}", previews.local_addr()?);
        let stop = CancellationToken::new();
        let house = Arc::new(House::new(options, preview_origin));
        routes::serve(Arc::clone(&house), wire::Wires::new(api, &stop), stop.clone());
        previews::serve(Arc::clone(&house), wire::Wires::new(previews, &stop), stop.clone());
        Ok(Self { house, api_url, stop })
    }

    /// Ends the server and every connection. Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }

    /// The API's base URL, path included.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// Where the previews are: another port, so another origin, as in reality.
    pub fn preview_origin(&self) -> &str {
        &self.house.preview_origin
    }

    /// The only key that is let in.
    pub fn key(&self) -> &str {
        &self.house.key
    }

    /// What it is told to do wrong; can be changed while it runs.
    pub fn faults(&self) -> &Faults {
        &self.house.faults
    }

    /// Credits charged since the start.
    pub fn charged(&self) -> u64 {
        self.house.account().charged()
    }

    /// Credits left.
    pub fn balance(&self) -> i64 {
        self.house.account().balance()
    }

    /// Sets the credits left.
    pub fn set_balance(&self, credits: i64) {
        self.house.account().set_balance(credits);
    }

    /// Every request to either port, oldest first, at most the last 10,000.
    pub fn requests(&self) -> Vec<Seen> {
        self.house.seen.all()
    }

    /// Forgets the requests of this minute and day.
    pub fn reset_limits(&self) {
        self.house.account().reset_limits();
    }

    /// Sets the requests allowed in any 60 seconds and any 24 hours; `None` is no limit (and then no header pair).
    pub fn set_limits(&self, per_minute: Option<u64>, per_day: Option<u64>) {
        self.house.account().set_limits(per_minute, per_day);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
