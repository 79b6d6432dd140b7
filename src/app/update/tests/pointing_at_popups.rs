//! The mouse in popups: what is drawn there is what a click does, and a slip of the hand does nothing.

use super::*;
use crate::app::Mouse;
use crate::input::Action;
use crate::library::Alike;
use crate::state::{BriefList, FilterRow, OpenBrief, Popup, Typing};
use crate::ui::{Target, target};

impl Desk {
    /// The first place in the middle of the screen that is about this.
    fn in_the_middle(&self, wanted: Target) -> (u16, u16) {
        let (columns, rows) = self.state.size;
        let column = columns / 2;
        let row = (0..rows).find(|row| target(&self.state, column, *row) == wanted);
        (column, row.expect("it is on the screen"))
    }

    fn click_on(&mut self, wanted: Target) -> &mut Self {
        let (column, row) = self.in_the_middle(wanted);
        self.later(1000).send(Message::Mouse(Mouse::Click { column, row }))
    }
}

fn first_choice() -> Desk {
    let mut desk = Desk::new();
    desk.send(Message::NoKey {
        no_keyring: None,
        problem: None,
    });
    desk.taken();
    desk
}

fn no_key_is_given(desk: &Desk, characters: Option<usize>) -> bool {
    matches!(&desk.state.popups[..], [Popup::NoKey(entry)] if entry.characters() == characters)
}

#[test]
fn the_first_choice_is_not_lost_by_a_slip() {
    let mut desk = first_choice();
    desk.click_on(Target::Popup).key(Key::Enter);
    assert!(no_key_is_given(&desk, None), "{:?}", desk.state.popups);
    assert_eq!(desk.taken(), []);
}

#[test]
#[cfg(feature = "sandbox")]
fn a_click_on_its_line_starts_the_sandbox() {
    let mut desk = first_choice();
    desk.click_on(Target::Key('s'));
    assert!(desk.state.popups.is_empty());
    assert_eq!(desk.taken(), [Effect::StartSandbox]);
}

#[test]
fn a_click_on_its_line_opens_the_box_for_a_key() {
    let mut desk = first_choice();
    desk.click_on(Target::Key('k'));
    assert!(no_key_is_given(&desk, Some(0)));
    desk.click_on(Target::Popup);
    assert!(no_key_is_given(&desk, Some(0)));
    // As Esc: back to the choice, and out of it.
    desk.click_on(Target::Beside);
    assert!(no_key_is_given(&desk, None));
    desk.click_on(Target::Beside);
    assert!(desk.state.popups.is_empty());
}

#[test]
fn a_click_on_a_value_takes_it_and_the_next_one_puts_it_back() {
    let mut desk = Desk::with_tracks(4);
    desk.click(|target| target == Target::Filter(FilterRow::Genres));
    let word = match desk.state.popups.last() {
        Some(Popup::Picker(picker)) => picker.items[picker.shown[1]].word.clone(),
        other => panic!("{other:?}"),
    };
    desk.click_on(Target::Entry(1));
    assert_eq!(desk.state.filters.active.genres, [word].into());
    desk.click_on(Target::Entry(1));
    assert!(desk.state.filters.active.genres.is_empty());
    desk.click_on(Target::Popup);
    assert!(matches!(&desk.state.popups[..], [Popup::Picker(picker)] if picker.cursor == 1));
    desk.click_on(Target::Beside);
    assert!(desk.state.popups.is_empty());
}

#[test]
fn a_value_that_was_typed_is_taken_by_a_click_too() {
    let mut desk = Desk::with_tracks(4);
    desk.click(|target| target == Target::Filter(FilterRow::Genres)).keys("vaporous");
    let own = match desk.state.popups.last() {
        Some(Popup::Picker(picker)) => picker.shown.len(),
        other => panic!("{other:?}"),
    };
    desk.click_on(Target::Entry(own));
    assert_eq!(desk.state.filters.active.genres, ["vaporous".to_owned()].into());
}

