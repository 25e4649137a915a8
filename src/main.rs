//! The `groupsync` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    groupsync::cli::run(std::env::args_os()).into()
}
