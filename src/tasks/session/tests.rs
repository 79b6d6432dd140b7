//! A session over the real sandbox: what is asked, stored, told and booked.

use std::time::Duration;

use tokio::sync::mpsc;

use super::*;
use crate::api::{Charge, Filters};
use crate::app::{BatchNews, Failed, Message};
use crate::config::Overrides;
use crate::input::{Key, KeyPress};
use crate::sandbox::{Fault, Faults, Target};
use crate::spend::acts::Entered;
use crate::spend::{Confirmation, Confirmed, Press};
use crate::state::Moment;
use crate::tasks::{Follower, ask_in_turn, batch};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sandbox_has_a_folder_of_its_own_that_goes_with_it_and_a_key_given_later_has_the_users_own() {
    let home = tempfile::tempdir().unwrap();
    let settings = Settings::load(&Overrides::default(), &|name: &str| {
        (name == "HOME").then(|| home.path().as_os_str().to_owned())
    })
    .unwrap();
    let own = &settings.paths;

    let session = Session::open(&Start::Sandbox("free".to_owned()), &settings).await.unwrap();
    let folder = session.door.ledger().path().parent().unwrap().to_owned();
    assert!(folder.join("library.db").exists());
    assert_eq!(session.previews.as_ref().unwrap().folder(), folder.join("previews"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    drop(session);
    assert!(!folder.exists());
    assert!(!own.data.exists() && !own.cache.exists());

    let key = ApiKey::new("a_key_of_tests").unwrap();
    let session = Session::open(&Start::Keyed(key), &settings).await.unwrap();
    assert_eq!(session.door.ledger().path(), own.ledger());
    assert!(own.library().exists() && session.previews.is_none());
}

async fn sandboxed(home: &tempfile::TempDir) -> Session {
    let settings = Settings::load(&Overrides::default(), &|name: &str| {
        (name == "HOME").then(|| home.path().as_os_str().to_owned())
    })
    .unwrap();
    Session::open(&Start::Sandbox("free".to_owned()), &settings).await.unwrap()
}

fn ask(query: &str) -> SearchRequest {
    SearchRequest::new(query, Filters::default(), 100, 0).unwrap()
}

fn entered(query: &str) -> Permit<SearchRequest> {
    Permit::by_enter(Entered::from_key(&KeyPress::plain(Key::Enter)).unwrap(), ask(query))
}

/// `y`, pressed in a confirmation that is armed.
fn yes() -> Confirmed {
    let mut confirmation = Confirmation::open();
    confirmation.drawn(Moment(0));
    match confirmation.press(&KeyPress::char('y'), Moment(1000)) {
        Press::Confirmed(act) => act,
        other => panic!("{other:?}"),
    }
}

fn faults(session: &Session) -> &Faults {
    session.sandbox.as_ref().unwrap().faults()
}

fn charged(session: &Session) -> usize {
    session.sandbox.as_ref().unwrap().charged() as usize
}

/// From now on the library takes no answer.
fn fill_its_disk(session: &Session) {
    let library = session.door.ledger().path().parent().unwrap().join("library.db");
    let full = "CREATE TRIGGER full BEFORE INSERT ON searches BEGIN SELECT RAISE(FAIL, 'the disk is full'); END";
    rusqlite::Connection::open(library).unwrap().execute_batch(full).unwrap();
}

async fn search(session: &Session, permit: Permit<SearchRequest>) -> Result<Found, SearchFailure> {
    session.search(permit, CancellationToken::new(), |_| {}).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_asks_that_share_a_request_one_has_paid() {
    let home = tempfile::tempdir().unwrap();
    let session = sandboxed(&home).await;
    faults(&session).add(Target::Search, Fault::Latency(Duration::from_secs(3)));
    let (one, other) = tokio::join!(search(&session, entered("rain")), search(&session, entered("RAIN")));
    let sources = [one.unwrap().source(), other.unwrap().source()];
    assert_eq!(sources.iter().filter(|source| **source == Source::Server).count(), 1, "{sources:?}");
    assert_eq!(charged(&session), 1);
    // The same of what it may have cost.
    faults(&session).add(Target::Search, Fault::ChargedReset);
    let (one, other) = tokio::join!(search(&session, entered("snow")), search(&session, entered("snow")));
    let told = [one, other].map(|failure| Failed::from(&failure.unwrap_err()));
    assert!(told.iter().all(|failed| failed.charge == Charge::Unknown && !failed.cancelled));
    assert_ne!(told[0].shared, told[1].shared);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_the_library_does_not_take_is_paid_for_once_as_long_as_the_program() {
    let home = tempfile::tempdir().unwrap();
    let session = sandboxed(&home).await;
    assert_eq!(search(&session, entered("rain")).await.unwrap().source(), Source::Server);
    assert!(!session.is_unstored(&ask("rain")), "the library has it");
    assert!(session.kept_age(&ask("rain")).await.is_some());
    fill_its_disk(&session);
    assert_eq!(search(&session, entered("snow")).await.unwrap().source(), Source::Server);
    assert!(session.is_unstored(&ask("snow")));
    assert!(session.kept(&ask("snow")).await.is_some());
    assert!(session.kept_age(&ask("snow")).await.is_some());
    for query in ["rain", "snow"] {
        assert!(matches!(
            search(&session, entered(query)).await.unwrap().source(),
            Source::Cache { .. }
        ));
        // Also one that was on its way to the door already.
        let late = session
            .door
            .search(entered(query), CancellationToken::new(), |_| {})
            .await
            .unwrap_err();
        assert_eq!(late.reason, FailureReason::Elsewhere(SpendState::Charged), "{query}");
    }
    assert_eq!(charged(&session), 2);
    // Who wants it anew pays anew.
    assert_eq!(
        search(&session, Permit::again_by_confirmation(yes(), ask("snow")))
            .await
            .unwrap()
            .source(),
        Source::Server
    );
    assert_eq!(charged(&session), 3);
}

#[derive(Default)]
struct Counter {
    begun: usize,
    answered: usize,
    refused: usize,
}

impl Follower for Counter {
    fn begins(&mut self, _number: usize, _request: &SearchRequest) {
        self.begun += 1;
    }
    fn progress(&self, _progress: Progress) {}
    fn answered(&mut self, _number: usize, _found: Found) {
        self.answered += 1;
    }
    fn refused(&mut self, _number: usize, _failure: &SearchFailure) {
        self.refused += 1;
    }
}

async fn in_turn(session: &Session, cancel: &CancellationToken) -> (Option<FailureReason>, [usize; 3]) {
    let mut counter = Counter::default();
    let asked = ask_in_turn(session, ["one", "two", "three"].map(entered), cancel, &mut counter).await;
    (
        asked.err().map(|failure| failure.reason),
        [counter.begun, counter.answered, counter.refused],
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_refusal_of_one_ask_lets_the_others_go_on() {
    for (fault, begun) in [
        (Fault::Status(400), [3, 2, 1]),
        (Fault::Status(403), [1, 0, 0]),
        (Fault::ChargedReset, [1, 0, 0]),
    ] {
        let home = tempfile::tempdir().unwrap();
        let session = sandboxed(&home).await;
        faults(&session).add_times(Target::Search, fault.clone(), 1);
        let (why, counted) = in_turn(&session, &CancellationToken::new()).await;
        assert_eq!((why.is_none(), counted), (begun[0] == 3, begun), "{fault:?} {why:?}");
    }
    let home = tempfile::tempdir().unwrap();
    let session = sandboxed(&home).await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert_eq!(in_turn(&session, &cancel).await, (Some(FailureReason::Cancelled), [0, 0, 0]));
    assert_eq!(charged(&session), 0);
    fill_its_disk(&session);
    assert_eq!(
        in_turn(&session, &CancellationToken::new()).await,
        (Some(FailureReason::NotStored), [1, 1, 0])
    );
    // What was paid for is here, for nothing, and the next one is asked.
    assert_eq!(
        in_turn(&session, &CancellationToken::new()).await,
        (Some(FailureReason::NotStored), [2, 2, 0])
    );
    assert_eq!(charged(&session), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_been_charged_is_looked_up_whoever_asked() {
    let home = tempfile::tempdir().unwrap();
    let session = Arc::new(sandboxed(&home).await);
    let (messages, mut inbox) = mpsc::unbounded_channel();
    let faults = faults(&session);
    faults.add(Target::Search, Fault::ChargedReset);
    crate::tasks::search::search(Arc::clone(&session), 1, entered("rain"), CancellationToken::new(), messages.clone()).await;
    assert_eq!(session.door.ledger().receipts(9).await.unwrap()[0].state, SpendState::Charged);
    let id = crate::state::BatchId(2);
    batch::ask(
        Arc::clone(&session),
        id,
        vec![entered("snow")],
        CancellationToken::new(),
        messages.clone(),
    )
    .await;
    drop(messages);
    let mut settled = 0;
    while let Some(message) = inbox.recv().await {
        if let Message::Settled(news) = message {
            settled += news.len();
        }
    }
    assert_eq!((settled, charged(&session)), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screen_hears_the_balance_of_a_batch_and_that_something_came_back() {
    let home = tempfile::tempdir().unwrap();
    let session = Arc::new(sandboxed(&home).await);
    let faults = faults(&session);
    faults.add_times(Target::Search, Fault::Status(500), 1);
    // The first answer meets both, and the 500 wins.
    faults.add_times(Target::Search, Fault::Status(400), 2);
    let (messages, mut inbox) = mpsc::unbounded_channel();
    let id = crate::state::BatchId(1);
    let permits = ["one", "two"].map(entered).into();
    batch::ask(Arc::clone(&session), id, permits, CancellationToken::new(), messages).await;
    let mut news = Vec::new();
    while let Some(message) = inbox.recv().await {
        if let Message::Batch(_, one) = message {
            news.push(one);
        }
    }
    assert!(news.iter().any(|news| matches!(news, BatchNews::Again)), "{news:?}");
    assert!(
        news.iter().any(|news| matches!(news, BatchNews::Refused { limits: Some(_), .. })),
        "{news:?}"
    );
    assert!(
        news.iter()
            .any(|news| matches!(news, BatchNews::Answered { limits, .. } if limits.credits_remaining == Some(49))),
        "{news:?}"
    );
    let next = news.iter().filter_map(|news| match news {
        BatchNews::Next(at) => Some(*at),
        _ => None,
    });
    assert_eq!(next.collect::<Vec<_>>(), [0, 1]);
    assert!(news.iter().any(|news| matches!(news, BatchNews::Sent)), "{news:?}");
}

#[test]
fn a_failure_is_told_as_it_is() {
    let told = Failed::from(&SearchFailure::free(FailureReason::Offline));
    assert!(!told.cancelled && !told.out_of_credits);
    assert!(Failed::from(&SearchFailure::free(FailureReason::Cancelled)).cancelled);
    assert!(Failed::from(&SearchFailure::free(FailureReason::OutOfCredits)).out_of_credits);
    let limits = Limits {
        credits_remaining: Some(3),
        ..Limits::default()
    };
    let half = SearchFailure {
        shared: true,
        ..SearchFailure::new(
            Charge::Charged,
            FailureReason::NotWhole {
                reason: "half".into(),
                kept: None,
                limits,
            },
        )
    };
    let told = Failed::from(&half);
    assert!(told.shared && !told.cancelled);
    assert_eq!(told.limits, Some(limits));
    let unstored = SearchFailure::free(FailureReason::NotStored);
    assert!(!unstored.shared && !unstored.to_string().contains("nothing was charged"));
}

struct GivesUp(CancellationToken);

impl Follower for GivesUp {
    fn begins(&mut self, _: usize, _: &SearchRequest) {}

    fn progress(&self, progress: Progress) {
        if matches!(progress, Progress::Waiting(_)) {
            self.0.cancel();
        }
    }

    fn answered(&mut self, _: usize, _: Found) {}

    fn refused(&mut self, _: usize, _: &SearchFailure) {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ask_of_a_batch_that_waits_for_a_limit_is_cancelled_for_nothing() {
    let home = tempfile::tempdir().unwrap();
    let session = sandboxed(&home).await;
    session.sandbox.as_ref().unwrap().set_limits(Some(1), Some(10_000));
    search(&session, entered("zero")).await.unwrap();
    let mut follower = GivesUp(CancellationToken::new());
    let cancel = follower.0.clone();
    let asked = ask_in_turn(&session, [entered("one")], &cancel, &mut follower);
    // It would wait for a minute.
    let asked = tokio::time::timeout(Duration::from_secs(30), asked).await.unwrap().unwrap_err();
    assert_eq!((asked.charge, asked.reason), (Charge::Free, FailureReason::Cancelled));
    assert_eq!(charged(&session), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn offline_nothing_is_asked_and_the_price_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut session = sandboxed(&home).await;
    session.offline = true;
    assert_eq!(search(&session, entered("rain")).await.unwrap_err().reason, FailureReason::Offline);
    let session = Arc::new(session);
    let (messages, mut inbox) = mpsc::unbounded_channel();
    crate::tasks::enquire::price(Arc::clone(&session), ask("rain"), messages).await;
    assert!(matches!(
        inbox.recv().await,
        Some(Message::Priced(_, crate::state::Price::Refused(_)))
    ));
    assert_eq!(charged(&session), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_may_have_been_charged_is_looked_up() {
    let home = tempfile::tempdir().unwrap();
    let session = Arc::new(sandboxed(&home).await);
    let track = Arc::new(search(&session, entered("rain")).await.unwrap().page.tracks[0].clone());
    faults(&session).add(Target::Download, Fault::ChargedReset);
    let request = crate::api::DownloadRequest {
        track_id: track.id.clone(),
        clip: None,
    };
    let permit = Permit::download_by_confirmation(yes(), request, false);
    let (messages, mut inbox) = mpsc::unbounded_channel();
    let (id, folder) = (crate::state::DownloadId(1), home.path().join("music"));
    let cancel = CancellationToken::new();
    crate::tasks::download::download(Arc::clone(&session), id, permit, track, folder, cancel, messages).await;
    let mut settled = 0;
    while let Some(message) = inbox.recv().await {
        if let Message::Settled(news) = message {
            settled += news.len();
        }
    }
    assert_eq!(settled, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bought_files_are_counted_by_what_became_of_them() {
    let home = tempfile::tempdir().unwrap();
    let session = Arc::new(sandboxed(&home).await);
    let track = Arc::new(search(&session, entered("rain")).await.unwrap().page.tracks[0].clone());
    let request = crate::api::DownloadRequest {
        track_id: track.id.clone(),
        clip: None,
    };
    let permit = Permit::download_by_confirmation(yes(), request, false);
    let folder = crate::spend::Target::Folder(home.path().join("music"));
    let bought = session
        .door
        .download(permit, Some(track), folder, CancellationToken::new(), |_| {})
        .await
        .unwrap();
    for said in [
        "The one bought file is here and unchanged.",
        "1 of 1 bought file is not as it was: ",
    ] {
        let (messages, mut inbox) = mpsc::unbounded_channel();
        crate::tasks::receipts::work(Arc::clone(&session), crate::app::ReceiptWork::Check, messages).await;
        let Some(Message::Notice(_, text)) = inbox.recv().await else {
            panic!("it is told")
        };
        assert!(text.starts_with(said), "{text}");
        std::fs::write(&bought.path, "something else").unwrap();
    }
}
