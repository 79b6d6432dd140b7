//! The preview player against real sockets, heard through the real mixer.
#![cfg(feature = "audio")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "audio_player/devices.rs"]
mod devices;
#[path = "audio_player/formats.rs"]
mod formats;
#[path = "audio_player/loudness.rs"]
mod loudness;
// Each target uses its own part of the rig.
#[allow(dead_code)]
#[path = "audio_player/rig.rs"]
mod rig;
#[cfg(target_os = "linux")]
#[path = "audio_player/servers.rs"]
mod servers;
#[path = "audio_player/trouble.rs"]
mod trouble;

use std::time::Duration;

use rig::{Answer, Rig, Server, mp3, sine, wav};
use trackyard_tui::audio::{Command, DeviceEvent, Event, Fault, Kept, Limits, Part};
use trackyard_tui::clip::Fades;

const SECOND: Duration = Duration::from_secs(1);

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn it_plays_while_bytes_still_arrive() {
    let body = wav(&sine(440.0, 4.0));
    let server = Server::start(move |_| Answer::held_after(body.clone(), 200_000));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Started(ticket));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.wait_until("the server holds the rest back all the while", |_| server.is_holding());
    server.release();
    rig.wait_for(|event| *event == Event::Ended(ticket));
}

#[test]
fn a_new_track_takes_over_without_a_click() {
    let server = Server::start(|path| Answer::ok(wav(&sine(if path == "/a" { 440.0 } else { 1_000.0 }, 5.0))));
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    rig.play(&server.url("/a"));
    rig.wait_until("the first tone is heard", |rig| rig.heard(440.0));
    rig.play(&server.url("/b"));
    rig.wait_until("the second tone is heard", |rig| rig.heard(1_000.0));
    let sound = rig.sound();
    let jump = sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    // A full-scale 1 kHz tone moves by 0.072 a sample at half amplitude; both at once by 0.1.
    assert!(jump < 0.12, "a click of {jump}");
}

#[test]
fn a_seek_lands_in_the_right_place() {
    // A tone of its own for each second.
    let samples: Vec<i16> = (0..6).flat_map(|second| sine(400.0 + 200.0 * f64::from(second), 1.0)).collect();
    for body in [wav(&samples), mp3(&samples)] {
        let server = Server::start(move |_| Answer::ok(body.clone()));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        rig.wait_until("the first second is heard", |rig| rig.heard(400.0));
        for (place, pitch) in [(4.1, 1_200.0), (2.1, 800.0), (5.1, 1_400.0)] {
            rig.clear_sound();
            rig.send(Command::Seek(seconds(place)));
            rig.wait_for(|event| *event == Event::Position(ticket, seconds(place)));
            rig.wait_until("the tone of that second is heard", |rig| rig.heard(pitch));
        }
        rig.wait_for(|event| *event == Event::Ended(ticket));
    }
}

#[test]
fn a_seek_beyond_what_arrived_waits_for_it() {
    let samples: Vec<i16> = [sine(440.0, 3.0), sine(1_000.0, 3.0)].concat();
    for body in [wav(&samples), mp3(&samples)] {
        let half = body.len() / 3;
        let server = Server::start(move |_| Answer::held_after(body.clone(), half));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        rig.wait_until("the first tone is heard", |rig| rig.heard(440.0));
        rig.send(Command::Seek(seconds(4.0)));
        rig.wait_for(|event| *event == Event::Buffering(ticket));
        // Another mind: back to what is here, although the decoder is waiting for what is not.
        rig.clear_sound();
        rig.send(Command::Seek(seconds(0.5)));
        rig.wait_until("the first tone is heard again", |rig| rig.heard(440.0));
        rig.send(Command::Seek(seconds(4.0)));
        rig.wait_for(|event| *event == Event::Buffering(ticket));
        server.release();
        rig.wait_for(|event| *event == Event::Resumed(ticket));
        rig.clear_sound();
        rig.wait_until("the second tone is heard", |rig| rig.heard(1_000.0));
    }
}

