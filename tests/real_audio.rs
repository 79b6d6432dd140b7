//! The whole program on a real terminal and a real audio server: what is under the cursor is what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod rig;

use std::time::Duration;

use common::{House, terminal::Terminal};
use rig::{RATE, Rig, decode, likeness};

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

    let first = rig.wait_for_sound(0, RATE * 2);
    let paths: Vec<String> = house
        .sandbox
        .requests()
        .iter()
        .filter(|seen| seen.path.starts_with("/previews/"))
        .map(|seen| seen.path.clone())
        .collect();
    let first_music = preview(&house, &paths[0]);
    let alike = likeness(&first[..RATE], &first_music);
    assert!(alike > 0.9, "the first row is heard: {alike}");

    // The next row was fetched ahead; its sound takes the place of the first one's.
    let before = house.sandbox.requests().len();
    terminal.type_keys("j");
    std::thread::park_timeout(Duration::from_millis(400));
    let second = rig.wait_for_sound(rig.mark(), RATE * 2);
    let asked: Vec<String> = house.sandbox.requests()[..before].iter().map(|seen| seen.path.clone()).collect();
    let second_path = asked
        .iter()
        .filter(|path| path.starts_with("/previews/"))
        .nth(1)
        .expect("the second row was fetched ahead");
    let second_music = preview(&house, second_path);
    let alike = likeness(&second[..RATE], &second_music);
    assert!(alike > 0.9, "the second row is heard: {alike}");
    assert!(likeness(&second[..RATE], &first_music) < 0.6, "and the first no longer");

    terminal.type_keys("d");
    terminal.wait_for("y confirms");
    terminal.type_keys("\x1b");
    terminal.wait_gone("y confirms");
    assert_eq!(house.sandbox.charged(), 1);
    let still = rig.wait_for_sound(rig.mark(), RATE);
    assert!(likeness(&still, &second_music) > 0.9, "a popup and Esc leave the sound alone");

    // Paused, it is silent.
    terminal.type_keys(" ");
    std::thread::park_timeout(Duration::from_millis(500));
    let mark = rig.mark();
    std::thread::park_timeout(Duration::from_secs(1));
    let quiet = rig.since(mark);
    assert!(!quiet.is_empty() && quiet.iter().all(|sample| sample.abs() < 0.001));
    assert!(
        house
            .sandbox
            .requests()
            .iter()
            .filter(|seen| seen.path.starts_with("/previews/"))
            .all(|seen| !seen.authorized)
    );
}
