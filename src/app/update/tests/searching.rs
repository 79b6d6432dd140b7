//! The query box, searches and filters.

use std::time::Duration;

use super::*;
use crate::api::Charge;
use crate::state::{Focus, Popup, Price};

#[test]
fn it_opens_with_the_cursor_in_the_query_box_and_typing_asks_nothing() {
    let mut desk = Desk::new();
    assert_eq!(desk.state.focus, Focus::Query);
    desk.keys("calm piano q? d");
    assert_eq!(desk.state.query.text(), "calm piano q? d");
    assert!(
        desk.taken()
            .iter()
            .all(|effect| matches!(effect, Effect::Price(_) | Effect::Match { .. })),
        "only prices and tracks seen before are looked up"
    );
}

#[test]
fn the_key_that_leads_to_the_box_begins_no_description() {
    let mut desk = Desk::new();
    desk.keys("/rain 6/8");
    assert_eq!(desk.state.query.text(), "rain 6/8");
}

#[test]
fn enter_asks_once_and_moves_to_the_results_and_the_first_row_plays() {
    let mut desk = Desk::new();
    desk.keys("calm piano").key(Key::Enter);
    assert_eq!(desk.state.focus, Focus::Results);
    let generation = desk.asked();
    desk.answer(generation, page(3));
    assert_eq!(desk.state.results.selected, 0);
    assert_eq!(Desk::plays(&desk.taken()), ["0"]);
    assert_eq!((desk.state.account.spent, desk.state.account.credits), (1, Some(49)));
}

#[test]
fn a_second_enter_of_the_same_joins_the_search_on_its_way() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    desk.asked();
    desk.keys("/").key(Key::Enter);
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn a_held_or_pasted_enter_asks_nothing() {
    let mut desk = Desk::new();
    desk.keys("piano")
        .press(KeyPress {
            repeated: true,
            ..KeyPress::plain(Key::Enter)
        })
        .send(Message::Paste("\nmore\n".into()));
    assert_eq!(desk.state.query.text(), "pianomore");
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn a_line_break_that_is_pasted_alone_keeps_words_apart_and_asks_nothing() {
    let mut desk = Desk::new();
    desk.keys("calm")
        .send(Message::Paste("\n".into()))
        .keys("piano")
        .send(Message::Paste("\r\n".into()));
    assert_eq!(desk.state.query.text(), "calm piano ");
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn an_empty_or_endless_query_asks_nothing_and_says_why() {
    let mut desk = Desk::new();
    desk.key(Key::Enter);
    assert!(matches!(desk.state.query.price, Price::Invalid(_)));
    desk.send(Message::Paste("x".repeat(400)))
        .send(Message::Paste("y".repeat(400)))
        .send(Message::Paste("z".repeat(400)))
        .key(Key::Enter);
    assert!(matches!(&desk.state.query.price, Price::Invalid(text) if text.contains("1200")));
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn a_key_pressed_meanwhile_keeps_the_first_row_silent() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.keys("?").key(Key::Esc).answer(generation, page(3));
    assert!(Desk::plays(&desk.taken()).is_empty());
}

#[test]
fn old_rows_stay_dimmed_until_the_new_ones_come() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("/s").key(Key::Enter);
    assert!(desk.state.results.dimmed());
    assert_eq!(desk.state.results.rows.len(), 3);
    let generation = desk.asked();
    desk.answer(generation, page(1));
    assert!(!desk.state.results.dimmed());
    assert_eq!(desk.state.results.rows.len(), 1);
}

#[test]
fn esc_cancels_what_is_not_sent_and_only_stops_waiting_for_what_is() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let first = desk.asked();
    desk.key(Key::Esc);
    assert_eq!(desk.taken(), [Effect::CancelSearch(first)]);
    desk.keys("/").key(Key::Enter);
    let second = desk.asked();
    desk.send(Message::Search(second, SearchNews::Sent)).key(Key::Esc);
    assert!(desk.taken().is_empty(), "a sent request is never cancelled");
    desk.answer(second, page(2));
    assert!(desk.state.results.all.is_empty(), "its answer is kept, not shown");
    assert_eq!(desk.state.account.spent, 1, "but it was paid for");
}

