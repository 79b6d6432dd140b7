//! Paid answers that are not in the library yet, or that it cannot take: kept as long as the program runs, so that nothing that was paid for is
//! gone at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::api::{SearchPage, SearchRequest};
use crate::spend::Identity;

#[derive(Debug)]
struct Answer {
    /// The size of page that was asked for.
    limit: u8,
    page: SearchPage,
    since: Instant,
}

/// Them, by what was asked. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Unstored(Arc<Mutex<HashMap<Identity, Answer>>>);

impl Unstored {
    fn lock(&self) -> MutexGuard<'_, HashMap<Identity, Answer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an answer, before the library is asked to.
    pub(super) fn keep(&self, identity: Identity, request: &SearchRequest, page: SearchPage) {
        let answer = Answer {
            limit: request.limit(),
            page,
            since: Instant::now(),
        };
        self.lock().insert(identity, answer);
    }

    /// The library has it now.
    pub(super) fn stored(&self, identity: &Identity) {
        self.lock().remove(identity);
    }

    /// Whether an answer to this is here.
    pub(super) fn holds(&self, identity: &Identity) -> bool {
        self.lock().contains_key(identity)
    }

    /// The answer to this, if its page is large enough, cut to what is asked for; and its age in seconds.
    pub(super) fn find(&self, identity: &Identity, request: &SearchRequest) -> Option<(SearchPage, u64)> {
        let all = self.lock();
        let answer = all.get(identity).filter(|answer| answer.limit >= request.limit())?;
        let mut page = answer.page.clone();
        page.tracks.truncate(request.limit().into());
        page.received = page.received.min(request.limit().into());
        Some((page, answer.since.elapsed().as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Filters, Track};

    fn ask(limit: u8) -> SearchRequest {
        SearchRequest::new("jazz", Filters::default(), limit, 0).unwrap()
    }

    #[test]
    fn an_answer_is_here_until_it_is_stored_and_serves_smaller_pages_too() {
        let unstored = Unstored::default();
        let identity = Identity::of_search("http://127.0.0.1", &ask(100));
        let tracks = (0..30).map(|number| Track::from_json(&serde_json::json!({"id": format!("t{number}")})).unwrap());
        let page = SearchPage {
            tracks: tracks.collect(),
            received: 30,
            skipped: 0,
        };
        unstored.keep(identity.clone(), &ask(100), page);
        let found = |limit| {
            unstored
                .find(&identity, &ask(limit))
                .map(|(page, _)| (page.tracks.len(), page.received))
        };
        assert_eq!((found(100), found(20)), (Some((30, 30)), Some((20, 20))));
        unstored.keep(identity.clone(), &ask(20), SearchPage::default());
        assert_eq!(found(100), None, "its page is smaller");
        assert!(unstored.holds(&identity));
        unstored.stored(&identity);
        assert!(!unstored.holds(&identity) && found(20).is_none());
    }
}
