//! The whole program on a real terminal and a real audio server: what is under the cursor is what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod rig;

use std::time::Duration;

use common::{House, terminal::Terminal};
use rig::{RATE, Rig, decode, likeness, loudness};

/// How much is listened to at a time, in samples: half a second.
const HEARD: usize = RATE / 2;

/// What the server would send for a preview.
fn preview(house: &House, path: &str) -> Vec<f32> {
    let url = format!("{}{path}", house.sandbox.preview_origin());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let bytes = runtime.block_on(async { reqwest::get(url).await.unwrap().bytes().await.unwrap() });
    decode(bytes.to_vec())
}

#[test]
fn the_sound_is_the_tracks_and_follows_the_cursor_and_a_cancelled_download_costs_nothing() {
    let (house, rig) = (House::new(), Rig::start());
    let mut environment = house.environment();
    environment.extend(rig.environment());
    let mut terminal = Terminal::start(&[], &environment, 140, 42);
    terminal.wait_for("50");
    terminal.type_keys("calm piano for a rainy scene\r");
    terminal.wait_for("100 tracks");

    // Everything is recorded first and looked at afterwards: a preview does not wait.
    let first = rig.wait_for_sound(0, HEARD);
    terminal.type_keys("j");
    // What is still on its way through the audio server is the first row's.
    std::thread::park_timeout(Duration::from_millis(400));
    let second = rig.wait_for_sound(rig.mark(), HEARD);
    terminal.type_keys("d");
    terminal.wait_for("y confirms");
    terminal.type_keys("\x1b");
    terminal.wait_gone("y confirms");
    let still = rig.wait_for_sound(rig.mark(), HEARD);
    terminal.type_keys(" ");
    std::thread::park_timeout(Duration::from_millis(500));
    let mark = rig.mark();
    std::thread::park_timeout(Duration::from_secs(1));
    let quiet = rig.since(mark);

    // The same question again is answered from the library, for nothing: it tells which preview belongs to which row.
    let rows = house.run(&["search", "calm piano for a rainy scene", "--json"]).exits(0).json();
    let music = |row: usize| {
        let url = rows["tracks"][row]["preview_url"].as_str().unwrap();
        preview(&house, url.strip_prefix(house.sandbox.preview_origin()).unwrap())
    };
    let (first_music, second_music) = (music(0), music(1));
    let alike = [
        likeness(&first, &first_music),
        likeness(&second, &second_music),
        likeness(&still, &second_music),
    ];
    assert!(
        alike.iter().all(|likeness| *likeness > 0.9),
        "each row sounds as it should, and Esc leaves it alone: {alike:?}"
    );
    let mixed_up = likeness(&second, &first_music);
    assert!(mixed_up < 0.7, "the first row is silent by then: {mixed_up}");
    assert!(
        !quiet.is_empty() && quiet.iter().all(|sample| sample.abs() < 0.001),
        "paused, it is silent"
    );
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
        heard.push(loudness(sound));
    }
    assert!((heard[0] - heard[1]).abs() <= 1.0, "{heard:?} LUFS of files 29 LU apart");

    let mark = rig.mark();
    let mut terminal = Terminal::start(&["play", house.path().join("loud.wav").to_str().unwrap()], &environment, 80, 24);
    rig.wait_for_sound(mark, RATE / 10);
    terminal.type_keys("\x03");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    let mark = rig.mark();
    std::thread::park_timeout(Duration::from_millis(300));
    assert!(
        rig.since(mark).iter().skip(RATE / 10).all(|sample| sample.abs() < 0.001),
        "it is silent"
    );
}
