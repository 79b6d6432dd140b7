//! What was seen before: searches and their tracks, what was heard, shortlists and the history of calls, in `SQLite`, apart for each
//! API origin. Its callers know no SQL.
//!
//! `schema` makes the tables and their migrations, `index` says what the full-text index holds, `matching` searches it,
//! `database` is the thread that owns a connection.

mod alike;
mod analyses;
mod calls;
mod database;
mod export;
mod index;
mod matching;
mod near;
mod projects;
mod schema;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use alike::Alike;
use database::Database;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use serde_json::Value;

pub use calls::History;
pub use export::{as_csv, as_json, as_m3u};
pub use matching::{Matches, Wanted};
pub use near::{NearlySame, nearly_same, words_of};
pub use projects::{Choice, Entry, FIRST_PROJECT, Project, ProjectChange, project_name};

use crate::api::{SearchPage, SearchRequest, Track, TrackId};
use crate::spend::Identity;
use crate::state::Vocabulary;

/// An answer that was paid for earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct CachedSearch {
    /// The tracks, cut to the limit that was asked for.
    pub page: SearchPage,
    /// How old the answer is, in seconds.
    pub age_seconds: u64,
}

/// Why the library could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the library {path}: {reason}")]
pub struct LibraryError {
    /// The file.
    pub path: String,
    /// What went wrong.
    pub reason: String,
}

/// The library. Cheap to clone; its two database threads do the work, so no call blocks the caller's thread.
#[derive(Debug, Clone)]
pub struct Library {
    database: Arc<Database>,
    reader: Arc<Reader>,
    origin: Arc<str>,
}

