//! The tables, and a file that is not ours or damaged moved aside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::LibraryError;

/// The version of the tables below, kept in `user_version`.
const VERSION: i64 = 1;

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
PRAGMA user_version = 1;
";

/// Opens the file, or makes it. What cannot be read as our database is moved aside, and the second value tells where.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<String>), LibraryError> {
    let failed = |reason: String| LibraryError {
        path: path.display().to_string(),
        reason,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    match prepare(path) {
        Ok(connection) => Ok((connection, None)),
        Err(Unusable::Newer(version)) => Err(failed(format!(
            "it was made by a newer version of this program (schema {version}): update trackyard-tui"
        ))),
        Err(Unusable::Sql(error)) if is_damage(&error) => {
            let aside = move_aside(path).map_err(|error| failed(format!("it is damaged and cannot be moved aside: {error}")))?;
            let connection = prepare(path).map_err(|error| failed(error.to_string()))?;
            Ok((
                connection,
                Some(format!(
                    "The library was damaged and was moved to {}; a new one has been started.",
                    aside.display()
                )),
            ))
        }
        Err(error) => Err(failed(error.to_string())),
    }
}

pub(super) fn in_memory() -> Result<Connection, LibraryError> {
    let failed = |error: rusqlite::Error| LibraryError {
        path: "in memory".into(),
        reason: error.to_string(),
    };
    let connection = Connection::open_in_memory().map_err(failed)?;
    connection.execute_batch(TABLES).map_err(failed)?;
    Ok(connection)
}

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("schema {0} is newer than this program")]
    Newer(i64),
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}

fn prepare(path: &Path) -> Result<Connection, Unusable> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    // Two programs may start at once, so the version is read inside the transaction that makes the tables.
    let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: i64 = write.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > VERSION {
        return Err(Unusable::Newer(version));
    }
    if version == 0 {
        write.execute_batch(TABLES)?;
    }
    // A foreign database with a version of its own shows itself here.
    write.query_row(
        "SELECT count(*) FROM (SELECT origin, json FROM tracks LIMIT 1), (SELECT count(*) FROM searches), (SELECT count(*) FROM heard)",
        [],
        |_| Ok(()),
    )?;
    write.commit()?;
    Ok(connection)
}

/// Not a database, a damaged one, or somebody else's tables; as opposed to a disk or a lock that fails.
fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
    )
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
