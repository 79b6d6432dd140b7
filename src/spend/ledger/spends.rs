//! The life of a row: begun before anything leaves, ended once, whatever happens.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::receipts::SpendState;
use super::{Ledger, LedgerError, OutOfCredits, Page, account, paths};
use crate::api::{Clip, Limits, TrackId};
use crate::spend::Identity;

/// Names a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::spend) struct SpendId(pub(super) i64);

#[cfg(test)]
impl SpendId {
    pub(in crate::spend) fn of(id: i64) -> Self {
        Self(id)
    }
}

/// What is written down before a paid request leaves.
#[derive(Debug, Clone)]
pub(in crate::spend) struct NewSpend {
    pub identity: Identity,
    pub endpoint: &'static str,
    pub query: Option<String>,
    pub page_offset: Option<u32>,
    pub track_id: Option<TrackId>,
    pub title: Option<String>,
    pub project: Option<String>,
    pub clip: Option<Clip>,
    /// Where the body will arrive, so that it can be found after a crash.
    pub part: Option<PathBuf>,
}

/// Most credits to spend; `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::spend) struct Budgets {
    pub session: Option<u64>,
    pub month: Option<u64>,
}

/// What came of the wish to spend.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::spend) enum Begun {
    /// Written down, reserved in the budget.
    Row(SpendId),
    /// Another living program asks for the same thing already.
    Elsewhere(SpendId),
    /// A budget is used up; the text is for the user.
    Budget(String),
    /// A 402 was seen, and no better balance since.
    OutOfCredits(OutOfCredits),
}

/// What a download brought, for its row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::spend) struct Delivered {
    pub path: Option<PathBuf>,
    pub bytes: Option<u64>,
    pub sha256: Option<String>,
    pub file_sha256: Option<String>,
    pub seconds: Option<f64>,
    pub note: Option<String>,
}

/// A row as another process sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spend) struct Look {
    pub state: SpendState,
    /// It may have left.
    pub sent: bool,
    /// It is charged, and its file is still on the way.
    pub receiving: bool,
    /// Its program still runs.
    pub alive: bool,
}

impl Ledger {
    /// Writes down that a paid request is about to leave: looks for the same ask elsewhere, the balance and the budgets, and reserves, all in one transaction.
    pub(in crate::spend) async fn begin(&self, spend: NewSpend, budgets: Budgets, now: Timestamp) -> Result<Begun, LedgerError> {
        self.write(move |page| {
            if let Some(row) = elsewhere(page, &spend.identity)? {
                return Ok(Begun::Elsewhere(row));
            }
            if let Some(empty) = account::out_of_credits(page, now)? {
                return Ok(Begun::OutOfCredits(empty));
            }
            if let Some(text) = over_budget(page, budgets, now)? {
                return Ok(Begun::Budget(text));
            }
            let (balance, clock, clock_seen) = account::newest(page)?;
            page.db.execute(
                "INSERT INTO spends (origin, key, identity, endpoint, state, owner, made_ms, balance_before, clock_ms, clock_seen_ms,
                                     query, page_offset, track_id, title, project, clip_ms, hit_ms, part)
                 VALUES (:origin, :key, :identity, :endpoint, 'pending', :owner, :now, :balance, :clock, :clock_seen,
                         :query, :offset, :track, :title, :project, :clip, :hit, :part)",
                named_params! {
                    ":origin": page.origin,
                    ":key": page.key,
                    ":identity": spend.identity.as_str(),
                    ":endpoint": spend.endpoint,
                    ":owner": page.owner.token(),
                    ":now": now.as_millisecond(),
                    ":balance": balance,
                    ":clock": clock,
                    ":clock_seen": clock_seen,
                    ":query": spend.query,
                    ":offset": spend.page_offset,
                    ":track": spend.track_id.as_ref().map(TrackId::as_str),
                    ":title": spend.title,
                    ":project": spend.project,
                    ":clip": spend.clip.map(|clip| clip.duration().as_millis()),
                    ":hit": spend.clip.and_then(Clip::hit_point).map(crate::api::Seconds::as_millis),
                    ":part": spend.part.as_deref().map(paths::value),
                },
            )?;
            Ok(Begun::Row(SpendId(page.db.last_insert_rowid())))
        })
        .await
    }

    /// The request came back without having counted: refused by a limit, by a fault of the server's own, or never sent. It may leave again.
    pub(in crate::spend) async fn returned(&self, row: SpendId) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db
                .execute("UPDATE spends SET sent_ms = NULL WHERE id = ?1 AND state = 'pending'", [row.0])?;
            Ok(())
        })
        .await
    }

    /// Ends a row. An ended one stays as it is, but for an unknown one that is found out.
    pub(in crate::spend) async fn end(
        &self,
        row: SpendId,
        state: SpendState,
        limits: Option<Limits>,
        note: Option<String>,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute(
                "UPDATE spends SET state = :state, ended_ms = :now, answered_ms = :answered, balance = :balance, note = coalesce(:note, note)
                 WHERE id = :id AND state IN ('pending', 'unknown')",
                named_params! {
                    ":id": row.0,
                    ":state": state.as_str(),
                    ":now": now.as_millisecond(),
                    // Only an answer of the server itself tells when it worked.
                    ":answered": limits
                        .filter(|_| state == SpendState::Charged)
                        .and_then(|limits| limits.server_time)
                        .map(Timestamp::as_millisecond),
                    ":balance": limits.and_then(|limits| limits.credits_remaining),
                    ":note": note,
                },
            )?;
            Ok(())
        })
        .await
    }

    /// No file comes any more: whoever waits for it need not.
    pub(in crate::spend) async fn no_file_comes(&self, row: SpendId) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute("UPDATE spends SET part = NULL WHERE id = ?1", [row.0])?;
            Ok(())
        })
        .await
    }

    /// Adds to a charged row what was delivered for it.
    pub(in crate::spend) async fn delivered(&self, row: SpendId, what: Delivered) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute(
                "UPDATE spends SET path = :path, bytes = :bytes, sha256 = :sha256, file_sha256 = :file_sha256, seconds = :seconds,
                                   note = :note, part = NULL
                 WHERE id = :id",
                named_params! {
                    ":id": row.0,
                    ":path": what.path.as_deref().map(paths::value),
                    ":bytes": what.bytes.and_then(|bytes| i64::try_from(bytes).ok()),
                    ":sha256": what.sha256,
                    ":file_sha256": what.file_sha256,
                    ":seconds": what.seconds,
                    ":note": what.note,
                },
            )?;
            Ok(())
        })
        .await
    }
}

