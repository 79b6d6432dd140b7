//! Shortlists: kept in the library, written out for other programs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::sync::watch;

use super::{AtWork, Connection, Session, connected};
use crate::api::DownloadRequest;
use crate::app::Message;
use crate::library::{Entry, ProjectChange, as_csv, as_json, as_m3u};
use crate::spend::{put_file, waiting_file};
use crate::state::Severity;
use crate::text::file_stem;

/// What is to be done with a project.
pub(super) enum ProjectWork {
    /// Open one, or the one used last.
    Open(Option<String>),
    /// Change the one of this name.
    Change(String, ProjectChange),
}

/// Does work on projects in the order it was asked for: of two decisions about a track the later one holds.
pub(super) async fn in_turn(
    mut work: UnboundedReceiver<(ProjectWork, AtWork)>,
    mut session: watch::Receiver<Connection>,
    messages: UnboundedSender<Message>,
) {
    while let Some((next, _at_work)) = work.recv().await {
        let Some(session) = connected(&mut session, &messages).await else {
            continue;
        };
        match next {
            ProjectWork::Open(name) => open(session, name, messages.clone()).await,
            ProjectWork::Change(project, change) => self::change(session, project, change, messages.clone()).await,
        }
    }
}

/// Opens a project, or the one used last.
async fn open(session: Arc<Session>, name: Option<String>, messages: UnboundedSender<Message>) {
    let answer = session.library.open_project(name).await;
    let _ = messages.send(Message::Project(answer.map(Box::new).map_err(|error| error.to_string())));
}

/// Changes a project.
async fn change(session: Arc<Session>, project: String, change: ProjectChange, messages: UnboundedSender<Message>) {
    if let Err(error) = session.library.change_project(project, change).await {
        let _ = messages.send(Message::Notice(Severity::Error, format!("Not kept: {error}")));
    }
}

/// Writes a shortlist as JSON, CSV and M3U into a folder, beside what is there.
pub(super) async fn export(
    session: Arc<Session>,
    project: String,
    entries: Vec<Entry>,
    folder: PathBuf,
    messages: UnboundedSender<Message>,
) {
    let mut with_files = Vec::new();
    for entry in entries {
        let request = DownloadRequest {
            track_id: entry.track.id.clone(),
            clip: None,
        };
        let owned = session.door.ledger().owned(&request).await.ok().flatten();
        with_files.push((entry, owned.and_then(|receipt| receipt.path)));
    }
    let written = tokio::task::spawn_blocking(move || {
        let stem = file_stem(&project);
        let files = [
            ("json", as_json(&project, &with_files)),
            ("csv", as_csv(&with_files)),
            ("m3u8", as_m3u(&with_files)),
        ];
        files
            .iter()
            .map(|(ending, text)| write_new(&folder, &stem, ending, text))
            .collect::<std::io::Result<Vec<_>>>()
    })
    .await;
    let message = match written {
        Ok(Ok(paths)) => Message::Notice(
            Severity::Success,
            format!(
                "Exported: {} (also as csv and m3u8)",
                paths.first().map(|path| path.display().to_string()).unwrap_or_default()
            ),
        ),
        Ok(Err(error)) => Message::Notice(Severity::Error, format!("The shortlist cannot be exported: {error}")),
        Err(_) => return,
    };
    let _ = messages.send(message);
}

/// Writes a file under a name that is not taken: `NAME.csv`, else `NAME (2).csv`.
pub(super) fn write_new(folder: &Path, stem: &str, ending: &str, text: &str) -> std::io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut file = waiting_file(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    put_file(file, folder, &format!("{stem}.{ending}")).map_err(|(_, error)| error)
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::api::{ApiKey, TrackId};
    use crate::config::{Overrides, Settings};
    use crate::library::Choice;
    use crate::tasks::Start;

    #[test]
    fn what_is_written_takes_no_others_name_and_does_not_look_for_one_for_ever() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("exports");
        for name in ["Film 1.5.csv", "Film 1.5 (2).csv"] {
            assert_eq!(write_new(&folder, "Film 1.5", "csv", name).unwrap(), folder.join(name));
        }
        assert_eq!(std::fs::read_to_string(folder.join("Film 1.5.csv")).unwrap(), "Film 1.5.csv");
        for number in 3..=999 {
            std::fs::write(folder.join(format!("Film 1.5 ({number}).csv")), "").unwrap();
        }
        let full = write_new(&folder, "Film 1.5", "csv", "one more").unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 999, "and nothing half written is left");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn of_many_decisions_about_a_track_the_last_one_holds() {
        let home = tempfile::tempdir().unwrap();
        let overrides = Overrides {
            offline: true,
            api_url: Some("http://127.0.0.1:9/api".into()),
            ..Overrides::default()
        };
        let settings = Settings::load(&overrides, &|name| {
            (name == "HOME" || name.starts_with("XDG_")).then(|| home.path().join(name).into_os_string())
        })
        .unwrap();
        let session = Session::open(&Start::Keyed(ApiKey::new("a_key_of_tests").unwrap()), &settings)
            .await
            .unwrap();
        let (_sender, session) = watch::channel(Connection::Open(Arc::new(session)));
        let at_work = Arc::new(watch::Sender::new(0));
        let (work, inbox) = mpsc::unbounded_channel();
        let (messages, mut news) = mpsc::unbounded_channel();
        tokio::spawn(in_turn(inbox, session, messages));
        let id = TrackId::new("a").unwrap();
        for round in 0..101 {
            let choice = if round % 2 == 0 { Choice::Rejected } else { Choice::Open };
            let change = ProjectChange::Choose(id.clone(), choice);
            assert!(
                work.send((ProjectWork::Change("Film".into(), change), AtWork::begin(&at_work)))
                    .is_ok()
            );
        }
        assert!(work.send((ProjectWork::Open(Some("Film".into())), AtWork::begin(&at_work))).is_ok());
        let Some(Message::Project(Ok(project))) = news.recv().await else {
            panic!("no project")
        };
        assert_eq!(project.rejected, [id]);
    }
}
