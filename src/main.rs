//! Hands the command line over; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    trackyard_tui::cli::run(std::env::args_os())
}
