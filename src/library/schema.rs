//! The tables, and a file that is not ours or damaged moved aside.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use url::Url;

use super::{LibraryError, index};

/// What makes each version of the tables from the one before; `user_version` says how many of them a file has seen.
const MIGRATIONS: [Migration; 5] = [
    Migration {
        tables: TABLES,
        fill: None,
    },
    Migration {
        tables: PAGES_OF_EVERY_SIZE,
        fill: None,
    },
    Migration {
        tables: FULL_TEXT,
        fill: Some(index_what_is_there),
    },
    Migration {
        tables: ANALYSES,
        fill: None,
    },
    Migration {
        tables: SMALL_PAGES,
        fill: None,
    },
];

/// A step from one version of the tables to the next.
struct Migration {
    tables: &'static str,
    /// What SQL alone cannot do.
    fill: Option<fn(&Connection) -> rusqlite::Result<()>>,
}

impl Migration {
    fn run(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(self.tables)?;
        self.fill.map_or(Ok(()), |fill| fill(connection))
    }
}

/// Pages of a quarter of the usual size, since a look into the index copies a page: half the time for the same size. Old lists are written anew.
const SMALL_PAGES: &str = "
INSERT INTO words (words, rank) VALUES ('pgsz', 1000);
INSERT INTO words (words) VALUES ('optimize');
";

const TABLES: &str = "
CREATE TABLE tracks (
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,      -- the API's own field names
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (origin, id)
);
CREATE TABLE searches (
    identity TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    query TEXT NOT NULL,
    body TEXT NOT NULL,      -- as it was sent
    page_limit INTEGER NOT NULL,
    received INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    ids TEXT NOT NULL,       -- a JSON list in the server's order
    at INTEGER NOT NULL
);
CREATE INDEX searches_by_origin ON searches (origin, at);
CREATE TABLE heard (
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (origin, id)
);
";

/// A small page that is asked for later no longer takes the place of a large one.
const PAGES_OF_EVERY_SIZE: &str = "
ALTER TABLE searches RENAME TO old_searches;
CREATE TABLE searches (
    identity TEXT NOT NULL,
    origin TEXT NOT NULL,
    query TEXT NOT NULL,
    body TEXT NOT NULL,
    page_limit INTEGER NOT NULL,
    received INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    ids TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (identity, page_limit)
);
INSERT INTO searches SELECT * FROM old_searches;
DROP TABLE old_searches;
CREATE INDEX searches_by_origin ON searches (origin, at);
";

/// Full text over all fields. The rows of the index are the tracks' numbers, which count down: the index is read forwards fastest, and
/// the newest tracks shall come first. Shortlists, and the history of calls as far as it was fetched.
const FULL_TEXT: &str = "
ALTER TABLE tracks RENAME TO old_tracks;
CREATE TABLE tracks (
    number INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    json TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    UNIQUE (origin, id)
);
INSERT INTO tracks (number, origin, id, json, seen_at)
    SELECT -row_number() OVER (ORDER BY seen_at, rowid), origin, id, json, seen_at FROM old_tracks;
DROP TABLE old_tracks;
CREATE VIRTUAL TABLE words USING fts5 (
    text, content='', contentless_delete=1, detail=none, prefix='2 3 4',
    tokenize=\"unicode61 remove_diacritics 0 categories 'L* M* N* Co' tokenchars '~='\"
);
CREATE TABLE vocabulary (
    origin TEXT NOT NULL,
    kind TEXT NOT NULL,      -- genre, mood or instrument
    word TEXT NOT NULL,
    PRIMARY KEY (origin, kind, word)
) WITHOUT ROWID;
ALTER TABLE searches ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX searches_by_words ON searches (origin, words);
CREATE TABLE projects (
    origin TEXT NOT NULL,
    name TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (origin, name)
);
CREATE TABLE choices (
    origin TEXT NOT NULL,
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    rejected INTEGER NOT NULL,
    place INTEGER NOT NULL,  -- in the shortlist
    note TEXT NOT NULL,
    PRIMARY KEY (origin, project, id)
);
CREATE TABLE calls (
    number INTEGER PRIMARY KEY, -- in the order of time
    origin TEXT NOT NULL,
    key TEXT NOT NULL,       -- its fingerprint
    at TEXT,
    endpoint TEXT NOT NULL,
    status INTEGER,
    credits INTEGER,
    millis REAL
);
CREATE INDEX calls_by_key ON calls (origin, key, number);
";

