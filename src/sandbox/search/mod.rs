//! Finding tracks by what words mean, not by letters: every word says something about genre, mood, tempo, energy, instruments or vocals.

mod meaning;

use std::collections::HashMap;

use meaning::{Meaning, Wish};

use super::catalogue::{Catalogue, Track};
use super::parameters::Filters;
use super::seed::hash;

/// Tracks that pass the filters, best first. Every query ranks all of them, so weak matches come last.
pub(super) fn find<'a>(catalogue: &'a Catalogue, query: &str, filters: &Filters) -> Vec<&'a Track> {
    let wishes = meaning::read(query);
    let salt = hash(&query.to_lowercase());
    let mut found: Vec<(f32, u64, &Track)> = catalogue
        .tracks()
        .iter()
        .filter(|track| passes(track, filters))
        .map(|track| (score(track, &wishes), hash(&track.id) ^ salt, track))
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    spread(found.into_iter().map(|(_, _, track)| track).collect())
}

/// Keeps one artist from filling the first rows: of neighbours in rank, the one not heard from lately comes first.
fn spread(ranked: Vec<&Track>) -> Vec<&Track> {
    const APART: usize = 3;
    let mut waiting: std::collections::VecDeque<&Track> = ranked.into();
    let mut out: Vec<&Track> = Vec::with_capacity(waiting.len());
    let mut last: HashMap<&str, usize> = HashMap::new();
    while let Some(first) = waiting.front() {
        let rested = |track: &&Track| last.get(track.artist.as_str()).is_none_or(|at| out.len() - at > APART);
        let pick = if rested(first) {
            0
        } else {
            waiting.iter().take(2 * APART).position(rested).unwrap_or(0)
        };
        let Some(track) = waiting.remove(pick) else { break };
        last.insert(&track.artist, out.len());
        out.push(track);
    }
    out
}

fn passes(track: &Track, filters: &Filters) -> bool {
    let any = |wanted: &[String], has: &[&str]| wanted.is_empty() || has.iter().any(|word| wanted.contains(&word.to_lowercase()));
    any(&filters.genres, &[track.genre])
        && any(&filters.moods, &track.moods)
        && any(&filters.instruments, &track.instruments)
        && filters.has_vocals.is_none_or(|wanted| wanted == track.has_vocals)
        && filters.min_bpm.is_none_or(|min| f64::from(track.bpm) >= min)
        && filters.max_bpm.is_none_or(|max| f64::from(track.bpm) <= max)
        && filters.energy.is_none_or(|wanted| wanted == track.energy)
}

fn score(track: &Track, wishes: &[Wish]) -> f32 {
    wishes.iter().map(|wish| wish.weight * matched(track, wish)).sum()
}

/// How well a track fits one word: the best of its meanings counts in full, the others a little.
fn matched(track: &Track, wish: &Wish) -> f32 {
    let mut hits: Vec<f32> = wish.meanings.iter().map(|meaning| fit(track, meaning)).collect();
    hits.sort_by(|a, b| b.total_cmp(a));
    let best = hits.first().copied().unwrap_or_default();
    best + hits.iter().skip(1).sum::<f32>() * 0.35
}

fn fit(track: &Track, meaning: &Meaning) -> f32 {
    let yes = |hit: bool, worth: f32| if hit { worth } else { 0.0 };
    match meaning {
        Meaning::Genre(name) => yes(track.genre == *name, 2.6),
        Meaning::Subgenre(name) => yes(track.subgenres.contains(name), 2.8),
        // The mood named first is the one a track has most of.
        Meaning::Mood(name) => match track.moods.iter().position(|mood| mood == name) {
            Some(0) => 2.2,
            Some(_) => 1.6,
            None => 0.0,
        },
        Meaning::Instrument(name) => match track.instruments.iter().position(|instrument| instrument == name) {
            Some(0) => 3.2,
            Some(_) => 2.4,
            None => 0.0,
        },
        // The wrong energy is worse than none asked for: nobody wants a lullaby in a trailer.
        Meaning::Energy(level) => {
            if track.energy == *level {
                1.2
            } else {
                -1.2
            }
        }
        Meaning::Vocals(wanted) => {
            if track.has_vocals == *wanted {
                2.0
            } else {
                -2.0
            }
        }
        Meaning::Tempo(from, to) => {
            let off = (i32::from(*from) - i32::from(track.bpm))
                .max(i32::from(track.bpm) - i32::from(*to))
                .max(0);
            (1.4 - off as f32 / 12.0).max(-0.8)
        }
        Meaning::Title(word) => yes(
            track
                .title
                .to_lowercase()
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part == word),
            0.6,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::{self, Energy};
    use super::*;

    fn first(query: &str, count: usize) -> Vec<&'static Track> {
        find(catalogue::all(), query, &Filters::default()).into_iter().take(count).collect()
    }

    #[test]
    fn calm_piano_for_a_rainy_scene_gives_calm_piano() {
        for track in first("calm piano for a rainy scene", 10) {
            assert!(track.instruments.contains(&"piano"), "{track:?}");
            assert!(
                track.energy == Energy::Low
                    && track
                        .moods
                        .iter()
                        .any(|mood| matches!(*mood, "Calm" | "Contemplative" | "Melancholic")),
                "{track:?}"
            );
        }
    }

    #[test]
    fn words_are_understood_and_not_looked_up_as_letters() {
        assert!(
            first("gym", 10)
                .iter()
                .all(|track| track.energy == Energy::High && track.bpm >= 110)
        );
        assert!(
            first("music for toddlers and kids", 5)
                .iter()
                .all(|track| track.genre == "Children's Music")
        );
        assert!(
            first("jazz without vocals", 10)
                .iter()
                .all(|track| track.genre == "Jazz" && !track.has_vocals)
        );
        assert!(
            first("house at 122 bpm", 5)
                .iter()
                .all(|track| track.genre == "House" && track.bpm.abs_diff(122) <= 6)
        );
        assert!(
            first("sad slow strings", 8)
                .iter()
                .all(|track| track.instruments.contains(&"strings") && track.bpm <= 100)
        );
    }

    #[test]
    fn every_query_ranks_everything_and_always_alike() {
        let all = find(catalogue::all(), "qwertz uiop", &Filters::default());
        assert_eq!(all.len(), catalogue::all().tracks().len());
        assert_eq!(all, find(catalogue::all(), "qwertz uiop", &Filters::default()));
    }
}
