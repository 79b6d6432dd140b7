//! What popups show on the screen, told in lines.

use super::line::{Line, Verb, read};
use super::tell::{balance, name};
use crate::api::Clip;
use crate::input::Action;
use crate::spend::SpendState;
use crate::state::{
    AlikeView, Ask, BriefList, ClipPanel, OpenBrief, Ownership, Phase, Popup, Quitting, ReceiptsView, ShortlistView, State, UsageView,
};
use crate::ui::{FULL_TRACK_HINT, chip_words, format};

/// Calls and receipts that are read; the commands `usage` and `receipts` give all of them.
const NEWEST: usize = 20;

/// The question on top, if it can be answered: what it is about, and the one line that says yes.
pub fn question(state: &State) -> Option<(Vec<String>, &'static str)> {
    match state.popups.last()? {
        Popup::Confirm { ask, .. } => confirmation(ask, state),
        Popup::Quit(Quitting { running, .. }) => {
            let mut lines = vec!["This is still going on, and is settled at the next start:".to_owned()];
            lines.extend(running.iter().cloned());
            lines.push("Say leave to leave it, or anything else to stay.".to_owned());
            Some((lines, "leave"))
        }
        _ => None,
    }
}

fn confirmation(ask: &Ask, state: &State) -> Option<(Vec<String>, &'static str)> {
    let whom = format::server_name(&state.server);
    match ask {
        Ask::Download {
            ownership: Ownership::Checking,
            ..
        } => None,
        Ask::Download {
            ownership: Ownership::Unknown(why),
            track,
            ..
        } => Some((vec![format!("Error: {} cannot be bought now: {why}", track.title)], "")),
        Ask::Download {
            ownership: Ownership::Owned(file),
            track,
            ..
        } => {
            let mut lines = vec![format!("You own {}, there is nothing to pay: {}", name(track), file.display())];
            if state.offline {
                return Some((lines, ""));
            }
            lines.push(format!(
                "To buy it anew for 1 credit{}, say buy again. Anything else leaves it.",
                balance(state)
            ));
            Some((lines, "buy again"))
        }
        Ask::Download {
            request,
            track,
            folder,
            file_name,
            rehearsed,
            ..
        } => {
            let mut lines = vec![format!("Download {}", name(track))];
            lines.push(match request.clip {
                Some(clip) => format!("What: a clip of {} s", clip.duration().as_f64()),
                None => track.duration_seconds.map_or_else(
                    || "What: the full track".to_owned(),
                    |seconds| format!("What: the full track, {}", format::clock_seconds(seconds)),
                ),
            });
            lines.extend(
                request
                    .clip
                    .and_then(Clip::hit_point)
                    .map(|hit| format!("Hit point: the peak lands at {} s, give or take 1 s", hit.as_f64())),
            );
            lines.extend(rehearsed.as_ref().map(|rehearsed| {
                let part = rehearsed.estimate;
                format!("Estimate: {:.1} to {:.1} s of the preview, as rehearsed", part.start, part.end())
            }));
            lines.push(format!("File: {}", folder.join(file_name).display()));
            lines.extend(request.clip.map(|_| FULL_TRACK_HINT.to_owned()));
            lines.push(format!(
                "Price: 1 credit from {whom}{}. Say buy to spend it. Anything else leaves it.",
                balance(state)
            ));
            Some((lines, "buy"))
        }
        Ask::NextPage(request) => {
            let first = u64::from(request.offset()) + 1;
            let last = u64::from(request.offset()) + u64::from(request.limit());
            let mut lines = vec![format!("The next page of “{}”: tracks {first} to {last}", request.query())];
            lines.extend(filters_of(request));
            lines.push(format!(
                "Price: 1 credit from {whom}{}. Say ask more to spend it. Anything else leaves it.",
                balance(state)
            ));
            Some((lines, "ask more"))
        }
        Ask::Refresh(request) => {
            let mut lines = vec![format!("“{}” asked again, although the answer is here", request.query())];
            lines.extend(filters_of(request));
            lines.push(format!(
                "Price: 1 credit from {whom}{}. Say ask again to spend it. Anything else leaves it.",
                balance(state)
            ));
            Some((lines, "ask again"))
        }
        Ask::Batch { file, asks } => {
            let briefs = format::count(asks.len(), "different brief");
            let price = format::count(ask.price(), "credit");
            Some((
                vec![
                    format!("All that is not answered yet of {}: {briefs}, one after the other", file.display()),
                    format!(
                        "Price: up to {price} from {whom}{}. Say ask all to spend it. Anything else leaves it.",
                        balance(state)
                    ),
                ],
                "ask all",
            ))
        }
    }
}

