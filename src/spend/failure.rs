//! Why a request through the door gave nothing, and what it cost, in the user's words.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{LedgerError, SpendState};
use crate::api::{self, Charge, Limits};

/// Why a request gave nothing, and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendFailure {
    /// Whether a credit is gone.
    pub charge: Charge,
    /// What went wrong.
    pub reason: FailureReason,
    /// Another ask of this program was for the same, and was told of this first: what it cost is in the books already.
    pub shared: bool,
}

/// Why a search gave nothing, and what it cost.
pub type SearchFailure = SpendFailure;
/// Why a download gave no file, and what it cost.
pub type DownloadFailure = SpendFailure;

/// Why a request failed.
#[derive(Debug, Clone, PartialEq)]
pub enum FailureReason {
    /// The API said no, or could not be reached.
    Api(api::Error),
    /// The ledger refused.
    Ledger(LedgerError),
    /// The row of the request was ended by another program before it left.
    RowGone,
    /// The budget is used up; the text names which.
    Budget(String),
    /// A 402 was seen and no better balance since, so nothing was sent.
    OutOfCredits,
    /// Rate limited for longer than the user wants to wait.
    MaxWait {
        /// How long it would be from now on.
        needed: Duration,
    },
    /// Cancelled before it was sent.
    Cancelled,
    /// Nothing is asked of any server in this session.
    Offline,
    /// Another process asked for the same thing meanwhile, and this became of it. Where its answer is here, it is given instead.
    Elsewhere(SpendState),
    /// The target folder cannot take the file; found before anything was sent.
    Target(String),
    /// The body is not whole or not audio; where it was kept.
    NotWhole {
        /// What is wrong.
        reason: String,
        /// Where the bytes are.
        kept: Option<PathBuf>,
        /// What the response said about limits and credits.
        limits: Limits,
    },
    /// The answer before this came, for its credit, and is not in the library. Nothing was sent after it.
    NotStored,
    /// The program is ending, or its own task broke off.
    BrokenOff,
}

impl SpendFailure {
    /// One that was told to nobody else.
    pub(crate) fn new(charge: Charge, reason: FailureReason) -> Self {
        Self {
            charge,
            reason,
            shared: false,
        }
    }

    pub(crate) fn free(reason: FailureReason) -> Self {
        Self::new(Charge::Free, reason)
    }

    /// What the response said about limits and credits, if there was one.
    pub fn limits(&self) -> Option<Limits> {
        match &self.reason {
            FailureReason::Api(error) => error.limits(),
            FailureReason::NotWhole { limits, .. } => Some(*limits),
            _ => None,
        }
    }

    /// The account has no credits left.
    pub fn out_of_credits(&self) -> bool {
        match &self.reason {
            FailureReason::Api(error) => error.out_of_credits(),
            FailureReason::OutOfCredits => true,
            _ => false,
        }
    }
}

impl From<LedgerError> for SpendFailure {
    fn from(error: LedgerError) -> Self {
        Self::free(FailureReason::Ledger(error))
    }
}

impl std::error::Error for SpendFailure {}

impl fmt::Display for SpendFailure {
    /// What happened, whether it was charged, what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        if matches!(
            self.reason,
            FailureReason::NotWhole { .. } | FailureReason::Elsewhere(_) | FailureReason::NotStored
        ) {
            // They say themselves what it cost.
            return Ok(());
        }
        f.write_str(match self.charge {
            Charge::Free => " · nothing was charged",
            Charge::Charged => " · 1 credit was charged",
            Charge::Unknown => {
                " · it may have cost 1 credit: the usage history will tell, and the receipts show the outcome; asking again may cost another"
            }
        })
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Ledger(error) => error.fmt(f),
            Self::RowGone => f.write_str("another program ended the ledger row of this request, so nothing was sent; try again"),
            Self::Budget(text) | Self::Target(text) => f.write_str(text),
            Self::OutOfCredits => f.write_str(
                "no credits were left when Trackyard was last asked, so nothing was sent. Look at the balance again (u, or “trackyard-tui me”) once it has risen: by the monthly reset, if your plan has one, or by an upgrade at app.trackyard.com/billing",
            ),
            Self::MaxWait { needed } => write!(
                f,
                "rate limited: Trackyard takes the next request in {}, longer than --max-wait allows; try again then",
                seconds(*needed)
            ),
            Self::Offline => f.write_str("offline: no server is asked, and this was not asked before; start without --offline for it"),
            Self::Cancelled => f.write_str("cancelled before it was sent"),
            Self::Elsewhere(SpendState::Charged) => {
                f.write_str("another trackyard-tui asked for the same thing and paid for it, but what came is not here, or not all of it: the receipts show what there is. Asking again costs 1 credit")
            }
            Self::Elsewhere(_) => f.write_str("another trackyard-tui asked for the same thing, and its answer is not known: it may have cost 1 credit; the receipts show the outcome"),
            Self::NotWhole { reason, kept: Some(path), .. } => write!(f, "charged, {reason}; what came is kept in {}", path.display()),
            Self::NotWhole { reason, kept: None, .. } => write!(f, "charged, {reason}"),
            Self::NotStored => f.write_str(
                "the last answer could not be put into the library: it was paid for, and lasts only as long as this program. Nothing more is asked; make room on the disk first",
            ),
            Self::BrokenOff => f.write_str("the program broke off before the answer was there"),
        }
    }
}

/// A time for people: `45 s`, `3 min`, `2 h`.
pub(in crate::spend) fn seconds(time: Duration) -> String {
    let whole = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match whole {
        0..=119 => format!("{whole} s"),
        120..=7199 => format!("{} min", whole.div_ceil(60)),
        _ => format!("{} h", whole.div_ceil(3600)),
    }
}
