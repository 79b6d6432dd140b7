//! The TOML file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use super::{ConfigError, ThemeName, WaveformName, options};
use crate::input::Keymap;
use crate::term::Notify;
use crate::text::did_you_mean;

/// The keymap, and what cannot be reached with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Which key does what.
    pub keymap: Arc<Keymap>,
    /// Such as `results.down has no key`.
    pub unreachable: Vec<String>,
}

impl Keys {
    /// What to tell about actions and keys that cannot be reached.
    pub fn unreachable_notice(&self) -> Option<String> {
        (!self.unreachable.is_empty()).then(|| format!("Keys: {}", self.unreachable.join("; ")))
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            keymap: Arc::new(Keymap::standard()),
            unreachable: Vec::new(),
        }
    }
}

/// Every option of the file; all may be missing.
#[derive(Clone, Default)]
pub(super) struct File {
    pub(super) api_url: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) keyring: Option<bool>,
    pub(super) download_folder: Option<PathBuf>,
    pub(super) audio_device: Option<String>,
    pub(super) preview_cache_mb: Option<u64>,
    pub(super) auto_audition: Option<bool>,
    pub(super) start_at_peak: Option<bool>,
    pub(super) even_loudness: Option<bool>,
    pub(super) waveform: Option<WaveformName>,
    pub(super) budget_session: Option<u64>,
    pub(super) budget_month: Option<u64>,
    pub(super) max_wait: Option<u64>,
    pub(super) theme: Option<ThemeName>,
    pub(super) mouse: Option<bool>,
    pub(super) notify: Option<Notify>,
    pub(super) keys: Keys,
}

/// Reads the file. One that is not there is empty, unless the user named it.
pub(super) fn read(path: &Path, named_by_user: bool) -> Result<File, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named_by_user => return Ok(File::default()),
        Err(error) => {
            return Err(ConfigError::Setting(format!(
                "the configuration {} cannot be read: {error}",
                path.display()
            )));
        }
    };
    let file = parse(&text).map_err(|problem| ConfigError::Setting(format!("{}: {problem}", path.display())))?;
    if file.api_key.is_some() {
        refuse_open_permissions(path)?;
    }
    Ok(file)
}

/// Reads the text; an error names line, option and the nearest right name. It never quotes a value, which may be the key.
fn parse(text: &str) -> Result<File, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        format!("line {line}: {}", error.message())
    })?;
    let mut file = File::default();
    for (name, value) in &table {
        let place = || format!("line {}: {name}", line_of_name(text, &[name]));
        let string = || {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| format!("{} has to be a text in quotes", place()))
        };
        let number = || {
            value
                .as_integer()
                .and_then(|n| u64::try_from(n).ok())
                .ok_or_else(|| format!("{} has to be a whole number that is not negative", place()))
        };
        let switch = || value.as_bool().ok_or_else(|| format!("{} has to be true or false", place()));
        match name.as_str() {
            "api_url" => file.api_url = Some(string()?),
            "api_key" => file.api_key = Some(string()?),
            "keyring" => file.keyring = Some(switch()?),
            "download_folder" => file.download_folder = Some(string()?.into()),
            "audio_device" => file.audio_device = Some(string()?),
            "preview_cache_mb" => file.preview_cache_mb = Some(number()?),
            "auto_audition" => file.auto_audition = Some(switch()?),
            "start_at_peak" => file.start_at_peak = Some(switch()?),
            "even_loudness" => file.even_loudness = Some(switch()?),
            "waveform" => file.waveform = Some(string()?.parse().map_err(|why| format!("{} {why}", place()))?),
            "budget_session" => file.budget_session = Some(number()?),
            "budget_month" => file.budget_month = Some(number()?),
            "max_wait" => file.max_wait = Some(number()?),
            "theme" => file.theme = Some(string()?.parse().map_err(|why| format!("{} {why}", place()))?),
            "mouse" => file.mouse = Some(switch()?),
            "notify" => file.notify = Some(string()?.parse().map_err(|why| format!("{} {why}", place()))?),
            "keys" => {
                let section = value.as_table().ok_or_else(|| format!("{} has to be a section, [keys]", place()))?;
                file.keys = keys(text, section)?;
            }
            _ => {
                let known = options::ALL.iter().map(|option| option.name).chain(["keys"]);
                let hint = did_you_mean(name, known);
                return Err(format!("{} is no option{hint}", place()));
            }
        }
    }
    Ok(file)
}

/// The keymap that a section makes; an error begins with the line of the name that it is about.
fn keys(text: &str, section: &toml::Table) -> Result<Keys, String> {
    match Keymap::customised(section) {
        Ok((keymap, unreachable)) => Ok(Keys {
            keymap: Arc::new(keymap),
            unreachable,
        }),
        Err(error) => {
            let path: Vec<&str> = ["keys"].into_iter().chain(error.at.iter().map(String::as_str)).collect();
            Err(format!("line {}: {error}", line_of_name(text, &path)))
        }
    }
}

fn line_of(text: &str, byte: usize) -> usize {
    text.bytes().take(byte).filter(|b| *b == b'\n').count() + 1
}

/// The line of a name, which the names of the sections around it lead to; that of the last of them which is there.
fn line_of_name(text: &str, path: &[&str]) -> usize {
    let Ok(whole) = DeTable::parse(text) else { return 1 };
    let mut table = Some(whole.get_ref());
    let mut start = 0;
    for name in path {
        let found = table.and_then(|table| table.iter().find(|(key, _)| **key.get_ref() == **name));
        let Some((key, value)) = found else { break };
        start = key.span().start;
        table = value.get_ref().as_table();
    }
    line_of(text, start)
}

