//! Money, over real sockets, files and processes: what the door sends, what it never sends again, and what it tells the ledger.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "../common/environment.rs"]
mod environment;
mod fault_server;
mod scene;
mod spending;
mod steps;

mod callers;
mod disk;
mod download;
mod failures;
mod history;
mod joining;
mod killed;
mod limits;
mod programs;
mod table;
mod truth;
