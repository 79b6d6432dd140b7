//! The library on real files: what was paid for once is there again, and a damaged file loses nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

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
async fn a_damaged_file_is_moved_aside_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    std::fs::write(&path, b"this is no database, but it may be dear to somebody").unwrap();
    let (library, moved) = Library::open(&path, ORIGIN).unwrap();
    assert!(moved.unwrap().contains("library.db.damaged-"));
    let (identity, request) = ask("jazz", 100);
    library.store_search(identity, request, page(&["a"])).await.unwrap();
    let kept = aside(folder.path(), "library.db.damaged-");
    assert!(std::fs::read(kept).unwrap().starts_with(b"this is no database"));
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_moved_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    {
        let (library, _) = Library::open(&path, ORIGIN).unwrap();
        let (identity, request) = ask("jazz", 100);
        library.store_search(identity, request, page(&["a", "b", "c"])).await.unwrap();
    }
    closed(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let (library, moved) = Library::open(&path, ORIGIN).unwrap();
    assert!(moved.unwrap().contains("library.db.damaged-"));
    assert_eq!(cached_ids(&library, "jazz", 100).await, None);
    assert_eq!(
        std::fs::read(aside(folder.path(), "library.db.damaged-")).unwrap(),
        bytes[..bytes.len() / 2]
    );
}

/// Bytes of a page of the file.
const PAGE: usize = 4096;

#[tokio::test]
async fn damage_in_the_middle_is_told_when_it_is_met_and_the_file_is_moved_aside_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    {
        let (library, _) = Library::open(&path, ORIGIN).unwrap();
        let ids: Vec<String> = (0..2_000).map(|number| format!("track-{number}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let (identity, request) = ask("jazz", 100);
        library.store_search(identity, request, page(&ids)).await.unwrap();
    }
    closed(folder.path());
    let mut bytes = std::fs::read(&path).unwrap();
    // The page that one of the tracks is on, which opening does not read.
    let track = br#""id":"track-700""#;
    let page_of_it = bytes.windows(track.len()).position(|at| at == track).unwrap() / PAGE * PAGE;
    bytes[page_of_it..page_of_it + PAGE].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();

    let (library, moved) = Library::open(&path, ORIGIN).unwrap();
    assert_eq!(moved, None, "opening does not read them");
    let met = library.track(TrackId::new("track-700").unwrap()).await.unwrap_err().to_string();
    assert!(met.contains("at the next start"), "{met}");
    drop(library);
    closed(folder.path());
    let (library, moved) = Library::open(&path, ORIGIN).unwrap();
    assert!(moved.unwrap().contains("library.db.damaged-"));
    assert_eq!(cached_ids(&library, "jazz", 100).await, None);
    let (identity, request) = ask("jazz", 100);
    library.store_search(identity, request, page(&["a"])).await.unwrap();
    assert_eq!(
        std::fs::read(aside(folder.path(), "library.db.damaged-")).unwrap().len(),
        bytes.len()
    );
    drop(library);
    closed(folder.path());
    assert_eq!(Library::open(&path, ORIGIN).unwrap().1, None, "and that was that");
}

#[test]
fn of_programs_that_find_the_damage_together_one_moves_it_and_all_share_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    std::fs::write(&path, b"this is no database").unwrap();
    let together = std::sync::Barrier::new(4);
    let told = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    Library::open(&path, ORIGIN).unwrap().1.is_some()
                })
            })
            .collect();
        starts.into_iter().map(|start| usize::from(start.join().unwrap())).sum::<usize>()
    });
    assert_eq!(told, 1);
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let aside = std::fs::read_dir(folder.path())
        .unwrap()
        .map(name)
        .filter(|name| name.contains(".damaged-"));
    assert_eq!(aside.count(), 1);
}

/// The thread that owns the file closes it when it is done.
fn closed(folder: &Path) {
    let end = Instant::now() + Duration::from_mins(1);
    while folder.join("library.db-wal").exists() {
        assert!(Instant::now() < end, "it is never closed");
        std::thread::yield_now();
    }
}

/// The file that was moved aside under a name with this beginning.
fn aside(folder: &Path, name: &str) -> PathBuf {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(name))
        .unwrap()
}

