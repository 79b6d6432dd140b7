//! One paid exchange: what is tried again, what never is, and what the ledger is told.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;

use super::flights::Pilot;
use super::{Door, Progress};
use crate::api::{Charge, Error, Limits, Problem, RetryAfter};
use crate::spend::ledger::{Begun, Departure, NewSpend, SpendId};
use crate::spend::{Authorised, FailureReason, SpendFailure, SpendState};

/// Tries of a request that never left, and the time they share.
const UNSENT_TRIES: u32 = 3;
const UNSENT_TIME: Duration = Duration::from_secs(10);
/// Times to wait for a 429.
const LIMITED_WAITS: u32 = 3;
/// Wait after a 429 that does not say for how long.
const LIMITED_DEFAULT: Duration = Duration::from_mins(1);
/// Further tries after a fault that is Trackyard's own.
const FAULT_RETRIES: u32 = 2;
/// How often the ledger is read while another process waits for the same answer.
const POLL: Duration = Duration::from_millis(500);

/// A row that stands, and the request's way to those who wait.
pub(super) struct Exchange<'a, T> {
    door: &'a Door,
    pilot: &'a Pilot<T>,
    row: SpendId,
}

/// How a paid request may begin.
pub(super) enum Start<'a, T> {
    Go(Exchange<'a, T>),
    /// Another process paid for the same thing meanwhile.
    Elsewhere(SpendId),
}

