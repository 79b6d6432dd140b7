//! Confirmations: nothing is bought that was not asked for.

use std::path::PathBuf;

use super::*;
use crate::api::{Charge, DownloadRequest, Filters, SearchRequest, TrackId};
use crate::app::DownloadNews;
use crate::spend::Bought;
use crate::state::{Ask, DownloadPhase, Ownership, Popup};

fn request() -> DownloadRequest {
    DownloadRequest {
        track_id: TrackId::new("trk_0").unwrap(),
        clip: None,
    }
}

/// `d` was pressed, the ledger has answered, and the popup has been there long enough.
fn asked(ownership: Ownership) -> Desk {
    let mut desk = Desk::with_tracks(2);
    desk.keys("d").send(Message::Owned(request(), ownership)).taken();
    desk.later(1000);
    desk
}

fn buys(desk: &mut Desk) -> usize {
    desk.taken()
        .iter()
        .filter(|effect| matches!(effect, Effect::Download { .. }))
        .count()
}

#[test]
fn y_buys_exactly_one() {
    let mut desk = asked(Ownership::New);
    desk.keys("y");
    assert_eq!(buys(&mut desk), 1);
    assert!(desk.state.popups.is_empty());
}

#[test]
fn moving_to_the_button_and_enter_buys_and_enter_alone_does_not() {
    let mut desk = asked(Ownership::New);
    desk.key(Key::Enter);
    assert!(desk.state.popups.is_empty());
    assert_eq!(buys(&mut desk), 0);
    let mut desk = asked(Ownership::New);
    desk.key(Key::Right).key(Key::Enter);
    assert_eq!(buys(&mut desk), 1);
}

#[test]
fn any_other_key_closes_and_buys_nothing() {
    for key in ["n", "q", " ", "Y", "d", "j"] {
        let mut desk = asked(Ownership::New);
        desk.keys(key);
        assert!(desk.state.popups.is_empty(), "{key}");
        assert_eq!(buys(&mut desk), 0, "{key}");
    }
}

#[test]
fn it_is_deaf_before_it_is_armed_and_to_paste_and_repeats() {
    let mut desk = Desk::with_tracks(2);
    desk.later(1000)
        .press(KeyPress::char('d'))
        .send(Message::Owned(request(), Ownership::New));
    desk.later(299).press(KeyPress::char('y'));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    desk.later(1000).send(Message::Paste("y\ny".into())).press(KeyPress {
        repeated: true,
        ..KeyPress::char('y')
    });
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    assert_eq!(buys(&mut desk), 0);
}

#[test]
fn keys_that_piled_up_while_the_terminal_kept_the_frame_are_no_answer() {
    let mut desk = Desk::with_tracks(2);
    let key = |desk: &mut Desk, now: u64, c: char| update(&mut desk.state, Moment(now), Message::Key(KeyPress::char(c)));
    key(&mut desk, 10_000, 'd');
    update(&mut desk.state, Moment(10_000), Message::Owned(request(), Ownership::New));
    // Five seconds later the frame is out, and what was pressed meanwhile is read.
    assert!(key(&mut desk, 15_000, 'y').is_empty());
    update(&mut desk.state, Moment(15_001), Message::Drawn);
    assert!(key(&mut desk, 15_002, 'y').is_empty());
    update(&mut desk.state, Moment(15_100), Message::Drawn);
    assert!(key(&mut desk, 15_300, 'y').is_empty());
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    let bought = key(&mut desk, 15_301, 'y');
    assert!(matches!(bought[..], [Effect::Download { .. }]), "{bought:?}");
}

#[test]
fn esc_cancels_a_download_that_a_limit_has_sent_back() {
    for back in [DownloadNews::Waiting(std::time::Duration::from_secs(30)), DownloadNews::Again] {
        let mut desk = asked(Ownership::New);
        desk.keys("y");
        let id = desk.state.downloads[0].id;
        desk.taken();
        desk.send(Message::Download(id, DownloadNews::Sent))
            .send(Message::Download(id, back))
            .key(Key::Esc);
        assert_eq!(desk.taken(), [Effect::CancelDownload(id)]);
    }
}

