//! The tour leads once through the program, in the sandbox, and goes out of the way.

use super::*;
use crate::app::{DownloadNews, Memory};
use crate::state::{Download, DownloadId, DownloadPhase, Server, TourStep};

fn newcomer(is_sandbox: bool, tour_taken: bool) -> Desk {
    let mut desk = Desk::new();
    desk.state.server = Server {
        is_sandbox,
        has_key: true,
        ..Server::default()
    };
    desk.send(Message::Remembered(Box::new(Memory {
        tour_taken,
        ..Memory::default()
    })));
    desk
}

fn remembered(desk: &mut Desk) -> usize {
    desk.taken().iter().filter(|effect| **effect == Effect::RememberTour).count()
}

#[test]
fn it_starts_by_itself_only_in_the_sandbox_and_only_once() {
    for (is_sandbox, taken, starts) in [
        (true, false, true),
        (true, true, false),
        (false, false, false),
        (false, true, false),
    ] {
        let desk = newcomer(is_sandbox, taken);
        assert_eq!(desk.state.tour.is_some(), starts, "sandbox {is_sandbox}, taken {taken}");
    }
}

#[test]
fn it_starts_once_both_are_known_that_it_was_not_taken_and_that_this_is_the_sandbox() {
    let sandbox = || {
        Message::Connected(Server {
            is_sandbox: true,
            has_key: true,
            ..Server::default()
        })
    };
    let memory = || Message::Remembered(Box::default());
    for (first, second) in [(sandbox(), memory()), (memory(), sandbox())] {
        // A start without a key: there is no server yet.
        let mut desk = Desk::new();
        desk.state.server = Server::default();
        desk.send(first);
        assert_eq!(desk.state.tour, None);
        desk.send(second);
        assert_eq!(desk.state.tour, Some(TourStep::Search));
        // Put away, it stays away: also when the sandbox is there anew.
        desk.key(Key::Esc).keys("T").send(sandbox());
        assert_eq!(desk.state.tour, None);
    }
}

#[test]
fn every_step_follows_from_what_the_user_does() {
    let mut desk = newcomer(true, false);
    assert_eq!(desk.state.tour, Some(TourStep::Search));
    desk.keys("piano").key(Key::Enter);
    assert_eq!(desk.state.tour, Some(TourStep::Search), "asking alone shows no music");
    let generation = desk.asked();
    desk.answer(generation, page(4));
    assert_eq!(desk.state.tour, Some(TourStep::Hear), "the first row plays by itself");
    desk.keys("j");
    assert_eq!(desk.state.tour, Some(TourStep::Filter));
    // Filters: energy low, which all of them have.
    desk.keys("fjj").key(Key::Right);
    assert_eq!(desk.state.tour, Some(TourStep::Shortlist), "{:?}", desk.state.filters);
    desk.key(Key::Esc).keys("a");
    assert_eq!(desk.state.tour, Some(TourStep::Fit));
    desk.keys("t");
    assert_eq!(desk.state.tour, Some(TourStep::Buy));
    assert_eq!(remembered(&mut desk), 0);
    let id = DownloadId(77);
    let track = desk.state.selected().unwrap().clone();
    desk.state.downloads.push(Download {
        id,
        track,
        rehearsed: None,
        phase: DownloadPhase::Queued,
    });
    desk.send(Message::Download(id, DownloadNews::Sent));
    assert_eq!(desk.state.tour, Some(TourStep::Buy), "sent is not there yet");
    desk.state.downloads[0].phase = DownloadPhase::Done("/music/x.mp3".into());
    desk.send(Message::Wake);
    assert_eq!((desk.state.tour, remembered(&mut desk)), (None, 1));
    // For good: nothing of what is done later brings it back.
    desk.key(Key::Esc).keys("jka").send(Message::Wake);
    assert_eq!((desk.state.tour, remembered(&mut desk)), (None, 0));
}

#[test]
fn a_step_that_is_done_already_is_not_asked_for() {
    let mut desk = newcomer(true, false);
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.answer(generation, page(4));
    desk.keys("aj");
    assert_eq!(desk.state.tour, Some(TourStep::Filter));
    desk.keys("fjj").key(Key::Right);
    assert_eq!(desk.state.tour, Some(TourStep::Fit), "the shortlist was used before");
}

#[test]
fn a_key_puts_it_away_for_good_and_brings_it_back() {
    let mut desk = newcomer(true, false);
    // In the box T is a letter.
    desk.keys("T");
    assert!(desk.state.tour.is_some());
    desk.key(Key::Esc).keys("T");
    assert_eq!((desk.state.tour, remembered(&mut desk)), (None, 1));
    desk.keys("T");
    assert_eq!(desk.state.tour, Some(TourStep::Search));
}
