//! A monkey at the keyboard: random keys, pastes, sizes and faults, in the real loop, against the real sandbox over sockets.
//! Whatever it does, nothing is spent without an act, nothing paid for is unaccounted for, and nothing hostile is drawn.
//!
//! `MONKEY_EVENTS` sets how many events a seed gets, and `MONKEY_SEED` plays one seed alone.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod dice;
mod mischief;
mod screen;
mod session;

use std::path::Path;

use dice::Dice;
use rusqlite::Connection;
use session::Zoo;

/// Events of a seed in an ordinary run.
const EVENTS: usize = 1500;

fn events() -> usize {
    std::env::var("MONKEY_EVENTS").map_or(EVENTS, |events| events.parse().unwrap())
}

/// What the ledger says: rows that were charged, that may have been, and all.
fn ledger(path: &Path) -> (u64, u64, u64) {
    let db = Connection::open(path).unwrap();
    let count = |which: &str| {
        db.query_row(&format!("SELECT count(*) FROM spends WHERE {which}"), (), |row| {
            row.get::<_, i64>(0)
        })
        .unwrap() as u64
    };
    (
        count("state = 'charged'"),
        count("state = 'unknown' OR (state = 'pending' AND sent_ms IS NOT NULL)"),
        count("1"),
    )
}

/// The kinds of rows there are, for who looks for what went wrong.
fn kinds(path: &Path) -> Vec<String> {
    let db = Connection::open(path).unwrap();
    let mut rows = db
        .prepare("SELECT count(*), endpoint, state, coalesce(note, '') FROM spends GROUP BY 2, 3, 4")
        .unwrap();
    let kinds = rows.query_map((), |row| {
        let (count, endpoint, state, note): (i64, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(format!("{count} {endpoint} {state} {note}"))
    });
    kinds.unwrap().map(Result::unwrap).collect()
}

fn play(seed: u64) {
    let mut zoo = Zoo::new();
    let mut dice = Dice::new(seed);
    let mut left = events();
    while left > 0 {
        // A session ends as sessions do: by leaving, or in mid-flight.
        left = left.saturating_sub(zoo.session(&mut dice, left));
        let (charged, maybe, rows) = ledger(&zoo.ledger());
        let paid = zoo.sandbox.charged();
        let permits = zoo.permits();
        assert!(paid <= permits, "seed {seed}: {paid} charged, {permits} permits");
        assert!(rows <= permits, "seed {seed}: {rows} rows, {permits} permits");
        assert!(
            (charged..=charged + maybe).contains(&paid),
            "seed {seed}: {paid} charged by the server, the ledger has {charged} and perhaps {maybe}: {:#?}",
            kinds(&zoo.ledger())
        );
    }
    zoo.no_half_file_has_a_whole_name();
    zoo.the_key_is_in_no_file();
    // A monkey that never bought anything has shown nothing.
    let (charged, ..) = ledger(&zoo.ledger());
    assert!(charged > 5, "seed {seed}: only {charged} charged");
    assert!(zoo.downloads() > 0, "seed {seed}: nothing was downloaded");

    // The next start settles what the history can tell, and still agrees with the server.
    zoo.settle();
    let (charged, maybe, _) = ledger(&zoo.ledger());
    let paid = zoo.sandbox.charged();
    assert!(
        (charged..=charged + maybe).contains(&paid),
        "seed {seed}, settled: {paid} charged by the server, the ledger has {charged} and perhaps {maybe}"
    );
}

fn unless_another_is_asked_for(seed: u64) {
    match std::env::var("MONKEY_SEED") {
        Err(_) => play(seed),
        // One test plays it; the others have nothing to add.
        Ok(asked) if seed == 1 => play(asked.parse().unwrap()),
        Ok(_) => {}
    }
}

#[test]
fn one_monkey() {
    unless_another_is_asked_for(1);
}

#[test]
fn two_monkeys() {
    unless_another_is_asked_for(2);
}

#[test]
fn three_monkeys() {
    unless_another_is_asked_for(3);
}

#[test]
fn four_monkeys() {
    unless_another_is_asked_for(4);
}
