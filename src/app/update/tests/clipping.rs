//! The clip panel: what its keys ask the player for, and what `d` asks about.

use std::path::Path;
use std::time::Duration;

use super::*;
use crate::audio::{Command, Event, Part, Ticket};
use crate::clip::{Features, Fit, Made};
use crate::state::{Ask, ClipEntry, ClipPanel, Ownership, Popup};

/// Half a minute of even noise with a loud moment at `peak` seconds.
fn features(peak: f64) -> Arc<Features> {
    let frames = 30 * 50;
    let loud = |at: usize| (at as f64 / 50.0 - peak).abs() < 0.25;
    Arc::new(Features {
        power: (0..frames).map(|at| if loud(at) { 0.5 } else { 0.05 }).collect(),
        bands: (0..frames).map(|at| [if loud(at) { -1.0 } else { -3.0 }; 3]).collect(),
        chroma: vec![[1.0 / 12.0; 12]; 120],
    })
}

/// The panel is open, and the preview was listened to.
fn opened() -> Desk {
    let mut desk = Desk::with_tracks(3);
    desk.keys("t");
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Examined(ticket, features(14.0))));
    desk
}

fn panel(desk: &Desk) -> &ClipPanel {
    match desk.state.popups.last() {
        Some(Popup::Clip(panel)) => panel,
        other => panic!("{other:?}"),
    }
}

fn rehearsals(desk: &mut Desk) -> Vec<Part> {
    desk.taken()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Audio(Command::Rehearse(part)) => Some(part),
            _ => None,
        })
        .collect()
}

#[test]
fn t_listens_to_the_preview_and_rehearses_the_estimate() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("t");
    let effects = desk.taken();
    assert!(effects.contains(&Effect::Audio(Command::Examine)));
    assert!(matches!(&effects[..], [Effect::LookUpOwned(request), ..] if request.clip.is_none()));
    assert!(panel(&desk).estimate.is_none());
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Examined(ticket, features(14.0))));
    assert!(panel(&desk).estimate.is_some());
    assert_eq!(rehearsals(&mut desk).len(), 1);
    // Opened again, nothing needs to be listened to again.
    desk.key(Key::Esc).taken();
    desk.keys("t");
    let effects = desk.taken();
    assert!(!effects.contains(&Effect::Audio(Command::Examine)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Audio(Command::Rehearse(_)))));
}

#[test]
fn m_lands_the_peak_where_the_clip_is_now() {
    let mut desk = opened();
    desk.keys("hh");
    assert!((panel(&desk).seconds - 15.0).abs() < 1e-9);
    let from = rehearsals(&mut desk).last().unwrap().from;
    let start = panel(&desk).estimate.unwrap().start;
    let ticket = Ticket(desk.state.player.ticket);
    desk.send(Message::Audio(Event::Position(ticket, from)))
        .send(Message::Audio(Event::Position(ticket, Duration::from_secs_f64(start + 4.0))));
    desk.keys("m");
    let (hit, estimate) = (panel(&desk).hit_point.unwrap(), panel(&desk).estimate.unwrap());
    assert!((hit - 4.0).abs() < 0.06, "{hit}");
    assert!((estimate.start - (14.0 - hit)).abs() < 0.1, "{estimate:?}");
    let played = rehearsals(&mut desk);
    assert!((played[0].from.as_secs_f64() - estimate.start).abs() < 1e-6);
    assert!((played[0].to.as_secs_f64() - estimate.end()).abs() < 1e-6);
    desk.keys("x");
    assert_eq!(panel(&desk).hit_point, None);
}

#[test]
fn a_part_beyond_the_preview_is_heard_as_far_as_it_goes_and_not_faded_there() {
    let mut desk = opened();
    desk.keys("l");
    assert!((panel(&desk).seconds - 60.0).abs() < 1e-9);
    let played = rehearsals(&mut desk).pop().unwrap();
    assert_eq!((played.from, played.to), (Duration::ZERO, Duration::from_secs(30)));
    assert!(played.fades.fall.abs() < 1e-9, "it goes on: {played:?}");
}

