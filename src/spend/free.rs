//! Free calls: they cost no credit, but they count as requests.

use std::fmt;
use std::time::Duration;

use super::door::Door;
use super::pacing::{self, Kind, Pace};
use crate::api::{self, Account, Answer, UsagePage};

/// Why a free call gave nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum FreeFailure {
    /// The API said no, or could not be reached.
    Api(api::Error),
    /// Held back, so that the last requests of the minute and of the day stay for what is paid.
    HeldBack(Duration),
}

impl std::error::Error for FreeFailure {}

impl fmt::Display for FreeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => error.fmt(f),
            Self::HeldBack(wait) => {
                write!(
                    f,
                    "the last requests the rate limit allows are kept for searches and downloads: try again in {} s",
                    wait.as_secs_f64().ceil()
                )
            }
        }
    }
}

impl From<api::Error> for FreeFailure {
    fn from(error: api::Error) -> Self {
        Self::Api(error)
    }
}

impl Door {
    /// `GET /me`, free. Waits at most `patience` for the rate limit.
    ///
    /// # Errors
    /// [`FreeFailure`].
    pub async fn me(&self, patience: Duration) -> Result<Answer<Account>, FreeFailure> {
        self.pace_free(patience).await?;
        let answer = self.client().me().await;
        self.observe_free(answer.as_ref().map(|answer| answer.limits)).await;
        Ok(answer?)
    }

    /// `GET /usage`, free. `limit` 1 to 100. Waits at most `patience` for the rate limit.
    ///
    /// # Errors
    /// [`FreeFailure`].
    pub async fn usage(&self, limit: u8, offset: u64, patience: Duration) -> Result<Answer<UsagePage>, FreeFailure> {
        self.pace_free(patience).await?;
        let answer = self.client().usage(limit, offset).await;
        self.observe_free(answer.as_ref().map(|answer| answer.limits)).await;
        Ok(answer?)
    }

    async fn pace_free(&self, patience: Duration) -> Result<(), FreeFailure> {
        let mut left = patience;
        loop {
            match pacing::take(self.ledger(), Kind::Free).await {
                Ok(Pace::Go) => return Ok(()),
                Ok(Pace::Wait(wait)) if wait <= left => {
                    left -= wait;
                    tokio::time::sleep(wait).await;
                }
                Ok(Pace::Wait(wait)) => return Err(FreeFailure::HeldBack(wait)),
                // Free calls go on when the ledger cannot be used: they cost nothing.
                Err(error) => {
                    tracing::warn!("{error}");
                    return Ok(());
                }
            }
        }
    }

    async fn observe_free(&self, limits: Result<api::Limits, &api::Error>) {
        let limits = match limits {
            Ok(limits) => Some(limits),
            Err(error) => error.limits(),
        };
        if let Some(limits) = limits
            && let Err(error) = pacing::observe(self.ledger(), limits, false).await
        {
            tracing::warn!("{error}");
        }
    }
}
