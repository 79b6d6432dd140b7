//! The door: permit in, ledger row, request, outcome into the ledger, answer out.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::flight::Flights;
use super::ledger::{Begun, Entry, Outcome, rows};
use super::pacing::{self, Kind, Pace};
use super::{Authorised, Bought, FailureReason, Identity, Ledger, Permit, SpendFailure, SpendState, Target};
use crate::api::{self, Answer, Charge, Client, DownloadRequest, Error, Problem, RetryAfter, SearchPage, SearchRequest, Track};

/// Tries of a request that never left this machine, and how long they may take.
const UNSENT_TRIES: u32 = 3;
const UNSENT_PAUSE: Duration = Duration::from_millis(700);
/// Times a 429 is waited out.
const LIMITED_TRIES: u32 = 3;
/// The wait after a 429 that names none, or none that makes sense.
const LIMITED_PAUSE: Duration = Duration::from_secs(60);
/// Retries after an error that Trackyard itself answered with.
const SERVER_TRIES: u32 = 2;
const SERVER_PAUSE: Duration = Duration::from_millis(800);
/// How often one looks at the row of another program's request, and for how long.
const ELSEWHERE_PAUSE: Duration = Duration::from_millis(250);
const ELSEWHERE_PATIENCE: Duration = Duration::from_secs(120);

/// What happens to a paid request while one waits for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Held back by a rate limit for this long; can still be cancelled, for nothing.
    Waiting(Duration),
    /// On its way: from here on it is never cancelled.
    Sent,
    /// So many bytes of the file are here, of so many if the server said.
    Receiving {
        /// Bytes here.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
}

/// Told what happens, from the task.
pub(super) type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// Stores a paid answer before it is handed out, so that it is kept even if nobody waits for it any more.
pub type OnSearch = Arc<dyn Fn(Identity, SearchRequest, SearchPage) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Limits the user sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Most credits this session may spend; `None`: no limit.
    pub budget: Option<u64>,
    /// Most credits a calendar month (UTC) may spend.
    pub monthly_budget: Option<u64>,
    /// Most time to wait for a rate limit in all.
    pub max_wait: Duration,
    /// Where bytes go that were paid for and cannot be written where they belong.
    pub rescue_folder: PathBuf,
}

type Searched = Result<Answer<SearchPage>, SpendFailure>;
type Downloaded = Result<Bought, SpendFailure>;

/// The door. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    client: Client,
    ledger: Ledger,
    rules: Arc<Rules>,
    store: Option<OnSearch>,
    searches: Flights<Searched>,
    downloads: Flights<Downloaded>,
}

impl Door {
    /// Opens the door.
    pub fn new(client: Client, ledger: Ledger, rules: Rules) -> Self {
        Self {
            client,
            ledger,
            rules: Arc::new(rules),
            store: None,
            searches: Flights::default(),
            downloads: Flights::default(),
        }
    }

    /// Every paid answer is stored by this before anybody sees it.
    #[must_use]
    pub fn with_search_store(self, store: OnSearch) -> Self {
        Self {
            store: Some(store),
            ..self
        }
    }

