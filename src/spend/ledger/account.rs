//! What is known of a key's limits and balance, shared by every process on this machine.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, named_params};

use super::{Ledger, LedgerError, Page, SpendId};
use crate::api::{Limits, RateLimit};
use crate::spend::Authorised;
use crate::spend::pacing::{self, Kind, MINUTE, Seen, Tally, Verdict};

/// How often the balance is looked at by itself once it was used up.
const LOOK_EVERY: i64 = 10 * MINUTE;
/// Requests kept for the count; older ones say nothing any more.
const KEPT: i64 = 10 * MINUTE;

/// Whether a paid request may leave.
#[derive(Debug)]
pub(in crate::spend) enum Departure {
    /// It is in the account, and the row says that it may be on its way.
    Go(Authorised, Timestamp),
    Wait(Duration),
    /// Its row is not pending any more: somebody else has ended it, so nothing may leave on its strength.
    Gone,
}

/// Whether a free call may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::spend) enum FreePlace {
    Go(Timestamp),
    Wait(Duration),
    /// What is left today is kept for paid requests, until then.
    Tomorrow(Duration),
}

/// The account is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spend) struct OutOfCredits {
    /// The balance was not looked at for ten minutes, so it may be now.
    pub look: bool,
}

impl Ledger {
    /// Asks for a place for a paid request. With it, the row says in the same transaction that the request may be on its way.
    pub(in crate::spend) async fn depart(&self, row: SpendId, now: Timestamp) -> Result<Departure, LedgerError> {
        self.write(move |page| {
            let ms = now.as_millisecond();
            Ok(match tally(page, ms)?.verdict(Kind::Paid, ms) {
                Verdict::Wait(time) => Departure::Wait(time),
                Verdict::Go | Verdict::DayKept(_) => {
                    let marked = page
                        .db
                        .execute("UPDATE spends SET sent_ms = ?2 WHERE id = ?1 AND state = 'pending'", (row.0, ms))?;
                    if marked == 0 {
                        return Ok(Departure::Gone);
                    }
                    take(page, ms)?;
                    Departure::Go(Authorised::after_ledger_row(), now)
                }
            })
        })
        .await
    }

    /// Asks for a place for a free call.
    pub(in crate::spend) async fn free_place(&self, now: Timestamp) -> Result<FreePlace, LedgerError> {
        self.write(move |page| {
            let ms = now.as_millisecond();
            Ok(match tally(page, ms)?.verdict(Kind::Free, ms) {
                Verdict::Go => {
                    take(page, ms)?;
                    FreePlace::Go(now)
                }
                Verdict::Wait(time) => FreePlace::Wait(time),
                Verdict::DayKept(wait) => FreePlace::Tomorrow(wait),
            })
        })
        .await
    }

    /// A request that took a place at `sent` never left: the place is free again.
    pub(in crate::spend) async fn give_back(&self, sent: Timestamp) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute(
                "DELETE FROM requests WHERE rowid IN (SELECT rowid FROM requests WHERE origin = ?1 AND key = ?2 AND at_ms = ?3 LIMIT 1)",
                (page.origin, page.key, sent.as_millisecond()),
            )?;
            Ok(())
        })
        .await
    }

    /// Takes in what the answer to a request that left at `sent` said.
    pub(in crate::spend) async fn heard(&self, limits: Limits, sent: Timestamp, now: Timestamp) -> Result<(), LedgerError> {
        self.write(move |page| hear(page, &limits, sent.as_millisecond(), now.as_millisecond()))
            .await
    }

    /// Takes in the limits that `/me` tells.
    pub(in crate::spend) async fn told_limits(&self, rate: RateLimit) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute(
                "UPDATE accounts SET minute_limit = coalesce(:minute, minute_limit), day_limit = coalesce(:day, day_limit)
                 WHERE origin = :origin AND key = :key",
                named_params! {
                    ":origin": page.origin,
                    ":key": page.key,
                    ":minute": rate.requests_per_minute.and_then(pacing::minute_limit),
                    ":day": rate.requests_per_day.and_then(pacing::day_limit),
                },
            )?;
            Ok(())
        })
        .await
    }

    /// A 429 asked to wait.
    pub(in crate::spend) async fn blocked(&self, wait: Duration, now: Timestamp) -> Result<(), LedgerError> {
        self.write(move |page| {
            let until = pacing::block(now.as_millisecond(), wait);
            page.db.execute(
                "UPDATE accounts SET blocked_until_ms = ?3 WHERE origin = ?1 AND key = ?2",
                (page.origin, page.key, until),
            )?;
            Ok(())
        })
        .await
    }

    /// Credits left, as the server said last.
    pub(in crate::spend) async fn balance(&self) -> Result<Option<i64>, LedgerError> {
        self.write(|page| Ok(newest(page)?.0)).await
    }

    /// A 402 came: nothing paid is sent until the balance is seen to be better than this.
    pub(in crate::spend) async fn emptied(&self, balance: Option<i64>, now: Timestamp) -> Result<(), LedgerError> {
        self.write(move |page| {
            ensure(page)?;
            page.db.execute(
                "UPDATE accounts SET empty_at = coalesce(?3, 0), looked_ms = ?4 WHERE origin = ?1 AND key = ?2",
                (page.origin, page.key, balance, now.as_millisecond()),
            )?;
            Ok(())
        })
        .await
    }

    /// The balance of an empty account is looked at now; not again by itself for ten minutes.
    pub(in crate::spend) async fn looked(&self, now: Timestamp) -> Result<(), LedgerError> {
        self.write(move |page| {
            page.db.execute(
                "UPDATE accounts SET looked_ms = ?3 WHERE origin = ?1 AND key = ?2",
                (page.origin, page.key, now.as_millisecond()),
            )?;
            Ok(())
        })
        .await
    }
}

