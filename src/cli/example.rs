//! The example partner, built into the program so that `demo` works from any directory.

use std::path::Path;
use std::{fs, io};

use anyhow::Context;

use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::printer::Printer;
use crate::desired::state::DesiredState;

macro_rules! files {
    ($($path:literal)*) => {
        &[$(($path, include_str!(concat!("../../desired-state/", $path)))),*]
    };
}

/// Every desired-state file of the example, by its path.
pub const FILES: &[(&str, &str)] = files! {
    "partner.yaml"
    "policy.yaml"
    "groups/contoso.yaml"
    "groups/northwind.yaml"
    "groups/tailspin.yaml"
    "templates/managed-azure.yaml"
    "customers/contoso/customer.yaml"
    "customers/contoso/grants/inc-4711.yaml"
    "customers/northwind/customer.yaml"
    "customers/tailspin/customer.yaml"
};

/// What the example asks for.
pub fn read(printer: &mut Printer) -> Result<DesiredState, Failure> {
    // Reading goes through a directory like any other: there is one loader.
    let dir = tempfile::tempdir().context("no temporary directory for the example")?;
    write(dir.path())?;
    files::read(dir.path(), printer)
}

fn write(dir: &Path) -> io::Result<()> {
    for (path, text) in FILES {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_of_the_example_is_built_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("desired-state");
        let there: BTreeSet<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(|entry| entry.unwrap().into_path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(FILES.iter().map(|(path, _)| (*path).to_owned()).collect::<BTreeSet<_>>(), there);
    }
}
