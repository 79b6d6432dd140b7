//! Pacing: all requests of one key, from every process on this machine, share one account of the minute and the day.

use std::time::Duration;

use rusqlite::{OptionalExtension, Transaction, params};

use super::ledger::{Ledger, LedgerError, Scope, rows::now_ms};
use crate::api::Limits;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// No sane limit is larger; what is, does not limit.
const LARGEST_LIMIT: u64 = 1_000_000;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It may use the last request there is.
    Paid,
    /// It leaves the last request of a minute and the last tenth of a day alone.
    Free,
}

/// What is known about one window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Window {
    limit: Option<u64>,
    /// What the server said was left, and when.
    remaining: Option<(u64, i64)>,
}

/// Whether a request may leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// It may; it is written down already.
    Go,
    /// Not for so long.
    Wait(Duration),
}

/// Takes a place in the account of the minute and the day, or says how long to wait for one.
pub(super) async fn take(ledger: &Ledger, kind: Kind) -> Result<Pace, LedgerError> {
    ledger
        .write(move |transaction, scope| {
            let now = now_ms();
            transaction
                .prepare_cached("DELETE FROM requests WHERE origin = ?1 AND key = ?2 AND (at <= ?3 OR at > ?4)")?
                .execute(params![scope.origin, scope.key, now - DAY_MS, now + MINUTE_MS])?;
            let (minute, day) = windows(transaction, scope)?;
            let sent: Vec<i64> = transaction
                .prepare_cached("SELECT at FROM requests WHERE origin = ?1 AND key = ?2 ORDER BY at")?
                .query_map([scope.origin, scope.key], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let reserve_minute = if kind == Kind::Free { 1 } else { 0 };
            let reserve_day = if kind == Kind::Free {
                day.limit.map_or(0, |limit| limit.div_ceil(10))
            } else {
                0
            };
            let wait = wait_for(minute, MINUTE_MS, reserve_minute, &sent, now).max(wait_for(day, DAY_MS, reserve_day, &sent, now));
            if wait > 0 {
                return Ok(Pace::Wait(Duration::from_millis(wait as u64)));
            }
            transaction
                .prepare_cached("INSERT INTO requests (origin, key, at) VALUES (?1, ?2, ?3)")?
                .execute(params![scope.origin, scope.key, now])?;
            Ok(Pace::Go)
        })
        .await
}

/// How many milliseconds until a window has a request to give beyond the reserve.
fn wait_for(window: Window, length: i64, reserve: u64, sent: &[i64], now: i64) -> i64 {
    let inside = &sent[sent.partition_point(|at| *at <= now - length)..];
    let mut wait = 0;
    if let Some(limit) = window.limit.filter(|limit| *limit > 0 && *limit <= LARGEST_LIMIT) {
        // A limit of one leaves nothing to reserve.
        let usable = limit.saturating_sub(reserve).max(1) as usize;
        if inside.len() >= usable {
            wait = wait.max(inside[inside.len() - usable] + length - now);
        }
    }
    if let Some((remaining, seen)) = window.remaining.filter(|(_, seen)| (*seen..seen + length).contains(&now)) {
        let since = sent.len() - sent.partition_point(|at| *at <= seen);
        if (since as u64).saturating_add(reserve) >= remaining {
            // Somebody else uses the key too, or the server counts from another moment: its word counts until the window is over.
            let oldest = inside.first().copied().unwrap_or(seen).max(seen - length);
            wait = wait.max((oldest + length - now).clamp(1000, length));
        }
    }
    wait
}

fn windows(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<(Window, Window)> {
    let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    let found = transaction
        .prepare_cached("SELECT minute_limit, minute_remaining, minute_seen, day_limit, day_remaining, day_seen FROM accounts WHERE origin = ?1 AND key = ?2")?
        .query_row([scope.origin, scope.key], |row| {
            let window = |first: usize| -> rusqlite::Result<Window> {
                let remaining = number(row.get(first + 1)?).zip(row.get::<_, Option<i64>>(first + 2)?);
                Ok(Window { limit: number(row.get(first)?), remaining })
            };
            Ok((window(0)?, window(3)?))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Takes in what a response said: limits, what is left of them, the balance, and the server's clock.
pub(super) async fn observe(ledger: &Ledger, limits: Limits, out_of_credits: bool) -> Result<(), LedgerError> {
    ledger
        .write(move |transaction, scope| {
            let now = now_ms();
            let number = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok());
            let ahead = limits.server_time.map(|time| time.as_millisecond() - now);
            transaction
                .prepare_cached("INSERT INTO accounts (origin, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute([scope.origin, scope.key])?;
            transaction
                .prepare_cached(
                    "UPDATE accounts SET
                        minute_limit = coalesce(?3, minute_limit), day_limit = coalesce(?5, day_limit),
                        minute_seen = iif(?4 IS NULL, minute_seen, ?8), minute_remaining = coalesce(?4, minute_remaining),
                        day_seen = iif(?6 IS NULL, day_seen, ?8), day_remaining = coalesce(?6, day_remaining),
                        out_of_credits = CASE WHEN ?9 THEN 1 WHEN ?7 > 0 AND (credits IS NULL OR ?7 > credits OR NOT out_of_credits) THEN 0 ELSE out_of_credits END,
                        credits = coalesce(?7, iif(?9, 0, credits)), clock_ahead = coalesce(?10, clock_ahead)
                     WHERE origin = ?1 AND key = ?2",
                )?
                .execute(params![
                    scope.origin,
                    scope.key,
                    number(limits.minute_limit),
                    number(limits.minute_remaining),
                    number(limits.day_limit),
                    number(limits.day_remaining),
                    limits.credits_remaining,
                    now,
                    out_of_credits,
                    ahead,
                ])
                .map(drop)
        })
        .await
}

/// How far the server's clock is ahead of ours, in milliseconds, as it was seen last.
pub(super) fn clock_ahead(transaction: &Transaction<'_>, scope: &Scope<'_>) -> rusqlite::Result<Option<i64>> {
    let found = transaction
        .prepare_cached("SELECT clock_ahead FROM accounts WHERE origin = ?1 AND key = ?2")?
        .query_row([scope.origin, scope.key], |row| row.get(0))
        .optional()?;
    Ok(found.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 10_000_000;

    fn limit(limit: u64) -> Window {
        Window {
            limit: Some(limit),
            remaining: None,
        }
    }

    #[test]
    fn nothing_known_is_no_limit_and_absurd_limits_do_not_limit() {
        let sent: Vec<i64> = (0..500).map(|n| NOW - n).rev().collect();
        for window in [Window::default(), limit(0), limit(u64::MAX)] {
            assert_eq!(wait_for(window, MINUTE_MS, 1, &sent, NOW), 0);
        }
    }

    #[test]
    fn five_a_minute_means_the_sixth_waits_for_the_first_to_leave_the_window() {
        let sent = [NOW - 50_000, NOW - 40_000, NOW - 30_000, NOW - 20_000, NOW - 10_000];
        assert_eq!(wait_for(limit(5), MINUTE_MS, 0, &sent, NOW), 10_000);
        assert_eq!(wait_for(limit(5), MINUTE_MS, 0, &sent[1..], NOW), 0);
    }

    #[test]
    fn a_free_call_never_takes_the_last_request_of_a_minute() {
        let sent = [NOW - 40_000, NOW - 30_000, NOW - 20_000, NOW - 10_000];
        assert_eq!(wait_for(limit(5), MINUTE_MS, 0, &sent, NOW), 0, "a paid one may");
        assert_eq!(wait_for(limit(5), MINUTE_MS, 1, &sent, NOW), 20_000);
        assert_eq!(
            wait_for(limit(1), MINUTE_MS, 1, &[], NOW),
            0,
            "a limit of one leaves nothing to reserve"
        );
    }

    #[test]
    fn a_second_client_on_the_key_shows_in_what_the_server_says_is_left() {
        let window = Window {
            limit: Some(5),
            remaining: Some((0, NOW - 5_000)),
        };
        assert_eq!(wait_for(window, MINUTE_MS, 0, &[NOW - 5_000], NOW), 55_000);
        assert_eq!(wait_for(window, MINUTE_MS, 0, &[], NOW + MINUTE_MS), 0, "its word is old by then");
    }

    #[test]
    fn no_wait_is_longer_than_its_window() {
        for (remaining, seen, sent) in [(0, NOW, vec![NOW; 9]), (0, NOW - 59_999, vec![]), (3, NOW, vec![NOW - 1; 100])] {
            let wait = wait_for(
                Window {
                    limit: Some(2),
                    remaining: Some((remaining, seen)),
                },
                MINUTE_MS,
                1,
                &sent,
                NOW,
            );
            assert!((0..=MINUTE_MS).contains(&wait), "{wait}");
        }
    }
}
