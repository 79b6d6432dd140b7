//! Previews made to hurt, each played twenty times in a row between good ones: nothing of them stays behind.
#![cfg(all(feature = "audio", target_os = "linux"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

// This target uses its own part of the rig.
#[allow(dead_code)]
#[path = "audio_player/rig.rs"]
mod rig;

use std::fs;
use std::time::{Duration, Instant};

use rig::{Answer, Rig, Server, mp3, sine, wav};
use trackyard_tui::audio::{Event, Limits};

/// How often each is played.
const TIMES: usize = 20;
/// Memory that the allocator may keep for itself, in kB.
const SLACK_KB: usize = 16_000;
/// Until connections that were given up are closed at both ends.
const PATIENCE: Duration = Duration::from_mins(1);

/// What this process holds.
#[derive(Debug, Clone, Copy)]
struct Held {
    threads: usize,
    files: usize,
    memory_kb: usize,
}

impl Held {
    fn now() -> Self {
        let count = |folder: &str| fs::read_dir(folder).unwrap().count();
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        Self {
            threads: count("/proc/self/task"),
            files: count("/proc/self/fd"),
            memory_kb: memory.split_whitespace().next().unwrap().parse().unwrap(),
        }
    }

    fn within(self, most: Self) -> bool {
        self.threads <= most.threads && self.files <= most.files && self.memory_kb <= most.memory_kb
    }
}

/// What a preview made to hurt comes to.
enum Comes {
    /// It is refused, with these words.
    To(&'static str),
    /// It plays on for ever.
    On,
}

fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect()
}

#[test]
fn hostile_previews_leave_no_thread_no_memory_and_no_file_behind() {
    let elsewhere = Server::start(|path| match path {
        "/page" => Answer::ok(b"<!doctype html>log in".to_vec()),
        _ => Answer::endless(noise(4_000)),
    });
    let elsewhere_url = elsewhere.url("");
    let good = mp3(&sine(440.0, 0.4));
    let server = Server::start(move |path| match path {
        "/garbage" => Answer::ok(noise(200_000)),
        "/tagged-garbage" => Answer::ok([&b"ID3\x04\0\0\0\0\0\x0A"[..], &vec![0x55; 90_000]].concat()),
        "/page" => Answer::ok(b"<!doctype html><p>log in".to_vec()).with("Content-Type", "audio/mpeg"),
        "/json" => Answer::ok(b"{\"error\":\"expired\"}".to_vec()).with("Content-Type", "audio/mpeg"),
        "/picture" => Answer::ok([&b"\x89PNG\r\n\x1a\n"[..], &noise(50_000)].concat()).with("Content-Type", "audio/mpeg"),
        "/empty" => Answer::ok(Vec::new()),
        "/huge" => Answer::claims(noise(60_000), 10 << 30),
        "/endless-garbage" => Answer::endless(noise(64_000)),
        "/endless-zeros" => Answer::endless(vec![0; 64_000]),
        "/endless-music" => Answer::endless(mp3(&sine(440.0, 2.0))),
        "/loop" => Answer::redirect("/loop"),
        "/elsewhere" => Answer::redirect(&format!("{elsewhere_url}/page")),
        "/elsewhere-endless" => Answer::redirect(&format!("{elsewhere_url}/endless")),
        "/file" => Answer::redirect("file:///etc/passwd"),
        "/reset" => Answer::reset(),
        "/cut" => Answer::cut_after(wav(&sine(440.0, 4.0)), 30),
        _ => Answer::ok(good.clone()),
    });
    let mut rig = Rig::new();
    // Everything that is made once is made, and what a good preview takes is known.
    for _ in 0..5 {
        play_good(&mut rig, &server);
    }
    let mut most = Held::now();
    most.files += 4;
    most.memory_kb += SLACK_KB;
    let largest_kb = usize::try_from(Limits::default().preview_bytes).unwrap() / 1000;
    for (path, comes) in [
        ("/garbage", Comes::To("not audio")),
        ("/tagged-garbage", Comes::To("damaged or not audio")),
        ("/page", Comes::To("web page")),
        ("/json", Comes::To("JSON")),
        ("/picture", Comes::To("not audio")),
        ("/empty", Comes::To("empty")),
        ("/huge", Comes::To("larger than")),
        ("/endless-garbage", Comes::To("not audio")),
        ("/endless-zeros", Comes::To("not audio")),
        ("/endless-music", Comes::On),
        ("/loop", Comes::To("again and again")),
        ("/elsewhere", Comes::To("web page")),
        ("/elsewhere-endless", Comes::To("not audio")),
        ("/file", Comes::To("not on the web")),
        ("/reset", Comes::To("preview server")),
        ("/cut", Comes::To("preview server")),
    ] {
        for _ in 0..TIMES {
            let ticket = rig.play(&server.url(path));
            match comes {
                Comes::To(words) => {
                    let failed = rig.wait_for(|event| matches!(event, Event::Failed(of, _, _) if *of == ticket));
                    assert!(
                        matches!(&failed, Event::Failed(_, text, _) if text.contains(words)),
                        "{path}: {failed:?}"
                    );
                }
                Comes::On => drop(rig.wait_for(|event| *event == Event::Started(ticket))),
            }
            // What the test itself keeps does not count.
            rig.clear_sound();
            let at_once = Held::now();
            assert!(
                at_once.memory_kb < most.memory_kb + 2 * largest_kb,
                "{path}: never more than the one that plays and the one that comes: {at_once:?}"
            );
        }
        play_good(&mut rig, &server);
        let end = Instant::now() + PATIENCE;
        while !Held::now().within(most) {
            assert!(Instant::now() < end, "after {path}: {:?}, at first at most {most:?}", Held::now());
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }
    for request in server.requests().into_iter().chain(elsewhere.requests()) {
        let lower = request.to_lowercase();
        assert!(!lower.contains("authorization") && !lower.contains("cookie"), "{request}");
    }
}

fn play_good(rig: &mut Rig, server: &Server) {
    let ticket = rig.play(&server.url("/good"));
    rig.wait_for(|event| *event == Event::Ended(ticket));
}
