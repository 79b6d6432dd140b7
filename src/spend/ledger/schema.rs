//! The ledger's tables, and what makes a file a ledger.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

/// Marks the file as a ledger of ours: "TYLG".
const APPLICATION_ID: i64 = 0x5459_4C47;
/// The version of the tables below.
const VERSION: i64 = 1;
/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);

// Times are milliseconds since 1970. `sent_ms` is set from the moment a request may leave until it is known that it did not count.
const TABLES: &str = "
CREATE TABLE spends (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'charged', 'free', 'unknown')),
    owner TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    sent_ms INTEGER,
    ended_ms INTEGER,
    clock_ms INTEGER,
    clock_seen_ms INTEGER,
    answered_ms INTEGER,
    usage_ms INTEGER,
    balance_before INTEGER,
    balance INTEGER,
    query TEXT,
    page_offset INTEGER,
    track_id TEXT,
    title TEXT,
    project TEXT,
    clip_ms INTEGER,
    hit_ms INTEGER,
    part TEXT,
    path TEXT,
    bytes INTEGER,
    sha256 TEXT,
    file_sha256 TEXT,
    seconds REAL,
    note TEXT
);
CREATE INDEX spends_by_identity ON spends (identity);
CREATE INDEX spends_open ON spends (origin, key, state);
CREATE TABLE accounts (
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    minute_limit INTEGER,
    minute_left INTEGER,
    minute_sent_ms INTEGER,
    day_limit INTEGER,
    day_left INTEGER,
    day_sent_ms INTEGER,
    blocked_until_ms INTEGER,
    balance INTEGER,
    clock_ms INTEGER,
    clock_seen_ms INTEGER,
    empty_at INTEGER,
    looked_ms INTEGER,
    PRIMARY KEY (origin, key)
);
CREATE TABLE requests (
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
CREATE INDEX requests_by_time ON requests (origin, key, at_ms);
";

/// Opens or makes a ledger file.
///
/// # Errors
/// What is wrong with the file, for the user. The file stays as it is.
pub(super) fn open(path: &Path) -> Result<Connection, String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| format!("its folder cannot be made: {error}"))?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags).map_err(|error| words(&error))?;
    prepare(&mut db)?;
    private(path);
    Ok(db)
}

fn prepare(db: &mut Connection) -> Result<(), String> {
    let sql = |error: rusqlite::Error| words(&error);
    db.busy_timeout(BUSY).map_err(sql)?;
    // A file of somebody else must not even change its journal mode, so this comes before any other pragma.
    let fresh = {
        let write = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sql)?;
        let number = |name: &str| {
            write
                .query_row(&format!("PRAGMA {name}"), (), |row| row.get::<_, i64>(0))
                .map_err(sql)
        };
        let tables: i64 = write
            .query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))
            .map_err(sql)?;
        let (application, version) = (number("application_id")?, number("user_version")?);
        let fresh = tables == 0 && application == 0 && version == 0;
        if fresh {
            write.execute_batch(TABLES).map_err(sql)?;
            write
                .execute_batch(&format!(
                    "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
                ))
                .map_err(sql)?;
            write.commit().map_err(sql)?;
        } else if application != APPLICATION_ID {
            return Err("it is not a ledger of trackyard-tui; move it elsewhere".to_owned());
        } else if version > VERSION {
            return Err("a newer trackyard-tui made it; use that one".to_owned());
        } else if version < VERSION {
            return Err("its version is unknown; restore it from a backup, or move it elsewhere to begin a new one".to_owned());
        }
        fresh
    };
    db.execute_batch(super::fits::TABLE).map_err(sql)?;
    if !fresh {
        let sound: String = db.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(sql)?;
        if sound != "ok" {
            return Err(damaged(&sound));
        }
    }
    let mode: String = db.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0)).map_err(sql)?;
    tracing::debug!(mode, "ledger opened");
    db.execute_batch("PRAGMA synchronous = FULL;").map_err(sql)
}

/// Only the user reads what the user bought.
fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if let Err(error) = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)) {
            tracing::warn!(%error, "the ledger stays readable for others");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

fn damaged(what: &str) -> String {
    format!("it is damaged: {what}; restore it from a backup, or move it elsewhere to begin a new one")
}

/// A database error for the user.
pub(super) fn words(error: &rusqlite::Error) -> String {
    use rusqlite::ErrorCode as Code;
    match error.sqlite_error_code() {
        Some(Code::NotADatabase | Code::DatabaseCorrupt) => damaged(&error.to_string()),
        Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => format!("it cannot be written: {error}; check its permissions"),
        Some(Code::DiskFull) => "the disk is full; make room".to_owned(),
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => "another process has kept it locked for 10 s; try again".to_owned(),
        _ => error.to_string(),
    }
}
