//! Everything the two servers share.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Options;
use super::account::Account;
use super::faults::Faults;
use super::recordings::Recordings;
use super::seed::Seed;
use super::seen::SeenLog;

#[derive(Debug)]
pub(super) struct House {
    pub key: String,
    pub preview_origin: String,
    pub faults: Faults,
    pub seen: SeenLog,
    pub recordings: Recordings,
    account: Mutex<Account>,
    request_ids: AtomicU64,
}

impl House {
    pub fn new(options: Options, preview_origin: String) -> Self {
        Self {
            key: options.key.unwrap_or_else(random_key),
            preview_origin,
            faults: Faults::default(),
            seen: SeenLog::default(),
            recordings: Recordings::default(),
            account: Mutex::new(Account::new(options.tier, options.credits)),
            request_ids: AtomicU64::new(1),
        }
    }

    pub fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new id for a 5xx, to be quoted to support.
    pub fn request_id(&self) -> String {
        let number = self.request_ids.fetch_add(1, Ordering::Relaxed);
        format!("req_{:016x}", Seed::new(number).next())
    }
}

fn random_key() -> String {
    const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // The standard library seeds its hasher from the system's random source.
    let mut seed = Seed::new(RandomState::new().hash_one("trackyard"));
    let tail: String = (0..32).map(|_| char::from(*seed.pick(LETTERS))).collect();
    format!("trackyard_live_{tail}")
}
