//! Questions that cost nothing.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;

use super::Session;
use crate::api::{DownloadRequest, SearchRequest, Track, TrackId, UsagePage, UsageRecord};
use crate::app::Message;
use crate::audio::Analysis;
use crate::library::Wanted;
use crate::state::{Ownership, Price, Severity};

/// Tracks seen before that are listed while one types.
const MATCHES: usize = 100;
/// How long each page of the history of calls may wait for its place in the rate limit.
const PATIENCE: Duration = Duration::from_secs(90);
/// The screen shows that a free call is held back rather than wait for it.
const NO_WAIT: Duration = Duration::ZERO;
/// Tracks that are listed as alike.
const ALIKE: usize = 20;
/// Receipts that the receipts popup lists.
const RECEIPTS: usize = 500;

/// What Enter would cost.
pub(super) async fn price(session: Arc<Session>, request: SearchRequest, messages: UnboundedSender<Message>) {
    let price = match session.kept_age(&request).await {
        Some(age_seconds) => Price::Cached { age_seconds },
        None => match session.door.ledger().problem() {
            Some(problem) => Price::Refused(problem.to_string()),
            None if session.offline => Price::Refused("offline: not asked before".to_owned()),
            None => Price::OneCredit,
        },
    };
    if !matches!(price, Price::Cached { .. })
        && let Ok(Some(near)) = session.library.nearly_same(request.clone()).await
    {
        let _ = messages.send(Message::Nearly(request.clone(), near));
    }
    let _ = messages.send(Message::Priced(request, price));
}

/// Tracks seen before that match what is typed. Matches of what was typed meanwhile are not waited for.
pub(super) async fn matches(session: Arc<Session>, generation: u64, wanted: Wanted, messages: UnboundedSender<Message>) {
    match session.library.matches(generation, wanted, MATCHES).await {
        Ok(Some(found)) => drop(messages.send(Message::Matched(generation, found))),
        Ok(None) => {}
        Err(error) => tracing::warn!("what was seen before cannot be searched: {error}"),
    }
}

/// Tracks like one, among those seen before.
pub(super) async fn alike(session: Arc<Session>, track: Arc<Track>, messages: UnboundedSender<Message>) {
    let found = session.library.alike(Arc::clone(&track), ALIKE).await;
    let _ = messages.send(Message::Alike(track.id.clone(), found.map_err(|error| error.to_string())));
}

/// Where the full track's file is.
pub(super) async fn file_of(session: Arc<Session>, id: TrackId, messages: UnboundedSender<Message>) {
    let request = DownloadRequest { track_id: id, clip: None };
    let found = match session.door.ledger().owned(&request).await {
        Ok(receipt) => Message::FileOf(receipt.and_then(|receipt| receipt.path)),
        Err(error) => Message::Notice(Severity::Error, error.to_string()),
    };
    let _ = messages.send(found);
}

/// Whether a download is owned already.
pub(super) async fn owned(session: Arc<Session>, request: DownloadRequest, messages: UnboundedSender<Message>) {
    let ownership = match session.door.ledger().owned(&request).await {
        Ok(Some(receipt)) => receipt.path.map_or(Ownership::New, Ownership::Owned),
        Ok(None) => Ownership::New,
        Err(error) => Ownership::Unknown(error.to_string()),
    };
    let _ = messages.send(Message::Owned(request, ownership));
}

/// The account.
pub(super) async fn account(session: Arc<Session>, messages: UnboundedSender<Message>) {
    let answer = session.door.me(NO_WAIT).await.map(Box::new).map_err(|error| error.to_string());
    let _ = messages.send(Message::Account(answer));
}

/// The history of calls: what is kept at once, then all of it.
pub(super) async fn usage(session: Arc<Session>, messages: UnboundedSender<Message>) {
    let page = |records: Vec<UsageRecord>| UsagePage {
        total_count: Some(records.len() as u64),
        received: records.len(),
        records,
        raw: serde_json::Value::Null,
    };
    let kept = session.kept_history().await;
    if !kept.is_empty() {
        let _ = messages.send(Message::Usage(Ok(page(kept))));
    }
    let answer = session.history(PATIENCE).await;
    if let Ok((_, limits)) = &answer {
        let _ = messages.send(Message::Limits(*limits));
    }
    let _ = messages.send(Message::Usage(
        answer.map(|(records, _)| page(records)).map_err(|error| error.to_string()),
    ));
    pace(session, messages).await;
}

/// What was spent in the last seven days.
pub(super) async fn pace(session: Arc<Session>, messages: UnboundedSender<Message>) {
    let _ = messages.send(Message::SpentThisWeek(session.spent_this_week().await));
}

/// The newest receipts.
pub(super) async fn receipts(session: Arc<Session>, messages: UnboundedSender<Message>) {
    let answer = session.door.ledger().receipts(RECEIPTS).await.map_err(|error| error.to_string());
    let _ = messages.send(Message::Receipts(answer));
}

/// A track was heard.
pub(super) async fn mark_heard(session: Arc<Session>, id: TrackId) {
    if let Err(error) = session.library.mark_heard(id).await {
        tracing::warn!("what was heard cannot be remembered: {error}");
    }
}

/// What a preview was found to be.
pub(super) async fn keep_analysis(session: Arc<Session>, id: TrackId, analysis: Arc<Analysis>) {
    if let Err(error) = session.library.keep_analysis(id, analysis).await {
        tracing::warn!("what was found out about a preview cannot be kept: {error}");
    }
}

/// What previews were found to be earlier.
pub(super) async fn analyses(session: Arc<Session>, ids: Vec<TrackId>, messages: UnboundedSender<Message>) {
    match session.library.analyses(ids).await {
        Ok(known) if known.is_empty() => {}
        Ok(known) => drop(messages.send(Message::Analyses(known))),
        Err(error) => tracing::warn!("what was found out about previews cannot be read: {error}"),
    }
}
