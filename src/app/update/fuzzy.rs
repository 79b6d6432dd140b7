//! Narrowing a list by what is typed.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Indices of the words that match, best first; all of them, in order, when nothing is typed.
pub(super) fn ranked<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Vec<usize> {
    scored(typed, words).into_iter().map(|(_, index)| index).collect()
}

/// The same with how well each matches; all alike when nothing is typed.
pub(super) fn scored<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Vec<(u32, usize)> {
    let pattern = Pattern::parse(typed.trim(), CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<(u32, usize)> = words
        .enumerate()
        .filter_map(|(index, word)| Some((pattern.score(Utf32Str::new(word, &mut buffer), &mut matcher)?, index)))
        .collect();
    found.sort_by_key(|&(score, index)| (std::cmp::Reverse(score), index));
    found
}