/// What previews were found to be when they were listened to.
const ANALYSES: &str = "
CREATE TABLE analyses (
    origin TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL, -- of the way to listen
    bytes INTEGER NOT NULL,  -- of the preview
    length INTEGER NOT NULL, -- times are in milliseconds
    loudness REAL,           -- integrated, LUFS
    true_peak REAL,          -- dBTP
    head INTEGER NOT NULL,   -- silence
    tail INTEGER NOT NULL,
    peak INTEGER,
    energy BLOB NOT NULL,    -- the level of each 1/20 s, two bytes each
    PRIMARY KEY (origin, id)
);
";

/// Indexes every track that an earlier version kept.
fn index_what_is_there(connection: &Connection) -> rusqlite::Result<()> {
    let mut tracks = connection.prepare("SELECT number, origin, json FROM tracks ORDER BY number")?;
    let mut rows = tracks.query([])?;
    while let Some(row) = rows.next()? {
        let (number, origin, json): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if let Some(track) = super::track_of(&json) {
            index::put(connection, number, &origin, &track)?;
            index::learn(connection, &origin, &track)?;
        }
    }
    let mut searches = connection.prepare("SELECT rowid, query FROM searches")?;
    let mut rows = searches.query([])?;
    while let Some(row) = rows.next()? {
        let query: String = row.get(1)?;
        connection.execute(
            "UPDATE searches SET words = ?2 WHERE rowid = ?1",
            (row.get::<_, i64>(0)?, super::near::words_of(&query)),
        )?;
    }
    Ok(())
}