#[test]
fn places_length_waveform_and_end_are_told() {
    let music = [sine(440.0, 2.0), sine(440.0, 3.0).iter().map(|sample| sample / 8).collect()].concat();
    for (body, slack) in [(wav(&music), 0.001), (mp3(&music), 0.06)] {
        let server = Server::start(move |_| Answer::ok(body.clone()));
        let mut rig = Rig::new();
        let begun = std::time::Instant::now();
        let ticket = rig.play(&server.url("/a"));
        rig.wait_for(|event| *event == Event::Ended(ticket));
        let tenths = begun.elapsed().as_millis() as usize / 100;
        let events = rig.all_events();
        let places: Vec<f64> = events
            .iter()
            .filter_map(|e| {
                if let Event::Position(_, at) = e {
                    Some(at.as_secs_f64())
                } else {
                    None
                }
            })
            .collect();
        assert!(places.is_sorted() && places.last().is_some_and(|&last| last > 4.0), "{places:?}");
        // The first is told at once. On a busy machine some come late.
        assert!(
            (20..=tenths + 2).contains(&places.len()),
            "about ten a second: {} in {tenths} tenths of one",
            places.len()
        );
        let length = events.iter().rev().find_map(|e| {
            if let Event::Length(_, length) = e {
                Some(length.as_secs_f64())
            } else {
                None
            }
        });
        assert!(length.is_some_and(|length| (length - 5.0).abs() <= slack), "{length:?}");
        let waveform = events.iter().rev().find_map(|e| {
            if let Event::Waveform(_, waveform) = e {
                Some(waveform.clone())
            } else {
                None
            }
        });
        let waveform = waveform.expect("a waveform");
        assert!(
            waveform.complete && (100..=102).contains(&waveform.levels.len()),
            "{}",
            waveform.levels.len()
        );
        assert!(
            (waveform.levels[10] / waveform.levels[80] - 8.0).abs() < 0.3,
            "loud, then eight times as quiet"
        );
        assert!(waveform.peak().is_some_and(|peak| peak < seconds(2.0)), "{:?}", waveform.peak());
        rig.send(Command::Resume);
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(4.0)));
    }
}

#[test]
fn silence_at_the_head_is_skipped_and_places_stay_true() {
    let samples = [vec![0; 2 * 44_100], sine(440.0, 3.0)].concat();
    for body in [wav(&samples), mp3(&samples)] {
        let server = Server::start(move |_| Answer::ok(body.clone()));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        let first = rig.wait_for(|event| matches!(event, Event::Position(..)));
        assert!(
            matches!(first, Event::Position(_, at) if at >= seconds(1.95) && at < seconds(2.5)),
            "{first:?}"
        );
        rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
        // Asked for, silence is silence.
        rig.send(Command::Seek(seconds(0.5)));
        rig.wait_for(|event| matches!(event, Event::Position(t, at) if *t == ticket && *at > seconds(0.6) && *at < seconds(1.95)));
    }
}

#[test]
fn a_loop_goes_round_and_repeat_begins_again() {
    let samples: Vec<i16> = (0..3).flat_map(|second| sine(400.0 + 300.0 * f64::from(second), 1.0)).collect();
    let body = mp3(&samples);
    let server = Server::start(move |_| Answer::ok(body.clone()));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Started(ticket));
    rig.send(Command::Loop(Some(seconds(1.2)), Some(seconds(1.6))));
    let inside = |event: &Event| matches!(event, Event::Position(_, at) if *at >= seconds(1.45));
    let early = |event: &Event| matches!(event, Event::Position(_, at) if *at >= seconds(1.2) && *at < seconds(1.4));
    for _ in 0..3 {
        rig.wait_for(inside);
        rig.wait_for(early);
    }
    // From the first turn on: the loop was set while it played, and may have been passed by then.
    let events = rig.all_events();
    let turned = events.iter().skip_while(|event| !inside(event)).skip_while(|event| !early(event));
    let places: Vec<_> = turned.filter(|event| matches!(event, Event::Position(..))).collect();
    assert!(
        !places
            .iter()
            .any(|event| matches!(event, Event::Position(_, at) if *at > seconds(1.62))),
        "{places:?}"
    );
    rig.send(Command::Loop(None, None));
    rig.send(Command::Repeat(true));
    rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > seconds(2.6)));
    rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(0.5)));
    rig.send(Command::Repeat(false));
    rig.wait_for(|event| *event == Event::Ended(ticket));
    let ends = rig.all_events().iter().filter(|event| matches!(event, Event::Ended(_))).count();
    assert_eq!(ends, 1);
}