fn filters_of(request: &crate::api::SearchRequest) -> Option<String> {
    let words = chip_words(request.filters());
    (!words.is_empty()).then(|| format!("Filters: {}", words.join(", ")))
}

/// The history of calls.
pub fn usage(view: &UsageView) -> Vec<String> {
    let mut lines: Vec<String> = view.problem.iter().map(|problem| format!("Error: {problem}")).collect();
    if view.records.is_empty() {
        if lines.is_empty() {
            lines.push("No calls yet.".to_owned());
        }
        return lines;
    }
    let credits: i64 = view
        .records
        .iter()
        .filter_map(|record| record.credits_consumed)
        .fold(0, i64::saturating_add);
    lines.push(format!(
        "{} in {}",
        format::count_of(credits, "credit"),
        format::count(view.records.len(), "call")
    ));
    for record in view.records.iter().take(NEWEST) {
        let time = record
            .timestamp
            .map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC, ").to_string())
            .unwrap_or_default();
        let status = record.status_code.map(|status| format!(", status {status}")).unwrap_or_default();
        let credits = record.credits_consumed.unwrap_or(0);
        lines.push(format!(
            "{time}{}{status}, {}",
            record.endpoint,
            format::count_of(credits, "credit")
        ));
    }
    lines.extend(rest(view.records.len(), "trackyard-tui usage --all"));
    lines
}

fn rest(count: usize, command: &str) -> Option<String> {
    (count > NEWEST).then(|| format!("These are the newest {NEWEST}; {command} has all {count}."))
}

/// Every spend.
pub fn receipts(view: &ReceiptsView) -> Vec<String> {
    if let Some(problem) = &view.problem {
        return vec![format!("Error: {problem}")];
    }
    if view.receipts.is_empty() {
        return vec!["Nothing was spent yet.".to_owned()];
    }
    let mut lines = Vec::new();
    for receipt in view.receipts.iter().take(NEWEST) {
        let what = match (&receipt.query, &receipt.title, &receipt.track_id) {
            (Some(query), _, _) => format!("search “{query}”"),
            (None, Some(title), _) => format!("download {title}"),
            (None, None, Some(id)) => format!("download {id}"),
            _ => receipt.endpoint.clone(),
        };
        let clip = receipt
            .clip
            .map(|clip| format!(", a clip of {} s", clip.duration().as_f64()))
            .unwrap_or_default();
        let cost = match receipt.state {
            SpendState::Charged => "1 credit",
            SpendState::Free => "free",
            SpendState::Unknown => "unsure whether it cost a credit",
            SpendState::Pending => "under way",
        };
        let left = receipt
            .balance
            .map(|left| format!(", {} left", format::balance(left)))
            .unwrap_or_default();
        lines.push(format!("{}: {what}{clip}, {cost}{left}", receipt.at.strftime("%Y-%m-%d %H:%M UTC")));
        lines.extend(receipt.path.as_ref().map(|path| format!("  File: {}", path.display())));
        lines.extend(receipt.fit.as_ref().map(|fit| format!("  Measured: {}", fit.words())));
        lines.extend(receipt.note.as_ref().map(|note| format!("  Note: {note}")));
    }
    lines.extend(rest(view.receipts.len(), "trackyard-tui receipts"));
    lines
}

