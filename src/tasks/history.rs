//! The history of calls: what is new of it is fetched page by page, the rest is kept.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Session;
use crate::api::{Limits, UsageRecord};
use crate::library::History;
use crate::spend::{FreeFailure, SpendState};

/// Calls on a page.
const PAGE: u8 = 100;
/// Receipts that are looked through for the pace of spending.
const RECEIPTS: usize = 1000;

impl Session {
    /// Fetches what is new of the history, waiting at most `patience` for each page, and gives all of it, newest first, with what the last
    /// answer said about limits. A server that repeats itself for ever ends with the total it told, or with a page that is not full.
    ///
    /// # Errors
    /// [`FreeFailure`]; what was fetched before it is not kept, since it would leave a gap.
    pub async fn history(&self, patience: Duration) -> Result<(Vec<UsageRecord>, Limits), FreeFailure> {
        let kept = self.kept_history().await;
        if self.offline {
            return Ok((kept, Limits::default()));
        }
        let mut history = History::after(kept.clone());
        let mut offset = 0;
        let (limits, joined) = loop {
            let answer = self.door.usage(PAGE, offset, patience).await?;
            let page = answer.value;
            offset += page.received as u64;
            let joined = history.add(page.records);
            let complete = page.total_count.is_some_and(|total| offset >= total) || page.received < usize::from(PAGE);
            if joined || complete {
                break (answer.limits, joined);
            }
        };
        let mut all = history.into_new();
        if let Err(error) = self.library.keep_calls(self.key(), all.clone(), kept.len(), !joined).await {
            tracing::warn!("the history cannot be kept: {error}");
        }
        if joined {
            all.extend(kept);
        }
        Ok((all, limits))
    }

    /// What is kept of the history, newest first.
    pub async fn kept_history(&self) -> Vec<UsageRecord> {
        self.library.calls(self.key(), usize::MAX).await.unwrap_or_default()
    }

    /// Credits spent in the last seven days, as the ledger and the kept history know it: this machine's own, or every client's.
    pub async fn spent_this_week(&self) -> u64 {
        let since = Timestamp::now() - SignedDuration::from_hours(7 * 24);
        let receipts = self.door.ledger().receipts(RECEIPTS).await.unwrap_or_default();
        let own = receipts
            .iter()
            .filter(|receipt| receipt.at >= since && receipt.state == SpendState::Charged)
            .count() as u64;
        let kept = self.kept_history().await;
        let everybodys: i64 = kept
            .iter()
            .filter(|call| call.timestamp.is_some_and(|at| at >= since))
            .filter_map(|call| call.credits_consumed)
            .fold(0, i64::saturating_add);
        own.max(u64::try_from(everybodys).unwrap_or(0))
    }

    fn key(&self) -> String {
        self.door.client().key_fingerprint()
    }
}
