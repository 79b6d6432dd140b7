//! Settings: the command line over the environment over one TOML file over the defaults; and where our files are.

mod file;
mod paths;
mod remembered;
mod settings;

pub use paths::Paths;
pub use remembered::{load_volume, save_volume};
pub use settings::{Overrides, Settings};

/// Why the settings cannot be used; the text names the place and what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);
