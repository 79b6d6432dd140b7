//! Keeps a key in the configuration file, for its owner alone, or has the file say that it is in the keyring.

use std::io::Write;
use std::path::Path;

use crate::api::ApiKey;

/// Where a key that was given is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeepIn {
    /// In the configuration file.
    #[default]
    File,
    /// In the system's keyring.
    Keyring,
}

/// Writes the key into the file, in front of what is there. The file is then its owner's alone.
///
/// # Errors
/// Why it cannot be kept, for the user; the file is then as it was.
pub fn keep_key(path: &Path, key: &ApiKey) -> Result<(), String> {
    let (before, says) = read(path)?;
    if says.contains_key("api_key") {
        return Err(format!("{} has an api_key already; change it there", path.display()));
    }
    let line = toml::Value::from(key.secret()).to_string();
    write(path, &format!("api_key = {line}\n{before}"))
}

/// Has the file say that the keyring is asked for the key: in front of what is there, or where it said that it is not. Everything else
/// stays as it is written. The file is then its owner's alone.
///
/// # Errors
/// Why it cannot say so, for the user; the file is then as it was.
pub fn turn_keyring_on(path: &Path) -> Result<(), String> {
    let (before, says) = read(path)?;
    let after = match says.get("keyring") {
        Some(toml::Value::Boolean(true)) => return Ok(()),
        Some(_) => turned_on(&before, says).ok_or_else(|| format!("{} has a keyring already; change it there", path.display()))?,
        None => format!("keyring = true\n{before}"),
    };
    write(path, &after)
}

/// The text with its `keyring = false` turned on; `None` where it is written in a way that is left to its owner.
fn turned_on(before: &str, mut says: toml::Table) -> Option<String> {
    let is_it = |line: &str| {
        let name = line.trim_start().strip_prefix("keyring");
        name.is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let mut found = false;
    let mut after = String::new();
    for line in before.split_inclusive('\n') {
        if !found && is_it(line) {
            found = true;
            after.push_str(&line.replacen("false", "true", 1));
        } else {
            after.push_str(line);
        }
    }
    // Wherever that line stood: nothing may have changed but this.
    says.insert("keyring".to_owned(), toml::Value::Boolean(true));
    let now: toml::Table = toml::from_str(&after).ok()?;
    (now == says).then_some(after)
}

/// What is written in the file, and what that says; nothing where there is no file.
fn read(path: &Path) -> Result<(String, toml::Table), String> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(cannot(path, &error)),
    };
    // Some editors put this in front, where it would not be any more.
    let text = text.trim_start_matches('\u{feff}');
    let says = toml::from_str(text).map_err(|_| format!("{} cannot be understood", path.display()))?;
    Ok((text.to_owned(), says))
}

/// Writes the file whole or not at all. Of a link, as to a folder of dotfiles, the file that it leads to.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let cannot = |error: std::io::Error| cannot(path, &error);
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(cannot)?;
    // Temporary files are made for their owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    file.as_file().sync_all().map_err(cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be written: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_kept_in_front_for_its_owner_alone_and_never_replaced() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/config.toml");
        let key = ApiKey::new("trackyard_live_one").unwrap();
        keep_key(&path, &key).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "api_key = \"trackyard_live_one\"\n");
        let again = keep_key(&path, &ApiKey::new("trackyard_live_two").unwrap()).unwrap_err();
        assert!(again.contains("has an api_key already") && !again.contains("two"), "{again}");

        std::fs::write(&path, "mouse = false\n[keys.results]\ndown = 'j'\n").unwrap();
        keep_key(&path, &key).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("api_key = \"trackyard_live_one\"\nmouse = false\n[keys"), "{text}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, "no toml at all").unwrap();
        assert!(keep_key(&path, &key).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "no toml at all");
    }

    #[test]
    fn a_key_in_front_of_a_byte_order_mark_takes_its_place() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.toml");
        std::fs::write(&path, "\u{feff}mouse = false\n").unwrap();
        keep_key(&path, &ApiKey::new("trackyard_live_one").unwrap()).unwrap();
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "api_key = \"trackyard_live_one\"\nmouse = false\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_one_and_the_key_goes_where_it_leads() {
        let home = tempfile::tempdir().unwrap();
        let (kept, path) = (home.path().join("dotfiles.toml"), home.path().join("config.toml"));
        std::fs::write(&kept, "mouse = false\n").unwrap();
        std::os::unix::fs::symlink(&kept, &path).unwrap();
        keep_key(&path, &ApiKey::new("trackyard_live_one").unwrap()).unwrap();
        assert!(path.is_symlink());
        let text = std::fs::read_to_string(&kept).unwrap();
        assert_eq!(text, "api_key = \"trackyard_live_one\"\nmouse = false\n");
    }

    #[test]
    fn the_file_says_that_the_keyring_is_asked_and_what_its_owner_wrote_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/config.toml");
        turn_keyring_on(&path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "keyring = true\n");
        for (before, after) in [
            ("keyring = true # mine\n", "keyring = true # mine\n"),
            (
                "# mine\nmouse = false\n[keys.results]\ndown = 'j'\n",
                "keyring = true\n# mine\nmouse = false\n[keys.results]\ndown = 'j'\n",
            ),
            (
                "# keyring = false\nmouse = false\r\nkeyring = false # or false?\n",
                "# keyring = false\nmouse = false\r\nkeyring = true # or false?\n",
            ),
        ] {
            std::fs::write(&path, before).unwrap();
            turn_keyring_on(&path).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
        }
        for left_alone in [
            "'keyring' = false\n",
            "api_url = '''\nkeyring = false\n'''\nkeyring = false\n",
            "no toml at all",
        ] {
            std::fs::write(&path, left_alone).unwrap();
            assert!(turn_keyring_on(&path).unwrap_err().contains("config.toml"), "{left_alone}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), left_alone);
        }
    }
}