/// The shortlist of the project at hand.
pub fn shortlist(view: &ShortlistView, state: &State) -> Vec<String> {
    if let Some(problem) = &view.problem {
        return vec![format!("Error: {problem}")];
    }
    let mut lines = vec![format!("Project {}: {}", state.project, format::count(view.entries.len(), "track"))];
    for (index, entry) in view.entries.iter().enumerate() {
        let here = if index == view.cursor { ", here" } else { "" };
        let note = if entry.note.is_empty() {
            String::new()
        } else {
            format!("; note: {}", entry.note)
        };
        lines.push(format!("{}: {}{here}{note}", index + 1, name(&entry.track)));
    }
    let others: Vec<&str> = view
        .projects
        .iter()
        .filter(|name| **name != state.project)
        .map(String::as_str)
        .collect();
    if !others.is_empty() {
        lines.push(format!("Other projects: {}", others.join(", ")));
    }
    lines.push("Say a number, note, remove, undo, up, down, compare, export, download, or close.".to_owned());
    lines
}

/// The briefs that are open, each with its answer and its shortlist.
pub fn briefs(list: &BriefList, state: &State) -> Vec<String> {
    let mut lines = briefs_opened(list);
    for (index, brief) in list.briefs.iter().enumerate() {
        let here = if index == list.at { ", here" } else { "" };
        let shortlist = match state.shortlisted_for(&brief.project) {
            0 => String::new(),
            chosen => format!("; {} on its shortlist", format::count(chosen, "track")),
        };
        lines.push(format!("{}: {}{shortlist}{here}", index + 1, asks(brief)));
    }
    lines.extend(list.bad.iter().map(|(line, problem)| format!("Left out: line {line}: {problem}")));
    lines.push("Say briefs and a number, next-brief, or previous-brief.".to_owned());
    lines
}

/// The file of the briefs that are open, and how many it has.
pub fn briefs_opened(list: &BriefList) -> Vec<String> {
    vec![format!("{} of {}", format::count(list.briefs.len(), "brief"), list.file.display())]
}

/// The brief at hand.
pub fn brief(list: &BriefList, brief: &OpenBrief) -> String {
    format!("Brief {} of {}: {}", list.at + 1, list.briefs.len(), asks(brief))
}

/// What a brief asks, for which project, and how old its answer is.
fn asks(brief: &OpenBrief) -> String {
    let query = brief.request.query();
    let mut facts = vec![format!("“{query}”")];
    let filters = chip_words(brief.request.filters()).join(", ");
    facts.extend(Some(filters).filter(|filters| !filters.is_empty()));
    facts.extend((brief.project != query).then(|| format!("project {}", brief.project)));
    facts.push(match brief.age_seconds {
        Some(seconds) => format!("asked {}", format::age(seconds)),
        None if brief.refused => "refused by the server, free".to_owned(),
        None => "not asked yet".to_owned(),
    });
    facts.join("; ")
}

/// Tracks like one.
pub fn alike(view: &AlikeView) -> Vec<String> {
    if let Some(problem) = &view.problem {
        return vec![format!("Error: {problem}")];
    }
    if view.found.is_empty() {
        return vec!["No other track was seen yet: search for some music first.".to_owned()];
    }
    let mut lines = vec![format!("Like {}:", name(&view.of))];
    lines.extend(view.found.iter().enumerate().map(|(index, alike)| {
        format!(
            "{}: {}, {:.0} % alike: {}",
            index + 1,
            name(&alike.track),
            alike.likeness * 100.0,
            alike.why.join(", ")
        )
    }));
    lines.push("Say a number to hear one, take to make them the list, or close.".to_owned());
    lines
}