#[test]
fn values_are_typed_in_seconds_or_minutes_and_nonsense_is_told() {
    let mut desk = opened();
    desk.keys("1:07").key(Key::Enter);
    assert!((panel(&desk).seconds - 67.0).abs() < 1e-9);
    desk.keys("9").key(Key::Enter);
    assert!(panel(&desk).problem.as_ref().unwrap().contains("10 to 300"));
    assert!((panel(&desk).seconds - 67.0).abs() < 1e-9, "nothing is lost");
    desk.key(Key::Tab).keys("12.5").key(Key::Enter);
    assert_eq!(panel(&desk).hit_point, Some(12.5));
    desk.keys("1x:").key(Key::Enter);
    assert!(panel(&desk).problem.as_ref().unwrap().contains("no time"));
    desk.key(Key::Tab).keys("20").key(Key::Esc);
    assert!(panel(&desk).typing.is_none());
    desk.keys("11").key(Key::Enter);
    assert_eq!(panel(&desk).hit_point, None, "a hit point behind the end goes");
}

#[test]
fn the_length_of_a_film_is_asked_for_and_taken() {
    let mut desk = opened();
    desk.keys("f");
    assert!(matches!(panel(&desk).typing, Some(ClipEntry::File(_))));
    desk.send(Message::Paste("/films/ad.mp4\n".into())).taken();
    desk.key(Key::Enter);
    assert_eq!(desk.taken(), [Effect::MediaLength("/films/ad.mp4".into())]);
    let path = Path::new("/films/ad.mp4").to_owned();
    desk.send(Message::MediaLength(path.clone(), Ok(41.2)));
    assert!((panel(&desk).seconds - 41.2).abs() < 1e-9);
    assert_eq!(panel(&desk).length_of.as_deref(), Some("ad.mp4"));
    desk.send(Message::MediaLength(path.clone(), Ok(4000.0)));
    assert!(panel(&desk).problem.as_ref().unwrap().contains("10 to 300"));
    desk.send(Message::MediaLength(path, Err("the file is cut short".into())));
    assert!(panel(&desk).problem.as_ref().unwrap().starts_with("ad.mp4: the file is cut short"));
    assert!((panel(&desk).seconds - 41.2).abs() < 1e-9);
}

#[test]
fn d_asks_with_the_clip_and_the_estimate_and_what_came_is_measured() {
    let mut desk = opened();
    desk.keys("d");
    let Some(Popup::Confirm {
        ask: Ask::Download { request, rehearsed, .. },
        ..
    }) = desk.state.popups.last()
    else {
        panic!("{:?}", desk.state.popups)
    };
    assert!((request.clip.unwrap().duration().as_f64() - 30.0).abs() < 1e-9);
    let rehearsed = rehearsed.clone().unwrap();
    let request = request.clone();
    desk.send(Message::Owned(request, Ownership::New)).taken();
    desk.later(400).press(KeyPress::char('y'));
    let id = desk
        .taken()
        .iter()
        .find_map(|effect| match effect {
            Effect::Download { id, .. } => Some(*id),
            _ => None,
        })
        .unwrap();
    let bought = crate::spend::Bought {
        path: "/music/it.mp3".into(),
        bytes: 1,
        sha256: "ab".into(),
        file_sha256: "cd".into(),
        duration_seconds: 30.0,
        credits_spent: 1,
        credits_remaining: None,
        limits: Limits::default(),
        note: None,
    };
    desk.send(Message::Download(id, crate::app::DownloadNews::Done(Box::new(bought))));
    let mut effects = desk.taken();
    effects.retain(|effect| !matches!(effect, Effect::Notify(_)));
    assert_eq!(
        effects,
        [Effect::Measure {
            id,
            path: "/music/it.mp3".into(),
            sha256: "ab".into(),
            rehearsed
        }]
    );
    let fit = Fit {
        peak: Some(7.0),
        ..Fit::default()
    };
    desk.send(Message::Measured(id, Ok(fit)));
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("peak at 7.0 s"));
}

