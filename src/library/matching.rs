//! Which tracks seen before match what is typed: the titles that say it first, then everything that has all of it, then what comes close.
//!
//! Only few candidates are ever ranked. A common word is answered by the newest tracks that have it, which costs the same
//! however many there are.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::index::{Place, either, meaning, passing};
use super::is_interruption;
use crate::api::{Filters, Track};
use crate::state::passes;
use crate::words::{Meaning, Term, Understood, folded};

/// With fewer matches than this, those that have only a part of what is asked are looked for too.
const FEW: usize = 12;
/// Tracks that are ranked for each term when only a part of it matches.
const RANKED: usize = 128;
/// Terms that count.
const MOST_TERMS: usize = 8;
/// More rows than wanted are looked at: the index folds words and tempos a little more than the filters do.
const SPARE: usize = 28;

/// Tracks seen before that match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    /// The best ones.
    pub tracks: Vec<Track>,
    /// How many of `tracks`, at their end, match only a part.
    pub close: usize,
    /// More match than were asked for.
    pub more: bool,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wanted {
    /// What the words ask for.
    pub understood: Understood,
    /// What every track has to pass.
    pub filters: Filters,
}

/// How often the end of a snapshot is tried: each interruption keeps one try from it.
const MOST_TRIES: u32 = 1000;

/// What several looks see the same of. An interruption does not keep it from its end: left open, it would let the file's log grow, and no
/// other could be taken.
struct Snapshot<'c>(&'c Connection);

impl<'c> Snapshot<'c> {
    fn take(connection: &'c Connection) -> rusqlite::Result<Self> {
        connection.execute_batch("BEGIN")?;
        Ok(Self(connection))
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        for _ in 0..MOST_TRIES {
            if self.0.is_autocommit() {
                return;
            }
            if let Err(error) = self.0.execute_batch("ROLLBACK")
                && !is_interruption(&error)
            {
                tracing::warn!("a look into the library does not end: {error}");
                return;
            }
        }
    }
}

/// Finds at most `limit` tracks. `go_on` is asked between queries; `None` when it said no.
pub(super) fn find(
    connection: &Connection,
    origin: &str,
    wanted: &Wanted,
    limit: usize,
    go_on: &dyn Fn() -> bool,
) -> rusqlite::Result<Option<Matches>> {
    let (filters, terms) = split(wanted);
    if terms.is_empty() && filters.is_empty() {
        return Ok(Some(Matches::default()));
    }
    // All the looks of one search see the same, and each costs less.
    let _same = Snapshot::take(connection)?;
    let excluded = wanted.understood.terms.iter().filter(|term| term.excluded);
    let excluded = excluded
        .map(|term| query(connection, term, Place::Anywhere, false))
        .collect::<rusqlite::Result<_>>()?;
    let search = Search {
        connection,
        passing: passing((!only_origin(connection, origin)?).then_some(origin), &filters),
        excluded,
    };
    let Some(found) = search.whole(&terms, limit, go_on)? else {
        return Ok(None);
    };
    let mut tracks = Vec::new();
    let load = |number: i64, tracks: &mut Vec<Track>| -> rusqlite::Result<()> {
        tracks.extend(read(connection, origin, number)?.filter(|track| passes(track, &filters)));
        Ok(())
    };
    for &number in &found.rows {
        if tracks.len() > limit {
            break;
        }
        load(number, &mut tracks)?;
    }
    let more = tracks.len() > limit;
    tracks.truncate(limit);
    if !more {
        names_first(&mut tracks, &terms);
    }
    let whole = tracks.len();
    if whole < FEW && terms.len() > 1 {
        for number in search.close(&terms, &found, limit - whole, go_on)? {
            load(number, &mut tracks)?;
        }
    }
    let close = tracks.len() - whole;
    Ok(go_on().then_some(Matches { tracks, close, more }))
}

