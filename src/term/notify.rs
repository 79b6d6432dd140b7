//! Telling whoever looks elsewhere that long work is done: the bell, or the terminal's own desktop notification.

use std::io::{self, Write};
use std::str::FromStr;

use crate::text::Clean;

/// How to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// Not at all.
    #[default]
    Off,
    /// The terminal's bell.
    Bell,
    /// OSC 9: iTerm2, WezTerm, Windows Terminal, Ghostty, kitty.
    Osc9,
    /// OSC 777: foot, urxvt, Konsole, VTE.
    Osc777,
}

impl FromStr for Notify {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "off" => Ok(Self::Off),
            "bell" => Ok(Self::Bell),
            "osc9" => Ok(Self::Osc9),
            "osc777" => Ok(Self::Osc777),
            _ => Err("has to be one of off, bell, osc9, osc777"),
        }
    }
}

impl Notify {
    /// The word for it in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
            Self::Osc777 => "osc777",
        }
    }

    /// What the terminal is sent; empty when nothing is to be told.
    fn sequence(self, text: &str) -> String {
        // Nothing in a title may end the sequence or add a field to it.
        let text = Clean::new(text).replace(';', ",");
        match self {
            Self::Off => String::new(),
            Self::Bell => "\x07".to_owned(),
            Self::Osc9 => format!("\x1b]9;{text}\x1b\\"),
            Self::Osc777 => format!("\x1b]777;notify;trackyard-tui;{text}\x1b\\"),
        }
    }

    /// Tells on standard output.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn tell(self, text: &str) -> io::Result<()> {
        self.tell_on(&mut io::stdout(), text)
    }

    /// Tells the terminal that `out` leads to.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn tell_on(self, out: &mut impl Write, text: &str) -> io::Result<()> {
        let sequence = self.sequence(text);
        if sequence.is_empty() {
            return Ok(());
        }
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_its_sequence_and_a_title_cannot_break_out_of_it() {
        for (word, sequence) in [
            ("off", ""),
            ("bell", "\x07"),
            ("osc9", "\x1b]9;done: a, b[2Jc\x1b\\"),
            ("osc777", "\x1b]777;notify;trackyard-tui;done: a, b[2Jc\x1b\\"),
        ] {
            let way: Notify = word.parse().unwrap();
            assert_eq!(way.sequence("done: a; b\x1b[2J\x07c"), sequence, "{word}");
            assert_eq!(way.as_str(), word);
        }
        assert!("loud".parse::<Notify>().unwrap_err().contains("osc777"));
    }
}
