//! The file name of a `Content-Disposition` header (RFC 6266): a hint, never a path.

use reqwest::header::{CONTENT_DISPOSITION, HeaderMap};

use crate::text::Clean;

/// The name, cleaned; the extended form (`filename*`) wins.
pub(super) fn file_name(headers: &HeaderMap) -> Option<Clean> {
    let raw = headers.get(CONTENT_DISPOSITION)?.as_bytes();
    let text = String::from_utf8_lossy(raw);
    let mut plain = None;
    for (name, value) in parameters(&text) {
        match name.to_ascii_lowercase().as_str() {
            "filename*" => {
                if let Some(name) = extended(&value) {
                    return Some(Clean::new(&name)).filter(|name| !name.is_empty());
                }
            }
            "filename" => plain = Some(Clean::new(&value)),
            _ => {}
        }
    }
    plain.filter(|name| !name.is_empty())
}

/// `; name=value` pairs; a quoted value may hold semicolons and escaped characters.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut chars = text.chars().skip_while(|c| *c != ';').skip(1).peekable();
    while chars.peek().is_some() {
        let mut name = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && *c != ';') {
            name.push(c);
        }
        let mut value = String::new();
        if chars.next_if_eq(&'=').is_some() {
            while chars.next_if(|c| c.is_whitespace()).is_some() {}
            if chars.next_if_eq(&'"').is_some() {
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => value.extend(chars.next()),
                        c => value.push(c),
                    }
                }
            }
            while let Some(c) = chars.next_if(|c| *c != ';') {
                value.push(c);
            }
        }
        chars.next_if_eq(&';');
        found.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    found
}

/// `UTF-8''percent%20encoded` (RFC 8187).
fn extended(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let charset = parts.next()?;
    let encoded = parts.nth(1)?;
    let mut bytes = Vec::new();
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(bytes.into_iter().map(char::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn name(header: &str) -> Option<String> {
        let headers = [(CONTENT_DISPOSITION, HeaderValue::from_bytes(header.as_bytes()).unwrap())]
            .into_iter()
            .collect();
        file_name(&headers).map(|name| name.to_string())
    }

    #[test]
    fn plain_quoted_and_extended_names_are_read() {
        assert_eq!(name("attachment; filename=rain.mp3").as_deref(), Some("rain.mp3"));
        assert_eq!(
            name(r#"attachment; filename="a; \"b\".mp3"; size=3"#).as_deref(),
            Some(r#"a; "b".mp3"#)
        );
        assert_eq!(
            name("attachment; filename=x.mp3; filename*=UTF-8''R%C3%A9verie.mp3").as_deref(),
            Some("Réverie.mp3")
        );
        assert_eq!(
            name("attachment; filename*=iso-8859-1''R%E9verie.mp3").as_deref(),
            Some("Réverie.mp3")
        );
    }

    #[test]
    fn broken_headers_give_what_can_be_read_or_nothing() {
        assert_eq!(name("attachment"), None);
        assert_eq!(name("attachment; filename="), None);
        assert_eq!(name("attachment; filename*=UTF-8''%ZZ; filename=ok.mp3").as_deref(), Some("ok.mp3"));
        assert_eq!(name("attachment; filename=\"unclosed").as_deref(), Some("unclosed"));
    }

    proptest::proptest! {
        #[test]
        fn a_name_of_anything_is_clean_and_becomes_no_path(header in "(attachment|inline)?(; ?(filename\\*?|size)=?(UTF-8''|iso-8859-1'')?\"?[^\\p{Cc}]{0,20}\"?){0,4}") {
            if let Some(name) = HeaderValue::from_bytes(header.as_bytes())
                .ok()
                .and_then(|value| file_name(&[(CONTENT_DISPOSITION, value)].into_iter().collect()))
            {
                proptest::prop_assert!(!name.is_empty() && !name.chars().any(char::is_control));
                let stem = crate::text::file_stem(&name);
                proptest::prop_assert!(!stem.contains(['/', '\\']) && stem != ".." && stem != ".", "{stem:?}");
            }
        }
    }
}