/// Words that set a filter which is not set otherwise go with the filters; a filter that is set says more than words.
fn split(wanted: &Wanted) -> (Filters, Vec<&Term>) {
    let mut filters = wanted.filters.clone();
    let mut terms = Vec::new();
    for term in wanted.understood.terms.iter().filter(|term| !term.excluded).take(MOST_TERMS) {
        match term.meanings.first() {
            Some(Meaning::Vocals(_)) if filters.has_vocals.is_none() => drop(term.add_to(&mut filters)),
            Some(Meaning::Energy(_)) if filters.energy.is_none() => drop(term.add_to(&mut filters)),
            Some(Meaning::Vocals(_) | Meaning::Energy(_)) => {}
            Some(Meaning::Tempo(min, max)) => {
                filters.min_bpm = filters.min_bpm.max(*min);
                filters.max_bpm = [filters.max_bpm, *max].into_iter().flatten().min();
            }
            _ => terms.push(term),
        }
    }
    (filters, terms)
}

/// Anything that a term means.
fn query(connection: &Connection, term: &Term, place: Place, beginnings: bool) -> rusqlite::Result<String> {
    let unfinished = term.unfinished && beginnings;
    let words_only = place == Place::Names && term.meanings.iter().any(|meaning| matches!(meaning, Meaning::Words(_)));
    let meanings = term
        .meanings
        .iter()
        .filter(|meaning| !words_only || matches!(meaning, Meaning::Words(_)))
        .filter_map(|one| meaning(connection, one, place, unfinished).transpose())
        .collect::<rusqlite::Result<_>>()?;
    Ok(either(meanings))
}

/// Rows in the order they were found, each once.
#[derive(Default)]
struct Found {
    rows: Vec<i64>,
    known: HashSet<i64>,
}

impl Found {
    fn add(&mut self, rows: Vec<i64>) {
        self.rows.extend(rows.into_iter().filter(|row| self.known.insert(*row)));
    }
}

struct Search<'a> {
    connection: &'a Connection,
    passing: Vec<String>,
    excluded: Vec<String>,
}

