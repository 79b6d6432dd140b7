//! A terminal music browser for the Trackyard API: describe music, hear it at once, and only then spend a credit.
//!
//! This page is the map of the house.
//!
//! | you look for | it is in |
//! |---|---|
//! | what a key does | [`input`] turns a key into an action, [`app`] turns the action into a new state and effects |
//! | what can spend a credit | [`spend`]: the only door to a paid request |
//! | the HTTP contract | [`api`] |
//! | where a preview's bytes go | [`audio`] |
//! | what is drawn | [`state`] is the data, [`ui`] draws it |
//! | what runs in the background | [`tasks`] |
//! | what was seen before | [`library`] |
//! | what a file or a variable configures | [`config`] |
//! | a subcommand | [`cli`] |
//! | the screen's program in lines of text (`--plain`) | [`plain`] |
//! | fitting a track to a length: rehearse, cut, verify | [`clip`] |
//! | the terminal itself: raw mode, signals, clipboard | [`term`] |
//! | strings from outside made safe | [`text`] |
//! | the cryptography of HTTPS | [`tls`] |
//! | what natural words mean | [`words`] |
//! | many briefs at once | [`batch`] |
//! | the embedded Trackyard | [`sandbox`] |
//!
//! One way through: a terminal event becomes an action ([`input`]), [`app::update`](app) turns it into a changed
//! [`state::State`] and a list of effects, [`tasks`] runs the effects and sends messages back, and [`ui`] draws the state.

// These panic when nobody reads any more: see `cli` for what does not.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod api;
pub mod app;
pub mod audio;
pub mod batch;
pub mod cli;
pub mod clip;
pub mod config;
pub mod input;
pub mod library;
pub mod plain;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod spend;
pub mod state;
pub mod tasks;
pub mod term;
pub mod text;
pub mod tls;
pub mod ui;
pub mod words;
