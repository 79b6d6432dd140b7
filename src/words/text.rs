//! Words cut out of a text and folded: letters and digits, without case and accents.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word and where it stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) folded: String,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// One word folded: no case, no accents, nothing but letters and digits. May be empty.
pub fn fold(word: &str) -> String {
    word.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        // Letters in circles and squares, which the index cuts words at.
        .filter(|c| c.is_alphanumeric() && !matches!(c, '\u{1f130}'..='\u{1f189}'))
        .collect()
}

/// The words of a text, folded.
pub fn folded(text: &str) -> impl Iterator<Item = String> {
    tokens(text).into_iter().map(|token| token.folded)
}

/// Cuts a text into words. An apostrophe does not end a word.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = None;
    let mut close = |from: usize, to: usize| {
        let folded = fold(&text[from..to]);
        if !folded.is_empty() {
            tokens.push(Token {
                folded,
                start: from,
                end: to,
            });
        }
    };
    for (at, c) in text.char_indices() {
        let inside = c.is_alphanumeric() || is_combining_mark(c) || (start.is_some() && matches!(c, '\'' | '’'));
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                close(from, at);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        close(from, text.len());
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_folded() {
        assert_eq!(
            folded("Lo-Fi, Café! Children’s R&B").collect::<Vec<_>>(),
            ["lo", "fi", "cafe", "childrens", "r", "b"]
        );
        assert_eq!(folded("初音 ミク").count(), 2);
    }
}