impl Search<'_> {
    /// The tracks that have all of the terms: the ones with the whole words first, then those with words that begin so. `None` when `go_on`
    /// said no.
    fn whole(&self, terms: &[&Term], limit: usize, go_on: &dyn Fn() -> bool) -> rusqlite::Result<Option<Found>> {
        let enough = limit + SPARE;
        let mut found = Found::default();
        let all = |place, beginnings| {
            let queries = terms.iter().map(|term| query(self.connection, term, place, beginnings));
            queries.collect::<rusqlite::Result<Vec<_>>>()
        };
        let has_words = terms
            .iter()
            .any(|term| term.meanings.iter().any(|meaning| matches!(meaning, Meaning::Words(_))));
        let beginning = terms.iter().find(|term| term.unfinished);
        let mut begun = None;
        let mut nowhere_whole = false;
        // What is hardly a word by itself is the beginning of one; where few tracks have any such word, they are all there are.
        if let Some(term) = beginning {
            let whole = self.count(&query(self.connection, term, Place::Anywhere, false)?, enough)?;
            nowhere_whole = whole == 0;
            if whole < enough {
                let rows = self.newest(&all(Place::Anywhere, true)?, enough)?;
                if rows.len() < enough {
                    found.add(rows);
                    return Ok(go_on().then_some(found));
                }
                begun = Some(rows);
            }
        }
        for beginnings in [false, true] {
            if !beginnings && nowhere_whole {
                continue;
            }
            if beginnings && (beginning.is_none() || found.rows.len() >= enough) {
                continue;
            }
            if !go_on() {
                return Ok(None);
            }
            let anywhere = match begun.take_if(|_| beginnings) {
                Some(rows) => rows,
                None => self.newest(&all(Place::Anywhere, beginnings)?, enough)?,
            };
            // Where there are many, the ones whose names say it are not among the newest by themselves.
            if has_words && anywhere.len() == enough {
                if !go_on() {
                    return Ok(None);
                }
                found.add(self.newest(&all(Place::Names, beginnings)?, limit)?);
            }
            found.add(anywhere);
        }
        Ok(go_on().then_some(found))
    }

    /// The tracks that have all of this, the newest first.
    fn newest(&self, all: &[String], limit: usize) -> rusqlite::Result<Vec<i64>> {
        let mut query = all
            .iter()
            .chain(&self.passing)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" AND ");
        if query.is_empty() {
            return Ok(Vec::new());
        }
        for excluded in &self.excluded {
            query = format!("({query}) NOT {excluded}");
        }
        self.connection
            .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid LIMIT ?2")?
            .query_map(params![query, limit as i64], |row| row.get(0))?
            .collect()
    }

    /// How many tracks have this, filters aside; counted no further than the limit.
    fn count(&self, query: &str, limit: usize) -> rusqlite::Result<usize> {
        self.connection
            .prepare_cached("SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ?1 LIMIT ?2)")?
            .query_row(params![query, limit as i64], |row| row.get::<_, i64>(0).map(|count| count as usize))
    }

    /// The tracks that have at least half of the terms, the rarest terms counting most; without those found already.
    fn close(&self, terms: &[&Term], found: &Found, limit: usize, go_on: &dyn Fn() -> bool) -> rusqlite::Result<Vec<i64>> {
        let mut scores: HashMap<i64, (usize, f64)> = HashMap::new();
        for term in terms {
            if !go_on() {
                return Ok(Vec::new());
            }
            let rows = self.newest(&[query(self.connection, term, Place::Anywhere, true)?], RANKED)?;
            let weight = 1.0 / (2.0 + rows.len() as f64).ln();
            for row in rows {
                let score = scores.entry(row).or_default();
                score.0 += 1;
                score.1 += weight;
            }
        }
        let enough = terms.len().div_ceil(2);
        let mut close: Vec<(i64, f64)> = scores
            .into_iter()
            .filter(|(row, (hits, _))| *hits >= enough && !found.known.contains(row))
            .map(|(row, (_, weight))| (row, weight))
            .collect();
        close.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Ok(close.into_iter().take(limit).map(|(row, _)| row).collect())
    }
}

/// Puts the tracks forward whose names say more of what was typed.
fn names_first(tracks: &mut [Track], terms: &[&Term]) {
    let words: Vec<&String> = terms
        .iter()
        .flat_map(|term| &term.meanings)
        .filter_map(|meaning| if let Meaning::Words(words) = meaning { Some(words) } else { None })
        .flatten()
        .collect();
    tracks.sort_by_cached_key(|track| {
        let names: Vec<String> = folded(&track.title).chain(folded(&track.artist)).collect();
        std::cmp::Reverse(words.iter().filter(|word| names.contains(word)).count())
    });
}

/// Whether every track here is of this origin.
fn only_origin(connection: &Connection, origin: &str) -> rusqlite::Result<bool> {
    let other = |end: &str| {
        connection
            .prepare_cached(&format!("SELECT {end}(origin) IS NOT ?1 FROM tracks"))?
            .query_row([origin], |row| row.get::<_, bool>(0))
    };
    Ok(!other("min")? && !other("max")?)
}

fn read(connection: &Connection, origin: &str, number: i64) -> rusqlite::Result<Option<Track>> {
    let json: Option<String> = connection
        .prepare_cached("SELECT json FROM tracks WHERE number = ?1 AND origin = ?2")?
        .query_row(params![number, origin], |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| super::track_of(&json)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn an_interruption_keeps_no_snapshot_from_its_end() {
        let connection = Connection::open_in_memory().unwrap();
        let handle = connection.get_interrupt_handle();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    handle.interrupt();
                    thread::yield_now();
                }
            });
            let over = (0..20_000).all(|_| {
                // An interruption may keep it from its beginning: then whoever looks looks again.
                drop(Snapshot::take(&connection));
                connection.is_autocommit()
            });
            // Before anything fails: the other thread is waited for.
            done.store(true, Ordering::SeqCst);
            assert!(over);
        });
    }
}
