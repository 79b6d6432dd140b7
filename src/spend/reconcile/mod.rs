//! Finding out what became of requests whose answers were lost: `/usage` knows, by the server's clock.

mod history;
mod verdict;

use std::fmt;
use std::time::Duration;

use super::ledger::{OpenRows, SentRow};
use super::{Door, SpendState};
use history::History;
use verdict::{Finding, judge};

/// How long after a request ended its record is looked for, and again. It takes the server a moment to write it down.
const FIRST_LOOK: Duration = Duration::from_secs(3);
const SECOND_LOOK: Duration = Duration::from_secs(10);
/// A request whose program died may be answered so long after it was sent.
const ANSWER_TIME_MS: i64 = 60_000;
/// The longest that a look waits for its place in the rate limit.
const PATIENCE: Duration = Duration::from_secs(90);

/// A spend of which it is known now what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The query or the track.
    pub what: String,
    /// Whether it was charged; if not, it was free.
    pub charged: bool,
    /// It was a download.
    pub download: bool,
    /// This session began it; else an earlier one, or another program.
    pub own: bool,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.download { "download" } else { "search" };
        let cost = if self.charged {
            "was charged 1 credit, as the usage history shows; its answer was lost"
        } else {
            "was not charged, as the usage history shows"
        };
        write!(f, "The {kind} “{}” {cost}", self.what)
    }
}

impl Door {
    /// Looks up what became of the spends that are not settled: at start-up, and after an unknown outcome. Sends nothing
    /// when there are none. Takes up to about ten seconds; what cannot be told stays unknown until the next start.
    pub async fn reconcile(&self) -> Vec<Settled> {
        // Two looks at the same time would tell the same news twice.
        let _one_at_a_time = self.reconciling.lock().await;
        let mut settled = Vec::new();
        for last in [false, true] {
            let Some((rows, age)) = self.unsettled().await else { break };
            // Old ones need one look only: what is not in the history by now will never be.
            if !last && age >= SECOND_LOOK {
                continue;
            }
            let due = if last { SECOND_LOOK } else { FIRST_LOOK };
            if age < due {
                self.clock.sleep(due.saturating_sub(age)).await;
            }
            let Some(history) = self.history(&rows, PATIENCE).await else {
                continue;
            };
            settled.extend(self.settle(rows, &history, last).await);
        }
        settled
    }

    /// The same in one look, for a command that shall not be kept waiting: what is not due yet is left to the next start.
    pub async fn reconcile_due(&self) -> Vec<Settled> {
        let _one_at_a_time = self.reconciling.lock().await;
        let Some((rows, age)) = self.unsettled().await else {
            return Vec::new();
        };
        if age < FIRST_LOOK {
            return Vec::new();
        }
        match self.history(&rows, Duration::ZERO).await {
            Some(history) => self.settle(rows, &history, age >= SECOND_LOOK).await,
            None => Vec::new(),
        }
    }

    /// The rows to be looked up, if there are any, and how long ago the youngest ended.
    async fn unsettled(&self) -> Option<(OpenRows, Duration)> {
        let now = self.clock.now();
        match self.ledger.open_rows(now).await {
            Ok(rows) => {
                let youngest = rows.open.iter().map(|row| age(row, now.as_millisecond())).min()?;
                Some((rows, Duration::from_millis(youngest)))
            }
            Err(error) => {
                tracing::warn!(%error, "spends of unknown outcome could not be looked up");
                None
            }
        }
    }

    async fn settle(&self, rows: OpenRows, history: &History, last: bool) -> Vec<Settled> {
        let mut settled = Vec::new();
        for (row, finding) in judge(rows, history, last) {
            let (state, usage, note) = match finding {
                Finding::Charged(at) => (
                    SpendState::Charged,
                    Some(at),
                    "charged, as the usage history shows; the answer was lost",
                ),
                Finding::Free => (SpendState::Free, None, "not charged, as the usage history shows"),
            };
            match self.ledger.settle(row.id, state, usage, note).await {
                Ok(true) => settled.push(Settled {
                    charged: state == SpendState::Charged,
                    download: row.endpoint == history::DOWNLOAD,
                    own: row.own,
                    what: row.what,
                }),
                // Another process was faster.
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "what became of a spend could not be noted"),
            }
        }
        settled
    }
}

/// How long ago a request ended, in milliseconds. One whose program died young may just be ending.
fn age(row: &SentRow, now: i64) -> u64 {
    let since = match row.ended_ms {
        Some(ended) => now - ended,
        None if now - row.sent_ms < ANSWER_TIME_MS => 0,
        None => now - row.sent_ms,
    };
    u64::try_from(since).unwrap_or_default()
}
