//! Runs effects, each as a task of its own. What comes of them goes back as messages.

mod api_key;
mod batch;
mod briefs;
mod clip;
mod configuration;
mod connect;
mod download;
mod enquire;
mod history;
mod projects;
mod receipts;
mod search;
mod session;
mod unstored;
mod volume;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub use api_key::{WAITING, patiently};
pub use batch::{Follower, ask_in_turn};
pub use configuration::{Watch, watch};
pub use receipts::{RECEIPTS_CSV, receipt_row};
pub use session::{Found, OpenError, Session, Start};

use projects::ProjectWork;
use volume::VolumeKeeper;

use crate::app::{Effect, Message};
use crate::audio::Player;
use crate::config::{self, Settings};
use crate::state::{BatchId, DownloadId, Severity};
use crate::term;

/// What a running task is known by, so that it can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TaskId {
    Search(u64),
    Download(DownloadId),
    Batch(BatchId),
}

/// How far the connection to a server is.
#[derive(Clone)]
enum Connection {
    /// Being looked for.
    Sought,
    /// There.
    Open(Arc<Session>),
    /// Not to be had; why, for the user.
    Failed(String),
}

/// Runs effects on the tokio runtime it was made in.
pub struct Runner {
    messages: UnboundedSender<Message>,
    settings: Arc<Settings>,
    player: Arc<Player>,
    session: watch::Sender<Connection>,
    projects: UnboundedSender<(ProjectWork, AtWork)>,
    running: Arc<Mutex<HashMap<TaskId, CancellationToken>>>,
    at_work: Arc<watch::Sender<usize>>,
    volume: Arc<VolumeKeeper>,
}

impl Runner {
    /// A runner that is not connected yet: effects that need a server wait until [`Runner::connect`] has found one.
    pub fn new(messages: UnboundedSender<Message>, settings: Arc<Settings>, player: Player) -> Self {
        let session = watch::Sender::new(Connection::Sought);
        let (projects, work) = mpsc::unbounded_channel();
        tokio::spawn(projects::in_turn(work, session.subscribe(), messages.clone()));
        let volume = Arc::new(VolumeKeeper::new(settings.paths.state.clone()));
        Self {
            messages,
            settings,
            player: Arc::new(player),
            session,
            projects,
            running: Arc::default(),
            at_work: Arc::new(watch::Sender::new(0)),
            volume,
        }
    }

    /// How many tasks run. What they have to say is said before they stop counting.
    pub fn at_work(&self) -> watch::Receiver<usize> {
        self.at_work.subscribe()
    }

    /// Opens databases and finds the server, in the background.
    pub fn connect(&self, start: Start) {
        // What is asked for from now on waits for this connection, whatever became of an earlier one.
        self.session.send_replace(Connection::Sought);
        tokio::spawn(connect::connect(start, self.surroundings()));
    }

    /// Goes on with a connection that is there already, and with what its ledger has counted for this session.
    pub fn go_on_with(&self, session: Session) {
        tokio::spawn(connect::take_over(session, self.surroundings()));
    }

    fn surroundings(&self) -> connect::Surroundings {
        connect::Surroundings {
            settings: self.settings.clone(),
            session: self.session.clone(),
            messages: self.messages.clone(),
            player: self.player.clone(),
            at_work: AtWork::begin(&self.at_work),
        }
    }

