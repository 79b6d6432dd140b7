//! The key's account: credits, rolling limits, usage history.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Tier;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// How many calls the history keeps.
const USAGE_KEPT: usize = 10_000;

impl Tier {
    fn allowance(self) -> i64 {
        match self {
            Self::Free => 50,
            Self::Starter => 300,
            Self::Pro => 50_000,
        }
    }

    fn limits(self) -> (Option<u64>, Option<u64>) {
        match self {
            Self::Free => (Some(5), Some(50)),
            Self::Starter => (Some(10), Some(500)),
            Self::Pro => (Some(300), None),
        }
    }
}

/// What the five headers say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gauges {
    /// Limit and remaining requests of the minute.
    pub minute: Option<(u64, u64)>,
    /// Limit and remaining requests of the day.
    pub day: Option<(u64, u64)>,
    pub credits: i64,
}

#[derive(Debug)]
struct Call {
    at: Timestamp,
    endpoint: &'static str,
    status: u16,
    credits: u8,
    took: Duration,
}

#[derive(Debug)]
pub(super) struct Account {
    tier: Tier,
    created: Timestamp,
    last_used: Option<Timestamp>,
    balance: i64,
    charged: u64,
    per_minute: Option<u64>,
    per_day: Option<u64>,
    /// When the requests of the last 24 hours were let in, oldest first.
    admitted: VecDeque<Instant>,
    usage: VecDeque<Call>,
}

impl Account {
    pub fn new(tier: Tier, credits: Option<i64>) -> Self {
        let (per_minute, per_day) = tier.limits();
        Self {
            tier,
            created: Timestamp::now(),
            last_used: None,
            balance: credits.unwrap_or_else(|| tier.allowance()),
            charged: 0,
            per_minute,
            per_day,
            admitted: VecDeque::new(),
            usage: VecDeque::new(),
        }
    }

    pub fn charged(&self) -> u64 {
        self.charged
    }

    pub fn balance(&self) -> i64 {
        self.balance
    }

    pub fn set_balance(&mut self, credits: i64) {
        self.balance = credits;
    }

    pub fn reset_limits(&mut self) {
        self.admitted.clear();
    }

    pub fn set_limits(&mut self, per_minute: Option<u64>, per_day: Option<u64>) {
        self.per_minute = per_minute;
        self.per_day = per_day;
    }

    /// Counts a request in, or says how many seconds to wait. A refused request does not count.
    pub fn admit(&mut self, now: Instant) -> Result<(), u64> {
        while self.admitted.front().is_some_and(|at| now.duration_since(*at) >= DAY) {
            self.admitted.pop_front();
        }
        let wait = self.wait(now, self.per_minute, MINUTE).max(self.wait(now, self.per_day, DAY));
        if wait.is_zero() {
            self.admitted.push_back(now);
            return Ok(());
        }
        Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// How long until one more request fits into a window.
    fn wait(&self, now: Instant, limit: Option<u64>, window: Duration) -> Duration {
        let Some(limit) = limit else { return Duration::ZERO };
        if limit == 0 {
            return window;
        }
        // The request that has to leave the window before another one fits.
        let Some(blocking) = self.admitted.iter().rev().nth(limit as usize - 1) else {
            return Duration::ZERO;
        };
        window.saturating_sub(now.duration_since(*blocking))
    }

    pub fn gauges(&self, now: Instant) -> Gauges {
        let left = |limit: u64, window| {
            let used = self
                .admitted
                .iter()
                .rev()
                .take_while(|at| now.duration_since(**at) < window)
                .count() as u64;
            (limit, limit.saturating_sub(used))
        };
        Gauges {
            minute: self.per_minute.map(|limit| left(limit, MINUTE)),
            day: self.per_day.map(|limit| left(limit, DAY)),
            credits: self.balance,
        }
    }

    pub fn can_pay(&self) -> bool {
        self.balance > 0
    }

    pub fn charge(&mut self) {
        self.balance -= 1;
        self.charged += 1;
    }

    pub fn record(&mut self, at: Timestamp, endpoint: &'static str, status: u16, charged: bool, took: Duration) {
        if self.usage.len() == USAGE_KEPT {
            self.usage.pop_front();
        }
        self.last_used = Some(at);
        self.usage.push_back(Call {
            at,
            endpoint,
            status,
            credits: u8::from(charged),
            took,
        });
    }

    pub fn me(&self) -> Value {
        let mut me = json!({
            "tier": self.tier.as_str(),
            "credits_remaining": self.balance,
            "monthly_allowance": self.tier.allowance(),
            "rate_limit": {"requests_per_minute": self.per_minute, "requests_per_day": self.per_day},
            "created_at": iso(self.created),
        });
        if let Some(at) = self.last_used {
            me["last_used_at"] = json!(iso(at));
        }
        me
    }

    /// A page of the history, newest first.
    pub fn usage(&self, limit: usize, offset: usize) -> Value {
        let page = self.usage.iter().rev().skip(offset).take(limit).map(|call| {
            json!({
                "timestamp": iso(call.at),
                "endpoint": call.endpoint,
                "status_code": call.status,
                "credits_consumed": call.credits,
                "response_time_ms": call.took.as_millis() as u64,
            })
        });
        json!({"usage": page.collect::<Vec<_>>(), "total_count": self.usage.len(), "offset": offset, "limit": limit})
    }
}

/// The server's clock, which a fault may set wrong by some seconds.
pub(super) fn server_time(skew_seconds: i64) -> Timestamp {
    let now = Timestamp::now();
    now.checked_add(SignedDuration::from_secs(skew_seconds)).unwrap_or(now)
}

/// A time as the API writes it: whole seconds, `Z`.
fn iso(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_roll_and_say_how_long_to_wait() {
        let mut account = Account::new(Tier::Free, None);
        let start = Instant::now();
        for second in 0..5 {
            assert_eq!(account.admit(start + Duration::from_secs(second * 10)), Ok(()));
        }
        let now = start + Duration::from_millis(45_500);
        assert_eq!(account.gauges(now).minute, Some((5, 0)));
        assert_eq!(account.admit(now), Err(15));
        assert_eq!(account.admit(start + MINUTE), Ok(()));
        assert_eq!(account.gauges(start + MINUTE).day, Some((50, 44)));
    }

    #[test]
    fn the_day_is_longer_than_the_minute() {
        let mut account = Account::new(Tier::Free, None);
        let start = Instant::now();
        for request in 0..50 {
            assert_eq!(account.admit(start + Duration::from_secs(request * 13)), Ok(()));
        }
        assert_eq!(account.admit(start + Duration::from_secs(700)), Err(24 * 3600 - 700));
        account.reset_limits();
        assert_eq!(account.admit(start + Duration::from_secs(700)), Ok(()));
    }

    #[test]
    fn history_is_newest_first_and_paged() {
        let mut account = Account::new(Tier::Pro, Some(3));
        let at = Timestamp::UNIX_EPOCH;
        account.record(at, "/search", 200, true, Duration::from_millis(7));
        account.record(at, "/me", 200, false, Duration::ZERO);
        account.record(at, "/search", 400, false, Duration::ZERO);
        let page = account.usage(1, 1);
        assert_eq!(page["total_count"], 3);
        assert_eq!(page["usage"][0]["endpoint"], "/me");
        assert_eq!(account.usage(5, 2)["usage"][0]["timestamp"], "1970-01-01T00:00:00Z");
    }
}