/// A file that holds the key is for its owner alone.
#[cfg(unix)]
fn refuse_open_permissions(path: &Path) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |meta| meta.permissions().mode());
    let others = 0o077;
    if mode & others == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(ConfigError::Key(format!(
        "{shown} holds your API key and others on this machine can read it. Mend it with: chmod 600 '{shown}'"
    )))
}

#[cfg(not(unix))]
fn refuse_open_permissions(_path: &Path) -> Result<(), ConfigError> {
    // The profile folder is private by its access list there.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Action;

    /// A file holds the key, so it cannot be printed by a test that fails.
    fn parse(text: &str) -> Result<(), String> {
        super::parse(text).map(drop)
    }

    #[test]
    fn the_values_of_options_are_read() {
        let file = super::parse(
            "api_url = 'http://x/y'\napi_key = 'k'\ndownload_folder = '/m'\naudio_device = 'd'\nauto_audition = false\nbudget_session = 5\nbudget_month = 50\nmax_wait = 10",
        )
        .unwrap();
        assert_eq!(
            (file.auto_audition, file.budget_month, file.max_wait),
            (Some(false), Some(50), Some(10))
        );
        assert_eq!(file.download_folder, Some("/m".into()));
    }

    #[test]
    fn mistakes_are_named_with_line_and_nearest_name() {
        assert_eq!(
            parse("\n\nbuget_session = 5").unwrap_err(),
            "line 3: buget_session is no option; did you mean budget_session?"
        );
        assert_eq!(
            parse("max_wait = 'long'").unwrap_err(),
            "line 1: max_wait has to be a whole number that is not negative"
        );
        assert_eq!(
            parse("auto_audition_x = true\nauto_audition = 'yes'").unwrap_err(),
            "line 2: auto_audition has to be true or false"
        );
        assert_eq!(
            parse("max_wait = 1\n\n# auto_audition\nauto_audition = 'yes'").unwrap_err(),
            "line 4: auto_audition has to be true or false"
        );
        assert_eq!(parse("keys = 'vi'").unwrap_err(), "line 1: keys has to be a section, [keys]");
        assert_eq!(
            parse("notify = 'off'\naudio_device = \"\"\"\nmouse = 1\n\"\"\"\nmouse = 2").unwrap_err(),
            "line 5: mouse has to be true or false"
        );
        assert_eq!(parse("[kes]\nx = 1").unwrap_err(), "line 1: kes is no option; did you mean keys?");
        assert_eq!(parse("colour = 1").unwrap_err(), "line 1: colour is no option");
        assert!(parse("a = 1\nb = = 2").unwrap_err().starts_with("line 2: "));
    }

    #[test]
    fn no_message_quotes_a_value() {
        for wrong in [
            "api_key = 'trackyard_live_secret' oops",
            "api_key = trackyard_live_secret",
            "api_key = 'trackyard_live_secret",
            "api_key = \"secret\\q\"",
            "api_key = ['secret']",
            "api_key = 'secret'\napi_key = 'secret'",
        ] {
            let error = parse(wrong).unwrap_err();
            assert!(error.contains("line ") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn keys_and_theme_are_read_and_mistakes_named_by_line() {
        let file = super::parse("theme = 'light'\n[keys.results]\ndown = ['j', 'n']").unwrap();
        let shown: Vec<String> = file.keys.keymap.keys(Action::Down).map(ToString::to_string).collect();
        assert_eq!(shown, ["j", "n"]);
        assert_eq!(file.keys.unreachable, ["results.next-unheard has no key"]);
        assert_eq!(file.theme, Some(ThemeName::Light));
        assert_eq!(
            parse("theme = 'dark'\n\n[keys.results]\ndwn = 'j'").unwrap_err(),
            "line 4: [keys.results] has no action named dwn; did you mean down?"
        );
    }

    #[test]
    fn a_mistake_among_keys_has_its_own_line_however_it_is_written() {
        for (text, told) in [
            (
                "[keys.results]\ndown = 'j'\ndwn = 'n'",
                "line 3: [keys.results] has no action named dwn",
            ),
            (
                "[keys.global]\nhelp = '?'\n[keys.results]\nquit = 'Q'",
                "line 4: [keys.results] has no action named quit",
            ),
            (
                "[keys.filters]\nfilter-up = 'k'\n[keys.reslts]\ndown = 'j'",
                "line 3: there is no place named [keys.reslts]; did you mean results?",
            ),
            (
                "[keys.results]\nup = 'x'\nsort = 's'\ndown = 'x'",
                "line 2: in [keys.results], x is given to both down and up",
            ),
            (
                "[keys.global]\nquit = 'Q'\n[keys.results]\ndown = 'hyper-j'",
                "line 4: [keys.results] down:",
            ),
            (
                "mouse = true\n[keys]\nglobal.quit = 'Q'\nresults.dwn = 'j'",
                "line 4: [keys.results]",
            ),
            ("mouse = true\n\nkeys.results.dwn = 'j'", "line 3: [keys.results]"),
            ("[keys]\nresults = {down = 'j', dwn = 'n'}", "line 2: [keys.results]"),
            ("[ keys . \"results\" ]\n\"dwn\" = 'n'", "line 2: [keys.results]"),
            ("[keys]\nglobal = {}\nresults = 'vi'", "line 3: [keys.results] has to be a section"),
            (
                "[keys.query]\nclear-query = 'ctrl-u'\nask = 'ctrl-y'",
                "line 3: [keys.query] ask stays Enter",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(told), "{text}\n{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "api_key = 'k'").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = read(&path, false).map(drop).unwrap_err();
        assert!(matches!(&error, ConfigError::Key(text) if text.contains("chmod 600")), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path, false).unwrap().api_key.as_deref(), Some("k"));
    }
}
