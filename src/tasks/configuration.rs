//! The configuration file is watched: keys and theme change while the program runs.

use std::path::Path;
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
/// watched.
pub fn watch(path: &Path, messages: UnboundedSender<Message>) -> Option<Watch> {
    let path = path.to_owned();
    // Editors replace files rather than write into them, so it is the folder that is watched.
    let folder = path.parent()?.to_owned();
    // It may be written for the first time while the program runs.
    let _ = std::fs::create_dir_all(&folder);
    let mut last = config::look(&path);
    let changed = move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let touched = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
        if !touched || !event.paths.iter().any(|touched| touched.file_name() == path.file_name()) {
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
    match watcher.watch(&folder, RecursiveMode::NonRecursive) {
        Ok(()) => Some(Watch { _watcher: watcher }),
        Err(error) => {
            tracing::info!("the configuration is not watched: {error}");
            None
        }
    }
}
