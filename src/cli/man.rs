//! `man`: the manual, made from the command line itself.

use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man as Page;
use clap_mangen::roff::{Roff, bold, roman};

use super::args::{Args, Man};
use super::failure::Failure;

pub(super) fn run(args: &Man) -> Result<(), Failure> {
    match &args.output {
        None => {
            super::print_bytes(&manual().map_err(|error| Failure::other(format!("the manual cannot be made: {error}")))?);
            Ok(())
        }
        Some(folder) => write_all(folder).map_err(|error| Failure::other(format!("{} cannot be written: {error}", folder.display()))),
    }
}

/// The page of the program, with every command's own page behind it.
fn manual() -> io::Result<Vec<u8>> {
    let mut program = Args::command();
    program.build();
    let mut page = Vec::new();
    Page::new(program.clone()).render(&mut page)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_display_name().unwrap_or(command.get_name()).replace("trackyard-tui-", "");
        let own = Page::new(command.clone());
        let mut heading = Roff::new();
        heading.control("SH", [format!("COMMAND {}", name.to_uppercase()).as_str()]);
        heading.text([bold(format!("trackyard-tui {name}")), roman(": "), roman(about(command))]);
        heading.to_writer(&mut page)?;
        own.render_synopsis_section(&mut page)?;
        own.render_options_section(&mut page)?;
        own.render_extra_section(&mut page)?;
    }
    Ok(page)
}

fn about(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A page for the program and one for each command, as `man` looks for them.
fn write_all(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Args::command(), folder)?;
    eprintln!("trackyard-tui: the pages are in {}", folder.display());
    Ok(())
}
