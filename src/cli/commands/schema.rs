//! `groupsync schema`: the JSON schema of the files people write, or of a document.

use crate::cli::args::SchemaOf;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::desired::schema::json_schema;
use crate::report::json;
use crate::simulator::world::World;

/// Prints the schema.
pub fn run(of: SchemaOf, printer: &mut Printer) -> Result<Exit, Failure> {
    printer.data(&match of {
        SchemaOf::DesiredState => serde_json::to_string_pretty(&json_schema())? + "\n",
        SchemaOf::Plan => json::plan::schema(),
        SchemaOf::Outcome => json::outcome::schema(),
        SchemaOf::World => serde_json::to_string_pretty(&schemars::schema_for!(World))? + "\n",
    })?;
    Ok(Exit::Done)
}
