//! The part of the usage history that says something about open rows.

use std::time::Duration;

use super::{Door, OpenRows};
use crate::api::UsageRecord;

/// The two paid calls, as the ledger and `/usage` name them.
pub(super) const SEARCH: &str = "/search";
pub(super) const DOWNLOAD: &str = "/download-track";

/// Records on a page, and the most pages that are read: an account may have years of history.
const PAGE: u8 = 100;
const MOST_PAGES: usize = 10;

/// Successful paid calls, by the server's clock.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct History {
    pub records: Vec<Record>,
    /// Calls that may be successful paid ones, but lack a time or a status.
    pub unclear: Vec<&'static str>,
    /// The server's clock less this machine's, in milliseconds, if its answer told it.
    pub ahead_ms: Option<i64>,
}

/// One successful paid call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record {
    pub endpoint: &'static str,
    pub at_ms: i64,
}

impl Door {
    /// Reads back to before the oldest open row; `None` when the server does not say, or its history does not reach as far in a few pages. Each page waits at most `patience` for its place in the rate limit.
    pub(super) async fn history(&self, rows: &OpenRows, patience: Duration) -> Option<History> {
        let mut history = History::default();
        let mut offset = 0;
        let mut counted = None;
        let mut before: Vec<UsageRecord> = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = match self.usage(PAGE, offset, patience).await {
                Ok(answer) => answer,
                Err(error) => {
                    tracing::info!(%error, "the usage history could not be read");
                    return None;
                }
            };
            let now = self.clock.now().as_millisecond();
            if let Some(server) = answer.limits.server_time {
                history.ahead_ms = Some(server.as_millisecond() - now);
            }
            let page = answer.value;
            // Calls that were made since the last page push records on: those were seen before. The server counts them, or they are
            // known again; one that was counted twice would explain a request that was never charged.
            let pushed = match (counted, page.total_count) {
                (Some(before), Some(total)) => usize::try_from(total.saturating_sub(before)).unwrap_or_default(),
                _ => 0,
            };
            counted = page.total_count.or(counted);
            history.take(page.records.iter().skip(pushed.max(overlap(&before, &page.records))));
            offset += page.received as u64;
            let oldest = page.records.iter().filter_map(|record| record.timestamp).min();
            let since = rows.open.iter().filter_map(|row| history.from(row)).min();
            let reached = oldest.zip(since).is_some_and(|(oldest, since)| oldest.as_millisecond() < since);
            // A server may give smaller pages than it was asked for, so its own count comes first.
            let all = match counted {
                Some(total) => page.received == 0 || offset >= total,
                None => page.received < usize::from(PAGE),
            };
            // A record that could not be read may be the one that is looked for.
            if page.received > page.records.len() {
                history.unclear.extend([SEARCH, DOWNLOAD]);
            }
            if reached || all {
                return Some(history);
            }
            before = page.records;
        }
        None
    }
}

/// How many records at the start of a page were the last ones of the page before.
fn overlap(before: &[UsageRecord], page: &[UsageRecord]) -> usize {
    (1..=before.len().min(page.len()))
        .rev()
        .find(|&count| before[before.len() - count..] == page[..count])
        .unwrap_or(0)
}

impl History {
    fn take<'a>(&mut self, records: impl Iterator<Item = &'a UsageRecord>) {
        for record in records {
            let name = record.endpoint.trim_end_matches('/');
            let Some(endpoint) = [SEARCH, DOWNLOAD].into_iter().find(|paid| name.ends_with(paid)) else {
                continue;
            };
            // Only success costs something, and what cost nothing was not bought.
            if record.status_code.is_some_and(|status| status != 200) || record.credits_consumed == Some(0) {
                continue;
            }
            match record.timestamp {
                Some(time) if record.status_code.is_some() => self.records.push(Record {
                    endpoint,
                    at_ms: time.as_millisecond(),
                }),
                _ => self.unclear.push(endpoint),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(endpoint: &str, status: Option<u16>, credits: Option<i64>, time: Option<&str>) -> UsageRecord {
        UsageRecord {
            timestamp: time.map(|time| time.parse().unwrap()),
            endpoint: endpoint.into(),
            status_code: status,
            credits_consumed: credits,
            response_time_ms: None,
        }
    }

    #[test]
    fn records_that_were_pushed_on_are_known_again() {
        let at = |second: u32| record("/search", Some(200), Some(1), Some(&format!("2026-02-20T14:22:{second:02}Z")));
        let page: Vec<_> = [9, 8, 7].map(at).into();
        assert_eq!(overlap(&page, &[8, 7, 6].map(at)), 2);
        assert_eq!(overlap(&page, &[6, 5, 4].map(at)), 0);
        assert_eq!(overlap(&page, &page), 3);
        assert_eq!(overlap(&[], &page), 0);
    }

    #[test]
    fn only_successful_paid_calls_count() {
        let time = Some("2026-02-20T14:22:15Z");
        let mut history = History::default();
        history.take(
            [
                record("/search", Some(200), Some(1), time),
                record("/api/external/v1/download-track/", Some(200), None, time),
                record("/search", Some(429), Some(0), time),
                record("/search", Some(500), None, time),
                record("/search", Some(200), Some(0), time),
                record("/me", Some(200), Some(0), time),
                record("/search", None, Some(1), time),
                record("/search", Some(200), Some(1), None),
            ]
            .iter(),
        );
        let found: Vec<&str> = history.records.iter().map(|record| record.endpoint).collect();
        assert_eq!(found, [SEARCH, DOWNLOAD]);
        assert_eq!(history.unclear, [SEARCH, SEARCH]);
    }
}
