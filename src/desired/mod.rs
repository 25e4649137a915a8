//! From files in Git to one [`DesiredState`]: load (the only reader of files), decode (typed, with the place of every value),
//! check, resolve. Every problem is a [`Diagnostic`] with its place in the files, and all of them appear at once: one mistake
//! costs the value it is in and hides nothing else. No clock is read: time never makes a tree invalid.

pub mod state;
pub mod diagnostic;
pub mod code;
pub mod source;
pub mod provenance;
mod problems;
mod load;
mod yaml;
mod given;
mod decode;
pub mod schema;
mod place;
mod documents;
mod checks;
mod resolve;
pub mod base;

use std::path::Path;

use crate::desired::diagnostic::{Diagnostic, Severity};
use crate::desired::load::Loaded;
use crate::desired::problems::Problems;
use crate::desired::provenance::{Provenance, Trace};
use crate::desired::schema::leaf::DisplayName;
use crate::desired::schema::scope::ScopePath;
use crate::desired::source::Sources;
use crate::desired::state::DesiredState;
use crate::model::hidden::is_hidden;
use crate::model::names::CustomerName;

/// What came of reading a directory.
#[derive(Debug)]
pub struct Read {
    /// What the files ask for; none if anything in them is an error.
    pub state: Option<DesiredState>,
    /// The text of the kill switch, if it is there: also when the files are broken.
    pub stop: Option<String>,
    /// Everything found, sorted by file, line and column.
    pub diagnostics: Vec<Diagnostic>,
    /// The files.
    pub sources: Sources,
}

/// Reads a desired-state directory.
pub fn read(dir: &Path) -> Read {
    read_with(dir, &mut Trace::of(None))
}

/// Reads a desired-state directory and notes where the values of one customer come from.
pub fn read_tracing(dir: &Path, customer: &CustomerName) -> (Read, Provenance) {
    let mut trace = Trace::of(Some(customer));
    let read = read_with(dir, &mut trace);
    (read, trace.finish())
}

/// Reads a desired-state directory, the files of its root (Partner and Policy) from another one.
pub fn read_under(dir: &Path, root: &Path) -> Read {
    let mut loaded = load::load(dir);
    let other = load::load(root);
    loaded.sources = loaded.sources.with_root_of(other.sources);
    resolved(loaded, &mut Trace::of(None))
}

/// Reads files whose texts were kept elsewhere.
pub fn read_texts(sources: Sources) -> Read {
    resolved(Loaded { sources, ..Loaded::default() }, &mut Trace::of(None))
}

/// The text of a directory's kill switch, the file `STOP`, at most its first 4 KiB; none where there is none. One that cannot be
/// read stops all the same.
pub fn stop(dir: &Path) -> Option<String> {
    load::stop(dir)
}

/// Whether a text can stand where a scope belongs.
pub fn is_scope(text: &str) -> bool {
    ScopePath::try_from(text.to_owned()).is_ok()
}

/// Whether a text can stand where the display name of a group belongs.
pub fn is_display_name(text: &str) -> bool {
    DisplayName::try_from(text.to_owned()).is_ok() && !text.chars().any(is_hidden)
}

fn read_with(dir: &Path, trace: &mut Trace<'_>) -> Read {
    resolved(load::load(dir), trace)
}

fn resolved(loaded: Loaded, trace: &mut Trace<'_>) -> Read {
    let problems = Problems::new(&loaded.sources, loaded.problems);
    let documents = documents::read(&problems, &loaded.lost);
    checks::check(&documents, &problems);
    let state = resolve::resolve(&documents, loaded.stop.clone(), &problems, trace);
    let diagnostics = problems.into_sorted();
    let is_valid = diagnostics.iter().all(|d| d.severity != Severity::Error);
    Read { state: state.filter(|_| is_valid), stop: loaded.stop, diagnostics, sources: loaded.sources }
}