#[test]
fn nothing_can_be_bought_before_it_is_known_whether_it_is_owned() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("d").later(5000).press(KeyPress::char('y'));
    assert_eq!(buys(&mut desk), 0);
    let mut desk = asked(Ownership::Unknown("the ledger cannot be read".into()));
    desk.keys("y");
    assert_eq!(buys(&mut desk), 0);
}

#[test]
fn news_that_change_the_question_arm_it_anew() {
    let mut desk = Desk::with_tracks(2);
    desk.keys("d")
        .later(5000)
        .send(Message::Owned(request(), Ownership::Owned(PathBuf::from("/music/x.mp3"))));
    desk.later(100).press(KeyPress::char('y'));
    assert_eq!(buys(&mut desk), 0);
    desk.later(300).press(KeyPress::char('y'));
    let effects = desk.taken();
    let again = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Download { permit, .. } if permit.fresh()));
    assert!(again, "buying what is owned asks for a fresh one");
}

#[test]
fn a_running_download_is_not_bought_twice() {
    let mut desk = asked(Ownership::New);
    desk.keys("yd");
    assert!(desk.state.popups.is_empty());
    assert_eq!(buys(&mut desk), 1);
}

#[test]
fn a_finished_download_is_owned_and_booked() {
    let mut desk = asked(Ownership::New);
    desk.keys("y");
    let id = desk.state.downloads[0].id;
    let bought = Bought {
        path: "/music/x.mp3".into(),
        bytes: 9,
        sha256: String::new(),
        file_sha256: String::new(),
        duration_seconds: 3.0,
        credits_spent: 1,
        credits_remaining: Some(48),
        limits: Limits {
            credits_remaining: Some(48),
            ..Limits::default()
        },
        note: None,
    };
    desk.taken();
    desk.send(Message::Download(id, DownloadNews::Done(Box::new(bought))));
    let told = format!("downloaded: {}", track(0).title);
    assert!(desk.taken().contains(&Effect::Notify(told)));
    assert!(desk.state.marks.owned.contains(&track(0).id));
    assert_eq!((desk.state.account.spent, desk.state.account.credits), (2, Some(48)));
}

#[test]
fn a_failed_download_is_booked_by_what_it_cost() {
    let mut desk = asked(Ownership::New);
    desk.keys("y");
    let id = desk.state.downloads[0].id;
    desk.send(Message::Download(id, DownloadNews::Failed(Failed::new(Charge::Unknown, "lost"))));
    assert_eq!(desk.state.account.unsure, 1);
    assert!(matches!(desk.state.downloads[0].phase, DownloadPhase::Failed(_)));
}

