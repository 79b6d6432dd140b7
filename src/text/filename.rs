//! A file name made from a title that somebody else wrote.

use unicode_segmentation::UnicodeSegmentation;

use super::Clean;

/// The longest stem in bytes; the extension comes after it.
const MAX_BYTES: usize = 200;

/// Names that Windows keeps for devices, with any extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4",
    "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A safe file name without extension: no separators, control or invisible characters, no leading dot or dash, no name
/// that Windows reserves, at most 200 bytes. Input with nothing usable in it gives `track`.
pub fn file_stem(hint: &str) -> String {
    let clean = Clean::new(hint);
    let swapped: String = clean.chars().map(|c| if "/\\:*?\"<>|".contains(c) { '-' } else { c }).collect();
    let trimmed = swapped
        .trim_start_matches(|c: char| "-. ~".contains(c))
        .trim_end_matches(['.', ' ']);
    let mut stem = String::new();
    for grapheme in trimmed.graphemes(true) {
        if stem.len() + grapheme.len() > MAX_BYTES {
            break;
        }
        stem.push_str(grapheme);
    }
    let stem = stem.trim_end_matches(['.', ' ']);
    let device = stem.split('.').next().unwrap_or_default().trim().to_lowercase();
    if stem.is_empty() {
        "track".to_owned()
    } else if RESERVED.contains(&device.as_str()) {
        format!("{stem} track").replacen('.', " ", 1)
    } else {
        stem.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_devices_and_hidden_files_become_plain_names() {
        assert_eq!(file_stem("../../etc/passwd"), "etc-passwd");
        assert_eq!(file_stem("C:\\Windows\\x"), "C--Windows-x");
        assert_eq!(file_stem(".bashrc"), "bashrc");
        assert_eq!(file_stem("-rf *"), "rf -");
        assert_eq!(file_stem("CON"), "CON track");
        assert_eq!(file_stem("nul.tar"), "nul tar track");
        assert_eq!(file_stem(" \u{202e}\u{1b} "), "track");
        assert_eq!(file_stem("Réverie – 雨"), "Réverie – 雨");
    }

    proptest! {
        #[test]
        fn any_hint_gives_a_name_that_is_no_path(hint in "\\PC{0,400}|.{0,80}") {
            let stem = file_stem(&hint);
            prop_assert!(!stem.is_empty() && stem.len() <= MAX_BYTES);
            prop_assert!(!stem.contains(['/', '\\', ':', '\0']) && !stem.chars().any(char::is_control));
            prop_assert!(!stem.starts_with(['.', '-']) && !stem.ends_with(['.', ' ']));
        }
    }
}