/// The clip that is fitted.
pub fn clip(panel: &ClipPanel, state: &State) -> Vec<String> {
    let film = panel
        .length_of
        .as_ref()
        .map(|film| format!(", as long as {film}"))
        .unwrap_or_default();
    let mut lines = vec![
        format!("A clip of {}", name(&panel.track)),
        format!("Length: {} s{film}", panel.seconds),
    ];
    lines.push(match panel.hit_point {
        Some(hit) => format!("Hit point: {hit:.1} s, give or take 1 s"),
        None => "Hit point: none".to_owned(),
    });
    match (&panel.estimate, &state.player.phase) {
        (Some(segment), _) => {
            let peak = segment.peak.map(|peak| format!(", its peak at {peak:.1} s")).unwrap_or_default();
            lines.push(format!(
                "Estimate: {:.1} to {:.1} s of the preview{peak}",
                segment.start,
                segment.end()
            ));
        }
        (None, Phase::Failed(why)) => lines.push(format!("Estimate: none, since the preview cannot be played: {why}")),
        (None, _) => {}
    }
    lines.extend(panel.problem.as_ref().map(|problem| format!("Error: {problem}")));
    lines.push(match panel.full {
        Ownership::Owned(_) => "You own the full track: cut makes this clip of your file, free.".to_owned(),
        _ => panel.unknown_ownership().unwrap_or_else(|| FULL_TRACK_HINT.to_owned()),
    });
    lines.push("Say length, hit, film, rehearse, cut, download, or close.".to_owned());
    lines
}

/// What can be said without a key.
pub fn no_key(state: &State) -> Vec<String> {
    let entry = match state.popups.last() {
        Some(Popup::NoKey(entry)) => Some(entry),
        _ => None,
    };
    let mut lines = vec![match entry.and_then(|entry| entry.problem.as_ref()) {
        Some(problem) => format!("There is no API key yet: {problem}."),
        None => "There is no API key yet.".to_owned(),
    }];
    if cfg!(feature = "sandbox") {
        lines.push("Say sandbox to try everything with play money, no key needed.".to_owned());
    }
    lines.push("Say key to give a key of your own, from app.trackyard.com/api-keys. Say quit to leave.".to_owned());
    if entry.is_some_and(|entry| entry.no_keyring().is_none()) {
        lines.push("It is kept in the configuration, for you alone; say key keyring to keep it in the system's keyring.".to_owned());
    }
    lines
}

/// A word, what follows it, and what it does.
fn entry(verb: Verb) -> String {
    format!("{}: {}", [verb.name(), verb.rest()].join(" ").trim_end(), verb.what())
}

/// An action by its name: what saying that does.
fn action_entry(action: Action) -> String {
    let name = action.name();
    match read(name) {
        Line::Verb(verb, _) if verb.name() == name => entry(verb),
        Line::Verb(verb, rest) => format!("{name}: the same as {}", [verb.name(), rest.as_str()].join(" ").trim_end()),
        _ => format!("{name}: {}", action.description()),
    }
}

/// The help page: all of it, one word of it, or every action.
pub fn help(about: &str) -> Vec<String> {
    if about == "actions" {
        return Action::ALL.iter().copied().map(action_entry).collect();
    }
    if !about.is_empty() {
        let verb = Verb::ALL.iter().find(|verb| verb.name() == about).map(|verb| entry(*verb));
        let action = Action::ALL.iter().find(|action| action.name() == about);
        return vec![
            verb.or_else(|| action.map(|action| action_entry(*action)))
                .unwrap_or_else(|| format!("There is no word “{about}”. Say help to hear all of them.")),
        ];
    }
    let mut lines = Vec::new();
    let mut group = "";
    for verb in Verb::ALL {
        if verb.group() != group {
            group = verb.group();
            lines.push(format!("{group}:"));
        }
        lines.push(format!("  {}", entry(*verb)));
    }
    lines.push("Every action of the screen can be said by its name too: help actions reads them.".to_owned());
    lines.push("A credit is only spent by ask, ask more, ask again, ask all, buy and buy again, after its price was told.".to_owned());
    lines
}
