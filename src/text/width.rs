//! Cutting and padding by terminal columns.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many columns a string takes in a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// Cuts a string to at most `columns` columns, at a grapheme boundary; what was cut ends in `…`.
pub fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = grapheme.width();
        if used + wide + 1 > columns {
            break;
        }
        out.push_str(grapheme);
        used += wide;
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Cuts to `columns` and fills up with spaces, so that the result is exactly `columns` wide.
pub fn pad(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns);
    let missing = columns.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cut_is_never_wider_than_asked_and_a_pad_is_exact(text in "\\PC{0,60}", columns in 0usize..40) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
            prop_assert_eq!(width(&pad(&text, columns)), columns);
        }
    }

    #[test]
    fn wide_characters_are_not_halved() {
        assert_eq!(cut("雨の日", 5), "雨の…");
        assert_eq!(cut("雨の日", 4), "雨…");
        assert_eq!(pad("雨の日", 4), "雨… ");
    }
}