/// Whether the account is known to be empty.
pub(super) fn out_of_credits(page: &Page<'_>, now: Timestamp) -> rusqlite::Result<Option<OutOfCredits>> {
    let row: Option<(Option<i64>, Option<i64>)> = page
        .db
        .query_row(
            "SELECT empty_at, looked_ms FROM accounts WHERE origin = ?1 AND key = ?2",
            (page.origin, page.key),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    Ok(match row {
        Some((Some(_), looked)) => Some(OutOfCredits {
            look: looked.is_none_or(|looked| !(looked..looked + LOOK_EVERY).contains(&now.as_millisecond())),
        }),
        _ => None,
    })
}

/// The newest balance, the server's clock when it told it, and this machine's then.
pub(super) fn newest(page: &Page<'_>) -> rusqlite::Result<(Option<i64>, Option<i64>, Option<i64>)> {
    let row = page
        .db
        .query_row(
            "SELECT balance, clock_ms, clock_seen_ms FROM accounts WHERE origin = ?1 AND key = ?2",
            (page.origin, page.key),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    Ok(row.unwrap_or_default())
}

fn ensure(page: &Page<'_>) -> rusqlite::Result<()> {
    page.db.execute(
        "INSERT OR IGNORE INTO accounts (origin, key) VALUES (?1, ?2)",
        (page.origin, page.key),
    )?;
    Ok(())
}

fn take(page: &Page<'_>, now: i64) -> rusqlite::Result<()> {
    ensure(page)?;
    page.db.execute(
        "INSERT INTO requests (origin, key, at_ms) VALUES (?1, ?2, ?3)",
        (page.origin, page.key, now),
    )?;
    // Those of the future are from before the clock was set back.
    page.db
        .execute("DELETE FROM requests WHERE at_ms < ?1 OR at_ms > ?2", (now - KEPT, now + MINUTE))?;
    Ok(())
}

fn tally(page: &Page<'_>, now: i64) -> rusqlite::Result<Tally> {
    let account = page
        .db
        .query_row(
            "SELECT minute_limit, minute_left, minute_sent_ms, day_limit, day_left, day_sent_ms, blocked_until_ms
             FROM accounts WHERE origin = ?1 AND key = ?2",
            (page.origin, page.key),
            |row| {
                let seen = |left: Option<i64>, sent: Option<i64>| left.zip(sent).map(|(left, sent_ms)| Seen { left, sent_ms });
                Ok(Tally {
                    minute_limit: row.get(0)?,
                    minute: seen(row.get(1)?, row.get(2)?),
                    day_limit: row.get(3)?,
                    day: seen(row.get(4)?, row.get(5)?),
                    blocked_until_ms: row.get(6)?,
                    sent: Vec::new(),
                })
            },
        )
        .optional()?
        .unwrap_or_default();
    let mut rows = page
        .db
        .prepare("SELECT at_ms FROM requests WHERE origin = ?1 AND key = ?2 AND at_ms BETWEEN ?3 AND ?4 ORDER BY at_ms DESC LIMIT 4000")?;
    let mut sent: Vec<i64> = rows
        .query_map((page.origin, page.key, now - KEPT, now), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    sent.reverse();
    Ok(Tally { sent, ..account })
}

fn hear(page: &Page<'_>, limits: &Limits, sent: i64, now: i64) -> rusqlite::Result<()> {
    ensure(page)?;
    let known = tally(page, now)?;
    let minute_limit = limits.minute_limit.and_then(pacing::minute_limit).or(known.minute_limit);
    let day_limit = limits.day_limit.and_then(pacing::day_limit).or(known.day_limit);
    // Answers overtake each other: what an earlier request brought is older news.
    let newer = |before: Option<Seen>, left: Option<i64>| match (before, left) {
        (Some(before), Some(_)) if (sent + 1..=now).contains(&before.sent_ms) => Some(before),
        (_, Some(left)) => Some(Seen { left, sent_ms: sent }),
        (before, None) => before,
    };
    let minute = newer(known.minute, limits.minute_remaining.map(|left| pacing::left(left, minute_limit)));
    let day = newer(known.day, limits.day_remaining.map(|left| pacing::left(left, day_limit)));
    page.db.execute(
        "UPDATE accounts SET minute_limit = :minute_limit, minute_left = :minute_left, minute_sent_ms = :minute_sent,
                             day_limit = :day_limit, day_left = :day_left, day_sent_ms = :day_sent,
                             balance = coalesce(:balance, balance),
                             clock_seen_ms = CASE WHEN :clock IS NULL THEN clock_seen_ms ELSE :now END,
                             clock_ms = coalesce(:clock, clock_ms),
                             empty_at = CASE WHEN :balance > 0 AND :balance > empty_at THEN NULL
                                             WHEN :balance < empty_at THEN :balance ELSE empty_at END
         WHERE origin = :origin AND key = :key",
        named_params! {
            ":origin": page.origin,
            ":key": page.key,
            ":minute_limit": minute_limit,
            ":minute_left": minute.map(|seen| seen.left),
            ":minute_sent": minute.map(|seen| seen.sent_ms),
            ":day_limit": day_limit,
            ":day_left": day.map(|seen| seen.left),
            ":day_sent": day.map(|seen| seen.sent_ms),
            ":balance": limits.credits_remaining,
            ":clock": limits.server_time.map(Timestamp::as_millisecond),
            ":now": now,
        },
    )?;
    Ok(())
}
