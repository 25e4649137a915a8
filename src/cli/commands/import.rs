//! `groupsync import`: what a tenant holds that no file declares, and the files that would keep it. Only reads the tenants; what
//! it writes is a directory of its own, for a person to look at and to merge.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;

use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::client::Client;
use crate::desired;
use crate::desired::source::Sources;
use crate::desired::state::DesiredState;
use crate::plan::adoption::value::Adoption;
use crate::plan::memory::Memory;
use crate::reconcile::{self, Pass, Selection};
use crate::report::adoption::files::{Changes, changes, result};
use crate::report::{adoption as report, diagnostics};

/// The files that were read.
#[derive(Clone, Copy)]
pub struct Tree<'a> {
    /// What they ask for.
    pub desired: &'a DesiredState,
    /// What they say.
    pub sources: &'a Sources,
}

/// Looks, says what was found, and writes the tree with it.
pub async fn run(
    tree: Tree<'_>,
    client: &Client,
    selection: &Selection,
    now: Timestamp,
    (format, out): (Format, Option<&Path>),
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let adoptions = {
        let bar = Bar::new(printer);
        let memory = Memory::default();
        let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
        let pass = Pass { client, desired: tree.desired, memory: &memory, progress: &progress };
        reconcile::adoption::survey(&pass, selection, now).await
    };
    let changes = proven(tree, &adoptions)?;
    printer.data(&match format {
        Format::Text => report::text(&adoptions, &changes),
        Format::Json => report::json::document(&adoptions, &changes),
    })?;
    match out {
        _ if changes.files.is_empty() => printer.note("there is nothing to write"),
        None => printer
            .note("nothing was written: --out DIR writes the whole tree with these files to a new directory"),
        Some(out) => {
            write(out, &result(tree.sources, &changes), tree.desired.stop.as_deref())?;
            let shown = out.display();
            printer.note(&format!(
                "{shown} holds the whole tree with these files: groupsync validate {shown}, then compare and merge"
            ));
        }
    }
    let is_whole = adoptions.iter().all(|adoption| adoption.gaps.is_empty());
    Ok(if is_whole { Exit::Done } else { Exit::Failure })
}

/// The files that keep what was found, proven to be valid.
pub fn proven(tree: Tree<'_>, adoptions: &[Adoption]) -> Result<Changes, Failure> {
    let changes = changes(tree.sources, tree.desired, adoptions);
    let read = desired::read_texts(result(tree.sources, &changes));
    if read.state.is_none() {
        let problems = diagnostics::text(&read.diagnostics, Path::new(""));
        let error =
            anyhow!("{problems}").context("what was found does not make valid files, so nothing is written");
        return Err(
            Failure::from(error).hint("import the customers one by one with --customer to find the one")
        );
    }
    Ok(changes)
}

/// Writes every file, or none: a new directory appears whole, and in one that exists no file is altered.
pub fn write(out: &Path, sources: &Sources, stop: Option<&str>) -> Result<(), Failure> {
    let files = sources.iter().map(|source| (source.path.as_str(), source.text.as_str()));
    let stop = stop.map(|reason| ("STOP", reason));
    let files: Vec<(&str, &str)> = files.chain(stop).collect();
    if fs::symlink_metadata(out).is_ok() {
        return complete(out, &files);
    }
    let parent = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> io::Result<()> {
        let draft = tempfile::Builder::new().prefix(".groupsync-import-").tempdir_in(parent)?;
        for (path, text) in &files {
            let path = draft.path().join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, text)?;
        }
        // Readable like any other directory; a temporary one is its maker's alone.
        readable(draft.path())?;
        let draft = draft.keep();
        fs::rename(&draft, out).inspect_err(|_| drop(fs::remove_dir_all(&draft)))
    };
    written().with_context(|| format!("nothing was written to {}", out.display())).map_err(Failure::usage)
}

#[cfg(unix)]
fn readable(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Adds what is missing to a directory that exists. A file that says something else ends it before the first write.
fn complete(out: &Path, files: &[(&str, &str)]) -> Result<(), Failure> {
    let mut missing = Vec::new();
    for (path, text) in files {
        let at = out.join(path);
        match fs::read(&at) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Ok(_) => {
                let message = format!("{} exists and says something else: nothing was written", at.display());
                return Err(Failure::misused(message).hint("name a directory that does not exist yet"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push((at, *text)),
            Err(error) => {
                let error = anyhow!(error).context(format!("{} cannot be compared", at.display()));
                return Err(Failure::usage(error));
            }
        }
    }
    let mut made: Vec<PathBuf> = Vec::new();
    for (at, text) in missing {
        if let Err(error) = make(&at, text) {
            for path in &made {
                drop(fs::remove_file(path));
            }
            let error = anyhow!(error).context(format!("{} cannot be written: nothing was", at.display()));
            return Err(Failure::usage(error));
        }
        made.push(at);
    }
    Ok(())
}

/// Makes one file, whole, where there is none.
fn make(at: &Path, text: &str) -> io::Result<()> {
    let folder = at.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::Builder::new();
    // Readable like the files beside it: less what the umask takes.
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = draft.tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist_noclobber(at)?;
    Ok(())
}
