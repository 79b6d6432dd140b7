//! Which tracks seen before match what is typed: the titles that say it first, then everything that has all of it, then what comes close.
//!
//! Only few candidates are ever ranked. A common word is answered by the newest tracks that have it, which costs the same
//! however many there are.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::index::{either, meaning, passing};
use crate::api::{Filters, Track};
use crate::state::passes;
use crate::words::{Meaning, Term, Understood};

/// Matches are counted up to here.
pub const COUNTED: usize = 1000;
/// With fewer matches than this, those that have only a part of what is asked are looked for too.
const FEW: usize = 12;
/// Tracks that are ranked for each term when only a part of it matches.
const RANKED: usize = 1500;
/// Terms that count.
const MOST_TERMS: usize = 8;

/// Tracks seen before that match.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Matches {
    /// The best ones.
    pub tracks: Vec<Track>,
    /// How many match in all, up to [`COUNTED`].
    pub count: usize,
    /// How many of `tracks`, at their end, match only a part.
    pub close: usize,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wanted {
    /// What the words ask for.
    pub understood: Understood,
    /// What every track has to pass.
    pub filters: Filters,
}

/// Finds at most `limit` tracks. `go_on` is asked between queries; `None` when it said no.
pub(super) fn find(
    connection: &Connection,
    origin: &str,
    wanted: &Wanted,
    limit: usize,
    go_on: &dyn Fn() -> bool,
) -> rusqlite::Result<Option<Matches>> {
    let terms: Vec<&Term> = wanted.understood.terms.iter().filter(|term| !term.excluded).take(MOST_TERMS).collect();
    let excluded: Vec<String> = wanted.understood.terms.iter().filter(|term| term.excluded).map(|term| query(term, None, false)).collect();
    if terms.is_empty() && excluded.is_empty() && wanted.filters.is_empty() {
        return Ok(Some(Matches::default()));
    }
    let search = Search {
        connection,
        passing: passing(origin, &wanted.filters),
        excluded,
    };
    let mut found = Found::default();
    // A title that says it comes first, then whole words, then beginnings of the word that is still being typed.
    let in_titles = |unfinished| terms.iter().map(|term| query(term, Some("title artist"), unfinished)).collect::<Vec<_>>();
    let anywhere = |unfinished| terms.iter().map(|term| query(term, None, unfinished)).collect::<Vec<_>>();
    let has_words = terms.iter().any(|term| term.meanings.iter().any(|meaning| matches!(meaning, Meaning::Words(_))));
    let unfinished = terms.iter().any(|term| term.unfinished);
    for beginnings in [false, true] {
        if beginnings && (!unfinished || found.rows.len() >= limit) {
            continue;
        }
        if has_words {
            found.add(search.newest(&in_titles(beginnings), limit)?);
        }
        if !go_on() {
            return Ok(None);
        }
        found.add(search.newest(&anywhere(beginnings), COUNTED)?);
        if !go_on() {
            return Ok(None);
        }
    }
    let count = found.rows.len().min(COUNTED);
    let mut close = Vec::new();
    if count < FEW && terms.len() > 1 {
        close = search.close(&terms, &found, limit, go_on)?;
    }
    let mut tracks = Vec::new();
    let load = |number: i64, tracks: &mut Vec<Track>| -> rusqlite::Result<()> {
        // The index folds words a little more than the filters do.
        tracks.extend(read(connection, origin, number)?.filter(|track| passes(track, &wanted.filters)));
        Ok(())
    };
    for &number in found.rows.iter().take(limit) {
        load(number, &mut tracks)?;
    }
    let whole = tracks.len();
    for &number in close.iter().take(limit.saturating_sub(whole)) {
        load(number, &mut tracks)?;
    }
    let close = tracks.len() - whole;
    Ok(go_on().then_some(Matches { tracks, count, close }))
}

/// Anything that a term means.
fn query(term: &Term, columns: Option<&str>, beginnings: bool) -> String {
    let unfinished = term.unfinished && beginnings;
    let words_only = columns.is_some() && term.meanings.iter().any(|meaning| matches!(meaning, Meaning::Words(_)));
    let meanings = term
        .meanings
        .iter()
        .filter(|meaning| !words_only || matches!(meaning, Meaning::Words(_)))
        .filter_map(|one| meaning(one, columns, unfinished))
        .collect();
    either(meanings)
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
    passing: String,
    excluded: Vec<String>,
}

impl Search<'_> {
    /// The tracks that have all of this, the newest first.
    fn newest(&self, all: &[String], limit: usize) -> rusqlite::Result<Vec<i64>> {
        let mut query = all.iter().map(String::as_str).chain([self.passing.as_str()]).collect::<Vec<_>>().join(" AND ");
        for excluded in &self.excluded {
            query = format!("({query}) NOT {excluded}");
        }
        self.connection
            .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1 ORDER BY rowid DESC LIMIT ?2")?
            .query_map(params![query, limit as i64], |row| row.get(0))?
            .collect()
    }

    /// The tracks that have at least half of the terms, the rarest terms counting most; without those found already.
    fn close(&self, terms: &[&Term], found: &Found, limit: usize, go_on: &dyn Fn() -> bool) -> rusqlite::Result<Vec<i64>> {
        let mut scores: HashMap<i64, (usize, f64)> = HashMap::new();
        for term in terms {
            if !go_on() {
                return Ok(Vec::new());
            }
            let rows = self.newest(&[query(term, None, true)], RANKED)?;
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
        close.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
        Ok(close.into_iter().take(limit).map(|(row, _)| row).collect())
    }
}

fn read(connection: &Connection, origin: &str, number: i64) -> rusqlite::Result<Option<Track>> {
    let json: Option<String> = connection
        .prepare_cached("SELECT json FROM tracks WHERE number = ?1 AND origin = ?2")?
        .query_row(params![number, origin], |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| super::track_of(&json)))
}