#[test]
fn esc_cancels_what_came_back_without_having_counted() {
    for back in [SearchNews::Waiting(Duration::from_secs(30)), SearchNews::Again] {
        let mut desk = Desk::new();
        desk.keys("piano").key(Key::Enter);
        let generation = desk.asked();
        desk.send(Message::Search(generation, SearchNews::Sent))
            .send(Message::Search(generation, back))
            .key(Key::Esc);
        assert_eq!(desk.taken(), [Effect::CancelSearch(generation)]);
        assert!(desk.state.results.running.is_none() && desk.state.results.unwatched.is_empty());
    }
}

#[test]
fn what_came_back_and_nobody_waits_for_is_not_sent_again() {
    for back in [SearchNews::Waiting(Duration::from_secs(30)), SearchNews::Again] {
        let mut desk = Desk::new();
        desk.keys("piano").key(Key::Enter);
        let generation = desk.asked();
        desk.send(Message::Search(generation, SearchNews::Sent)).key(Key::Esc);
        assert!(desk.taken().is_empty(), "it is on its way");
        desk.send(Message::Search(generation, back));
        assert_eq!(desk.taken(), [Effect::CancelSearch(generation)]);
        // It left before it could be stopped: then it is on its way once, not twice.
        desk.send(Message::Search(generation, SearchNews::Sent));
        assert_eq!(desk.state.results.unwatched, [generation]);
    }
}

#[test]
fn a_new_search_takes_the_place_of_one_that_waits_and_stale_answers_are_not_shown() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let first = desk.asked();
    desk.keys("/s").key(Key::Enter);
    let effects = desk.taken();
    assert!(effects.contains(&Effect::CancelSearch(first)));
    desk.answer(first, page(5));
    assert!(desk.state.results.all.is_empty() && desk.state.results.running.is_some());
}

#[test]
fn esc_in_the_box_restores_what_stood_there() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("/xyz");
    assert_eq!(desk.state.query.text(), "pianoxyz");
    desk.key(Key::Esc);
    assert_eq!((desk.state.query.text(), desk.state.focus), ("piano", Focus::Results));
}

#[test]
fn up_brings_earlier_queries_and_then_what_was_typed() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("/s").key(Key::Enter).keys("/x").key(Key::Up);
    assert_eq!(desk.state.query.text(), "pianos");
    desk.key(Key::Up);
    assert_eq!(desk.state.query.text(), "piano");
    desk.key(Key::Up);
    assert_eq!(desk.state.query.text(), "pianosx");
}

#[test]
fn a_price_counts_only_for_what_stands_in_the_box() {
    let mut desk = Desk::new();
    desk.keys("a");
    let Some(Effect::Price(of_a)) = desk.taken().pop() else {
        panic!("a price is looked up")
    };
    desk.keys("b").send(Message::Priced(of_a, Price::Cached { age_seconds: 5 }));
    assert_eq!(desk.state.query.price, Price::Checking);
}

#[test]
fn filters_narrow_the_rows_at_once_for_nothing_and_go_along_with_the_next_ask() {
    let mut desk = Desk::with_tracks(6);
    desk.keys("fjjjl");
    assert_eq!(desk.state.filters.active.has_vocals, Some(false));
    assert_eq!(desk.state.results.rows.len(), 4, "tracks 0 and 3 have vocals");
    assert!(desk.taken().iter().all(|effect| matches!(effect, Effect::Price(_))));
    desk.keys("/").key(Key::Enter);
    let effects = desk.taken();
    let asked = effects.iter().find_map(|effect| {
        if let Effect::Search { permit, .. } = effect {
            Some(permit.request().body())
        } else {
            None
        }
    });
    assert_eq!(asked.unwrap()["filters"], json!({"has_vocals": false}));
}

#[test]
fn tempo_filters_never_cross() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("fjjjjj").keys("h");
    assert_eq!(desk.state.filters.active.max_bpm, Some(140));
    desk.keys("k").keys(&"l".repeat(30));
    let active = &desk.state.filters.active;
    assert_eq!((active.min_bpm, active.max_bpm), (Some(200), Some(200)));
    desk.keys("X");
    assert!(desk.state.filters.active.is_empty());
}

