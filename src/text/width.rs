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
    // Neighbours can change each other's width, so the sum over graphemes is only nearly the width of the whole.
    while out.width() > columns {
        let last = out.grapheme_indices(true).next_back().map_or(0, |(start, _)| start);
        out.truncate(last);
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

    #[test]
    fn cuts_between_graphemes() {
        for (text, columns, cut_text) in [
            ("Rainy Window", 12, "Rainy Window"),
            ("Rainy Window", 6, "Rainy…"),
            ("夜の雨", 5, "夜の…"),
            ("夜の雨", 4, "夜…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("👩\u{200d}🚀👩\u{200d}🚀", 3, "👩\u{200d}🚀…"),
            ("abc", 1, "…"),
            ("abc", 0, ""),
        ] {
            assert_eq!(cut(text, columns), cut_text, "{text:?} to {columns}");
        }
        assert_eq!(pad("夜の雨", 4), "夜… ");
    }

    proptest! {
        #[test]
        fn never_wider_than_asked(text in any::<String>(), columns in 0usize..40) {
            prop_assert!(width(&cut(&text, columns)) <= columns);
        }

        #[test]
        fn padding_fills_exactly(text in any::<String>(), columns in 0usize..40) {
            let clean = crate::text::Clean::new(&text);
            prop_assert_eq!(width(&pad(&clean, columns)), columns);
        }

        #[test]
        fn what_is_cut_was_there(text in "[a-z夜雨e\u{301}\u{308}]{0,30}", columns in 0usize..40) {
            let cut_text = cut(&text, columns);
            let kept = cut_text.trim_end_matches('…');
            prop_assert!(text.starts_with(kept));
            prop_assert!(text.grapheme_indices(true).any(|(start, _)| start == kept.len()) || kept.len() == text.len());
        }
    }
}
