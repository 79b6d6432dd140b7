//! `search`: 1 credit, or 0 if the same was asked before.

use std::collections::BTreeSet;

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::args::Search;
use super::failure::Failure;
use super::{Consent, open, print, print_json, remark, say, settle};
use crate::api::{SearchPage, SearchRequest, Track};
use crate::config::Settings;
use crate::library::{LibraryError, Wanted};
use crate::spend::acts::Commanded;
use crate::spend::{Identity, Permit, Progress};
use crate::state::Source;
use crate::text::pad;
use crate::ui::format::count;
use crate::words::understand;

pub(super) async fn run(args: Search, settings: Settings) -> Result<(), Failure> {
    let request = SearchRequest::new(&args.query, args.filters(), args.limit, args.offset)?;
    if settings.offline {
        return offline(&args, &settings, request).await;
    }
    let session = open(&settings).await?;
    settle(&session).await;
    let permit = Permit::by_command(Commanded::from_consent(Consent::given()), request, args.fresh);
    let found = session.search(permit, CancellationToken::new(), tell).await?;
    let (source, spent) = if found.source() == Source::Server {
        ("server", 1)
    } else {
        ("cache", 0)
    };
    show(&args, &found.page, source, spent, found.limits.credits_remaining);
    Ok(())
}

/// From what was seen before: the kept answer to this very ask first, then whatever else matches.
async fn offline(args: &Search, settings: &Settings, request: SearchRequest) -> Result<(), Failure> {
    if args.fresh {
        return Err(Failure::usage(
            "--fresh asks the server, and --offline asks none: leave one of them out",
        ));
    }
    let library = super::library(settings)?;
    let failed = |error: LibraryError| Failure::other(error.to_string());
    let limit = usize::from(args.limit);
    let identity = Identity::of_search(&settings.endpoint.origin(), &request);
    let mut tracks = library
        .cached(identity, request.clone())
        .await
        .map_err(failed)?
        .map(|cached| cached.page.tracks)
        .unwrap_or_default();
    let known = library.vocabulary().await.map_err(failed)?;
    let wanted = Wanted {
        understood: understand(request.query(), &known, &BTreeSet::new()),
        filters: request.filters().clone(),
    };
    let skip = request.offset() as usize;
    let matches = library.matches(1, wanted, skip + limit).await.map_err(failed)?.unwrap_or_default();
    for track in matches.tracks.into_iter().skip(skip) {
        if tracks.len() < limit && tracks.iter().all(|known| known.id != track.id) {
            tracks.push(track);
        }
    }
    let page = SearchPage {
        skipped: 0,
        received: tracks.len(),
        tracks,
    };
    show(args, &page, "library", 0, None);
    Ok(())
}

fn show(args: &Search, page: &SearchPage, source: &str, spent: u8, remaining: Option<i64>) {
    match page.skipped {
        0 => {}
        1 => remark(&"1 entry of the answer could not be read and was left out"),
        more => remark(&format!("{more} entries of the answer could not be read and were left out")),
    }
    if args.json {
        print_json(&json!({"tracks": page.tracks, "source": source, "credits_spent": spent, "credits_remaining": remaining}));
    } else {
        print(table(page).trim_end());
        say(&format!(
            "{} from the {source}; {}",
            count(page.tracks.len(), "track"),
            cost(spent, remaining)
        ));
    }
}

/// What was spent, and what is left if the server said so.
pub(super) fn cost(spent: u8, remaining: Option<i64>) -> String {
    let unit = if spent == 1 { "credit" } else { "credits" };
    match remaining {
        Some(left) => format!("{spent} {unit} spent, {left} left"),
        None => format!("{spent} {unit} spent"),
    }
}

/// Tells what a paid request waits for.
pub(super) fn tell(progress: Progress) {
    match progress {
        Progress::Waiting(wait) => remark(&format!("rate limited, waiting {} s", wait.as_secs_f64().ceil())),
        Progress::Again(_) => remark(&"that cost nothing and brought nothing, trying again"),
        Progress::Sent | Progress::Receiving { .. } => {}
    }
}

fn table(page: &SearchPage) -> String {
    page.tracks.iter().map(row).collect()
}

fn row(track: &Track) -> String {
    let bpm = track.bpm.map_or_else(String::new, |bpm| format!("{bpm:.0}"));
    let length = track
        .duration_seconds
        .map_or_else(String::new, |seconds| format!("{}:{:02}", seconds as u64 / 60, seconds as u64 % 60));
    let moods = track.moods.iter().map(|mood| &**mood).collect::<Vec<_>>().join(", ");
    let columns = [
        pad(track.id.as_str(), 28),
        pad(&track.title, 28),
        pad(&track.artist, 20),
        pad(&bpm, 4),
        pad(track.key.as_deref().unwrap_or_default(), 9),
        pad(&length, 6),
        moods,
    ];
    format!("{}\n", columns.join(" ").trim_end())
}
