//! What is told about tracks, prices, filters, the account and the sound: the state in sentences, one fact a line where there are many.

use crate::api::{Filters, Track};
use crate::state::{Batch, BatchPhase, Device, Download, DownloadPhase, Moment, Phase, Price, Source, State, Task, TourStep};
use crate::ui::account::facts;
use crate::ui::{chip_words, format};

/// Tracks that are read at once.
pub const AT_ONCE: usize = 10;

/// A row of the list.
pub fn row(number: usize, track: &Track, state: &State) -> String {
    let mut facts = vec![name(track)];
    facts.extend(format::bpm(track).map(|bpm| format!("{bpm} BPM")));
    facts.extend(track.key.as_deref().map(ToOwned::to_owned));
    facts.extend(track.duration_seconds.map(format::clock_seconds));
    facts.extend(track.moods.iter().map(ToString::to_string));
    facts.extend(track.energy.as_ref().map(|energy| format!("{} energy", energy.as_str())));
    facts.extend(vocals(track).map(ToOwned::to_owned));
    let marks = marks(track, state);
    let marks = if marks.is_empty() {
        String::new()
    } else {
        format!("; {}", marks.join(", "))
    };
    format!("{number}: {}{marks}", facts.join(", "))
}

/// Title and artist.
pub fn name(track: &Track) -> String {
    if track.artist.is_empty() {
        track.title.to_string()
    } else {
        format!("{} by {}", track.title, track.artist)
    }
}

fn vocals(track: &Track) -> Option<&'static str> {
    track.has_vocals.map(|has| if has { "with vocals" } else { "instrumental" })
}

fn marks(track: &Track, state: &State) -> Vec<&'static str> {
    let marks = &state.marks;
    let mut words = Vec::new();
    if state.selected().is_some_and(|selected| selected.id == track.id) {
        words.push("here");
    }
    for (set, word) in [
        (&marks.owned, "owned"),
        (&marks.shortlisted, "shortlisted"),
        (&marks.rejected, "rejected"),
        (&marks.heard, "heard"),
    ] {
        if set.contains(&track.id) {
            words.push(word);
        }
    }
    words
}

/// Rows from one on, counted from 0.
pub fn rows(state: &State, from: usize) -> Vec<String> {
    let count = state.results.rows.len();
    if count == 0 {
        return vec![match state.results.all.len() {
            0 => "There are no tracks yet. Say search, and what you are looking for.".to_owned(),
            1 => "The one track does not pass the filters. Say filter clear.".to_owned(),
            all => format!("None of the {all} tracks passes the filters. Say filter clear."),
        }];
    }
    let to = (from + AT_ONCE).min(count);
    let mut lines: Vec<String> = (from..to)
        .filter_map(|index| Some(row(index + 1, state.results.track(index)?, state)))
        .collect();
    lines.push(match to {
        to if to < count => format!("{} to {to} of {count}. Say list for the next.", from + 1),
        _ => format!("{} to {to} of {count}, the last.", from + 1),
    });
    lines
}

/// Everything about a track.
pub fn track(track: &Track, state: &State) -> Vec<String> {
    let list = |words: &[crate::text::Clean]| words.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("Title: {}", track.title)];
    let mut field = |label: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{label}: {value}"));
        }
    };
    field("Artist", track.artist.to_string());
    field("Genre", track.genre.as_deref().unwrap_or_default().to_owned());
    field("Subgenres", list(&track.subgenres));
    field("Moods", list(&track.moods));
    field(
        "Energy",
        track.energy.as_ref().map(|energy| energy.as_str().to_owned()).unwrap_or_default(),
    );
    field("Tempo", format::bpm(track).map(|bpm| format!("{bpm} BPM")).unwrap_or_default());
    field("Key", track.key.as_deref().unwrap_or_default().to_owned());
    field("Length", track.duration_seconds.map(format::clock_seconds).unwrap_or_default());
    field("Vocals", vocals(track).unwrap_or_default().to_owned());
    field("Instruments", list(&track.instruments));
    field("Id", track.id.to_string());
    field("Marks", marks(track, state).join(", "));
    lines
}

/// What an answer brought.
pub fn answer(state: &State) -> Vec<String> {
    let results = &state.results;
    let from = match &results.source {
        Source::Server => format!("from {}, {}", format::server_name(&state.server), spent(1, state)),
        Source::Cache { age_seconds } => format!("asked {}, nothing spent", format::age(*age_seconds)),
        Source::Library | Source::None => "seen before, nothing spent".to_owned(),
    };
    let mut lines = vec![format!("{} {from}.", capital(&format::count(results.all.len(), "track")))];
    match results.skipped {
        0 => {}
        1 => lines.push("1 entry of the answer could not be read.".to_owned()),
        more => lines.push(format!("{more} entries of the answer could not be read.")),
    }
    match (results.rows.len(), results.all.len()) {
        (passing, all) if passing >= all => {}
        (0, 1) => lines.push("It does not pass the filters.".to_owned()),
        (1, _) => lines.push("1 of them passes the filters.".to_owned()),
        (passing, _) => lines.push(format!("{passing} of them pass the filters.")),
    }
    if let Some(first) = results.track(0) {
        lines.push(row(1, first, state));
    }
    lines
}

