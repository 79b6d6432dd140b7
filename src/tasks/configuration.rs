//! The configuration file is watched: keys and theme change while the program runs.

use std::iter;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::UnboundedSender;

use crate::app::Message;
use crate::config;

/// How long after an event a save is over.
const SETTLED: Duration = Duration::from_millis(150);

/// Watches as long as it lives.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

/// Sends what the file says about keys and theme whenever it changes, and what is wrong with it. `None`: its folder cannot be
/// watched. Of a link, as to a folder of dotfiles, the file is watched that it leads to now, too.
pub fn watch(path: &Path, messages: UnboundedSender<Message>) -> Option<Watch> {
    let path = path.to_owned();
    // Editors replace files rather than write into them, so it is the folder that is watched.
    let folder = path.parent()?.to_owned();
    // It may be written for the first time while the program runs.
    let _ = std::fs::create_dir_all(&folder);
    let target = path.is_symlink().then(|| path.canonicalize().ok()).flatten();
    let folders: Vec<PathBuf> = iter::once(folder)
        .chain(target.iter().filter_map(|target| target.parent().map(Path::to_owned)))
        .collect();
    let mut last = config::look(&path);
    let changed = move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let touched = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
        let ours = |touched: &PathBuf| {
            let name = touched.file_name();
            name == path.file_name() || target.as_ref().is_some_and(|target| name == target.file_name())
        };
        if !touched || !event.paths.iter().any(ours) {
            return;
        }
        // One save is several events: many an editor empties the file before it writes it anew. This thread has nothing else to do.
        std::thread::sleep(SETTLED);
        let now = config::look(&path);
        if now == last {
            return;
        }
        last.clone_from(&now);
        let _ = messages.send(match now {
            Ok(look) => Message::Look(Box::new(look)),
            Err(error) => Message::Notice(crate::state::Severity::Error, error.to_string()),
        });
    };
    let mut watcher = notify::recommended_watcher(changed).ok()?;
    let mut any = false;
    for folder in folders {
        match watcher.watch(&folder, RecursiveMode::NonRecursive) {
            Ok(()) => any = true,
            Err(error) => tracing::info!("the configuration in {} is not watched: {error}", folder.display()),
        }
    }
    any.then_some(Watch { _watcher: watcher })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    /// Replaces a file whole, as editors do.
    fn save(path: &Path, text: &str) {
        let anew = path.with_extension("anew");
        std::fs::write(&anew, text).unwrap();
        std::fs::rename(anew, path).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_reached_through_a_link_is_watched_where_it_is() {
        let home = tempfile::tempdir().unwrap();
        let (kept, link) = (home.path().join("dotfiles/ours.toml"), home.path().join("config/config.toml"));
        for path in [&kept, &link] {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        save(&kept, "theme = 'dark'\n");
        std::os::unix::fs::symlink(&kept, &link).unwrap();
        let (messages, mut inbox) = unbounded_channel();
        let _watch = watch(&link, messages).unwrap();
        save(&kept, "theme = 'light'\n");
        let message = tokio::time::timeout(Duration::from_mins(1), inbox.recv()).await.unwrap();
        assert!(
            matches!(&message, Some(Message::Look(look)) if look.theme == config::ThemeName::Light),
            "{message:?}"
        );
    }
}
