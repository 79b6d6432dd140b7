//! Why a paid request gave nothing, and what it cost.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::LedgerError;
use crate::api::{self, Charge, Limits};

/// Why a paid request failed.
#[derive(Debug, Clone, PartialEq)]
pub enum FailureReason {
    /// The API said no, or could not be reached, or its answer cannot be read.
    Api(api::Error),
    /// The ledger refused.
    Ledger(LedgerError),
    /// The budget is used up; which one, and how to raise it.
    Budget(String),
    /// A 402 was seen, and no better balance since.
    OutOfCredits,
    /// Rate limited for longer than the user wants to wait.
    MaxWait {
        /// How long it would be.
        needed: Duration,
    },
    /// Another program asked for the same and got it a moment ago, or still waits for it.
    Elsewhere,
    /// Cancelled before it was sent.
    Cancelled,
    /// The target cannot take the file; found before anything was sent.
    Target(String),
    /// The body is not whole, is not audio, or could not be written.
    NotWhole {
        /// What is wrong.
        reason: String,
        /// Where the bytes are.
        kept: Option<PathBuf>,
    },
}

/// A paid request that gave nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct SpendFailure {
    /// Whether a credit is gone.
    pub charge: Charge,
    /// What went wrong.
    pub reason: FailureReason,
}

impl SpendFailure {
    pub(super) fn free(reason: FailureReason) -> Self {
        Self {
            charge: Charge::Free,
            reason,
        }
    }

    /// What the response said about limits and credits, if there was one.
    pub fn limits(&self) -> Option<Limits> {
        match &self.reason {
            FailureReason::Api(error) => error.limits(),
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
    /// What happened, what it cost, and what to do next.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.charge, &self.reason) {
            (Charge::Unknown, reason) => write!(
                f,
                "It may have cost a credit: {reason}. The history of calls is looked through to find out; see receipts"
            ),
            (Charge::Charged, reason) => write!(f, "Charged 1 credit, but {reason}"),
            (Charge::Free, FailureReason::Cancelled) => f.write_str("Cancelled before it was sent: nothing spent"),
            (Charge::Free, reason) => write!(f, "Nothing spent: {reason}"),
        }
    }
}

impl fmt::Display for FailureReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::Ledger(error) => error.fmt(f),
            Self::Budget(text) | Self::Target(text) => f.write_str(text),
            Self::OutOfCredits => f.write_str(
                "no credits are left, as far as is known. Look at the account once they should be back (`trackyard-tui me`, or u on the screen), or see app.trackyard.com/billing",
            ),
            Self::MaxWait { needed } => {
                write!(f, "the rate limit asks to wait {} s, longer than --max-wait allows: try again then", needed.as_secs_f64().ceil())
            }
            Self::Elsewhere => f.write_str("another program asked for the same a moment ago: ask again, its answer is free"),
            Self::Cancelled => f.write_str("it was cancelled"),
            Self::NotWhole { reason, kept: Some(path) } => write!(f, "{reason}; what came is kept in {}", path.display()),
            Self::NotWhole { reason, kept: None } => f.write_str(reason),
        }
    }
}
