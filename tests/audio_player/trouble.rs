//! Servers that send what is no music, not all of it, or too slowly.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use trackyard_tui::audio::{Command, Event, Fault, Limits};

use super::rig::{Answer, Line, Rig, Server, mp3, sine, wav};
use super::seconds;

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
    let server = Server::start(|path| match path {
        "/good" => Answer::ok(wav(&sine(440.0, 1.0))),
        "/never" => Answer::never(),
        // After half a second of music.
        _ => Answer::held_after(wav(&sine(440.0, 2.0)), 44 + 88_200 / 2),
    });
    let mut rig = Rig::with(
        Limits {
            // Long enough for the one that does answer, on a busy machine, too.
            read_timeout: Duration::from_secs(5),
            ..Limits::default()
        },
        None,
    );
    for path in ["/never", "/half"] {
        let ticket = rig.play(&server.url(path));
        let failed = rig.wait_for(|event| matches!(event, Event::Failed(..)));
        let why = "the preview server does not answer";
        assert_eq!(failed, Event::Failed(ticket, why.into(), Fault::Delivery), "{path}");
    }
    let ticket = rig.play(&server.url("/good"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}

#[test]
fn what_was_held_back_for_longer_than_a_server_may_keep_silent_goes_on() {
    let silence = Duration::from_millis(500);
    let server = Server::start(|path| {
        if path == "/a" {
            Answer::paced(wav(&sine(440.0, 10.0)), 300_000)
        } else {
            Answer::ok(wav(&sine(1_000.0, 3.0)))
        }
    });
    let mut rig = Rig::with(
        Limits {
            read_timeout: silence,
            ..Limits::default()
        },
        None,
    );
    rig.play(&server.url("/a"));
    rig.send(Command::Prefetch(vec![server.url("/b")]));
    // Of this one only the beginning is taken as long as the other one still comes in.
    server.wait_for_requests(2);
    let held = Instant::now();
    rig.wait_for(|event| matches!(event, Event::Analysed(url, _) if *url == server.url("/a")));
    assert!(held.elapsed() > silence, "it was held for {:?} only", held.elapsed());
    let ticket = rig.play(&server.url("/b"));
    let end = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
    assert_eq!(end, Event::Ended(ticket));
    assert_eq!(server.paths(), ["/a", "/b"], "one request for each");
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
fn what_has_run_dry_has_the_line_to_itself_until_it_is_here() {
    // 88 kB a second are needed.
    let body = wav(&sine(440.0, 6.0));
    let (whole, line) = (body.len(), Line::new(57_000));
    // How far the one that plays had come when another one was asked for.
    let asked = Arc::new(Mutex::new(Vec::new()));
    let server = Server::start({
        let (line, asked) = (Arc::clone(&line), Arc::clone(&asked));
        move |path| {
            if path != "/a" {
                asked.lock().unwrap().push(line.carried());
            }
            Answer::ok(body.clone()).over(&line)
        }
    });
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.send(Command::Prefetch(vec![server.url("/b"), server.url("/c")]));
    rig.wait_for(|event| *event == Event::Buffering(ticket));
    rig.wait_for(|event| *event == Event::Resumed(ticket));
    // Paused, it gathers more than four seconds, which would be enough if it came fast enough.
    rig.send(Command::Pause);
    rig.wait_until("much of it is in hand", |_| line.carried() > 44 + 88_200 * 9 / 2);
    rig.send(Command::Resume);
    let end = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
    assert_eq!(end, Event::Ended(ticket));
    server.wait_for_requests(3);
    let asked = asked.lock().unwrap().clone();
    assert!(asked.iter().all(|carried| *carried >= whole), "{asked:?} of {whole} bytes");
}

#[test]
fn a_loop_within_what_came_goes_round_although_the_rest_is_missing() {
    let body = wav(&sine(440.0, 4.0));
    let server = Server::start(move |_| Answer::cut_after(body.clone(), 44 + 88_200 * 2));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.send(Command::Loop(Some(seconds(0.5)), Some(seconds(1.0))));
    // All that will come is here.
    rig.wait_for(|event| matches!(event, Event::Waveform(of, waveform) if *of == ticket && waveform.complete));
    for _ in 0..3 {
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at >= seconds(0.85)));
        rig.wait_for(|event| matches!(event, Event::Position(_, at) if *at < seconds(0.7)));
    }
    rig.send(Command::Loop(None, None));
    let failed = rig.wait_for(|event| matches!(event, Event::Failed(..) | Event::Ended(..)));
    let why = "the preview stopped after 2 s";
    assert_eq!(failed, Event::Failed(ticket, why.into(), Fault::Delivery));
}

#[test]
fn a_pause_while_it_waits_does_not_hide_that_it_waits() {
    let body = wav(&sine(440.0, 2.0));
    let server = Server::start(move |_| Answer::held_after(body.clone(), 44 + 88_200 / 2));
    let mut rig = Rig::new();
    let ticket = rig.play(&server.url("/a"));
    rig.wait_for(|event| *event == Event::Buffering(ticket));
    rig.send(Command::Pause);
    rig.send(Command::Resume);
    rig.wait_for(|event| *event == Event::Buffering(ticket));
    server.release();
    rig.wait_for(|event| *event == Event::Resumed(ticket));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}
