//! Rows: begun before a request leaves, ended by what became of it.

use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Receipt, Scope, SpendState};
use crate::api::{Clip, TrackId};

/// What a new row says.
#[derive(Debug, Clone)]
pub(in crate::spend) struct Entry {
    pub(in crate::spend) identity: String,
    pub(in crate::spend) endpoint: &'static str,
    pub(in crate::spend) query: Option<String>,
    pub(in crate::spend) track_id: Option<TrackId>,
    pub(in crate::spend) title: Option<String>,
    pub(in crate::spend) clip: Option<Clip>,
    pub(in crate::spend) session_budget: Option<u64>,
    pub(in crate::spend) month_budget: Option<u64>,
}

/// What came of beginning a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::spend) enum Begun {
    /// It stands in the ledger as pending.
    Row(i64),
    /// The same request of another process is in flight.
    Elsewhere(i64),
    /// The budget is used up; why, for the user.
    OverBudget(String),
    /// A 402 was seen, and no better balance since.
    OutOfCredits,
}

/// How a row ends.
#[derive(Debug, Clone, Default)]
pub(in crate::spend) struct Outcome {
    pub(in crate::spend) balance: Option<i64>,
    pub(in crate::spend) path: Option<PathBuf>,
    pub(in crate::spend) sha256: Option<String>,
    pub(in crate::spend) file_sha256: Option<String>,
    pub(in crate::spend) bytes: Option<u64>,
    pub(in crate::spend) duration: Option<f64>,
    pub(in crate::spend) note: Option<String>,
}

/// A row that is not settled: unknown, or pending with an owner that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::spend) struct Open {
    pub(in crate::spend) id: i64,
    pub(in crate::spend) endpoint: String,
    pub(in crate::spend) what: String,
    /// From when to when the request may have been charged, this machine's clock, milliseconds.
    pub(in crate::spend) from: i64,
    pub(in crate::spend) to: i64,
}

/// How long a request of a killed program may have gone on, in milliseconds.
const ABANDONED_MS: i64 = 120_000;

pub(in crate::spend) fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

