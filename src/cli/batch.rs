//! `batch`: many briefs, each distinct one asked once, from the library where it is answered already.

use std::io::{BufRead, IsTerminal, Write};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::args::Batch;
use super::failure::{Failure, Stopped};
use super::usage::csv;
use super::{Consent, open, print, print_json, settle};
use crate::api::{self, SearchPage, Track};
use crate::batch::{Ask, Briefs, Format, Near, Plan, parse};
use crate::config::Settings;
use crate::library::Library;
use crate::spend::acts::Commanded;
use crate::spend::{FailureReason, Permit, Progress};
use crate::tasks::{Found, Session};
use crate::term;

pub(super) async fn run(args: Batch, settings: Settings) -> Result<(), Failure> {
    let format = Format::of(&args.file).ok_or_else(|| {
        Failure::usage(format!(
            "{}: the name has to end in .txt, .csv or .jsonl, which says how to read it",
            args.file.display()
        ))
    })?;
    let bytes = std::fs::read(&args.file).map_err(|error| Failure::usage(format!("{}: {error}", args.file.display())))?;
    let mut briefs = parse(&bytes, format).map_err(|problem| Failure::usage(format!("{}: {problem}", args.file.display())))?;
    let origin = settings.endpoint.origin();
    // Looking costs nothing, so neither a dry run nor working offline needs a key.
    let (library, session) = if args.dry_run || settings.offline {
        (super::library(&settings)?, None)
    } else {
        let session = open(&settings).await?;
        (session.library.clone(), Some(session))
    };
    let failed = |error: crate::library::LibraryError| Failure::other(error.to_string());
    let plan = Plan::make(&briefs, &origin, &library).await.map_err(failed)?;
    tell(&briefs, &plan);
    let mut outcome = Outcome::of(&plan, &library).await;
    let mut stopped = None;
    if plan.to_ask() > 0
        && !args.dry_run
        && let Some(session) = &session
    {
        consent(&args, &plan)?;
        settle(session).await;
        stopped = outcome.ask(session, &plan, &mut briefs).await;
    } else if plan.to_ask() > 0 && settings.offline && !args.dry_run {
        stopped = Some(Failure::offline("the rest has to be asked"));
    }
    report(&args, &briefs, &plan, &outcome, stopped.as_ref());
    match stopped {
        Some(failure) => Err(failure.already_printed()),
        None if !briefs.bad.is_empty() => {
            let rows = briefs.bad.len();
            let text = if rows == 1 {
                "1 row is bad; the rest is done".to_owned()
            } else {
                format!("{rows} rows are bad; the rest is done")
            };
            Err(Failure::other(text).already_printed())
        }
        None => Ok(()),
    }
}

/// Says on standard error what is wrong and what the batch would cost.
fn tell(briefs: &Briefs, plan: &Plan) {
    for bad in &briefs.bad {
        eprintln!("trackyard-tui: line {}: {}", bad.line, bad.message);
    }
    for ask in &plan.asks {
        let like = match &ask.near {
            Some(Near::Kept(near)) => near.request.query(),
            Some(Near::Earlier(number)) => plan.asks[*number].request.query(),
            None => continue,
        };
        eprintln!(
            "trackyard-tui: line {}: “{}” is nearly the same as “{like}”: write it like that and it costs nothing",
            plan.line_of(ask),
            ask.request.query()
        );
    }
    let credits = plan.to_ask();
    eprintln!(
        "{} briefs, {} different, {} answered already, {credits} to ask for {credits} {}",
        plan.briefs.len(),
        plan.asks.len(),
        plan.cached(),
        if credits == 1 { "credit" } else { "credits" }
    );
}

/// `--yes`, or a yes that is typed now.
fn consent(args: &Batch, plan: &Plan) -> Result<(), Failure> {
    if args.yes {
        return Ok(());
    }
    let credits = plan.to_ask();
    if !term::is_terminal() {
        return Err(Failure::usage(format!(
            "this batch costs up to {credits} credits: say --yes to spend them, or --dry-run to see the plan"
        )));
    }
    eprint!("Spend up to {credits} credits? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" if read.is_ok() => Ok(()),
        _ => Err(Failure::other("nothing was asked, nothing was spent")),
    }
}