/// The verb of so many tracks.
pub fn pass(tracks: usize) -> &'static str {
    if tracks == 1 { "passes" } else { "pass" }
}

fn capital(text: &str) -> String {
    if text == "0 tracks" {
        "No tracks".to_owned()
    } else {
        text.to_owned()
    }
}

fn spent(credits: u64, state: &State) -> String {
    let unit = if credits == 1 { "credit" } else { "credits" };
    match state.account.credits {
        Some(left) => format!("{credits} {unit} spent, {} left", format::balance(left)),
        None => format!("{credits} {unit} spent"),
    }
}

/// What asking for what stands in the query box costs now.
pub fn price(state: &State) -> Vec<String> {
    let words = state.query.text();
    let whom = format::server_name(&state.server);
    let mut lines = match &state.query.price {
        Price::Nothing => vec!["Say search, and what you are looking for.".to_owned()],
        Price::Checking => Vec::new(),
        Price::OneCredit => vec![format!(
            "Asking {whom} for “{words}” costs 1 credit{}. Say ask to spend it.",
            with_filters(&state.filters.active) + &balance(state)
        )],
        Price::Cached { age_seconds } => vec![format!("“{words}” was asked {}: free.", format::age(*age_seconds))],
        Price::Invalid(problem) => vec![format!("Error: {problem}")],
        Price::Refused(problem) => vec![format!("Error: {problem}")],
    };
    if let (Price::OneCredit, Some(near)) = (&state.query.price, &state.query.near) {
        lines.push(format!(
            "Nearly the same, “{}”, was asked {}: say near to see that, free.",
            near.request.query(),
            format::age(near.age_seconds)
        ));
    }
    lines
}

fn with_filters(filters: &Filters) -> String {
    let words = chip_words(filters);
    if words.is_empty() {
        String::new()
    } else {
        format!(", with these filters: {}", words.join(", "))
    }
}

/// The balance as the end of a sentence.
pub fn balance(state: &State) -> String {
    let money = if state.server.is_sandbox { " of play money" } else { "" };
    state
        .account
        .credits
        .map_or_else(String::new, |left| format!("; {}{money} left", format::count_of(left, "credit")))
}

/// Which filters are set.
pub fn filters(filters: &Filters) -> String {
    let words = chip_words(filters);
    if words.is_empty() {
        "No filters.".to_owned()
    } else {
        format!("Filters: {}.", words.join(", "))
    }
}

/// Tier, credits, limits and last use.
pub fn account(state: &State) -> Vec<String> {
    let problem = state.account.problem.iter().map(|problem| format!("Error: {problem}"));
    let facts = facts(state).into_iter().map(|(label, value)| format!("{label}: {value}"));
    problem.chain(facts).collect()
}

/// What plays, and where in it.
pub fn sound(state: &State) -> Vec<String> {
    let player = &state.player;
    let Some(track) = &player.track else {
        return vec!["Nothing plays.".to_owned()];
    };
    let what = match &player.phase {
        Phase::Idle => "Nothing plays; last was",
        Phase::Loading => "Loading",
        Phase::Playing => "Playing",
        Phase::Buffering => "Waiting for more of",
        Phase::Paused => "Paused:",
        Phase::Ended => "Ended:",
        Phase::Failed(_) => "Cannot be played:",
    };
    let mut lines = vec![format!("{what} {}", name(track))];
    if let Phase::Failed(why) = &player.phase {
        lines.push(format!("Error: {why}"));
        return lines;
    }
    lines.push(match player.length {
        Some(length) => format!(
            "At {} of {}{}",
            format::clock(player.position),
            format::clock(length),
            coverage(state)
        ),
        None => format!("At {}", format::clock(player.position)),
    });
    lines.extend(player.waveform.peak().map(|peak| format!("Loudest at {}", format::clock(peak))));
    match (player.loop_in, player.loop_out) {
        (None, None) => {}
        (from, to) => {
            let place = |at: Option<std::time::Duration>, open: &str| at.map_or_else(|| open.to_owned(), format::clock);
            lines.push(format!("Loop from {} to {}", place(from, "the start"), place(to, "the end")));
        }
    }
    if player.repeat {
        lines.push("Repeats".to_owned());
    }
    lines.push(volume(state));
    lines
}