#[tokio::test]
async fn somebody_elses_database_is_moved_aside_and_a_newer_one_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign)
        .unwrap()
        .execute_batch("CREATE TABLE recipes (name TEXT); PRAGMA user_version = 1;")
        .unwrap();
    assert!(Library::open(&foreign, ORIGIN).unwrap().1.is_some());
    let unversioned = folder.path().join("unversioned.db");
    rusqlite::Connection::open(&unversioned)
        .unwrap()
        .execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    let before = std::fs::read(&unversioned).unwrap();
    assert!(Library::open(&unversioned, ORIGIN).unwrap().1.is_some());
    assert_eq!(
        std::fs::read(aside(folder.path(), "unversioned.db.damaged-")).unwrap(),
        before,
        "nothing was added to it"
    );
    let newer = folder.path().join("newer.db");
    rusqlite::Connection::open(&newer)
        .unwrap()
        .execute_batch("CREATE TABLE tracks (x); PRAGMA user_version = 99;")
        .unwrap();
    let before = std::fs::read(&newer).unwrap();
    let error = Library::open(&newer, ORIGIN).unwrap_err();
    assert!(error.reason.contains("newer version"), "{error}");
    assert_eq!(std::fs::read(&newer).unwrap(), before);
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

async fn found(library: &Library, text: &str, filters: Filters) -> Vec<String> {
    let known = library.vocabulary().await.unwrap();
    let wanted = Wanted {
        understood: understand(text, &known, &BTreeSet::new()),
        filters,
    };
    let matches = library.matches(u64::MAX, wanted, 100).await.unwrap().unwrap();
    let whole = matches.tracks.len() - matches.close;
    matches.tracks[..whole].iter().map(|track| track.id.to_string()).collect()
}

async fn a_few(library: &Library) {
    with_tracks(
        library,
        vec![
            described(
                "slow",
                &json!({"title": "Rainy Window", "moods": ["Melancholic"], "instruments": ["piano"], "has_vocals": false, "bpm": 72, "genre": "Jazz"}),
            ),
            described("fast", &json!({"moods": ["Melancholic"], "instruments": ["piano"], "has_vocals": false, "bpm": 81})),
            described("sung", &json!({"moods": ["Melancholic"], "instruments": ["piano"], "has_vocals": true, "bpm": 70})),
            described("edge", &json!({"title": "Café Piano", "moods": ["Happy"], "has_vocals": false, "bpm": 80.5, "genre": "Hip Hop", "subgenres": ["Lo-Fi Hip Hop"]})),
            described("bare", &json!({"title": "Window on the Sea"})),
        ],
    )
    .await;
}

#[tokio::test]
async fn natural_words_find_by_mood_instrument_vocals_and_tempo() {
    let folder = tempfile::tempdir().unwrap();
    let (library, _) = Library::open(&folder.path().join("library.db"), ORIGIN).unwrap();
    a_few(&library).await;
    let none = Filters::default;
    assert_eq!(found(&library, "slow sad piano, no vocals, under 80 bpm", none()).await, ["slow"]);
    assert_eq!(
        found(&library, "sad piano", none()).await,
        ["sung", "fast", "slow"],
        "the newest first"
    );
    assert_eq!(found(&library, "window", none()).await, ["bare", "slow"]);
    assert_eq!(
        found(&library, "windo", none()).await,
        ["bare", "slow"],
        "a word that is still typed"
    );
    assert_eq!(found(&library, "cafe", none()).await, ["edge"]);
    assert_eq!(
        found(&library, "piano", none()).await,
        ["edge", "sung", "fast", "slow"],
        "a title that says it comes first"
    );
    assert_eq!(found(&library, "lo-fi", none()).await, ["edge"]);
    assert_eq!(found(&library, "window no piano", none()).await, ["bare"]);
    assert_eq!(found(&library, "w", none()).await, [""; 0]);
    assert_eq!(found(&library, "zither", none()).await, [""; 0]);
}

#[tokio::test]
async fn a_long_beginning_finds_the_same_whether_few_words_begin_so_or_many() {
    let library = Library::in_memory(ORIGIN).unwrap();
    // Two words begin with "harbo", twelve with "night".
    let title = |number: usize| match number {
        0 => "Harbour".to_owned(),
        1 => "Harborough".to_owned(),
        number => format!(
            "Night{}",
            [
                "fall", "shade", "jar", "cap", "gown", "hawk", "ly", "time", "ward", "side", "rider", "club"
            ][number - 2]
        ),
    };
    let tracks = (0..14).map(|number| described(&format!("{number}"), &json!({"title": title(number), "moods": ["Nightly"]})));
    with_tracks(&library, tracks.collect()).await;
    let mut harbours = found(&library, "harbo", Filters::default()).await;
    harbours.sort();
    assert_eq!(harbours, ["0", "1"]);
    assert_eq!(found(&library, "harbor", Filters::default()).await, ["1"]);
    assert_eq!(found(&library, "harborx", Filters::default()).await, [""; 0]);
    assert_eq!(
        found(&library, "night", Filters::default()).await.len(),
        14,
        "by the mood, whatever the title"
    );
    assert_eq!(found(&library, "nights", Filters::default()).await.len(), 2, "shade and side");
    // Where very many match, the ones whose names say it come first, however old they are.
    let later = (0..300).map(|number| {
        described(
            &format!("later-{number}"),
            &json!({"title": "Dawn", "instruments": ["harbour organ"]}),
        )
    });
    with_tracks(&library, later.collect()).await;
    assert_eq!(found(&library, "harbo", Filters::default()).await[..2], ["1", "0"]);
}

