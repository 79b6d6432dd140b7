//! What a file of briefs comes to: which of them are the same, which are answered already, and what the rest costs.

use std::collections::BTreeMap;

use super::{Brief, Briefs};
use crate::api::SearchRequest;
use crate::library::{Library, LibraryError, NearlySame, nearly_same, words_of};
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
    /// That is taken for its answer, with the filters of this one.
    pub taken: bool,
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
                    taken: false,
                });
            }
            plan.briefs.push((brief.clone(), number));
        }
        // Only asks of the same words can be nearly the same.
        let mut of_words: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for number in 0..plan.asks.len() {
            let earlier = of_words.entry(words_of(plan.asks[number].request.query())).or_default();
            if plan.asks[number].cached.is_none() {
                plan.asks[number].near = near(&plan.asks, number, earlier, library).await?;
            }
            earlier.push(number);
        }
        Ok(plan)
    }

    /// Takes what is nearly the same for an answer, wherever there is one.
    pub fn take_near(&mut self) {
        for ask in &mut self.asks {
            ask.taken = ask.near.is_some();
        }
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
        self.asks.iter().filter(|ask| ask.is_paid()).count()
    }

    /// How many of those that have to be asked are nearly the same as what is here or comes earlier.
    pub fn nearly(&self) -> usize {
        self.asks.iter().filter(|ask| ask.is_paid() && ask.near.is_some()).count()
    }
}

impl Ask {
    /// Whether it costs a credit.
    pub fn is_paid(&self) -> bool {
        self.cached.is_none() && !self.taken
    }
}

async fn near(asks: &[Ask], number: usize, same_words: &[usize], library: &Library) -> Result<Option<Near>, LibraryError> {
    let wanted = &asks[number].request;
    if let Some(kept) = library.nearly_same(wanted.clone()).await? {
        return Ok(Some(Near::Kept(kept)));
    }
    let earlier = same_words.iter().find(|earlier| nearly_same(&asks[**earlier].request, wanted));
    Ok(earlier.map(|earlier| Near::Earlier(*earlier)))
}
