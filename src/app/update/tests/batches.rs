//! Briefs asked in one go: the question, the asks, their end.

use std::time::Duration;

use super::*;
use crate::api::{Charge, Filters, SearchRequest};
use crate::app::{BatchNews, Wish, next_wake};
use crate::input::Action;
use crate::spend::Permit;
use crate::state::{Ask, BatchId, BatchPhase, BriefList, Leaving, OpenBrief, Popup, Task};

fn request(query: &str) -> SearchRequest {
    SearchRequest::new(query, Filters::default(), 100, 0).unwrap()
}

/// Five briefs of four different asks, one of which is answered.
fn briefs() -> BriefList {
    let brief = |line, query: &str, project: &str, ask, age_seconds| OpenBrief {
        line,
        request: request(query),
        project: project.to_owned(),
        age_seconds,
        ask,
        refused: false,
    };
    BriefList {
        file: "/films/briefs.csv".into(),
        briefs: vec![
            brief(1, "calm piano", "Intro", 0, Some(60)),
            brief(2, "bright funk", "Credits", 1, None),
            brief(3, "BRIGHT  funk", "Again", 1, None),
            brief(4, "tense strings", "Shortlist", 2, None),
            brief(5, "slow jazz", "Bar", 3, None),
        ],
        ..BriefList::default()
    }
}

/// The briefs are open, and so is their list.
fn listed() -> Desk {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(briefs()))));
    desk.key(Key::Esc).keys("B").taken();
    desk
}

/// What was permitted.
fn begun(effects: Vec<Effect>) -> Option<(BatchId, Vec<Permit<SearchRequest>>)> {
    effects.into_iter().find_map(|effect| {
        if let Effect::AskBatch { id, permits } = effect {
            Some((id, permits))
        } else {
            None
        }
    })
}

/// A batch of three is under way.
fn asking() -> (Desk, BatchId) {
    let mut desk = listed();
    desk.keys("ay");
    let (id, _) = begun(desk.taken()).unwrap();
    (desk, id)
}

fn answered(number: usize, source: Source) -> BatchNews {
    BatchNews::Answered {
        number,
        page: page(2),
        source,
        limits: Limits {
            credits_remaining: Some(40),
            ..Limits::default()
        },
    }
}

fn stopped(charge: Charge, cancelled: bool) -> BatchNews {
    BatchNews::Stopped(Failed {
        cancelled,
        ..Failed::new(charge, "no whole answer came back")
    })
}

fn told(effects: &[Effect]) -> Vec<&str> {
    let told = effects.iter().filter_map(|effect| match effect {
        Effect::Notify(text) => Some(text.as_str()),
        _ => None,
    });
    told.collect()
}

fn said(desk: &Desk) -> String {
    desk.state.status.message.clone().unwrap().1
}

#[test]
fn the_key_asks_first_and_a_yes_permits_each_different_missing_brief_once() {
    let mut desk = listed();
    desk.keys("a");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { ask, .. }) if ask.price() == 3));
    assert!(begun(desk.taken()).is_none(), "nothing is permitted before the yes");
    desk.keys("y");
    let (id, permits) = begun(desk.taken()).unwrap();
    let permitted: Vec<_> = permits
        .iter()
        .map(|permit| (permit.request().query(), permit.project(), permit.fresh()))
        .collect();
    assert_eq!(
        permitted,
        [
            ("bright funk", Some("Credits"), false),
            ("tense strings", None, false),
            ("slow jazz", Some("Bar"), false)
        ]
    );
    assert!(
        matches!(desk.state.popups.last(), Some(Popup::Briefs(_))),
        "the list is still there"
    );
    assert_eq!(desk.state.batch_running().map(|batch| batch.id), Some(id));
}

#[test]
fn nothing_is_asked_by_a_held_key_a_key_typed_ahead_or_anything_but_a_yes() {
    let mut desk = listed();
    desk.press(KeyPress {
        repeated: true,
        ..KeyPress::char('a')
    });
    desk.press(KeyPress::ctrl('a'));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Briefs(_))));
    // The question is deaf at first.
    desk.keys("a").later(200).press(KeyPress::char('y'));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    // The focus is on Cancel.
    desk.later(1000).key(Key::Enter);
    assert!(matches!(desk.state.popups.last(), Some(Popup::Briefs(_))));
    assert!(begun(desk.taken()).is_none() && desk.state.batches.is_empty());
}

