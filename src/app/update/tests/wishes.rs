//! Actions by name and wishes with a value: what lines of text ask for. None of it can spend.

use std::path::PathBuf;
use std::time::Duration;

use super::Desk;
use crate::api::{Filters, SearchRequest};
use crate::app::{Effect, Message, Wish};
use crate::input::{Action, Key};
use crate::state::{BriefList, Focus, Leaving, OpenBrief, Popup, Severity, Sort, TaskName};

fn spends(effects: &[Effect]) -> bool {
    effects
        .iter()
        .any(|effect| matches!(effect, Effect::Search { .. } | Effect::Download { .. } | Effect::AskBatch { .. }))
}

#[test]
fn no_action_by_its_name_can_spend() {
    for action in Action::ALL {
        let mut desk = Desk::with_tracks(5);
        desk.send(Message::Wish(Wish::Words("something new".into())));
        desk.taken();
        for _ in 0..2 {
            desk.later(1000).send(Message::Act(*action));
            let effects = desk.taken();
            assert!(!spends(&effects), "{} spent: {effects:?}", action.name());
        }
    }
}

#[test]
fn no_wish_can_spend() {
    let wishes = [
        Wish::Words("something new".into()),
        Wish::Kept,
        Wish::Filters(Filters::default()),
        Wish::Row(3),
        Wish::Sort(Sort::Bpm),
        Wish::Seek(Duration::from_secs(3)),
        Wish::Volume(200),
        Wish::Project("Film".into()),
        Wish::Line(1),
        Wish::Note("note".into()),
        Wish::ClipLength(20.0),
        Wish::ClipHit(Some(3.0)),
        Wish::AskBriefs,
        Wish::ClipFilm(PathBuf::from("film.mp4")),
        Wish::Briefs(PathBuf::from("day.csv")),
        Wish::Brief(0),
        Wish::GiveUp(TaskName::Search(1)),
        Wish::Tour(true),
        Wish::Tour(false),
    ];
    for under in [
        None,
        Some(Action::Shortlists),
        Some(Action::Alike),
        Some(Action::FitClip),
        Some(Action::Download),
    ] {
        let mut desk = Desk::with_tracks(5);
        desk.state.briefs = Some(BriefList {
            briefs: vec![OpenBrief {
                line: 1,
                request: SearchRequest::new("not asked yet", Filters::default(), 100, 0).unwrap(),
                project: "Film".into(),
                age_seconds: None,
                ask: 0,
                refused: false,
            }],
            ..BriefList::default()
        });
        if let Some(action) = under {
            desk.send(Message::Act(action));
        }
        for wish in &wishes {
            desk.later(1000).send(Message::Wish(wish.clone()));
        }
        assert!(!spends(&desk.taken()), "{under:?}");
    }
}

#[test]
fn words_are_priced_and_what_is_kept_is_shown_without_asking_anybody() {
    let mut desk = Desk::with_tracks(5);
    desk.send(Message::Wish(Wish::Words("slow\njazz".into())));
    assert_eq!((desk.state.query.text(), desk.state.focus), ("slow jazz", Focus::Query));
    assert!(desk.taken().iter().any(|effect| matches!(effect, Effect::Price(_))));
    desk.send(Message::Wish(Wish::Kept));
    let effects = desk.taken();
    assert!(
        matches!(effects.as_slice(), [Effect::Kept { request, .. }] if request.query() == "slow jazz"),
        "{effects:?}"
    );
    assert_eq!(desk.state.focus, Focus::Results);
}

#[test]
fn enter_in_the_box_after_words_is_still_the_one_act_that_asks() {
    let mut desk = Desk::with_tracks(5);
    desk.send(Message::Wish(Wish::Words("slow jazz".into())));
    desk.taken();
    desk.later(1000).key(Key::Enter);
    desk.asked();
}

#[test]
fn values_are_kept_within_what_is_possible() {
    let mut desk = Desk::with_tracks(5);
    desk.send(Message::Wish(Wish::Row(400)));
    assert_eq!(desk.state.results.selected, 4);
    desk.send(Message::Wish(Wish::Volume(255)));
    assert_eq!(desk.state.player.volume, 100);
    desk.send(Message::Wish(Wish::Sort(Sort::Title)));
    assert_eq!(desk.state.results.sort, Sort::Title);
    desk.send(Message::Act(Action::FitClip));
    for (seconds, holds) in [(20.0, 20.0), (3.0, 20.0), (f64::NAN, 20.0), (301.0, 20.0)] {
        desk.send(Message::Wish(Wish::ClipLength(seconds)));
        let Some(Popup::Clip(panel)) = desk.state.popups.last() else {
            panic!()
        };
        assert!((panel.seconds - holds).abs() < 1e-9, "{seconds}: {}", panel.seconds);
    }
    desk.send(Message::Wish(Wish::ClipHit(Some(25.0))));
    let Some(Popup::Clip(panel)) = desk.state.popups.last() else {
        panic!()
    };
    assert!(panel.hit_point.is_none() && panel.problem.is_some());
}

#[test]
fn an_interrupt_by_name_asks_while_a_paid_request_is_under_way() {
    let mut desk = Desk::new();
    desk.send(Message::Act(Action::Interrupt));
    assert_eq!(desk.state.leaving, Leaving::Now);
}

#[test]
fn the_same_thing_said_twice_counts_twice() {
    let mut desk = Desk::new();
    for times in 1..=2 {
        desk.send(Message::Notice(Severity::Info, "again".into()));
        assert_eq!(desk.state.status.said, times);
    }
}
