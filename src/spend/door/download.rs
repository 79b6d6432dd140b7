//! Downloads through the door.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::exchange::{Exchange, Start};
use super::flights::{Landed, Pilot};
use super::{Door, Progress};
use crate::api::{Charge, DownloadRequest, Limits, Track};
use crate::spend::download::{Body, Place, Settled, Target, settle};
use crate::spend::ledger::{Delivered, NewSpend};
use crate::spend::{DownloadFailure, FailureReason, Identity, Permit, Receipt, SpendFailure, SpendState};

/// A bought (or already owned) file.
#[derive(Debug, Clone, PartialEq)]
pub struct Bought {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: u64,
    /// SHA-256 of the body as it came, in hex.
    pub sha256: String,
    /// SHA-256 of the file, tags included, in hex.
    pub file_sha256: String,
    /// Length of the music in seconds, counted from its frames.
    pub duration_seconds: f64,
    /// 0 when the file was owned already, or another ask of this program was told first that it cost 1.
    pub credits_spent: u8,
    /// As the server said last.
    pub credits_remaining: Option<i64>,
    /// What the response said about limits and credits; nothing when nothing was sent.
    pub limits: Limits,
    /// Anything the user should know: the name was taken, tags could not be added.
    pub note: Option<String>,
}

/// What one download needs to know.
struct Order {
    identity: Identity,
    permit: Permit<DownloadRequest>,
    track: Option<Arc<Track>>,
    target: Target,
}

impl Door {
    /// Buys a download, or returns the file that was bought before unless the permit is fresh. `track` names the file and
    /// fills its tags. It is joined and cancelled like [`Door::search`].
    ///
    /// # Errors
    /// [`DownloadFailure`].
    pub async fn download(
        &self,
        permit: Permit<DownloadRequest>,
        track: Option<Arc<Track>>,
        target: Target,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Bought, DownloadFailure> {
        let identity = Identity::of_download(&self.origin(), permit.request());
        let order = Order {
            identity: identity.clone(),
            permit,
            track,
            target,
        };
        let door = self.clone();
        let Landed { outcome, shared } = self
            .downloads
            .join(&identity, cancel, progress, move |pilot| async move {
                door.fly_download(&pilot, order).await
            })
            .await;
        outcome.map(|bought| Bought {
            credits_spent: if shared { 0 } else { bought.credits_spent },
            ..bought
        })
    }

    async fn fly_download(&self, pilot: &Arc<Pilot<Bought>>, order: Order) -> Result<Bought, SpendFailure> {
        let request = order.permit.request().clone();
        if !order.permit.fresh()
            && let Some(owned) = self.owned(&request).await?
        {
            return Ok(owned);
        }
        let Order {
            identity,
            permit,
            track,
            target,
        } = order;
        let place = self.make_place(target, request.clone(), track.clone()).await?;
        let spend = NewSpend {
            identity,
            endpoint: "/download-track",
            query: None,
            page_offset: None,
            track_id: Some(request.track_id.clone()),
            title: track.as_deref().map(title),
            project: permit.project().map(str::to_owned),
            clip: request.clip,
            part: Some(place.part()),
        };
        let fresh = permit.fresh();
        drop(permit);
        let exchange = match Exchange::begin(self, pilot, &spend).await? {
            Start::Go(exchange) => exchange,
            Start::Elsewhere(row) => {
                let receipt = self.ledger.receipt(row).await?;
                let bought = match receipt {
                    Some(receipt) => self.as_owned(receipt).await,
                    None => None,
                };
                return bought.ok_or_else(|| SpendFailure::free(FailureReason::Elsewhere(SpendState::Charged)));
            }
        };
        // It may have been bought since it was looked for above. From the row on nobody else can begin it.
        if !fresh && let Some(owned) = self.owned(&request).await? {
            exchange.end(SpendState::Free, None, Some("bought meanwhile".to_owned())).await;
            return Ok(owned);
        }
        let request = &request;
        let (start, sent) = exchange
            .send(|authorised| async move { self.client.download(&authorised, request).await })
            .await?;
        let limits = start.limits;
        self.heard(limits, sent).await;
        // The server has said yes, so the credit is gone whatever becomes of the body.
        exchange.end(SpendState::Charged, Some(limits), None).await;
        let received = Body::new(place, self.rules.rescue_folder.clone())
            .receive(start, |received, total| exchange.tell(Progress::Receiving { received, total }))
            .await;
        let settled = match received {
            Some(received) => tokio::task::spawn_blocking(move || settle(received, track.as_deref())).await.ok(),
            None => None,
        };
        let Some(settled) = settled else {
            exchange.no_file_comes().await;
            return Err(SpendFailure::new(Charge::Charged, FailureReason::BrokenOff));
        };
        self.hand_out(&exchange, settled, limits).await
    }

    async fn make_place(&self, target: Target, request: DownloadRequest, track: Option<Arc<Track>>) -> Result<Place, SpendFailure> {
        let made = tokio::task::spawn_blocking(move || Place::prepare(&target, &request, track.as_deref())).await;
        match made {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(text)) => Err(SpendFailure::free(FailureReason::Target(text))),
            Err(_) => Err(SpendFailure::free(FailureReason::BrokenOff)),
        }
    }

