//! Tempos in words: "under 80 bpm", "100-120 bpm", "around 95".

use super::text::Token;
use crate::state::{BPM_MAX, BPM_MIN};

/// How far a tempo that is named exactly may be missed, in BPM.
const ABOUT: u16 = 5;

/// A tempo at the beginning of these words: how many words it takes, from and to.
pub(super) fn read(tokens: &[Token]) -> Option<(usize, Option<u16>, Option<u16>)> {
    let word = |at: usize| tokens.get(at).map(|token| token.folded.as_str());
    let (lead, first) = lead(&word)?;
    let (low, glued) = number(word(first)?)?;
    // A second number makes it a range.
    let (second, joined) = match word(first + 1) {
        Some("to" | "and") if !glued => (first + 2, true),
        _ => (first + 1, false),
    };
    let high = word(second)
        .filter(|_| !glued && matches!(lead, Lead::None | Lead::Between | Lead::About))
        .and_then(number);
    if let Some((high, glued)) = high {
        let unit = glued || is_unit(word(second + 1));
        if unit || lead == Lead::Between {
            let taken = second + 1 + usize::from(!glued && is_unit(word(second + 1)));
            return Some((taken, Some(low.min(high)), Some(low.max(high))));
        }
        if joined {
            return None;
        }
    }
    let unit = glued || is_unit(word(first + 1));
    let taken = first + 1 + usize::from(!glued && unit);
    if !unit && (lead == Lead::None || lead == Lead::Between || is_other_unit(word(first + 1))) {
        return None;
    }
    Some(match lead {
        Lead::Under => (taken, None, Some(low)),
        Lead::Over => (taken, Some(low), None),
        Lead::None | Lead::About | Lead::Between => (
            taken,
            Some(low.saturating_sub(ABOUT).max(BPM_MIN)),
            Some((low + ABOUT).min(BPM_MAX)),
        ),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    None,
    Under,
    Over,
    About,
    Between,
}

/// What stands before the number, and how many words it takes.
fn lead<'a>(word: &impl Fn(usize) -> Option<&'a str>) -> Option<(Lead, usize)> {
    Some(match (word(0)?, word(1)) {
        ("less" | "slower" | "lower", Some("than")) | ("up", Some("to")) | ("at", Some("most")) => (Lead::Under, 2),
        ("more" | "faster" | "higher", Some("than")) | ("at", Some("least")) => (Lead::Over, 2),
        ("under" | "below" | "max" | "maximum", _) => (Lead::Under, 1),
        ("over" | "above" | "min" | "minimum" | "from", _) => (Lead::Over, 1),
        ("around" | "about" | "circa" | "roughly" | "near" | "at", _) => (Lead::About, 1),
        ("between", _) => (Lead::Between, 1),
        _ => (Lead::None, 0),
    })
}

/// A tempo the API takes, and whether "bpm" is glued to it.
fn number(word: &str) -> Option<(u16, bool)> {
    let digits = word.strip_suffix("bpm").unwrap_or(word);
    let bpm: u16 = digits.parse().ok()?;
    (BPM_MIN..=BPM_MAX).contains(&bpm).then_some((bpm, digits.len() < word.len()))
}

fn is_unit(word: Option<&str>) -> bool {
    matches!(word, Some("bpm" | "beats"))
}

fn is_other_unit(word: Option<&str>) -> bool {
    matches!(
        word,
        Some("s" | "sec" | "secs" | "second" | "seconds" | "m" | "min" | "mins" | "minute" | "minutes" | "hz" | "db" | "years" | "percent")
    )
}
