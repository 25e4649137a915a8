//! `groupsync completions SHELL`: completions for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;

/// Prints the completions.
pub fn run(shell: Shell, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "groupsync", &mut script);
    printer.data(&String::from_utf8(script)?)?;
    Ok(Exit::Done)
}
