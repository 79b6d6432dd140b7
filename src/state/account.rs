//! The credits pane.

use super::Moment;
use crate::api::{Account, Limits};
use crate::text::Clean;

/// What is known about the account; every answer's headers feed it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountState {
    /// Tier as the server names it.
    pub tier: Option<Clean>,
    /// Credits left, as the server said last. May be negative or above the allowance; shown as it is.
    pub credits: Option<i64>,
    /// Credits a month (or once), from `/me`.
    pub allowance: Option<i64>,
    /// Requests a minute.
    pub minute_limit: Option<u64>,
    /// Requests left this minute.
    pub minute_remaining: Option<u64>,
    /// Requests a day.
    pub day_limit: Option<u64>,
    /// Requests left today.
    pub day_remaining: Option<u64>,
    /// Credits this session has spent for certain.
    pub spent: u64,
    /// Credits spent in the last seven days when it was looked up, and what this session had spent by then.
    pub spent_this_week: Option<(u64, u64)>,
    /// Spends whose outcome is not known yet.
    pub unsure: u64,
    /// A paid request waits for a rate limit until then.
    pub waiting_until: Option<Moment>,
    /// The balance is used up (a 402 was seen, and no better balance since).
    pub out_of_credits: bool,
    /// Where the key comes from, in words.
    pub key_place: Option<String>,
    /// When the account was made, as the server writes it.
    pub created_at: Option<Clean>,
    /// When it was used last, as the server writes it.
    pub last_used_at: Option<Clean>,
    /// Why the account could not be read, if so.
    pub problem: Option<String>,
}

impl AccountState {
    /// How many days the credits last at the pace of the last seven days; `None` where nothing was spent or the balance is not known.
    pub fn days_left(&self) -> Option<u64> {
        let (week, then) = self.spent_this_week?;
        let week = week + self.spent.saturating_sub(then);
        let credits = u64::try_from(self.credits?).ok()?;
        (week > 0).then(|| credits.saturating_mul(7) / week)
    }

    /// Takes in what a response said about limits and credits; what it did not say stays.
    pub fn take_limits(&mut self, limits: &Limits) {
        fn newer<T>(slot: &mut Option<T>, value: Option<T>) {
            if value.is_some() {
                *slot = value;
            }
        }
        newer(&mut self.minute_limit, limits.minute_limit);
        newer(&mut self.minute_remaining, limits.minute_remaining);
        newer(&mut self.day_limit, limits.day_limit);
        newer(&mut self.day_remaining, limits.day_remaining);
        if let Some(credits) = limits.credits_remaining {
            if self.credits.is_none_or(|before| credits > before) || credits > 0 {
                self.out_of_credits = false;
            }
            self.credits = Some(credits);
        }
    }

    /// Takes in the answer of `/me`.
    pub fn take_account(&mut self, account: &Account, limits: &Limits) {
        self.tier.clone_from(&account.tier);
        self.allowance = account.monthly_allowance;
        self.created_at.clone_from(&account.created_at);
        self.last_used_at.clone_from(&account.last_used_at);
        self.minute_limit = account.rate_limit.requests_per_minute.or(self.minute_limit);
        self.day_limit = account.rate_limit.requests_per_day.or(self.day_limit);
        self.take_limits(limits);
        self.problem = None;
    }
}
