//! Which words mean which filter: `assets/vocabulary.txt`, the documented genres, and every word that tracks have brought.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Meaning;
use super::text::{Token, fold, folded};
use crate::api::Energy;
use crate::state::Vocabulary;

const WRITTEN: &str = include_str!("../../assets/vocabulary.txt");

/// The documented genres, in the API's spelling.
const GENRES: &str = "Acoustic,Ambient,Beats,Blues,Brass & Marching Band,Children's Music,Cinematic,Classical,Comedy,Country,Dance,Disco,\
Downtempo,Easy Listening,Electronic,Electronica,Experimental,Fanfares,Folk,Funk,Hip Hop,House,Jazz,Latin,Metal,Pop,Punk,R&B,Reggae,\
Religious Music,Rock,Singer-Songwriter,Soul,Special Occasions,World";

/// The documented instruments.
const INSTRUMENTS: &str = "piano,guitar,synthesizer,drums,strings";

/// The most words that one meaning has.
const LONGEST: usize = 4;

/// Words that say nothing about music.
const EMPTY: &str = "a an the and or of for with to in on at by from as is are it its that this my our your some any very really quite bit little \
like feel feeling feels vibe vibes style mood music track tracks song songs sound sounds tune something please want need give me i we but bpm tempo energy \
background video clip";

/// Words that turn the next one round.
const NEGATIONS: [&str; 4] = ["no", "without", "not", "non"];

static MEANINGS: LazyLock<HashMap<String, Vec<Meaning>>> = LazyLock::new(|| {
    let mut meanings: HashMap<String, Vec<Meaning>> = HashMap::new();
    for line in WRITTEN.lines().filter(|line| !line.starts_with('#')) {
        if let Some((word, means)) = line.split_once(": ") {
            meanings.insert(fold(word), means.split_whitespace().filter_map(written).collect());
        }
    }
    for genre in GENRES.split(',') {
        meanings
            .entry(fold(genre))
            .or_insert_with(|| vec![Meaning::Genre(genre.to_owned())]);
    }
    for instrument in INSTRUMENTS.split(',') {
        meanings
            .entry(fold(instrument))
            .or_insert_with(|| vec![Meaning::Instrument(instrument.to_owned())]);
    }
    meanings
});

/// One meaning as the file writes it.
fn written(text: &str) -> Option<Meaning> {
    let (kind, value) = text.split_once(':')?;
    let spaced = value.replace('-', " ");
    Some(match kind {
        "g" => Meaning::Genre(genre_spelling(&spaced)),
        "m" => Meaning::Mood(spaced),
        "i" => Meaning::Instrument(spaced),
        "e" => Meaning::Energy(Energy::from(value)),
        "v" => Meaning::Vocals(value == "yes"),
        "t" => {
            let (from, to) = value.split_once('-')?;
            Meaning::Tempo(from.parse().ok(), to.parse().ok())
        }
        "w" => Meaning::Words(folded(value).collect()),
        _ => return None,
    })
}

fn genre_spelling(name: &str) -> String {
    let wanted = fold(name);
    GENRES.split(',').find(|genre| fold(genre) == wanted).unwrap_or(name).to_owned()
}

/// The longest run of words from the first one on that means something, and what; one word without a meaning otherwise.
pub(super) fn longest(tokens: &[Token], known: &Vocabulary, text: &str) -> (usize, Vec<Meaning>) {
    for count in (1..=LONGEST.min(tokens.len())).rev() {
        let run = &tokens[..count];
        // A comma between words keeps them apart.
        let apart = run
            .windows(2)
            .any(|pair| text[pair[0].end..pair[1].start].contains([',', ';', '.', '/']));
        if apart {
            continue;
        }
        let joined: String = run.iter().map(|token| token.folded.as_str()).collect();
        let meanings = meanings(&joined, known);
        if !meanings.is_empty() {
            return (count, meanings);
        }
    }
    (1, Vec::new())
}

fn meanings(joined: &str, known: &Vocabulary) -> Vec<Meaning> {
    if let Some(written) = MEANINGS.get(joined) {
        return written.clone();
    }
    let find = |list: &[String]| list.iter().find(|word| fold(word) == joined).cloned();
    find(&known.instruments)
        .map(Meaning::Instrument)
        .or_else(|| find(&known.genres).map(Meaning::Genre))
        .or_else(|| find(&known.moods).map(Meaning::Mood))
        .into_iter()
        .collect()
}

/// Whether the word turns the next one round.
pub(super) fn is_negation(word: &str) -> bool {
    NEGATIONS.contains(&word)
}

/// Whether the word says nothing about music.
pub(super) fn says_nothing(word: &str) -> bool {
    EMPTY.split_whitespace().any(|empty| empty == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_file_means_something() {
        for line in WRITTEN.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (word, means) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            assert!(!fold(word).is_empty(), "{line}");
            assert!(means.split_whitespace().all(|meaning| written(meaning).is_some()), "{line}");
        }
    }
}
