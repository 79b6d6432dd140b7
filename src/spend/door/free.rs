//! The free calls, which give way to paid ones.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use super::{Door, exchange::retry_wait};
use crate::api::{Account, Answer, Charge, Error, Limits, UsagePage};
use crate::spend::failure::seconds;
use crate::spend::ledger::FreePlace;

/// Why a free call gave nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum FreeFailure {
    /// The API said no, or could not be reached.
    Api(Error),
    /// Held back: what is left of the rate limit is kept for searches and downloads. It would be sent in so long.
    HeldBack(Duration),
}

impl std::error::Error for FreeFailure {}

impl fmt::Display for FreeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(error) => {
                error.fmt(f)?;
                // The others say themselves what to do.
                let unanswered = matches!(error, Error::Lost(_) | Error::Refused(_)) && error.charge() == Charge::Unknown;
                f.write_str(if unanswered { ": try again in a little while" } else { "" })
            }
            Self::HeldBack(wait) => write!(
                f,
                "the last requests that the rate limit allows are kept for searches and downloads: look again in {}",
                seconds(*wait)
            ),
        }
    }
}

impl Door {
    /// `GET /me`, free. Waits at most `patience` for a place in the rate limit.
    ///
    /// # Errors
    /// [`FreeFailure`].
    pub async fn me(&self, patience: Duration) -> Result<Answer<Account>, FreeFailure> {
        let answer = self.free_call(patience, || self.client.me(), |answer| answer.limits).await?;
        if let Err(error) = self.ledger.told_limits(answer.value.rate_limit).await {
            tracing::warn!(%error, "the limits of the account could not be noted");
        }
        Ok(answer)
    }

    /// `GET /usage`, free. `limit` 1 to 100. Waits at most `patience` for a place in the rate limit.
    ///
    /// # Errors
    /// [`FreeFailure`].
    pub async fn usage(&self, limit: u8, offset: u64, patience: Duration) -> Result<Answer<UsagePage>, FreeFailure> {
        self.free_call(patience, || self.client.usage(limit, offset), |answer| answer.limits)
            .await
    }

    async fn free_call<T, F>(
        &self,
        mut patience: Duration,
        call: impl FnOnce() -> F,
        limits: impl Fn(&T) -> Limits,
    ) -> Result<T, FreeFailure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let sent = loop {
            match self.ledger.free_place(self.clock.now()).await {
                Ok(FreePlace::Go(sent)) => break sent,
                Ok(FreePlace::Wait(time)) if time <= patience => {
                    patience -= time;
                    self.clock.sleep(time).await;
                }
                Ok(FreePlace::Wait(time) | FreePlace::Tomorrow(time)) => return Err(FreeFailure::HeldBack(time)),
                Err(error) => {
                    // A free call harms nobody; it only goes uncounted.
                    tracing::warn!(%error, "a free call goes uncounted");
                    break self.clock.now();
                }
            }
        };
        let result = call().await;
        let said = match &result {
            Ok(answer) => Some(limits(answer)),
            Err(error) => error.limits(),
        };
        if let Some(said) = said {
            self.heard(said, sent).await;
        }
        if let Err(Error::Refused(problem)) = &result
            && problem.status == 429
        {
            let now = self.clock.now();
            self.blocked(retry_wait(problem, now), now).await;
        }
        result.map_err(FreeFailure::Api)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Clean;

    #[test]
    fn what_nobody_has_answered_says_what_to_do() {
        let lost = FreeFailure::Api(Error::Lost(Clean::new("no answer in time")));
        assert_eq!(
            lost.to_string(),
            "no whole answer came back (no answer in time): try again in a little while"
        );
        let unsent = FreeFailure::Api(Error::NotSent(Clean::new("refused")));
        assert!(unsent.to_string().ends_with("check the connection and --api-url"), "{unsent}");
    }
}
