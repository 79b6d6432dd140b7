//! How many requests the key has left this minute and today, as far as this machine can tell, and who has to wait.
//!
//! The account itself is kept in the ledger, where every process on this machine sees it; here it is only weighed.
//! All times are milliseconds since 1970.

use std::time::Duration;

/// A minute in milliseconds.
pub(in crate::spend) const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;
/// What is above is no limit, and counts as not said.
const MOST_A_MINUTE: i64 = 100_000;
const MOST_A_DAY: i64 = 1_000_000_000;
/// The longest that one 429 holds back other requests; after that the server is asked again.
const LONGEST_BLOCK: i64 = 5 * MINUTE;

/// What headers said was left, and when the request left that brought them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spend) struct Seen {
    pub left: i64,
    pub sent_ms: i64,
}

/// The account of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::spend) struct Tally {
    pub minute_limit: Option<i64>,
    pub minute: Option<Seen>,
    pub day_limit: Option<i64>,
    pub day: Option<Seen>,
    /// A 429 asked for silence until then.
    pub blocked_until_ms: Option<i64>,
    /// When this machine's requests of the last two minutes left, oldest first.
    pub sent: Vec<i64>,
}

/// Who asks for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spend) enum Kind {
    /// A search or a download: takes what is left.
    Paid,
    /// `/me` or `/usage`: never the last of a minute, nor of the last tenth of a day.
    Free,
}

/// What the account says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spend) enum Verdict {
    Go,
    Wait(Duration),
    /// What is left of the day is kept for paid requests; the next day begins in so long.
    DayKept(Duration),
}

impl Tally {
    /// Whether a request may leave now.
    pub(in crate::spend) fn verdict(&self, kind: Kind, now: i64) -> Verdict {
        if kind == Kind::Free
            && let Some(left) = self.day_left(now)
            && left <= self.day_limit.map_or(1, |limit| (limit + 9) / 10)
        {
            return Verdict::DayKept(Duration::from_millis((DAY - now.rem_euclid(DAY)) as u64));
        }
        // A limit of one a minute would shut free calls out for ever.
        let need = match kind {
            Kind::Paid => 1,
            Kind::Free => self.minute_limit.map_or(2, |limit| limit.min(2)),
        };
        let changes = self
            .sent
            .iter()
            .map(|sent| sent + MINUTE)
            .chain(self.minute.map(|seen| seen.sent_ms + MINUTE))
            .chain(self.blocked_until_ms)
            .filter(|change| (now..=now + LONGEST_BLOCK).contains(change));
        let mut moments: Vec<i64> = std::iter::once(now).chain(changes).collect();
        moments.sort_unstable();
        moments.dedup();
        let free_at = moments.into_iter().find(|moment| self.room(need, *moment)).unwrap_or(now + MINUTE);
        if free_at == now {
            Verdict::Go
        } else {
            Verdict::Wait(Duration::from_millis((free_at - now) as u64))
        }
    }

    fn room(&self, need: i64, at: i64) -> bool {
        let blocked = self.blocked_until_ms.filter(|until| until - at <= LONGEST_BLOCK);
        match blocked {
            Some(until) if at < until => false,
            // After the time that a 429 named, one may try, whatever our own count says.
            Some(until) if at < until + MINUTE && self.count(until - 1, at) == 0 => true,
            _ => self.minute_left(at).is_none_or(|left| left >= need),
        }
    }

    /// Requests left in the minute around `at`; `None` when nothing is known.
    fn minute_left(&self, at: i64) -> Option<i64> {
        let ours = self.minute_limit.map(|limit| limit - self.count(at - MINUTE, at));
        match self.minute {
            Some(seen) if (seen.sent_ms..seen.sent_ms + MINUTE).contains(&at) => {
                // Those of ours that counted then and are over a minute old now are free again.
                let freed = self.count(seen.sent_ms - MINUTE, at - MINUTE);
                let left = seen.left + freed - self.count(seen.sent_ms, at);
                Some(self.minute_limit.map_or(left, |limit| left.min(limit)))
            }
            _ => ours,
        }
    }

