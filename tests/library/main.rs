//! The library on real files: what was paid for once is there again, and a damaged file loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod damage;
mod previews;
mod words;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use trackyard_tui::api::{Filters, SearchPage, SearchRequest, Track, TrackId};
use trackyard_tui::audio::{Analysis, Waveform};
use trackyard_tui::library::{Alike, Library, Wanted};
use trackyard_tui::spend::Identity;
use trackyard_tui::words::understand;

const ORIGIN: &str = "http://localhost/api";

fn track(id: &str) -> Track {
    Track::from_json(
        &json!({"id": id, "title": format!("Title {id}"), "genre": "Jazz", "moods": ["Calm"], "instruments": ["piano"], "bpm": 80.5}),
    )
    .unwrap()
}

fn page(ids: &[&str]) -> SearchPage {
    SearchPage {
        tracks: ids.iter().map(|id| track(id)).collect(),
        skipped: 0,
        received: ids.len(),
    }
}

fn ask(query: &str, limit: u8) -> (Identity, SearchRequest) {
    let request = SearchRequest::new(query, Filters::default(), limit, 0).unwrap();
    (Identity::of_search(ORIGIN, &request), request)
}

async fn cached_ids(library: &Library, query: &str, limit: u8) -> Option<Vec<String>> {
    let (identity, request) = ask(query, limit);
    let found = library.cached(identity, request).await.unwrap()?;
    Some(found.page.tracks.iter().map(|track| track.id.to_string()).collect())
}

#[tokio::test]
async fn an_answer_is_there_again_after_a_restart_in_the_servers_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/library.db");
    {
        let (library, moved) = Library::open(&path, ORIGIN).unwrap();
        assert_eq!(moved, None);
        let (identity, request) = ask("calm piano", 100);
        library.store_search(identity, request, page(&["b", "a", "c"])).await.unwrap();
    }
    let (library, _) = Library::open(&path, ORIGIN).unwrap();
    assert_eq!(cached_ids(&library, "  Calm   PIANO ", 100).await.unwrap(), ["b", "a", "c"]);
    assert_eq!(library.track(TrackId::new("a").unwrap()).await.unwrap(), Some(track("a")));
    assert_eq!(library.queries(10).await.unwrap(), ["calm piano"]);
    assert_eq!(library.vocabulary().await.unwrap().moods, ["Calm"]);
}

#[tokio::test]
async fn a_smaller_page_is_served_from_a_larger_one_and_not_the_other_way() {
    let library = Library::in_memory(ORIGIN).unwrap();
    let (identity, request) = ask("jazz", 2);
    library.store_search(identity, request, page(&["a", "b"])).await.unwrap();
    assert_eq!(cached_ids(&library, "jazz", 1).await.unwrap(), ["a"]);
    assert_eq!(
        cached_ids(&library, "jazz", 100).await,
        None,
        "two tracks are no answer to an ask for a hundred"
    );
    let (identity, request) = ask("last page", 50);
    library.store_search(identity, request, page(&["a"])).await.unwrap();
    assert_eq!(
        cached_ids(&library, "last page", 100).await.unwrap(),
        ["a"],
        "a page that was not full is all there is"
    );
}

#[tokio::test]
async fn a_small_page_asked_later_does_not_take_the_large_one_away() {
    let library = Library::in_memory(ORIGIN).unwrap();
    for (limit, ids) in [(3, &["a", "b", "c"][..]), (1, &["z"])] {
        let (identity, request) = ask("jazz", limit);
        library.store_search(identity, request, page(ids)).await.unwrap();
    }
    assert_eq!(cached_ids(&library, "jazz", 3).await.unwrap(), ["a", "b", "c"], "it was paid for");
    let (identity, request) = ask("jazz", 3);
    assert!(
        library
            .cached_age(identity.clone(), &request)
            .await
            .unwrap()
            .is_some_and(|age| age < 60)
    );
    let (_, more) = ask("jazz", 4);
    assert_eq!(library.cached_age(identity, &more).await.unwrap(), None);
    assert_eq!(library.queries(10).await.unwrap(), ["jazz"], "one query, not two");
}

#[tokio::test]
async fn a_fresh_answer_takes_the_place_of_a_stale_one_of_its_size() {
    let library = Library::in_memory(ORIGIN).unwrap();
    for ids in [["a", "b"], ["c", "a"]] {
        let (identity, request) = ask("jazz", 2);
        library.store_search(identity, request, page(&ids)).await.unwrap();
    }
    assert_eq!(cached_ids(&library, "jazz", 2).await.unwrap(), ["c", "a"]);
    assert_eq!(
        library.track(TrackId::new("b").unwrap()).await.unwrap(),
        Some(track("b")),
        "a track stays known"
    );
}

#[tokio::test]
async fn what_could_not_be_read_is_counted_again() {
    let library = Library::in_memory(ORIGIN).unwrap();
    let (identity, request) = ask("jazz", 100);
    let answered = SearchPage {
        skipped: 2,
        received: 4,
        ..page(&["a", "b"])
    };
    library
        .store_search(identity.clone(), request.clone(), answered.clone())
        .await
        .unwrap();
    assert_eq!(library.cached(identity, request).await.unwrap().unwrap().page, answered);
}

#[tokio::test]
async fn origins_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let (here, _) = Library::open(&path, ORIGIN).unwrap();
    let (there, _) = Library::open(&path, "https://elsewhere/api").unwrap();
    let (identity, request) = ask("jazz", 100);
    here.store_search(identity, request, page(&["a"])).await.unwrap();
    here.mark_heard(TrackId::new("a").unwrap()).await.unwrap();
    assert_eq!(there.track(TrackId::new("a").unwrap()).await.unwrap(), None);
    assert!(there.heard().await.unwrap().is_empty());
    assert_eq!(here.heard().await.unwrap().len(), 1);
}

#[tokio::test]
async fn two_programs_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let (one, _) = Library::open(&path, ORIGIN).unwrap();
    let (two, _) = Library::open(&path, ORIGIN).unwrap();
    let write = |library: Library, name: &'static str| async move {
        for number in 0..40 {
            let (identity, request) = ask(&format!("{name} {number}"), 100);
            library.store_search(identity, request, page(&["a", "b"])).await.unwrap();
        }
    };
    let (first, second) = (tokio::spawn(write(one.clone(), "one")), tokio::spawn(write(two, "two")));
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(one.queries(1000).await.unwrap().len(), 80);
}

fn described(id: &str, fields: &serde_json::Value) -> Track {
    let mut track = json!({"id": id, "title": format!("Title {id}")});
    track.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    Track::from_json(&track).unwrap()
}

async fn with_tracks(library: &Library, tracks: Vec<Track>) {
    let (identity, request) = ask("everything", 100);
    let page = SearchPage {
        skipped: 0,
        received: tracks.len(),
        tracks,
    };
    library.store_search(identity, request, page).await.unwrap();
}