/// Where an action is in the palette.
fn in_palette(desk: &Desk, wanted: Action) -> usize {
    match desk.state.popups.last() {
        Some(Popup::Palette(palette)) => palette.shown.iter().position(|action| *action == wanted).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn in_the_palette_the_first_click_chooses_and_the_second_does_it() {
    let mut desk = Desk::with_tracks(2);
    desk.keys(":show").key(Key::Down);
    let help = in_palette(&desk, Action::Help);
    assert_ne!(help, 1, "the cursor is there already");
    desk.click_on(Target::Entry(help));
    assert!(matches!(&desk.state.popups[..], [Popup::Palette(palette)] if palette.cursor == help));
    desk.click_on(Target::Entry(help));
    assert!(matches!(desk.state.popups[..], [Popup::Help(_)]), "{:?}", desk.state.popups);
    // Its list has no cursor, so there is nothing to click in it.
    desk.click_on(Target::Popup);
    assert_eq!(desk.state.popups.len(), 1);
}

#[test]
fn clicks_in_the_palette_ask_and_never_answer() {
    let mut desk = Desk::with_tracks(2);
    desk.keys(":download");
    let download = in_palette(&desk, Action::Download);
    let (column, row) = desk.in_the_middle(Target::Entry(download));
    for _ in 0..6 {
        desk.later(1000).send(Message::Mouse(Mouse::Click { column, row }));
    }
    let effects = desk.taken();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::LookUpOwned(_))), "{effects:?}");
    assert!(
        !effects.iter().any(|effect| matches!(effect, Effect::Download { .. })),
        "{effects:?}"
    );
}

#[test]
fn a_click_on_a_track_that_is_alike_lets_it_be_heard() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("M");
    let found = (1..5)
        .map(|number| Alike {
            track: Arc::new(track(number)),
            likeness: 0.5,
            why: Vec::new(),
        })
        .collect();
    desk.send(Message::Alike(track(0).id, Ok(found))).taken();
    desk.click_on(Target::Entry(2));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Alike(view)) if view.cursor == 2));
    assert_eq!(Desk::plays(&desk.taken()), ["3"]);
    // The wheel goes one further, wherever the pointer is.
    for wanted in [Target::Entry(0), Target::Beside] {
        let (column, row) = desk.in_the_middle(wanted);
        desk.later(1000).send(Message::Mouse(Mouse::Wheel { up: true, column, row }));
    }
    assert!(matches!(desk.state.popups.last(), Some(Popup::Alike(view)) if view.cursor == 0));
}

#[test]
fn a_note_stays_with_its_track_whatever_is_clicked_meanwhile() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("S");
    desk.read(project("Film", 0..4));
    let cursor = |desk: &Desk| match desk.state.popups.last() {
        Some(Popup::Shortlist(view)) => (view.cursor, matches!(view.typing, Some(Typing::Note(_)))),
        other => panic!("{other:?}"),
    };
    let (column, row) = desk.in_the_middle(Target::Entry(3));
    desk.click_on(Target::Entry(2));
    assert_eq!(cursor(&desk), (2, false));
    desk.keys("n");
    desk.later(1000).send(Message::Mouse(Mouse::Click { column, row }));
    assert_eq!(cursor(&desk), (2, true));
    desk.key(Key::Esc).click_on(Target::Entry(3));
    assert_eq!(cursor(&desk), (3, false));
}

#[test]
fn briefs_and_tasks_have_a_cursor_that_follows_a_click() {
    let mut desk = Desk::with_tracks(1);
    let request = desk.state.results.request.clone().unwrap();
    let brief = |line| OpenBrief {
        line,
        request: request.clone(),
        project: "Film".to_owned(),
        age_seconds: None,
        ask: 0,
        refused: false,
    };
    desk.state.briefs = Some(BriefList {
        briefs: (1..6).map(brief).collect(),
        ..BriefList::default()
    });
    desk.keys("B").click_on(Target::Entry(4));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Briefs(view)) if view.cursor == 4));
    desk.key(Key::Esc);
    desk.state.results.unwatched = vec![1, 2, 3];
    desk.keys("J").click_on(Target::Entry(2));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Tasks(view)) if view.cursor == 2));
}