#[test]
fn a_line_can_ask_for_the_question_too() {
    let mut desk = listed();
    desk.key(Key::Esc).send(Message::Wish(Wish::AskBriefs));
    assert!(matches!(
        desk.state.popups.last(),
        Some(Popup::Confirm { ask: Ask::Batch { asks, .. }, .. }) if asks.len() == 3
    ));
    assert!(begun(desk.taken()).is_none());
    let mut desk = Desk::new();
    desk.send(Message::Wish(Wish::AskBriefs));
    assert!(said(&desk).contains("No briefs are open"));
}

#[test]
fn there_is_no_question_where_there_is_nothing_to_ask_or_nobody_or_a_batch_goes_on() {
    let mut desk = listed();
    desk.state.offline = true;
    desk.keys("a");
    assert!(said(&desk).contains("Offline"));
    let mut desk = listed();
    for brief in &mut desk.state.briefs.as_mut().unwrap().briefs {
        brief.age_seconds = Some(1);
    }
    desk.keys("a");
    assert!(said(&desk).contains("asked already"));
    let (mut desk, _) = asking();
    desk.keys("a");
    assert!(said(&desk).contains("under way"));
    assert_eq!((desk.state.popups.len(), desk.state.batches.len()), (1, 1));
}

#[test]
fn each_answer_is_counted_and_its_briefs_show_themselves_as_answered() {
    let (mut desk, id) = asking();
    let missing = |desk: &Desk| desk.state.briefs.as_ref().unwrap().count_missing();
    desk.send(Message::Batch(id, BatchNews::Next(0)))
        .send(Message::Batch(id, BatchNews::Sent))
        .send(Message::Batch(id, answered(0, Source::Server)));
    // Both briefs that ask the same.
    let ages: Vec<_> = desk
        .state
        .briefs
        .as_ref()
        .unwrap()
        .briefs
        .iter()
        .map(|brief| brief.age_seconds)
        .collect();
    assert_eq!(ages, [Some(60), Some(0), Some(0), None, None]);
    assert_eq!(
        (missing(&desk), desk.state.account.spent, desk.state.account.credits),
        (2, 1, Some(40))
    );
    // Somebody else has asked this one meanwhile.
    desk.send(Message::Batch(id, BatchNews::Next(1)))
        .send(Message::Batch(id, answered(1, Source::Cache { age_seconds: 5 })));
    assert_eq!((missing(&desk), desk.state.account.spent), (1, 1));
    desk.send(Message::Batch(id, BatchNews::Next(2))).send(Message::Batch(
        id,
        BatchNews::Refused {
            number: 2,
            text: "the server refused the request".into(),
            limits: None,
        },
    ));
    assert!(said(&desk).contains("slow jazz"));
    assert_eq!(missing(&desk), 0, "what is refused is not asked again");
    desk.taken();
    desk.send(Message::Batch(id, BatchNews::Done));
    assert_eq!(told(&desk.taken()), ["the batch is done: 1 asked, 1 here already, 1 failed"]);
    assert!(said(&desk).contains("The batch is done: 1 asked"));
    assert_eq!(next_wake(&desk.state), desk.state.status.until, "nothing moves any more");
}

#[test]
fn the_brief_on_the_screen_says_that_its_answer_has_come() {
    let (mut desk, id) = asking();
    let problem = |desk: &Desk| desk.state.results.problem.clone().unwrap_or_default();
    desk.key(Key::Esc).keys("]");
    assert!(problem(&desk).contains("not asked yet"));
    desk.send(Message::Batch(id, answered(1, Source::Server)));
    assert!(problem(&desk).contains("not asked yet"), "that was another one");
    desk.send(Message::Batch(id, answered(0, Source::Server)));
    assert!(problem(&desk).contains("shows it, free"));
}