#[test]
fn no_turn_clicks_wherever_it_is() {
    // Each ends where the tone is loudest and begins where it crosses zero.
    let cycles = |count: f64| count / 440.0;
    let server = Server::start(move |_| Answer::ok(wav(&sine(440.0, cycles(880.25)))));
    for (from, to) in [(Some(0.5), Some(cycles(300.25))), (None, None)] {
        let mut rig = Rig::new();
        rig.send(Command::Volume(1.0));
        rig.send(Command::Repeat(true));
        rig.play(&server.url("/a"));
        rig.send(Command::Loop(from.map(seconds), to.map(seconds)));
        let (start, end) = (from.unwrap_or(0.0), to.unwrap_or(2.0));
        for _ in 0..2 {
            rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at >= seconds(end - 0.09)));
            rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at <= seconds(start + 0.09)));
        }
        let jump = rig.sound().windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // Half of full scale at 440 Hz moves by 0.031 a sample.
        assert!(jump < 0.05, "a click of {jump} from {from:?} to {to:?}");
    }
}

#[test]
fn a_loop_that_begins_where_the_music_ends_is_the_whole() {
    let server = Server::start(move |_| Answer::ok(wav(&sine(440.0, 1.0))));
    let mut rig = Rig::new();
    rig.send(Command::Repeat(true));
    rig.play(&server.url("/a"));
    rig.send(Command::Loop(Some(seconds(0.99)), None));
    for _ in 0..2 {
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at >= seconds(0.8)));
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(0.3)));
    }
}

#[test]
fn a_rehearsal_goes_round_with_its_fades() {
    let body = wav(&sine(440.0, 3.0));
    let server = Server::start(move |_| Answer::ok(body.clone()));
    let mut rig = Rig::new();
    rig.send(Command::Volume(1.0));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Started(ticket));
    rig.send(Command::Rehearse(Part {
        from: seconds(0.5),
        to: seconds(1.5),
        fades: Fades { rise: 0.3, fall: 0.3 },
    }));
    rig.send(Command::Seek(seconds(0.5)));
    rig.wait_for(|event| *event == Event::Position(ticket, seconds(0.5)));
    rig.clear_sound();
    for _ in 0..3 {
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at >= seconds(1.2)));
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(0.9)));
    }
    let sound = rig.sound();
    let loudness: Vec<f32> = sound
        .chunks_exact(882)
        .map(|part| part.iter().fold(0.0, |loudest: f32, sample| loudest.max(sample.abs())))
        .collect();
    let loudest = loudness.iter().copied().fold(0.0, f32::max);
    // Silent at each turn, two of which lie between three rounds, and full in the middle.
    let turns = loudness
        .windows(2)
        .filter(|pair| pair[0] >= 0.2 * loudest && pair[1] < 0.2 * loudest)
        .count();
    assert!(turns >= 2, "{turns} in {loudness:?}");
    let full = loudness.iter().filter(|level| **level > 0.95 * loudest).count();
    assert!(full * 5 > loudness.len(), "{full} of {}", loudness.len());
    rig.send(Command::Loop(None, None));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}

#[test]
fn a_preview_is_examined_as_a_whole_once_it_is_asked_for() {
    let body = mp3(&sine(440.0, 3.0));
    let server = Server::start(move |_| Answer::held_after(body.clone(), 20_000));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Started(ticket));
    rig.send(Command::Examine);
    server.release();
    let Event::Examined(of, features) = rig.wait_for(|event| matches!(event, Event::Examined(..))) else {
        panic!("another event");
    };
    assert_eq!(of, ticket);
    assert!((features.seconds() - 3.0).abs() < 0.1, "{}", features.seconds());
    assert!(features.chroma[6][9] > 0.5, "an A: {:?}", features.chroma[6]);
}

#[test]
fn what_was_prefetched_needs_no_second_request() {
    let server = Server::start(|path| Answer::ok(wav(&sine(if path == "/b" { 1_000.0 } else { 440.0 }, 1.0))));
    let mut rig = Rig::new();
    rig.send(Command::Prefetch(vec![server.url("/b"), server.url("/c")]));
    server.wait_for_requests(2);
    rig.wait_until("both are here", |_| server.served() == 2);
    let ticket = rig.play(&server.url("/b"));
    rig.wait_until("it is heard", |rig| rig.heard(1_000.0));
    rig.wait_for(|event| *event == Event::Ended(ticket));
    rig.play(&server.url("/b"));
    rig.wait_for(|event| matches!(event, Event::Waveform(..)));
    let again = rig.play(&server.url("/c"));
    rig.wait_for(|event| *event == Event::Ended(again));
    let mut paths = server.paths();
    paths.sort();
    assert_eq!(paths, ["/b", "/c"]);
}