    /// The ledger behind it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The client, whose free calls anybody may use.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Sends a search. `cancel` stops it only before it is sent; `progress` is called from the task.
    ///
    /// # Errors
    /// [`SpendFailure`].
    pub async fn search(
        &self,
        permit: Permit<SearchRequest>,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Answer<SearchPage>, SpendFailure> {
        let identity = Identity::of_search(&self.client.endpoint().origin(), permit.request());
        let door = self.clone();
        let flight = {
            let identity = identity.clone();
            move || async move { door.fly_search(identity, permit, cancel, Arc::new(progress)).await }
        };
        self.searches.join(identity, flight).await.unwrap_or_else(|| Err(died()))
    }

    /// Buys a download, or returns the file that was bought before unless the permit is fresh. `track` names the file and fills its tags.
    ///
    /// # Errors
    /// [`SpendFailure`].
    pub async fn download(
        &self,
        permit: Permit<DownloadRequest>,
        track: Option<Arc<Track>>,
        target: Target,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Bought, SpendFailure> {
        let identity = Identity::of_download(&self.client.endpoint().origin(), permit.request());
        let door = self.clone();
        let flight = {
            let identity = identity.clone();
            move || async move { super::download::fly(door, identity, permit, track, target, cancel, Arc::new(progress)).await }
        };
        self.downloads.join(identity, flight).await.unwrap_or_else(|| Err(died()))
    }

    async fn fly_search(self, identity: Identity, permit: Permit<SearchRequest>, cancel: CancellationToken, tell: Tell) -> Searched {
        let request = permit.into_request();
        let entry = Entry {
            identity: identity.as_str().to_owned(),
            endpoint: "/search",
            query: Some(request.query().to_owned()),
            track_id: None,
            title: None,
            clip: None,
            session_budget: self.rules.budget,
            month_budget: self.rules.monthly_budget,
        };
        let row = self.begin(entry).await?;
        let sent = self
            .send(row, &cancel, &tell, |authorised| self.client.search(authorised, &request))
            .await;
        match sent {
            Ok(answer) => {
                let note = (answer.value.skipped > 0).then(|| format!("{} entries could not be read", answer.value.skipped));
                if let Some(store) = &self.store {
                    store(identity, request.clone(), answer.value.clone()).await;
                }
                self.end(
                    row,
                    SpendState::Charged,
                    Outcome {
                        balance: answer.limits.credits_remaining,
                        note,
                        ..Outcome::default()
                    },
                )
                .await;
                self.observe(answer.limits, false).await;
                Ok(answer)
            }
            Err(failure) => Err(self.fail(row, failure).await),
        }
    }

    /// Writes the row that has to stand before anything is sent.
    pub(super) async fn begin(&self, entry: Entry) -> Result<i64, SpendFailure> {
        let begun = self
            .ledger
            .write(move |transaction, scope| rows::begin(transaction, scope, &entry))
            .await?;
        match begun {
            Begun::Row(row) => Ok(row),
            Begun::OverBudget(reason) => Err(SpendFailure::free(FailureReason::Budget(reason))),
            Begun::OutOfCredits => Err(SpendFailure::free(FailureReason::OutOfCredits)),
            Begun::Elsewhere(row) => {
                self.wait_elsewhere(row).await?;
                Err(SpendFailure::free(FailureReason::Elsewhere))
            }
        }
    }

    /// Waits until another program's request has ended.
    async fn wait_elsewhere(&self, row: i64) -> Result<(), SpendFailure> {
        let until = Instant::now() + ELSEWHERE_PATIENCE;
        while Instant::now() < until {
            let state = self
                .ledger
                .write(move |transaction, scope| rows::state_of(transaction, scope, row))
                .await?;
            if state != SpendState::Pending {
                break;
            }
            sleep(ELSEWHERE_PAUSE).await;
        }
        Ok(())
    }

    /// Sends what `call` makes, by the rules of retrying: only what certainly cost nothing is sent again.
    pub(super) async fn send<T, F>(
        &self,
        _row: i64,
        cancel: &CancellationToken,
        tell: &Tell,
        call: impl Fn(&'static Authorised) -> F,
    ) -> Result<T, SpendFailure>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (mut unsent, mut limited, mut server) = (0, 0, 0);
        let mut waited = Duration::ZERO;
        loop {
            self.pace(cancel, tell, &mut waited).await?;
            if cancel.is_cancelled() {
                return Err(SpendFailure::free(FailureReason::Cancelled));
            }
            tell(Progress::Sent);
            // The row of this request is on disk since `begin`.
            let error = match call(Authorised::after_ledger_row()).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if let Some(limits) = error.limits() {
                self.observe(limits, error.out_of_credits()).await;
            }
            let pause = match &error {
                Error::NotSent(_) if unsent + 1 < UNSENT_TRIES => {
                    unsent += 1;
                    UNSENT_PAUSE * unsent
                }
                Error::Refused(problem) if problem.status == 429 && limited < LIMITED_TRIES => {
                    limited += 1;
                    limited_pause(problem)
                }
                Error::Refused(problem) if problem.status >= 500 && problem.from_trackyard && server < SERVER_TRIES => {
                    server += 1;
                    SERVER_PAUSE * server + jitter()
                }
                _ => {
                    return Err(SpendFailure {
                        charge: error.charge(),
                        reason: FailureReason::Api(error),
                    });
                }
            };
            self.wait(pause, cancel, tell, &mut waited).await?;
        }
    }

    /// Waits for a place in the rate limit.
    async fn pace(&self, cancel: &CancellationToken, tell: &Tell, waited: &mut Duration) -> Result<(), SpendFailure> {
        loop {
            match pacing::take(&self.ledger, Kind::Paid).await? {
                Pace::Go => return Ok(()),
                Pace::Wait(wait) => self.wait(wait, cancel, tell, waited).await?,
            }
        }
    }

    async fn wait(&self, pause: Duration, cancel: &CancellationToken, tell: &Tell, waited: &mut Duration) -> Result<(), SpendFailure> {
        if *waited + pause > self.rules.max_wait {
            return Err(SpendFailure::free(FailureReason::MaxWait { needed: pause }));
        }
        *waited += pause;
        tell(Progress::Waiting(pause));
        tokio::select! {
            () = sleep(pause) => Ok(()),
            () = cancel.cancelled() => Err(SpendFailure::free(FailureReason::Cancelled)),
        }
    }

    /// Ends a row. If the disk fails now, the row stays pending, and the next start finds out what became of it.
    pub(super) async fn end(&self, row: i64, state: SpendState, outcome: Outcome) {
        if let Err(error) = self
            .ledger
            .write(move |transaction, _| rows::end(transaction, row, state, &outcome))
            .await
        {
            tracing::error!("{error}");
        }
    }

    /// Ends the row of a request that gave nothing.
    pub(super) async fn fail(&self, row: i64, failure: SpendFailure) -> SpendFailure {
        let state = match failure.charge {
            Charge::Free => SpendState::Free,
            Charge::Charged => SpendState::Charged,
            Charge::Unknown => SpendState::Unknown,
        };
        let balance = failure.limits().and_then(|limits| limits.credits_remaining);
        self.end(
            row,
            state,
            Outcome {
                balance,
                note: Some(failure.reason.to_string()),
                ..Outcome::default()
            },
        )
        .await;
        failure
    }

    pub(super) async fn observe(&self, limits: api::Limits, out_of_credits: bool) {
        if let Err(error) = pacing::observe(&self.ledger, limits, out_of_credits).await {
            tracing::warn!("{error}");
        }
    }
}

/// How long to wait after a 429: as the server says, by its own clock, if that makes sense.
fn limited_pause(problem: &Problem) -> Duration {
    match problem.retry_after {
        Some(RetryAfter::In(wait)) if !wait.is_zero() => wait,
        Some(RetryAfter::At(time)) => {
            let now = problem.limits.server_time.unwrap_or_else(Timestamp::now);
            Duration::try_from(time.duration_since(now))
                .ok()
                .filter(|wait| !wait.is_zero())
                .unwrap_or(LIMITED_PAUSE)
        }
        _ => LIMITED_PAUSE,
    }
}

/// Up to a quarter of a second, so that programs that failed together do not try again together.
fn jitter() -> Duration {
    Duration::from_nanos(Timestamp::now().subsec_nanosecond().unsigned_abs().into()) / 4
}

/// A task that dies leaves its row pending; its process lives, so only the next start can look at it.
fn died() -> SpendFailure {
    let error = Error::Lost(crate::text::Clean::new("the task failed"));
    SpendFailure {
        charge: Charge::Unknown,
        reason: FailureReason::Api(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Limits;

    fn limited(retry_after: Option<RetryAfter>, server_time: Option<&str>) -> Duration {
        let limits = Limits {
            server_time: server_time.map(|time| time.parse().unwrap()),
            ..Limits::default()
        };
        let problem = Problem {
            status: 429,
            code: None,
            message: None,
            request_id: None,
            retry_after,
            from_trackyard: true,
            limits,
        };
        limited_pause(&problem)
    }

    #[test]
    fn a_429_is_waited_out_as_the_server_says_or_for_a_minute() {
        assert_eq!(limited(Some(RetryAfter::In(Duration::from_secs(7))), None), Duration::from_secs(7));
        assert_eq!(limited(Some(RetryAfter::In(Duration::ZERO)), None), Duration::from_secs(60));
        assert_eq!(limited(None, None), Duration::from_secs(60));
        let at = RetryAfter::At("2020-01-01T00:00:30Z".parse().unwrap());
        assert_eq!(
            limited(Some(at), Some("2020-01-01T00:00:00Z")),
            Duration::from_secs(30),
            "by the server's clock, however wrong it is"
        );
        assert_eq!(
            limited(Some(at), Some("2020-01-01T00:05:00Z")),
            Duration::from_secs(60),
            "a date that is past makes no sense"
        );
    }
}