/// Opens the file, or makes it. What cannot be read as our database is moved aside, and the second value tells where.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<String>), LibraryError> {
    let failed = |reason: String| LibraryError {
        path: path.display().to_string(),
        reason,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    match prepare_sound(path) {
        Ok(connection) => Ok((connection, None)),
        Err(Unusable::Newer(version)) => Err(failed(format!(
            "it was made by a newer version of this program (schema {version}): update trackyard-tui"
        ))),
        Err(unusable) if unusable.is_damage() => {
            let stuck = |error: std::io::Error| failed(format!("it is damaged and cannot be moved aside: {error}"));
            // Of two programs that find the damage one moves the file aside, and the other finds the new one.
            let turn = File::create(path.with_added_extension("moving")).map_err(stuck)?;
            turn.lock().map_err(stuck)?;
            if let Ok(connection) = prepare_sound(path) {
                return Ok((connection, None));
            }
            let aside = move_aside(path).map_err(stuck)?;
            // What was found out about the old file is not true of the new one.
            let _ = std::fs::remove_file(suspicion(path));
            let connection = prepare(path).map_err(|error| failed(error.to_string()))?;
            Ok((
                connection,
                Some(format!(
                    "The library could not be read and was moved to {}; a new one has been started.",
                    aside.display()
                )),
            ))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

/// A copy in memory of a file that can be read and not be written: its disk is full, or its folder is read-only.
pub(super) fn copy(path: &Path) -> Result<Connection, Unusable> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let whole = std::path::absolute(path).ok().and_then(|path| Url::from_file_path(path).ok());
    let address = whole.ok_or(Unusable::Foreign)?;
    // Whoever is alone with the file keeps the index of its log in memory. Where others have it open, theirs can be read. And where
    // the files beside it are missing and cannot be made, it is all there is, and nobody writes it.
    copy_of(alone_with(path))
        .or_else(|_| copy_of(Connection::open_with_flags(address.as_str(), flags)))
        .or_else(|_| copy_of(Connection::open_with_flags(format!("{address}?immutable=1"), flags)))
}

/// Opens a file that nobody else has open, to read it; its log is left as it is.
fn alone_with(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    Ok(connection)
}

fn copy_of(source: rusqlite::Result<Connection>) -> Result<Connection, Unusable> {
    let source = source?;
    match migrations_seen(&source)? {
        seen if seen == MIGRATIONS.len() => {}
        seen => return Err(Unusable::Newer(seen)),
    }
    let mut memory = Connection::open_in_memory()?;
    Backup::new(&source, &mut memory)?.run_to_completion(1000, Duration::ZERO, None)?;
    index::for_searching(&memory)?;
    Ok(memory)
}

pub(super) fn in_memory() -> Result<Connection, LibraryError> {
    let failed = |error: rusqlite::Error| LibraryError {
        path: "in memory".into(),
        reason: error.to_string(),
    };
    let connection = Connection::open_in_memory().map_err(failed)?;
    for migration in &MIGRATIONS {
        migration.run(&connection).map_err(failed)?;
    }
    index::for_searching(&connection).map_err(failed)?;
    Ok(connection)
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("schema {0} is of another version of this program")]
    Newer(usize),
    #[error("it is the database of another program")]
    Foreign,
    #[error("it is damaged: {0}")]
    Damaged(String),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}

impl Unusable {
    /// Not a database, a damaged one, or somebody else's; as opposed to a disk or a lock that fails.
    fn is_damage(&self) -> bool {
        match self {
            Self::Newer(_) => false,
            Self::Foreign | Self::Damaged(_) => true,
            Self::Sql(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
            ),
        }
    }
}

/// Where it is noted that a file turned out to be damaged while it was in use: opening it does not show that.
fn suspicion(path: &Path) -> PathBuf {
    path.with_added_extension("suspect")
}

/// Notes that a file is damaged somewhere, so that the next opening looks through all of it.
pub(super) fn suspect(path: &Path) {
    if let Err(error) = File::create(suspicion(path)) {
        tracing::warn!(%error, "it cannot be noted that the library is damaged");
    }
}

/// Opens a file that nothing speaks against, or that is sound all the same.
fn prepare_sound(path: &Path) -> Result<Connection, Unusable> {
    let connection = prepare(path)?;
    if suspicion(path).exists() {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(Unusable::Damaged(verdict));
        }
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')", [])?;
        let _ = std::fs::remove_file(suspicion(path));
    }
    Ok(connection)
}

fn prepare(path: &Path) -> Result<Connection, Unusable> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    // Before anything that writes: a newer file is left as it is.
    migrations_seen(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Two programs may start at once, so the version is read inside the transaction that makes the tables.
    let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let seen = migrations_seen(&write)?;
    for migration in &MIGRATIONS[seen..] {
        migration.run(&write)?;
    }
    if seen < MIGRATIONS.len() {
        write.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    }
    // A foreign database with a version of its own shows itself here.
    write.query_row(
        "SELECT count(*) FROM (SELECT origin, json FROM tracks LIMIT 1), (SELECT identity, ids FROM searches LIMIT 1), (SELECT at FROM heard LIMIT 1),
         (SELECT word FROM vocabulary LIMIT 1), (SELECT rowid FROM words LIMIT 1), (SELECT place FROM choices LIMIT 1), (SELECT credits FROM calls LIMIT 1),
         (SELECT energy FROM analyses LIMIT 1)",
        [],
        |_| Ok(()),
    )?;
    write.commit()?;
    // It searches too where no second connection can be had.
    index::for_searching(&connection)?;
    Ok(connection)
}

/// How many migrations the file has seen, if it is ours to use.
fn migrations_seen(connection: &Connection) -> Result<usize, Unusable> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let seen = usize::try_from(version).map_err(|_| Unusable::Foreign)?;
    if seen > MIGRATIONS.len() {
        return Err(Unusable::Newer(seen));
    }
    let has_tables = connection.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if seen == 0 && has_tables {
        return Err(Unusable::Foreign);
    }
    Ok(seen)
}

