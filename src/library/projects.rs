//! Shortlists: a project is a named one, with what was rejected for it.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{Library, LibraryError, read_track};
use crate::api::{Track, TrackId};
use crate::text::Clean;

/// The project that is there before one is named.
pub const FIRST_PROJECT: &str = "Shortlist";

/// The longest name of a project, in characters.
const LONGEST_NAME: usize = 60;

/// A name as a project can have it: cleaned, and at most 60 characters.
pub fn project_name(wanted: &str) -> String {
    Clean::new(wanted)
        .trim()
        .chars()
        .take(LONGEST_NAME)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// What was decided about a track in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It is on the shortlist.
    Shortlisted,
    /// It will not do.
    Rejected,
    /// Nothing.
    Open,
}

/// A change to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectChange {
    /// A decision about a track.
    Choose(TrackId, Choice),
    /// A note beside a track of the shortlist.
    Note(TrackId, String),
    /// The order of the shortlist.
    Order(Vec<TrackId>),
}

/// A track of a shortlist.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The track.
    pub track: Track,
    /// What the user wrote beside it; may be empty.
    pub note: String,
}

/// A project as it is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Project {
    /// Its name.
    pub name: String,
    /// Its shortlist, in the user's order.
    pub entries: Vec<Entry>,
    /// What was rejected for it.
    pub rejected: Vec<TrackId>,
    /// The names of all projects, this one first, then the one used last.
    pub all: Vec<String>,
}

impl Library {
    /// Opens a project, or makes it; `None`: the one used last. It is the one used last from now on.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn open_project(&self, name: Option<String>) -> Result<Project, LibraryError> {
        self.with(move |connection, origin| {
            let names = "SELECT name FROM projects WHERE origin = ?1 ORDER BY used_at DESC, name";
            let all = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
                connection.prepare_cached(names)?.query_map([origin], |row| row.get(0))?.collect()
            };
            let name = match name {
                Some(name) => name,
                None => all(connection)?.into_iter().next().unwrap_or_else(|| FIRST_PROJECT.to_owned()),
            };
            connection.execute(
                "INSERT INTO projects (origin, name, used_at) VALUES (?1, ?2, 1 + (SELECT coalesce(max(used_at), 0) FROM projects))
                 ON CONFLICT DO UPDATE SET used_at = excluded.used_at",
                params![origin, name],
            )?;
            let mut chosen = connection
                .prepare_cached("SELECT id, rejected, note FROM choices WHERE origin = ?1 AND project = ?2 ORDER BY place, rowid")?;
            let mut project = Project {
                all: all(connection)?,
                ..Project::default()
            };
            let mut rows = chosen.query(params![origin, name])?;
            while let Some(row) = rows.next()? {
                let (id, rejected): (String, bool) = (row.get(0)?, row.get(1)?);
                if rejected {
                    project.rejected.extend(TrackId::new(&id));
                } else if let Some(track) = read_track(connection, origin, &id)? {
                    project.entries.push(Entry { track, note: row.get(2)? });
                }
            }
            project.name = name;
            Ok(project)
        })
        .await
    }

    /// How many tracks are on the shortlist of each project that has some.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn shortlist_sizes(&self) -> Result<BTreeMap<String, usize>, LibraryError> {
        self.with(|connection, origin| {
            connection
                .prepare_cached("SELECT project, count(*) FROM choices WHERE origin = ?1 AND NOT rejected GROUP BY project")?
                .query_map([origin], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as usize)))?
                .collect()
        })
        .await
    }

    /// Changes a project.
    ///
    /// # Errors
    /// [`LibraryError`].
    pub async fn change_project(&self, name: String, change: ProjectChange) -> Result<(), LibraryError> {
        self.with(move |connection, origin| {
            let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            match change {
                ProjectChange::Choose(id, Choice::Open) => {
                    write.execute(
                        "DELETE FROM choices WHERE origin = ?1 AND project = ?2 AND id = ?3",
                        params![origin, name, id.as_str()],
                    )?;
                }
                ProjectChange::Choose(id, choice) => {
                    write.execute(
                        "INSERT INTO choices (origin, project, id, rejected, place, note)
                         VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(place), 0) + 1 FROM choices WHERE origin = ?1 AND project = ?2), '')
                         ON CONFLICT DO UPDATE SET rejected = ?4",
                        params![origin, name, id.as_str(), choice == Choice::Rejected],
                    )?;
                }
                ProjectChange::Note(id, note) => {
                    write.execute(
                        "UPDATE choices SET note = ?4 WHERE origin = ?1 AND project = ?2 AND id = ?3",
                        params![origin, name, id.as_str(), note],
                    )?;
                }
                ProjectChange::Order(ids) => {
                    for (place, id) in ids.iter().enumerate() {
                        write.execute(
                            "UPDATE choices SET place = ?4 WHERE origin = ?1 AND project = ?2 AND id = ?3",
                            params![origin, name, id.as_str(), place as i64],
                        )?;
                    }
                }
            }
            write.commit()
        })
        .await
    }
}