#[test]
fn the_picker_narrows_toggles_and_takes_a_value_of_ones_own() {
    let mut desk = Desk::with_tracks(4);
    desk.keys("f").key(Key::Enter).keys("ho ");
    assert_eq!(desk.state.filters.active.genres.iter().collect::<Vec<_>>(), ["House"]);
    desk.key(Key::Enter).key(Key::Enter);
    desk.keys("polka").key(Key::Enter);
    assert!(desk.state.popups.is_empty());
    assert!(desk.state.filters.active.genres.contains("polka"));
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn a_tempo_can_be_typed_and_an_impossible_one_cannot() {
    let mut desk = Desk::with_tracks(1);
    desk.keys("fjjjj").key(Key::Enter).keys("93").key(Key::Enter);
    assert_eq!(desk.state.filters.active.min_bpm, Some(93));
    desk.key(Key::Enter).keys("999").key(Key::Enter);
    assert_eq!(desk.state.filters.active.min_bpm, Some(93));
}

#[test]
fn failures_are_booked_by_what_they_cost_and_rows_stay() {
    for (charge, spent, unsure) in [(Charge::Free, 1, 0), (Charge::Charged, 2, 0), (Charge::Unknown, 1, 1)] {
        let mut desk = Desk::with_tracks(2);
        desk.keys("/s").key(Key::Enter);
        let generation = desk.asked();
        desk.send(Message::Search(generation, SearchNews::Failed(Failed::new(charge, "broken"))));
        assert_eq!((desk.state.account.spent, desk.state.account.unsure), (spent, unsure));
        assert_eq!(desk.state.results.rows.len(), 2);
        assert!(!desk.state.results.dimmed());
    }
}

#[test]
fn only_what_this_session_began_is_taken_off_what_it_is_unsure_about() {
    let settled = |own, charged| {
        Message::Settled(vec![crate::spend::Settled {
            what: "rain".into(),
            charged,
            download: false,
            own,
        }])
    };
    for charged in [true, false] {
        let mut desk = Desk::new();
        desk.keys("rain").key(Key::Enter);
        let generation = desk.asked();
        desk.send(Message::Search(
            generation,
            SearchNews::Failed(Failed::new(Charge::Unknown, "lost")),
        ));
        let booked = |desk: &Desk| (desk.state.account.spent, desk.state.account.unsure);
        desk.send(settled(false, charged));
        assert_eq!(booked(&desk), (0, 1), "an earlier session's is told, and no more");
        assert!(desk.state.status.message.as_ref().unwrap().1.contains("rain"));
        desk.send(settled(true, charged));
        assert_eq!(booked(&desk), (u64::from(charged), 0));
    }
}

#[test]
fn of_several_that_are_found_out_about_all_are_told() {
    let settled = |what: &str, charged| crate::spend::Settled {
        what: what.into(),
        charged,
        download: false,
        own: false,
    };
    let mut desk = Desk::new();
    desk.send(Message::Settled(vec![
        settled("rain", true),
        settled("snow", false),
        settled("fog", true),
    ]));
    let said = &desk.state.status.message.as_ref().unwrap().1;
    assert!(said.starts_with("Of 3 requests of unknown outcome 2 cost 1 credit each"), "{said}");
    let before = said.clone();
    desk.send(Message::Settled(Vec::new()));
    assert_eq!(desk.state.status.message.as_ref().unwrap().1, before);
}

#[test]
fn that_it_was_cancelled_is_no_news_to_who_cancelled_it() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("/s").key(Key::Enter);
    let generation = desk.asked();
    desk.key(Key::Esc);
    let said = desk.state.status.message.clone();
    desk.send(Message::Search(
        generation,
        SearchNews::Failed(Failed::new(Charge::Free, "cancelled before it was sent")),
    ));
    assert!(said.is_some());
    assert_eq!(desk.state.status.message, said);
}

#[test]
fn the_palette_cannot_spend() {
    let mut desk = Desk::with_tracks(2);
    desk.keys(":ask trackyard").key(Key::Enter);
    assert!(
        !desk
            .taken()
            .iter()
            .any(|effect| matches!(effect, Effect::Search { .. } | Effect::Download { .. }))
    );
    desk.key(Key::Esc).keys(":download 1 credit").key(Key::Enter);
    assert!(
        matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })),
        "it opens the question, no more"
    );
}

#[test]
fn without_a_server_nothing_waits_for_ever() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter).send(Message::Unavailable("no ledger".into()));
    assert!(desk.state.results.running.is_none());
    assert_eq!(desk.state.results.problem.as_deref(), Some("no ledger"));
    assert_eq!(desk.state.query.price, Price::Refused("no ledger".into()));
    assert_eq!(desk.state.account.spent, 0);
}

