//! `batch`: many briefs, each distinct one asked once, from the library where it is answered already.

mod progress;
mod report;

use std::io::IsTerminal;

use tokio_util::sync::CancellationToken;

use super::args::{Batch, Screen};
use super::failure::Failure;
use super::{Consent, ask, open, settle, tui};
use crate::api::{Charge, SearchPage, SearchRequest};
use crate::batch::{self, BadRow, Briefs, Near, Plan, Tally};
use crate::config::Settings;
use crate::library::{Library, LibraryError};
use crate::spend::acts::Commanded;
use crate::spend::{FailureReason, Identity, Permit, Progress, SearchFailure};
use crate::state::{Source, passes};
use crate::tasks::{Follower, Found, Session, ask_in_turn};
use crate::term::{self, Notify};
use crate::ui::format::count;
use progress::Bar;

/// Receipts that are looked through for the newest balance.
const RECEIPTS: usize = 50;

pub(super) async fn run(args: Batch, screen: Screen, settings: Settings) -> Result<(), Failure> {
    if args.open && !term::is_terminal() {
        return Err(Failure::usage("--open shows the briefs on the screen, which needs a terminal"));
    }
    let mut briefs = batch::read(&args.file).map_err(|problem| Failure::usage(format!("{}: {problem}", args.file.display())))?;
    let origin = settings.endpoint.origin();
    // Looking costs nothing, so neither a dry run nor working offline needs a key.
    let (library, session) = if args.dry_run || settings.offline {
        (super::library(&settings)?, None)
    } else {
        let session = open(&settings).await?;
        (session.library.clone(), Some(session))
    };
    let failed = |error: LibraryError| Failure::other(error.to_string());
    let mut plan = Plan::make(&briefs, &origin, &library).await.map_err(failed)?;
    if args.near {
        plan.take_near();
    }
    report::tell(&args, &briefs, &plan);
    let mut stopped = None;
    let may_ask = match &session {
        Some(session) if plan.to_ask() > 0 => {
            consent(&args, session, &mut plan).await?;
            settle(session).await;
            true
        }
        _ => false,
    };
    let mut outcome = Outcome::of(&plan, &library).await;
    if let Some(session) = session.as_ref().filter(|_| may_ask) {
        stopped = outcome.ask(session, &plan, &mut briefs).await;
    } else if plan.to_ask() > 0 && settings.offline && !args.dry_run && !args.open {
        stopped = Some(Failure::offline("the rest has to be asked"));
    }
    outcome.take_near(&plan, &origin, &library).await;
    report::report(&args, &briefs, &plan, &outcome, stopped.as_ref());
    // Who has interrupted it is there, and knows.
    let interrupted = stopped.as_ref().is_some_and(Failure::interrupted);
    if may_ask && !interrupted {
        ring(settings.notify, &outcome.tally);
    }
    if args.open && !interrupted {
        let left = tui::Left {
            briefs: args.file,
            session,
            spent: outcome.spent(),
            unsure: outcome.unsure(),
        };
        tui::show(&screen, settings, Some(left))
            .await
            .map_err(|error| Failure::other(format!("the terminal cannot be used: {error}")))?;
    }
    ended(stopped, briefs.bad.len())
}

/// Tells who looks elsewhere that the asking has ended, where there is a terminal to tell it. Standard output may be a document.
fn ring(notify: Notify, tally: &Tally) {
    let mut out = std::io::stderr();
    if out.is_terminal()
        && let Err(error) = notify.tell_on(&mut out, &tally.ending())
    {
        tracing::warn!("the terminal cannot be told: {error}");
    }
}

fn ended(stopped: Option<Failure>, bad: usize) -> Result<(), Failure> {
    match (stopped, bad) {
        (Some(failure), _) => Err(failure.already_printed()),
        (None, 0) => Ok(()),
        (None, 1) => Err(Failure::other("1 row is bad; the rest is done").already_printed()),
        (None, rows) => Err(Failure::other(format!("{rows} rows are bad; the rest is done")).already_printed()),
    }
}

/// `--yes`, or a yes that is typed now; or a wish for what is nearly the same, which costs less.
async fn consent(args: &Batch, session: &Session, plan: &mut Plan) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    let to_ask = plan.to_ask();
    let credits = count(to_ask, "credit");
    if !term::can_be_asked() {
        return Err(Failure::usage(format!(
            "this batch costs up to {credits}: say --yes for that, or --dry-run to see the plan"
        )));
    }
    let receipts = session.door.ledger().receipts(RECEIPTS).await.unwrap_or_default();
    let had = receipts.iter().find_map(|receipt| receipt.balance);
    let had = had.map(|left| format!(", of the {left} left when last asked")).unwrap_or_default();
    let near = plan.nearly();
    let offer = if near > 0 {
        format!(
            "/near: only {}, {near} answered by what is nearly the same",
            count(to_ask - near, "credit")
        )
    } else {
        String::new()
    };
    match ask(&format!("Spend up to {credits}{had}? [y/N{offer}]")).as_str() {
        "y" | "yes" => Ok(()),
        "near" if near > 0 => {
            plan.take_near();
            Ok(())
        }
        _ => Err(Failure::other("nothing was asked, nothing was spent")),
    }
}

