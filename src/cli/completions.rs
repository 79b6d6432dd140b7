//! `completions`: what a shell needs to complete our words.

use clap::CommandFactory;

use super::args::{Args, Completions};

pub(super) fn run(args: &Completions) {
    let mut program = Args::command();
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, name, &mut script);
    super::print_bytes(&script);
}