#[test]
fn without_a_server_no_popup_waits_for_ever_and_each_says_why() {
    let told = |desk: &Desk| match desk.state.popups.last() {
        Some(Popup::Usage(view)) => (view.loading, view.problem.clone()),
        Some(Popup::Receipts(view)) => (view.loading, view.problem.clone()),
        Some(Popup::Shortlist(view)) => (view.loading, view.problem.clone()),
        Some(Popup::Alike(view)) => (view.loading, view.problem.clone()),
        Some(Popup::Briefs(view)) => (view.loading, view.problem.clone()),
        other => panic!("{other:?}"),
    };
    for keys in ["u", "L", "S", "M", "B/briefs.csv\n"] {
        let mut desk = Desk::with_tracks(2);
        desk.keys(keys.trim_end());
        if keys.ends_with('\n') {
            desk.key(Key::Enter);
        }
        assert_eq!(told(&desk), (true, None), "{keys}");
        desk.send(Message::Unavailable("there is no API key".into()));
        assert_eq!(told(&desk), (false, Some("there is no API key".to_owned())), "{keys}");
    }
    // What is here already stays as it is.
    let mut desk = Desk::with_tracks(2);
    desk.keys("L")
        .send(Message::Receipts(Ok(Vec::new())))
        .send(Message::Unavailable("there is no API key".into()));
    assert_eq!(told(&desk), (false, None));
}

#[test]
fn what_a_kept_answer_cost_is_nothing() {
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(
        generation,
        SearchNews::Answered {
            page: page(2),
            source: Source::Cache { age_seconds: 5 },
            limits: Limits::default(),
        },
    ));
    assert_eq!((desk.state.results.all.len(), desk.state.account.spent), (2, 0));
}

#[test]
fn a_failure_is_told_to_who_waits_and_what_may_have_cost_something_to_everybody() {
    let failed = |charge| {
        SearchNews::Failed(Failed {
            out_of_credits: charge == Charge::Free,
            ..Failed::new(charge, "it failed")
        })
    };
    let mut desk = Desk::new();
    desk.keys("piano").key(Key::Enter);
    let generation = desk.asked();
    desk.send(Message::Search(generation, failed(Charge::Free)));
    assert_eq!(desk.state.status.message.as_ref().unwrap().1, "it failed");
    assert!(desk.state.account.out_of_credits);
    for charge in [Charge::Charged, Charge::Unknown] {
        let mut desk = Desk::with_tracks(2);
        desk.send(Message::Search(999, failed(charge)));
        assert_eq!(desk.state.status.message.as_ref().unwrap().1, "it failed", "{charge:?}");
    }
}

#[test]
fn a_failure_that_two_asks_share_is_counted_once() {
    let mut desk = Desk::new();
    for shared in [false, true] {
        let failed = Failed {
            shared,
            ..Failed::new(Charge::Unknown, "it failed")
        };
        desk.send(Message::Search(999, SearchNews::Failed(failed)));
    }
    assert_eq!(desk.state.account.unsure, 1);
}

#[test]
fn what_is_nearly_the_same_goes_with_the_text_it_belongs_to() {
    let mut desk = Desk::new();
    desk.keys("a");
    let Some(Effect::Price(of_a)) = desk.taken().pop() else {
        panic!("a price is looked up")
    };
    let near = crate::library::NearlySame {
        request: of_a.clone(),
        age_seconds: 5,
    };
    desk.send(Message::Nearly(of_a, near));
    assert!(desk.state.query.near.is_some());
    desk.keys("b");
    assert!(desk.state.query.near.is_none());
}

#[test]
fn whatever_came_of_a_search_is_over_and_what_stands_in_the_box_is_priced_anew() {
    for failed in [false, true] {
        let mut desk = Desk::new();
        desk.keys("piano").key(Key::Enter);
        let generation = desk.asked();
        desk.send(Message::Search(generation, SearchNews::Sent)).key(Key::Esc).taken();
        assert!(desk.state.is_paid_for_in_flight());
        if failed {
            desk.send(Message::Search(
                generation,
                SearchNews::Failed(Failed::new(Charge::Free, "it failed")),
            ));
        } else {
            desk.answer(generation, page(1));
        }
        assert!(!desk.state.is_paid_for_in_flight() && desk.state.tasks().is_empty());
        let priced = |effect: &Effect| matches!(effect, Effect::Price(request) if request.query() == "piano");
        assert!(desk.taken().iter().any(priced), "failed: {failed}");
    }
}
