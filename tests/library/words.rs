//! What matches what is typed.

use super::*;

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
