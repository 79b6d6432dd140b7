//! The whole program on a real terminal and a real audio server: what is under the cursor is what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
// This target uses its own part of it.
#[allow(dead_code)]
#[path = "audio_player/rig.rs"]
mod player_rig;
mod rig;

use std::time::{Duration, Instant};

use common::{House, terminal::Terminal};
use player_rig::{Answer, Server, sine, wav};
use rig::{PATIENCE, RATE, Rig, decode, likeness, steady_loudness};
use trackyard_tui::sandbox::{Fault, Target};

/// How much is listened to at a time, in samples: half a second.
const HEARD: usize = RATE / 2;

/// Has the program begin with a large buffer, so that a busy machine is not heard: how small it can be is another matter.
fn with_steady_buffer(house: &House) {
    let state = house.path().join(".local/state/trackyard-tui");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("audio-buffers"), "4096 pulseaudio:rig\n").unwrap();
}

/// What the server would send for a preview.
fn preview(house: &House, path: &str) -> Vec<f32> {
    let url = format!("{}{path}", house.sandbox.preview_origin());
    trackyard_tui::tls::choose();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async { reqwest::get(url).await.unwrap().bytes().await.unwrap() });
    decode(bytes.to_vec())
}

/// What is heard from a mark on, in pieces: on a busy machine the server's recording has gaps, and a piece with one is like nothing.
fn windows(rig: &Rig, mut mark: usize) -> Vec<Vec<f32>> {
    let mut pieces = Vec::new();
    for _ in 0..4 {
        pieces.push(rig.wait_for_sound(mark, HEARD));
        mark = rig.mark();
    }
    pieces
}

/// How like the music the piece is that is most like it.
fn likeness_of(pieces: &[Vec<f32>], music: &[f32]) -> f64 {
    pieces.iter().map(|piece| likeness(piece, music)).fold(0.0, f64::max)
}

#[test]
fn the_sound_is_the_tracks_and_follows_the_cursor_and_a_cancelled_download_costs_nothing() {
    let (house, rig) = (House::new(), Rig::start());
    with_steady_buffer(&house);
    let mut environment = house.environment();
    environment.extend(rig.environment());
    let mut terminal = Terminal::start(&[], &environment, 140, 42);
    terminal.wait_for("50");
    terminal.type_keys("calm piano for a rainy scene\r");
    terminal.wait_for("100 tracks");

    // Everything is recorded first and looked at afterwards: a preview does not wait.
    let first = windows(&rig, 0);
    terminal.type_keys("j");
    let second = windows(&rig, rig.mark());
    terminal.type_keys("d");
    terminal.wait_for("y confirms");
    terminal.type_keys("\x1b");
    terminal.wait_gone("y confirms");
    let still = windows(&rig, rig.mark());
    terminal.type_keys(" ");
    rig.wait_for_silence(2 * HEARD);

    // The same question again is answered from the library, for nothing: it tells which preview belongs to which row.
    let rows = house.run(&["search", "calm piano for a rainy scene", "--json"]).exits(0).json();
    let music = |row: usize| {
        let url = rows["tracks"][row]["preview_url"].as_str().unwrap();
        preview(&house, url.strip_prefix(house.sandbox.preview_origin()).unwrap())
    };
    let (first_music, second_music) = (music(0), music(1));
    let alike = [
        likeness_of(&first, &first_music),
        likeness_of(&second, &second_music),
        likeness_of(&still, &second_music),
    ];
    assert!(
        alike.iter().all(|likeness| *likeness > 0.9),
        "each row sounds as it should, and Esc leaves it alone: {alike:?}"
    );
    // What was on its way through the audio server is long played in the last piece.
    let mixed_up = likeness_of(&second[second.len() - 1..], &first_music);
    assert!(mixed_up < 0.7, "the first row is silent by then: {mixed_up}");
    assert_eq!(house.sandbox.charged(), 1, "a cancelled download costs nothing");
    let with_key = house
        .sandbox
        .requests()
        .iter()
        .filter(|seen| seen.path.starts_with("/previews/") && seen.authorized)
        .count();
    assert_eq!(with_key, 0);
}

