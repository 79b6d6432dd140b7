//! Shortlists: `a`, `x` and the popup.

use std::time::Duration;

use super::*;
use crate::audio::{Command, Event, Ticket};
use crate::library::{Choice, ProjectChange};
use crate::state::{Popup, ShortlistView};

fn changes(desk: &mut Desk) -> Vec<ProjectChange> {
    desk.taken()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::ChangeProject { change, .. } => Some(change),
            _ => None,
        })
        .collect()
}

fn id(number: usize) -> crate::api::TrackId {
    track(number).id
}

fn view(desk: &Desk) -> &ShortlistView {
    match desk.state.popups.last() {
        Some(Popup::Shortlist(view)) => view,
        other => panic!("{other:?}"),
    }
}

/// The popup with this many tracks in it.
fn opened(count: usize) -> Desk {
    let mut desk = Desk::with_tracks(3);
    desk.keys("S");
    desk.read(Project {
        rejected: vec![id(9)],
        all: vec!["Film".into(), "Ad".into()],
        ..project("Film", 0..count)
    });
    desk.taken();
    desk
}

#[test]
fn a_and_x_decide_and_the_same_key_takes_it_back() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("a");
    assert!(desk.state.marks.shortlisted.contains(&id(0)));
    desk.keys("x");
    assert!(desk.state.marks.rejected.contains(&id(0)) && desk.state.marks.shortlisted.is_empty());
    desk.keys("x");
    assert!(desk.state.marks.rejected.is_empty());
    assert_eq!(
        changes(&mut desk),
        [
            ProjectChange::Choose(id(0), Choice::Shortlisted),
            ProjectChange::Choose(id(0), Choice::Rejected),
            ProjectChange::Choose(id(0), Choice::Open)
        ]
    );
}

#[test]
fn nothing_is_decided_about_tracks_of_the_project_that_was_left() {
    let mut desk = opened(2);
    desk.keys("x");
    desk.taken();
    desk.key(Key::Tab).keys("u").keys("x");
    assert!(view(&desk).entries.is_empty() && view(&desk).loading);
    assert_eq!(changes(&mut desk), [], "what was removed there does not come back here");
}

#[test]
fn an_opened_project_brings_its_marks() {
    let desk = opened(2);
    assert_eq!(desk.state.project, "Film");
    assert_eq!(desk.state.marks.shortlisted.len(), 2);
    assert!(desk.state.marks.rejected.contains(&id(9)));
    assert!(!view(&desk).loading);
}

#[test]
fn a_shortlist_that_cannot_be_read_says_so_and_can_be_tried_again() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("S").send(Message::Project(Err("disk I/O error".into())));
    assert!(!view(&desk).loading);
    let problem = view(&desk).problem.clone().unwrap();
    assert!(problem.contains("disk I/O error") && problem.contains("again"), "{problem}");
    desk.keys("NSpot").key(Key::Enter);
    assert!(view(&desk).loading && view(&desk).problem.is_none());
    let spot = Project {
        name: "Spot".into(),
        ..Project::default()
    };
    desk.send(Message::Project(Ok(Box::new(spot))));
    assert!(!view(&desk).loading && view(&desk).problem.is_none());
    // What is on the list is still true; only the newest decisions could not be read again.
    let mut desk = opened(2);
    desk.send(Message::Project(Err("disk I/O error".into())));
    assert!(view(&desk).entries.len() == 2 && view(&desk).problem.is_none());
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("disk I/O error"));
}

/// What was started, and from where.
fn started(desk: &mut Desk) -> (String, Duration) {
    let started = desk.taken().into_iter().find_map(|effect| match effect {
        Effect::Audio(Command::Play { url, start, .. }) => Some((url, start)),
        _ => None,
    });
    started.unwrap()
}

/// Pauses and resumptions.
fn pauses(desk: &mut Desk) -> Vec<Effect> {
    let mut effects = desk.taken();
    effects.retain(|effect| matches!(effect, Effect::Audio(Command::Pause | Command::Resume)));
    effects
}

#[test]
fn space_pauses_where_the_music_is_and_goes_on_only_with_the_track_under_the_cursor() {
    let mut desk = opened(3);
    desk.state.player.auto_audition = false;
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)))
        .send(Message::Audio(Event::Position(ticket, Duration::from_secs(4))));
    desk.state.player.peak_wanted = true;
    desk.later(40).press(KeyPress::char(' '));
    assert_eq!(desk.state.player.position, Duration::from_millis(4_040));
    assert!(!desk.state.player.peak_wanted, "it goes nowhere by itself any more");
    assert_eq!(pauses(&mut desk), [Effect::Audio(Command::Pause)]);
    desk.keys("j ");
    assert_eq!(Desk::plays(&desk.taken()), ["1"], "and not the one that was paused");
    desk.keys("  ");
    assert_eq!(pauses(&mut desk), [Effect::Audio(Command::Pause), Effect::Audio(Command::Resume)]);
}

#[test]
fn moving_in_the_list_plays_and_one_key_compares_the_same_passage() {
    let mut desk = opened(3);
    desk.keys("j");
    assert_eq!(Desk::plays(&desk.taken()), ["1"]);
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Started(ticket)))
        .send(Message::Audio(Event::Position(ticket, Duration::from_secs(12))));
    desk.later(40).press(KeyPress::char('b'));
    assert_eq!(started(&mut desk), ("http://cdn/2".to_owned(), Duration::from_millis(12_040)));
    desk.keys("b");
    assert_eq!((view(&desk).cursor, view(&desk).other), (1, Some(2)), "and back");
}