impl<'a, T> Exchange<'a, T> {
    /// Writes the ledger row, or says why not. While another process asks for the same, its end is waited for.
    pub(super) async fn begin(door: &'a Door, pilot: &'a Pilot<T>, spend: &NewSpend) -> Result<Start<'a, T>, SpendFailure> {
        let mut looked = false;
        loop {
            if pilot.stopped().is_cancelled() {
                return Err(SpendFailure::free(FailureReason::Cancelled));
            }
            match door.ledger.begin(spend.clone(), door.budgets(), door.clock.now()).await? {
                Begun::Row(row) => return Ok(Start::Go(Self { door, pilot, row })),
                Begun::Budget(text) => return Err(SpendFailure::free(FailureReason::Budget(text))),
                Begun::OutOfCredits(empty) if empty.look && !looked => {
                    looked = true;
                    door.ledger.looked(door.clock.now()).await?;
                    if let Err(error) = door.me(Duration::ZERO).await {
                        tracing::debug!(%error, "the balance cannot be looked at");
                    }
                }
                Begun::OutOfCredits(_) => return Err(SpendFailure::free(FailureReason::OutOfCredits)),
                Begun::Elsewhere(row) => match wait_for(door, pilot, row).await? {
                    // It cost nothing and brought nothing, so this permit is still good.
                    None => {}
                    Some(SpendState::Charged) => return Ok(Start::Elsewhere(row)),
                    Some(state) => {
                        return Err(SpendFailure::new(Charge::Unknown, FailureReason::Elsewhere(state)));
                    }
                },
            }
        }
    }

    pub(super) fn row(&self) -> SpendId {
        self.row
    }

    pub(super) fn tell(&self, progress: Progress) {
        self.pilot.tell(progress);
    }

    /// Sends until there is an answer that counts, and says when that request left. A failure has ended the row; success has not.
    pub(super) async fn send<R, S, F>(&self, send: S) -> Result<(R, Timestamp), SpendFailure>
    where
        S: Fn(Authorised) -> F,
        F: Future<Output = Result<R, Error>>,
    {
        let began = self.door.clock.now();
        let (mut unsent, mut limited, mut faults) = (0, 0, 0);
        let mut waited = Duration::ZERO;
        loop {
            let (authorised, left_at) = self.depart(&mut waited).await?;
            let error = match send(authorised).await {
                Ok(answer) => return Ok((answer, left_at)),
                Err(error) => error,
            };
            let now = self.door.clock.now();
            if let Some(limits) = error.limits() {
                self.door.heard(limits, left_at).await;
            }
            let pause = match &error {
                Error::NotSent(_) => {
                    unsent += 1;
                    let pause = jittered(Duration::from_millis(400) * unsent);
                    self.give_back(left_at).await;
                    (unsent < UNSENT_TRIES && elapsed(began, now) + pause < UNSENT_TIME).then_some(pause)
                }
                Error::Refused(problem) if problem.status == 429 => {
                    limited += 1;
                    let wait = retry_wait(problem, now);
                    self.door.blocked(wait, now).await;
                    if limited > LIMITED_WAITS {
                        return self.fail(error).await;
                    }
                    self.came_back().await?;
                    self.wait(wait, &mut waited).await?;
                    continue;
                }
                Error::Refused(problem) if problem.status >= 500 && problem.from_trackyard => {
                    faults += 1;
                    (faults <= FAULT_RETRIES).then(|| jittered(Duration::from_secs(1) * faults))
                }
                _ => None,
            };
            let Some(pause) = pause else {
                return self.fail(error).await;
            };
            self.came_back().await?;
            self.pilot.tell(Progress::Again(pause));
            self.pause(pause).await?;
        }
    }

    /// Ends the row.
    pub(super) async fn end(&self, state: SpendState, limits: Option<Limits>, note: Option<String>) {
        let ended = self.door.ledger.end(self.row, state, limits, note, self.door.clock.now()).await;
        if let Err(error) = ended {
            // The row stays pending; once this program is gone, the next start finds out.
            tracing::error!(%error, ?state, "the outcome of a paid request could not be written");
        }
    }

    /// No file comes of it any more, whatever it cost: another program that waits for one need not.
    pub(super) async fn no_file_comes(&self) {
        if let Err(error) = self.door.ledger.no_file_comes(self.row).await {
            tracing::error!(%error, "that no file comes could not be written");
        }
    }

    /// Waits for a place in the minute, and for the row to say that the request may be on its way.
    async fn depart(&self, waited: &mut Duration) -> Result<(Authorised, Timestamp), SpendFailure> {
        loop {
            match self.door.ledger.depart(self.row, self.door.clock.now()).await {
                Ok(Departure::Go(authorised, left_at)) => {
                    if self.pilot.leave() {
                        return Ok((authorised, left_at));
                    }
                    self.give_back(left_at).await;
                    return self.stop(FailureReason::Cancelled).await;
                }
                Ok(Departure::Wait(time)) => self.wait(time, waited).await?,
                Ok(Departure::Gone) => return Err(SpendFailure::free(FailureReason::RowGone)),
                Err(error) => return self.stop(FailureReason::Ledger(error)).await,
            }
        }
    }

    /// Waits visibly, within what the user allows in all.
    async fn wait(&self, time: Duration, waited: &mut Duration) -> Result<(), SpendFailure> {
        if *waited + time > self.door.rules.max_wait {
            return self.stop(FailureReason::MaxWait { needed: time }).await;
        }
        *waited += time;
        self.pilot.tell(Progress::Waiting(time));
        self.pause(time).await
    }

    async fn pause(&self, time: Duration) -> Result<(), SpendFailure> {
        tokio::select! {
            biased;
            () = self.pilot.stopped().cancelled() => self.stop(FailureReason::Cancelled).await,
            () = self.door.clock.sleep(time) => Ok(()),
        }
    }

    async fn came_back(&self) -> Result<(), SpendFailure> {
        self.pilot.returned();
        match self.door.ledger.returned(self.row).await {
            Ok(()) => Ok(()),
            Err(error) => self.stop(FailureReason::Ledger(error)).await,
        }
    }

    async fn give_back(&self, left_at: Timestamp) {
        if let Err(error) = self.door.ledger.give_back(left_at).await {
            tracing::warn!(%error, "a place in the minute stays taken");
        }
    }

    /// Ends it for nothing.
    async fn stop<R>(&self, reason: FailureReason) -> Result<R, SpendFailure> {
        self.end(SpendState::Free, None, None).await;
        Err(SpendFailure::free(reason))
    }

    async fn fail<R>(&self, error: Error) -> Result<R, SpendFailure> {
        let charge = error.charge();
        let state = match charge {
            Charge::Free => SpendState::Free,
            Charge::Charged => SpendState::Charged,
            Charge::Unknown => SpendState::Unknown,
        };
        if error.out_of_credits() {
            let balance = error.limits().and_then(|limits| limits.credits_remaining);
            if let Err(error) = self.door.ledger.emptied(balance, self.door.clock.now()).await {
                tracing::warn!(%error, "that the account is empty could not be noted");
            }
        }
        self.end(state, error.limits(), Some(error.to_string())).await;
        self.no_file_comes().await;
        Err(SpendFailure::new(charge, FailureReason::Api(error)))
    }
}