#[test]
fn the_next_page_and_asking_again_cost_a_credit_each_and_ask_first() {
    let mut desk = Desk::with_tracks(100);
    desk.keys(">");
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    desk.keys("y");
    let effects = desk.taken();
    let offsets: Vec<u32> = effects
        .iter()
        .filter_map(|effect| {
            if let Effect::Search { permit, .. } = effect {
                Some(permit.request().offset())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(offsets, [100]);
    let generation = desk.state.results.running.as_ref().unwrap().generation;
    let more = SearchPage {
        tracks: (90..120).map(track).collect(),
        skipped: 0,
        received: 30,
    };
    desk.answer(generation, more);
    assert_eq!(desk.state.results.all.len(), 120, "ten of them were there already");
    desk.keys(">");
    assert!(desk.state.popups.is_empty(), "the last page was not full");
    desk.press(KeyPress::plain(Key::F(5)));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
}

/// The next page is on its way; its number, and its tracks.
fn next_page_asked() -> (Desk, u64, SearchPage) {
    let mut desk = Desk::with_tracks(100);
    desk.keys(">y");
    let generation = desk.asked();
    let more = SearchPage {
        tracks: (100..120).map(track).collect(),
        skipped: 0,
        received: 20,
    };
    (desk, generation, more)
}

#[test]
fn the_next_page_joins_the_rows_it_belongs_to_whatever_is_typed_meanwhile() {
    let (mut desk, generation, more) = next_page_asked();
    desk.keys("/x");
    let looked = desk.state.live.generation;
    let matches = crate::library::Matches {
        tracks: vec![track(300)],
        ..Default::default()
    };
    desk.send(Message::Matched(looked, matches));
    desk.answer(generation, more);
    assert_eq!(desk.state.results.all.len(), 1, "no match is among them");
    desk.key(Key::Esc);
    assert_eq!(desk.state.results.all.len(), 120);
}

#[test]
fn a_page_with_one_new_track_says_so() {
    let (mut desk, generation, _) = next_page_asked();
    let more = SearchPage {
        tracks: vec![track(99), track(100)],
        skipped: 0,
        received: 2,
    };
    desk.answer(generation, more);
    assert_eq!(desk.state.status.message.as_ref().unwrap().1, "1 more track.");
}

#[test]
fn the_next_page_does_not_join_rows_that_it_does_not_belong_to() {
    let (mut desk, generation, more) = next_page_asked();
    desk.keys("M");
    let like = crate::library::Alike {
        track: Arc::new(track(7)),
        likeness: 0.9,
        why: Vec::new(),
    };
    desk.send(Message::Alike(track(0).id, Ok(vec![like]))).key(Key::Enter);
    desk.answer(generation, more);
    assert_eq!(desk.state.results.all.len(), 2);
    let (_, said) = desk.state.status.message.clone().unwrap();
    assert!(said.contains("is kept"), "{said}");
    assert_eq!(desk.state.account.spent, 2);
}

#[test]
fn offline_d_shows_a_file_that_is_here_and_nothing_is_bought() {
    let file = Ownership::Owned(PathBuf::from("/music/x.mp3"));
    for known in [file.clone(), Ownership::New] {
        let mut desk = Desk::with_tracks(2);
        desk.state.offline = true;
        desk.keys("d").send(Message::Owned(request(), known.clone()));
        let shown = match desk.state.popups.last() {
            Some(Popup::Confirm {
                ask: Ask::Download { ownership, .. },
                ..
            }) => ownership.clone(),
            other => panic!("{other:?}"),
        };
        if known == file {
            assert_eq!(shown, file);
        } else {
            assert!(matches!(&shown, Ownership::Unknown(why) if why.contains("--offline")), "{shown:?}");
        }
        desk.keys("y").key(Key::Right).key(Key::Enter);
        assert_eq!(buys(&mut desk), 0, "{known:?}");
    }
}

#[test]
fn nothing_can_be_bought_in_a_window_that_cannot_show_the_question() {
    let mut desk = Desk::with_tracks(2);
    desk.send(Message::Resize(34, 9)).keys("d");
    assert!(desk.state.popups.is_empty());
    let mut desk = asked(Ownership::New);
    desk.send(Message::Resize(34, 9)).keys("y");
    assert!(desk.state.popups.is_empty());
    assert_eq!(buys(&mut desk), 0);
}

#[test]
fn only_what_is_owned_is_bought_anew() {
    for (ownership, anew) in [(Ownership::New, false), (Ownership::Owned("/music/x.mp3".into()), true)] {
        let mut desk = asked(ownership);
        desk.keys("y");
        let effects = desk.taken();
        let fresh: Vec<bool> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Download { permit, .. } => Some(permit.fresh()),
                _ => None,
            })
            .collect();
        assert_eq!(fresh, [anew]);
    }
}

#[test]
fn what_is_known_of_another_track_says_nothing_about_this_one() {
    let mut desk = Desk::with_tracks(2);
    let other = DownloadRequest {
        track_id: TrackId::new("trk_1").unwrap(),
        clip: None,
    };
    desk.keys("d").send(Message::Owned(other, Ownership::New)).later(1000).keys("y");
    assert_eq!(buys(&mut desk), 0);
}

fn delivered(credits_spent: u8) -> DownloadNews {
    DownloadNews::Done(Box::new(Bought {
        path: "/music/x.mp3".into(),
        bytes: 9,
        sha256: String::new(),
        file_sha256: String::new(),
        duration_seconds: 3.0,
        credits_spent,
        credits_remaining: None,
        limits: Limits::default(),
        note: None,
    }))
}

#[test]
fn what_a_download_cost_is_said_and_it_can_be_asked_for_again() {
    for (credits, said) in [(1, "Saved for 1 credit: "), (0, "Owned already, nothing spent: ")] {
        let mut desk = asked(Ownership::New);
        desk.keys("y");
        let id = desk.state.downloads[0].id;
        desk.send(Message::Download(id, delivered(credits)));
        let (_, text) = desk.state.status.message.clone().unwrap();
        assert!(text.starts_with(said), "{text}");
        assert_eq!(desk.state.account.spent, 1 + u64::from(credits));
        desk.keys("d");
        assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    }
}

#[test]
fn while_a_search_is_on_its_way_no_other_is_asked_about() {
    let (mut desk, ..) = next_page_asked();
    desk.keys(">").press(KeyPress::plain(Key::F(5)));
    assert!(desk.state.popups.is_empty());
}

#[test]
fn each_next_page_is_the_one_after_and_asking_again_begins_anew() {
    let (mut desk, generation, _) = next_page_asked();
    let second = SearchPage {
        tracks: (100..200).map(track).collect(),
        skipped: 0,
        received: 100,
    };
    desk.answer(generation, second);
    let offset = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Search { permit, .. } => Some((permit.request().offset(), permit.fresh())),
            _ => None,
        })
    };
    desk.taken();
    desk.keys(">y");
    assert_eq!(offset(desk.taken()), Some((200, false)), "a page that is here by then is free");
    let generation = desk.state.results.running.as_ref().unwrap().generation;
    desk.answer(generation, page(3));
    desk.taken();
    desk.press(KeyPress::plain(Key::F(5))).keys("y");
    assert_eq!(offset(desk.taken()), Some((0, true)));
    let generation = desk.state.results.running.as_ref().unwrap().generation;
    desk.answer(generation, page(5));
    assert_eq!(desk.state.results.all.len(), 5, "they take the place of the others");
}

