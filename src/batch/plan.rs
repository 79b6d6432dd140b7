//! What a file of briefs comes to: which of them are the same, which are answered already, and what the rest costs.

use std::collections::BTreeMap;

use super::{Brief, Briefs};
use crate::api::SearchRequest;
use crate::library::{Library, LibraryError, NearlySame, nearly_same};
use crate::spend::Identity;

/// One distinct ask.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// What makes it distinct.
    pub identity: Identity,
    /// What is asked.
    pub request: SearchRequest,
    /// The project of the first brief that asks it.
    pub project: Option<String>,
    /// Answered already, so many seconds ago.
    pub cached: Option<u64>,
    /// What is nearly the same and is answered already, or comes earlier in the file.
    pub near: Option<Near>,
}

/// An ask that is nearly the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Near {
    /// It was asked before.
    Kept(NearlySame),
    /// The distinct ask of this number in the plan.
    Earlier(usize),
}

/// The plan of a batch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// The briefs in the order of the file, each with the number of its ask.
    pub briefs: Vec<(Brief, usize)>,
    /// The distinct asks in the order of the file.
    pub asks: Vec<Ask>,
}

impl Plan {
    /// Finds the same briefs, and what the library answers already.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn make(briefs: &Briefs, origin: &str, library: &Library) -> Result<Self, LibraryError> {
        let mut plan = Self::default();
        let mut numbers: BTreeMap<Identity, usize> = BTreeMap::new();
        for brief in &briefs.good {
            let identity = Identity::of_search(origin, &brief.request);
            let number = *numbers.entry(identity.clone()).or_insert(plan.asks.len());
            if number == plan.asks.len() {
                plan.asks.push(Ask {
                    cached: library.cached_age(identity.clone(), &brief.request).await?,
                    identity,
                    request: brief.request.clone(),
                    project: brief.project.clone(),
                    near: None,
                });
            }
            plan.briefs.push((brief.clone(), number));
        }
        for number in 0..plan.asks.len() {
            if plan.asks[number].cached.is_none() {
                plan.asks[number].near = plan.near(number, library).await?;
            }
        }
        Ok(plan)
    }

    async fn near(&self, number: usize, library: &Library) -> Result<Option<Near>, LibraryError> {
        let ask = &self.asks[number];
        if let Some(kept) = library.nearly_same(ask.request.clone()).await? {
            return Ok(Some(Near::Kept(kept)));
        }
        let earlier = self.asks[..number]
            .iter()
            .position(|earlier| nearly_same(&earlier.request, &ask.request));
        Ok(earlier.map(Near::Earlier))
    }

    /// The line of the first brief that asks this.
    pub fn line_of(&self, ask: &Ask) -> usize {
        let first = self.briefs.iter().find(|(_, number)| self.asks[*number].identity == ask.identity);
        first.map_or(0, |(brief, _)| brief.line)
    }

    /// The lines of every brief that asks the ask of this number.
    pub fn lines_of(&self, number: usize) -> Vec<usize> {
        self.briefs
            .iter()
            .filter(|(_, of)| *of == number)
            .map(|(brief, _)| brief.line)
            .collect()
    }

    /// How many are answered already.
    pub fn cached(&self) -> usize {
        self.asks.iter().filter(|ask| ask.cached.is_some()).count()
    }

    /// How many have to be asked, 1 credit each.
    pub fn to_ask(&self) -> usize {
        self.asks.len() - self.cached()
    }
}
