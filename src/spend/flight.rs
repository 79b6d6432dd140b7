//! One identity, one request: who asks for what is in flight already joins it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::Identity;

/// Requests in flight in this process, and those who wait for them.
#[derive(Debug)]
pub(super) struct Flights<T> {
    going: Arc<Mutex<HashMap<Identity, watch::Receiver<Option<T>>>>>,
}

impl<T> Clone for Flights<T> {
    fn clone(&self) -> Self {
        Self { going: self.going.clone() }
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { going: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// Joins the request of this identity, or starts it with `start`, in a task of its own that nobody can cancel by going away.
    /// `None` when the task died without an answer.
    pub(super) async fn join<F>(&self, identity: Identity, start: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut answer = {
            let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
            match going.get(&identity) {
                Some(answer) => answer.clone(),
                None => {
                    let (tell, answer) = watch::channel(None);
                    going.insert(identity.clone(), answer.clone());
                    let landed = Landed {
                        identity,
                        going: self.going.clone(),
                    };
                    let flight = start();
                    tokio::spawn(async move {
                        let value = flight.await;
                        drop(landed);
                        tell.send_replace(Some(value));
                    });
                    answer
                }
            }
        };
        answer.wait_for(Option::is_some).await.ok().and_then(|value| value.clone())
    }
}

/// Takes a flight off the list however it ends.
struct Landed<T> {
    identity: Identity,
    going: Arc<Mutex<HashMap<Identity, watch::Receiver<Option<T>>>>>,
}

impl<T> Drop for Landed<T> {
    fn drop(&mut self) {
        self.going.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.identity);
    }
}