pub(in crate::spend) fn begin(transaction: &Transaction<'_>, scope: &Scope<'_>, entry: &Entry) -> rusqlite::Result<Begun> {
    let mut same = transaction
        .prepare_cached("SELECT id, owner FROM spends WHERE origin = ?1 AND key = ?2 AND identity = ?3 AND state = 'pending'")?;
    let pending: Vec<(i64, String)> = same
        .query_map(params![scope.origin, scope.key, entry.identity], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<Result<_, _>>()?;
    if let Some((id, _)) = pending
        .into_iter()
        .find(|(_, owner)| owner != scope.owner.name() && scope.owner.is_alive(owner))
    {
        return Ok(Begun::Elsewhere(id));
    }
    let now = now_ms();
    if let Some(reason) = over_budget(transaction, scope, entry, now)? {
        return Ok(Begun::OverBudget(reason));
    }
    let account: Option<(Option<i64>, bool)> = transaction
        .prepare_cached("SELECT credits, out_of_credits FROM accounts WHERE origin = ?1 AND key = ?2")?
        .query_row([scope.origin, scope.key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (balance, out) = account.unwrap_or_default();
    if out {
        return Ok(Begun::OutOfCredits);
    }
    transaction
        .prepare_cached(
            "INSERT INTO spends (origin, key, identity, endpoint, query, track_id, title, clip_ms, hit_ms, state, owner, at, balance_before)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'pending', ?10, ?11, ?12)",
        )?
        .execute(params![
            scope.origin,
            scope.key,
            entry.identity,
            entry.endpoint,
            entry.query,
            entry.track_id.as_ref().map(TrackId::as_str),
            entry.title,
            entry.clip.map(|clip| clip.duration().as_millis()),
            entry.clip.and_then(Clip::hit_point).map(crate::api::Seconds::as_millis),
            scope.owner.name(),
            now,
            balance,
        ])?;
    Ok(Begun::Row(transaction.last_insert_rowid()))
}

/// Whether one more credit would go over a budget. What is pending or unknown counts: it may have been spent.
fn over_budget(transaction: &Transaction<'_>, scope: &Scope<'_>, entry: &Entry, now: i64) -> rusqlite::Result<Option<String>> {
    if let Some(budget) = entry.session_budget {
        let spent: u64 = transaction
            .prepare_cached("SELECT count(*) FROM spends WHERE owner = ?1 AND state != 'free'")?
            .query_row([scope.owner.name()], |row| row.get::<_, i64>(0).map(|count| count as u64))?;
        if spent >= budget {
            return Ok(Some(format!(
                "the budget of this session ({budget} credits) is used up: raise --budget to go on"
            )));
        }
    }
    if let Some(budget) = entry.month_budget {
        let month = Timestamp::from_millisecond(now)
            .unwrap_or_default()
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .first_of_month();
        let start = month
            .ok()
            .and_then(|day| day.start_of_day().ok())
            .map_or(now, |start| start.timestamp().as_millisecond());
        let spent: u64 = transaction
            .prepare_cached("SELECT count(*) FROM spends WHERE origin = ?1 AND key = ?2 AND at >= ?3 AND state != 'free'")?
            .query_row(params![scope.origin, scope.key, start], |row| {
                row.get::<_, i64>(0).map(|count| count as u64)
            })?;
        if spent >= budget {
            return Ok(Some(format!(
                "the budget of this month ({budget} credits) is used up: raise budget_month in the configuration to go on"
            )));
        }
    }
    Ok(None)
}

/// Ends a row, or says more about one that is charged already.
pub(in crate::spend) fn end(transaction: &Transaction<'_>, id: i64, state: SpendState, outcome: &Outcome) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "UPDATE spends SET state = ?2, ended_at = ?3, balance = coalesce(?4, balance), path = coalesce(?5, path), sha256 = coalesce(?6, sha256),
             file_sha256 = coalesce(?7, file_sha256), bytes = coalesce(?8, bytes), duration = coalesce(?9, duration), note = ?10 WHERE id = ?1",
        )?
        .execute(params![
            id,
            word(state),
            now_ms(),
            outcome.balance,
            outcome.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
            outcome.sha256,
            outcome.file_sha256,
            outcome.bytes.map(|bytes| bytes as i64),
            outcome.duration,
            outcome.note,
        ])
        .map(drop)
}

/// The state of a row.
pub(in crate::spend) fn state_of(transaction: &Transaction<'_>, scope: &Scope<'_>, id: i64) -> rusqlite::Result<SpendState> {
    let (state, owner): (String, String) = transaction
        .prepare_cached("SELECT state, owner FROM spends WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let state = read_word(&state);
    // Nobody will ever end the row of a process that is gone.
    Ok(if state == SpendState::Pending && !scope.owner.is_alive(&owner) {
        SpendState::Unknown
    } else {
        state
    })
}

/// Rows that are not settled.
pub(in crate::spend) fn open_rows(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<Vec<Open>> {
    let mut statement = transaction.prepare_cached(
        "SELECT id, endpoint, coalesce(query, title, track_id, ''), at, ended_at, state, owner FROM spends
         WHERE origin = ?1 AND key = ?2 AND state IN ('pending', 'unknown') ORDER BY at",
    )?;
    let rows = statement.query_map([scope.origin, scope.key], |row| {
        let (at, ended): (i64, Option<i64>) = (row.get(3)?, row.get(4)?);
        let open = Open {
            id: row.get(0)?,
            endpoint: row.get(1)?,
            what: row.get(2)?,
            from: at,
            to: ended.unwrap_or(at + ABANDONED_MS),
        };
        Ok((open, row.get::<_, String>(5)?, row.get::<_, String>(6)?))
    })?;
    let mut open = Vec::new();
    for row in rows {
        let (row, state, owner) = row?;
        if state == "unknown" || !scope.owner.is_alive(&owner) {
            open.push(row);
        }
    }
    Ok(open)
}

/// How many rows of an endpoint are known to have been charged between two moments.
pub(in crate::spend) fn charged_between(
    transaction: &Transaction<'_>,
    scope: &Scope<'_>,
    endpoint: &str,
    from: i64,
    to: i64,
) -> rusqlite::Result<usize> {
    transaction
        .prepare_cached(
            "SELECT count(*) FROM spends WHERE origin = ?1 AND key = ?2 AND endpoint = ?3 AND state = 'charged' AND at BETWEEN ?4 AND ?5",
        )?
        .query_row(params![scope.origin, scope.key, endpoint, from, to], |row| {
            row.get::<_, i64>(0).map(|count| count as usize)
        })
}

const RECEIPT: &str = "SELECT at, endpoint, query, track_id, title, clip_ms, hit_ms, state, path, sha256, file_sha256, bytes, duration, balance, note FROM spends";

pub(super) fn receipts(transaction: &Transaction<'_>, scope: &Scope<'_>, limit: usize) -> rusqlite::Result<Vec<Receipt>> {
    transaction
        .prepare_cached(&format!("{RECEIPT} WHERE origin = ?1 AND key = ?2 ORDER BY id DESC LIMIT ?3"))?
        .query_map(params![scope.origin, scope.key, i64::try_from(limit).unwrap_or(i64::MAX)], receipt)?
        .collect()
}

pub(super) fn bought(transaction: &Transaction<'_>, scope: &Scope<'_>, identity: &str) -> rusqlite::Result<Vec<Receipt>> {
    transaction
        .prepare_cached(&format!(
            "{RECEIPT} WHERE origin = ?1 AND key = ?2 AND identity = ?3 AND state = 'charged' AND file_sha256 IS NOT NULL ORDER BY id DESC"
        ))?
        .query_map([scope.origin, scope.key, identity], receipt)?
        .collect()
}

pub(super) fn bought_tracks(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<Vec<TrackId>> {
    let ids: Vec<String> = transaction
        .prepare_cached(
            "SELECT DISTINCT track_id FROM spends WHERE origin = ?1 AND key = ?2 AND state = 'charged' AND track_id IS NOT NULL",
        )?
        .query_map([scope.origin, scope.key], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids.iter().filter_map(|id| TrackId::new(id).ok()).collect())
}

fn receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    let seconds = |millis: i64| millis as f64 / 1000.0;
    let (clip, hit): (Option<i64>, Option<i64>) = (row.get(5)?, row.get(6)?);
    Ok(Receipt {
        at: Timestamp::from_millisecond(row.get(0)?).unwrap_or_default(),
        endpoint: row.get(1)?,
        query: row.get(2)?,
        track_id: row.get::<_, Option<String>>(3)?.and_then(|id| TrackId::new(&id).ok()),
        title: row.get(4)?,
        clip: clip.and_then(|clip| Clip::new(seconds(clip), hit.map(seconds)).ok()),
        state: read_word(&row.get::<_, String>(7)?),
        path: row.get::<_, Option<String>>(8)?.map(PathBuf::from),
        sha256: row.get(9)?,
        file_sha256: row.get(10)?,
        bytes: row.get::<_, Option<i64>>(11)?.map(|bytes| bytes as u64),
        duration_seconds: row.get(12)?,
        balance: row.get(13)?,
        note: row.get(14)?,
    })
}

fn word(state: SpendState) -> &'static str {
    match state {
        SpendState::Pending => "pending",
        SpendState::Charged => "charged",
        SpendState::Free => "free",
        SpendState::Unknown => "unknown",
    }
}

fn read_word(word: &str) -> SpendState {
    match word {
        "pending" => SpendState::Pending,
        "charged" => SpendState::Charged,
        "free" => SpendState::Free,
        _ => SpendState::Unknown,
    }
}