#[tokio::test]
async fn filters_hold_for_matches_and_a_field_that_was_not_sent_is_not_held_against_a_track() {
    let library = Library::in_memory(ORIGIN).unwrap();
    a_few(&library).await;
    let slow = Filters {
        max_bpm: Some(80),
        ..Filters::default()
    };
    assert_eq!(found(&library, "window", slow.clone()).await, ["bare", "slow"]);
    assert_eq!(found(&library, "piano", slow).await, ["sung", "slow"], "80.5 is over 80");
    let jazz = Filters {
        genres: ["jazz".to_owned()].into(),
        has_vocals: Some(false),
        ..Filters::default()
    };
    assert_eq!(found(&library, "window", jazz).await, ["bare", "slow"]);
}

#[tokio::test]
async fn a_track_that_changed_is_found_by_what_it_is_now() {
    let library = Library::in_memory(ORIGIN).unwrap();
    with_tracks(&library, vec![described("a", &json!({"title": "Old Name"}))]).await;
    with_tracks(
        &library,
        vec![
            described("a", &json!({"title": "New Name"})),
            described("b", &json!({"title": "Name"})),
        ],
    )
    .await;
    assert_eq!(found(&library, "old", Filters::default()).await, [""; 0]);
    assert_eq!(found(&library, "new name", Filters::default()).await, ["a"]);
}

#[tokio::test]
async fn matches_of_another_origin_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let (here, _) = Library::open(&path, ORIGIN).unwrap();
    let (there, _) = Library::open(&path, "https://elsewhere/api").unwrap();
    with_tracks(&here, vec![described("a", &json!({"title": "Window"}))]).await;
    with_tracks(
        &there,
        vec![
            described("a", &json!({"title": "Window"})),
            described("b", &json!({"title": "Window"})),
        ],
    )
    .await;
    assert_eq!(found(&here, "window", Filters::default()).await, ["a"]);
    assert_eq!(found(&there, "window", Filters::default()).await.len(), 2);
}

#[tokio::test]
async fn what_matches_only_in_part_comes_after_and_is_counted_apart() {
    let library = Library::in_memory(ORIGIN).unwrap();
    a_few(&library).await;
    let wanted = Wanted {
        understood: understand("rainy window by the harbour", &Default::default(), &BTreeSet::new()),
        filters: Filters::default(),
    };
    let matches = library.matches(1, wanted, 100).await.unwrap().unwrap();
    assert_eq!((matches.tracks.len(), matches.close), (1, 1), "two words of three");
}

#[tokio::test]
async fn an_older_look_gives_way_to_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    let (library, _) = Library::open(&folder.path().join("library.db"), ORIGIN).unwrap();
    a_few(&library).await;
    let wanted = || Wanted {
        understood: understand("window", &Default::default(), &BTreeSet::new()),
        filters: Filters::default(),
    };
    assert!(library.matches(8, wanted(), 100).await.unwrap().is_some());
    assert_eq!(library.matches(7, wanted(), 100).await.unwrap(), None);
    assert!(library.matches(9, wanted(), 100).await.unwrap().is_some());
}

#[tokio::test]
async fn hostile_text_is_only_text() {
    let library = Library::in_memory(ORIGIN).unwrap();
    a_few(&library).await;
    for text in [
        "\" OR 1",
        "window\" AND (",
        "*",
        "NEAR(a b)",
        "~oabc =window",
        "title: x",
        "-- ;",
        "\u{301}\u{0}x",
        "ไทย हिन्दी 初音",
        "^a",
        "{text} : b",
        "a OR b NOT c",
        "a🅐b 🅰 ①ⓐ",
    ] {
        found(&library, text, Filters::default()).await;
    }
}

