//! A search: from the library if it is there, else through the door.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::api::{Charge, SearchRequest};
use crate::app::{Message, SearchNews};
use crate::spend::{Permit, Progress};
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
            page: found.page,
            source: match found.age_seconds {
                Some(age_seconds) => Source::Cache { age_seconds },
                None => Source::Server,
            },
            limits: found.limits,
        }),
        Err(failure) => {
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

/// Shows an answer that is here already. Nothing is asked when it is not.
pub(super) async fn kept(session: Arc<Session>, generation: u64, request: SearchRequest, messages: UnboundedSender<Message>) {
    let news = match session.kept(&request).await {
        Some(found) => SearchNews::Answered {
            page: found.page,
            source: Source::Cache {
                age_seconds: found.age_seconds.unwrap_or_default(),
            },
            limits: found.limits,
        },
        None => SearchNews::Failed {
            charge: Charge::Free,
            text: "This answer is not here any more.".to_owned(),
            limits: None,
            out_of_credits: false,
        },
    };
    let _ = messages.send(Message::Search(generation, news));
}