/// What became of each distinct ask.
struct Outcome {
    answers: Vec<Option<(SearchPage, &'static str)>>,
    /// Of those that had to be asked.
    tally: Tally,
    /// What the ask has cost that brought no answer and ended it.
    last: Charge,
}

impl Outcome {
    /// What the library answers.
    async fn of(plan: &Plan, library: &Library) -> Self {
        let mut answers = Vec::new();
        for ask in &plan.asks {
            answers.push(match ask.cached {
                Some(_) => kept(library, &ask.identity, &ask.request).await,
                None => None,
            });
        }
        Self {
            answers,
            tally: Tally::of(plan.to_ask()),
            last: Charge::Free,
        }
    }

    /// Credits spent.
    fn spent(&self) -> u64 {
        self.tally.asked as u64 + u64::from(self.last == Charge::Charged)
    }

    /// Asks of which nobody knows whether they were charged.
    fn unsure(&self) -> u64 {
        u64::from(self.last == Charge::Unknown)
    }

    /// Asks for the rest, one after the other.
    async fn ask(&mut self, session: &Session, plan: &Plan, briefs: &mut Briefs) -> Option<Failure> {
        let cancel = CancellationToken::new();
        let watch = tokio::spawn({
            let (cancel, terminated) = (cancel.clone(), term::terminated());
            async move {
                terminated.await;
                cancel.cancel();
            }
        });
        let bar = Bar::new(plan.to_ask());
        let paid: Vec<usize> = (0..plan.asks.len()).filter(|number| plan.asks[*number].is_paid()).collect();
        let permits = paid.iter().map(|number| {
            let ask = &plan.asks[*number];
            Permit::by_command(Commanded::from_consent(Consent::given()), ask.request.clone(), false).for_project(ask.project.clone())
        });
        let mut follower = Asking {
            plan,
            paid: &paid,
            bar: &bar,
            outcome: self,
            briefs,
        };
        let asked = ask_in_turn(session, permits, &cancel, &mut follower).await;
        bar.end();
        watch.abort();
        briefs.bad.sort_by_key(|bad| bad.line);
        asked.err().map(|failure| self.stopped_by(failure))
    }

    /// Books what the failure cost that has ended it.
    fn stopped_by(&mut self, failure: SearchFailure) -> Failure {
        let rest = self.tally.left();
        self.last = failure.charge;
        if failure.reason == FailureReason::Cancelled {
            return Failure::stopped(rest);
        }
        Failure::from(failure).with_rest(rest)
    }

    /// Answers by what is nearly the same: its tracks, as far as they pass the filters of the ask.
    async fn take_near(&mut self, plan: &Plan, origin: &str, library: &Library) {
        for (number, ask) in plan.asks.iter().enumerate().filter(|(_, ask)| ask.taken) {
            let page = match &ask.near {
                Some(Near::Kept(near)) => {
                    let identity = Identity::of_search(origin, &near.request);
                    kept(library, &identity, &near.request).await.map(|(page, _)| page)
                }
                Some(Near::Earlier(earlier)) => self.answers[*earlier].as_ref().map(|(page, _)| page.clone()),
                None => None,
            };
            self.answers[number] = page.map(|mut page| {
                page.tracks.retain(|track| passes(track, ask.request.filters()));
                (page, "cache")
            });
        }
    }
}

/// Follows the asks: tells how far they are, and keeps what comes of them.
struct Asking<'a> {
    plan: &'a Plan,
    /// The numbers in the plan of those that are asked.
    paid: &'a [usize],
    bar: &'a Bar,
    outcome: &'a mut Outcome,
    briefs: &'a mut Briefs,
}

impl Follower for Asking<'_> {
    fn begins(&mut self, number: usize, request: &SearchRequest) {
        self.bar.asks(number, request.query());
    }

    fn progress(&self, progress: Progress) {
        match progress {
            Progress::Waiting(wait) => self.bar.waits("rate limit", wait),
            Progress::Again(wait) => self.bar.waits("no answer yet", wait),
            Progress::Sent => self.bar.sent(),
            Progress::Receiving { .. } => {}
        }
    }

    fn answered(&mut self, number: usize, found: Found) {
        self.bar.answered(found.limits);
        let outcome = &mut *self.outcome;
        // Another program may have asked the same meanwhile.
        let source = if found.source() == Source::Server {
            outcome.tally.asked += 1;
            "server"
        } else {
            outcome.tally.free += 1;
            "cache"
        };
        outcome.answers[self.paid[number]] = Some((found.page, source));
    }

    fn refused(&mut self, number: usize, failure: &SearchFailure) {
        self.outcome.tally.refused += 1;
        for line in self.plan.lines_of(self.paid[number]) {
            self.briefs.bad.push(BadRow {
                line,
                message: failure.to_string(),
            });
        }
    }
}

async fn kept(library: &Library, identity: &Identity, request: &SearchRequest) -> Option<(SearchPage, &'static str)> {
    match library.cached(identity.clone(), request.clone()).await {
        Ok(found) => found.map(|found| (found.page, "cache")),
        Err(error) => {
            tracing::warn!("the library cannot be asked: {error}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ask_that_ended_it_is_booked_by_what_it_cost() {
        for (charge, booked) in [(Charge::Free, (2, 0)), (Charge::Charged, (3, 0)), (Charge::Unknown, (2, 1))] {
            let tally = Tally {
                total: 5,
                asked: 2,
                ..Tally::default()
            };
            let mut outcome = Outcome {
                answers: Vec::new(),
                tally,
                last: Charge::Free,
            };
            let _ = outcome.stopped_by(SearchFailure::new(charge, FailureReason::BrokenOff));
            assert_eq!((outcome.spent(), outcome.unsure()), booked);
        }
    }
}
