//! `groupsync validate`: every problem in the files at once.

use std::path::Path;

use crate::cli::args::ProblemFormat;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::printer::Printer;
use crate::desired;
use crate::desired::base;
use crate::desired::diagnostic::Severity;
use crate::report::diagnostics;

/// Shows the problems of the files in `dir`, those that only show against `base` included.
pub fn run(
    dir: &Path,
    base: Option<&Path>,
    format: ProblemFormat,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut read = desired::read(dir);
    match (base, &read.state) {
        (None, _) => read.diagnostics.push(base::not_compared()),
        (Some(base), Some(state)) => {
            let before = files::read_base(base)?;
            read.diagnostics.extend(base::compare(&before.0, state));
            read.diagnostics.extend(base::mixed(&before.1, &read.sources));
        }
        // What is broken cannot be compared, and its own problems are enough for one look.
        (Some(_), None) => {}
    }
    printer.data(&match format {
        ProblemFormat::Text => diagnostics::text(&read.diagnostics, dir),
        ProblemFormat::Json => diagnostics::json(&read.diagnostics),
        ProblemFormat::Sarif => diagnostics::sarif::document(&read.diagnostics, dir),
        ProblemFormat::Github => diagnostics::github::commands(&read.diagnostics, dir),
    })?;
    let broken = read.diagnostics.iter().any(|d| d.severity == Severity::Error);
    Ok(if broken { Exit::Usage } else { Exit::Done })
}
