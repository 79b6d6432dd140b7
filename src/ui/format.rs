//! Numbers and words as people read them.

use std::time::Duration;

use crate::api::{Energy, Track};
use crate::state::Server;

/// Minutes and seconds, such as `2:47`.
pub fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Seconds as minutes and seconds, rounded.
pub fn clock_seconds(seconds: f64) -> String {
    clock(Duration::from_secs(seconds.round().clamp(0.0, 1e9) as u64))
}

/// How long ago, such as `3 min ago`.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

/// A number and its noun, such as `1 track`, `2 tracks`.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

/// A signed number and its noun, such as `1 credit`, `−3 credits`.
pub fn count_of(number: i64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", balance(number))
}

/// A credit balance; a true minus sign for a negative one.
pub fn balance(credits: i64) -> String {
    if credits < 0 {
        format!("−{}", credits.unsigned_abs())
    } else {
        credits.to_string()
    }
}

/// A musical key in short: `A minor` is `Am`, `C major` is `C`. What is not written like that stays.
pub fn short_key(key: &str) -> String {
    let mut words = key.split_whitespace();
    match (words.next(), words.next().map(str::to_lowercase).as_deref(), words.next()) {
        (Some(note), Some("minor" | "min"), None) => format!("{note}m"),
        (Some(note), Some("major" | "maj"), None) => note.to_owned(),
        _ => key.to_owned(),
    }
}

/// Tempo, rounded to whole beats a minute.
pub fn bpm(track: &Track) -> Option<String> {
    track.bpm.map(|bpm| format!("{bpm:.0}"))
}

/// Energy as rising bars, three columns wide; blank where it is not known.
pub fn energy_bars(energy: Option<&Energy>) -> &'static str {
    match energy {
        Some(Energy::Low) => "▂  ",
        Some(Energy::Medium) => "▂▅ ",
        Some(Energy::High) => "▂▅█",
        Some(Energy::Other(_)) => " ? ",
        None => "   ",
    }
}

/// Who is asked, as prices name it.
pub fn server_name(server: &Server) -> &str {
    match server {
        Server { is_sandbox: true, .. } => "the sandbox",
        Server { is_vendor: true, .. } => "Trackyard",
        Server { host, .. } => host,
    }
}

/// Cuts a path to at most `columns` columns from its front: its end says more. What is not seen of it, or would move the rest, goes: anybody
/// can have named a file.
pub fn path_tail(path: &str, columns: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation;

    let path: String = path.chars().filter(|c| !crate::text::is_hidden(*c)).collect();
    if crate::text::width(&path) <= columns {
        return path;
    }
    let mut tail: Vec<&str> = Vec::new();
    let mut used = 1;
    for grapheme in path.graphemes(true).rev() {
        used += crate::text::width(grapheme);
        if used > columns {
            break;
        }
        tail.push(grapheme);
    }
    if columns == 0 {
        return String::new();
    }
    std::iter::once("…").chain(tail.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short() {
        for (long, short) in [
            ("A minor", "Am"),
            ("C major", "C"),
            ("F# Minor", "F#m"),
            ("Bb maj", "Bb"),
            ("Am", "Am"),
            ("", ""),
            ("D dorian mode", "D dorian mode"),
        ] {
            assert_eq!(short_key(long), short);
        }
    }

    #[test]
    fn times_read_well() {
        assert_eq!(clock_seconds(167.4), "2:47");
        assert_eq!(clock_seconds(f64::NAN), "0:00");
        assert_eq!(clock_seconds(-3.0), "0:00");
        assert_eq!(age(59), "just now");
        assert_eq!(age(200), "3 min ago");
        assert_eq!(age(7200), "2 h ago");
        assert_eq!(age(200_000), "2 d ago");
    }

    #[test]
    fn a_path_keeps_its_end() {
        assert_eq!(path_tail("/home/me/Music/x.mp3", 10), "…sic/x.mp3");
        assert_eq!(path_tail("/a", 10), "/a");
        assert_eq!(path_tail("/a\u{1b}[31m\u{202e}b", 20), "/a[31mb");
        assert_eq!(path_tail("/abc", 0), "");
    }
}
