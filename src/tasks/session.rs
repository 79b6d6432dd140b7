//! What it takes to talk to one server: the door, the library, and the sandbox if that is the server.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::api_key;
use super::unstored::Unstored;
use crate::api::{ApiKey, Client, Endpoint, Limits, SearchPage, SearchRequest};
use crate::audio::Kept;
use crate::config::{KeyPlace, KeyringError, Paths, Settings};
use crate::library::Library;
use crate::spend::{Door, FailureReason, Identity, Ledger, Permit, Progress, Rules, SearchFailure, SpendState};
use crate::state::{Server, Source};

/// Which server to talk to.
#[derive(Debug, Clone)]
pub enum Start {
    /// The one of the settings.
    Configured,
    /// The one of the settings, with this key.
    Keyed(ApiKey),
    /// The embedded one, with this tier.
    Sandbox(String),
}

/// The answer to a search.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The tracks.
    pub page: SearchPage,
    /// What the response said about limits and credits; nothing when nothing was sent.
    pub limits: Limits,
    /// How long ago it was paid for; `None`: just now, with a credit.
    pub age_seconds: Option<u64>,
    /// That credit was another ask's, which was told of it first.
    pub shared: bool,
}

impl Found {
    /// Where it comes from.
    pub fn source(&self) -> Source {
        match self.age_seconds {
            Some(age_seconds) => Source::Cache { age_seconds },
            None if self.shared => Source::Cache { age_seconds: 0 },
            None => Source::Server,
        }
    }
}

/// A connection to one server, with its databases.
pub struct Session {
    /// The only way to a paid request.
    pub door: Door,
    /// What was seen before.
    pub library: Library,
    /// The server as the screen names it.
    pub server: Server,
    /// No server is asked.
    pub offline: bool,
    /// Where the key was found, if it had to be looked for.
    pub key_place: Option<KeyPlace>,
    /// Where its previews are kept, if not where those of other servers are: inside of the temporary folder of a sandbox's databases, which
    /// goes with the last who holds this.
    pub previews: Option<Kept>,
    /// What was paid for and is not in the library.
    unstored: Unstored,
    /// Things to tell the user: a damaged library that was moved aside, a ledger that cannot be used.
    pub notices: Vec<String>,
    /// The embedded server, kept running as long as one talks to it.
    #[cfg(feature = "sandbox")]
    pub sandbox: Option<crate::sandbox::Sandbox>,
}

impl Session {
    /// Connects as told.
    ///
    /// # Errors
    /// A sentence for the user.
    pub async fn open(start: &Start, settings: &Settings) -> Result<Self, OpenError> {
        match start {
            Start::Configured => {
                let held = api_key::find(settings).await?;
                let mut session = Self::over(settings.endpoint.clone(), held.key, settings, &settings.paths)?;
                session.key_place = held.place;
                session.notices.extend(held.notice);
                Ok(session)
            }
            Start::Keyed(key) => Self::over(settings.endpoint.clone(), key.clone(), settings, &settings.paths),
            Start::Sandbox(tier) => Self::sandbox(tier, settings).await,
        }
    }

    #[cfg(feature = "sandbox")]
    async fn sandbox(tier: &str, settings: &Settings) -> Result<Self, OpenError> {
        use crate::sandbox::{Options, Sandbox};
        let options = Options {
            tier: tier
                .parse()
                .map_err(|error: crate::sandbox::UnknownTier| OpenError::Other(error.to_string()))?,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options)
            .await
            .map_err(|error| OpenError::Other(format!("the sandbox cannot be started: {error}")))?;
        let endpoint = Endpoint::new(sandbox.api_url()).map_err(|error| OpenError::Other(error.0))?;
        let key = ApiKey::new(sandbox.key()).map_err(|error| OpenError::Other(error.to_string()))?;
        // Each start is another server, on other ports and with another key: what is found there is never found again, and would only pile
        // up among what is the user's own. It goes with the session.
        let folder = temporary_folder().map_err(|error| OpenError::Other(format!("the sandbox has no temporary folder: {error}")))?;
        let paths = Paths {
            data: folder.path().to_owned(),
            ..settings.paths.clone()
        };
        let mut session = Self::over(endpoint, key, settings, &paths)?;
        session.previews = Some(Kept::within(folder, settings.preview_cache));
        session.server.is_sandbox = true;
        session.sandbox = Some(sandbox);
        Ok(session)
    }

    #[cfg(not(feature = "sandbox"))]
    async fn sandbox(_tier: &str, _settings: &Settings) -> Result<Self, OpenError> {
        std::future::ready(Err(OpenError::Other(
            "this build has no sandbox: build it with --features sandbox".into(),
        )))
        .await
    }

