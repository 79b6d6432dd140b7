//! Natural words understood offline: "slow sad piano, no vocals, under 80 bpm" becomes a tempo, a mood, an instrument and no vocals.
//!
//! `dictionary` knows which words mean which filter, `tempo` reads numbers, `text` cuts and folds words the same way for what
//! is searched and what is typed.

mod dictionary;
mod tempo;
mod text;

use std::collections::BTreeSet;

pub use text::{fold, folded};

use crate::api::{Energy, Filters};
use crate::state::{Chip, Vocabulary};
use text::Token;

/// Something that words can mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A genre.
    Genre(String),
    /// A mood.
    Mood(String),
    /// An instrument.
    Instrument(String),
    /// A level of energy.
    Energy(Energy),
    /// With vocals or without.
    Vocals(bool),
    /// A tempo in BPM, from and to, 40 to 200.
    Tempo(Option<u16>, Option<u16>),
    /// Words of a title, a style or anything else that is written about a track, folded.
    Words(Vec<String>),
}

impl Meaning {
    /// Whether it can be sent as a filter.
    fn is_filter(&self) -> bool {
        !matches!(self, Self::Words(_))
    }

    /// The filter that it would set.
    fn chip(&self) -> Option<Chip> {
        Some(match self {
            Self::Genre(word) => Chip::Genre(word.clone()),
            Self::Mood(word) => Chip::Mood(word.clone()),
            Self::Instrument(word) => Chip::Instrument(word.clone()),
            Self::Energy(energy) => Chip::Energy(energy.clone()),
            Self::Vocals(wanted) => Chip::Vocals(*wanted),
            Self::Tempo(None, None) | Self::Words(_) => return None,
            Self::Tempo(min, max) => Chip::Tempo(*min, *max),
        })
    }

    /// Whether both set the same filter.
    fn same_filter(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Words that belong together, and what they mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The words as they were typed.
    pub typed: String,
    /// Any of these makes a track match; the first one is what would be sent.
    pub meanings: Vec<Meaning>,
    /// It is not wanted ("no drums").
    pub excluded: bool,
    /// Still being typed: the word may go on.
    pub unfinished: bool,
}

impl Term {
    /// Whether it is shown as a chip: it means something that could be a filter.
    pub fn is_chip(&self) -> bool {
        self.excluded || self.meanings.first().is_some_and(Meaning::is_filter)
    }

    /// The chip's text.
    pub fn label(&self) -> String {
        if self.excluded {
            return format!("no {}", self.typed);
        }
        let chip = self.meanings.first().and_then(Meaning::chip);
        chip.map_or_else(|| self.typed.clone(), |chip| chip.words())
    }

    /// Adds what it means to filters. `false` where the API has no filter for it.
    pub fn add_to(&self, filters: &mut Filters) -> bool {
        let Some(first) = self.meanings.first().filter(|first| first.is_filter() && !self.excluded) else {
            return false;
        };
        for meaning in self.meanings.iter().filter(|meaning| meaning.same_filter(first)) {
            match meaning {
                Meaning::Genre(word) => drop(filters.genres.insert(word.clone())),
                Meaning::Mood(word) => drop(filters.moods.insert(word.clone())),
                Meaning::Instrument(word) => drop(filters.instruments.insert(word.clone())),
                Meaning::Energy(energy) => filters.energy = Some(energy.clone()),
                Meaning::Vocals(wanted) => filters.has_vocals = Some(*wanted),
                Meaning::Tempo(min, max) => (filters.min_bpm, filters.max_bpm) = (*min, *max),
                Meaning::Words(_) => {}
            }
        }
        true
    }
}

/// What a text asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Understood {
    /// Its terms in the order of the text; words that say nothing about music are left out.
    pub terms: Vec<Term>,
}

impl Understood {
    /// The terms that are shown as chips.
    pub fn chips(&self) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(|term| term.is_chip())
    }
}

/// Reads a text. `known` are the words seen in tracks so far; chips the user has removed (`plain`, by the words typed) are only words.
pub fn understand(text: &str, known: &Vocabulary, plain: &BTreeSet<String>) -> Understood {
    let tokens = text::tokens(text);
    let mut terms: Vec<Term> = Vec::new();
    let mut at = 0;
    let mut negated = false;
    while at < tokens.len() {
        let rest = &tokens[at..];
        if let Some((read, min, max)) = tempo::read(rest) {
            let typed = typed(text, &rest[..read]);
            if plain.contains(&typed) {
                // A number that is no tempo says nothing that could be searched.
            } else {
                terms.retain(|term| !matches!(term.meanings.first(), Some(Meaning::Tempo(..))));
                terms.push(Term {
                    typed,
                    meanings: vec![Meaning::Tempo(min, max)],
                    excluded: false,
                    unfinished: false,
                });
            }
            (at, negated) = (at + read, false);
            continue;
        }
        let (read, meanings) = dictionary::longest(rest, known, text);
        let words = typed(text, &rest[..read]);
        let unfinished = rest[read - 1].end == text.len();
        at += read;
        if meanings.is_empty() && dictionary::is_negation(&rest[0].folded) {
            negated = true;
            continue;
        }
        if meanings.is_empty() && dictionary::says_nothing(&rest[0].folded) {
            continue;
        }
        let was_negated = std::mem::take(&mut negated);
        let plainly = plain.contains(&words);
        if let Some(term) = term(words, rest, read, meanings, was_negated, plainly, unfinished) {
            add(&mut terms, term);
        }
    }
    Understood { terms }
}

