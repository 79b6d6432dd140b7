//! The tasks view: only what is not sent is cancelled.

use super::*;
use crate::api::{Charge, DownloadRequest, TrackId};
use crate::app::DownloadNews;
use crate::state::{DownloadId, Ownership, Popup, Task, TasksView};

/// A download was confirmed; its id.
fn buying() -> (Desk, DownloadId) {
    let mut desk = Desk::with_tracks(2);
    let request = DownloadRequest {
        track_id: TrackId::new("trk_0").unwrap(),
        clip: None,
    };
    desk.keys("d").send(Message::Owned(request, Ownership::New)).keys("y").taken();
    let id = desk.state.downloads[0].id;
    (desk, id)
}

fn cancels(desk: &mut Desk) -> Vec<Effect> {
    let mut effects = desk.taken();
    effects.retain(|effect| matches!(effect, Effect::CancelDownload(_) | Effect::CancelSearch(_)));
    effects
}

fn failed() -> DownloadNews {
    DownloadNews::Failed(Failed::new(Charge::Free, "the server cannot be reached · nothing was charged"))
}

#[test]
fn a_download_that_is_not_sent_is_cancelled() {
    let (mut desk, id) = buying();
    desk.keys("J");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Tasks(_))));
    desk.keys("x");
    assert_eq!(cancels(&mut desk), [Effect::CancelDownload(id)]);
}

#[test]
fn what_was_sent_is_never_cancelled_and_it_is_said() {
    for news in [
        DownloadNews::Sent,
        DownloadNews::Receiving {
            received: 1,
            total: Some(10),
        },
    ] {
        let (mut desk, id) = buying();
        desk.send(Message::Download(id, news)).keys("Jx");
        assert_eq!(cancels(&mut desk), []);
        assert!(desk.state.downloads[0].running());
        let said = desk.state.status.message.clone().unwrap().1;
        assert!(said.contains("not cancelled"), "{said}");
    }
}

#[test]
fn a_search_is_cancelled_before_it_is_sent_and_not_after() {
    for sent in [false, true] {
        let mut desk = Desk::new();
        desk.keys("piano").key(Key::Enter);
        let generation = desk.asked();
        if sent {
            desk.send(Message::Search(generation, SearchNews::Sent));
        }
        desk.keys("Jx");
        let expected = if sent { vec![] } else { vec![Effect::CancelSearch(generation)] };
        assert_eq!(cancels(&mut desk), expected);
        assert_eq!(desk.state.results.running.is_some(), sent);
        // Not waited for any more, it is still there, and still not cancelled.
        if sent {
            desk.key(Key::Esc).key(Key::Esc);
            assert_eq!(desk.state.tasks(), [Task::Unwatched(generation)]);
            desk.keys("Jx");
            assert_eq!(cancels(&mut desk), []);
        }
    }
}

#[test]
fn what_is_over_goes_off_the_list_and_the_cursor_stays_on_it() {
    let (mut desk, id) = buying();
    desk.send(Message::Download(id, failed())).keys("JjjG");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Tasks(TasksView { cursor: 0 }))));
    desk.keys("x");
    assert!(desk.state.downloads.is_empty() && cancels(&mut desk).is_empty());
    // With nothing left the key does nothing.
    desk.keys("x").key(Key::Esc);
    assert!(desk.state.popups.is_empty());
}

#[test]
fn a_held_key_cancels_nothing() {
    let (mut desk, _) = buying();
    desk.keys("J").press(KeyPress {
        repeated: true,
        ..KeyPress::char('x')
    });
    assert_eq!(cancels(&mut desk), []);
}

#[test]
fn the_end_of_the_last_download_is_told_once() {
    let (mut desk, first) = buying();
    let second = DownloadId(9000);
    let mut other = desk.state.downloads[0].clone();
    other.id = second;
    desk.state.downloads.push(other);
    let told = |desk: &mut Desk| {
        desk.taken()
            .into_iter()
            .filter(|effect| matches!(effect, Effect::Notify(_)))
            .count()
    };
    desk.send(Message::Download(first, failed()));
    assert_eq!(told(&mut desk), 0);
    desk.send(Message::Download(second, failed()));
    assert_eq!(told(&mut desk), 1);
}

#[test]
fn a_download_that_failed_is_told_as_failed() {
    let (mut desk, id) = buying();
    desk.send(Message::Download(id, failed()));
    let told = format!("download failed: {}", desk.state.downloads[0].track.title);
    assert!(desk.taken().contains(&Effect::Notify(told)));
}

#[test]
fn a_download_that_its_user_has_cancelled_is_not_told() {
    let (mut desk, id) = buying();
    desk.keys("Jx").taken();
    desk.send(Message::Download(
        id,
        DownloadNews::Failed(Failed {
            cancelled: true,
            ..Failed::new(Charge::Free, "cancelled before it was sent · nothing was charged")
        }),
    ));
    let effects = desk.taken();
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Notify(_))), "{effects:?}");
    assert!(!desk.state.downloads[0].running());
}
