//! What the full-text index holds of a track: its words, and its fields as tags, so that filters are answered inside the index.
//!
//! A tag starts with `~`, which no word does: `~gjazz`, `~mcalm`, `~ipiano`, `~elow`, `~v0`, `~o…` (the API origin). A field that the
//! server did not send has the tag `x` (`~gx`), since it is not held against a track. A tempo has a tag for each of the ranges
//! it lies in, each half as fine as the one before, so that any range of tempos is a few tags.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::api::{Filters, Track};
use crate::words::{Meaning, fold, folded};

/// Tempos are told apart to half a beat, up to 511.5 BPM.
const TEMPO_BITS: u32 = 10;
const FASTEST: u32 = (1 << TEMPO_BITS) - 1;

/// Puts a track into the index under its number, in place of what was there.
pub(super) fn put(connection: &Connection, number: i64, origin: &str, track: &Track) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO words (rowid, title, artist, style, tags) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![
            number,
            spaced([&*track.title]),
            spaced([&*track.artist]),
            spaced(style(track)),
            tags(origin, track)
        ])
        .map(drop)
}

/// Stores a track that was just seen and keeps the index and the vocabulary up with it.
pub(super) fn store(connection: &Connection, origin: &str, track: &Track) -> rusqlite::Result<()> {
    let json = serde_json::to_string(track).unwrap_or_default();
    let known: Option<(i64, bool)> = connection
        .prepare_cached("SELECT number, json = ?3 FROM tracks WHERE origin = ?1 AND id = ?2")?
        .query_row(params![origin, track.id.as_str(), json], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let number = match known {
        Some((number, true)) => {
            connection
                .prepare_cached("UPDATE tracks SET seen_at = unixepoch() WHERE number = ?1")?
                .execute([number])?;
            return Ok(());
        }
        Some((number, false)) => {
            connection
                .prepare_cached("UPDATE tracks SET json = ?2, seen_at = unixepoch() WHERE number = ?1")?
                .execute(params![number, json])?;
            number
        }
        None => {
            connection
                .prepare_cached("INSERT INTO tracks (origin, id, json, seen_at) VALUES (?1, ?2, ?3, unixepoch())")?
                .execute(params![origin, track.id.as_str(), json])?;
            connection.last_insert_rowid()
        }
    };
    put(connection, number, origin, track)?;
    learn(connection, origin, track)
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

fn style(track: &Track) -> impl Iterator<Item = &str> {
    let fields = track.genre.iter().chain(&track.subgenres).chain(&track.moods).chain(&track.instruments);
    fields.chain(&track.key).map(|word| &**word)
}

fn spaced<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().flat_map(folded).collect::<Vec<_>>().join(" ")
}

fn tags(origin: &str, track: &Track) -> String {
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
    list('e', &mut track.energy.iter().map(|energy| energy.as_str()));
    list('v', &mut track.has_vocals.iter().map(|has| if *has { "1" } else { "0" }));
    match track.bpm {
        Some(bpm) => {
            let at = half_beats(bpm);
            tags.extend((0..TEMPO_BITS).map(|level| tempo_tag(level, at >> level)));
        }
        None => tags.push(missing('b')),
    }
    tags.join(" ")
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
    let digest = Sha256::digest(origin.as_bytes());
    digest.iter().take(8).fold("~o".to_owned(), |tag, byte| format!("{tag}{byte:02x}"))
}

/// Twice the tempo; what lies between two half beats is odd, so that whole limits cut exactly.
fn half_beats(bpm: f64) -> u32 {
    let whole = bpm.floor().clamp(0.0, f64::from(FASTEST)) as u32 * 2;
    (whole + u32::from(bpm.fract() > 0.0)).min(FASTEST)
}

/// The query for tracks of this origin that pass the filters.
pub(super) fn passing(origin: &str, filters: &Filters) -> String {
    let mut all = vec![quoted(&origin_tag(origin))];
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
    all.join(" AND ")
}

/// The query for what a term means. Words count in the given columns; the last one of an unfinished term may go on.
pub(super) fn meaning(meaning: &Meaning, columns: Option<&str>, unfinished: bool) -> Option<String> {
    Some(match meaning {
        Meaning::Genre(word) => quoted(&tag('g', word)),
        Meaning::Mood(word) => quoted(&tag('m', word)),
        Meaning::Instrument(word) => quoted(&tag('i', word)),
        Meaning::Energy(energy) => quoted(&tag('e', energy.as_str())),
        Meaning::Vocals(has) => quoted(&vocals_tag(*has)),
        Meaning::Tempo(min, max) => either(tempo_tags(*min, *max).iter().map(|tag| quoted(tag)).collect()),
        Meaning::Words(words) => {
            let last = words.len().checked_sub(1)?;
            let one = |(at, word): (usize, &String)| {
                let star = if unfinished && at == last { "*" } else { "" };
                format!("{}{}{star}", columns.map(|columns| format!("{{{columns}}} : ")).unwrap_or_default(), quoted(word))
            };
            let all: Vec<String> = words.iter().enumerate().map(one).collect();
            format!("({})", all.join(" AND "))
        }
    })
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
    let mut low = u32::from(min.unwrap_or(0)) * 2;
    let mut high = max.map_or(FASTEST, |max| (u32::from(max) * 2).min(FASTEST));
    let mut tags = Vec::new();
    for level in 0..TEMPO_BITS {
        let last = level + 1 == TEMPO_BITS;
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
        tags.push(tempo_tag(TEMPO_BITS, 0));
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
    fn a_range_of_tempos_is_exactly_its_tags() {
        for (min, max) in [(None, Some(80)), (Some(70), Some(95)), (Some(120), None), (Some(84), Some(84)), (Some(200), Some(40)), (None, None)] {
            let wanted = tempo_tags(min, max);
            for halves in 0..600 {
                let bpm = f64::from(halves) / 2.0 + 0.25;
                for bpm in [bpm, f64::from(halves)] {
                    let passes = min.is_none_or(|min| bpm >= f64::from(min)) && max.is_none_or(|max| bpm <= f64::from(max));
                    let at = half_beats(bpm);
                    let found = (0..TEMPO_BITS).filter(|level| wanted.contains(&tempo_tag(*level, at >> level))).count();
                    // Over 511 BPM everything is as fast as it gets.
                    assert_eq!(found, usize::from(passes), "{bpm} in {min:?}..{max:?}: {wanted:?}");
                }
            }
            assert!(wanted.len() <= 18, "{wanted:?}");
        }
    }
}