    /// The databases are where `paths` say; all else is as in the settings.
    fn over(endpoint: Endpoint, key: ApiKey, settings: &Settings, paths: &Paths) -> Result<Self, OpenError> {
        let other = |text: String| OpenError::Other(text);
        let origin = endpoint.origin();
        let mut notices = Vec::new();
        let library = match Library::open_or_copy(&paths.library(), &origin) {
            Ok((library, moved)) => {
                notices.extend(moved);
                library
            }
            Err(error) => {
                notices.push(format!("{error}. What is found in this session is not kept."));
                Library::in_memory(&origin).map_err(|error| other(error.to_string()))?
            }
        };
        let server = Server {
            host: endpoint.host(),
            is_vendor: endpoint.is_vendor(),
            is_sandbox: false,
            has_key: true,
        };
        let (ledger, problem) = Ledger::open_or_refuse(&paths.ledger(), &origin, &key.fingerprint());
        notices.extend(problem.map(|problem| problem.to_string()));
        let client = Client::new(endpoint, key).map_err(|error| other(error.to_string()))?;
        let rules = Rules {
            budget: settings.budget_session,
            monthly_budget: settings.budget_month,
            max_wait: settings.max_wait,
            // A download is the user's, wherever it came from.
            rescue_folder: settings.paths.rescue(),
        };
        let (store, kept) = (library.clone(), library.clone());
        let unstored = Unstored::default();
        let (storing, unstored_kept) = (unstored.clone(), unstored.clone());
        let door = Door::new(client, ledger, rules).with_search_store(
            Arc::new(move |identity: Identity, request: SearchRequest, page: SearchPage| {
                let (store, storing) = (store.clone(), storing.clone());
                storing.keep(identity.clone(), &request, page.clone());
                Box::pin(async move {
                    match store.store_search(identity.clone(), request, page).await {
                        Ok(()) => storing.stored(&identity),
                        Err(error) => tracing::error!("a paid answer could not be stored: {error}"),
                    }
                })
            }),
            Arc::new(move |identity: Identity, request: SearchRequest| {
                let (kept, here) = (kept.clone(), unstored_kept.find(&identity, &request).is_some());
                Box::pin(async move { here || matches!(kept.cached_age(identity, &request).await, Ok(Some(_))) })
            }),
        );
        Ok(Self {
            door,
            library,
            server,
            offline: settings.offline,
            key_place: None,
            previews: None,
            unstored,
            notices,
            #[cfg(feature = "sandbox")]
            sandbox: None,
        })
    }

    /// Answers a search from the library if it is there, else through the door, for a credit.
    ///
    /// # Errors
    /// [`SearchFailure`].
    pub async fn search(
        &self,
        permit: Permit<SearchRequest>,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Found, SearchFailure> {
        let request = permit.request().clone();
        if !permit.fresh()
            && let Some(found) = self.kept(&request).await
        {
            return Ok(found);
        }
        if self.offline {
            return Err(SearchFailure::free(FailureReason::Offline));
        }
        match self.door.search(permit, cancel, progress).await {
            Ok(searched) => Ok(Found {
                page: searched.page,
                limits: searched.limits,
                age_seconds: None,
                shared: searched.shared,
            }),
            Err(failure) if failure.reason == FailureReason::Elsewhere(SpendState::Charged) => {
                // Somebody has just paid for the same answer and stored it.
                self.kept(&request).await.ok_or(failure)
            }
            Err(failure) => Err(failure),
        }
    }

    /// The answer that was paid for earlier, if there is one.
    pub async fn kept(&self, request: &SearchRequest) -> Option<Found> {
        let identity = self.identity(request);
        if let Some((page, age_seconds)) = self.unstored.find(&identity, request) {
            return Some(Found {
                page,
                limits: Limits::default(),
                age_seconds: Some(age_seconds),
                shared: false,
            });
        }
        match self.library.cached(identity, request.clone()).await {
            Ok(kept) => kept.map(|kept| Found {
                page: kept.page,
                limits: Limits::default(),
                age_seconds: Some(kept.age_seconds),
                shared: false,
            }),
            Err(error) => {
                tracing::warn!("the library cannot be asked: {error}");
                None
            }
        }
    }

    /// How old the answer is that was paid for earlier, in seconds, if there is one.
    pub async fn kept_age(&self, request: &SearchRequest) -> Option<u64> {
        let identity = self.identity(request);
        if let Some((_, age_seconds)) = self.unstored.find(&identity, request) {
            return Some(age_seconds);
        }
        self.library.cached_age(identity, request).await.unwrap_or_default()
    }

    /// Whether the paid answer to this is not in the library: it lasts as long as the program.
    pub fn is_unstored(&self, request: &SearchRequest) -> bool {
        self.unstored.holds(&self.identity(request))
    }

    /// The identity of a search on this server.
    pub fn identity(&self, request: &SearchRequest) -> Identity {
        Identity::of_search(&self.door.client().endpoint().origin(), request)
    }
}

/// A folder for this user alone, among those of all users.
#[cfg(feature = "sandbox")]
fn temporary_folder() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("trackyard-tui-sandbox-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

/// What else can be done where a key is needed and there is none. It is said by commands too, of which it is no option.
const PLAY_MONEY: &str = if cfg!(feature = "sandbox") {
    ", or try the screen with play money first: trackyard-tui --sandbox"
} else {
    ""
};

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No key is configured.
    #[error("there is no API key: set TRACKYARD_API_KEY (get one at app.trackyard.com/api-keys){or}", or = PLAY_MONEY)]
    NoKey,
    /// No key is configured, and the keyring has none for the server of this address.
    #[error("there is no API key: the keyring has none for {0}. The screen takes one, or set TRACKYARD_API_KEY{or}", or = PLAY_MONEY)]
    NoneKept(String),
    /// The keyring was asked, and could not tell.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
