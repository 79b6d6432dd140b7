//! The history of calls as far as it was fetched, so that only what is new is fetched again.

use rusqlite::params;

use super::{Library, LibraryError};
use crate::api::UsageRecord;
use crate::text::Clean;

/// How many records in a row tell where the kept ones begin.
const SURE: usize = 4;

impl Library {
    /// The kept calls of a key (by its fingerprint), the newest first, at most `limit`.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn calls(&self, key: String, limit: usize) -> Result<Vec<UsageRecord>, LibraryError> {
        self.with(move |connection, origin| {
            connection
                .prepare_cached(
                    "SELECT at, endpoint, status, credits, millis FROM calls WHERE origin = ?1 AND key = ?2 ORDER BY number DESC LIMIT ?3",
                )?
                .query_map(params![origin, key, i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
                    Ok(UsageRecord {
                        timestamp: row.get::<_, Option<String>>(0)?.and_then(|at| at.parse().ok()),
                        endpoint: Clean::new(&row.get::<_, String>(1)?),
                        status_code: row.get(2)?,
                        credits_consumed: row.get(3)?,
                        response_time_ms: row.get(4)?,
                    })
                })?
                .collect()
        })
        .await
    }

    /// Keeps calls that are new since `kept` were kept, the newest first. `whole`: they are all there is, so what was kept goes. Where another
    /// program has kept some meanwhile, these are left out: the next fetch has them.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn keep_calls(&self, key: String, new: Vec<UsageRecord>, kept: usize, whole: bool) -> Result<(), LibraryError> {
        self.with(move |connection, origin| {
            let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let there: i64 = write.query_row(
                "SELECT count(*) FROM calls WHERE origin = ?1 AND key = ?2",
                params![origin, key],
                |row| row.get(0),
            )?;
            if there as usize != kept {
                return Ok(());
            }
            if whole {
                write.execute("DELETE FROM calls WHERE origin = ?1 AND key = ?2", params![origin, key])?;
            }
            for call in new.iter().rev() {
                write
                    .prepare_cached(
                        "INSERT INTO calls (origin, key, at, endpoint, status, credits, millis) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![
                        origin,
                        key,
                        call.timestamp.map(|at| at.to_string()),
                        &*call.endpoint,
                        call.status_code,
                        call.credits_consumed,
                        call.response_time_ms
                    ])?;
            }
            write.commit()
        })
        .await
    }
}

/// Puts pages of a history together with what is kept of it, newest first everywhere. Calls that are made meanwhile push older ones onto the
/// next page, where they come a second time.
#[derive(Debug, Default)]
pub struct History {
    kept: Vec<UsageRecord>,
    new: Vec<UsageRecord>,
}

impl History {
    /// Begins with what is kept.
    pub fn after(kept: Vec<UsageRecord>) -> Self {
        Self { kept, new: Vec::new() }
    }

    /// Adds the next page; whether it reaches what is kept.
    pub fn add(&mut self, page: Vec<UsageRecord>) -> bool {
        let again = (1..=self.new.len().min(page.len()))
            .rev()
            .find(|count| self.new[self.new.len() - count..] == page[..*count])
            .unwrap_or(0);
        self.new.extend(page.into_iter().skip(again));
        let sure = self.kept.len().min(SURE);
        let joint = (0..self.new.len()).find(|at| {
            let seen = &self.new[*at..];
            // So few could be told from newer ones of the same second by their place alone: at the end.
            let enough = self.kept.len() >= SURE || seen.len() == self.kept.len();
            sure > 0 && enough && seen.iter().zip(&self.kept).take(sure).all(|(seen, kept)| seen == kept)
        });
        if let Some(at) = joint {
            self.new.truncate(at);
        }
        joint.is_some()
    }

    /// How many calls are new so far.
    pub fn found(&self) -> usize {
        self.new.len()
    }

    /// The calls that were not kept yet.
    pub fn into_new(self) -> Vec<UsageRecord> {
        self.new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: i64) -> UsageRecord {
        UsageRecord {
            timestamp: jiff::Timestamp::from_second(1_771_588_800 + number / 3).ok(),
            endpoint: Clean::new("/search"),
            status_code: Some(200),
            credits_consumed: Some(1),
            response_time_ms: Some(number as f64),
        }
    }

    fn calls(numbers: impl DoubleEndedIterator<Item = i64>) -> Vec<UsageRecord> {
        numbers.rev().map(call).collect()
    }

    #[test]
    fn only_what_is_new_is_taken_and_what_was_pushed_on_is_taken_once() {
        let mut history = History::after(calls(0..100));
        assert!(history.add(calls(50..110)));
        assert_eq!(history.into_new(), calls(100..110));
        // Three calls came between the pages.
        let mut history = History::after(calls(0..100));
        assert!(!history.add(calls(150..200)));
        assert!(history.add(calls(90..153)));
        assert_eq!(history.into_new(), calls(100..200));
        let mut history = History::default();
        assert!(!history.add(calls(0..5)));
        assert_eq!(history.found(), 5);
        let mut history = History::after(calls(0..2));
        assert!(history.add(calls(0..2)));
        assert_eq!(history.found(), 0);
        // The same call twice within one second.
        let mut history = History::after(vec![call(0)]);
        assert!(history.add(vec![call(0), call(0)]));
        assert_eq!(history.into_new(), [call(0)]);
    }

    #[tokio::test]
    async fn calls_are_kept_apart_by_key_and_come_back_as_they_were() {
        let library = Library::in_memory("o").unwrap();
        library.keep_calls("k".into(), calls(0..3), 0, false).await.unwrap();
        library.keep_calls("k".into(), calls(3..5), 3, false).await.unwrap();
        assert_eq!(library.calls("k".into(), 100).await.unwrap(), calls(0..5));
        assert!(library.calls("other".into(), 100).await.unwrap().is_empty());
        // Another program that began at the same time comes second: nothing is kept twice.
        library.keep_calls("k".into(), calls(3..6), 3, false).await.unwrap();
        assert_eq!(library.calls("k".into(), 100).await.unwrap(), calls(0..5));
        library.keep_calls("k".into(), calls(7..8), 5, true).await.unwrap();
        assert_eq!(library.calls("k".into(), 100).await.unwrap(), calls(7..8));
    }
}
