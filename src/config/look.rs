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
