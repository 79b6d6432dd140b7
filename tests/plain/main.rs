//! The program in lines of text, through a pipe and at a terminal: what it says, what it costs, and that nobody is surprised.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod ends;
mod spending;
mod using;

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::terminal::{PATIENCE, Terminal};
use common::{House, PROGRAM, decoded, fed};
use trackyard_tui::sandbox::{Fault, Target};

/// What was said to these lines, and how it ended.
fn talk_with(house: &House, args: &[&str], variables: &[(&str, &str)], lines: &[&str]) -> (Vec<String>, i32) {
    let mut command = house.command(&["--plain", "--no-audio"]);
    command.args(args);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = fed(&mut command, &(lines.join("\n") + "\n"));
    let said = String::from_utf8(output.stdout).unwrap();
    for c in said.chars() {
        assert!(c == '\n' || !c.is_control(), "only text is written: {c:?} in {said}");
        assert!(!('\u{2500}'..='\u{259f}').contains(&c), "nothing is drawn: {c} in {said}");
    }
    assert!(!said.contains(house.sandbox.key()), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "everything is in one place");
    (said.lines().map(ToOwned::to_owned).collect(), output.status.code().unwrap_or(-1))
}

fn talk(house: &House, lines: &[&str]) -> Vec<String> {
    let (said, exit) = talk_with(house, &[], &[], lines);
    assert_eq!(exit, 0, "{said:#?}");
    said
}

#[track_caller]
fn heard(said: &[String], words: &str) -> usize {
    said.iter()
        .position(|line| line.contains(words))
        .unwrap_or_else(|| panic!("never heard {words:?} in {said:#?}"))
}