    /// Runs one effect. Never waits.
    pub fn perform(&self, effect: Effect) {
        match effect {
            Effect::Audio(command) => self.player.send(command),
            Effect::Search { generation, permit } => {
                let (cancel, done) = self.cancellable(TaskId::Search(generation));
                self.spawn(move |session, messages| async move {
                    search::search(session, generation, permit, cancel, messages).await;
                    drop(done);
                });
            }
            Effect::Download { id, permit, track, folder } => {
                let (cancel, done) = self.cancellable(TaskId::Download(id));
                self.spawn(move |session, messages| async move {
                    download::download(session, id, permit, track, folder, cancel, messages).await;
                    drop(done);
                });
            }
            Effect::AskBatch { id, permits } => {
                let (cancel, done) = self.cancellable(TaskId::Batch(id));
                self.spawn(move |session, messages| async move {
                    batch::ask(session, id, permits, cancel, messages).await;
                    drop(done);
                });
            }
            Effect::CancelSearch(generation) => self.cancel(TaskId::Search(generation)),
            Effect::CancelDownload(id) => self.cancel(TaskId::Download(id)),
            Effect::CancelBatch(id) => self.cancel(TaskId::Batch(id)),
            Effect::Match { generation, wanted } => {
                self.spawn(move |session, messages| enquire::matches(session, generation, wanted, messages));
            }
            Effect::Kept { generation, request } => {
                self.spawn(move |session, messages| search::kept(session, generation, request, messages));
            }
            Effect::Price(request) => self.spawn(move |session, messages| enquire::price(session, request, messages)),
            Effect::LookUpOwned(request) => self.spawn(move |session, messages| enquire::owned(session, request, messages)),
            Effect::Account => self.spawn(enquire::account),
            Effect::Usage => self.spawn(enquire::usage),
            Effect::Receipts => self.spawn(enquire::receipts),
            Effect::ReceiptFiles(work) => self.spawn(move |session, messages| receipts::work(session, work, messages)),
            Effect::OpenProject(name) => self.on_projects(ProjectWork::Open(name)),
            Effect::ChangeProject { project, change } => self.on_projects(ProjectWork::Change(project, change)),
            Effect::LoadBriefs(path) => self.spawn(move |session, messages| briefs::load(session, path, messages)),
            Effect::ExportShortlist { project, entries, folder } => {
                self.spawn(move |session, messages| projects::export(session, project, entries, folder, messages));
            }
            Effect::Alike(track) => self.spawn(move |session, messages| enquire::alike(session, track, messages)),
            Effect::Cut(order) => self.spawn_alone(clip::cut(order, self.messages.clone())),
            Effect::MediaLength(path) => self.spawn_alone(clip::media_length(path, self.messages.clone())),
            Effect::Measure {
                id,
                path,
                sha256,
                rehearsed,
            } => self.spawn(move |session, messages| clip::measure(session, id, (path, sha256), rehearsed, messages)),
            Effect::KeepAnalysis(id, analysis) => self.spawn(move |session, _| enquire::keep_analysis(session, id, analysis)),
            Effect::LookUpAnalyses(ids) => self.spawn(move |session, messages| enquire::analyses(session, ids, messages)),
            Effect::MarkHeard(id) => self.spawn(move |session, _| enquire::mark_heard(session, id)),
            Effect::RememberVolume(volume) => self.remember_volume(volume),
            Effect::RememberTour => self.remember_tour(),
            Effect::Notify(text) => self.notify(&text),
            Effect::Copy(text) => self.copy(&text),
            Effect::CopyPath(id) => self.spawn(move |session, messages| enquire::file_of(session, id, messages)),
            Effect::UseKey { key, keep } => {
                self.spawn_alone(api_key::keep(self.settings.clone(), key.clone(), keep, self.messages.clone()));
                self.connect(Start::Keyed(key));
            }
            Effect::StartSandbox => self.connect(Start::Sandbox(String::from("free"))),
            // The loop does these itself.
            Effect::Redraw | Effect::Suspend | Effect::Theme(_) | Effect::Background(_) => {}
        }
    }