#[test]
fn a_batch_is_a_task_that_tells_what_it_waits_for_and_x_cancels_what_is_not_sent() {
    let (mut desk, id) = asking();
    desk.send(Message::Batch(id, BatchNews::Next(0)))
        .send(Message::Batch(id, BatchNews::Waiting(Duration::from_secs(42))));
    let until = Some(Moment(desk.now + 42_000));
    assert_eq!(
        (desk.state.batches[0].waiting_until, desk.state.account.waiting_until),
        (until, until)
    );
    // A countdown, not a spinner.
    assert!(next_wake(&desk.state).unwrap().0.is_multiple_of(1000));
    desk.key(Key::Esc).keys("J");
    assert!(matches!(desk.state.tasks()[..], [Task::Batch(batch)] if batch.id == id));
    desk.taken();
    desk.keys("x");
    assert_eq!(desk.taken(), [Effect::CancelBatch(id)]);
    desk.keys("x");
    assert!(desk.taken().is_empty(), "once is enough");
    desk.send(Message::Batch(id, stopped(Charge::Free, true)));
    assert_eq!(told(&desk.taken()), Vec::<&str>::new(), "who has cancelled it knows");
    assert!(said(&desk).contains("0 asked, 3 left"));
    assert_eq!((desk.state.account.waiting_until, desk.state.account.spent), (None, 0));
    // And off the list.
    desk.keys("x");
    assert!(desk.state.batches.is_empty());
}

#[test]
fn what_was_sent_is_waited_for_and_counted_after_a_cancel() {
    let (mut desk, id) = asking();
    desk.send(Message::Batch(id, BatchNews::Next(0)))
        .send(Message::Batch(id, BatchNews::Sent));
    desk.key(Key::Esc).keys("J").taken();
    desk.keys("x");
    assert_eq!(desk.taken(), [Effect::CancelBatch(id)]);
    assert!(said(&desk).contains("waited for"));
    assert!(desk.state.batches[0].running());
    desk.send(Message::Batch(id, answered(0, Source::Server)))
        .send(Message::Batch(id, stopped(Charge::Free, true)));
    assert_eq!(desk.state.account.spent, 1);
    assert!(matches!(&desk.state.batches[0].phase, BatchPhase::Stopped(why) if why.contains("1 asked, 2 left")));
}

#[test]
fn a_failure_that_may_have_cost_a_credit_is_unsure_and_told() {
    for (charge, counted, last) in [
        (Charge::Unknown, (0, 1), "; the last one may have been charged"),
        (Charge::Charged, (1, 0), "; the last one was charged"),
        (Charge::Free, (0, 0), ""),
    ] {
        let (mut desk, id) = asking();
        desk.taken();
        desk.send(Message::Batch(id, stopped(charge, false)));
        assert_eq!((desk.state.account.spent, desk.state.account.unsure), counted);
        assert_eq!(told(&desk.taken()), [format!("the batch has stopped: 0 asked, 3 left{last}")]);
        assert!(said(&desk).contains("no whole answer"));
        // The rest can be asked again, after another question.
        desk.keys("a");
        assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    }
}

#[test]
fn esc_gives_it_up_only_while_a_rate_limit_holds_it_back() {
    let (mut desk, id) = asking();
    desk.key(Key::Esc).send(Message::Batch(id, BatchNews::Next(0))).taken();
    desk.key(Key::Esc);
    assert!(desk.taken().is_empty());
    desk.send(Message::Batch(id, BatchNews::Waiting(Duration::from_secs(42))))
        .key(Key::Esc);
    assert_eq!(desk.taken(), [Effect::CancelBatch(id)]);
}

#[test]
fn quitting_asks_while_it_goes_on_and_lets_nothing_more_leave() {
    let (mut desk, id) = asking();
    desk.state.popups.clear();
    desk.send(Message::Batch(id, BatchNews::Sent)).send(Message::Act(Action::Quit));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Quit(quitting)) if quitting.running[0].contains("0 of 3 briefs")));
    desk.taken();
    desk.keys("y");
    assert_eq!(desk.state.leaving, Leaving::Now);
    assert_eq!(desk.taken(), [Effect::CancelBatch(id)]);

    let (mut desk, id) = asking();
    desk.send(Message::Batch(id, BatchNews::Sent)).press(KeyPress::ctrl('c'));
    assert!(matches!(desk.state.leaving, Leaving::AskedUntil(_)), "a paid request is on its way");
}

