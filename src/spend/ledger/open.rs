//! Rows whose outcome is not known, and the ones that explain what the usage history shows beside them.

use jiff::Timestamp;
use rusqlite::{Row, named_params};

use super::receipts::SpendState;
use super::{Ledger, LedgerError, Page, SpendId};

/// How long before the oldest open row others are looked at that may explain its records, in milliseconds.
const BEFORE: i64 = 10 * 60_000;

/// A row that was sent, and what places it on the server's clock. Times are milliseconds since 1970, by this machine's clock.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::spend) struct SentRow {
    pub id: SpendId,
    pub endpoint: String,
    /// The query, the title, or the track's id.
    pub what: String,
    pub sent_ms: i64,
    /// `None`: its program ended first, or it is still in flight.
    pub ended_ms: Option<i64>,
    /// The server's clock and this machine's, as of when the row was written.
    pub clock: Option<(i64, i64)>,
    /// The server's clock when it answered.
    pub answered_ms: Option<i64>,
    /// The record of the usage history that it was found to be.
    pub usage_ms: Option<i64>,
    /// This program began it, since its ledger was opened.
    pub own: bool,
}

/// What is to be settled, and what is known around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::spend) struct OpenRows {
    /// Their outcome is not known.
    pub open: Vec<SentRow>,
    /// Charged for certain.
    pub charged: Vec<SentRow>,
    /// In flight, in this program or another living one.
    pub flying: Vec<SentRow>,
}

const COLUMNS: &str =
    "id, endpoint, coalesce(query, title, track_id, '') AS what, sent_ms, ended_ms, clock_ms, clock_seen_ms, answered_ms, usage_ms,
     owner IS ?4 AS own";

impl SentRow {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let clock: Option<i64> = row.get("clock_ms")?;
        Ok(Self {
            id: SpendId(row.get("id")?),
            endpoint: row.get("endpoint")?,
            what: row.get("what")?,
            sent_ms: row.get("sent_ms")?,
            ended_ms: row.get("ended_ms")?,
            clock: clock.zip(row.get("clock_seen_ms")?),
            answered_ms: row.get("answered_ms")?,
            usage_ms: row.get("usage_ms")?,
            own: row.get("own")?,
        })
    }
}

impl Ledger {
    /// Finds the open rows. A pending row whose program is gone becomes an unknown one, or a free one if it never left.
    pub(in crate::spend) async fn open_rows(&self, now: Timestamp) -> Result<OpenRows, LedgerError> {
        self.write(move |page| {
            let flying = abandon(page, now)?;
            let open = rows(page, "state = 'unknown' AND sent_ms IS NOT NULL", 0)?;
            let Some(oldest) = open.iter().map(|row| row.sent_ms).min() else {
                return Ok(OpenRows::default());
            };
            Ok(OpenRows {
                charged: rows(page, "state = 'charged' AND sent_ms >= ?3", oldest - BEFORE)?,
                open,
                flying,
            })
        })
        .await
    }

    /// Writes down what became of an unknown row. Whether it was still unknown.
    pub(in crate::spend) async fn settle(
        &self,
        row: SpendId,
        state: SpendState,
        usage_ms: Option<i64>,
        note: &'static str,
    ) -> Result<bool, LedgerError> {
        self.write(move |page| {
            let changed = page.db.execute(
                "UPDATE spends SET state = :state, usage_ms = :usage, note = :note WHERE id = :id AND state = 'unknown'",
                named_params! { ":id": row.0, ":state": state.as_str(), ":usage": usage_ms, ":note": note },
            )?;
            Ok(changed > 0)
        })
        .await
    }
}

/// Takes the pending rows of programs that are gone away from them; gives back the ones in flight.
fn abandon(page: &Page<'_>, now: Timestamp) -> rusqlite::Result<Vec<SentRow>> {
    let pending: Vec<(i64, String)> = page
        .db
        .prepare("SELECT id, owner FROM spends WHERE origin = ?1 AND key = ?2 AND state = 'pending'")?
        .query_map((page.origin, page.key), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, owner) in pending {
        if page.owner.alive(&owner) {
            continue;
        }
        page.db.execute(
            "UPDATE spends SET state = iif(sent_ms IS NULL, 'free', 'unknown'), ended_ms = iif(sent_ms IS NULL, ?2, NULL),
                               note = iif(sent_ms IS NULL, 'the program ended before it was sent', 'the program ended before the answer came')
             WHERE id = ?1 AND state = 'pending'",
            (id, now.as_millisecond()),
        )?;
    }
    rows(page, "state = 'pending' AND sent_ms IS NOT NULL", 0)
}

fn rows(page: &Page<'_>, which: &str, from: i64) -> rusqlite::Result<Vec<SentRow>> {
    let which = format!("SELECT {COLUMNS} FROM spends WHERE origin = ?1 AND key = ?2 AND sent_ms >= ?3 AND {which} ORDER BY sent_ms");
    page.db
        .prepare(&which)?
        .query_map((page.origin, page.key, from, page.owner.token()), SentRow::from_row)?
        .collect()
}
