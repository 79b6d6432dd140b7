//! [`Clean`]: a string that cannot do anything to a terminal.

use std::{fmt, ops::Deref, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most characters a cleaned string keeps; the rest is replaced by an ellipsis.
pub const MAX_CHARS: usize = 500;

/// One line of text without control, bidirectional, zero-width or other invisible characters.
///
/// Runs of white space, line breaks included, become one space; the ends are trimmed.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Clean(Arc<str>);

impl Clean {
    /// Cleans a string from outside, keeping at most [`MAX_CHARS`] characters.
    pub fn new(raw: &str) -> Self {
        let mut out = String::new();
        let mut kept = 0;
        let mut gap = false;
        for c in raw.chars() {
            if c.is_whitespace() {
                gap = !out.is_empty();
                continue;
            }
            if is_hidden(c) {
                continue;
            }
            if kept + usize::from(gap) >= MAX_CHARS {
                out.push('…');
                break;
            }
            if gap {
                out.push(' ');
                kept += 1;
                gap = false;
            }
            out.push(c);
            kept += 1;
        }
        Self(out.into())
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that change how a terminal shows its neighbours, or that cannot be seen.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0E}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{10FFFF}')
}

impl Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl Serialize for Clean {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Clean {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn terminals_are_left_alone() {
        for (raw, clean) in [
            ("\u{1b}[2JGone\u{7}", "[2JGone"),
            ("a\r\nb\t c", "a b c"),
            ("  ends  ", "ends"),
            ("evil\u{202e}txt", "eviltxt"),
            ("zero\u{200b}width\u{feff}", "zerowidth"),
            ("\u{9b}31mC1", "31mC1"),
            ("tag\u{e0041}s", "tags"),
            ("Zoe\u{308} \u{915}\u{94d}\u{937}", "Zoe\u{308} \u{915}\u{94d}\u{937}"),
            ("👩\u{200d}🚀", "👩🚀"),
            ("❤\u{fe0f}", "❤\u{fe0f}"),
        ] {
            assert_eq!(Clean::new(raw).as_str(), clean, "{raw:?}");
        }
    }

    #[test]
    fn endless_text_ends() {
        let long = Clean::new(&"x".repeat(100_000));
        assert_eq!(long.chars().count(), MAX_CHARS + 1);
        assert!(long.ends_with('…'));
        let words = Clean::new(&"ab ".repeat(100_000));
        assert!(words.chars().count() <= MAX_CHARS + 1);
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>()) {
            let once = Clean::new(&raw);
            prop_assert_eq!(Clean::new(&once), once);
        }

        #[test]
        fn cleaning_long_text_twice_changes_nothing(raw in "[a-z \u{301}]{480,520}") {
            let once = Clean::new(&raw);
            prop_assert!(once.chars().count() <= MAX_CHARS + 1);
            prop_assert_eq!(Clean::new(&once), once);
        }

        #[test]
        fn nothing_hidden_is_left(raw in any::<String>()) {
            let clean = Clean::new(&raw);
            prop_assert!(!clean.chars().any(is_hidden));
            prop_assert!(!clean.chars().any(|c| c.is_whitespace() && c != ' '));
            prop_assert_eq!(clean.trim(), clean.as_str());
        }

        #[test]
        fn visible_text_stays(raw in "[a-zäöüß\u{300}\u{301}\u{308}夜雨]{0,100}") {
            let clean = Clean::new(&raw);
            prop_assert_eq!(clean.as_str(), raw);
        }
    }
}