/// Waits until the other process's request has ended; `None` when it certainly brought and cost nothing.
async fn wait_for<T>(door: &Door, pilot: &Pilot<T>, row: SpendId) -> Result<Option<SpendState>, SpendFailure> {
    loop {
        match door.ledger.look(row).await? {
            Some(look) if look.state == SpendState::Free => return Ok(None),
            // Paid for, but there is nothing to hand out before all of it is here.
            Some(look) if look.receiving && look.alive => {}
            Some(look) if look.state != SpendState::Pending => return Ok(Some(look.state)),
            Some(look) if look.alive => {}
            // Its program is gone: what was sent may have been charged, which only the usage history tells.
            Some(look) => return Ok(look.sent.then_some(SpendState::Unknown)),
            None => return Ok(None),
        }
        tokio::select! {
            biased;
            () = pilot.stopped().cancelled() => return Err(SpendFailure::free(FailureReason::Cancelled)),
            () = door.clock.sleep(POLL) => {}
        }
    }
}

/// How long a 429 asks to wait. A date counts by the server's clock.
pub(super) fn retry_wait(problem: &Problem, now: Timestamp) -> Duration {
    match problem.retry_after {
        None => LIMITED_DEFAULT,
        Some(RetryAfter::In(time)) => time,
        Some(RetryAfter::At(date)) => {
            let server = problem.limits.server_time.unwrap_or(now);
            date.duration_since(server).try_into().unwrap_or(LIMITED_DEFAULT)
        }
    }
}

fn elapsed(from: Timestamp, to: Timestamp) -> Duration {
    to.duration_since(from).try_into().unwrap_or_default()
}

/// The time, give or take a quarter, so that many programs do not come back at once.
fn jittered(time: Duration) -> Duration {
    let part = RandomState::new().hash_one(0) % 1000;
    time.mul_f64(0.75 + part as f64 / 2000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(retry_after: Option<RetryAfter>, server_time: Option<Timestamp>) -> Problem {
        Problem {
            status: 429,
            code: None,
            message: None,
            request_id: None,
            retry_after,
            from_trackyard: true,
            limits: Limits {
                server_time,
                ..Limits::default()
            },
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn retry_after_counts_by_the_servers_clock() {
        let now = at(5000);
        let wait = |retry, server| retry_wait(&problem(retry, server), now);
        assert_eq!(wait(Some(RetryAfter::In(Duration::from_secs(7))), None), Duration::from_secs(7));
        assert_eq!(wait(Some(RetryAfter::At(at(30))), Some(at(0))), Duration::from_secs(30));
        assert_eq!(wait(Some(RetryAfter::At(at(5030))), None), Duration::from_secs(30));
        // Missing, and a date that has gone by.
        assert_eq!(wait(None, None), LIMITED_DEFAULT);
        assert_eq!(wait(Some(RetryAfter::At(at(-1))), Some(at(0))), LIMITED_DEFAULT);
    }

    #[test]
    fn jitter_stays_near_the_time() {
        for _ in 0..100 {
            let time = jittered(Duration::from_secs(1));
            assert!((750..=1250).contains(&time.as_millis()), "{time:?}");
        }
    }
}