fn move_aside(path: &Path) -> std::io::Result<PathBuf> {
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let suffixed = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = suffixed(&format!(".damaged-{stamp}"));
    std::fs::rename(path, &aside)?;
    for companion in ["-wal", "-shm"] {
        // They need not exist.
        let _ = std::fs::rename(suffixed(companion), suffixed(&format!(".damaged-{stamp}{companion}")));
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_copied_with_all_that_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        // A name that has to be written otherwise in an address.
        let path = folder.path().join("my 100% #1?.db");
        let (file, _) = open(&path).unwrap();
        let insert = "INSERT INTO heard VALUES ('o', 'a', 1771588800)";
        file.execute(insert, []).unwrap();
        let heard = |copy: &Connection| -> i64 { copy.query_row("SELECT count(*) FROM heard", [], |row| row.get(0)).unwrap() };
        // With its log beside it, and without.
        assert_eq!(heard(&copy(&path).unwrap()), 1);
        drop(file);
        let copied = copy(&path).unwrap();
        assert_eq!(heard(&copied), 1);
        copied.execute("INSERT INTO heard VALUES ('o', 'b', 1771588800)", []).unwrap();
        assert_eq!((heard(&copied), heard(&copy(&path).unwrap())), (2, 1), "the file stays as it was");

        std::fs::write(folder.path().join("no.db"), "not a database").unwrap();
        assert!(copy(&folder.path().join("no.db")).is_err() && copy(&folder.path().join("none.db")).is_err());
        let newer = Connection::open(folder.path().join("newer.db")).unwrap();
        newer.pragma_update(None, "user_version", 99).unwrap();
        assert!(copy(&folder.path().join("newer.db")).is_err());
    }

    #[test]
    fn a_file_of_each_earlier_version_is_brought_up_to_date_with_what_is_in_it() {
        for seen in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("library.db");
            let old = Connection::open(&path).unwrap();
            MIGRATIONS[..seen].iter().for_each(|migration| migration.run(&old).unwrap());
            old.execute_batch(
                "INSERT INTO searches (identity, origin, query, body, page_limit, received, skipped, ids, at) VALUES ('i', 'o', 'jazz', '{}', 100, 1, 0, '[\"a\"]', 1771588800);
                 INSERT INTO tracks (origin, id, json, seen_at) VALUES ('o', 'a', '{\"id\":\"a\",\"title\":\"Rainy Window\",\"moods\":[\"Calm\"]}', 1771588800),
                     ('o', 'b', 'no JSON', 1771588800);
                 INSERT INTO heard VALUES ('o', 'a', 1771588800);",
            )
            .unwrap();
            // From the third on, whoever stores a track keeps the index up with it.
            if seen >= 3 {
                index_what_is_there(&old).unwrap();
            }
            old.pragma_update(None, "user_version", seen as i64).unwrap();
            drop(old);

            let (connection, moved) = open(&path).unwrap();
            assert_eq!(moved, None);
            let kept: (String, i64) = connection
                .query_row("SELECT query, at FROM searches WHERE identity = 'i'", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .unwrap();
            assert_eq!(kept, ("jazz".to_owned(), 1_771_588_800));
            let found: String = connection
                .query_row(
                    "SELECT id FROM tracks WHERE number IN (SELECT rowid FROM words WHERE words MATCH 'rainy AND \"~mwcalm\"')",
                    [],
                    |row| row.get(0),
                )
                .unwrap();
            let word: String = connection.query_row("SELECT word FROM vocabulary", [], |row| row.get(0)).unwrap();
            let heard: i64 = connection.query_row("SELECT count(*) FROM heard", [], |row| row.get(0)).unwrap();
            assert_eq!((found.as_str(), word.as_str(), heard), ("a", "Calm", 1), "schema {seen}");
            let words: String = connection.query_row("SELECT words FROM searches", [], |row| row.get(0)).unwrap();
            assert_eq!(words, "jazz");
            assert_eq!(migrations_seen(&connection).unwrap(), MIGRATIONS.len());
        }
    }
}
