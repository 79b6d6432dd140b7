//! What previews were found to be, and what is alike by that.

use super::*;

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
