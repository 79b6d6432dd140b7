//! Searches through the door.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::exchange::{Exchange, Start};
use super::flights::{Landed, Pilot};
use super::{Door, Progress};
use crate::api::{Answer, Limits, SearchPage, SearchRequest};
use crate::spend::ledger::NewSpend;
use crate::spend::{FailureReason, Identity, Permit, SearchFailure, SpendFailure, SpendState};

/// How long the ledger waits for an answer to be stored.
const STORE_TIME: Duration = Duration::from_secs(30);

/// What a search brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// The tracks.
    pub page: SearchPage,
    /// What the response said about limits and credits.
    pub limits: Limits,
    /// Another ask of this program was for the same, and was told of this first: its credit is in the books already.
    pub shared: bool,
}

impl Door {
    /// Sends a search, or joins one of the same identity that is in flight. `cancel` stops it only before it is sent, and only
    /// when nobody else waits for it; so does dropping the future. Once sent, it goes on by itself, and its answer is stored.
    ///
    /// # Errors
    /// [`SearchFailure`].
    pub async fn search(
        &self,
        permit: Permit<SearchRequest>,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Searched, SearchFailure> {
        let identity = Identity::of_search(&self.origin(), permit.request());
        let door = self.clone();
        let about = identity.clone();
        let Landed { outcome, shared } = self
            .searches
            .join(&identity, cancel, progress, move |pilot| async move {
                door.fly_search(&pilot, about, permit).await
            })
            .await;
        outcome.map(|answer| Searched {
            page: answer.value,
            limits: answer.limits,
            shared,
        })
    }

    async fn fly_search(
        &self,
        pilot: &Arc<Pilot<Answer<SearchPage>>>,
        identity: Identity,
        permit: Permit<SearchRequest>,
    ) -> Result<Answer<SearchPage>, SpendFailure> {
        let spend = NewSpend {
            identity: identity.clone(),
            endpoint: "/search",
            query: Some(permit.request().query().to_owned()),
            page_offset: Some(permit.request().offset()),
            track_id: None,
            title: None,
            project: permit.project().map(str::to_owned),
            clip: None,
            part: None,
        };
        let fresh = permit.fresh();
        let request = permit.into_request();
        let exchange = match Exchange::begin(self, pilot, &spend).await? {
            Start::Go(exchange) => exchange,
            Start::Elsewhere(_) => return Err(SpendFailure::free(FailureReason::Elsewhere(SpendState::Charged))),
        };
        // Since whoever sent this permit looked, the same may have been answered. From the row on nobody else can begin it.
        if !fresh && self.kept(&identity, &request).await {
            exchange.end(SpendState::Free, None, Some("answered meanwhile".to_owned())).await;
            return Err(SpendFailure::free(FailureReason::Elsewhere(SpendState::Charged)));
        }
        let asked = &request;
        let (answer, sent) = exchange
            .send(|authorised| async move { self.client.search(&authorised, asked).await })
            .await?;
        self.heard(answer.limits, sent).await;
        self.store(identity, request, answer.value.clone()).await;
        exchange.end(SpendState::Charged, Some(answer.limits), None).await;
        Ok(answer)
    }

    async fn kept(&self, identity: &Identity, request: &SearchRequest) -> bool {
        match &self.is_kept {
            Some(is_kept) => is_kept(identity.clone(), request.clone()).await,
            None => false,
        }
    }

    /// Stores what was paid for, before the ledger says so: if the program dies in between, the next start finds the charge.
    async fn store(&self, identity: Identity, request: SearchRequest, page: SearchPage) {
        let Some(store) = &self.on_search else { return };
        // A task of its own: neither a panic nor a store that hangs keeps the answer from the user.
        let stored = tokio::spawn(store(identity, request, page));
        match tokio::time::timeout(STORE_TIME, stored).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a paid answer could not be stored"),
            Err(_) => tracing::error!("a paid answer is not stored yet"),
        }
    }
}
