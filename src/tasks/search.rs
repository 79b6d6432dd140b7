//! A search: from the library if it is there, else through the door.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::api::{Charge, SearchRequest};
use crate::app::{Failed, Message, SearchNews};
use crate::spend::{Permit, Progress};

/// Answers a search and tells the news of it.
pub(super) async fn search(
    session: Arc<Session>,
    generation: u64,
    permit: Permit<SearchRequest>,
    cancel: CancellationToken,
    messages: UnboundedSender<Message>,
) {
    let tell = |news| drop(messages.send(Message::Search(generation, news)));
    let progress = {
        let messages = messages.clone();
        move |progress: Progress| {
            let news = match progress {
                Progress::Waiting(wait) => SearchNews::Waiting(wait),
                Progress::Again(_) => SearchNews::Again,
                Progress::Sent => SearchNews::Sent,
                Progress::Receiving { .. } => return,
            };
            let _ = messages.send(Message::Search(generation, news));
        }
    };
    match session.search(permit, cancel, progress).await {
        Ok(found) => tell(SearchNews::Answered {
            source: found.source(),
            page: found.page,
            limits: found.limits,
        }),
        Err(failure) => {
            tell(SearchNews::Failed(Failed::from(&failure)));
            if failure.charge == Charge::Unknown {
                super::settle(&session, &messages).await;
            }
        }
    }
}

/// Shows an answer that is here already. Nothing is asked when it is not.
pub(super) async fn kept(session: Arc<Session>, generation: u64, request: SearchRequest, messages: UnboundedSender<Message>) {
    let news = match session.kept(&request).await {
        Some(found) => SearchNews::Answered {
            source: found.source(),
            page: found.page,
            limits: found.limits,
        },
        None => SearchNews::Failed(Failed::new(Charge::Free, "This answer is not here any more.")),
    };
    let _ = messages.send(Message::Search(generation, news));
}