#[test]
fn a_credit_brings_as_many_tracks_as_it_can() {
    let mut desk = Desk::with_tracks(10);
    // As one that was asked on the command line with `--limit 10`.
    let short = SearchRequest::new("calm piano", Filters::default(), 10, 0).unwrap();
    desk.state.results.request = Some(short);
    desk.state.results.may_have_more = true;
    let asked = |effects: Vec<Effect>| {
        effects.into_iter().find_map(|effect| match effect {
            Effect::Search { permit, .. } => Some((permit.request().offset(), permit.request().limit())),
            _ => None,
        })
    };
    desk.keys(">y");
    assert_eq!(asked(desk.taken()), Some((10, 100)));
    let generation = desk.state.results.running.as_ref().unwrap().generation;
    desk.answer(generation, page(3)).taken();
    desk.press(KeyPress::plain(Key::F(5))).keys("y");
    assert_eq!(asked(desk.taken()), Some((0, 100)));
}

#[test]
fn a_price_answers_only_the_question_about_that_page() {
    let mut desk = Desk::with_tracks(100);
    let next = desk.state.results.request.as_ref().unwrap().with_offset(100);
    desk.keys(">").send(Message::Priced(next.clone(), crate::state::Price::OneCredit));
    assert!(matches!(desk.state.popups.last(), Some(Popup::Confirm { .. })));
    desk.keys("n").taken();
    // Nobody asks any more.
    desk.send(Message::Priced(next, crate::state::Price::Cached { age_seconds: 5 }));
    assert!(desk.state.results.running.is_none());
}

#[test]
fn y_with_ctrl_or_alt_is_no_yes() {
    let alt = KeyPress {
        alt: true,
        ..KeyPress::char('y')
    };
    for key in [KeyPress::ctrl('y'), alt] {
        let mut desk = asked(Ownership::New);
        desk.press(key);
        assert!(desk.state.popups.is_empty());
        assert_eq!(buys(&mut desk), 0);
    }
}
