//! Breaking a text into lines by terminal columns.

use unicode_segmentation::UnicodeSegmentation;

use crate::text::width;

/// Breaks a text into lines of at most `columns` columns, at spaces where possible, else between graphemes. Line breaks in it are kept.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    if columns == 0 {
        return Vec::new();
    }
    text.lines().flat_map(|line| wrap_line(line, columns)).collect()
}

fn wrap_line(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!line.is_empty());
        if width(&line) + gap + width(word) <= columns {
            if gap > 0 {
                line.push(' ');
            }
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for grapheme in word.graphemes(true) {
            if !line.is_empty() && width(&line) + width(grapheme) > columns {
                lines.push(std::mem::take(&mut line));
            }
            // A wide character in a single column cannot be shown at all.
            if width(grapheme) <= columns {
                line.push_str(grapheme);
            }
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_spaces_and_long_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert_eq!(wrap("a\n\nb", 3), ["a", "", "b"]);
        assert!(wrap("初音ミク", 1).iter().all(String::is_empty));
    }

    proptest::proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[a-z初音é \n]{0,80}", columns in 2usize..30) {
            let lines = wrap(&text, columns);
            proptest::prop_assert!(lines.iter().all(|line| width(line) <= columns));
            let squeezed = |s: &str| s.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(squeezed(&lines.concat()), squeezed(&text));
        }
    }
}
