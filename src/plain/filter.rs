//! `filter`: the filters pane in words.

use crate::api::{Energy, Filters};
use crate::state::{BPM_MAX, BPM_MIN, Vocabulary};

/// What `filter …` wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// To hear which filters are set.
    Told,
    /// To hear what could be chosen.
    Values(&'static str, Vec<String>),
    /// These filters from now on.
    Set(Filters),
}

/// Reads what follows the word `filter`.
///
/// # Errors
/// What to write instead.
pub fn wanted(rest: &str, active: &Filters, known: &Vocabulary) -> Result<Wanted, String> {
    let (name, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let value = value.trim();
    let mut filters = active.clone();
    let clear = matches!(value.to_lowercase().as_str(), "any" | "none" | "clear");
    match name.to_lowercase().as_str() {
        "" => return Ok(Wanted::Told),
        "clear" => return Ok(Wanted::Set(Filters::default())),
        "genres" | "genre" => match list(value, clear) {
            Some(words) => filters.genres = words.collect(),
            None => return Ok(Wanted::Values("genres", known.genres.clone())),
        },
        "moods" | "mood" => match list(value, clear) {
            Some(words) => filters.moods = words.collect(),
            None => return Ok(Wanted::Values("moods", known.moods.clone())),
        },
        "instruments" | "instrument" => match list(value, clear) {
            Some(words) => filters.instruments = words.collect(),
            None => return Ok(Wanted::Values("instruments", known.instruments.clone())),
        },
        "energy" => {
            filters.energy = match value.to_lowercase().as_str() {
                "low" | "medium" | "high" => Some(Energy::from(value.to_lowercase().as_str())),
                _ if clear => None,
                _ => return Err("Say filter energy low, medium, high or any.".to_owned()),
            }
        }
        "vocals" => {
            filters.has_vocals = match value.to_lowercase().as_str() {
                "yes" | "with" => Some(true),
                "no" | "without" | "instrumental" => Some(false),
                _ if clear => None,
                _ => return Err("Say filter vocals yes, no or any.".to_owned()),
            }
        }
        "bpm" => (filters.min_bpm, filters.max_bpm) = if clear { (None, None) } else { tempos(value)? },
        other => {
            return Err(format!(
                "There is no filter “{other}”. There are genres, moods, instruments, energy, vocals and bpm."
            ));
        }
    }
    Ok(Wanted::Set(filters))
}

/// Words with commas between; `None` where none is said.
fn list(value: &str, clear: bool) -> Option<impl Iterator<Item = String>> {
    let value = if clear { "," } else { value };
    (!value.is_empty()).then(|| value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()))
}

/// `70-95`, `70-` or `-95`.
fn tempos(value: &str) -> Result<(Option<u16>, Option<u16>), String> {
    let wrong = || format!("Say filter bpm 70-95, 70- (at least) or -95 (at most), within {BPM_MIN} to {BPM_MAX}, or any.");
    let number = |text: &str| -> Result<Option<u16>, String> {
        match text.trim() {
            "" => Ok(None),
            text => match text.parse() {
                Ok(bpm) if (BPM_MIN..=BPM_MAX).contains(&bpm) => Ok(Some(bpm)),
                _ => Err(wrong()),
            },
        }
    };
    let (min, max) = value.split_once(['-', '–']).ok_or_else(wrong)?;
    let (min, max) = (number(min)?, number(max)?);
    if min.is_none() && max.is_none() || min.zip(max).is_some_and(|(min, max)| min > max) {
        return Err(wrong());
    }
    Ok((min, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(rest: &str) -> Filters {
        match wanted(rest, &Filters::default(), &Vocabulary::default()).unwrap() {
            Wanted::Set(filters) => filters,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn filters_are_said_by_name_and_value() {
        assert_eq!(
            set("genres Jazz, Hip Hop ,").genres.into_iter().collect::<Vec<_>>(),
            ["Hip Hop", "Jazz"]
        );
        assert_eq!(set("energy LOW").energy, Some(Energy::Low));
        assert_eq!((set("vocals no").has_vocals, set("vocals any").has_vocals), (Some(false), None));
        for (text, min, max) in [("70-95", Some(70), Some(95)), ("70-", Some(70), None), ("-95", None, Some(95))] {
            let filters = set(&format!("bpm {text}"));
            assert_eq!((filters.min_bpm, filters.max_bpm), (min, max), "{text}");
        }
        let set_before = Filters {
            min_bpm: Some(60),
            moods: ["Calm".to_owned()].into(),
            ..Filters::default()
        };
        let known = Vocabulary::default();
        let Wanted::Set(after) = wanted("moods none", &set_before, &known).unwrap() else {
            panic!()
        };
        assert_eq!((after.moods.len(), after.min_bpm), (0, Some(60)), "the others stay");
        assert_eq!(wanted("clear", &set_before, &known), Ok(Wanted::Set(Filters::default())));
    }

    #[test]
    fn what_cannot_be_a_filter_is_told_with_what_can() {
        let known = Vocabulary {
            moods: vec!["Calm".into()],
            ..Vocabulary::default()
        };
        let said = |rest: &str| wanted(rest, &Filters::default(), &known);
        assert_eq!(said(""), Ok(Wanted::Told));
        assert_eq!(said("moods"), Ok(Wanted::Values("moods", vec!["Calm".into()])));
        for wrong in [
            "bpm",
            "bpm 70",
            "bpm 95-70",
            "bpm 30-",
            "bpm -",
            "bpm x-y",
            "energy huge",
            "vocals",
            "tempo 3",
        ] {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }
}