#[test]
fn without_a_server_it_has_come_to_nothing() {
    let (mut desk, _) = asking();
    desk.send(Message::Unavailable("no server".into()));
    assert!(desk.state.batch_running().is_none());
    assert!(matches!(&desk.state.batches[0].phase, BatchPhase::Stopped(why) if why == "no server"));
}

#[test]
fn what_came_back_without_having_counted_is_not_sent() {
    for back in [BatchNews::Waiting(Duration::from_secs(42)), BatchNews::Again] {
        let (mut desk, id) = asking();
        desk.send(Message::Batch(id, BatchNews::Next(0)))
            .send(Message::Batch(id, BatchNews::Sent));
        assert!(desk.state.is_paid_for_in_flight());
        let name = format!("{back:?}");
        desk.send(Message::Batch(id, back));
        assert_eq!(
            (desk.state.batches[0].phase.clone(), desk.state.is_paid_for_in_flight()),
            (BatchPhase::Unsent, false)
        );
        // Nothing is in flight that leaving could cost.
        desk.press(KeyPress::ctrl('c'));
        assert_eq!(desk.state.leaving, Leaving::Now, "{name}");
    }
}

#[test]
fn a_wait_is_over_when_its_time_has_come_and_when_it_is_sent() {
    let (mut desk, id) = asking();
    desk.send(Message::Batch(id, BatchNews::Waiting(Duration::from_secs(42))))
        .later(42_000)
        .send(Message::Wake);
    assert_eq!(
        (desk.state.batches[0].waiting_until, desk.state.account.waiting_until),
        (None, None)
    );
    desk.send(Message::Batch(id, BatchNews::Waiting(Duration::from_secs(42))))
        .send(Message::Batch(id, BatchNews::Sent));
    assert_eq!(
        (desk.state.batches[0].waiting_until, desk.state.account.waiting_until),
        (None, None)
    );
}

#[test]
fn a_refusal_brings_the_balance_too() {
    let (mut desk, id) = asking();
    let limits = Limits {
        credits_remaining: Some(17),
        ..Limits::default()
    };
    desk.send(Message::Batch(id, BatchNews::Sent)).send(Message::Batch(
        id,
        BatchNews::Refused {
            number: 0,
            text: "no".into(),
            limits: Some(limits),
        },
    ));
    assert_eq!((desk.state.account.credits, desk.state.account.spent), (Some(17), 0));
    assert_eq!(desk.state.batches[0].phase, BatchPhase::Unsent);
}

#[test]
fn what_stands_in_the_box_is_priced_anew_after_each_answer_and_at_the_end() {
    let (mut desk, id) = asking();
    let priced = |desk: &mut Desk| {
        let effects = desk.taken();
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Price(request) if request.query() == "bright funk"))
    };
    desk.key(Key::Esc).keys("]");
    assert!(priced(&mut desk));
    desk.send(Message::Batch(id, BatchNews::Sent))
        .send(Message::Batch(id, answered(0, Source::Server)));
    assert!(priced(&mut desk), "it is free now");
    assert_eq!(desk.state.batches[0].phase, BatchPhase::Unsent);
    desk.send(Message::Batch(id, stopped(Charge::Free, false)));
    assert!(priced(&mut desk), "its answer may be here only as long as the program");
}

#[test]
fn of_one_that_was_given_up_nothing_is_left_to_cancel() {
    let (mut desk, id) = asking();
    desk.key(Key::Esc).keys("Jx");
    assert!(!desk.state.tasks()[0].can_be_cancelled());
    desk.keys("x");
    assert!(said(&desk).contains("may cost its credit"));
    desk.send(Message::Batch(id, stopped(Charge::Free, true)));
}

#[test]
fn a_brief_that_was_refused_and_is_answered_after_all_is_refused_no_more() {
    let (mut desk, id) = asking();
    desk.send(Message::Batch(
        id,
        BatchNews::Refused {
            number: 0,
            text: "no".into(),
            limits: None,
        },
    ));
    assert!(desk.state.briefs.as_ref().unwrap().briefs[1].refused);
    desk.send(Message::Batch(id, answered(0, Source::Server)));
    let list = desk.state.briefs.as_ref().unwrap();
    assert!(list.briefs.iter().all(|brief| !brief.refused));
}
