//! What the words of a query mean to the catalogue.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::super::catalogue::{self, Energy};

const MEANINGS: &str = include_str!("../../../assets/sandbox/meanings.txt");

/// Something that a track can have.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Genre(&'static str),
    Subgenre(&'static str),
    Mood(&'static str),
    Instrument(&'static str),
    Energy(Energy),
    Vocals(bool),
    /// BPM from and to.
    Tempo(u16, u16),
    Title(String),
}

/// One word (or two that belong together) of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    pub(super) meanings: Vec<Meaning>,
    /// Below 0 when it is not wanted.
    pub(super) weight: f32,
}

/// Words that say nothing about music.
const EMPTY: [&str; 32] = [
    "a",
    "an",
    "the",
    "for",
    "of",
    "in",
    "on",
    "at",
    "to",
    "and",
    "or",
    "with",
    "my",
    "some",
    "music",
    "track",
    "tracks",
    "that",
    "is",
    "it",
    "like",
    "something",
    "very",
    "really",
    "video",
    "bit",
    "little",
    "this",
    "as",
    "from",
    "by",
    "sound",
];

/// Reads a query.
pub(super) fn read(query: &str) -> Vec<Wish> {
    let lower = query.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '&' || c == '\''))
        .filter(|word| !word.is_empty())
        .collect();
    let mut wishes = Vec::new();
    let mut unwanted = false;
    let mut at = 0;
    while at < words.len() {
        let word = words[at];
        if matches!(word, "no" | "without" | "not" | "non") {
            unwanted = true;
            at += 1;
            continue;
        }
        if let Some((tempo, used)) = tempo(&words[at..]) {
            wishes.push(Wish {
                meanings: vec![tempo],
                weight: 2.0,
            });
            at += used;
            continue;
        }
        // Two words that are one name ("hip hop", "acoustic guitar") come before one word.
        let pair = words
            .get(at + 1)
            .map(|next| format!("{word} {next}"))
            .and_then(|pair| lookup(&pair));
        let (meanings, used) = match pair {
            Some(meanings) => (Some(meanings), 2),
            None => (lookup(word).or_else(|| stems(word).find_map(|stem| lookup(&stem))), 1),
        };
        at += used;
        if EMPTY.contains(&word) && used == 1 {
            continue;
        }
        let known = meanings.is_some();
        let mut meanings = meanings.unwrap_or_default();
        if !unwanted {
            meanings.push(Meaning::Title(word.to_owned()));
        }
        wishes.push(Wish {
            meanings,
            weight: if unwanted && known { -1.5 } else { 1.0 },
        });
        unwanted = false;
    }
    wishes
}

/// "122 bpm", "under 95 bpm", "over 120".
fn tempo(words: &[&str]) -> Option<(Meaning, usize)> {
    let number = |word: Option<&&str>| {
        word.and_then(|word| word.trim_end_matches("bpm").parse::<u16>().ok())
            .filter(|bpm| (30..=250).contains(bpm))
    };
    let unit = |at: usize| usize::from(words.get(at) == Some(&"bpm"));
    match words.first()? {
        &"under" | &"below" => number(words.get(1)).map(|bpm| (Meaning::Tempo(30, bpm), 2 + unit(2))),
        &"over" | &"above" => number(words.get(1)).map(|bpm| (Meaning::Tempo(bpm, 250), 2 + unit(2))),
        first => {
            let bpm = number(Some(first))?;
            let said = unit(1) == 1 || first.ends_with("bpm");
            said.then(|| (Meaning::Tempo(bpm.saturating_sub(2), bpm + 2), 1 + unit(1)))
        }
    }
}

/// The same word without common endings.
fn stems(word: &str) -> impl Iterator<Item = String> + '_ {
    ["s", "es", "ing", "ed", "y", "ly", "ful", "er"]
        .into_iter()
        .filter_map(move |ending| {
            let stem = word.strip_suffix(ending)?;
            (stem.len() >= 3).then(|| stem.to_owned())
        })
}

fn lookup(word: &str) -> Option<Vec<Meaning>> {
    static TABLE: OnceLock<HashMap<String, Vec<Meaning>>> = OnceLock::new();
    TABLE.get_or_init(table).get(word).cloned()
}

/// The words of `meanings.txt`, and every name that the catalogue itself uses.
fn table() -> HashMap<String, Vec<Meaning>> {
    let mut table: HashMap<String, Vec<Meaning>> = HashMap::new();
    let mut name = |name: &str, meaning: Meaning| {
        let known = table.entry(name.to_lowercase()).or_default();
        if !known.contains(&meaning) {
            known.push(meaning);
        }
    };
    for track in catalogue::all().tracks() {
        name(track.genre, Meaning::Genre(track.genre));
        track
            .subgenres
            .iter()
            .for_each(|subgenre| name(subgenre, Meaning::Subgenre(subgenre)));
        track.moods.iter().for_each(|mood| name(mood, Meaning::Mood(mood)));
        track
            .instruments
            .iter()
            .for_each(|instrument| name(instrument, Meaning::Instrument(instrument)));
    }
    for line in MEANINGS.lines().filter(|line| !line.starts_with('#')) {
        let Some((word, meanings)) = line.split_once(": ") else { continue };
        let known = table.entry(word.to_owned()).or_default();
        for meaning in meanings.split_whitespace().filter_map(meaning) {
            if !known.contains(&meaning) {
                known.push(meaning);
            }
        }
    }
    table
}

fn meaning(text: &'static str) -> Option<Meaning> {
    let (kind, value) = text.split_once(':')?;
    let same = |name: &str| name.replace(' ', "-") == value;
    let tracks = catalogue::all().tracks();
    Some(match kind {
        "g" => Meaning::Genre(tracks.iter().map(|track| track.genre).find(|name| same(name))?),
        "s" => Meaning::Subgenre(
            tracks
                .iter()
                .flat_map(|track| track.subgenres.iter().copied())
                .find(|name| same(name))?,
        ),
        "i" => Meaning::Instrument(
            tracks
                .iter()
                .flat_map(|track| track.instruments.iter().copied())
                .find(|name| same(name))?,
        ),
        "m" => Meaning::Mood(value),
        "e" => Meaning::Energy(Energy::from_word(value)?),
        "v" => Meaning::Vocals(value == "yes"),
        "t" => {
            let (from, to) = value.split_once('-')?;
            Meaning::Tempo(from.parse().ok()?, to.parse().ok()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        for line in MEANINGS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (_, meanings) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            for text in meanings.split_whitespace() {
                assert!(meaning(text).is_some(), "{line}: {text}");
            }
        }
    }

    #[test]
    fn refusals_tempos_and_pairs_are_read() {
        assert_eq!(read("no vocals")[0].meanings[0], Meaning::Vocals(true));
        assert!(read("no vocals")[0].weight < 0.0);
        assert_eq!(read("under 95 bpm")[0].meanings, [Meaning::Tempo(30, 95)]);
        assert_eq!(read("120 bpm")[0].meanings, [Meaning::Tempo(118, 122)]);
        assert_eq!(read("hip hop")[0].meanings[0], Meaning::Genre("Hip Hop"));
    }
}
