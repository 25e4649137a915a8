//! `groupsync man`: the manual page, with a section for every command.

use std::io::Write;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;

/// Prints the page.
pub fn run(printer: &mut Printer) -> Result<Exit, Failure> {
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for subcommand in command.get_subcommands() {
        let man = Man::new(subcommand.clone());
        writeln!(page, ".SH \"COMMAND {}\"", subcommand.get_name().to_uppercase())?;
        let mut section = Vec::new();
        man.render_synopsis_section(&mut section)?;
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        // Sections of a command are subsections of the page.
        page.extend(String::from_utf8(section)?.replace(".SH ", ".SS ").into_bytes());
    }
    printer.data(&once(&String::from_utf8(page)?))?;
    Ok(Exit::Done)
}

/// Every section begins by defining the same string; once is enough.
fn once(page: &str) -> String {
    let mut shown = String::with_capacity(page.len());
    for (place, line) in page.lines().enumerate() {
        let preamble = line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds Aq");
        if !preamble || place < 2 {
            shown.push_str(line);
            shown.push('\n');
        }
    }
    shown
}