#[test]
fn a_preview_of_unknown_length_has_the_line_to_itself_until_it_is_here() {
    let body = mp3(&sine(440.0, 4.0));
    let server = Server::start(move |path| {
        if path == "/a" {
            Answer::held_and_of_unknown_length(body.clone(), body.len() / 2)
        } else {
            Answer::ok(wav(&sine(1_000.0, 1.0)))
        }
    });
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.send(Command::Prefetch(vec![server.url("/b")]));
    rig.wait_for(|event| matches!(event, Event::Position(of, at) if *of == ticket && *at > seconds(0.8)));
    assert_eq!(server.paths(), ["/a"], "nothing is known of how much of it is in hand");
    server.release();
    server.wait_for_requests(2);
    assert_eq!(server.paths(), ["/a", "/b"]);
}

#[test]
fn the_cache_is_bounded() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 1.0))));
    let limits = Limits {
        cache_bytes: 200_000,
        ..Limits::default()
    };
    let mut rig = Rig::with(limits, None);
    for path in ["/a", "/b", "/c", "/c", "/a"] {
        let ticket = rig.play(&server.url(path));
        rig.wait_for(|event| matches!(event, Event::Waveform(t, waveform) if *t == ticket && waveform.complete));
    }
    assert_eq!(server.paths(), ["/a", "/b", "/c", "/a"], "of 88 kB each, two are kept");
}

#[test]
fn a_held_key_piles_nothing_up() {
    let server = Server::start(|path| {
        if path == "/99" {
            Answer::ok(wav(&sine(440.0, 3.0)))
        } else {
            Answer::never()
        }
    });
    let mut rig = Rig::new();
    for row in 0..100 {
        rig.play(&server.url(&format!("/{row}")));
        let ahead = (row + 1..row + 4)
            .filter(|&row| row != 99)
            .map(|row| server.url(&format!("/{row}")));
        rig.send(Command::Prefetch(ahead.collect()));
        assert!(server.settles_at(4), "more than four connections stay open after row {row}");
    }
    rig.wait_until("the last row is heard", |rig| rig.heard(440.0));
    assert!(server.settles_at(4));
    let told = rig
        .all_events()
        .into_iter()
        .filter(|event| matches!(event, Event::Started(_) | Event::Failed(..)));
    assert_eq!(told.collect::<Vec<_>>().len(), 1, "only the last row was started");
}

#[cfg(target_os = "linux")]
#[test]
fn after_many_plays_no_thread_is_left() {
    // Threads are counted by process, so this runs in one of its own.
    const ALONE: &str = "AUDIO_PLAYER_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let mut test = std::process::Command::new(std::env::current_exe().unwrap());
        let alone = test
            .args(["--exact", "after_many_plays_no_thread_is_left"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 2.0))));
    let mut rig = Rig::new();
    for row in 0..60 {
        let ticket = rig.play(&server.url(&format!("/{}", row % 7)));
        rig.wait_for(|event| *event == Event::Started(ticket));
    }
    rig.wait_until("only the last one's threads are left", |rig| rig.threads() <= 4);
    rig.send(Command::Stop);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Released));
    rig.wait_until("only the player's thread is left", |rig| rig.threads() == 1);
    rig.drop_player();
    rig.wait_until("none is left", |rig| rig.threads() == 0);
}

#[test]
fn kept_previews_survive_a_restart_and_need_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::new(folder.path().to_owned(), 10_000_000);
    let server = Server::start(|path| match path {
        "/page" => Answer::ok(b"<!doctype html>log in".to_vec()),
        _ => Answer::ok(mp3(&sine(440.0, 1.0))),
    });
    let mut first = Rig::made(|options| options.kept = Some(kept.clone()));
    let ticket = first.play(&server.url("/page"));
    first.wait_for(|event| matches!(event, Event::Failed(of, _, _) if *of == ticket));
    let ticket = first.play(&server.url("/a"));
    first.wait_for(|event| *event == Event::Ended(ticket));
    first.wait_until("it is kept", |_| kept.amount().unwrap().previews == 1);
    drop(first);

    let mut second = Rig::made(|options| (options.kept, options.offline) = (Some(kept.clone()), true));
    let ticket = second.play(&server.url("/a"));
    second.wait_until("it is heard", |rig| rig.heard(440.0));
    second.wait_for(|event| *event == Event::Ended(ticket));
    let ticket = second.play(&server.url("/b"));
    let failed = second.wait_for(|event| matches!(event, Event::Failed(..)));
    let why = "this preview is not kept here, and with --offline no server is asked";
    assert_eq!(failed, Event::Failed(ticket, why.into(), Fault::Delivery));
    assert_eq!(server.paths(), ["/page", "/a"]);
    drop(second);

    // Damaged, it is fetched again.
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let mut third = Rig::made(|options| options.kept = Some(kept.clone()));
    let ticket = third.play(&server.url("/a"));
    third.wait_for(|event| *event == Event::Ended(ticket));
    assert_eq!(server.paths(), ["/page", "/a", "/a"]);
}

