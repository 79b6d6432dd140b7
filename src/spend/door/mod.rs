//! The door: permit in, ledger row, request, outcome into the ledger, answer out.

mod download;
mod exchange;
mod flights;
mod free;
mod search;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::ledger::Budgets;
use super::{Clock, Identity, Ledger, SystemClock};
use crate::api::{Answer, Client, Limits, SearchPage, SearchRequest};
use flights::Flights;

pub use download::Bought;
pub use free::FreeFailure;
pub use search::Searched;

/// What happens to a paid request while one waits for it. Only the newest is told when they come quickly.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// Held back by a rate limit for this long; can still be cancelled, for nothing.
    Waiting(Duration),
    /// It did not count (it never left, or the server had a fault of its own), and is sent again after so long; until then it
    /// can be cancelled, for nothing.
    Again(Duration),
    /// On its way: from here on it is never cancelled.
    Sent,
    /// So many bytes of the file are here, of so many if the server said.
    Receiving {
        /// Bytes here.
        received: u64,
        /// Bytes in all.
        total: Option<u64>,
    },
}

/// Stores the answer of a search. Called from the request's own task before anybody sees the answer, and also if nobody waits for it any more.
pub type OnSearch = Arc<dyn Fn(Identity, SearchRequest, SearchPage) -> BoxFuture<'static, ()> + Send + Sync>;

/// Whether the answer of a search is stored already, paid for earlier.
pub type IsKept = Arc<dyn Fn(Identity, SearchRequest) -> BoxFuture<'static, bool> + Send + Sync>;

/// Limits the user sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Most credits this session may spend; `None`: no limit.
    pub budget: Option<u64>,
    /// Most credits this server and key may spend in a calendar month (UTC), as this machine's ledger knows it; `None`: no limit.
    pub monthly_budget: Option<u64>,
    /// Most time to wait for a rate limit in all.
    pub max_wait: Duration,
    /// Where the bytes of a download go when its target fails after it was paid for.
    pub rescue_folder: PathBuf,
}

/// The door. Cheap to clone; its clones join each other's requests.
#[derive(Clone)]
pub struct Door {
    client: Client,
    pub(super) ledger: Ledger,
    rules: Arc<Rules>,
    pub(super) clock: Arc<dyn Clock>,
    on_search: Option<OnSearch>,
    is_kept: Option<IsKept>,
    searches: Flights<Answer<SearchPage>>,
    downloads: Flights<Bought>,
    pub(super) reconciling: Arc<tokio::sync::Mutex<()>>,
}

impl Door {
    /// Opens the door.
    pub fn new(client: Client, ledger: Ledger, rules: Rules) -> Self {
        Self {
            client,
            ledger,
            rules: Arc::new(rules),
            clock: Arc::new(SystemClock),
            on_search: None,
            is_kept: None,
            searches: Flights::default(),
            downloads: Flights::default(),
            reconciling: Arc::default(),
        }
    }

    /// Stores the answers of searches with `store`, and asks `is_kept` once more before one is paid for.
    #[must_use]
    pub fn with_search_store(mut self, store: OnSearch, is_kept: IsKept) -> Self {
        self.on_search = Some(store);
        self.is_kept = Some(is_kept);
        self
    }

    /// Lives by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The ledger behind it.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The client behind it.
    pub fn client(&self) -> &Client {
        &self.client
    }

    fn origin(&self) -> String {
        self.client.endpoint().origin()
    }

    fn budgets(&self) -> Budgets {
        Budgets {
            session: self.rules.budget,
            month: self.rules.monthly_budget,
        }
    }

    /// Every answer's headers correct the account. That this fails does not make the answer worse.
    async fn heard(&self, limits: Limits, sent: Timestamp) {
        if let Err(error) = self.ledger.heard(limits, sent, self.clock.now()).await {
            tracing::warn!(%error, "what an answer said about limits could not be noted");
        }
    }

    async fn blocked(&self, wait: Duration, now: Timestamp) {
        if let Err(error) = self.ledger.blocked(wait, now).await {
            tracing::warn!(%error, "a rate limit could not be noted");
        }
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("client", &self.client)
            .field("ledger", &self.ledger)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
