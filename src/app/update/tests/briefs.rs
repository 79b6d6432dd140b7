//! Briefs of a batch, one after the other.

use super::*;
use crate::api::{Filters, SearchRequest};
use crate::library::{Choice, ProjectChange};
use crate::state::{BriefList, Focus, OpenBrief, Popup};

fn brief(line: usize, query: &str, project: &str, age_seconds: Option<u64>) -> OpenBrief {
    let filters = Filters {
        has_vocals: (line == 2).then_some(false),
        ..Filters::default()
    };
    OpenBrief {
        line,
        request: SearchRequest::new(query, filters, 100, 0).unwrap(),
        project: project.to_owned(),
        age_seconds,
        ask: line - 1,
        refused: false,
    }
}

fn three() -> BriefList {
    BriefList {
        file: "/briefs.csv".into(),
        briefs: vec![
            brief(1, "calm piano", "Intro", Some(60)),
            brief(2, "bright funk", "Credits", Some(60)),
            brief(3, "tense strings", "Chase", None),
        ],
        shortlisted: [("Intro".to_owned(), 2)].into(),
        ..BriefList::default()
    }
}

/// What was brought up: the kept answer's query, and the project.
fn brought(effects: &[Effect]) -> (Option<String>, Vec<String>) {
    let query = effects.iter().find_map(|effect| match effect {
        Effect::Kept { request, .. } => Some(request.query().to_owned()),
        _ => None,
    });
    let projects = effects.iter().filter_map(|effect| match effect {
        Effect::OpenProject(name) => name.clone(),
        _ => None,
    });
    (query, projects.collect())
}

fn kept_answer(desk: &mut Desk, effects: &[Effect], count: usize) {
    let generation = effects
        .iter()
        .find_map(|effect| {
            if let Effect::Kept { generation, .. } = effect {
                Some(*generation)
            } else {
                None
            }
        })
        .unwrap();
    desk.send(Message::Search(
        generation,
        SearchNews::Answered {
            page: page(count),
            source: Source::Cache { age_seconds: 60 },
            limits: Limits::default(),
        },
    ));
}

#[test]
fn it_begins_with_the_first_video_that_has_no_music_and_is_silent_until_a_key_comes() {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three()))));
    let effects = desk.taken();
    assert_eq!(brought(&effects), (Some("bright funk".into()), vec!["Credits".into()]));
    assert_eq!(desk.state.filters.active.has_vocals, Some(false), "the brief's own filters");
    kept_answer(&mut desk, &effects, 3);
    assert!(Desk::plays(&desk.taken()).is_empty(), "nobody pressed a key");
    assert_eq!(desk.state.brief_shown().map(|(_, number, of)| (number, of)), Some((2, 3)));
}

#[test]
fn each_key_brings_the_next_brief_with_its_shortlist_and_lets_its_first_track_be_heard() {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three())))).taken();
    desk.keys("[");
    let effects = desk.taken();
    assert_eq!(brought(&effects), (Some("calm piano".into()), vec!["Intro".into()]));
    kept_answer(&mut desk, &effects, 3);
    assert_eq!(Desk::plays(&desk.taken()), ["0"]);
    desk.read(project("Intro", [1, 2]));
    assert_eq!(desk.state.marks.shortlisted.len(), 2);
    desk.keys("[");
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("first brief"));
    assert!(brought(&desk.taken()).0.is_none());
}

#[test]
fn a_decision_goes_to_the_project_of_the_brief_even_before_it_is_read() {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three()))));
    let effects = desk.taken();
    kept_answer(&mut desk, &effects, 3);
    // What was at hand in the last session comes late, and is not at hand any more.
    desk.read(project("Old", [0]));
    assert_eq!((desk.state.project.as_str(), desk.state.marks.shortlisted.len()), ("Credits", 0));
    desk.keys("a");
    let changes: Vec<_> = desk
        .taken()
        .into_iter()
        .filter_map(|effect| {
            if let Effect::ChangeProject { project, change } = effect {
                Some((project, change))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        changes,
        [("Credits".to_owned(), ProjectChange::Choose(track(1).id, Choice::Shortlisted))]
    );
    // What is read now is from before that decision: it is read once more.
    desk.read(project("Credits", []));
    assert_eq!(desk.state.marks.shortlisted.len(), 1);
    assert_eq!(brought(&desk.taken()).1, ["Credits"]);
    desk.read(project("Credits", [0]));
    assert!(desk.taken().is_empty());
    assert_eq!(desk.state.shortlisted_for("Credits"), 1);
}

#[test]
fn a_brief_that_was_not_asked_stands_in_the_box_and_costs_nothing_until_enter() {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three())))).taken();
    desk.keys("]");
    let effects = desk.taken();
    assert!(brought(&effects).0.is_none());
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Search { .. })));
    assert_eq!((desk.state.focus, desk.state.query.text()), (Focus::Query, "tense strings"));
    desk.later(1000).key(Key::Enter);
    let permit = desk
        .taken()
        .into_iter()
        .find_map(|effect| {
            if let Effect::Search { generation, permit } = effect {
                Some((generation, permit))
            } else {
                None
            }
        })
        .unwrap();
    assert_eq!(permit.1.project(), Some("Chase"), "its receipt names the video");
    desk.answer(permit.0, page(2));
    assert!(desk.state.briefs.as_ref().unwrap().briefs[2].age_seconds.is_some());
}