fn term(
    typed: String,
    tokens: &[Token],
    read: usize,
    mut meanings: Vec<Meaning>,
    negated: bool,
    plainly: bool,
    unfinished: bool,
) -> Option<Term> {
    let words = || Meaning::Words(tokens[..read].iter().map(|token| token.folded.clone()).collect());
    if negated && meanings.first() == Some(&Meaning::Vocals(true)) && !plainly {
        return Some(Term {
            typed,
            meanings: vec![Meaning::Vocals(false)],
            excluded: false,
            unfinished: false,
        });
    }
    if plainly {
        meanings.clear();
    }
    // What is written in a title counts too, but a tempo, a voice and an energy are never meant as a title.
    let by_number = matches!(meanings.first(), Some(Meaning::Vocals(_) | Meaning::Tempo(..) | Meaning::Energy(_)));
    if !by_number && !meanings.iter().any(|meaning| matches!(meaning, Meaning::Words(_))) {
        meanings.push(words());
    }
    // One letter is the beginning of everything, whatever its accent and its alphabet. A character two columns wide is a word of its own.
    let too_short = unfinished && crate::text::width(&typed) <= 1;
    (!too_short).then_some(Term {
        typed,
        meanings,
        excluded: negated,
        unfinished,
    })
}

/// Adds a term; one that means what an earlier one does is said twice, and a vague tempo gives way to a number.
fn add(terms: &mut Vec<Term>, term: Term) {
    let first = term.meanings.first();
    let said = terms
        .iter()
        .any(|known| known.meanings == term.meanings && known.excluded == term.excluded);
    let vague =
        matches!(first, Some(Meaning::Tempo(..))) && terms.iter().any(|known| matches!(known.meanings.first(), Some(Meaning::Tempo(..))));
    if !said && !vague {
        terms.push(term);
    }
}

/// The words as they were typed.
fn typed(text: &str, tokens: &[Token]) -> String {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => text[first.start..last.end].to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Understood {
        let known = Vocabulary {
            genres: vec!["Hip Hop".into(), "Jazz".into()],
            moods: vec!["Melancholic".into()],
            instruments: vec!["acoustic guitar".into(), "piano".into()],
        };
        understand(text, &known, &BTreeSet::new())
    }

    fn labels(text: &str) -> Vec<String> {
        read(text).chips().map(Term::label).collect()
    }

    fn filters(text: &str) -> Filters {
        let mut filters = Filters::default();
        for term in read(text).terms {
            term.add_to(&mut filters);
        }
        filters
    }

    #[test]
    fn mood_instrument_vocals_and_tempo_are_understood() {
        let filters = filters("slow sad piano, no vocals, under 80 bpm");
        assert!(filters.moods.contains("Melancholic"));
        assert_eq!(filters.instruments, ["piano".to_owned()].into());
        assert_eq!(
            (filters.has_vocals, filters.min_bpm, filters.max_bpm),
            (Some(false), None, Some(80)),
            "the number comes before “slow”"
        );
    }

    #[test]
    fn chips_say_what_was_understood() {
        let table: [(&str, &[&str]); 12] = [
            ("slow jazz", &["under 85 bpm", "Jazz"]),
            ("hip hop beats", &["Hip Hop", "drums"]),
            ("hip-hop", &["Hip Hop"]),
            ("acoustic guitar at 100-120 bpm", &["acoustic guitar", "100–120 bpm"]),
            ("between 90 and 110", &["90–110 bpm"]),
            ("120bpm", &["115–125 bpm"]),
            ("around 95 BPM", &["90–100 bpm"]),
            ("over 140", &["over 140 bpm"]),
            ("high energy, without singing", &["high energy", "instrumental"]),
            ("no drums", &["no drums"]),
            ("a song for my vlog in 30 seconds", &[]),
            ("under 30 seconds", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(labels(text), expected, "{text}");
        }
    }

    #[test]
    fn words_that_mean_no_filter_are_searched_as_they_are() {
        let understood = read("rainy coffee shop for a vlo");
        let words: Vec<_> = understood.terms.iter().map(|term| term.typed.as_str()).collect();
        assert_eq!(words, ["rainy", "coffee", "shop", "vlo"]);
        assert!(understood.terms[3].unfinished && !understood.terms[0].unfinished);
    }

    #[test]
    fn a_single_letter_of_any_alphabet_is_not_searched_while_it_may_go_on() {
        for (typed, terms) in [("e", 0), ("é", 0), ("e\u{301}", 0), ("д", 0), ("雨", 1), ("éa", 1), ("д ", 1)] {
            assert_eq!(read(typed).terms.len(), terms, "{typed:?}");
        }
    }

    #[test]
    fn a_removed_chip_is_a_word_again() {
        let plain = ["sad".to_owned()].into();
        let understood = understand("sad piano", &Vocabulary::default(), &plain);
        assert_eq!(understood.terms[0].meanings, [Meaning::Words(vec!["sad".into()])]);
        assert_eq!(understood.chips().map(Term::label).collect::<Vec<_>>(), ["piano"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "\\PC{0,60}") {
            read(&text);
        }
    }
}