#[test]
fn a_passage_of_another_track_is_none_to_compare() {
    // What sounds is a track of the results, or nothing any more.
    for over in [false, true] {
        let mut desk = opened(3);
        desk.state.player.auto_audition = false;
        let ticket = Ticket(desk.state.player.ticket);
        desk.send(Message::Audio(Event::Started(ticket)))
            .send(Message::Audio(Event::Position(ticket, Duration::from_secs(12))));
        if over {
            desk.send(Message::Audio(Event::Ended(ticket)));
        } else {
            desk.keys("j");
        }
        desk.taken();
        desk.keys("b");
        assert_eq!(started(&mut desk).1, Duration::ZERO, "over: {over}");
    }
}

#[test]
fn order_notes_and_removal_are_kept() {
    let mut desk = opened(3);
    desk.keys("J");
    assert_eq!(changes(&mut desk), [ProjectChange::Order(vec![id(1), id(0), id(2)])]);
    desk.keys("nfor the door").key(Key::Enter);
    assert_eq!(changes(&mut desk), [ProjectChange::Note(id(0), "for the door".into())]);
    assert_eq!(view(&desk).entries[1].note, "for the door");
    desk.keys("x");
    assert_eq!(changes(&mut desk), [ProjectChange::Choose(id(0), Choice::Open)]);
    assert_eq!(view(&desk).entries.len(), 2);
    desk.keys("nlost").key(Key::Esc);
    assert!(changes(&mut desk).is_empty() && view(&desk).typing.is_none());
}

#[test]
fn the_export_is_written_once_for_each_press_of_its_own_key() {
    let mut desk = opened(2);
    desk.keys("e").press(KeyPress::ctrl('e')).press(KeyPress {
        repeated: true,
        ..KeyPress::char('e')
    });
    let effects = desk.taken();
    assert!(matches!(&effects[..], [Effect::ExportShortlist { .. }]), "{effects:?}");
}

#[test]
fn projects_are_opened_by_name_and_in_turn() {
    let mut desk = opened(1);
    desk.key(Key::Tab);
    desk.keys("NSpot").key(Key::Enter);
    let names: Vec<_> = desk
        .taken()
        .into_iter()
        .filter_map(|effect| if let Effect::OpenProject(name) = effect { name } else { None })
        .collect();
    assert_eq!(names, ["Ad", "Spot"]);
}

#[test]
fn a_page_that_was_paid_for_before_comes_for_nothing() {
    let mut desk = Desk::with_tracks(100);
    desk.keys(">");
    let asked = desk
        .taken()
        .into_iter()
        .find_map(|effect| if let Effect::Price(request) = effect { Some(request) } else { None });
    let request = asked.unwrap();
    assert_eq!(request.offset(), 100);
    desk.send(Message::Priced(request.clone(), crate::state::Price::Cached { age_seconds: 60 }));
    assert!(desk.state.popups.is_empty());
    assert!(matches!(&desk.taken()[..], [Effect::Kept { request: kept, .. }] if *kept == request));
}

#[test]
fn offline_a_page_that_is_here_comes_and_what_costs_says_why_it_is_off() {
    let here = crate::state::Price::Cached { age_seconds: 60 };
    let not_here = crate::state::Price::Refused("offline: not asked before".into());
    for (price, comes) in [(here, true), (not_here, false)] {
        let mut desk = Desk::with_tracks(100);
        desk.state.offline = true;
        desk.keys(">");
        assert!(desk.state.popups.is_empty(), "there is nothing to ask about");
        let effects = desk.taken();
        let [Effect::Price(request)] = &effects[..] else {
            panic!("{effects:?}")
        };
        desk.send(Message::Priced(request.clone(), price));
        let effects = desk.taken();
        if comes {
            assert!(
                matches!(&effects[..], [Effect::Kept { request: kept, .. }] if kept == request),
                "{effects:?}"
            );
        } else {
            assert!(effects.is_empty(), "{effects:?}");
            assert!(desk.state.status.message.as_ref().unwrap().1.contains("Offline"));
        }
    }
    let mut desk = Desk::with_tracks(100);
    desk.state.offline = true;
    desk.key(Key::F(5));
    assert!(desk.state.popups.is_empty());
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("Offline"));
}

#[test]
fn what_was_taken_off_by_mistake_comes_back_with_its_note_in_its_place() {
    let mut desk = opened(3);
    desk.keys("njust right").key(Key::Enter);
    desk.keys("xx").taken();
    assert_eq!(view(&desk).entries.len(), 1);
    desk.keys("uu");
    let order = vec![id(0), id(1), id(2)];
    assert_eq!(
        changes(&mut desk)[2..],
        [
            ProjectChange::Choose(id(0), Choice::Shortlisted),
            ProjectChange::Note(id(0), "just right".into()),
            ProjectChange::Order(order)
        ]
    );
    assert_eq!(view(&desk).entries[0].note, "just right");
    assert_eq!(desk.state.marks.shortlisted.len(), 3);
    desk.keys("u");
    assert!(changes(&mut desk).is_empty());
}

#[test]
fn what_is_bought_and_asked_for_a_project_says_so_in_its_receipt() {
    let mut desk = opened(1);
    desk.key(Key::Esc).keys("/more").key(Key::Enter);
    let projects: Vec<_> = desk
        .taken()
        .into_iter()
        .filter_map(|effect| {
            if let Effect::Search { permit, .. } = effect {
                Some(permit.project().map(str::to_owned))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(projects, [Some("Film".to_owned())]);
}
