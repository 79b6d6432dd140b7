//! Tracks seen before, listed while one types.

use super::*;
use crate::library::Matches;
use crate::state::Focus;

fn looked_for(effects: &[Effect]) -> Vec<u64> {
    effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Match { generation, .. } = effect {
                Some(*generation)
            } else {
                None
            }
        })
        .collect()
}

fn matches(numbers: impl Iterator<Item = usize>) -> Matches {
    Matches {
        tracks: numbers.map(track).collect(),
        close: 0,
        more: false,
    }
}

fn ids(desk: &Desk) -> Vec<String> {
    (0..desk.state.results.rows.len())
        .filter_map(|row| Some(desk.state.results.track(row)?.id.to_string()))
        .collect()
}

/// An answer of three tracks, then "cal" typed and two others found.
fn typing() -> Desk {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/").press(KeyPress::ctrl('u')).keys("cal");
    let looked = looked_for(&desk.taken());
    desk.send(Message::Matched(looked[looked.len() - 1], matches(10..12)));
    desk
}

#[test]
fn each_key_looks_anew_and_only_the_newest_look_is_shown() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/s");
    let first = looked_for(&desk.taken());
    desk.keys("a");
    let second = looked_for(&desk.taken());
    assert_eq!((first.len(), second.len()), (1, 1));
    desk.send(Message::Matched(first[0], matches(20..25)));
    assert_eq!(ids(&desk), ["trk_0", "trk_1", "trk_2"], "stale matches are not shown");
    desk.send(Message::Matched(second[0], matches(20..22)));
    assert_eq!(ids(&desk), ["trk_20", "trk_21"]);
    assert!(Desk::plays(&desk.taken()).is_empty(), "arriving rows make no sound");
}

#[test]
fn down_enters_the_matches_and_plays_and_esc_brings_back_what_was_there() {
    let mut desk = typing();
    desk.key(Key::Down);
    assert_eq!(desk.state.focus, Focus::Results);
    assert_eq!(Desk::plays(&desk.taken()), ["10"]);
    desk.key(Key::Esc);
    assert_eq!(ids(&desk), ["trk_0", "trk_1", "trk_2"]);
    assert_eq!(desk.state.query.text(), "piano");
    assert!(desk.state.live.found.is_none());
}

#[test]
fn esc_in_the_box_and_an_empty_box_bring_the_rows_back() {
    let mut desk = typing();
    desk.key(Key::Esc);
    assert_eq!((ids(&desk).len(), desk.state.query.text()), (3, "piano"));
    let mut desk = typing();
    desk.press(KeyPress::ctrl('u'));
    assert_eq!(ids(&desk).len(), 3);
    let asked = looked_for(&desk.taken());
    assert!(asked.is_empty(), "nothing is looked for when nothing is typed");
}

#[test]
fn an_answer_takes_the_place_of_the_matches_for_good() {
    let mut desk = typing();
    desk.key(Key::Enter);
    let generation = desk.asked();
    assert!(desk.state.results.dimmed());
    desk.answer(generation, page(5));
    assert_eq!(ids(&desk).len(), 5);
    desk.key(Key::Esc);
    assert_eq!(ids(&desk).len(), 5, "there is nothing to come back to");
}

#[test]
fn a_search_on_its_way_stays_so_whatever_is_typed() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    desk.keys("/x");
    let looked = looked_for(&desk.taken());
    desk.send(Message::Matched(looked[0], matches(20..22)));
    assert!(desk.state.results.running.is_some());
    desk.key(Key::Esc);
    assert!(desk.state.results.running.is_some() && ids(&desk).len() == 3);
    desk.answer(generation, page(7));
    assert_eq!(ids(&desk).len(), 7);
}

#[test]
fn where_nothing_matches_the_rows_that_were_there_stay_and_wait_with_the_user() {
    let nothing = |desk: &mut Desk| {
        let looked = looked_for(&desk.taken());
        desk.send(Message::Matched(looked[looked.len() - 1], Matches::default()));
    };
    let old = ["trk_0", "trk_1", "trk_2"];
    // Before Enter, with and without matches of fewer letters; and after Enter, when the look comes late.
    for (typed_first, enter_first) in [(false, false), (true, false), (true, true)] {
        let mut desk = if typed_first { typing() } else { Desk::with_tracks(3) };
        desk.keys(if typed_first { "zzz" } else { "/zzz" });
        if enter_first {
            let looked = looked_for(&desk.taken());
            desk.key(Key::Enter);
            desk.send(Message::Matched(looked[looked.len() - 1], Matches::default()));
        } else {
            nothing(&mut desk);
            assert!(desk.state.live.nothing_matches() && !desk.state.live.shown());
            desk.key(Key::Enter);
        }
        assert_eq!(ids(&desk), old);
        assert!(desk.state.results.dimmed(), "they answer an older question");
    }
}

