//! Moving and sound: only the user's own keys change what is heard.

use std::time::Duration;

use super::*;
use crate::audio::{Command, Event, Fault, Ticket};
use crate::state::Phase;

#[test]
fn moving_plays_what_the_cursor_reaches_and_fetches_what_comes_next() {
    let mut desk = Desk::with_tracks(10);
    desk.keys("j");
    let effects = desk.taken();
    assert_eq!(Desk::plays(&effects), ["1"]);
    let ahead = effects.iter().find_map(|effect| {
        if let Effect::Audio(Command::Prefetch(urls)) = effect {
            Some(urls.clone())
        } else {
            None
        }
    });
    assert_eq!(ahead.unwrap(), ["http://cdn/2", "http://cdn/3", "http://cdn/0"]);
}

#[test]
fn a_held_key_plays_the_first_row_and_the_one_where_it_ends() {
    let mut desk = Desk::with_tracks(100);
    desk.later(1000);
    for _ in 0..60 {
        desk.later(30).press(KeyPress::char('j'));
    }
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
    let wake = crate::app::next_wake(&desk.state).unwrap();
    desk.now = wake.0;
    desk.send(Message::Wake);
    assert_eq!(Desk::plays(&desk.taken()), ["60"]);
    assert_eq!(crate::app::next_wake(&desk.state), None, "and then nothing ticks");
}

#[test]
fn arriving_results_sorting_and_filters_leave_the_sound_alone() {
    let mut desk = Desk::with_tracks(10);
    desk.keys("jss").keys("fjjjl");
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
}

#[test]
fn esc_never_stops_the_sound() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j").taken();
    desk.key(Key::Esc).key(Key::Esc).keys("/").key(Key::Esc);
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Audio(_))));
}

#[test]
fn space_pauses_and_goes_on() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j ");
    assert_eq!(desk.state.player.phase, Phase::Paused);
    desk.keys(" ");
    let commands: Vec<_> = desk
        .taken()
        .into_iter()
        .filter(|effect| matches!(effect, Effect::Audio(Command::Pause | Command::Resume)))
        .collect();
    assert_eq!(commands, [Effect::Audio(Command::Pause), Effect::Audio(Command::Resume)]);
}

#[test]
fn moving_plays_also_after_a_pause() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("j j");
    assert_eq!(Desk::plays(&desk.taken()), ["1", "2"]);
}

#[test]
fn without_auto_audition_only_enter_plays() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("Aj");
    assert!(Desk::plays(&desk.taken()).is_empty());
    desk.key(Key::Enter);
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
}

#[test]
fn seeking_stays_inside_the_preview() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("j");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Length(ticket, Duration::from_secs(30))));
    desk.taken();
    desk.keys("h5l.0,");
    let seeks: Vec<f64> = desk
        .taken()
        .iter()
        .filter_map(|effect| {
            if let Effect::Audio(Command::Seek(to)) = effect {
                Some(to.as_secs_f64())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(seeks, [0.0, 15.0, 20.0, 29.5, 0.0, 0.0]);
}

#[test]
fn events_of_an_earlier_track_change_nothing() {
    let mut desk = Desk::with_tracks(3);
    let old = Ticket(desk.state.player.ticket);
    desk.keys("j")
        .send(Message::Audio(Event::Failed(old, "late".into(), Fault::Music)))
        .send(Message::Audio(Event::Position(old, Duration::from_secs(9))));
    assert_eq!(desk.state.player.phase, Phase::Loading);
    assert_eq!(desk.state.player.position, Duration::ZERO);
}

#[test]
fn what_sounded_is_heard_and_n_finds_what_did_not() {
    let mut desk = Desk::with_tracks(4);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)));
    assert_eq!(desk.taken(), [Effect::MarkHeard(track(0).id)]);
    desk.keys("j");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket))).keys("gn");
    assert_eq!(desk.state.results.selected, 2);
}

#[test]
fn volume_moves_in_steps_mutes_and_is_remembered() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("-_");
    let effects = desk.taken();
    assert!(effects.contains(&Effect::Audio(Command::Volume(0.75))) && effects.contains(&Effect::RememberVolume(75)));
    assert!(effects.contains(&Effect::Audio(Command::Volume(0.0))));
    desk.keys(&"+".repeat(30));
    assert_eq!((desk.state.player.volume, desk.state.player.muted), (100, false));
}

#[test]
fn the_cursor_is_always_in_view() {
    let mut desk = Desk::with_tracks(100);
    for keys in ["G", "k", "g", "jjjj", "G"] {
        desk.keys(keys);
        let height = crate::ui::results_height(&desk.state).max(1);
        let results = &desk.state.results;
        assert!((results.offset..results.offset + height).contains(&results.selected), "{keys}");
        desk.send(Message::Resize(40, 12)).send(Message::Resize(140, 42));
    }
}

#[test]
fn a_track_without_a_preview_says_so_and_stops_the_one_before() {
    let mut desk = Desk::with_tracks(1);
    let mut silent = track(1);
    silent.preview_url = None;
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    desk.answer(
        generation,
        SearchPage {
            tracks: vec![silent],
            skipped: 0,
            received: 1,
        },
    );
    assert!(matches!(desk.state.player.phase, Phase::Failed(_)));
    assert!(desk.taken().contains(&Effect::Audio(Command::Stop)));
}