#[test]
fn the_list_opens_a_brief_or_another_file() {
    let mut desk = Desk::new();
    desk.key(Key::Esc).keys("B");
    desk.keys("/no.csv").key(Key::Enter);
    assert!(matches!(&desk.taken()[..], [Effect::LoadBriefs(path)] if path.as_os_str() == "/no.csv"));
    desk.send(Message::Briefs(Err("/no.csv: not there".into())));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Briefs(view)) if view.problem.is_some() && !view.loading));
    desk.send(Message::Briefs(Ok(Box::new(three())))).taken();
    assert!(desk.state.popups.is_empty());
    desk.keys("BG").key(Key::Enter);
    assert_eq!(desk.state.briefs.as_ref().unwrap().at, 2);
    assert!(desk.state.popups.is_empty());
}

/// Three briefs are open, and the cursor is in the results.
fn briefed() -> Desk {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three())))).key(Key::Esc).taken();
    desk
}

/// How many searches are asked for.
fn asks(desk: &mut Desk) -> usize {
    let effects = desk.taken();
    effects.iter().filter(|effect| matches!(effect, Effect::Search { .. })).count()
}

#[test]
fn an_enter_that_was_meant_for_the_list_asks_nothing_in_the_box_that_has_come_under_it() {
    let mut list = three();
    list.briefs.iter_mut().for_each(|brief| brief.age_seconds = None);
    let mut desk = Desk::new();
    desk.key(Key::Esc).keys("B/briefs.csv").key(Key::Enter);
    // Pressed again since nothing seems to happen.
    desk.send(Message::Briefs(Ok(Box::new(list)))).later(200).key(Key::Enter);
    assert_eq!((asks(&mut desk), desk.state.focus), (0, Focus::Query));
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("Nothing is asked"));
    desk.later(1000).key(Key::Enter);
    assert_eq!(asks(&mut desk), 1);

    // Held down where the terminal does not tell: the first repeat comes late, the others quickly.
    let mut desk = briefed();
    desk.keys("BG").key(Key::Enter);
    for pause in [660, 30, 30, 30, 700, 30] {
        desk.later(pause).key(Key::Enter);
    }
    assert_eq!(asks(&mut desk), 0);
    // A key in the box says that it is meant.
    desk.keys("s").key(Key::Enter);
    assert_eq!(asks(&mut desk), 1);
}

#[test]
fn an_enter_before_the_box_was_seen_asks_nothing() {
    let mut desk = briefed();
    desk.keys("BG").taken();
    let enter = || Message::Key(KeyPress::plain(Key::Enter));
    let mut effects = update(&mut desk.state, Moment(desk.now), enter());
    // A terminal that keeps its frame for seconds.
    effects.extend(update(&mut desk.state, Moment(desk.now + 5000), enter()));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Search { .. })));
}

#[test]
fn an_enter_that_closes_a_popup_over_the_box_asks_nothing_the_second_time() {
    let mut desk = Desk::new();
    desk.keys("piano");
    desk.state.popups.push(Popup::Account);
    desk.taken();
    desk.key(Key::Enter).later(100).key(Key::Enter);
    assert!(desk.state.popups.is_empty());
    assert_eq!(asks(&mut desk), 0);
    desk.later(900).key(Key::Enter);
    assert_eq!(asks(&mut desk), 1);
}

#[test]
fn a_file_with_bad_rows_says_which_and_one_without_good_ones_opens_nothing() {
    let mut desk = Desk::new();
    let list = BriefList {
        bad: vec![(4, "the query is empty".into()), (9, "x".into())],
        ..three()
    };
    desk.send(Message::Briefs(Ok(Box::new(list))));
    let said = desk.state.status.message.as_ref().unwrap().1.clone();
    assert!(said.contains("line 4") && said.contains("1 more row"), "{said}");
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::default())));
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("no brief"));
    desk.key(Key::Esc).keys("]");
}

#[test]
fn without_a_file_the_keys_say_how_to_open_one() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("]");
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("No briefs are open"));
}

/// The list is open, and a search that has nothing to do with it is on its way.
fn with_a_search(sent: bool) -> (Desk, u64) {
    let mut desk = Desk::new();
    desk.send(Message::Briefs(Ok(Box::new(three()))));
    desk.state.focus = Focus::Query;
    desk.keys(" more").key(Key::Enter);
    let generation = desk.asked();
    if sent {
        desk.send(Message::Search(generation, SearchNews::Sent));
    }
    (desk, generation)
}

#[test]
fn a_brief_that_was_not_asked_cancels_the_search_that_is_not_sent_and_forgets_none_that_is() {
    let (mut desk, generation) = with_a_search(false);
    desk.send(Message::Wish(crate::app::Wish::Brief(2)));
    assert!(
        desk.taken().contains(&Effect::CancelSearch(generation)),
        "it would be paid for, and seen by nobody"
    );

    let (mut desk, generation) = with_a_search(true);
    desk.send(Message::Wish(crate::app::Wish::Brief(2)));
    assert_eq!(desk.state.results.unwatched, [generation]);
    assert!(desk.state.is_paid_for_in_flight());
    desk.send(Message::Wish(crate::app::Wish::Brief(0)))
        .send(Message::Wish(crate::app::Wish::Brief(2)));
    assert!(desk.state.is_paid_for_in_flight());
}
