//! A search: from the library if it is there, else through the door.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::api::{Charge, Limits, SearchRequest};
use crate::app::{Message, SearchNews};
use crate::spend::{FailureReason, Permit, Progress, SpendState};
use crate::state::Source;

/// Answers a search and tells the news of it.
pub(super) async fn search(
    session: Arc<Session>,
    generation: u64,
    permit: Permit<SearchRequest>,
    cancel: CancellationToken,
    messages: UnboundedSender<Message>,
) {
    let tell = |news| drop(messages.send(Message::Search(generation, news)));
    let request = permit.request().clone();
    if !permit.fresh()
        && let Some(kept) = from_library(&session, &request).await
    {
        return tell(kept);
    }
    let progress = {
        let messages = messages.clone();
        move |progress: Progress| {
            let news = match progress {
                Progress::Waiting(wait) => SearchNews::Waiting(wait),
                Progress::Sent => SearchNews::Sent,
                Progress::Receiving { .. } => return,
            };
            let _ = messages.send(Message::Search(generation, news));
        }
    };
    match session.door.search(permit, cancel, progress).await {
        Ok(answer) => tell(SearchNews::Answered {
            page: answer.value,
            source: Source::Server,
            limits: answer.limits,
        }),
        Err(failure) => {
            // Another program has just paid for the same answer and stored it.
            if matches!(failure.reason, FailureReason::Elsewhere(SpendState::Charged))
                && let Some(kept) = from_library(&session, &request).await
            {
                return tell(kept);
            }
            let (charge, text) = (failure.charge, failure.to_string());
            tell(SearchNews::Failed {
                charge,
                text,
                limits: failure.limits(),
                out_of_credits: failure.out_of_credits(),
            });
            if charge == Charge::Unknown {
                super::settle(&session, &messages).await;
            }
        }
    }
}

/// The answer that was paid for earlier, if there is one.
async fn from_library(session: &Session, request: &SearchRequest) -> Option<SearchNews> {
    match session.library.cached(session.identity(request), request.clone()).await {
        Ok(kept) => kept.map(|kept| SearchNews::Answered {
            page: kept.page,
            source: Source::Cache {
                age_seconds: kept.age_seconds,
            },
            limits: Limits::default(),
        }),
        Err(error) => {
            tracing::warn!("the library cannot be asked: {error}");
            None
        }
    }
}