/// A tone as a file: half a second more than is measured.
fn tone(path: &std::path::Path, level: f64) {
    let samples: Vec<i16> = (0..5 * RATE)
        .map(|at| {
            let time = at as f64 / RATE as f64;
            let tone = |pitch: f64| (time * pitch * std::f64::consts::TAU).sin();
            (level * (tone(330.0) + tone(990.0)) / 2.0 * 32_767.0) as i16
        })
        .collect();
    let size = samples.len() as u32 * 2;
    let mut out = Vec::new();
    out.extend(b"RIFF");
    out.extend((36 + size).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    out.extend((RATE as u32).to_le_bytes());
    out.extend((RATE as u32 * 2).to_le_bytes());
    out.extend(b"\x02\0\x10\0data");
    out.extend(size.to_le_bytes());
    out.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(path, out).unwrap();
}

#[test]
fn evened_out_what_the_audio_server_gets_is_equally_loud_and_play_ends_by_itself_or_by_control_c() {
    let (house, rig) = (House::new(), Rig::start());
    let mut environment = house.environment();
    environment.extend(rig.environment());
    let config = house.path().join("even.toml");
    std::fs::write(&config, "even_loudness = true\n").unwrap();
    environment.push(("TRACKYARD_TUI_CONFIG".to_owned(), config.display().to_string()));
    let mut heard = Vec::new();
    for (name, level) in [("loud.wav", 0.9), ("quiet.wav", 0.03)] {
        let file = house.path().join(name);
        tone(&file, level);
        let mark = rig.mark();
        let mut terminal = Terminal::start(&["play", file.to_str().unwrap()], &environment, 80, 24);
        terminal.wait_for(name);
        assert_eq!(terminal.wait_exit().exit_code(), 0);
        let sound = rig.wait_for_sound(mark, 4 * RATE);
        // Nobody had listened to it before: the gain has glided to where it belongs by then.
        let sound = &sound[2 * RATE..];
        assert!(sound.iter().all(|sample| sample.abs() < 0.999), "{name} clips");
        heard.push(steady_loudness(sound));
    }
    assert!((heard[0] - heard[1]).abs() <= 1.0, "{heard:?} LUFS of files 29 LU apart");

    let mark = rig.mark();
    let mut terminal = Terminal::start(&["play", house.path().join("loud.wav").to_str().unwrap()], &environment, 80, 24);
    rig.wait_for_sound(mark, RATE / 10);
    terminal.type_keys("\x03");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    rig.wait_for_silence(RATE / 5);
}

#[test]
fn play_sounds_a_track_by_its_id_and_a_preview_by_its_address() {
    let (house, rig) = (House::new(), Rig::start());
    with_steady_buffer(&house);
    let mut environment = house.environment();
    environment.extend(rig.environment());
    let found = house.run(&["search", "calm piano for a rainy scene", "--json"]).exits(0).json();
    let field = |row: usize, name: &str| found["tracks"][row][name].as_str().unwrap().to_owned();
    let path = |row: usize| {
        let url = field(row, "preview_url");
        url.strip_prefix(house.sandbox.preview_origin()).unwrap().to_owned()
    };
    let before = house.sandbox.requests().len();
    let heard: Vec<Vec<Vec<f32>>> = [field(0, "id"), field(1, "preview_url")]
        .iter()
        .map(|source| {
            let mark = rig.mark();
            let mut terminal = Terminal::start(&["play", source.as_str()], &environment, 80, 24);
            let heard = windows(&rig, mark);
            terminal.type_keys("\x03");
            assert_eq!(terminal.wait_exit().exit_code(), 0);
            rig.wait_for_silence(RATE / 5);
            heard
        })
        .collect();
    let asked: Vec<String> = house.sandbox.requests()[before..].iter().map(|seen| seen.path.clone()).collect();
    assert_eq!(asked, [path(0), path(1)], "nothing else is asked for");
    for (row, heard) in heard.iter().enumerate() {
        let (own, other) = (preview(&house, &path(row)), preview(&house, &path(1 - row)));
        let (own, other) = (likeness_of(heard, &own), likeness_of(&heard[heard.len() - 1..], &other));
        assert!(own > 0.9 && other < 0.7, "row {row}: {own} like itself, {other} like the other one");
    }
    assert_eq!(house.sandbox.charged(), 1, "the search alone");
}

/// The program on a terminal, a hundred tracks found, the first of which sounds.
fn listening(house: &House, rig: &Rig, args: &[&str]) -> Terminal {
    listening_in(house, rig, rig.environment(), args)
}

fn listening_in(house: &House, rig: &Rig, surroundings: Vec<(String, String)>, args: &[&str]) -> Terminal {
    let mut environment = house.environment();
    environment.extend(surroundings);
    let mut terminal = Terminal::start(args, &environment, 140, 42);
    terminal.wait_for("50");
    terminal.type_keys("calm piano for a rainy scene\r");
    terminal.wait_for("100 tracks");
    rig.wait_for_sound(rig.mark(), HEARD);
    terminal
}

#[test]
fn a_device_that_is_unplugged_and_plugged_in_again_is_taken_up_by_itself() {
    let (house, mut rig) = (House::new(), Rig::start());
    let mut terminal = listening(&house, &rig, &[]);
    terminal.type_keys("r");
    rig.unplug();
    terminal.wait_for("silent: ");
    let mark = rig.mark();
    rig.plug();
    rig.wait_for_sound(mark, HEARD);
    terminal.wait_gone("silent: ");
    // And once more, since what was made for the first time could be left over.
    rig.unplug();
    terminal.wait_for("silent: ");
    let mark = rig.mark();
    rig.plug();
    rig.wait_for_sound(mark, HEARD);
}

#[test]
fn a_sound_server_that_hangs_is_told_while_the_keys_go_on_and_is_heard_again_when_it_answers() {
    let (house, rig) = (House::new(), Rig::start());
    let mut terminal = listening(&house, &rig, &[]);
    terminal.type_keys("r");
    rig.freeze();
    terminal.wait_for("silent: the sound s");
    // While one that does not answer is being opened again, too.
    for row in 2..6 {
        terminal.type_keys("j");
        terminal.wait_for(&format!("{row} / 100"));
    }
    rig.thaw();
    terminal.wait_gone("silent: ");
    rig.wait_for_sound(rig.mark(), HEARD);
}

#[test]
fn when_another_device_becomes_the_default_the_sound_goes_on() {
    let (house, mut rig) = (House::new(), Rig::start());
    let mut terminal = listening(&house, &rig, &[]);
    terminal.type_keys("r");
    rig.add_default("headset");
    // Which of them it is, the server decides. One that runs dry on a busy machine is opened anew: for a moment there is no stream.
    let end = Instant::now() + Duration::from_mins(1);
    let device = loop {
        if let Some(device) = rig.playing_on() {
            break device;
        }
        assert!(Instant::now() < end, "nothing plays any more");
        std::thread::park_timeout(Duration::from_millis(50));
    };
    rig.listen_to(&device);
    rig.wait_for_sound(rig.mark(), HEARD);
    assert!(!terminal.screen().contains("silent: "), "{}", terminal.screen());
}

#[test]
fn it_plays_on_the_device_that_was_asked_for_and_says_when_there_is_none_of_that_name() {
    let (house, mut rig) = (House::new(), Rig::start());
    rig.listen_to_another("headset");
    // Heard on the other device, which is the only one that is listened to.
    drop(listening(&house, &rig, &["--audio-device", "HEADSET"]));
    let mut environment = house.environment();
    environment.extend(rig.environment());
    let mut terminal = Terminal::start(&["--audio-device", "gramophone"], &environment, 140, 42);
    terminal.wait_for("49");
    terminal.type_keys("calm piano for a rainy scene\r");
    terminal.wait_for("no audio device named “gramophone”");
}

#[test]
fn where_no_sound_server_is_found_it_plays_on_the_card_and_can_be_paused() {
    let (house, rig) = (House::new(), Rig::start());
    let mut terminal = listening_in(&house, &rig, rig.environment_of_a_card(), &[]);
    // A card that runs dry on a busy machine is opened anew with a larger buffer, so for a moment there may be no stream.
    let end = Instant::now() + PATIENCE;
    loop {
        let streams = rig.pactl(&["list", "sink-inputs"]);
        if streams.contains("ALSA") {
            break;
        }
        assert!(Instant::now() < end, "it is not the card that sounds: {streams}");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    terminal.type_keys(" ");
    rig.wait_for_silence(RATE / 5);
    let mark = rig.mark();
    terminal.type_keys(" ");
    rig.wait_for_sound(mark, HEARD / 5);
}

#[test]
fn pausing_and_going_on_leaves_no_thread_and_no_file_behind() {
    let (house, rig) = (House::new(), Rig::start());
    let mut terminal = listening(&house, &rig, &[]);
    let process = terminal.process();
    let held = |what: &str| std::fs::read_dir(format!("/proc/{process}/{what}")).unwrap().count();
    let mut rounds: Vec<(usize, usize)> = Vec::new();
    for _ in 0..6 {
        terminal.type_keys(" ");
        // The device is let go two seconds after the pause: then one of the server's streams is gone.
        let end = Instant::now() + PATIENCE;
        while !rig.pactl(&["list", "short", "sink-inputs"]).is_empty() {
            assert!(Instant::now() < end, "the device is not let go");
            std::thread::park_timeout(Duration::from_millis(50));
        }
        // Its threads end a little later. The first rounds may make what is made once.
        std::thread::park_timeout(Duration::from_millis(300));
        let mut now = (held("task"), held("fd"));
        if let Some(early) = rounds.get(1) {
            while now.0 > early.0 || now.1 > early.1 {
                assert!(Instant::now() < end + PATIENCE, "threads and files: {rounds:?}, and now {now:?}");
                std::thread::park_timeout(Duration::from_millis(50));
                now = (held("task"), held("fd"));
            }
        }
        rounds.push(now);
        let mark = rig.mark();
        terminal.type_keys("0 ");
        rig.wait_for_sound(mark, HEARD / 5);
    }
}

#[test]
fn going_from_track_to_track_makes_no_click() {
    let (house, rig) = (House::new(), Rig::start());
    with_steady_buffer(&house);
    // Tones instead of music: a click is what a tone of this loudness cannot do.
    let server = Server::start(|path| Answer::ok(wav(&sine(if path.ends_with('0') { 400.0 } else { 600.0 }, 8.0))));
    let origin = server.url("");
    house.sandbox.faults().add(
        Target::Search,
        Fault::mangle(move |answer| {
            for (row, track) in answer["tracks"].as_array_mut().into_iter().flatten().enumerate() {
                track["preview_url"] = format!("{origin}/{}", row % 2).into();
            }
        }),
    );
    let mut terminal = listening(&house, &rig, &[]);
    let changes: Vec<Vec<f32>> = (0..6)
        .map(|_| {
            let mark = rig.mark();
            terminal.type_keys("j");
            // The change, and some of the tone after it.
            rig.wait_for_samples(mark, RATE);
            rig.since(mark)
        })
        .collect();
    let loudest = changes.iter().flatten().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    // The steepest that 600 Hz of this amplitude gets, and as much again for the other tone that fades beside it.
    let steepest = 2.0 * loudest * 600.0 * std::f32::consts::TAU / RATE as f32;
    let jumps: Vec<f32> = changes
        .iter()
        .map(|sound| sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max))
        .collect();
    assert!(loudest > 0.2, "it is heard: {loudest}");
    // A change that clicks does so each time. On a busy machine the recording itself has a gap now and then.
    let clean = jumps.iter().filter(|jump| **jump < steepest).count();
    assert!(clean >= 4, "steps of {jumps:?}, when {steepest} is what the tones make");
}
