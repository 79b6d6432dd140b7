//! JSON that does nothing to a terminal.

use std::fmt::Write as _;

use serde_json::Value;

use super::clean::is_hidden;

/// A document on one line. Characters that a terminal would obey or hide are written as escapes, which is the same document.
pub fn json(document: &Value) -> String {
    let plain = document.to_string();
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        // Outside of strings JSON has none of these.
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let hostile = json!({"t\u{9b}": "\u{1b}[2J\u{7f}\u{85}\u{202e}gpj\u{200b}\u{e0041}é夜"});
        assert_eq!(
            super::json(&hostile),
            "{\"t\\u009b\":\"\\u001b[2J\\u007f\\u0085\\u202egpj\\u200b\\udb40\\udc41é夜\"}"
        );
    }

    proptest! {
        #[test]
        fn it_stays_the_same_document(text in any::<String>()) {
            let document = json!({&text: [&text, 1.5, null]});
            let line = super::json(&document);
            prop_assert!(!line.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), document);
        }
    }
}
