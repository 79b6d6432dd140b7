//! `config`: where the configuration is, what holds, and a file that documents every option.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use super::args::{Config, Global};
use super::failure::Failure;
use super::{print, remark};
use crate::config::{self, MEGABYTE, Settings};

pub(super) fn run(config: &Config, global: &Global) -> Result<(), Failure> {
    let env = |name: &str| std::env::var_os(name);
    match config {
        Config::Path => {
            // Also when the file cannot be understood: one has to find it to mend it.
            let path = config::path(&global.overrides(), &env)?;
            print(&path.display().to_string());
        }
        Config::Show => show(&Settings::load(&global.overrides(), &env)?),
        Config::Init => init(&config::path(&global.overrides(), &env)?)?,
    }
    Ok(())
}

/// Everything that holds, as the file would say it, but for the key.
fn show(settings: &Settings) {
    let text = |text: &str| toml::Value::from(text).to_string();
    let number = |number: Option<u64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    let key = match settings.key {
        _ if settings.asks_keyring() => "the keyring is asked for it first",
        Some(_) => "set, not shown",
        None => "none",
    };
    print(&format!("# configuration: {}", settings.paths.config.display()));
    print(&format!("# api_key: {key}"));
    print(&format!("keyring = {}", settings.keyring));
    print(&format!("api_url = {}", text(&settings.endpoint.origin())));
    print(&format!("download_folder = {}", text(&settings.download_folder.to_string_lossy())));
    print(&format!("# budget_session: {}", number(settings.budget_session)));
    print(&format!("# budget_month: {}", number(settings.budget_month)));
    print(&format!("max_wait = {}", settings.max_wait.as_secs()));
    print(&format!(
        "# audio_device: {}",
        settings.audio_device.as_deref().unwrap_or("the system's own choice")
    ));
    print(&format!("preview_cache_mb = {}", settings.preview_cache / MEGABYTE));
    print(&format!("auto_audition = {}", settings.auto_audition));
    print(&format!("start_at_peak = {}", settings.start_at_peak));
    print(&format!("even_loudness = {}", settings.even_loudness));
    print(&format!("waveform = {}", text(settings.look.glyphs.as_str())));
    print(&format!("theme = {}", text(settings.look.theme.as_str())));
    print(&format!("notify = {}", text(settings.notify.as_str())));
    print(&format!("mouse = {}", settings.mouse));
    settings
        .look
        .keys
        .unreachable
        .iter()
        .for_each(|told| print(&format!("# keys: {told}")));
    print(&format!("# data: {}", settings.paths.data.display()));
    print(&format!("# state and log: {}", settings.paths.state.display()));
    print(&format!("# kept previews: {}", settings.paths.previews().display()));
}

/// Writes the file that documents everything, never over another.
fn init(path: &std::path::Path) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| Failure::other(format!("{} cannot be written: {error}", path.display()));
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(cannot)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A key may be put into it later.
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(mut file) => file.write_all(config::default_file().as_bytes()).map_err(cannot)?,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(Failure::other(format!(
                "{} is there already and stays as it is; move it away first to have a new one",
                path.display()
            )));
        }
        Err(error) => return Err(cannot(error)),
    }
    remark(&format!("every option is in {}, commented out", path.display()));
    print(&path.display().to_string());
    Ok(())
}
