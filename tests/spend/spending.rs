//! A door before a [`FaultServer`], and permits made as a user makes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use trackyard_tui::api::{ApiKey, Client, Clip, DownloadRequest, Endpoint, Filters, SearchRequest, TrackId};
use trackyard_tui::input::{Key, KeyPress};
use trackyard_tui::spend::acts::Entered;
use trackyard_tui::spend::{
    Bought, Confirmation, Confirmed, Door, Ledger, Permit, Press, Progress, Receipt, Rules, Searched, SpendFailure, SpendState, Target,
};
use trackyard_tui::state::Moment;

use crate::fault_server::{FaultServer, TestClock};
use crate::steps::limited;

/// How long the server may be silent: where it is not meant to be, a busy machine has all the time it needs.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// The same where a test waits for the end of it: what the server does say by then has to have come, also on a busy machine.
const IMPATIENCE: Duration = Duration::from_secs(5);

pub const KEY: &str = "trackyard_live_secret_of_the_tests";

/// A server, a clock, a ledger file and the folders beside it.
pub struct Bench {
    pub server: Arc<FaultServer>,
    pub clock: Arc<TestClock>,
    pub home: TempDir,
    patience: Duration,
}

impl Bench {
    pub async fn new() -> Self {
        Self::at(TestClock::new()).await
    }

    /// For a server that falls silent.
    pub async fn impatient() -> Self {
        Self {
            patience: IMPATIENCE,
            ..Self::new().await
        }
    }

    /// At another time.
    pub async fn at(clock: Arc<TestClock>) -> Self {
        Self {
            server: FaultServer::start(Arc::clone(&clock)).await,
            clock,
            home: tempfile::tempdir().unwrap(),
            patience: PATIENCE,
        }
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.home.path().join("ledger.db")
    }

    pub fn music(&self) -> PathBuf {
        self.home.path().join("music")
    }

    pub fn rescue(&self) -> PathBuf {
        self.home.path().join("rescue")
    }

    pub fn rules(&self) -> Rules {
        Rules {
            budget: None,
            monthly_budget: None,
            max_wait: Duration::from_mins(5),
            rescue_folder: self.rescue(),
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::new(&self.server.url()).unwrap()
    }

    /// A program of its own, as far as the ledger can tell.
    pub fn door(&self) -> Door {
        self.door_with(self.rules())
    }

    pub fn door_with(&self, rules: Rules) -> Door {
        self.door_to(self.endpoint(), &self.ledger_path(), rules)
    }

    /// Another one to the same ledger, which waits for the server, for what it answers before and after it falls silent.
    pub fn patient_door(&self) -> Door {
        self.door_of(self.endpoint(), &self.ledger_path(), self.rules(), PATIENCE)
    }

    pub fn door_to(&self, endpoint: Endpoint, ledger: &Path, rules: Rules) -> Door {
        self.door_of(endpoint, ledger, rules, self.patience)
    }

    fn door_of(&self, endpoint: Endpoint, ledger: &Path, rules: Rules, patience: Duration) -> Door {
        let key = ApiKey::new(KEY).unwrap();
        let ledger = Ledger::open(ledger, &endpoint.origin(), &key.fingerprint()).unwrap();
        let client = Client::with_timeouts(endpoint, key, PATIENCE, patience).unwrap();
        Door::new(client, ledger, rules).with_clock(Arc::clone(&self.clock) as _)
    }
}

pub fn query(text: &str) -> SearchRequest {
    SearchRequest::new(text, Filters::default(), 100, 0).unwrap()
}

/// Enter, pressed in the query box.
pub fn enter(text: &str) -> Permit<SearchRequest> {
    let act = Entered::from_key(&KeyPress::plain(Key::Enter)).unwrap();
    Permit::by_enter(act, query(text))
}

/// `y`, pressed in a confirmation that is armed.
pub fn confirmed() -> Confirmed {
    let mut popup = Confirmation::open();
    popup.drawn(Moment(0));
    match popup.press(&KeyPress::char('y'), Moment(1000)) {
        Press::Confirmed(act) => act,
        other => panic!("{other:?}"),
    }
}

pub fn track_request(id: &str, clip: Option<Clip>) -> DownloadRequest {
    DownloadRequest {
        track_id: TrackId::new(id).unwrap(),
        clip,
    }
}

pub async fn search(door: &Door, text: &str) -> Result<Searched, SpendFailure> {
    door.search(enter(text), CancellationToken::new(), |_| {}).await
}

pub async fn buy(door: &Door, request: DownloadRequest, target: Target, fresh: bool) -> Result<Bought, SpendFailure> {
    let permit = Permit::download_by_confirmation(confirmed(), request, fresh);
    door.download(permit, None, target, CancellationToken::new(), |_: Progress| {})
        .await
}

pub async fn receipts(door: &Door) -> Vec<Receipt> {
    door.ledger().receipts(1000).await.unwrap()
}

pub async fn states(door: &Door) -> Vec<SpendState> {
    receipts(door).await.iter().map(|receipt| receipt.state).collect()
}

/// A runtime for a program that dies: its tasks end where they are, and its lock goes.
pub fn mortal() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

/// Ends the program of such a runtime.
pub async fn dies(runtime: tokio::runtime::Runtime) {
    tokio::task::spawn_blocking(move || drop(runtime)).await.unwrap();
}

/// A search that waits for a rate limit of half a minute.
pub async fn held_back(bench: &Bench, door: &Door) -> tokio::task::JoinHandle<Result<Searched, SpendFailure>> {
    bench.server.script([limited("30")]);
    let door = door.clone();
    let asked = tokio::spawn(async move { search(&door, "rain").await });
    bench.clock.wait_for_sleeps(1).await;
    asked
}
