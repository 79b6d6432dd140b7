//! What the screen shall look like, as far as the user says.

use std::path::Path;
use std::str::FromStr;

use super::{ConfigError, Keys, file};

/// What can change while the program runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// The keys.
    pub keys: Keys,
    /// The theme.
    pub theme: ThemeName,
    /// What waveforms are drawn with.
    pub glyphs: Glyphs,
}

/// Reads keys and theme from the configuration file. Waits for the disk.
///
/// # Errors
/// [`ConfigError`], as at the start.
pub fn look(path: &Path) -> Result<Look, ConfigError> {
    let file = file::read(path, false)?;
    Ok(Look {
        keys: file.keys,
        theme: file.theme.unwrap_or_default(),
        glyphs: file.waveform.unwrap_or_default().glyphs(|name| std::env::var(name).ok()),
    })
}

/// A theme by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// By the terminal: its background, its colours, `NO_COLOR`.
    #[default]
    Auto,
    /// For dark backgrounds.
    Dark,
    /// For light backgrounds.
    Light,
    /// Black and white with few, strong colours.
    HighContrast,
    /// No colours: bold, dim, underlined and reversed.
    Mono,
    /// The terminal's own 16 colours.
    Terminal,
}

impl ThemeName {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Auto, Self::Dark, Self::Light, Self::HighContrast, Self::Mono, Self::Terminal];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
            Self::Terminal => "terminal",
        }
    }
}

impl FromStr for ThemeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            format!("has to be one of {names}")
        })
    }
}

/// What waveforms are drawn with, as the user says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WaveformName {
    /// Blocks where the terminal has them, else plain characters.
    #[default]
    Auto,
    /// These.
    Of(Glyphs),
}

/// Characters that draw a waveform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Glyphs {
    /// Block characters: eight heights a row.
    #[default]
    Blocks,
    /// Braille: two columns a character, four heights a row.
    Braille,
    /// Nothing but ASCII: four heights a row.
    Ascii,
}

impl Glyphs {
    /// Their name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Braille => "braille",
            Self::Ascii => "ascii",
        }
    }
}

impl WaveformName {
    const ALL: [Self; 4] = [
        Self::Auto,
        Self::Of(Glyphs::Blocks),
        Self::Of(Glyphs::Braille),
        Self::Of(Glyphs::Ascii),
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Of(glyphs) => glyphs.as_str(),
        }
    }

    /// What it means on the terminal of this environment: plain characters where the locale is not UTF-8, and on the Linux console, whose
    /// fonts lack most blocks.
    pub fn glyphs(self, env: impl Fn(&str) -> Option<String>) -> Glyphs {
        let Self::Of(glyphs) = self else {
            let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
                .iter()
                .find_map(|name| env(name).filter(|value| !value.is_empty()));
            // Without a locale nothing is said against it, and programs of today are written for UTF-8.
            let utf8 = locale.is_none_or(|locale| {
                let locale = locale.to_lowercase();
                locale.contains("utf-8") || locale.contains("utf8")
            });
            let plain = !utf8 || env("TERM").is_some_and(|term| matches!(term.as_str(), "linux" | "dumb"));
            return if plain { Glyphs::Ascii } else { Glyphs::Blocks };
        };
        glyphs
    }
}

impl FromStr for WaveformName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            format!("has to be one of {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_characters_are_for_terminals_without_others() {
        let glyphs = |name: WaveformName, vars: &[(&str, &str)]| {
            name.glyphs(|asked| vars.iter().find(|(known, _)| *known == asked).map(|(_, value)| (*value).to_owned()))
        };
        for (vars, expected) in [
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "xterm-256color")][..], Glyphs::Blocks),
            (&[], Glyphs::Blocks),
            (&[("LC_ALL", ""), ("LANG", "de_DE.utf8")], Glyphs::Blocks),
            (&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], Glyphs::Ascii),
            (&[("LANG", "de_DE.ISO-8859-1")], Glyphs::Ascii),
            (&[("LANG", "en_GB.UTF-8"), ("TERM", "linux")], Glyphs::Ascii),
        ] {
            assert_eq!(glyphs(WaveformName::Auto, vars), expected, "{vars:?}");
        }
        assert_eq!(glyphs("braille".parse().unwrap(), &[("LANG", "C")]), Glyphs::Braille);
        assert!("dots".parse::<WaveformName>().unwrap_err().contains("blocks, braille, ascii"));
    }
}
