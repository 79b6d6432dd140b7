//! An hour of somebody who uses everything, on a real terminal, with the sandbox for a server and sound on a real audio server: searches,
//! auditions, clips, downloads, windows of every size, a server in trouble, a device that goes and comes. What the program holds, in memory
//! and on the disk, is taken down whenever it has come to rest. In the second half nothing is asked that was not asked before, so all of it
//! has to stay where it is.
//!
//! `cargo bench --bench soak -- 3600` takes an hour, `-- 600` ten minutes; without a number nothing is done, so that a plain `cargo bench`
//! comes to an end. It prints a line for each moment of rest and
//! fails when something has grown. What is done is chance that can be had again: `SOAK_SEED=n` plays it once more, as far as time allows.
//! `SOAK_WITHOUT=device,storm` leaves out some kinds of actions; the end names all kinds. Needs Linux, `pulseaudio` and `parec`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on stops")]

mod asking;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "../../tests/monkey/dice.rs"]
mod dice;
mod hearing;
// This bench uses its own part of it.
#[allow(dead_code)]
#[path = "../key_to_sound/load.rs"]
mod load;
mod looking;
#[path = "../../tests/rig/mod.rs"]
mod rig;
mod run;
mod user;
mod verdict;
mod watch;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use run::{Plan, run, seed_asked_for};

fn main() {
    // `cargo bench` passes options of its own.
    let Some(seconds) = std::env::args().skip(1).find_map(|arg| arg.parse().ok()) else {
        println!("A soak has to be told how many seconds it takes: cargo bench --bench soak -- 3600");
        return;
    };
    let by_the_clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let seed = seed_asked_for().unwrap_or_else(by_the_clock);
    let missed = run(&Plan::of(Duration::from_secs(seconds), seed));
    println!();
    if missed.is_empty() {
        println!("Nothing has grown.");
    } else {
        missed.iter().for_each(|missed| println!("MISSED  {missed}"));
        std::process::exit(1);
    }
}
