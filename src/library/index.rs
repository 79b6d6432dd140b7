//! What the full-text index holds of a track: its words, and its fields as tags, so that filters are answered inside the index.
//!
//! Words of the title and the artist stand there a second time with a `=` in front, so that they can be asked for alone.
//! A tag starts with `~`, which no word does: `~gjazz`, `~mcalm`, `~ipiano`, `~elow`, `~v0`, `~o…` (the API origin). A field that the
//! server did not send has the tag `x` (`~gx`), since it is not held against a track. A tempo has a tag for each of the ranges it lies
//! in, the finest 4 BPM wide and each twice as wide as the one before, so that any range of tempos is a few tags; who reads the rows
//! looks at the exact tempo.

use std::collections::BTreeMap;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::api::{Energy, Filters, Track};
use crate::text::hex;
use crate::words::{Meaning, fold, folded};

/// The finest range of tempos, in BPM.
const FINEST: u32 = 4;
/// Ranges, each twice as wide as the one before; what is beyond the last is as fast as it gets.
const LEVELS: u32 = 7;
const FASTEST: u32 = (1 << LEVELS) - 1;
/// The longest beginnings that the index has lists of, in characters.
const LONGEST_PREFIX: usize = 4;
/// More words than this that begin alike are looked for by their beginning.
const MOST_ENDINGS: usize = 8;

/// Puts a track into the index under its number, in place of what was there.
pub(super) fn put(connection: &Connection, number: i64, origin: &str, track: &Track) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO words (rowid, text) VALUES (?1, ?2)")?
        .execute(params![number, text(origin, track)])
        .map(drop)
}