/// What became of each distinct ask.
struct Outcome {
    answers: Vec<Option<(SearchPage, &'static str)>>,
    spent: u64,
}

impl Outcome {
    /// What the library answers.
    async fn of(plan: &Plan, library: &Library) -> Self {
        let mut answers = Vec::new();
        for ask in &plan.asks {
            answers.push(match ask.cached {
                Some(_) => kept(library, ask).await,
                None => None,
            });
        }
        Self { answers, spent: 0 }
    }

    /// Asks for the rest, one after the other; the door keeps the pace. Each answer is stored before the next is asked, so whatever ends
    /// this, another run asks only for what is missing.
    async fn ask(&mut self, session: &Session, plan: &Plan, briefs: &mut Briefs) -> Option<Failure> {
        let cancel = CancellationToken::new();
        let watch = tokio::spawn({
            let cancel = cancel.clone();
            async move {
                tokio::select! {
                    _ = tokio::signal::ctrl_c() => {}
                    () = term::terminated() => {}
                }
                cancel.cancel();
            }
        });
        let bar = Bar::new(plan.to_ask());
        let mut stopped = None;
        let to_ask = plan.asks.iter().enumerate().filter(|(_, ask)| ask.cached.is_none());
        for (done, (number, ask)) in to_ask.enumerate() {
            if cancel.is_cancelled() {
                stopped = Some(Failure::stopped(Stopped::Interrupted, plan.to_ask() - done));
                break;
            }
            bar.show(done, ask.request.query(), None);
            let permit =
                Permit::by_command(Commanded::from_consent(Consent::given()), ask.request.clone(), false).for_project(ask.project.clone());
            let tell = |progress| {
                if let Progress::Waiting(wait) = progress {
                    bar.show(done, ask.request.query(), Some(wait));
                }
            };
            match session.search(permit, cancel.clone(), tell).await {
                Ok(Found { page, age_seconds, .. }) => {
                    // Another program may have asked the same meanwhile.
                    self.spent += u64::from(age_seconds.is_none());
                    self.answers[number] = Some((page, if age_seconds.is_none() { "server" } else { "cache" }));
                }
                Err(failure) => match &failure.reason {
                    FailureReason::Cancelled => {
                        stopped = Some(Failure::stopped(Stopped::Interrupted, plan.to_ask() - done));
                        break;
                    }
                    FailureReason::Api(api::Error::Refused(problem)) if problem.status == 400 => {
                        for line in plan.lines_of(number) {
                            briefs.bad.push(crate::batch::BadRow {
                                line,
                                message: failure.to_string(),
                            });
                        }
                    }
                    _ => {
                        stopped = Some(Failure::from(failure).with_rest(plan.to_ask() - done));
                        break;
                    }
                },
            }
        }
        bar.end();
        watch.abort();
        briefs.bad.sort_by_key(|bad| bad.line);
        stopped
    }
}

async fn kept(library: &Library, ask: &Ask) -> Option<(SearchPage, &'static str)> {
    match library.cached(ask.identity.clone(), ask.request.clone()).await {
        Ok(found) => found.map(|found| (found.page, "cache")),
        Err(error) => {
            tracing::warn!("the library cannot be asked: {error}");
            None
        }
    }
}

fn report(args: &Batch, briefs: &Briefs, plan: &Plan, outcome: &Outcome, stopped: Option<&Failure>) {
    if args.json {
        print_json(&document(briefs, plan, outcome, stopped));
    } else if args.csv {
        print("line,query,project,source,track_id,title,artist,bpm,key,duration_seconds,genre,moods,energy,vocals");
        for (brief, source, page) in answered(plan, outcome) {
            for track in &page.tracks {
                let line = brief.line.to_string();
                let project = brief.project.clone().unwrap_or_default();
                let head = [line, brief.request.query().to_owned(), project, source.to_owned()];
                let cells: Vec<String> = head.into_iter().chain(cells(track)).map(|cell| csv(&cell)).collect();
                print(&cells.join(","));
            }
        }
    } else {
        for (brief, source, page) in answered(plan, outcome) {
            let first = page
                .tracks
                .first()
                .map(|track| format!(" · {} ({})", track.title, track.id))
                .unwrap_or_default();
            print(&format!(
                "{:>4} {:<40} {:>3} tracks from the {source}{first}",
                brief.line,
                crate::text::cut(brief.request.query(), 40),
                page.tracks.len()
            ));
        }
        if !args.dry_run {
            eprintln!("{}", super::search::cost(u8::try_from(outcome.spent).unwrap_or(u8::MAX), None));
        }
    }
    if let Some(failure) = stopped {
        eprintln!("trackyard-tui: {failure}");
    }
}

/// Every brief that has an answer, in the order of the file. The same brief a second time comes from the first.
fn answered<'a>(plan: &'a Plan, outcome: &'a Outcome) -> Vec<(&'a crate::batch::Brief, &'static str, &'a SearchPage)> {
    let mut told = vec![false; plan.asks.len()];
    let mut all = Vec::new();
    for (brief, number) in &plan.briefs {
        if let Some((page, source)) = &outcome.answers[*number] {
            let source = if std::mem::replace(&mut told[*number], true) {
                "cache"
            } else {
                source
            };
            all.push((brief, source, page));
        }
    }
    all
}

