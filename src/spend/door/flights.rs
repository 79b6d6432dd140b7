//! Requests in flight: one identity, one request, however many wait for it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Progress;
use crate::api::Charge;
use crate::spend::{FailureReason, Identity, SpendFailure};

type Outcome<T> = Result<T, SpendFailure>;

/// What came of a request, for one who waited for it.
pub(super) struct Landed<T> {
    pub(super) outcome: Outcome<T>,
    /// Another who waited was told of the same before, cost included.
    pub(super) shared: bool,
}

/// What those who wait see.
struct News<T> {
    progress: Option<Progress>,
    outcome: Option<Outcome<T>>,
}

/// The requests in flight that bring a `T`.
pub(super) struct Flights<T> {
    all: Arc<Mutex<HashMap<Identity, Flight<T>>>>,
}

struct Flight<T> {
    news: watch::Receiver<News<T>>,
    hold: Arc<Hold>,
}

/// What the one request and those who wait for it agree on: it stops only when nobody wants it, and only before it is sent.
#[derive(Default)]
pub(super) struct Hold {
    state: Mutex<HoldState>,
    stop: CancellationToken,
}

#[derive(Default)]
struct HoldState {
    waiting: usize,
    sent: bool,
    stopped: bool,
    /// Somebody was told of the outcome.
    told: bool,
}

/// The request's own end.
pub(super) struct Pilot<T> {
    news: watch::Sender<News<T>>,
    hold: Arc<Hold>,
}

/// The end of one who waits. Dropping it is losing interest.
struct Seat {
    hold: Arc<Hold>,
    interested: bool,
}

enum Left {
    /// It is on its way: it is waited for all the same.
    Sent,
    /// It stops, and its outcome says so.
    Stopped,
    /// Others still want it.
    Others,
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// Waits for the request of this identity: the one in flight, or a new one that `start` makes, which goes on by itself.
    pub(super) async fn join<F, Fut>(
        &self,
        identity: &Identity,
        cancel: CancellationToken,
        progress: impl Fn(Progress) + Send + Sync,
        start: F,
    ) -> Landed<T>
    where
        F: FnOnce(Arc<Pilot<T>>) -> Fut,
        Fut: Future<Output = Outcome<T>> + Send + 'static,
    {
        let (mut news, mut seat) = self.board(identity, start);
        loop {
            {
                let seen = news.borrow_and_update();
                if let Some(outcome) = &seen.outcome {
                    let shared = seat.was_told();
                    let outcome = outcome.clone().map_err(|failure| SpendFailure { shared, ..failure });
                    return Landed { outcome, shared };
                }
                let now = seen.progress.clone();
                drop(seen);
                now.into_iter().for_each(&progress);
            }
            if cancel.is_cancelled() && seat.interested && matches!(seat.leave(), Left::Others) {
                return Landed::alone(SpendFailure::free(FailureReason::Cancelled));
            }
            let waiting_for_cancel = !cancel.is_cancelled();
            tokio::select! {
                changed = news.changed() => if changed.is_err() {
                    // The task is gone without an outcome: the program is ending, or it panicked.
                    return Landed::alone(SpendFailure::new(Charge::Unknown, FailureReason::BrokenOff));
                },
                () = cancel.cancelled(), if waiting_for_cancel => {}
            }
        }
    }

    fn board<F, Fut>(&self, identity: &Identity, start: F) -> (watch::Receiver<News<T>>, Seat)
    where
        F: FnOnce(Arc<Pilot<T>>) -> Fut,
        Fut: Future<Output = Outcome<T>> + Send + 'static,
    {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = all.get(identity)
            && let Some(seat) = Seat::take(&flight.hold)
        {
            return (flight.news.clone(), seat);
        }
        let (sender, news) = watch::channel(News {
            progress: None,
            outcome: None,
        });
        let hold = Arc::new(Hold::default());
        hold.lock().waiting = 1;
        let seat = Seat {
            hold: Arc::clone(&hold),
            interested: true,
        };
        let pilot = Arc::new(Pilot {
            news: sender,
            hold: Arc::clone(&hold),
        });
        all.insert(
            identity.clone(),
            Flight {
                news: news.clone(),
                hold: Arc::clone(&hold),
            },
        );
        drop(all);
        let landing = Landing {
            all: Arc::clone(&self.all),
            identity: identity.clone(),
            hold,
        };
        let work = start(Arc::clone(&pilot));
        tokio::spawn(async move {
            let outcome = work.await;
            drop(landing);
            pilot.news.send_modify(|news| news.outcome = Some(outcome));
        });
        (news, seat)
    }
}

impl<T> Landed<T> {
    fn alone(failure: SpendFailure) -> Self {
        Self {
            outcome: Err(failure),
            shared: false,
        }
    }
}

/// Takes the flight off the board, also when its task panics.
struct Landing<T> {
    all: Arc<Mutex<HashMap<Identity, Flight<T>>>>,
    identity: Identity,
    hold: Arc<Hold>,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(&self.identity).is_some_and(|flight| Arc::ptr_eq(&flight.hold, &self.hold)) {
            all.remove(&self.identity);
        }
    }
}

impl<T> Pilot<T> {
    /// The request leaves now: from here on nobody can stop it. `false`: nobody wants it any more.
    pub(super) fn leave(&self) -> bool {
        let mut state = self.hold.lock();
        if state.stopped {
            return false;
        }
        state.sent = true;
        drop(state);
        self.tell(Progress::Sent);
        true
    }

    /// It came back and did not count: it can be stopped again.
    pub(super) fn returned(&self) {
        let mut state = self.hold.lock();
        state.sent = false;
        if state.waiting == 0 {
            state.stopped = true;
            self.hold.stop.cancel();
        }
    }

    /// Nobody wants it any more.
    pub(super) fn stopped(&self) -> &CancellationToken {
        &self.hold.stop
    }

    pub(super) fn tell(&self, progress: Progress) {
        self.news.send_modify(|news| news.progress = Some(progress));
    }
}

impl Hold {
    fn lock(&self) -> MutexGuard<'_, HoldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Joins, unless the request is being stopped.
    fn take(hold: &Arc<Hold>) -> Option<Self> {
        let mut state = hold.lock();
        if state.stopped {
            return None;
        }
        state.waiting += 1;
        drop(state);
        Some(Self {
            hold: Arc::clone(hold),
            interested: true,
        })
    }

    /// Another one was told of the outcome before. Says so to the next.
    fn was_told(&self) -> bool {
        std::mem::replace(&mut self.hold.lock().told, true)
    }

    fn leave(&mut self) -> Left {
        let mut state = self.hold.lock();
        if state.sent {
            return Left::Sent;
        }
        self.interested = false;
        state.waiting = state.waiting.saturating_sub(1);
        if state.waiting > 0 {
            return Left::Others;
        }
        state.stopped = true;
        drop(state);
        self.hold.stop.cancel();
        Left::Stopped
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.interested && matches!(self.leave(), Left::Sent) {
            let mut state = self.hold.lock();
            state.waiting = state.waiting.saturating_sub(1);
        }
    }
}

impl<T> Clone for Flights<T> {
    fn clone(&self) -> Self {
        Self {
            all: Arc::clone(&self.all),
        }
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { all: Arc::default() }
    }
}
