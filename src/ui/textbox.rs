//! A one-line text box: the part of its text around the cursor.

use tui_input::Input;
use unicode_segmentation::UnicodeSegmentation;

use crate::text::width;

/// What is seen of a text box.
#[derive(Debug, PartialEq, Eq)]
pub struct View {
    /// The text, at most as wide as the box.
    pub text: String,
    /// The cursor's column in the box, always inside it.
    pub cursor: u16,
}

/// The view of a box `columns` wide. It scrolls sideways so that the cursor is always in it.
pub fn view(input: &Input, columns: usize) -> View {
    let value = input.value();
    let at = value.char_indices().nth(input.cursor()).map_or(value.len(), |(at, _)| at);
    // A cursor in the middle of a grapheme stands before it.
    let before: Vec<&str> = value
        .grapheme_indices(true)
        .take_while(|(start, g)| start + g.len() <= at)
        .map(|(_, g)| g)
        .collect();
    let room = columns.saturating_sub(1);
    let mut used: usize = before.iter().map(|g| width(g)).sum();
    let mut first = 0;
    while used > room && first < before.len() {
        used -= width(before[first]);
        first += 1;
    }
    let mut text = String::new();
    let mut wide = 0;
    for grapheme in value.graphemes(true).skip(first) {
        if wide + width(grapheme) > columns {
            break;
        }
        wide += width(grapheme);
        text.push_str(grapheme);
    }
    View {
        text,
        cursor: used.min(room) as u16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, cursor: usize, columns: usize) -> (String, u16) {
        let view = view(&Input::new(text.to_owned()).with_cursor(cursor), columns);
        (view.text, view.cursor)
    }

    #[test]
    fn scrolls_with_the_cursor() {
        assert_eq!(of("abcdef", 6, 10), ("abcdef".into(), 6));
        assert_eq!(of("abcdef", 6, 4), ("def".into(), 3));
        assert_eq!(of("abcdef", 0, 4), ("abcd".into(), 0));
    }

    #[test]
    fn counts_columns_and_not_characters() {
        assert_eq!(of("初音ミク", 2, 20).1, 4);
        assert_eq!(of("e\u{301}x", 2, 20).1, 1);
        assert_eq!(of("初音ミク", 4, 5), ("ミク".into(), 4));
    }

    proptest::proptest! {
        #[test]
        fn the_cursor_stays_inside(text in "\\PC{0,40}", cursor in 0usize..45, columns in 0usize..30) {
            let (shown, at) = of(&text, cursor, columns);
            proptest::prop_assert!(usize::from(at) <= columns.saturating_sub(1));
            proptest::prop_assert!(shown.graphemes(true).map(width).sum::<usize>() <= columns);
        }
    }
}
