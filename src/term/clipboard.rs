//! The clipboard through the terminal (OSC 52), which also works over SSH.

use std::io::{self, Write};

/// The most bytes that every GNU screen takes in one string for the terminal around it.
const SCREEN_PIECE: usize = 240;

/// Puts text on the clipboard, if the terminal allows it; it does not say whether it did.
///
/// # Errors
/// What the terminal says.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    out.write_all(sequence(text, in_screen(|name| std::env::var_os(name).is_some())).as_bytes())?;
    out.flush()
}

/// Whether GNU screen is between this program and the terminal. tmux, which understands OSC 52 by itself, may run inside of it.
fn in_screen(is_set: impl Fn(&str) -> bool) -> bool {
    is_set("STY") && !is_set("TMUX")
}

/// What is written to have this text on the clipboard. screen keeps an OSC 52 to itself, but passes on what it is handed in a DCS.
fn sequence(text: &str, in_screen: bool) -> String {
    let mut rest = format!("\x1b]52;c;{}\x07", base64(text.as_bytes()));
    if !in_screen {
        return rest;
    }
    let mut wrapped = String::new();
    while !rest.is_empty() {
        let piece: String = rest.drain(..rest.len().min(SCREEN_PIECE)).collect();
        wrapped.push_str("\x1bP");
        wrapped.push_str(&piece);
        wrapped.push_str("\x1b\\");
    }
    wrapped
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0u32, |bits, (index, byte)| bits | u32::from(*byte) << (16 - 8 * index));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648_come_out() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn screen_is_handed_it_in_pieces_that_it_passes_on() {
        assert_eq!(sequence("foo", false), "\x1b]52;c;Zm9v\x07");
        assert_eq!(sequence("foo", true), "\x1bP\x1b]52;c;Zm9v\x07\x1b\\");
        let long = "a path ".repeat(200);
        let wrapped = sequence(&long, true);
        let pieces: Vec<&str> = wrapped.split_terminator("\x1b\\").collect();
        assert!(pieces.len() > 5, "{}", pieces.len());
        let inside: Vec<&str> = pieces.iter().map(|piece| piece.strip_prefix("\x1bP").unwrap()).collect();
        assert!(inside.iter().all(|piece| piece.len() <= SCREEN_PIECE));
        assert_eq!(inside.concat(), sequence(&long, false));
    }

    #[test]
    fn screen_is_known_by_its_variable_unless_tmux_runs_inside_of_it() {
        for (set, expected) in [("STY", true), ("STY TMUX", false), ("TMUX", false), ("", false)] {
            assert_eq!(in_screen(|name| set.split(' ').any(|one| one == name)), expected, "{set:?}");
        }
    }
}
