//! The mouse does what keys do, and is no shortcut to a credit.

use super::*;
use crate::api::Filters;
use crate::app::{Mouse, Wish};
use crate::input::Action;
use crate::spend::Button;
use crate::state::{Focus, Ownership, Popup};
use crate::ui::{Target, target};

impl Desk {
    /// A place on the screen that is about this.
    fn place(&self, wanted: impl Fn(Target) -> bool) -> (u16, u16) {
        let (columns, rows) = self.state.size;
        (0..rows)
            // Nothing that can be clicked is narrower than two columns.
            .flat_map(|row| (0..columns).step_by(2).map(move |column| (column, row)))
            .find(|(column, row)| wanted(target(&self.state, *column, *row)))
            .expect("it is on the screen")
    }

    pub(super) fn click(&mut self, wanted: impl Fn(Target) -> bool) -> &mut Self {
        let (column, row) = self.place(wanted);
        self.later(1000).send(Message::Mouse(Mouse::Click { column, row }))
    }

    fn bought(&mut self) -> usize {
        let effects = self.taken();
        effects.iter().filter(|effect| matches!(effect, Effect::Download { .. })).count()
    }
}

#[test]
fn a_click_while_a_search_is_on_its_way_keeps_the_sound() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    desk.click(|target| target == Target::Row(2));
    assert_eq!(Desk::plays(&desk.taken()), ["2"]);
    desk.answer(generation, page(5));
    assert!(Desk::plays(&desk.taken()).is_empty());
}

/// A confirmation on the screen, not owned, drawn just now.
fn asked_to_buy() -> Desk {
    let mut desk = Desk::with_tracks(5);
    desk.keys("d");
    let Some(Popup::Confirm {
        ask: crate::state::Ask::Download { request, .. },
        ..
    }) = desk.state.popups.last()
    else {
        panic!("a question")
    };
    let request = request.clone();
    desk.send(Message::Owned(request, Ownership::New));
    desk.taken();
    desk
}

#[test]
fn a_click_on_a_row_selects_it_and_lets_it_be_heard() {
    let mut desk = Desk::with_tracks(5);
    desk.click(|target| target == Target::Row(3));
    assert_eq!((desk.state.results.selected, desk.state.focus), (3, Focus::Results));
    assert_eq!(Desk::plays(&desk.taken()), ["3"]);
}

#[test]
fn the_wheel_goes_three_rows_and_stops_at_the_ends() {
    let mut desk = Desk::with_tracks(5);
    let (column, row) = desk.place(|target| target == Target::Row(0));
    let mut turn = |up| {
        desk.later(1000).send(Message::Mouse(Mouse::Wheel { up, column, row }));
        desk.state.results.selected
    };
    assert_eq!([turn(false), turn(false), turn(true), turn(true)], [3, 4, 1, 0]);
}

#[test]
fn the_button_that_spends_listens_as_late_as_its_key() {
    let mut desk = asked_to_buy();
    let (column, row) = desk.place(|target| target == Target::Button(Button::Spend));
    desk.later(299).send(Message::Mouse(Mouse::Click { column, row }));
    assert_eq!((desk.bought(), desk.state.popups.len()), (0, 1));
    desk.later(1).send(Message::Mouse(Mouse::Click { column, row }));
    assert_eq!((desk.bought(), desk.state.popups.len()), (1, 0));
}

#[test]
fn cancel_and_a_click_beside_the_buttons_buy_nothing() {
    for (target, left) in [(Target::Button(Button::Cancel), 0), (Target::Beside, 0), (Target::Popup, 1)] {
        let mut desk = asked_to_buy();
        desk.click(|found| found == target);
        assert_eq!((desk.bought(), desk.state.popups.len()), (0, left), "{target:?}");
    }
}

#[test]
fn the_wheel_does_not_answer_a_question() {
    let mut desk = asked_to_buy();
    let (column, row) = desk.place(|target| target == Target::Button(Button::Spend));
    desk.later(1000).send(Message::Mouse(Mouse::Wheel { up: false, column, row }));
    assert_eq!((desk.bought(), desk.state.popups.len()), (0, 1));
}

