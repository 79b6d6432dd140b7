//! The tables, and a file that is not ours or damaged moved aside.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::LibraryError;

/// What makes each version of the tables from the one before; `user_version` says how many of them a file has seen.
const MIGRATIONS: [&str; 2] = [TABLES, PAGES_OF_EVERY_SIZE];

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
        Err(unusable) if unusable.is_damage() => {
            let aside = move_aside(path).map_err(|error| failed(format!("it is damaged and cannot be moved aside: {error}")))?;
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

pub(super) fn in_memory() -> Result<Connection, LibraryError> {
    let failed = |error: rusqlite::Error| LibraryError {
        path: "in memory".into(),
        reason: error.to_string(),
    };
    let connection = Connection::open_in_memory().map_err(failed)?;
    connection.execute_batch(&MIGRATIONS.concat()).map_err(failed)?;
    Ok(connection)
}

#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("schema {0} is newer than this program")]
    Newer(usize),
    #[error("it is the database of another program")]
    Foreign,
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
}

impl Unusable {
    /// Not a database, a damaged one, or somebody else's; as opposed to a disk or a lock that fails.
    fn is_damage(&self) -> bool {
        match self {
            Self::Newer(_) => false,
            Self::Foreign => true,
            Self::Sql(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
            ),
        }
    }
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
        write.execute_batch(migration)?;
    }
    write.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    // A foreign database with a version of its own shows itself here.
    write.query_row(
        "SELECT count(*) FROM (SELECT origin, json FROM tracks LIMIT 1), (SELECT identity, ids FROM searches LIMIT 1), (SELECT at FROM heard LIMIT 1)",
        [],
        |_| Ok(()),
    )?;
    write.commit()?;
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
    fn a_file_of_each_earlier_version_is_brought_up_to_date_with_what_is_in_it() {
        for seen in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("library.db");
            let old = Connection::open(&path).unwrap();
            old.execute_batch(&MIGRATIONS[..seen].concat()).unwrap();
            old.execute_batch("INSERT INTO searches VALUES ('i', 'o', 'jazz', '{}', 100, 1, 0, '[\"a\"]', 1771588800)")
                .unwrap();
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
            assert_eq!(migrations_seen(&connection).unwrap(), MIGRATIONS.len());
        }
    }
}