/// Stores tracks that were just seen and keeps the index and the vocabulary up with them.
pub(super) fn store(connection: &Connection, origin: &str, tracks: &[Track]) -> rusqlite::Result<()> {
    let lowest: i64 = connection.query_row("SELECT coalesce(min(number), 0) FROM tracks", [], |row| row.get(0))?;
    let mut next = lowest;
    let mut changed: BTreeMap<i64, &Track> = BTreeMap::new();
    for track in tracks {
        let json = serde_json::to_string(track).unwrap_or_default();
        let known: Option<(i64, bool)> = connection
            .prepare_cached("SELECT number, json = ?3 FROM tracks WHERE origin = ?1 AND id = ?2")?
            .query_row(params![origin, track.id.as_str(), json], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (number, same) = known.unwrap_or_else(|| {
            next -= 1;
            (next, false)
        });
        connection
            .prepare_cached(
                "INSERT INTO tracks (number, origin, id, json, seen_at) VALUES (?1, ?2, ?3, ?4, unixepoch())
                 ON CONFLICT DO UPDATE SET json = ?4, seen_at = unixepoch()",
            )?
            .execute(params![number, origin, track.id.as_str(), json])?;
        if !same {
            changed.insert(number, track);
        }
    }
    // In the order of their numbers, which is how the index takes many rows at once.
    for (number, track) in changed {
        put(connection, number, origin, track)?;
        learn(connection, origin, track)?;
    }
    Ok(())
}

/// Adds the words of a track to the vocabulary.
pub(super) fn learn(connection: &Connection, origin: &str, track: &Track) -> rusqlite::Result<()> {
    let mut add = connection.prepare_cached("INSERT OR IGNORE INTO vocabulary (origin, kind, word) VALUES (?1, ?2, ?3)")?;
    let genres = track.genre.iter().map(|word| ("genre", word));
    let moods = track.moods.iter().map(|word| ("mood", word));
    let instruments = track.instruments.iter().map(|word| ("instrument", word));
    for (kind, word) in genres.chain(moods).chain(instruments) {
        add.execute(params![origin, kind, &**word])?;
    }
    Ok(())
}

fn text(origin: &str, track: &Track) -> String {
    let names: Vec<String> = [&track.title, &track.artist].into_iter().flat_map(|name| folded(name)).collect();
    let fields = track
        .genre
        .iter()
        .chain(&track.subgenres)
        .chain(&track.moods)
        .chain(&track.instruments);
    let mut text: Vec<String> = fields.chain(&track.key).flat_map(|field| folded(field)).collect();
    text.extend(names.iter().map(|word| format!("={word}")));
    text.extend(names);
    text.extend(tags(origin, track));
    text.join(" ")
}

fn tags(origin: &str, track: &Track) -> Vec<String> {
    let mut tags = vec![origin_tag(origin)];
    let mut list = |kind: char, words: &mut dyn Iterator<Item = &str>| {
        let before = tags.len();
        tags.extend(words.map(|word| tag(kind, word)));
        if tags.len() == before {
            tags.push(missing(kind));
        }
    };
    list('g', &mut track.genre.iter().map(|word| &**word));
    list('m', &mut track.moods.iter().map(|word| &**word));
    list('i', &mut track.instruments.iter().map(|word| &**word));
    list('e', &mut track.energy.iter().map(Energy::as_str));
    list('v', &mut track.has_vocals.iter().map(|has| if *has { "1" } else { "0" }));
    match track.bpm {
        Some(bpm) => {
            let at = tempo_range(bpm);
            tags.extend((0..LEVELS).map(|level| tempo_tag(level, at >> level)));
        }
        None => tags.push(missing('b')),
    }
    tags
}

fn tag(kind: char, word: &str) -> String {
    // A word without a letter in it must not look like a field that is missing.
    format!("~{kind}w{}", fold(word))
}

fn missing(kind: char) -> String {
    format!("~{kind}x")
}

fn tempo_tag(level: u32, range: u32) -> String {
    format!("~b{level}n{range}")
}

fn origin_tag(origin: &str) -> String {
    format!("~o{}", &hex(&Sha256::digest(origin.as_bytes()))[..16])
}

fn tempo_range(bpm: f64) -> u32 {
    (bpm.max(0.0) as u32 / FINEST).min(FASTEST)
}

/// The queries that tracks which pass the filters answer, every one of them; none for no filters. An origin that is the only one needs no asking.
pub(super) fn passing(origin: Option<&str>, filters: &Filters) -> Vec<String> {
    let mut all: Vec<String> = origin.iter().map(|origin| quoted(&origin_tag(origin))).collect();
    let mut any = |kind: char, words: Vec<String>| {
        if !words.is_empty() {
            let words = words.into_iter().chain([missing(kind)]);
            all.push(either(words.map(|word| quoted(&word)).collect()));
        }
    };
    any('g', filters.genres.iter().map(|word| tag('g', word)).collect());
    any('m', filters.moods.iter().map(|word| tag('m', word)).collect());
    any('i', filters.instruments.iter().map(|word| tag('i', word)).collect());
    any('e', filters.energy.iter().map(|energy| tag('e', energy.as_str())).collect());
    any('v', filters.has_vocals.iter().map(|has| vocals_tag(*has)).collect());
    if filters.min_bpm.is_some() || filters.max_bpm.is_some() {
        any('b', tempo_tags(filters.min_bpm, filters.max_bpm));
    }
    all
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Title and artist.
    Names,
    /// Everything that is written about a track.
    Anywhere,
}

/// The query for what a term means; the last word of an unfinished one may go on.
pub(super) fn meaning(connection: &Connection, meaning: &Meaning, place: Place, unfinished: bool) -> rusqlite::Result<Option<String>> {
    Ok(Some(match meaning {
        Meaning::Genre(word) => quoted(&tag('g', word)),
        Meaning::Mood(word) => quoted(&tag('m', word)),
        Meaning::Instrument(word) => quoted(&tag('i', word)),
        Meaning::Energy(energy) => quoted(&tag('e', energy.as_str())),
        Meaning::Vocals(has) => quoted(&vocals_tag(*has)),
        Meaning::Tempo(min, max) => either(tempo_tags(*min, *max).iter().map(|tag| quoted(tag)).collect()),
        Meaning::Words(words) => {
            let Some(last) = words.len().checked_sub(1) else {
                return Ok(None);
            };
            let one = |(at, word): (usize, &String)| {
                let word = format!("{}{word}", if place == Place::Names { "=" } else { "" });
                if unfinished && at == last {
                    beginning(connection, &word)
                } else {
                    Ok(quoted(&word))
                }
            };
            let all: Vec<String> = words.iter().enumerate().map(one).collect::<rusqlite::Result<_>>()?;
            format!("({})", all.join(" AND "))
        }
    }))
}

/// Anything that begins so. Beyond what the index has prefixes of, looking for a beginning walks through every list of it, so the words that
/// begin so are named instead, where they are few.
fn beginning(connection: &Connection, word: &str) -> rusqlite::Result<String> {
    let any = || format!("{}*", quoted(word));
    if word.chars().count() <= LONGEST_PREFIX {
        return Ok(any());
    }
    let mut next = connection.prepare_cached("SELECT term FROM temp.terms WHERE term >= ?1 AND term < ?2 LIMIT 1")?;
    let end = format!("{word}{}", char::MAX);
    let (mut from, mut found) = (word.to_owned(), Vec::new());
    while found.len() <= MOST_ENDINGS {
        let Some(term) = next.query_row([&from, &end], |row| row.get::<_, String>(0)).optional()? else {
            return Ok(if found.is_empty() { quoted(word) } else { either(found) });
        };
        found.push(quoted(&term));
        // The very next word: asked for one that is greater, the whole list of this one would be walked through.
        from = format!("{term}\u{1}");
    }
    Ok(any())
}

/// Makes a connection ready for searching, before it is made read-only: the words of the index as a table, and no planning anew for every value
/// that is bound (the index's own statements would be planned for each look into it).
pub(super) fn for_searching(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; CREATE VIRTUAL TABLE temp.terms USING fts5vocab ('main', 'words', 'instance');")
}

/// Any of these queries.
pub(super) fn either(queries: Vec<String>) -> String {
    format!("({})", queries.join(" OR "))
}

fn vocals_tag(has: bool) -> String {
    tag('v', if has { "1" } else { "0" })
}

/// Tags of the ranges that make up the tempos between two limits.
fn tempo_tags(min: Option<u16>, max: Option<u16>) -> Vec<String> {
    let mut low = tempo_range(min.unwrap_or(0).into());
    let mut high = max.map_or(FASTEST, |max| tempo_range(max.into()));
    let mut tags = Vec::new();
    for level in 0..LEVELS {
        let last = level + 1 == LEVELS;
        while low <= high && (last || low % 2 == 1) {
            tags.push(tempo_tag(level, low));
            low += 1;
        }
        if low > high {
            break;
        }
        if high.is_multiple_of(2) {
            tags.push(tempo_tag(level, high));
            if high == low {
                break;
            }
            high -= 1;
        }
        (low, high) = (low / 2, high / 2);
    }
    if tags.is_empty() {
        // Limits that leave nothing: a tag that no track has.
        tags.push(tempo_tag(LEVELS, 0));
    }
    tags
}

/// A word as the query language takes it.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('"', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tempo_of_a_range_has_exactly_one_of_its_tags() {
        for (min, max) in [
            (None, Some(80)),
            (Some(70), Some(95)),
            (Some(120), None),
            (Some(84), Some(84)),
            (Some(200), Some(40)),
            (None, None),
        ] {
            let wanted = tempo_tags(min, max);
            for halves in 0..1200 {
                let bpm = f64::from(halves) / 2.0;
                let low = f64::from(min.unwrap_or(0));
                let high = max.map_or(f64::MAX, f64::from);
                let at = tempo_range(bpm);
                let found = (0..LEVELS).filter(|level| wanted.contains(&tempo_tag(*level, at >> level))).count();
                assert!(found <= 1, "{bpm}: {wanted:?}");
                assert!(found == 1 || !(low..=high).contains(&bpm), "{bpm} in {min:?}..{max:?}: {wanted:?}");
                let far = bpm + f64::from(FINEST) < low || bpm - f64::from(FINEST) > high;
                assert!(found == 0 || !far, "{bpm} in {min:?}..{max:?}: {wanted:?}");
            }
            assert!(wanted.len() <= 10, "{wanted:?}");
        }
    }
}
