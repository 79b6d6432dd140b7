//! A batch: its asks, one after the other, for the command line and for the screen.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{Found, Session};
use crate::api::{self, Charge, SearchRequest};
use crate::app::{BatchNews, Failed, Message};
use crate::spend::{FailureReason, Permit, Progress, SearchFailure};
use crate::state::BatchId;

/// Whoever follows a batch on its way. Asks are known by their number, from 0, in the order in which they are asked.
pub trait Follower: Send + Sync {
    /// This one is next.
    fn begins(&mut self, number: usize, request: &SearchRequest);
    /// It waits, or is on its way.
    fn progress(&self, progress: Progress);
    /// Its answer is here. If it could not be stored, nothing more is asked.
    fn answered(&mut self, number: usize, found: Found);
    /// The server refuses it as it is, for nothing. The others go on.
    fn refused(&mut self, number: usize, failure: &SearchFailure);
}

/// Asks for each, one after the other; the session keeps the pace, and looks into the library first. Each answer is stored before the next is
/// asked, so whatever ends this, another batch asks only for what is missing. Once `cancel` is cancelled nothing more is sent; what was sent is
/// waited for.
///
/// # Errors
/// The first failure that is not that one ask's own fault: nothing more is asked after it, least of all when it may have cost a credit, or when
/// what was paid for could not be stored.
pub async fn ask_in_turn<F: Follower>(
    session: &Session,
    permits: impl IntoIterator<Item = Permit<SearchRequest>>,
    cancel: &CancellationToken,
    follower: &mut F,
) -> Result<(), SearchFailure> {
    for (number, permit) in permits.into_iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(SearchFailure::free(FailureReason::Cancelled));
        }
        let request = permit.request().clone();
        follower.begins(number, &request);
        let watching = &*follower;
        let asked = session.search(permit, cancel.clone(), |progress| watching.progress(progress)).await;
        match asked {
            Ok(found) => {
                let paid = found.age_seconds.is_none();
                follower.answered(number, found);
                if paid && session.is_unstored(&request) {
                    return Err(SearchFailure::free(FailureReason::NotStored));
                }
            }
            Err(failure) if is_its_own_fault(&failure) => follower.refused(number, &failure),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// A 400: the server does not take this ask, and has nothing against the next.
fn is_its_own_fault(failure: &SearchFailure) -> bool {
    failure.charge == Charge::Free && matches!(&failure.reason, FailureReason::Api(api::Error::Refused(problem)) if problem.status == 400)
}

/// Asks for a batch of the screen, and tells the news of it.
pub(super) async fn ask(
    session: Arc<Session>,
    id: BatchId,
    permits: Vec<Permit<SearchRequest>>,
    cancel: CancellationToken,
    messages: UnboundedSender<Message>,
) {
    let mut teller = Teller {
        id,
        messages: messages.clone(),
    };
    match ask_in_turn(&session, permits, &cancel, &mut teller).await {
        Ok(()) => teller.tell(BatchNews::Done),
        Err(failure) => {
            teller.tell(BatchNews::Stopped(Failed::from(&failure)));
            if failure.charge == Charge::Unknown {
                super::settle(&session, &messages).await;
            }
        }
    }
}

/// Makes messages of what happens.
struct Teller {
    id: BatchId,
    messages: UnboundedSender<Message>,
}

impl Teller {
    fn tell(&self, news: BatchNews) {
        let _ = self.messages.send(Message::Batch(self.id, news));
    }
}

impl Follower for Teller {
    fn begins(&mut self, number: usize, _request: &SearchRequest) {
        self.tell(BatchNews::Next(number));
    }

    fn progress(&self, progress: Progress) {
        match progress {
            Progress::Waiting(wait) => self.tell(BatchNews::Waiting(wait)),
            Progress::Again(_) => self.tell(BatchNews::Again),
            Progress::Sent => self.tell(BatchNews::Sent),
            Progress::Receiving { .. } => {}
        }
    }

    fn answered(&mut self, number: usize, found: Found) {
        self.tell(BatchNews::Answered {
            number,
            source: found.source(),
            page: found.page,
            limits: found.limits,
        });
    }

    fn refused(&mut self, number: usize, failure: &SearchFailure) {
        self.tell(BatchNews::Refused {
            number,
            text: failure.to_string(),
            limits: failure.limits(),
        });
    }
}