#[test]
fn a_hint_in_the_status_line_does_what_its_key_does_but_never_asks() {
    let mut desk = Desk::with_tracks(2);
    desk.click(|target| target == Target::Hint(Action::Download));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));

    let mut desk = Desk::new();
    desk.keys("piano").click(|target| target == Target::Hint(Action::Ask));
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn what_a_letter_does_elsewhere_has_no_hint_in_the_query_box() {
    let mut desk = Desk::new();
    desk.state.tour = Some(crate::state::TourStep::default());
    let (columns, rows) = desk.state.size;
    for column in 0..columns {
        let (row, before) = (rows - 1, desk.state.query.text().to_owned());
        assert_ne!(target(&desk.state, column, row), Target::Hint(Action::Tour), "T is a letter here");
        if !matches!(target(&desk.state, column, row), Target::Hint(Action::Back)) {
            desk.send(Message::Mouse(Mouse::Click { column, row }));
        }
        assert_eq!(desk.state.query.text(), before, "a click types nothing");
    }
    desk.key(Key::Esc).click(|target| target == Target::Hint(Action::Tour));
    assert_eq!(desk.state.tour, None);
}

#[test]
fn what_does_nothing_now_has_no_hint() {
    let hinted = |desk: &Desk, key: Action| {
        let (columns, rows) = desk.state.size;
        let wanted = Target::Hint(key);
        (0..rows).any(|row| (0..columns).any(|column| target(&desk.state, column, row) == wanted))
    };
    let mut desk = Desk::with_tracks(2);
    assert!(hinted(&desk, Action::NextUnheard), "there is a track that was not heard");
    desk.state.marks.heard = [track(1).id].into();
    assert!(!hinted(&desk, Action::NextUnheard));
    desk.keys("f");
    assert!(!hinted(&desk, Action::FilterClear) && !hinted(&desk, Action::FilterClearAll));
    desk.state.filters.active.genres = ["Jazz".to_owned()].into();
    assert!(hinted(&desk, Action::FilterClear) && hinted(&desk, Action::FilterClearAll));
    desk.keys("j");
    assert!(
        !hinted(&desk, Action::FilterClear) && hinted(&desk, Action::FilterClearAll),
        "the next filter is not set"
    );
}

#[test]
fn a_click_on_the_waveform_seeks() {
    let mut desk = Desk::with_tracks(2);
    desk.key(Key::Enter);
    desk.state.player.length = Some(std::time::Duration::from_secs(30));
    desk.state.player.phase = crate::state::Phase::Playing;
    desk.click(|target| matches!(target, Target::Wave(share) if share > 0.5));
    let position = desk.state.player.position.as_secs_f64();
    assert!((15.0..15.5).contains(&position), "{position}");
}

#[test]
fn a_click_on_the_sign_of_a_chip_takes_that_filter_away_and_no_other() {
    let mut desk = Desk::with_tracks(4);
    let all = Filters {
        genres: ["House".to_owned(), "Jazz".to_owned()].into(),
        has_vocals: Some(false),
        max_bpm: Some(150),
        instruments: ["piano".to_owned()].into(),
        ..Filters::default()
    };
    desk.send(Message::Wish(Wish::Filters(all.clone())));
    assert_eq!(desk.state.results.rows.len(), 2);
    desk.click(|target| target == Target::Chip(2));
    let without_vocals = Filters { has_vocals: None, ..all };
    assert_eq!((&desk.state.filters.active, desk.state.focus), (&without_vocals, Focus::Results));
    assert_eq!(desk.state.results.rows.len(), 4, "the rows are those that pass now");
    assert!(desk.taken().iter().any(|effect| matches!(effect, Effect::Price(_))));
    desk.click(|target| target == Target::Chip(0))
        .click(|target| target == Target::Chip(2));
    let left = Filters {
        genres: ["Jazz".to_owned()].into(),
        max_bpm: Some(150),
        ..Filters::default()
    };
    assert_eq!(desk.state.filters.active, left);
    // Its words are the box's.
    let (column, row) = desk.place(|target| target == Target::Chip(0));
    desk.send(Message::Mouse(Mouse::Click { column: column - 2, row }));
    assert_eq!((&desk.state.filters.active, desk.state.focus), (&left, Focus::Query));
}

#[test]
fn filters_and_the_query_box_take_the_focus() {
    let mut desk = Desk::with_tracks(2);
    desk.click(|target| target == Target::Filter(crate::state::FilterRow::Energy));
    assert_eq!(desk.state.focus, Focus::Filters);
    assert_eq!(desk.state.filters.row, crate::state::FilterRow::Energy);
    desk.click(|target| target == Target::Query);
    assert_eq!(desk.state.focus, Focus::Query);
}