#[test]
fn what_ends_with_its_connection_plays_and_nothing_of_it_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let kept = Kept::new(folder.path().to_owned(), 10_000_000);
    // Half of it: that is all there is to see of a connection that was cut.
    let server = Server::start(|path| {
        let body = mp3(&sine(440.0, 2.0));
        match path {
            "/closed" => Answer::until_close(body[..body.len() / 2].to_vec()),
            _ => Answer::chunked(body),
        }
    });
    let mut rig = Rig::made(|options| options.kept = Some(kept.clone()));
    for _ in 0..2 {
        let ticket = rig.play(&server.url("/closed"));
        rig.wait_for(|event| *event == Event::Ended(ticket));
    }
    let whole = server.url("/whole");
    let ticket = rig.play(&whole);
    rig.wait_for(|event| *event == Event::Ended(ticket));
    rig.wait_until("the other one is kept, and known", |rig| {
        kept.amount().unwrap().previews > 0 && rig.was_told(|event| matches!(event, Event::Analysed(..)))
    });
    assert_eq!(server.paths(), ["/closed", "/whole"]);
    assert_eq!(kept.amount().unwrap().previews, 1);
    let of_others = |event: &Event| matches!(event, Event::Analysed(url, _) if *url != whole);
    assert!(!rig.all_events().iter().any(of_others));
}

#[test]
fn what_is_kept_elsewhere_for_a_while_goes_with_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let own = Kept::new(folder.path().to_owned(), 10_000_000);
    let elsewhere = Kept::within(tempfile::tempdir().unwrap(), 10_000_000);
    let there = elsewhere.folder().to_owned();
    let server = Server::start(|_| Answer::ok(mp3(&sine(440.0, 1.0))));
    let mut rig = Rig::made(|options| options.kept = Some(own.clone()));
    rig.send(Command::KeepIn(Some(elsewhere.clone())));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
    rig.wait_until("it is kept there", |_| elsewhere.amount().unwrap().previews == 1);
    assert_eq!(own.amount().unwrap().previews, 0);
    drop(elsewhere);
    assert!(there.exists(), "the player may still write into it");
    rig.send(Command::KeepIn(None));
    let ticket = rig.play(&server.url("/b"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
    rig.wait_until("it is kept where others are", |_| own.amount().unwrap().previews == 1);
    rig.wait_until("nobody holds the other folder", |_| !there.exists());
}

#[test]
fn what_was_decoded_ahead_begins_where_the_music_does() {
    let samples = [vec![0; 2 * 44_100], sine(440.0, 1.0), sine(1_000.0, 1.0)].concat();
    for body in [wav(&samples), mp3(&samples)] {
        let server = Server::start(move |path| Answer::ok(if path == "/b" { body.clone() } else { wav(&sine(700.0, 5.0)) }));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        rig.send(Command::Prefetch(vec![server.url("/b")]));
        rig.wait_for(|event| *event == Event::Started(ticket));
        server.wait_for_requests(2);
        rig.wait_until("it is here", |_| server.served() == 2);
        let ticket = rig.play(&server.url("/b"));
        let first = rig.wait_for(|event| matches!(event, Event::Position(of, _) if *of == ticket));
        assert!(
            matches!(first, Event::Position(_, at) if at >= seconds(1.95) && at < seconds(2.3)),
            "{first:?}"
        );
        rig.wait_until("the second tone is heard", |rig| rig.heard(1_000.0));
        rig.clear_sound();
        rig.send(Command::Seek(seconds(2.2)));
        rig.wait_for(|event| *event == Event::Position(ticket, seconds(2.2)));
        rig.wait_until("the first tone is heard", |rig| rig.heard(440.0));
        rig.wait_for(|event| *event == Event::Ended(ticket));
        assert_eq!(server.paths().len(), 2);
    }
}
