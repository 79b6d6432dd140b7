//! The palette: what is possible now comes first, and an action is found by its name.

use super::*;
use crate::input::{Action, Context};
use crate::state::{Focus, Popup};

/// What the palette lists, once this is typed into it.
fn listed(desk: &mut Desk, typed: &str) -> Vec<Action> {
    desk.send(Message::Act(Action::Palette)).keys(typed);
    match desk.state.popups.last() {
        Some(Popup::Palette(palette)) => palette.shown.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_possible_now_comes_first_and_of_it_what_belongs_to_the_pane_at_hand() {
    for (focus, first) in [
        (Focus::Query, Action::FocusQuery),
        (Focus::Filters, Action::FilterDown),
        (Focus::Results, Action::Down),
    ] {
        let mut desk = Desk::with_tracks(3);
        desk.state.focus = focus;
        let actions = listed(&mut desk, "");
        assert_eq!(actions[0], first);
        assert!(
            actions.is_sorted_by_key(|action| (!desk.state.is_possible(*action), action.context() != focus.context())),
            "{focus:?}: {actions:?}"
        );
        let queries = Action::ALL.iter().filter(|action| action.context() == Context::Query).count();
        assert_eq!(
            actions.len(),
            Action::ALL.len() - queries - 1,
            "all of them, but for the palette itself"
        );
    }
}

#[test]
fn without_tracks_what_needs_one_comes_last_and_says_why() {
    let mut desk = Desk::new();
    desk.state.focus = Focus::Results;
    for typed in ["", "download", "track"] {
        let actions = listed(&mut desk, typed);
        assert!(
            actions.is_sorted_by_key(|action| !desk.state.is_possible(*action)),
            "{typed}: {actions:?}"
        );
        assert!(typed != "download" || actions.contains(&Action::Download), "{actions:?}");
        desk.key(Key::Esc);
    }
    assert_eq!(desk.state.why_not(Action::Download), Some("there is no track"));
}

#[test]
fn an_action_is_found_by_its_name_and_by_what_it_does() {
    for (typed, action) in [
        ("next-unheard", Action::NextUnheard),
        ("fit-clip", Action::FitClip),
        ("even-loudness", Action::EvenLoudness),
        ("interrupt", Action::Interrupt),
        ("loudest", Action::Peak),
        ("help", Action::Help),
    ] {
        let mut desk = Desk::with_tracks(3);
        assert_eq!(listed(&mut desk, typed).first(), Some(&action), "{typed}");
    }
}

#[test]
fn what_is_said_to_do_nothing_does_nothing() {
    let desks: [fn() -> Desk; 2] = [Desk::new, || Desk::with_tracks(3)];
    for make in desks {
        for action in Action::ALL.iter().copied() {
            let mut desk = make();
            if desk.state.is_possible(action) {
                continue;
            }
            let row = desk.state.results.selected;
            desk.send(Message::Act(action));
            let mut effects = desk.taken();
            // What Enter would cost is looked up again whenever filters may have changed.
            effects.retain(|effect| !matches!(effect, Effect::Price(_)));
            assert_eq!(effects, [], "{}", action.name());
            assert!(desk.state.popups.is_empty(), "{}", action.name());
            assert_eq!(desk.state.results.selected, row, "{}", action.name());
        }
    }
}

#[test]
fn that_all_are_heard_is_said_only_of_as_many_rows_as_can_be_looked_at_for_a_frame() {
    let mut desk = Desk::with_tracks(3);
    assert!(desk.state.is_possible(Action::NextUnheard) && !desk.state.is_possible(Action::PreviousUnheard));
    desk.state.marks.heard = (0..3000).map(|number| track(number).id).collect();
    assert!(!desk.state.is_possible(Action::NextUnheard));
    let mut many = Desk::with_tracks(3000);
    many.state.marks.heard.clone_from(&desk.state.marks.heard);
    assert!(many.state.is_possible(Action::NextUnheard), "somewhere below may be one");
    many.keys("n");
    assert!(many.state.status.message.as_ref().unwrap().1.contains("all of them"));
}
