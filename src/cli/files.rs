//! Reads desired-state files for a command, and tells the person what is wrong with them.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::desired;
use crate::desired::diagnostic::Severity;
use crate::desired::state::DesiredState;
use crate::report::diagnostics;

/// What the files ask for. Whatever is wrong with them goes to stderr; an error among it ends the command.
pub fn read(dir: &Path, printer: &mut Printer) -> Result<DesiredState, Failure> {
    let read = desired::read(dir);
    if read.diagnostics.iter().any(|diagnostic| diagnostic.severity != Severity::Note) {
        printer.note(&diagnostics::text(&read.diagnostics, dir));
    }
    read.state.ok_or_else(|| Failure::misused(format!("the files in {} cannot be used", dir.display())))
}
