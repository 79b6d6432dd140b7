//! The settings that hold, whatever they come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ConfigError, Look, Paths, file, paths};
use crate::api::{ApiKey, Endpoint, VENDOR};
use crate::term::Notify;

/// How long a command waits for a rate limit in all unless told otherwise, in seconds.
const MAX_WAIT: u64 = 300;
/// Bytes in a megabyte, as the file counts them.
pub const MEGABYTE: u64 = 1_000_000;
/// How many megabytes of previews are kept on the disk unless told otherwise.
const PREVIEW_CACHE_MB: u64 = 500;
/// The longest wait that can be set, in seconds: a day.
const LONGEST_WAIT: u64 = 86_400;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--api-url`
    pub api_url: Option<String>,
    /// `--budget`, in credits.
    pub budget: Option<u64>,
    /// `--max-wait`, in seconds.
    pub max_wait: Option<u64>,
    /// `--offline`
    pub offline: bool,
}

/// Where a key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// `TRACKYARD_API_KEY`
    Environment,
    /// The system's keyring.
    Keyring,
    /// `api_key` in the configuration file.
    File,
}

impl KeyPlace {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "TRACKYARD_API_KEY",
            Self::Keyring => "the keyring",
            Self::File => "the configuration file",
        }
    }
}

/// The settings that hold.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server.
    pub endpoint: Endpoint,
    /// The key of the environment or the file, if there is one.
    pub key: Option<ApiKey>,
    /// Where that key comes from.
    pub key_place: Option<KeyPlace>,
    /// The keyring may be asked for the key. Whether it is, [`Settings::asks_keyring`] says.
    pub keyring: bool,
    /// Where downloads go.
    pub download_folder: PathBuf,
    /// The audio device to use; `None`: the system's own choice.
    pub audio_device: Option<String>,
    /// Most bytes of previews that are kept on the disk; 0 keeps none.
    pub preview_cache: u64,
    /// Play what the cursor reaches.
    pub auto_audition: bool,
    /// What the cursor reaches begins at its peak.
    pub start_at_peak: bool,
    /// Previews are brought to the same loudness.
    pub even_loudness: bool,
    /// Most credits a session may spend.
    pub budget_session: Option<u64>,
    /// Most credits a calendar month may spend.
    pub budget_month: Option<u64>,
    /// Most time to wait for a rate limit in all.
    pub max_wait: Duration,
    /// No server is asked.
    pub offline: bool,
    /// Keys and theme.
    pub look: Look,
    /// Whether clicks and the wheel are ours.
    pub mouse: bool,
    /// How the end of long work is told.
    pub notify: Notify,
    /// Where our files are.
    pub paths: Paths,
}

/// Where the configuration file is, or would be.
///
/// # Errors
/// When there is no home folder to be found.
pub fn path(flags: &Overrides, env: &impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, ConfigError> {
    Ok(named(flags, env).unwrap_or(Paths::find(env)?.config))
}

/// The file that the user names.
fn named(flags: &Overrides, env: &impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let variable = || env("TRACKYARD_TUI_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    flags.config.clone().or_else(variable)
}

impl Settings {
    /// Puts them together: command line over environment over file over defaults.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that cannot be read or understood, a URL or a key that cannot be one.
    pub fn load(flags: &Overrides, env: &impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut paths = Paths::find(env)?;
        let text = |name: &str| match env(name) {
            None => Ok(None),
            Some(value) => value
                .into_string()
                .map(Some)
                .map_err(|_| ConfigError::Setting(format!("{name} is not valid UTF-8"))),
        };
        let named = named(flags, env);
        if let Some(path) = &named {
            paths.config.clone_from(path);
        }
        let file = file::read(&paths.config, named.is_some())?;
        let url = flags
            .api_url
            .clone()
            .or(text("TRACKYARD_API_URL")?.filter(|url| !url.is_empty()))
            .or(file.api_url)
            .unwrap_or_else(|| VENDOR.to_owned());
        let endpoint = Endpoint::new(&url).map_err(|error| ConfigError::Setting(error.0))?;
        let from_environment = text("TRACKYARD_API_KEY")?.filter(|key| !key.is_empty());
        let (key, key_place) = match (from_environment, file.api_key) {
            (Some(key), _) => (Some(key_of(&key, "TRACKYARD_API_KEY")?), Some(KeyPlace::Environment)),
            (None, Some(key)) => (Some(key_of(&key, "api_key in the configuration")?), Some(KeyPlace::File)),
            (None, None) => (None, None),
        };
        let max_wait = flags.max_wait.or(file.max_wait).unwrap_or(MAX_WAIT).min(LONGEST_WAIT);
        Ok(Self {
            endpoint,
            key,
            key_place,
            keyring: file.keyring.unwrap_or(false),
            download_folder: match file.download_folder {
                Some(folder) => whole_path(&folder, &paths::home(env)?)?,
                None => paths.music.clone(),
            },
            audio_device: file.audio_device,
            preview_cache: file.preview_cache_mb.unwrap_or(PREVIEW_CACHE_MB).saturating_mul(MEGABYTE),
            auto_audition: file.auto_audition.unwrap_or(true),
            start_at_peak: file.start_at_peak.unwrap_or(false),
            even_loudness: file.even_loudness.unwrap_or(false),
            budget_session: flags.budget.or(file.budget_session),
            budget_month: file.budget_month,
            max_wait: Duration::from_secs(max_wait),
            offline: flags.offline,
            look: Look {
                keys: file.keys,
                theme: file.theme.unwrap_or_default(),
                glyphs: file
                    .waveform
                    .unwrap_or_default()
                    .glyphs(|name| env(name).and_then(|value| value.into_string().ok())),
            },
            mouse: file.mouse.unwrap_or(true),
            notify: file.notify.unwrap_or_default(),
            paths,
        })
    }

    /// Whether the keyring is asked for the key before the server is: it is wanted, the environment has none, and there is somebody to
    /// show it to.
    pub fn asks_keyring(&self) -> bool {
        self.keyring && !self.offline && self.key_place != Some(KeyPlace::Environment)
    }
}

/// The folder with `~` replaced. One that depends on where the program was started would scatter the downloads.
fn whole_path(folder: &Path, home: &Path) -> Result<PathBuf, ConfigError> {
    let whole = folder
        .strip_prefix("~")
        .map_or_else(|_| folder.to_owned(), |inside| home.join(inside));
    if whole.is_absolute() {
        Ok(whole)
    } else {
        Err(ConfigError::Setting(format!(
            "download_folder in the configuration is “{}”: write the whole path, or start it with ~/",
            folder.display()
        )))
    }
}

fn key_of(raw: &str, place: &str) -> Result<ApiKey, ConfigError> {
    ApiKey::new(raw).map_err(|error| ConfigError::Key(format!("{place}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(flags: &Overrides, vars: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let home = std::env::temp_dir().join("trackyard-tui-no-such-home");
        Settings::load(flags, &|name: &str| {
            vars.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.into())
                .or_else(|| (name == "HOME").then(|| home.clone().into()))
        })
    }

    #[test]
    fn without_anything_it_is_the_vendors_server_and_no_key() {
        let settings = load(&Overrides::default(), &[]).unwrap();
        assert!(settings.endpoint.is_vendor());
        assert!(settings.key.is_none() && settings.auto_audition);
        assert_eq!(settings.max_wait, Duration::from_mins(5));
    }

    #[test]
    fn the_command_line_comes_first_then_the_environment() {
        let vars = [("TRACKYARD_API_URL", "http://env/x"), ("TRACKYARD_API_KEY", "k1")];
        assert_eq!(load(&Overrides::default(), &vars).unwrap().endpoint.host(), "env");
        let flags = Overrides {
            api_url: Some("http://flag/x".into()),
            budget: Some(3),
            ..Overrides::default()
        };
        let settings = load(&flags, &vars).unwrap();
        assert_eq!((settings.endpoint.host().as_str(), settings.budget_session), ("flag", Some(3)));
    }

    #[test]
    fn a_key_with_a_newline_is_refused_without_being_shown() {
        for key in ["secret\nkey", "secretkey\n"] {
            let error = load(&Overrides::default(), &[("TRACKYARD_API_KEY", key)]).unwrap_err();
            assert!(
                error.to_string().contains("line break") && !error.to_string().contains("secret"),
                "{error}"
            );
        }
    }

    #[cfg(not(target_os = "windows"))]
    #[test]
    fn the_download_folder_is_a_whole_path() {
        let home = Path::new("/home/ada");
        assert_eq!(whole_path(Path::new("~/Music/x"), home).unwrap(), Path::new("/home/ada/Music/x"));
        assert_eq!(whole_path(Path::new("/srv/music"), home).unwrap(), Path::new("/srv/music"));
        assert!(whole_path(Path::new("music"), home).unwrap_err().to_string().contains("~/"));
    }

    #[test]
    fn the_environments_key_comes_before_the_files_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "api_key = 'of_the_file'\nbudget_session = 9\nauto_audition = false").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let named = ("TRACKYARD_TUI_CONFIG", path.to_str().unwrap());
        let of_the_file = load(&Overrides::default(), &[named]).unwrap();
        assert_eq!(of_the_file.key, Some(ApiKey::new("of_the_file").unwrap()));
        assert_eq!((of_the_file.budget_session, of_the_file.auto_audition), (Some(9), false));
        let of_both = load(&Overrides::default(), &[named, ("TRACKYARD_API_KEY", "of_the_environment")]).unwrap();
        assert_eq!(of_both.key, Some(ApiKey::new("of_the_environment").unwrap()));
    }

    #[test]
    fn the_keyring_is_asked_only_where_it_is_wanted_and_could_matter() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let named = ("TRACKYARD_TUI_CONFIG", path.to_str().unwrap());
        let offline = Overrides {
            offline: true,
            ..Overrides::default()
        };
        for (text, asks) in [("keyring = true", true), ("keyring = false", false), ("", false)] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(load(&Overrides::default(), &[named]).unwrap().asks_keyring(), asks, "{text}");
            assert!(!load(&offline, &[named]).unwrap().asks_keyring(), "{text}");
            let set = [named, ("TRACKYARD_API_KEY", "k")];
            assert!(!load(&Overrides::default(), &set).unwrap().asks_keyring(), "{text}");
        }
    }

    #[test]
    fn a_named_file_that_is_not_there_is_an_error() {
        let flags = Overrides {
            config: Some("/no/such/file.toml".into()),
            ..Overrides::default()
        };
        assert!(load(&flags, &[]).unwrap_err().to_string().contains("/no/such/file.toml"));
    }
}
