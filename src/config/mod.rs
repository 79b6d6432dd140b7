//! Settings: the command line over the environment over one TOML file over the defaults; and where our files are.

mod file;
mod keep_key;
mod keyring;
mod look;
mod options;
mod paths;
mod remembered;
mod settings;

pub use file::Keys;
pub use keep_key::{KeepIn, keep_key, turn_keyring_on};
pub use keyring::{Keyring, KeyringError};
use look::WaveformName;
pub use look::{Glyphs, Look, ThemeName, look};
pub use options::default_file;
pub use paths::{Paths, home};
pub use remembered::{load_volume, save_tour_taken, save_volume, tour_taken};
pub use settings::{KeyPlace, MEGABYTE, Overrides, Settings, path};

/// Why the settings cannot be used; the text names the place and what to change, and never quotes a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A file, a variable or an option that cannot be read or understood.
    #[error("{0}")]
    Setting(String),
    /// The key cannot be one, or is kept where others can read it.
    #[error("{0}")]
    Key(String),
}
