//! Keeps a key in the configuration file, for its owner alone.

use std::io::Write;
use std::path::Path;

use crate::api::ApiKey;

/// Writes the key into the file, in front of what is there. The file is then its owner's alone.
///
/// # Errors
/// Why it cannot be kept, for the user; the file is then as it was.
pub fn keep_key(path: &Path, key: &ApiKey) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    let before = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(cannot(error)),
    };
    let written: toml::Table = toml::from_str(&before).map_err(|_| format!("{} cannot be understood", path.display()))?;
    if written.contains_key("api_key") {
        return Err(format!("{} has an api_key already; change it there", path.display()));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(cannot)?;
    // Temporary files are made for their owner alone.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(cannot)?;
    let line = toml::Value::from(key.secret()).to_string();
    file.write_all(format!("api_key = {line}\n{before}").as_bytes()).map_err(cannot)?;
    file.as_file().sync_all().map_err(cannot)?;
    file.persist(path).map_err(|error| cannot(error.error))?;
    Ok(())
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
}