    /// Writes into the ledger what came, and hands it out.
    async fn hand_out(&self, exchange: &Exchange<'_, Bought>, settled: Settled, limits: Limits) -> Result<Bought, SpendFailure> {
        let note = match (&settled.wrong, &settled.note) {
            (Some(wrong), Some(note)) => Some(format!("charged, {wrong}; {note}")),
            (Some(wrong), None) => Some(format!("charged, {wrong}")),
            (None, note) => note.clone(),
        };
        let whole = settled.wrong.is_none();
        let delivered = Delivered {
            path: settled.path.clone(),
            bytes: Some(settled.bytes),
            // Only a whole track counts as owned.
            sha256: whole.then(|| settled.sha256.clone()),
            file_sha256: settled.file_sha256.clone(),
            seconds: whole.then_some(settled.seconds),
            note,
        };
        if let Err(error) = self.ledger.delivered(exchange.row(), delivered).await {
            tracing::error!(%error, "a receipt could not be completed");
        }
        match (settled.wrong, settled.path) {
            (None, Some(path)) => Ok(Bought {
                path,
                bytes: settled.bytes,
                file_sha256: settled.file_sha256.unwrap_or_else(|| settled.sha256.clone()),
                sha256: settled.sha256,
                duration_seconds: settled.seconds,
                credits_spent: 1,
                credits_remaining: limits.credits_remaining,
                limits,
                note: settled.note,
            }),
            (wrong, kept) => Err(SpendFailure::new(
                Charge::Charged,
                FailureReason::NotWhole {
                    reason: wrong.unwrap_or_else(|| "the file could not be kept".to_owned()),
                    kept,
                    limits,
                },
            )),
        }
    }

    /// The file of exactly this track and clip, if it was bought before and is still there. Needs no permit, for it cannot spend.
    ///
    /// # Errors
    /// [`DownloadFailure`] when the ledger cannot be asked.
    pub async fn owned(&self, request: &DownloadRequest) -> Result<Option<Bought>, DownloadFailure> {
        match self.ledger.owned(request).await? {
            Some(receipt) => Ok(self.as_owned(receipt).await),
            None => Ok(None),
        }
    }

    /// A receipt's file as something that costs nothing.
    async fn as_owned(&self, receipt: Receipt) -> Option<Bought> {
        let balance = self.ledger.balance().await.ok().flatten();
        Some(Bought {
            path: receipt.path?,
            bytes: receipt.bytes?,
            file_sha256: receipt.file_sha256.or_else(|| receipt.sha256.clone())?,
            sha256: receipt.sha256?,
            duration_seconds: receipt.duration_seconds.unwrap_or_default(),
            credits_spent: 0,
            credits_remaining: balance,
            limits: Limits::default(),
            note: Some(format!("bought before, on {}", receipt.at.strftime("%Y-%m-%d"))),
        })
    }
}

fn title(track: &Track) -> String {
    if track.artist.is_empty() {
        track.title.to_string()
    } else {
        format!("{} – {}", track.title, track.artist)
    }
}