/// How much of the track can be heard, as the end of a sentence.
fn coverage(state: &State) -> String {
    let whole = state.player.track.as_ref().and_then(|track| track.duration_seconds);
    match (state.player.length, whole) {
        (Some(heard), Some(whole)) if heard.as_secs_f64() + 1.0 < whole => {
            format!(", which is all that can be heard of {}", format::clock_seconds(whole))
        }
        _ => String::new(),
    }
}

/// How loud it is.
pub fn volume(state: &State) -> String {
    let muted = if state.player.muted { ", muted" } else { "" };
    let silent = match &state.player.device {
        Device::Silent(why) => format!("; no sound: {why}"),
        Device::Idle | Device::Open => String::new(),
    };
    let underruns = match state.player.underruns {
        0 => String::new(),
        times => format!("; {}", format::count(times as usize, "underrun")),
    };
    format!("Volume: {} %{muted}{silent}{underruns}", state.player.volume)
}

/// The downloads of this session.
pub fn downloads(state: &State) -> Vec<String> {
    if state.downloads.is_empty() {
        return vec!["There are no downloads in this session.".to_owned()];
    }
    let line = |download: &Download| format!("{}: {}", name(&download.track), progress(download));
    state.downloads.iter().map(line).collect()
}

/// How far a download is.
fn progress(download: &Download) -> String {
    match &download.phase {
        DownloadPhase::Queued => "not sent yet; cancel gives it up".to_owned(),
        DownloadPhase::Receiving {
            received,
            total: Some(total),
        } if *total > 0 => format!("{} %", received * 100 / total),
        DownloadPhase::Receiving { received, .. } => format!("{} kB so far", received / 1000),
        DownloadPhase::Done(path) => format!("saved as {}", path.display()),
        DownloadPhase::Failed(why) => why.clone(),
    }
}

/// All that is under way, and what is over, numbered.
pub fn tasks(state: &State, now: Moment) -> Vec<String> {
    let tasks = state.tasks();
    if tasks.is_empty() {
        return vec!["Nothing is under way, and nothing was downloaded in this session.".to_owned()];
    }
    let numbered = tasks.iter().enumerate();
    let mut lines: Vec<String> = numbered.map(|(index, at)| format!("{}: {}", index + 1, task(*at, now))).collect();
    if tasks.iter().any(|task| task.can_be_cancelled()) {
        lines.push("Say cancel and a number to give up what is not sent, for nothing.".to_owned());
    }
    lines
}

/// What a task is, and how far it has come.
fn task(task: Task, now: Moment) -> String {
    match task {
        Task::Search(running) => {
            let how = match running.waiting_until.filter(|until| *until > now) {
                _ if running.sent => "sent, its answer is waited for".to_owned(),
                Some(until) => format!("not sent: the rate limit opens in {} s", until.since(now).div_ceil(1000)),
                None => "not sent yet".to_owned(),
            };
            format!("search “{}”: {how}", running.request.query())
        }
        Task::Unwatched(_) => "an earlier search: sent and not waited for, its answer will be kept".to_owned(),
        Task::Batch(batch) => {
            let far = batch.tally.progress();
            let held = batch.waiting_until.filter(|until| *until > now);
            match &batch.phase {
                BatchPhase::Sent => format!("batch {}: {far}, sent: “{}”", batch.name(), batch.query()),
                BatchPhase::Unsent => match held {
                    Some(until) => format!(
                        "batch {}: {far}, the rate limit opens in {} s",
                        batch.name(),
                        until.since(now).div_ceil(1000)
                    ),
                    None => format!("batch {}: {far}", batch.name()),
                },
                BatchPhase::Done => format!("batch {}: done, {}", batch.name(), batch.tally.told()),
                BatchPhase::Stopped(why) => format!("batch {}: stopped, {why}", batch.name()),
            }
        }
        Task::Download(download) => {
            let kind = if download.rehearsed.is_some() { "clip" } else { "download" };
            format!("{kind} of {}: {}", name(&download.track), progress(download))
        }
    }
}

/// An ask of a batch, by its number from 0, is answered: how far the batch is.
pub fn brief_answered(batch: &Batch, number: usize) -> Option<String> {
    let request = batch.requests.get(number)?;
    Some(format!("{}: “{}” is answered.", batch.tally.progress(), request.query()))
}

/// A step of the tour, by the words that take it.
pub fn tour(step: TourStep) -> String {
    let what = match step {
        TourStep::Search => "say search and describe some music, then ask. Say tour to end the tour",
        TourStep::Hear => "say next to hear the next track",
        TourStep::Filter => "say filter energy low to narrow the tracks, free",
        TourStep::Shortlist => "say shortlist to keep this track",
        TourStep::Fit => "say clip to fit it to your picture, free",
        TourStep::Buy => "say download, then buy to spend 1 credit on it",
    };
    format!("Tour, step {} of {}: {what}.", step.number(), TourStep::ALL.len())
}
