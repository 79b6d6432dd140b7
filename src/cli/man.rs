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
    let own = Page::new(program.clone());
    own.render_title(&mut page)?;
    own.render_name_section(&mut page)?;
    own.render_synopsis_section(&mut page)?;
    own.render_description_section(&mut page)?;
    own.render_options_section(&mut page)?;
    own.render_subcommands_section(&mut page)?;
    as_written(&mut page, &program)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command
            .get_display_name()
            .unwrap_or(command.get_name())
            .replace("trackyard-tui-", "");
        let own = Page::new(command.clone());
        let mut heading = Roff::new();
        heading.control("SH", [format!("COMMAND {}", name.to_uppercase()).as_str()]);
        heading.text([bold(format!("trackyard-tui {name}")), roman(": "), roman(about(command))]);
        heading.to_writer(&mut page)?;
        own.render_synopsis_section(&mut page)?;
        own.render_options_section(&mut page)?;
        as_written(&mut page, command)?;
    }
    Ok(page)
}

/// The examples of a command, line by line.
fn as_written(page: &mut Vec<u8>, command: &clap::Command) -> io::Result<()> {
    let Some(text) = command.get_after_help() else { return Ok(()) };
    let mut section = Roff::new();
    section.control("PP", []).control("nf", []);
    for line in text.to_string().lines() {
        section.text([roman(line)]);
    }
    section.control("fi", []);
    section.to_writer(page)
}

fn about(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A page for the program and one for each command, as `man` looks for them.
fn write_all(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Args::command(), folder)?;
    super::remark(&format!("the pages are in {}", folder.display()));
    Ok(())
}
