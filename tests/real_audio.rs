//! The whole program on a real terminal and a real audio server: what is under the cursor is what comes out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod rig;

use std::time::Duration;

use common::{House, terminal::Terminal};
use rig::{RATE, Rig, decode, likeness};

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
    let before = house.sandbox.requests().len();
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

    let previews: Vec<String> = house.sandbox.requests()[..before]
        .iter()
        .map(|seen| seen.path.clone())
        .filter(|path| path.starts_with("/previews/"))
        .collect();
    assert!(previews.len() >= 2, "the second row was fetched ahead: {previews:?}");
    let (first_music, second_music) = (preview(&house, &previews[0]), preview(&house, &previews[1]));
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
