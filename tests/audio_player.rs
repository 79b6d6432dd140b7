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

use std::time::Duration;

use rig::{Answer, Rig, Server, mp3, sine, wav};
use trackyard_tui::audio::{Command, DeviceEvent, Event, Fault, Kept, Limits, OutputChoice, Part};
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
            rig.send(Command::Seek(seconds(place)));
            rig.wait_for(|event| *event == Event::Position(ticket, seconds(place)));
            rig.clear_sound();
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
fn a_pause_is_silent_and_still_and_lets_the_device_go() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_until("the tone is heard", |rig| rig.heard(440.0));
    rig.send(Command::Pause);
    rig.send(Command::Seek(SECOND));
    rig.wait_for(|event| *event == Event::Position(ticket, SECOND));
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Released));
    let since = rig.events_since(|event| *event == Event::Position(ticket, SECOND));
    assert!(
        !since.iter().any(|event| matches!(event, Event::Position(..))),
        "positions while paused: {since:?}"
    );
    let sound = rig.sound();
    assert!(
        sound[sound.len() - 44_100..].iter().all(|sample| sample.abs() < 1e-4),
        "the last second of the pause is silent"
    );
    rig.clear_sound();
    rig.send(Command::Resume);
    rig.wait_until("the tone is heard again", |rig| rig.heard(440.0));
    let place = rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > SECOND));
    assert!(
        matches!(place, Event::Position(_, at) if at < SECOND * 2),
        "it went on where it was: {place:?}"
    );
    assert_eq!(rig.output.openings(), 2);
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
        assert!(places.is_sorted() && places.last().is_some_and(|&last| last > 4.5), "{places:?}");
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
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < SECOND));
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
        rig.wait_for(|event| matches!(event, Event::Position(t, at) if *t == ticket && *at > seconds(0.6) && *at < SECOND));
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
    assert!(
        !rig.all_events()
            .iter()
            .any(|event| matches!(event, Event::Position(_, at) if *at > seconds(1.62)))
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
fn what_cannot_be_played_says_why_and_the_next_one_plays() {
    let good = wav(&sine(440.0, 1.0));
    let server = Server::start(move |path| match path {
        "/html" => Answer::ok(b"<!DOCTYPE html><p>\x1b[31mlog in".to_vec()),
        "/json" => Answer::ok(b"{\"error\":\"expired\"}".to_vec()),
        "/404" => Answer::status(404, "no"),
        "/403" => Answer::status(403, "no"),
        "/garbage" => Answer::ok((0..50_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect()),
        "/mp3-garbage" => Answer::ok([&b"ID3\x04\0\0\0\0\0\x0A"[..], &vec![0x55; 90_000]].concat()),
        "/empty" => Answer::ok(Vec::new()),
        "/loop" => Answer::redirect("/loop"),
        "/file" => Answer::redirect("file:///etc/passwd"),
        "/login" => Answer::redirect("http://user:secret@127.0.0.1:9/"),
        "/reset" => Answer::reset(),
        "/nonsense" => Answer::raw(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        "/hop" => Answer::redirect("/good"),
        _ => Answer::ok(good.clone()),
    });
    let mut rig = Rig::new();
    for (path, words) in [
        ("/html", "web page"),
        ("/json", "JSON"),
        ("/404", "said 404"),
        ("/403", "said 403"),
        ("/garbage", "not audio"),
        ("/mp3-garbage", "damaged or not audio"),
        ("/empty", "empty"),
        ("/loop", "redirects again and again"),
        ("/file", "not on the web"),
        ("/login", "not on the web"),
        ("/reset", "preview server"),
        ("/nonsense", "no valid answer"),
    ] {
        let ticket = rig.play(&server.url(path));
        let failed = rig.wait_for(|event| matches!(event, Event::Failed(t, ..) if *t == ticket));
        let Event::Failed(_, text, fault) = failed else { unreachable!() };
        let came = matches!(path, "/html" | "/json" | "/garbage" | "/mp3-garbage" | "/empty");
        assert_eq!(fault, if came { Fault::Music } else { Fault::Delivery }, "{path}");
        assert!(
            text.contains(words) && !text.contains("secret") && !text.contains('\x1b'),
            "{path}: {text}"
        );
    }
    for (url, words) in [
        ("not an address", "no valid address"),
        ("file:///etc/passwd", "not a plain web address"),
        ("http://127.0.0.1:1/", "cannot be reached"),
    ] {
        let ticket = rig.play(url);
        let failed = rig.wait_for(|event| matches!(event, Event::Failed(t, ..) if *t == ticket));
        assert!(
            matches!(&failed, Event::Failed(_, text, Fault::Delivery) if text.contains(words)),
            "{url}: {failed:?}"
        );
    }
    let ticket = rig.play(&server.url("/hop"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
    let requests = server.requests();
    assert!(!requests.is_empty());
    for request in requests {
        let lower = request.to_lowercase();
        assert!(
            !lower.contains("authorization") && !lower.contains("cookie") && !lower.contains("referer"),
            "{request}"
        );
    }
}

#[test]
fn a_server_that_keeps_silent_is_given_up() {
    let server = Server::start(|path| {
        if path == "/good" {
            Answer::ok(wav(&sine(440.0, 1.0)))
        } else {
            Answer::never()
        }
    });
    let mut rig = Rig::with(
        Limits {
            read_timeout: Duration::from_millis(300),
            ..Limits::default()
        },
        None,
    );
    let ticket = rig.play(&server.url("/never"));
    let failed = rig.wait_for(|event| matches!(event, Event::Failed(..)));
    assert_eq!(
        failed,
        Event::Failed(ticket, "the preview server does not answer".into(), Fault::Delivery)
    );
    let ticket = rig.play(&server.url("/good"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}

#[test]
fn a_preview_that_is_cut_short_plays_what_is_there() {
    let body = wav(&sine(440.0, 4.0));
    let server = Server::start(move |_| Answer::cut_after(body.clone(), 44 + 88_200 * 2));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_until("it is heard", |rig| rig.heard(440.0));
    let failed = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
    let Event::Failed(t, text, Fault::Delivery) = failed else {
        panic!("not an end: {failed:?}")
    };
    assert_eq!((t, text.as_str()), (ticket, "the preview stopped after 2 s"));
    assert_eq!(
        server.paths().len(),
        1,
        "without a validator nothing proves that the rest belongs to it"
    );
}

#[test]
fn a_connection_that_is_cut_is_taken_up_where_it_was() {
    let body = mp3(&[sine(440.0, 2.0), sine(1_000.0, 2.0)].concat());
    for (path, whole) in [
        ("/resumes", true),
        ("/ignores-range", false),
        ("/wrong-range", false),
        ("/changed", false),
    ] {
        let (body, first) = (body.clone(), std::sync::atomic::AtomicBool::new(true));
        let server = Server::start_with(move |request| {
            if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
                return Answer::cut_after(body.clone(), body.len() / 2).with("ETag", "\"one\"");
            }
            let lower = request.to_lowercase();
            assert!(lower.contains("if-range: \"one\""), "{request}");
            let from: usize = lower
                .split("range: bytes=")
                .nth(1)
                .and_then(|rest| rest.split('-').next())
                .unwrap()
                .parse()
                .unwrap();
            let range = |from: usize| format!("bytes {}-{}/{}", from, body.len() - 1, body.len());
            match request.split(' ').nth(1).unwrap() {
                "/resumes" => Answer::partial(body[from..].to_vec()).with("Content-Range", &range(from)),
                "/wrong-range" => Answer::partial(body[from - 100..].to_vec()).with("Content-Range", &range(from - 100)),
                "/changed" => {
                    Answer::partial(body[from..].to_vec()).with("Content-Range", &format!("bytes {from}-{}/{}", body.len(), body.len() + 1))
                }
                _ => Answer::ok(body.clone()),
            }
        });
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url(path));
        if whole {
            rig.wait_until("the second half is heard", |rig| rig.heard(1_000.0));
        }
        let end = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
        assert_eq!(end == Event::Ended(ticket), whole, "{path}: {end:?}");
        assert_eq!(server.paths().len(), 2);
    }
}

#[test]
fn chunked_and_without_a_length_it_works_too() {
    for answer in [Answer::chunked as fn(Vec<u8>) -> Answer, Answer::until_close] {
        let body = mp3(&sine(440.0, 1.5));
        let server = Server::start(move |_| answer(body.clone()));
        let mut rig = Rig::new();
        let ticket = rig.play(&server.url("/a"));
        rig.wait_until("it is heard", |rig| rig.heard(440.0));
        rig.wait_for(|event| *event == Event::Ended(ticket));
    }
}

#[test]
fn a_body_without_end_is_cut_off() {
    let limits = Limits {
        preview_bytes: 300_000,
        ..Limits::default()
    };
    for (answer, expected) in [
        (Answer::ok as fn(Vec<u8>) -> Answer, "the preview is larger than 1 MB"),
        (Answer::chunked, "the preview stopped after 3 s"),
    ] {
        let server = Server::start(move |_| answer(wav(&sine(440.0, 8.0))));
        let mut rig = Rig::with(limits.clone(), None);
        let ticket = rig.play(&server.url("/a"));
        let failed = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
        assert_eq!(failed, Event::Failed(ticket, expected.into(), Fault::Delivery));
    }
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
fn without_a_device_everything_runs_silently() {
    for (output, why) in [
        (Some(OutputChoice::None), "sound is switched off"),
        (None, "nothing[0m is plugged in"),
    ] {
        let server = Server::start(|_| Answer::ok(mp3(&sine(440.0, 1.5))));
        let mut rig = Rig::with(Limits::default(), output);
        rig.output.refuse(Some("nothing\x1b[0m is plugged in"));
        let begun = std::time::Instant::now();
        let ticket = rig.play(&server.url("/a"));
        let silent = rig.wait_for(|event| matches!(event, Event::Device(_)));
        assert_eq!(silent, Event::Device(DeviceEvent::Silent(why.into())));
        rig.wait_for(|event| *event == Event::Started(ticket));
        rig.wait_for(|event| *event == Event::Ended(ticket));
        assert!(begun.elapsed() > SECOND, "in real time");
        let events = rig.all_events();
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Waveform(_, waveform) if waveform.complete))
        );
        assert!(events.iter().filter(|event| matches!(event, Event::Position(..))).count() > 6);
    }
}

#[test]
fn a_lost_device_is_opened_again_and_the_place_kept() {
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 12.0))));
    let mut rig = Rig::new();
    rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at > seconds(1.2)));
    rig.output.lose("unplugged");
    rig.wait_until("it was opened again", |rig| rig.output.openings() == 2);
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
    let next = rig.wait_for(|event| matches!(event, Event::Position(..)));
    assert!(
        matches!(next, Event::Position(_, at) if at > SECOND && at < seconds(4.0)),
        "{next:?}"
    );
    // Gone for longer: silently on, and heard again when it is back.
    rig.output.refuse(Some("still unplugged"));
    rig.output.lose("unplugged");
    rig.wait_for(|event| matches!(event, Event::Device(DeviceEvent::Silent(_))));
    rig.wait_for(|event| matches!(event, Event::Position(..)));
    rig.output.refuse(None);
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Opened));
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
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
fn what_is_no_music_is_asked_for_again() {
    let (good, first) = (wav(&sine(440.0, 1.0)), std::sync::atomic::AtomicBool::new(true));
    let server = Server::start(move |_| {
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            Answer::ok(b"<!doctype html>try again later".to_vec())
        } else {
            Answer::ok(good.clone())
        }
    });
    let mut rig = Rig::new();
    rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Failed(..)));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}