fn document(briefs: &Briefs, plan: &Plan, outcome: &Outcome, stopped: Option<&Failure>) -> Value {
    let results: Vec<Value> = answered(plan, outcome)
        .into_iter()
        .map(|(brief, source, page)| {
            let ids: Vec<_> = page.tracks.iter().map(|track| &track.id).collect();
            json!({"query": brief.request.query(), "source": source, "tracks": ids})
        })
        .collect();
    let bad: Vec<Value> = briefs
        .bad
        .iter()
        .map(|bad| json!({"line": bad.line, "message": bad.message}))
        .collect();
    let mut document = json!({
        "briefs": plan.briefs.len() + briefs.bad.iter().filter(|bad| plan.briefs.iter().all(|(brief, _)| brief.line != bad.line)).count(),
        "unique": plan.asks.len(),
        "cached": plan.cached(),
        "to_ask": plan.to_ask(),
        "credits_spent": outcome.spent,
        "results": results,
        "bad": bad,
    });
    if let Some(failure) = stopped {
        document["error"] = failure.document();
    }
    document
}

fn cells(track: &Track) -> [String; 10] {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let vocals = track.has_vocals.map_or("", |has| if has { "yes" } else { "no" });
    [
        track.id.to_string(),
        track.title.to_string(),
        track.artist.to_string(),
        number(track.bpm),
        text(track.key.as_deref()),
        number(track.duration_seconds),
        text(track.genre.as_deref()),
        track.moods.iter().map(|mood| &**mood).collect::<Vec<_>>().join(","),
        text(track.energy.as_ref().map(api::Energy::as_str)),
        vocals.to_owned(),
    ]
}

/// How far a batch is: one line that changes on a terminal, a line for each brief elsewhere.
struct Bar {
    total: usize,
    started: Instant,
    terminal: bool,
}

impl Bar {
    const WIDTH: usize = 20;

    fn new(total: usize) -> Self {
        Self {
            total,
            started: Instant::now(),
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, done: usize, query: &str, waiting: Option<Duration>) {
        let full = done * Self::WIDTH / self.total.max(1);
        let bar = format!("{}{}", "▰".repeat(full), "▱".repeat(Self::WIDTH - full));
        let left = match (waiting, done) {
            (Some(wait), _) => format!("rate limited, goes on in {:.0} s", wait.as_secs_f64().ceil()),
            (None, 0) => String::new(),
            (None, done) => {
                let each = self.started.elapsed().as_secs_f64() / done as f64;
                format!("about {} left", span(each * (self.total - done) as f64))
            }
        };
        let text = format!("{bar} {done} of {} · {} · {left}", self.total, crate::text::cut(query, 30));
        if self.terminal {
            eprint!("\r\u{1b}[2K{text}");
        } else {
            eprintln!("{text}");
        }
        let _ = std::io::stderr().flush();
    }

    fn end(&self) {
        if self.terminal {
            eprint!("\r\u{1b}[2K");
        }
    }
}

fn span(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{:.0} s", seconds.ceil())
    } else {
        format!("{:.0} min", (seconds / 60.0).ceil())
    }
}