impl Ledger {
    /// What became of a row.
    pub(in crate::spend) async fn look(&self, row: SpendId) -> Result<Option<Look>, LedgerError> {
        self.write(move |page| {
            let found = page
                .db
                .query_row(
                    "SELECT state, owner, sent_ms IS NOT NULL, state = 'charged' AND part IS NOT NULL FROM spends WHERE id = ?1",
                    [row.0],
                    |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)),
                )
                .optional()?;
            Ok(found.map(|(state, owner, sent, receiving)| Look {
                state,
                sent,
                receiving,
                alive: page.owner.alive(&owner),
            }))
        })
        .await
    }
}

/// A row of the same identity that another living program has not brought to its end: pending, or charged and its file still on the way.
fn elsewhere(page: &Page<'_>, identity: &Identity) -> rusqlite::Result<Option<SpendId>> {
    let mut rows = page.db.prepare(
        "SELECT id, owner FROM spends WHERE identity = ?1 AND origin = ?2 AND key = ?3 AND owner <> ?4
             AND (state = 'pending' OR (state = 'charged' AND part IS NOT NULL))",
    )?;
    let found = rows.query_map((identity.as_str(), page.origin, page.key, page.owner.token()), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    for row in found {
        let (id, owner) = row?;
        if page.owner.alive(&owner) {
            return Ok(Some(SpendId(id)));
        }
    }
    Ok(None)
}

fn over_budget(page: &Page<'_>, budgets: Budgets, now: Timestamp) -> rusqlite::Result<Option<String>> {
    const SPENT: &str = "SELECT count(*) FROM spends WHERE state <> 'free' AND origin = ?1 AND key = ?2";
    if let Some(budget) = budgets.session {
        let spent: i64 = page.db.query_row(
            &format!("{SPENT} AND owner = ?3"),
            (page.origin, page.key, page.owner.token()),
            |row| row.get(0),
        )?;
        if spent as u64 >= budget {
            return Ok(Some(format!(
                "the budget of this session is used up ({spent} of {budget}): raise --budget to go on"
            )));
        }
    }
    if let Some(budget) = budgets.month {
        let month = month_start(now);
        let spent: i64 = page
            .db
            .query_row(&format!("{SPENT} AND made_ms >= ?3"), (page.origin, page.key, month), |row| {
                row.get(0)
            })?;
        if spent as u64 >= budget {
            return Ok(Some(format!(
                "the budget of this month is used up ({spent} of {budget}): raise the monthly budget in the configuration to go on"
            )));
        }
    }
    Ok(None)
}

/// The first moment of the month, in UTC: the same on every machine.
fn month_start(now: Timestamp) -> i64 {
    let date = now.to_zoned_datetime(jiff::tz::TimeZone::UTC);
    date.first_of_month()
        .and_then(|first| first.start_of_day())
        .map_or_else(|_| now.as_millisecond(), |start| start.timestamp().as_millisecond())
}