#[test]
fn below_the_bit_rate_it_waits_goes_on_by_itself_and_never_ends_early() {
    // 88 kB a second are needed.
    let body = wav(&sine(440.0, 4.0));
    let server = Server::start(move |_| Answer::paced(body.clone(), 60_000));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Buffering(ticket));
    rig.wait_for(|event| *event == Event::Resumed(ticket));
    let end = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
    assert_eq!(end, Event::Ended(ticket));
    let loud = rig
        .sound()
        .chunks(441)
        .filter(|part| part.iter().any(|sample| sample.abs() > 0.05))
        .count();
    assert!((390..=425).contains(&loud), "all of the four seconds were heard: {loud} hundredths");
    let waits = rig.all_events().iter().filter(|event| matches!(event, Event::Buffering(_))).count();
    assert!(waits <= 4, "it gathers some music rather than stutter: {waits} waits");
    assert_eq!(server.paths().len(), 1, "one request");
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
        rig.send(Command::Seek(seconds(2.2)));
        rig.wait_for(|event| *event == Event::Position(ticket, seconds(2.2)));
        rig.clear_sound();
        rig.wait_until("the first tone is heard", |rig| rig.heard(440.0));
        rig.wait_for(|event| *event == Event::Ended(ticket));
        assert_eq!(server.paths().len(), 2);
    }
}

#[test]
fn a_device_that_runs_dry_again_and_again_is_opened_anew_with_a_larger_buffer() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audio-buffers");
    let server = Server::start(|_| Answer::ok(wav(&sine(440.0, 6.0))));
    let mut rig = Rig::made(|options| options.buffers = Some(file.clone()));
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| matches!(event, Event::Position(of, at) if *of == ticket && *at > seconds(0.3)));
    rig.output.run_dry();
    rig.output.run_dry();
    rig.wait_for(|event| *event == Event::Device(DeviceEvent::Widened(1_024)));
    assert_eq!(rig.output.openings(), 2);
    rig.clear_sound();
    rig.wait_until("it is heard again", |rig| rig.heard(440.0));
    let next = rig.wait_for(|event| matches!(event, Event::Position(..)));
    assert!(matches!(next, Event::Position(_, at) if at > seconds(0.3)), "{next:?}");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "1024 capture\n");
}
