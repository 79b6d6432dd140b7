//! Quitting asks while something paid for is on its way.

use super::*;
use crate::app::SearchNews;
use crate::app::next_wake;
use crate::state::{Leaving, Popup};

#[test]
fn q_leaves_at_once_when_nothing_runs() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("q");
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn q_asks_while_a_search_runs_and_only_y_leaves() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter).keys("q");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Quit(_))));
    desk.keys("x");
    assert_eq!((desk.state.leaving, desk.state.popups.len()), (Leaving::No, 0));
    desk.keys("qy");
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn keys_that_were_typed_ahead_or_are_held_do_not_leave() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let press = |desk: &mut Desk, now: u64, key: KeyPress| {
        update(&mut desk.state, Moment(now), Message::Key(key));
        (desk.state.leaving, desk.state.popups.len())
    };
    let asks = (Leaving::No, 1);
    assert_eq!(press(&mut desk, 10_000, KeyPress::char('q')), asks);
    // Both were typed before a frame was out, and the terminal keeps that for two seconds.
    assert_eq!(press(&mut desk, 10_000, KeyPress::char('y')), asks);
    update(&mut desk.state, Moment(12_000), Message::Drawn);
    assert_eq!(press(&mut desk, 12_299, KeyPress::char('y')), asks);
    let held = KeyPress {
        repeated: true,
        ..KeyPress::char('y')
    };
    assert_eq!(press(&mut desk, 12_400, held), asks);
    assert_eq!(press(&mut desk, 12_400, KeyPress::ctrl('y')), (Leaving::No, 0));
    press(&mut desk, 13_000, KeyPress::char('q'));
    update(&mut desk.state, Moment(13_000), Message::Drawn);
    assert_eq!(press(&mut desk, 13_300, KeyPress::char('y')).0, Leaving::Now);
    // Staying need not wait.
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    press(&mut desk, 10_000, KeyPress::char('q'));
    assert_eq!(press(&mut desk, 10_000, KeyPress::plain(Key::Esc)), (Leaving::No, 0));
}

#[test]
fn the_question_goes_away_with_what_it_asks_about() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter).keys("q");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Quit(_))));
    desk.send(Message::Unavailable("no server".into()));
    assert!(desk.state.popups.is_empty());
    assert_eq!(desk.state.leaving, Leaving::No);
    desk.keys("q");
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn ctrl_c_leaves_from_anywhere_and_asks_once_with_a_paid_request_in_flight() {
    let mut desk = Desk::new();
    desk.press(KeyPress::ctrl('c'));
    assert_eq!(desk.state.leaving, Leaving::Now);

    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, SearchNews::Sent)).press(KeyPress::ctrl('c'));
    assert!(matches!(desk.state.leaving, Leaving::AskedUntil(_)));
    desk.later(1999).press(KeyPress::ctrl('c'));
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn the_second_ctrl_c_counts_for_two_seconds() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, SearchNews::Sent)).press(KeyPress::ctrl('c'));
    desk.later(2000).press(KeyPress::ctrl('c'));
    assert!(matches!(desk.state.leaving, Leaving::AskedUntil(_)), "it asks again");
}

#[test]
fn the_palette_leaves_as_ctrl_c_does() {
    let from_the_palette = |desk: &mut Desk| {
        desk.keys(":interrupt").key(Key::Enter);
    };
    let mut desk = Desk::with_tracks(1);
    from_the_palette(&mut desk);
    assert_eq!(desk.state.leaving, Leaving::Now);

    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, SearchNews::Sent));
    from_the_palette(&mut desk);
    assert!(matches!(desk.state.leaving, Leaving::AskedUntil(_)), "a paid request is on its way");
    desk.press(KeyPress::ctrl('c'));
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn at_rest_nothing_wakes_the_loop() {
    assert_eq!(next_wake(&Desk::new().state), None);
    let desk = Desk::with_tracks(5);
    assert_eq!(next_wake(&desk.state), None);
}

#[test]
fn popups_swallow_keys_but_not_ctrl_c() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("?q");
    assert_eq!(desk.state.leaving, Leaving::No, "q closes the help");
    desk.keys("?").press(KeyPress::ctrl('c'));
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn pages_scroll_no_further_than_their_last_line() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("?").keys(&"j".repeat(300));
    let Some(Popup::Help(help)) = desk.state.popups.last() else {
        panic!("the help is open")
    };
    assert_eq!(help.scroll, crate::ui::furthest_scroll(&desk.state));
}

#[test]
fn however_long_a_key_is_held_the_receipts_are_written_once() {
    let works = |desk: &mut Desk| {
        let effects = desk.taken();
        effects.iter().filter(|effect| matches!(effect, Effect::ReceiptFiles(_))).count()
    };
    let held = |c| KeyPress {
        repeated: true,
        ..KeyPress::char(c)
    };
    let mut desk = Desk::with_tracks(1);
    desk.keys("Le");
    // As a terminal tells it that knows repeats, and as the others do.
    desk.later(500).press(held('e'));
    for _ in 0..60 {
        desk.later(30).press(KeyPress::char('e'));
    }
    assert_eq!(works(&mut desk), 1);
    // Pressed again it is done again, and another key need not wait.
    desk.keys("e").later(50).press(KeyPress::char('v')).press(KeyPress::char('c'));
    assert_eq!(works(&mut desk), 3);
    // With Control it is another key, which closes the page as any other.
    desk.later(1000).press(KeyPress::ctrl('e'));
    assert_eq!((works(&mut desk), desk.state.popups.len()), (0, 0));
}

#[test]
fn the_last_message_can_be_read_in_full() {
    let mut desk = Desk::with_tracks(1);
    desk.send(Message::Notice(crate::state::Severity::Error, "long story".into()))
        .keys("!");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Error(shown)) if shown.text == "long story"));
}

#[test]
fn a_sent_search_that_nobody_waits_for_is_asked_about_too() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, SearchNews::Sent)).key(Key::Esc);
    assert!(desk.state.results.running.is_none());
    desk.press(KeyPress::ctrl('c'));
    assert!(matches!(desk.state.leaving, Leaving::AskedUntil(_)));
}

#[test]
fn q_asks_while_a_sent_search_that_nobody_waits_for_is_on_its_way() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, SearchNews::Sent)).key(Key::Esc).keys("q");
    assert_eq!(desk.state.leaving, Leaving::No);
    let running = match desk.state.popups.last() {
        Some(Popup::Quit(quitting)) => &quitting.running,
        other => panic!("{other:?}"),
    };
    assert_eq!(running[..], ["earlier searches on their way: 1"]);
}
