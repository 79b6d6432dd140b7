//! What a frame and a key cost in memory asked for: bounded, and the same however many rows there are.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

// This target uses its own part of the states.
#[allow(dead_code)]
#[path = "ui_screens/states.rs"]
mod states;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use trackyard_tui::app::{Message, update};
use trackyard_tui::input::{Key, KeyPress};
use trackyard_tui::state::{Focus, State};
use trackyard_tui::ui::{Theme, draw};

const SIZE: (u16, u16) = (140, 42);
/// More than this for one frame of a full screen is a leak of care.
const MOST_FOR_A_FRAME: u64 = 2100;
/// The same for a key, and the frame not counted.
const MOST_FOR_A_KEY: u64 = 50;

fn with_rows(rows: usize) -> State {
    let mut state = states::numbered(rows, SIZE);
    state.results.selected = rows / 2;
    state.focus = Focus::Results;
    state
}

fn for_a_frame(state: &State) -> u64 {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).unwrap();
    let theme = Theme::dark();
    let mut frame = || {
        terminal.draw(|frame| draw(frame, state, &theme)).unwrap();
    };
    // The first one makes what all of them use.
    frame();
    allocation_counter::measure(frame).count_total
}

#[test]
fn a_frame_of_a_hundred_thousand_rows_asks_for_no_more_than_one_of_a_hundred() {
    let (few, many) = (for_a_frame(&with_rows(100)), for_a_frame(&with_rows(100_000)));
    assert!(few <= MOST_FOR_A_FRAME, "{few} allocations for a frame");
    // The numbers in the corner have more digits, no more.
    assert!(many <= few + few / 20, "{few} with a hundred rows, {many} with a hundred thousand");
}

#[test]
fn a_key_among_a_hundred_thousand_rows_asks_for_next_to_nothing() {
    for key in [
        KeyPress::plain(Key::Down),
        KeyPress::char('k'),
        KeyPress::char('G'),
        KeyPress::char('a'),
    ] {
        let mut state = with_rows(100_000);
        let now = states::NOW;
        let asked = allocation_counter::measure(|| drop(update(&mut state, now, Message::Key(key)))).count_total;
        assert!(asked <= MOST_FOR_A_KEY, "{asked} allocations for {key:?}");
    }
}
