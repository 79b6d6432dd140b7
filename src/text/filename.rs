//! A file name made from a title that somebody else wrote.

use unicode_segmentation::UnicodeSegmentation;

use super::Clean;

/// The longest stem in bytes; the extension comes after it.
const MAX_BYTES: usize = 200;

/// What is used where nothing usable is left.
const FALLBACK: &str = "track";

/// A safe file name without extension: no separators, control or invisible characters, no leading dot, dash or tilde, no
/// name that Windows reserves, at most 200 bytes. Empty input, or input with nothing usable in it, gives `track`.
pub fn file_stem(hint: &str) -> String {
    let plain: String = Clean::new(hint)
        .chars()
        .map(|c| if is_separator(c) { '-' } else { c })
        .collect::<String>();
    let trimmed = trim(&plain);
    let mut stem = String::new();
    if is_reserved(trimmed) {
        stem.push('_');
    }
    for grapheme in trimmed.graphemes(true) {
        if stem.len() + grapheme.len() > MAX_BYTES {
            break;
        }
        stem.push_str(grapheme);
    }
    let stem = trim(&stem);
    if stem.is_empty() { FALLBACK.to_owned() } else { stem.to_owned() }
}

/// Characters that some file system or shell reads as more than a letter.
fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

fn trim(name: &str) -> &str {
    name.trim_start_matches(['.', '-', '~', ' ']).trim_end_matches(['.', ' '])
}

/// Device names of Windows, with or without an extension, in any letter case.
fn is_reserved(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    if matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$") {
        return true;
    }
    let Some(number) = base.strip_prefix("COM").or_else(|| base.strip_prefix("LPT")) else {
        return false;
    };
    let mut digits = number.chars();
    matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_somebody_else_wrote() {
        for (hint, stem) in [
            ("Rainy Window", "Rainy Window"),
            ("../../etc/passwd", "etc-passwd"),
            (r"C:\Windows\win.ini", "C--Windows-win.ini"),
            ("-rf", "rf"),
            (".bashrc", "bashrc"),
            ("~/x", "x"),
            ("AC/DC: Live?", "AC-DC- Live-"),
            ("line\nbreak\u{1b}[31m", "line break[31m"),
            ("gpj.\u{202e}3pm", "gpj.3pm"),
            ("dots...", "dots"),
            ("CON", "_CON"),
            ("nul.backup", "_nul.backup"),
            ("com¹", "_com¹"),
            ("COM10", "COM10"),
            ("Concert", "Concert"),
            ("", "track"),
            (" ./.- ", "track"),
            ("\u{200b}\u{0}", "track"),
            ("夜の雨", "夜の雨"),
        ] {
            assert_eq!(file_stem(hint), stem, "{hint:?}");
        }
    }

    #[test]
    fn long_names_are_cut_between_graphemes() {
        let accents = "e\u{301}".repeat(100);
        let stem = file_stem(&accents);
        assert_eq!(stem, "e\u{301}".repeat(66), "3 bytes each, never half of one");
    }

    proptest! {
        #[test]
        fn is_always_safe(hint in any::<String>()) {
            let stem = file_stem(&hint);
            prop_assert!(!stem.is_empty() && stem.len() <= MAX_BYTES);
            prop_assert!(!stem.contains(is_separator) && !stem.chars().any(char::is_control));
            prop_assert!(!stem.starts_with(['.', '-', '~', ' ']) && !stem.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&stem));
            prop_assert_eq!(file_stem(&stem), stem);
        }
    }
}
