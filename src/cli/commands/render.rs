//! `groupsync render CUSTOMER`: the customer in effect, every value with its place.

use std::path::Path;

use crate::cli::args::Format;
use crate::cli::commands::plan::unknown;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::printer::Printer;
use crate::model::names::CustomerName;
use crate::report::render;

/// Shows the customer.
pub fn run(name: &CustomerName, dir: &Path, format: Format, printer: &mut Printer) -> Result<Exit, Failure> {
    let (desired, provenance) = files::read_tracing(dir, name, printer)?;
    let customer = desired.customers.get(name).ok_or_else(|| unknown(&desired, name))?;
    printer.data(&match format {
        Format::Text => render::text(&desired, customer, &provenance),
        Format::Json => render::json(&desired, customer, &provenance),
    })?;
    Ok(Exit::Done)
}