    /// Spawns a task that needs a server. It waits for one, so that what is asked in the first milliseconds is not lost.
    fn spawn<F>(&self, task: impl FnOnce(Arc<Session>, UnboundedSender<Message>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send,
    {
        let mut session = self.session.subscribe();
        let messages = self.messages.clone();
        let at_work = AtWork::begin(&self.at_work);
        tokio::spawn(async move {
            if let Some(session) = connected(&mut session, &messages).await {
                task(session, messages).await;
            }
            drop(at_work);
        });
    }

    /// Has work on a project done, after what was asked for before.
    fn on_projects(&self, work: ProjectWork) {
        let _ = self.projects.send((work, AtWork::begin(&self.at_work)));
    }

    /// Spawns a task that needs no server.
    fn spawn_alone(&self, task: impl Future<Output = ()> + Send + 'static) {
        let at_work = AtWork::begin(&self.at_work);
        tokio::spawn(async move {
            task.await;
            drop(at_work);
        });
    }

    /// A token for a task, and a guard that forgets it when the task is over.
    fn cancellable(&self, id: TaskId) -> (CancellationToken, Registered) {
        let token = CancellationToken::new();
        if let Ok(mut running) = self.running.lock() {
            running.insert(id, token.clone());
        }
        (
            token,
            Registered {
                id,
                running: self.running.clone(),
            },
        )
    }

    fn cancel(&self, id: TaskId) {
        if let Ok(running) = self.running.lock()
            && let Some(token) = running.get(&id)
        {
            token.cancel();
        }
    }

    fn remember_volume(&self, volume: u8) {
        let (keeper, turn) = (Arc::clone(&self.volume), self.volume.turn());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = keeper.write(turn, volume) {
                tracing::warn!("the volume cannot be remembered: {error}");
            }
        });
    }

    fn remember_tour(&self) {
        let folder = self.settings.paths.state.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = config::save_tour_taken(&folder) {
                tracing::warn!("that the tour was taken cannot be remembered: {error}");
            }
        });
    }

    fn notify(&self, text: &str) {
        if let Err(error) = self.settings.notify.tell(text) {
            tracing::warn!("the terminal cannot be told: {error}");
        }
    }

    fn copy(&self, text: &str) {
        if let Err(error) = term::copy(text) {
            let _ = self.messages.send(Message::Notice(
                Severity::Error,
                format!("The clipboard cannot be reached: {error}"),
            ));
        }
    }
}

/// Waits until there is a server, or tells why there is none.
async fn connected(session: &mut watch::Receiver<Connection>, messages: &UnboundedSender<Message>) -> Option<Arc<Session>> {
    let found = session
        .wait_for(|session| !matches!(session, Connection::Sought))
        .await
        .map(|session| session.clone());
    match found {
        Ok(Connection::Open(session)) => Some(session),
        Ok(Connection::Failed(reason)) => {
            let _ = messages.send(Message::Unavailable(reason));
            None
        }
        Ok(Connection::Sought) | Err(_) => None,
    }
}

/// A path that begins with `~/`, as people type it.
fn from_home(path: &Path) -> PathBuf {
    from_home_of(path, &|name| std::env::var_os(name))
}

fn from_home_of(path: &Path, env: &impl Fn(&str) -> Option<OsString>) -> PathBuf {
    match (path.strip_prefix("~"), config::home(env)) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Finds out what spends of unknown outcome cost, and tells.
async fn settle(session: &Session, messages: &UnboundedSender<Message>) {
    let settled = session.door.reconcile().await;
    if !settled.is_empty() {
        let _ = messages.send(Message::Settled(settled));
    }
}

/// Counts a task as long as it lives.
struct AtWork(Arc<watch::Sender<usize>>);

impl AtWork {
    fn begin(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|running| *running += 1);
        Self(Arc::clone(count))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

/// Forgets a task's token when it is over.
struct Registered {
    id: TaskId,
    running: Arc<Mutex<HashMap<TaskId, CancellationToken>>>,
}

impl Drop for Registered {
    fn drop(&mut self) {
        if let Ok(mut running) = self.running.lock() {
            running.remove(&self.id);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_os = "windows"))]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_a_typed_path_is_found_whatever_the_system_calls_it() {
        for variable in ["HOME", "USERPROFILE"] {
            let env = |name: &str| (name == variable).then(|| OsString::from("/home/ada"));
            let found = |path: &str| from_home_of(Path::new(path), &env);
            assert_eq!(found("~/films/ad.mp4"), Path::new("/home/ada/films/ad.mp4"), "{variable}");
            assert_eq!(found("/films/~/ad.mp4"), Path::new("/films/~/ad.mp4"));
            assert_eq!(found("~ad.mp4"), Path::new("~ad.mp4"));
        }
    }
}