#[test]
fn only_an_owned_full_track_is_cut_and_for_nothing() {
    let mut desk = opened();
    desk.taken();
    desk.keys("c");
    assert!(desk.taken().is_empty() && panel(&desk).problem.as_ref().unwrap().contains("not owned"));
    let request = panel(&desk).full_request();
    desk.send(Message::Owned(request, Ownership::Owned("/music/full.mp3".into())));
    desk.keys("cc");
    let cuts: Vec<_> = desk.taken().into_iter().filter(|effect| matches!(effect, Effect::Cut(_))).collect();
    assert_eq!(cuts.len(), 1, "once at a time");
    desk.send(Message::Cut(Ok(Box::new(Made {
        path: "/music/cut.mp3".into(),
        bytes: 1,
        seconds: 30.0,
        start: 0.0,
        peak: None,
        note: None,
    }))));
    assert!(desk.state.status.message.as_ref().unwrap().1.contains("/music/cut.mp3"));
    assert!(!panel(&desk).cutting);
}

#[test]
fn where_nobody_knows_what_is_owned_the_panel_says_why() {
    let mut desk = opened();
    desk.send(Message::Unavailable("there is no API key".into()));
    assert_eq!(panel(&desk).full, Ownership::Unknown("there is no API key".into()));
    desk.taken();
    desk.keys("c");
    assert!(desk.taken().is_empty());
    let problem = panel(&desk).problem.clone().unwrap();
    assert!(problem.contains("cannot be told: there is no API key"), "{problem}");
}

#[test]
fn closing_ends_the_loop_and_leaves_the_sound() {
    let mut desk = opened();
    desk.taken();
    desk.key(Key::Esc);
    assert_eq!(desk.taken(), [Effect::Audio(Command::Loop(None, None))]);
    assert!(desk.state.popups.is_empty());
}

#[test]
fn tracks_like_one_are_heard_as_the_cursor_moves_and_become_the_results() {
    let mut desk = Desk::with_tracks(3);
    desk.keys("M");
    assert_eq!(desk.taken(), [Effect::Alike(Arc::new(track(0)))]);
    let found = (7..10)
        .map(|number| crate::library::Alike {
            track: Arc::new(track(number)),
            likeness: 0.9,
            why: vec!["same key".into()],
        })
        .collect();
    desk.send(Message::Alike(track(0).id, Ok(found)));
    desk.keys("j");
    assert_eq!(Desk::plays(&desk.taken()), ["8"]);
    desk.keys("  ");
    assert_eq!(
        desk.taken(),
        [Effect::Audio(Command::Pause), Effect::Audio(Command::Resume)],
        "space is about the track of the list"
    );
    desk.key(Key::Enter);
    assert!(desk.state.popups.is_empty());
    assert_eq!(desk.state.selected().unwrap().id, track(8).id);
    assert_eq!(desk.state.results.rows.len(), 4);
}

#[test]
fn a_clip_that_was_owned_already_is_not_measured_and_another_track_says_nothing() {
    let mut desk = opened();
    let other = crate::api::DownloadRequest {
        track_id: crate::api::TrackId::new("trk_99").unwrap(),
        clip: None,
    };
    let before = panel(&desk).full.clone();
    desk.send(Message::Owned(other, Ownership::Owned("/music/other.mp3".into())));
    assert_eq!(panel(&desk).full, before);
    desk.keys("d");
    let Some(Popup::Confirm {
        ask: Ask::Download { request, .. },
        ..
    }) = desk.state.popups.last()
    else {
        panic!("{:?}", desk.state.popups)
    };
    let request = request.clone();
    desk.send(Message::Owned(request, Ownership::New));
    desk.later(400).press(KeyPress::char('y'));
    let id = desk.state.downloads[0].id;
    desk.taken();
    let owned = crate::spend::Bought {
        path: "/music/it.mp3".into(),
        bytes: 1,
        sha256: "ab".into(),
        file_sha256: "cd".into(),
        duration_seconds: 30.0,
        credits_spent: 0,
        credits_remaining: None,
        limits: Limits::default(),
        note: None,
    };
    desk.send(Message::Download(id, crate::app::DownloadNews::Done(Box::new(owned))));
    assert!(!desk.taken().iter().any(|effect| matches!(effect, Effect::Measure { .. })));
}