#[test]
fn news_of_an_earlier_search_move_no_cursor() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/s").key(Key::Enter);
    let earlier = desk.asked();
    desk.send(Message::Search(earlier, SearchNews::Sent)).key(Key::Esc);
    desk.keys("/x");
    let looked = looked_for(&desk.taken());
    desk.send(Message::Matched(looked[looked.len() - 1], matches(20..25)));
    desk.key(Key::Down).keys("jj");
    desk.taken();
    desk.answer(earlier, page(5));
    assert!(looked_for(&desk.taken()).is_empty(), "nothing is looked for that nobody typed");
    assert_eq!(desk.state.selected().unwrap().id, track(22).id);
    // And where filters bring other matches, the cursor stays on its track.
    desk.keys("fjjl");
    let looked = looked_for(&desk.taken());
    desk.key(Key::Esc);
    desk.send(Message::Matched(looked[looked.len() - 1], matches(21..25)));
    assert_eq!(desk.state.selected().unwrap().id, track(22).id);
}

#[test]
fn before_anything_was_asked_no_match_leaves_the_first_page_alone() {
    let mut desk = Desk::new();
    desk.keys("zit");
    let looked = looked_for(&desk.taken());
    desk.send(Message::Matched(looked[2], Matches::default()));
    assert!(!desk.state.live.shown() && desk.state.live.found.is_some());
}

#[test]
fn filters_look_again_only_while_matches_are_shown() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("fjjl");
    assert!(looked_for(&desk.taken()).is_empty());
    let mut desk = typing();
    desk.key(Key::Down).keys("fjjl");
    assert_eq!(looked_for(&desk.taken()).len(), 1);
}

#[test]
fn words_become_filters_by_a_key_and_chips_can_be_dropped() {
    let mut desk = Desk::new();
    desk.keys("sad piano, no vocals, under 80 bpm");
    let labels = |desk: &Desk| desk.state.live.chips().map(crate::words::Term::label).collect::<Vec<_>>();
    assert_eq!(labels(&desk), ["Melancholic", "piano", "instrumental", "under 80 bpm"]);
    assert!(
        desk.state.filters.active.is_empty(),
        "nothing is sent that was not said to be a filter"
    );
    desk.press(KeyPress::ctrl('x'));
    assert_eq!(labels(&desk), ["Melancholic", "piano", "instrumental"]);
    desk.press(KeyPress::ctrl('t'));
    let active = &desk.state.filters.active;
    assert!(active.moods.contains("Melancholic") && active.instruments.contains("piano"));
    assert_eq!((active.has_vocals, active.max_bpm), (Some(false), None));
    desk.key(Key::Enter);
    let sent = desk.taken().into_iter().find_map(|effect| match effect {
        Effect::Search { permit, .. } => Some(permit.request().body()),
        _ => None,
    });
    assert_eq!(sent.unwrap()["filters"]["has_vocals"], false);
}

#[test]
fn a_word_that_was_dropped_means_something_again_once_the_box_was_empty() {
    let labels = |desk: &Desk| desk.state.live.chips().map(crate::words::Term::label).collect::<Vec<_>>();
    let mut desk = Desk::new();
    desk.keys("sad piano ").press(KeyPress::ctrl('x'));
    assert_eq!(labels(&desk), ["Melancholic"]);
    desk.keys("solo ");
    assert_eq!(labels(&desk), ["Melancholic"], "while one types on it stays dropped");
    desk.press(KeyPress::ctrl('u')).keys("sad piano ");
    assert_eq!(labels(&desk), ["Melancholic", "piano"]);
}

#[test]
fn a_refusal_stays_told_whether_the_matches_come_before_or_after_it() {
    for late in [false, true] {
        let mut desk = Desk::with_tracks(3);
        desk.keys("/").press(KeyPress::ctrl('u')).keys("cal");
        let looked = looked_for(&desk.taken());
        desk.key(Key::Enter);
        let generation = desk.asked();
        let found = Message::Matched(looked[looked.len() - 1], matches(10..12));
        let refused = Message::Search(generation, SearchNews::Failed(Failed::new(crate::api::Charge::Free, "no ledger")));
        if late {
            desk.send(refused).send(found);
        } else {
            desk.send(found).send(refused);
        }
        assert_eq!(ids(&desk), ["trk_10", "trk_11"], "late: {late}");
        assert_eq!(desk.state.results.problem.as_deref(), Some("no ledger"), "late: {late}");
        assert!(desk.state.results.running.is_none());
        // With what was there before, it is still so; and typing something else asks a new question.
        desk.key(Key::Esc);
        assert_eq!(ids(&desk), ["trk_0", "trk_1", "trk_2"], "late: {late}");
        assert_eq!(desk.state.results.problem.as_deref(), Some("no ledger"), "late: {late}");
    }
}