fn is_interruption(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// A connection of its own for searches as one types: they are interrupted, and what is being stored is not.
#[derive(Debug, Default)]
struct Reader {
    /// None for a library in memory, which only its one connection sees.
    database: Option<Database>,
    /// The newest search that was asked for.
    newest: AtomicU64,
}

impl Library {
    /// Opens or makes the library at `path` for one API origin. A damaged file is moved aside as `NAME.damaged-TIME`; the second value says so.
    ///
    /// # Errors
    /// [`LibraryError`] when the folder cannot be written at all, or the file was made by a newer version of this program.
    pub fn open(path: &Path, origin: &str) -> Result<(Self, Option<String>), LibraryError> {
        let (connection, moved) = schema::open(path)?;
        // Without a second connection the first one searches too, uninterrupted.
        let reader = Connection::open(path)
            .and_then(|reader| index::for_searching(&reader).map(|()| reader))
            .and_then(|reader| reader.pragma_update(None, "query_only", true).map(|()| reader))
            .map_err(|error| tracing::warn!("the library has no connection of its own for searching: {error}"))
            .ok()
            .map(|reader| Database::start(reader, Some(path), None));
        Ok((Self::over(connection, Some(path), origin, reader), moved))
    }

    /// Opens the library as [`Library::open`] does, or else a copy of it in memory if it can at least be read: what was paid for
    /// before still answers, and what is found now lasts as long as the program. The second value says so.
    ///
    /// # Errors
    /// [`LibraryError`] of the opening, when it cannot be read either.
    pub fn open_or_copy(path: &Path, origin: &str) -> Result<(Self, Option<String>), LibraryError> {
        Self::open(path, origin).or_else(|error| {
            let copy = schema::copy(path).map_err(|why| {
                tracing::info!("the library cannot be copied either: {why}");
                error.clone()
            })?;
            let notice = format!("{error}. What was seen before still answers; what is found in this session is not kept.");
            Ok((Self::over(copy, None, origin, None), Some(notice)))
        })
    }

    /// A library that lasts as long as the program: for tests, and where no folder can be written.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub fn in_memory(origin: &str) -> Result<Self, LibraryError> {
        Ok(Self::over(schema::in_memory()?, None, origin, None))
    }

    fn over(connection: Connection, file: Option<&Path>, origin: &str, mut reader: Option<Database>) -> Self {
        let searching = reader.as_mut().and_then(Database::thread);
        Self {
            database: Arc::new(Database::start(connection, file, searching)),
            reader: Arc::new(Reader {
                database: reader,
                newest: AtomicU64::new(0),
            }),
            origin: origin.into(),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LibraryError> {
        let origin = self.origin.clone();
        self.database.run(move |connection| job(connection, &origin)).await
    }

    /// Stores an answer and its tracks. A page of another size is kept beside it: both were paid for.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn store_search(&self, identity: Identity, request: SearchRequest, page: SearchPage) -> Result<(), LibraryError> {
        self.with(move |connection, origin| {
            let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            index::store(&write, origin, &page.tracks)?;
            let ids: Vec<&str> = page.tracks.iter().map(|track| track.id.as_str()).collect();
            write.execute(
                "INSERT INTO searches (identity, origin, query, body, page_limit, received, skipped, ids, words, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, unixepoch())
                 ON CONFLICT (identity, page_limit) DO UPDATE SET query = ?3, body = ?4, received = ?6, skipped = ?7, ids = ?8, at = unixepoch()",
                params![
                    identity.as_str(),
                    origin,
                    request.query(),
                    request.body().to_string(),
                    request.limit(),
                    page.received as i64,
                    page.skipped as i64,
                    Value::from(ids).to_string(),
                    near::words_of(request.query())
                ],
            )?;
            write.commit()
        })
        .await
    }

    /// The newest stored answer of this identity whose page was at least as large as the one asked for, or was the last one.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn cached(&self, identity: Identity, request: SearchRequest) -> Result<Option<CachedSearch>, LibraryError> {
        let wanted = i64::from(request.limit());
        self.with(move |connection, origin| {
            let found = connection
                .prepare_cached(&format!(
                    "SELECT received, skipped, ids, max(0, unixepoch() - at) FROM searches {USABLE}"
                ))?
                .query_row(params![identity.as_str(), wanted], |row| {
                    Ok((
                        row.get::<_, i64>(0)?,
                        row.get::<_, i64>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, i64>(3)?,
                    ))
                })
                .optional()?;
            let Some((received, skipped, ids, age)) = found else {
                return Ok(None);
            };
            let ids: Vec<String> = serde_json::from_str(&ids).unwrap_or_default();
            let mut tracks = Vec::new();
            for id in ids.iter().take(wanted as usize) {
                tracks.extend(read_track(connection, origin, id)?);
            }
            let received = received.min(wanted) as usize;
            let page = SearchPage {
                skipped: (skipped as usize).min(received.saturating_sub(tracks.len())),
                received,
                tracks,
            };
            Ok(Some(CachedSearch {
                page,
                age_seconds: age as u64,
            }))
        })
        .await
    }

    /// How old the stored answer of this identity is, in seconds, if it would be used.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn cached_age(&self, identity: Identity, request: &SearchRequest) -> Result<Option<u64>, LibraryError> {
        let wanted = i64::from(request.limit());
        self.with(move |connection, _| {
            connection
                .prepare_cached(&format!("SELECT max(0, unixepoch() - at) FROM searches {USABLE}"))?
                .query_row(params![identity.as_str(), wanted], |row| row.get::<_, i64>(0).map(|age| age as u64))
                .optional()
        })
        .await
    }

    /// A track seen before.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn track(&self, id: TrackId) -> Result<Option<Track>, LibraryError> {
        self.with(move |connection, origin| read_track(connection, origin, id.as_str()))
            .await
    }

    /// Tracks seen before that match, at most `limit`. A search with a higher `ticket` interrupts those with lower ones, which give [`None`].
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn matches(&self, ticket: u64, wanted: Wanted, limit: usize) -> Result<Option<Matches>, LibraryError> {
        let newest_before = self.reader.newest.fetch_max(ticket, Ordering::SeqCst);
        if newest_before > ticket {
            return Ok(None);
        }
        if let Some(reader) = &self.reader.database {
            reader.interrupt();
        }
        let (reader, origin) = (self.reader.clone(), self.origin.clone());
        let job = move |connection: &mut Connection| {
            let go_on = || reader.newest.load(Ordering::SeqCst) == ticket;
            loop {
                if !go_on() {
                    return Ok(None);
                }
                match matching::find(connection, &origin, &wanted, limit, &go_on) {
                    // The interruption was meant for an older one, or it is for this one and the next look at the ticket tells.
                    Err(error) if is_interruption(&error) => {}
                    other => return other,
                }
            }
        };
        self.reading().run(job).await
    }

    /// The connection for long looks, which what is being stored does not wait for.
    fn reading(&self) -> &Database {
        self.reader.database.as_ref().unwrap_or(&self.database)
    }

    /// Every distinct genre, mood and instrument of the tracks seen so far.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn vocabulary(&self) -> Result<Vocabulary, LibraryError> {
        self.with(|connection, origin| {
            let mut vocabulary = Vocabulary::default();
            let mut words = connection.prepare("SELECT kind, word FROM vocabulary WHERE origin = ?1")?;
            let mut rows = words.query([origin])?;
            while let Some(row) = rows.next()? {
                let list = match row.get_ref(0)?.as_str()? {
                    "genre" => &mut vocabulary.genres,
                    "mood" => &mut vocabulary.moods,
                    "instrument" => &mut vocabulary.instruments,
                    _ => continue,
                };
                Vocabulary::add(list, row.get_ref(1)?.as_str()?);
            }
            Ok(vocabulary)
        })
        .await
    }

    /// Remembers that a track was heard.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn mark_heard(&self, id: TrackId) -> Result<(), LibraryError> {
        self.with(move |connection, origin| {
            connection
                .execute(
                    "INSERT INTO heard (origin, id, at) VALUES (?1, ?2, unixepoch()) ON CONFLICT DO UPDATE SET at = unixepoch()",
                    [origin, id.as_str()],
                )
                .map(drop)
        })
        .await
    }

    /// Every track heard so far.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn heard(&self) -> Result<Vec<TrackId>, LibraryError> {
        self.with(|connection, origin| {
            let ids: Vec<String> = connection
                .prepare("SELECT id FROM heard WHERE origin = ?1")?
                .query_map([origin], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            Ok(ids.iter().filter_map(|id| TrackId::new(id).ok()).collect())
        })
        .await
    }

    /// Queries asked so far, the newest last, at most `limit`, without repetitions.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn queries(&self, limit: usize) -> Result<Vec<String>, LibraryError> {
        self.with(move |connection, origin| {
            let mut queries: Vec<String> = connection
                .prepare("SELECT query FROM searches WHERE origin = ?1 GROUP BY query ORDER BY max(at) DESC, max(rowid) DESC LIMIT ?2")?
                .query_map(params![origin, limit as i64], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            queries.reverse();
            Ok(queries)
        })
        .await
    }
}

/// Which stored answer serves identity `?1` for a page of `?2`: the newest that is large enough, or was the last page.
const USABLE: &str = "WHERE identity = ?1 AND (page_limit >= ?2 OR received < page_limit) ORDER BY at DESC, page_limit DESC LIMIT 1";

fn read_track(connection: &Connection, origin: &str, id: &str) -> rusqlite::Result<Option<Track>> {
    let json: Option<String> = connection
        .prepare_cached("SELECT json FROM tracks WHERE origin = ?1 AND id = ?2")?
        .query_row([origin, id], |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| track_of(&json)))
}

/// What was stored is read as warily as what comes from the network: the file may have been changed.
fn track_of(json: &str) -> Option<Track> {
    serde_json::from_str::<Value>(json).ok().and_then(|json| Track::from_json(&json))
}
