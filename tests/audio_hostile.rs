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
    /// It plays, and is left.
    On,
    /// It is played to its end, or refused.
    Somehow,
    /// It does not come, and is left.
    Late,
}

fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect()
}

/// A little music in a WAV whose header says something else: channels, frames a second, bytes of music.
fn lying_wav(channels: u16, rate: u32, bytes: u32) -> Vec<u8> {
    let mut file = wav(&sine(440.0, 0.2));
    file[4..8].copy_from_slice(&bytes.saturating_add(36).to_le_bytes());
    file[22..24].copy_from_slice(&channels.to_le_bytes());
    file[24..28].copy_from_slice(&rate.to_le_bytes());
    file[28..32].copy_from_slice(&rate.saturating_mul(u32::from(channels) * 2).to_le_bytes());
    file[32..34].copy_from_slice(&(channels * 2).to_le_bytes());
    file[40..44].copy_from_slice(&bytes.to_le_bytes());
    file
}

/// An MP4 whose index begins with a box of this size, a long one where there is one.
fn lying_mp4(size: u32, long: Option<u64>) -> Vec<u8> {
    let mut file = b"\0\0\0\x10ftypM4A \0\0\0\0".to_vec();
    file.extend(size.to_be_bytes());
    file.extend(b"moov");
    file.extend(long.into_iter().flat_map(u64::to_be_bytes));
    file.extend(noise(20_000));
    file
}

/// The file with this number so many bytes behind the beginning of a box's name.
fn patched(file: &[u8], name: &[u8], behind: usize, value: u32) -> Vec<u8> {
    let at = file.windows(name.len()).position(|part| part == name).expect("the file has it");
    let mut file = file.to_vec();
    file[at + behind..at + behind + 4].copy_from_slice(&value.to_be_bytes());
    file
}

/// An MP3 that claims to last for weeks: the number of its frames is the first thing in its Xing tag, behind the name and the flags.
fn weeks_of_mp3() -> Vec<u8> {
    const WEEKS: u32 = 0x0FFF_FFFF;
    let mut tag = vec![0; 417];
    // Layer III, 128 kbit/s, 44.1 kHz, one channel; behind the header is what tells how the sound is laid out, all zeros.
    tag[..4].copy_from_slice(b"\xFF\xFB\x90\xC0");
    tag[21..25].copy_from_slice(b"Xing");
    tag[25..29].copy_from_slice(&1_u32.to_be_bytes());
    tag[29..33].copy_from_slice(&WEEKS.to_be_bytes());
    [tag, mp3(&sine(440.0, 0.3))].concat()
}

/// An MP3 that goes on at half the rate: the same frames, but for the sign of MPEG 2 in their headers.
fn mp3_of_two_rates() -> Vec<u8> {
    let first = mp3(&sine(440.0, 0.3));
    let mut second = first.clone();
    for at in 0..second.len() - 1 {
        if second[at..at + 2] == *b"\xFF\xFB" {
            second[at + 1] = 0xF3;
        }
    }
    [first, second].concat()
}

/// Containers that lie, by path.
fn lies(path: &str) -> Option<Vec<u8>> {
    const FLAC: &[u8] = include_bytes!("sounds/tone.flac");
    const OGG: &[u8] = include_bytes!("sounds/tone.ogg");
    const M4A: &[u8] = include_bytes!("sounds/tone.m4a");
    Some(match path {
        "/wav-of-4-GB" => lying_wav(1, 44_100, u32::MAX),
        "/wav-of-255-channels" => lying_wav(255, 44_100, 17_640),
        "/wav-of-no-channel" => lying_wav(0, 44_100, 17_640),
        "/wav-of-1-Hz" => lying_wav(1, 1, 17_640),
        "/wav-of-4-GHz" => lying_wav(1, u32::MAX, 17_640),
        "/mp4-huge-box" => lying_mp4(0x7FFF_FFFF, None),
        "/mp4-endless-box" => lying_mp4(1, Some(u64::MAX)),
        "/mp4-box-of-no-size" => lying_mp4(0, None),
        "/mp4-box-shorter-than-its-head" => lying_mp4(4, None),
        "/m4a-of-4-billion-samples" => patched(M4A, b"stsz", 12, u32::MAX),
        "/flac-cut-in-its-header" => FLAC[..30].to_vec(),
        "/ogg-cut-in-its-header" => OGG[..40].to_vec(),
        "/mp3-of-weeks" => weeks_of_mp3(),
        "/mp3-of-two-rates" => mp3_of_two_rates(),
        _ => return None,
    })
}

/// The hostile previews, and what becomes of each.
const HOSTILE: &[(&str, Comes)] = &[
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
    ("/never", Comes::Late),
    ("/stalls-at-once", Comes::Late),
    ("/stalls-midway", Comes::On),
    ("/drips", Comes::Late),
    ("/wav-of-4-GB", Comes::Somehow),
    ("/wav-of-255-channels", Comes::Somehow),
    ("/wav-of-no-channel", Comes::Somehow),
    ("/wav-of-1-Hz", Comes::Somehow),
    ("/wav-of-4-GHz", Comes::Somehow),
    ("/mp4-huge-box", Comes::To("")),
    ("/mp4-endless-box", Comes::To("")),
    ("/mp4-box-of-no-size", Comes::To("")),
    ("/mp4-box-shorter-than-its-head", Comes::To("")),
    ("/m4a-of-4-billion-samples", Comes::To("")),
    ("/flac-cut-in-its-header", Comes::To("")),
    ("/ogg-cut-in-its-header", Comes::To("")),
    ("/mp3-of-weeks", Comes::On),
    ("/mp3-of-two-rates", Comes::Somehow),
];

#[test]
fn hostile_previews_leave_no_thread_no_memory_and_no_file_behind() {
    let elsewhere = Server::start(|path| match path {
        "/page" => Answer::ok(b"<!doctype html>log in".to_vec()),
        _ => Answer::endless(noise(4_000)),
    });
    let elsewhere_url = elsewhere.url("");
    let good = mp3(&sine(440.0, 0.4));
    let longer = mp3(&sine(440.0, 2.0));
    let server = Server::start(move |path| match path.split('?').next().unwrap_or_default() {
        "/never" => Answer::never(),
        "/stalls-at-once" => Answer::held_after(longer.clone(), 100),
        "/stalls-midway" => Answer::held_after(longer.clone(), longer.len() / 2),
        "/drips" => Answer::paced(longer.clone(), 200),
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
        path => Answer::ok(lies(path).unwrap_or_else(|| good.clone())),
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
    for (path, comes) in HOSTILE {
        for time in 0..TIMES {
            let asked = server.paths().len();
            // One that is on its way still would be joined.
            let ticket = rig.play(&match comes {
                Comes::Late => server.url(&format!("{path}?{time}")),
                _ => server.url(path),
            });
            match comes {
                Comes::To(words) => {
                    let failed = rig.wait_for(|event| matches!(event, Event::Failed(of, _, _) if *of == ticket));
                    assert!(
                        matches!(&failed, Event::Failed(_, text, _) if text.contains(*words)),
                        "{path}: {failed:?}"
                    );
                }
                Comes::On => drop(rig.wait_for(|event| *event == Event::Started(ticket))),
                Comes::Somehow => {
                    let over = |event: &Event| matches!(event, Event::Ended(of) | Event::Failed(of, _, _) if *of == ticket);
                    drop(rig.wait_for(over));
                }
                Comes::Late => server.wait_for_requests(asked + 1),
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
