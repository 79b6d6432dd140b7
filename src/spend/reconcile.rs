//! Finding out what became of requests whose answers were lost: `/usage` knows, by the server's clock.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use super::SpendState;
use super::door::Door;
use super::ledger::{Open, Outcome, rows};
use super::pacing;
use crate::api::UsageRecord;

/// When `/usage` is looked at, counted from the first try: it takes a moment to know.
const FIRST_LOOK: Duration = Duration::from_secs(3);
const SECOND_LOOK: Duration = Duration::from_secs(7);
/// How far the clocks and the time on the way may be apart, in milliseconds.
const SLACK_MS: i64 = 5_000;
/// Records on a page, and the most pages that are read: an account may have years of history.
const PAGE: u8 = 100;
const MAX_PAGES: u64 = 10;

/// A spend of which it is known now what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The query or the track.
    pub what: String,
    /// Whether it was charged; if not, it was free.
    pub charged: bool,
    /// It was a download.
    pub download: bool,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.download { "The download" } else { "The search" };
        let cost = if self.charged {
            "was charged 1 credit; its answer is lost"
        } else {
            "was not charged"
        };
        write!(f, "{what} “{}” {cost}", self.what)
    }
}

impl Door {
    /// Looks what became of every spend that is not settled: after an unknown outcome, and at start-up. Costs nothing when there is none.
    pub async fn reconcile(&self) -> Vec<Settled> {
        self.reconcile_after([FIRST_LOOK, SECOND_LOOK]).await
    }

    /// The same with other pauses before the two looks.
    pub async fn reconcile_after(&self, pauses: [Duration; 2]) -> Vec<Settled> {
        let mut settled = Vec::new();
        for (look, pause) in pauses.into_iter().enumerate() {
            let open = self.ledger().write(rows::open_rows).await.unwrap_or_default();
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(pause).await;
            let Some(records) = self.records_since(open.iter().map(|row| row.from).min().unwrap_or_default()).await else {
                continue;
            };
            settled.extend(self.settle(open, &records, look == 1).await);
        }
        settled
    }

    /// Charged calls since a moment of this machine's clock, as (endpoint, moment of this machine's clock).
    async fn records_since(&self, since: i64) -> Option<Vec<(String, i64)>> {
        let mut records = Vec::new();
        for page in 0..MAX_PAGES {
            let answer = self.usage(PAGE, page * u64::from(PAGE), Duration::ZERO).await.ok()?;
            let ahead = self.ledger().write(pacing::clock_ahead).await.ok()??;
            let found: Vec<(String, i64)> = answer.value.records.iter().filter_map(|record| charged(record, ahead)).collect();
            let oldest = answer
                .value
                .records
                .iter()
                .filter_map(|record| record.timestamp)
                .min()
                .map(|time| time.as_millisecond() - ahead);
            records.extend(found);
            let reached = oldest.is_none_or(|oldest| oldest < since - SLACK_MS);
            if reached || answer.value.received < usize::from(PAGE) {
                return Some(records);
            }
        }
        // More calls since then than ten pages hold: nothing can be told apart in that.
        None
    }

    /// Ends the rows of which it is clear what they cost.
    async fn settle(&self, open: Vec<Open>, records: &[(String, i64)], last_look: bool) -> Vec<Settled> {
        let mut settled = Vec::new();
        let mut by_endpoint: BTreeMap<String, Vec<Open>> = BTreeMap::new();
        for row in open {
            by_endpoint.entry(row.endpoint.clone()).or_default().push(row);
        }
        for (endpoint, rows_here) in by_endpoint {
            for group in overlapping(rows_here) {
                let from = group.iter().map(|row| row.from).min().unwrap_or_default() - SLACK_MS;
                let to = group.iter().map(|row| row.to).max().unwrap_or_default() + SLACK_MS;
                let seen = records
                    .iter()
                    .filter(|(name, at)| *name == endpoint && (from..=to).contains(at))
                    .count();
                let name = endpoint.clone();
                let Ok(explained) = self
                    .ledger()
                    .write(move |transaction, scope| rows::charged_between(transaction, scope, &name, from, to))
                    .await
                else {
                    continue;
                };
                let Some(charged) = verdict(seen, explained, group.len(), last_look) else {
                    continue;
                };
                let state = if charged { SpendState::Charged } else { SpendState::Free };
                for row in group {
                    let note = if charged {
                        "charged, as the history of calls shows; the answer was lost"
                    } else {
                        "not charged, as the history of calls shows"
                    };
                    self.end(
                        row.id,
                        state,
                        Outcome {
                            note: Some(note.into()),
                            ..Outcome::default()
                        },
                    )
                    .await;
                    settled.push(Settled {
                        what: row.what,
                        charged,
                        download: endpoint == "/download-track",
                    });
                }
            }
        }
        settled
    }
}

/// Whether a group of spends was charged; `None` when it cannot be told, or not yet.
///
/// `seen` charged calls of the endpoint stand in the history, `explained` of which other rows account for.
fn verdict(seen: usize, explained: usize, open: usize, last_look: bool) -> Option<bool> {
    match seen.checked_sub(explained) {
        Some(0) => last_look.then_some(false),
        Some(unexplained) if unexplained == open => Some(true),
        // Fewer than open ones: which of them? More: another client uses the key.
        _ => None,
    }
}

/// Groups rows whose times overlap: within a group, records cannot be told apart.
fn overlapping(rows: Vec<Open>) -> Vec<Vec<Open>> {
    let mut groups: Vec<Vec<Open>> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some(group) if group.iter().any(|other| row.from - 2 * SLACK_MS <= other.to) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

/// A charged call, at a moment of this machine's clock.
fn charged(record: &UsageRecord, ahead: i64) -> Option<(String, i64)> {
    let paid = record.status_code == Some(200) && record.credits_consumed != Some(0);
    let endpoint = ["/search", "/download-track"]
        .into_iter()
        .find(|name| record.endpoint.trim_end_matches('/').ends_with(name))?;
    paid.then_some(())?;
    Some((endpoint.to_owned(), record.timestamp?.as_millisecond() - ahead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_nobody_explains_means_charged_and_none_after_the_second_look_free() {
        assert_eq!(verdict(1, 0, 1, false), Some(true));
        assert_eq!(verdict(0, 0, 1, false), None, "it may not be written down yet");
        assert_eq!(verdict(0, 0, 1, true), Some(false));
        assert_eq!(verdict(2, 2, 1, true), Some(false), "other rows explain them");
    }

    #[test]
    fn what_cannot_be_told_apart_stays_unknown() {
        assert_eq!(verdict(2, 0, 1, true), None, "another client");
        assert_eq!(verdict(1, 0, 2, true), None, "which of the two?");
        assert_eq!(verdict(0, 1, 1, true), None, "a history that lacks what we know of");
    }

    #[test]
    fn rows_far_apart_are_told_apart() {
        let row = |id: i64, from: i64| Open {
            id,
            endpoint: "/search".into(),
            what: String::new(),
            from,
            to: from + 1000,
        };
        let groups = overlapping(vec![row(1, 0), row(2, 500), row(3, 100_000)]);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }
}