    /// Requests left today; `None` when nothing was said today.
    fn day_left(&self, now: i64) -> Option<i64> {
        let seen = self.day.filter(|seen| seen.sent_ms <= now && seen.sent_ms / DAY == now / DAY)?;
        Some(seen.left - self.count(seen.sent_ms, now))
    }

    /// Requests of ours after `from` and not after `to`.
    fn count(&self, from: i64, to: i64) -> i64 {
        self.sent.iter().filter(|sent| (from + 1..=to).contains(*sent)).count() as i64
    }
}

/// A limit a minute as a header or `/me` puts it, if it can be one.
pub(in crate::spend) fn minute_limit(said: u64) -> Option<i64> {
    i64::try_from(said).ok().filter(|limit| (1..=MOST_A_MINUTE).contains(limit))
}

/// A limit a day, if it can be one.
pub(in crate::spend) fn day_limit(said: u64) -> Option<i64> {
    i64::try_from(said).ok().filter(|limit| (1..=MOST_A_DAY).contains(limit))
}

/// What is left, never more than the limit.
pub(in crate::spend) fn left(said: u64, limit: Option<i64>) -> i64 {
    i64::try_from(said).unwrap_or(i64::MAX).min(limit.unwrap_or(MOST_A_DAY))
}

/// Until when a 429 that asks for `wait` holds back other requests.
pub(in crate::spend) fn block(now: i64, wait: Duration) -> i64 {
    now + i64::try_from(wait.as_millis()).unwrap_or(LONGEST_BLOCK).min(LONGEST_BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn tally(limit: i64, sent: &[i64]) -> Tally {
        Tally {
            minute_limit: Some(limit),
            sent: sent.iter().map(|ago| NOW - ago).collect(),
            ..Tally::default()
        }
    }

    fn wait(ms: u64) -> Verdict {
        Verdict::Wait(Duration::from_millis(ms))
    }

    #[test]
    fn nothing_known_means_go() {
        assert_eq!(Tally::default().verdict(Kind::Paid, NOW), Verdict::Go);
        assert_eq!(Tally::default().verdict(Kind::Free, NOW), Verdict::Go);
    }

    #[test]
    fn the_last_of_a_minute_is_for_paid_requests() {
        let one_left = tally(5, &[40_000, 30_000, 20_000, 10_000]);
        assert_eq!(one_left.verdict(Kind::Paid, NOW), Verdict::Go);
        assert_eq!(one_left.verdict(Kind::Free, NOW), wait(20_000));
        let none_left = tally(5, &[50_000, 40_000, 30_000, 20_000, 10_000]);
        assert_eq!(none_left.verdict(Kind::Paid, NOW), wait(10_000));
        assert_eq!(none_left.verdict(Kind::Free, NOW), wait(20_000));
    }

    #[test]
    fn headers_correct_what_other_machines_used() {
        let mut account = tally(5, &[10_000]);
        account.minute = Some(Seen {
            left: 1,
            sent_ms: NOW - 10_000,
        });
        assert_eq!(account.verdict(Kind::Paid, NOW), Verdict::Go);
        assert_eq!(account.verdict(Kind::Free, NOW), wait(50_000));
        // A request that left since then took it.
        account.sent.push(NOW - 5);
        assert_eq!(account.verdict(Kind::Paid, NOW), wait(50_000));
    }

    #[test]
    fn headers_correct_a_count_that_is_too_high() {
        let mut account = tally(5, &[59_000, 58_000, 57_000, 56_000, 1_000]);
        account.minute = Some(Seen {
            left: 4,
            sent_ms: NOW - 1_000,
        });
        assert_eq!(account.verdict(Kind::Free, NOW), Verdict::Go);
    }

    #[test]
    fn the_last_tenth_of_a_day_is_for_paid_requests() {
        let mut account = Tally {
            day_limit: Some(50),
            day: Some(Seen { left: 6, sent_ms: NOW - 1 }),
            ..Tally::default()
        };
        assert_eq!(account.verdict(Kind::Free, NOW), Verdict::Go);
        account.sent.push(NOW);
        assert_eq!(
            account.verdict(Kind::Free, NOW),
            Verdict::DayKept(Duration::from_millis((DAY - NOW % DAY) as u64))
        );
        assert_eq!(account.verdict(Kind::Paid, NOW), Verdict::Go);
        // Another day, another count.
        assert_eq!(account.verdict(Kind::Free, NOW + DAY), Verdict::Go);
    }

    #[test]
    fn a_429_holds_all_back_for_as_long_as_it_says_but_not_for_ever() {
        let mut account = tally(5, &[]);
        account.blocked_until_ms = Some(block(NOW, Duration::from_secs(23)));
        assert_eq!(account.verdict(Kind::Paid, NOW), wait(23_000));
        assert_eq!(account.verdict(Kind::Paid, NOW + 23_000), Verdict::Go);
        account.blocked_until_ms = Some(block(NOW, Duration::from_hours(8784)));
        assert_eq!(account.verdict(Kind::Paid, NOW), wait(300_000));
        // A clock that was set back.
        account.blocked_until_ms = Some(NOW + 10 * DAY);
        assert_eq!(account.verdict(Kind::Paid, NOW), Verdict::Go);
    }

    #[test]
    fn after_a_429_the_server_is_believed_and_not_our_count() {
        let mut account = tally(5, &[9_000, 8_000, 7_000, 6_000, 5_000]);
        account.minute = Some(Seen {
            left: 0,
            sent_ms: NOW - 5_000,
        });
        account.blocked_until_ms = Some(NOW - 1);
        assert_eq!(account.verdict(Kind::Paid, NOW), Verdict::Go);
        account.sent.push(NOW);
        assert_eq!(account.verdict(Kind::Paid, NOW), wait(52_000));
    }

    #[test]
    fn absurd_numbers_are_bounded() {
        assert_eq!(minute_limit(0), None);
        assert_eq!(minute_limit(u64::MAX), None);
        assert_eq!(minute_limit(5), Some(5));
        assert_eq!(day_limit(0), None);
        assert_eq!(left(u64::MAX, Some(5)), 5);
        assert_eq!(tally(1, &[]).verdict(Kind::Free, NOW), Verdict::Go);
        let crowded = tally(5, &vec![0; 5000]);
        assert_eq!(crowded.verdict(Kind::Paid, NOW), wait(60_000));
    }

    #[test]
    fn the_last_tenth_is_rounded_up_and_at_least_one() {
        let day = |limit, left| Tally {
            day_limit: limit,
            day: Some(Seen { left, sent_ms: NOW }),
            ..Tally::default()
        };
        let kept = |limit, left| matches!(day(limit, left).verdict(Kind::Free, NOW), Verdict::DayKept(_));
        assert!(kept(None, 1) && !kept(None, 2));
        assert!(kept(Some(55), 6) && !kept(Some(55), 7));
    }

    #[test]
    fn what_was_left_holds_for_a_minute_and_not_before_it_was_told() {
        let seen = |ago| Tally {
            minute: Some(Seen {
                left: 0,
                sent_ms: NOW - ago,
            }),
            ..Tally::default()
        };
        assert_eq!(seen(10_000).verdict(Kind::Paid, NOW), wait(50_000));
        assert_eq!(seen(59_999).verdict(Kind::Paid, NOW), wait(1));
        assert_eq!(seen(60_000).verdict(Kind::Paid, NOW), Verdict::Go);
        // A clock that was set back.
        let tomorrow = Tally {
            day: Some(Seen {
                left: 0,
                sent_ms: NOW + 1000,
            }),
            ..Tally::default()
        };
        assert_eq!(tomorrow.verdict(Kind::Free, NOW), Verdict::Go);
    }

    #[test]
    fn only_one_may_try_after_a_429() {
        let mut account = tally(1, &[]);
        account.blocked_until_ms = Some(NOW);
        assert_eq!(account.verdict(Kind::Paid, NOW), Verdict::Go);
        account.sent.push(NOW);
        assert_eq!(account.verdict(Kind::Paid, NOW), wait(60_000));
    }
}
