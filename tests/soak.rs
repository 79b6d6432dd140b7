//! A minute of the soak: somebody uses everything, on a real terminal and a real audio server, and nothing is left behind by it. An hour of
//! the same is a bench, `cargo bench --bench soak -- 3600`, which says more about memory; there everything is explained.
//!
//! `SOAK_SEED=n` has the chance of a run that failed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../benches/soak/asking.rs"]
mod asking;
mod common;
#[path = "monkey/dice.rs"]
mod dice;
#[path = "../benches/soak/hearing.rs"]
mod hearing;
// This target uses its own part of it.
#[allow(dead_code)]
#[path = "../benches/key_to_sound/load.rs"]
mod load;
#[path = "../benches/soak/looking.rs"]
mod looking;
mod rig;
#[path = "../benches/soak/run.rs"]
mod run;
#[path = "../benches/soak/user.rs"]
mod user;
#[path = "../benches/soak/verdict.rs"]
mod verdict;
#[path = "../benches/soak/watch.rs"]
mod watch;

use std::time::Duration;

use run::{Plan, run, seed_asked_for};

#[test]
fn a_minute_of_everything_leaves_no_thread_no_file_and_little_memory_behind() {
    let seed = seed_asked_for().unwrap_or(1);
    let grown = run(&Plan::of(Duration::from_mins(1), seed));
    assert!(grown.is_empty(), "SOAK_SEED={seed}: {grown:#?}");
}
