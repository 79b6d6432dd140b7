//! Where our files are: in `AppData` on Windows, in the XDG folders everywhere else, macOS included, as with other programs of the terminal.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::ConfigError;

const NAME: &str = "trackyard-tui";

/// Our folders and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file.
    pub config: PathBuf,
    /// Databases, and bytes that were paid for and could not be put where they belong.
    pub data: PathBuf,
    /// The log and what is remembered between sessions.
    pub state: PathBuf,
    /// What can be had again: kept previews.
    pub cache: PathBuf,
    /// Where downloads go unless the configuration says otherwise.
    pub music: PathBuf,
}

impl Paths {
    /// Finds them, given a way to look up environment variables.
    ///
    /// # Errors
    /// When there is no home folder to be found.
    pub fn find(env: &impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let set = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = home(env)?;
        let base = |variable: &str, otherwise: PathBuf| set(variable).unwrap_or(otherwise).join(NAME);
        let (config, data, state, cache) = if cfg!(target_os = "windows") {
            let roaming = set("APPDATA").unwrap_or_else(|| home.join("AppData/Roaming"));
            let local = set("LOCALAPPDATA").unwrap_or_else(|| home.join("AppData/Local"));
            (
                base("XDG_CONFIG_HOME", roaming),
                base("XDG_DATA_HOME", local.clone()),
                base("XDG_STATE_HOME", local.clone()),
                base("XDG_CACHE_HOME", local).join("cache"),
            )
        } else {
            (
                base("XDG_CONFIG_HOME", home.join(".config")),
                base("XDG_DATA_HOME", home.join(".local/share")),
                base("XDG_STATE_HOME", home.join(".local/state")),
                base("XDG_CACHE_HOME", home.join(".cache")),
            )
        };
        let config_home = config.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self {
            config: config.join("config.toml"),
            data,
            state,
            cache,
            music: music_folder(&set, &home, &config_home).join("Trackyard"),
        })
    }

    /// The ledger of spends.
    pub fn ledger(&self) -> PathBuf {
        self.data.join("ledger.db")
    }

    /// The library of what was seen.
    pub fn library(&self) -> PathBuf {
        self.data.join("library.db")
    }

    /// Bytes that were paid for and could not be written where they belong.
    pub fn rescue(&self) -> PathBuf {
        self.data.join("rescued")
    }

    /// The previews that are kept.
    pub fn previews(&self) -> PathBuf {
        self.cache.join("previews")
    }

    /// How large a buffer each audio device needs.
    pub fn audio_buffers(&self) -> PathBuf {
        self.state.join("audio-buffers")
    }

    /// The log.
    pub fn log(&self) -> PathBuf {
        self.state.join("log.txt")
    }
}

/// The user's home folder, given a way to look up environment variables.
///
/// # Errors
/// When there is none to be found.
pub fn home(env: &impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, ConfigError> {
    ["HOME", "USERPROFILE"]
        .iter()
        .find_map(|name| env(name).map(PathBuf::from).filter(|path| path.is_absolute()))
        .or_else(|| etcetera::home_dir().ok())
        .ok_or_else(|| ConfigError::Setting("there is no home folder: set HOME".into()))
}

/// The desktop's music folder: the variable, else `user-dirs.dirs`, else `~/Music`.
fn music_folder(set: &impl Fn(&str) -> Option<PathBuf>, home: &Path, config_home: &Path) -> PathBuf {
    if let Some(folder) = set("XDG_MUSIC_DIR") {
        return folder;
    }
    let text = std::fs::read_to_string(config_home.join("user-dirs.dirs")).unwrap_or_default();
    let written = text
        .lines()
        .find_map(|line| Some(line.trim().strip_prefix("XDG_MUSIC_DIR=")?.trim_matches('"').to_owned()));
    let folder = written.map(|folder| match folder.strip_prefix("$HOME/") {
        Some(inside) => home.join(inside),
        None => PathBuf::from(folder),
    });
    folder.filter(|folder| folder.is_absolute()).unwrap_or_else(|| home.join("Music"))
}

#[cfg(test)]
#[cfg(not(target_os = "windows"))]
mod tests {
    use super::*;

    #[test]
    fn variables_come_before_the_usual_places() {
        let env = |name: &str| match name {
            "HOME" => Some("/home/ada".into()),
            "XDG_DATA_HOME" => Some("/data".into()),
            "XDG_STATE_HOME" => Some("not/absolute".into()),
            _ => None,
        };
        let paths = Paths::find(&env).unwrap();
        assert_eq!(paths.config, Path::new("/home/ada/.config/trackyard-tui/config.toml"));
        assert_eq!(paths.ledger(), Path::new("/data/trackyard-tui/ledger.db"));
        assert_eq!(paths.state, Path::new("/home/ada/.local/state/trackyard-tui"));
        assert_eq!(paths.previews(), Path::new("/home/ada/.cache/trackyard-tui/previews"));
        assert_eq!(paths.music, Path::new("/home/ada/Music/Trackyard"));
    }

    #[test]
    fn the_desktops_music_folder_is_found() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join(".config")).unwrap();
        std::fs::write(home.path().join(".config/user-dirs.dirs"), "# x\nXDG_MUSIC_DIR=\"$HOME/Musik\"\n").unwrap();
        let folder = home.path().as_os_str().to_owned();
        let paths = Paths::find(&|name: &str| (name == "HOME").then(|| folder.clone())).unwrap();
        assert_eq!(paths.music, home.path().join("Musik/Trackyard"));
    }
}
