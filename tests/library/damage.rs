//! A file that is damaged, or somebody else's: moved aside and kept.

use super::*;

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

/// Both of its connections are closed together, again and again.
#[tokio::test]
async fn a_library_that_is_closed_leaves_nothing_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..300 {
        let (library, _) = Library::open(&folder.path().join("library.db"), ORIGIN).unwrap();
        let (identity, request) = ask("jazz", 100);
        library.store_search(identity, request, page(&["a"])).await.unwrap();
        drop(library);
        closed(folder.path());
    }
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
