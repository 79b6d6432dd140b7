//! The ledger's tables. A file that is not exactly ours is never touched.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// Tells our file from any other SQLite database ("TYLG").
const APPLICATION: i32 = 0x5459_4C47;
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE spends (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,             -- a fingerprint, never the key
    identity TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    query TEXT,
    track_id TEXT,
    title TEXT,
    clip_ms INTEGER,
    hit_ms INTEGER,
    state TEXT NOT NULL CHECK (state IN ('pending', 'charged', 'free', 'unknown')),
    owner TEXT NOT NULL,
    at INTEGER NOT NULL,           -- milliseconds, this machine's clock
    ended_at INTEGER,
    balance_before INTEGER,
    balance INTEGER,
    path TEXT,
    sha256 TEXT,
    file_sha256 TEXT,
    bytes INTEGER,
    duration REAL,
    note TEXT
);
CREATE INDEX spends_by_identity ON spends (origin, key, identity);
CREATE INDEX spends_by_state ON spends (origin, key, state);
CREATE TABLE accounts (
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    minute_limit INTEGER,
    minute_remaining INTEGER,
    minute_seen INTEGER,           -- when the server said so, milliseconds
    day_limit INTEGER,
    day_remaining INTEGER,
    day_seen INTEGER,
    credits INTEGER,
    out_of_credits INTEGER NOT NULL DEFAULT 0,
    clock_ahead INTEGER,           -- the server's clock less ours, milliseconds
    PRIMARY KEY (origin, key)
);
CREATE TABLE requests (
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX requests_by_time ON requests (origin, key, at);
";

/// Opens the ledger, or makes it. `Err` says what is wrong.
pub(super) fn open(path: &Path) -> Result<Connection, String> {
    let mut connection = Connection::open(path).map_err(|error| error.to_string())?;
    prepare(&mut connection).map_err(|error| error.to_string())??;
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> rusqlite::Result<Result<(), String>> {
    connection.busy_timeout(Duration::from_secs(10))?;
    let write = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let application: i32 = write.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i64 = write.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let tables: i64 = write.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 && application == 0 && version == 0 {
        write.execute_batch(TABLES)?;
        write.pragma_update(None, "application_id", APPLICATION)?;
        write.pragma_update(None, "user_version", VERSION)?;
    } else if application != APPLICATION {
        return Ok(Err("it is the database of another program".into()));
    } else if version > VERSION {
        return Ok(Err(format!("it was made by a newer version of this program (schema {version})")));
    }
    write.commit()?;
    // A row has to be on the disk before a request leaves, whatever happens to the machine.
    connection.pragma_update(None, "synchronous", "FULL")?;
    let sound: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    Ok(if sound == "ok" {
        Ok(())
    } else {
        Err(format!("it is damaged: {sound}"))
    })
}
