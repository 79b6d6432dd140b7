//! What a batch says: the plan before it is paid, and the answers after.

use serde_json::{Value, json};

use super::Outcome;
use crate::api::{self, SearchPage, Track};
use crate::batch::{Brief, Briefs, Near, Plan};
use crate::cli::args::Batch;
use crate::cli::failure::Failure;
use crate::cli::usage::csv;
use crate::cli::{print, print_json, remark, say};
use crate::text::{cut, pad};
use crate::ui::format::count;

/// Says on standard error what is wrong and what the batch would cost.
pub(super) fn tell(args: &Batch, briefs: &Briefs, plan: &Plan) {
    for bad in &briefs.bad {
        remark(&format!("line {}: {}", bad.line, bad.message));
    }
    for ask in &plan.asks {
        let Some(like) = near_query(plan, ask.near.as_ref()) else {
            continue;
        };
        let advice = if ask.taken {
            "that answer is taken, for nothing"
        } else {
            "--near takes that answer for nothing"
        };
        remark(&format!(
            "line {}: “{}” is nearly the same as “{like}”: {advice}",
            plan.line_of(ask),
            ask.request.query()
        ));
    }
    if args.dry_run && !args.json && !args.csv {
        list(plan);
    }
    let bad = match briefs.bad.len() {
        0 => String::new(),
        bad => format!(", {bad} bad"),
    };
    let to_ask = plan.to_ask();
    say(&format!(
        "{}{bad}, {} different, {} answered already, {to_ask} to ask for {}",
        count(of_all(briefs, plan), "brief"),
        plan.asks.len(),
        plan.cached(),
        count(to_ask, "credit")
    ));
}

/// How many briefs the file has, those that cannot be asked included.
fn of_all(briefs: &Briefs, plan: &Plan) -> usize {
    // The server may have found an asked one bad.
    let unasked = |line: usize| plan.briefs.iter().all(|(brief, _)| brief.line != line);
    plan.briefs.len() + briefs.bad.iter().filter(|bad| unasked(bad.line)).count()
}

fn near_query<'a>(plan: &'a Plan, near: Option<&'a Near>) -> Option<&'a str> {
    Some(match near? {
        Near::Kept(near) => near.request.query(),
        Near::Earlier(number) => plan.asks[*number].request.query(),
    })
}

/// Every brief with what it costs.
fn list(plan: &Plan) {
    let mut first_line = vec![None; plan.asks.len()];
    for (brief, number) in &plan.briefs {
        let ask = &plan.asks[*number];
        let price = match (first_line[*number], ask.cached) {
            (Some(line), _) => format!("free, the same as line {line}"),
            (None, Some(seconds)) => format!("free, asked {}", ago(seconds)),
            (None, None) if ask.taken => "free, nearly the same".to_owned(),
            (None, None) => "1 credit".to_owned(),
        };
        first_line[*number].get_or_insert(brief.line);
        print(&format!("{:>4} {} {price}", brief.line, pad(&cut(brief.request.query(), 48), 48)));
    }
}

fn ago(seconds: u64) -> String {
    match seconds {
        0..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// The answers.
pub(super) fn report(args: &Batch, briefs: &Briefs, plan: &Plan, outcome: &Outcome, stopped: Option<&Failure>) {
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
    } else if !args.dry_run {
        for (brief, source, page) in answered(plan, outcome) {
            let first = page
                .tracks
                .first()
                .map(|track| format!(" · {} ({})", track.title, track.id))
                .unwrap_or_default();
            let found = page.tracks.len();
            print(&format!(
                "{:>4} {} {found:>3} {} from the {source}{first}",
                brief.line,
                pad(&cut(brief.request.query(), 40), 40),
                if found == 1 { "track" } else { "tracks" }
            ));
        }
        let unit = if outcome.spent() == 1 { "credit" } else { "credits" };
        say(&format!("{} {unit} spent", outcome.spent()));
    }
    if let Some(failure) = stopped {
        remark(failure);
    }
}

/// Every brief that has an answer, in the order of the file. The same brief a second time comes from the first.
fn answered<'a>(plan: &'a Plan, outcome: &'a Outcome) -> Vec<(&'a Brief, &'static str, &'a SearchPage)> {
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
            // The query alone does not say which brief it is: another may differ in its filters only.
            json!({"line": brief.line, "query": brief.request.query(), "project": brief.project, "source": source, "tracks": ids})
        })
        .collect();
    let bad: Vec<Value> = briefs
        .bad
        .iter()
        .map(|bad| json!({"line": bad.line, "message": bad.message}))
        .collect();
    let mut document = json!({
        "briefs": of_all(briefs, plan),
        "unique": plan.asks.len(),
        "cached": plan.cached(),
        "to_ask": plan.to_ask(),
        "credits_spent": outcome.spent(),
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
