//! Reads desired-state files for a command, and tells the person what is wrong with them.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::desired::diagnostic::Severity;
use crate::desired::provenance::Provenance;
use crate::desired::source::Sources;
use crate::desired::state::DesiredState;
use crate::desired::{self, Read};
use crate::model::names::CustomerName;
use crate::report::diagnostics;
use crate::report::escape::escape;

/// What the files ask for. Whatever is wrong with them goes to stderr; an error among it ends the command.
pub fn read(dir: &Path, printer: &mut Printer) -> Result<DesiredState, Failure> {
    usable(desired::read(dir), dir, printer)
}

/// The same, with the files themselves.
pub fn read_whole(dir: &Path, printer: &mut Printer) -> Result<(DesiredState, Sources), Failure> {
    let mut read = desired::read(dir);
    let sources = std::mem::take(&mut read.sources);
    Ok((usable(read, dir, printer)?, sources))
}

/// A state of the files from before, to compare with. What is wrong with it is somebody else's, and told in a sentence.
pub fn read_base(dir: &Path) -> Result<(DesiredState, Sources), Failure> {
    // A folder around the files would be walked whole, whatever else lies in it.
    if dir.is_dir() && !dir.join("partner.yaml").is_file() {
        let inside = dir.join("desired-state");
        let hint = if inside.join("partner.yaml").is_file() {
            format!("name {}", inside.display())
        } else {
            "name the folder that holds it; where nothing was before, leave --base out".to_owned()
        };
        let what =
            format!("the base {} holds no desired state: there is no partner.yaml in it", dir.display());
        return Err(Failure::misused(what).hint(hint));
    }
    let mut read = desired::read(dir);
    let sources = std::mem::take(&mut read.sources);
    let first = read.diagnostics.iter().find(|problem| problem.severity == Severity::Error);
    let what = first.map(|problem| format!("{}: {}", problem.place(), escape(&problem.message)));
    let state = read.state.ok_or_else(|| {
        let what = format!("the base {} cannot be used: {}", dir.display(), what.unwrap_or_default());
        Failure::misused(what).hint(
            "it is not this change that is wrong: compare with the last state that was whole, `--base DIR`",
        )
    })?;
    Ok((state, sources))
}

/// The same, with Partner and Policy as they stand in `policy`: a change is judged by the rules that were in force before it.
pub fn read_under(dir: &Path, policy: Option<&Path>, printer: &mut Printer) -> Result<DesiredState, Failure> {
    let Some(policy) = policy else { return read(dir, printer) };
    // What is wrong over there has to be said about the files there.
    read(policy, printer)?;
    usable(desired::read_under(dir, policy), dir, printer)
}

/// The same, with the place of every value of one customer.
pub fn read_tracing(
    dir: &Path,
    customer: &CustomerName,
    printer: &mut Printer,
) -> Result<(DesiredState, Provenance), Failure> {
    let (read, provenance) = desired::read_tracing(dir, customer);
    Ok((usable(read, dir, printer)?, provenance))
}

fn usable(read: Read, dir: &Path, printer: &mut Printer) -> Result<DesiredState, Failure> {
    if read.diagnostics.iter().any(|diagnostic| diagnostic.severity != Severity::Note) {
        printer.note(&diagnostics::text(&read.diagnostics, dir));
    }
    read.state.ok_or_else(|| Failure::misused(format!("the files in {} cannot be used", dir.display())))
}