#[tokio::test]
async fn what_previews_were_found_to_be_is_there_again_for_this_server_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let id = |id: &str| TrackId::new(id).unwrap();
    let loud = Analysis {
        waveform: Arc::new(Waveform {
            levels: (0..600).map(|level| (f64::from(level) / 599.0) as f32).collect(),
            loudness: Some(-9.25),
            complete: true,
        }),
        length: Duration::from_millis(30_017),
        true_peak: Some(0.5),
        head: Duration::from_millis(25),
        tail: Duration::from_millis(1_250),
        peak: Some(Duration::from_millis(19_250)),
        bytes: 480_417,
    };
    let silent = Analysis {
        waveform: Arc::new(Waveform {
            levels: Vec::new(),
            loudness: None,
            complete: true,
        }),
        true_peak: None,
        peak: None,
        ..loud.clone()
    };
    {
        let (library, _) = Library::open(&path, ORIGIN).unwrap();
        library.keep_analysis(id("a"), Arc::new(silent.clone())).await.unwrap();
        library.keep_analysis(id("a"), Arc::new(loud.clone())).await.unwrap();
        library.keep_analysis(id("b"), Arc::new(silent.clone())).await.unwrap();
    }
    let (library, _) = Library::open(&path, ORIGIN).unwrap();
    let mut known = library.analyses(vec![id("c"), id("b"), id("a")]).await.unwrap();
    assert_eq!(known.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let (_, kept) = known.remove(1);
    let off = kept
        .waveform
        .levels
        .iter()
        .zip(&loud.waveform.levels)
        .map(|(one, other)| (one - other).abs());
    assert!(kept.waveform.levels.len() == 600 && off.fold(0.0, f32::max) < 1e-4);
    let without_levels = |analysis: &Analysis| Analysis {
        waveform: Arc::new(Waveform {
            levels: Vec::new(),
            ..Waveform::clone(&analysis.waveform)
        }),
        ..analysis.clone()
    };
    assert_eq!(without_levels(&kept), without_levels(&loud));
    assert_eq!(*known[0].1, silent);
    let (elsewhere, _) = Library::open(&path, "http://elsewhere/api").unwrap();
    assert!(elsewhere.analyses(vec![id("a")]).await.unwrap().is_empty());
}

/// What a preview of half a minute was found to be whose level goes like this, from 0 at its beginning to 1 at its end.
fn preview(level: impl Fn(f64) -> f64) -> Arc<Analysis> {
    let waveform = Waveform {
        levels: (0..600).map(|column| level(f64::from(column) / 600.0) as f32).collect(),
        loudness: Some(-14.0),
        complete: true,
    };
    Arc::new(Analysis {
        length: Duration::from_secs(30),
        true_peak: Some(-1.0),
        head: Duration::ZERO,
        tail: Duration::ZERO,
        peak: waveform.peak(),
        bytes: 480_000,
        waveform: Arc::new(waveform),
    })
}

#[tokio::test]
async fn of_tracks_that_read_the_same_the_one_that_sounds_like_it_comes_first_and_one_that_was_not_heard_still_comes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let (library, _) = Library::open(&path, ORIGIN).unwrap();
    let ids = ["a_dies", "b_unheard", "c_builds", "one"];
    with_tracks(&library, ids.map(track).to_vec()).await;
    let alike = async || library.alike(Arc::new(track("one")), 10).await.unwrap();
    let names = |found: &[Alike]| found.iter().map(|alike| alike.track.id.to_string()).collect::<Vec<_>>();
    let before = alike().await;
    assert_eq!(names(&before), ["a_dies", "b_unheard", "c_builds"], "nothing tells them apart");

    let builds = preview(|at| 0.05 + 0.9 * at);
    library
        .keep_analysis(TrackId::new("c_builds").unwrap(), builds.clone())
        .await
        .unwrap();
    assert_eq!(alike().await, before, "there is nothing yet to compare it with");
    library.keep_analysis(TrackId::new("one").unwrap(), builds).await.unwrap();
    let dies = preview(|at| 0.95 - 0.9 * at);
    library.keep_analysis(TrackId::new("a_dies").unwrap(), dies).await.unwrap();
    let found = alike().await;
    assert_eq!(names(&found), ["c_builds", "b_unheard", "a_dies"]);
    let said = found.iter().map(|alike| alike.why.contains(&"builds up too".to_owned()));
    assert_eq!(said.collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(found[1], before[1], "it is what it was");

    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute("UPDATE analyses SET energy = 'none' WHERE id = 'c_builds'", [])
        .unwrap();
    file.execute("UPDATE analyses SET version = 0 WHERE id = 'a_dies'", []).unwrap();
    assert_eq!(
        alike().await,
        before,
        "what makes no sense, or was found in another way, is as if it was not there"
    );
}
