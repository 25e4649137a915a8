//! `groupsync plan`: what `apply` would do. Only reads.

use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::args::{Artefact, PlanFormat};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::client::Client;
use crate::desired::state::DesiredState;
use crate::model::names::CustomerName;
use crate::plan::memory::Memory;
use crate::plan::value::{CustomerPlan, Plan};
use crate::reconcile::{self, Pass, Selection};
use crate::report::json::saved;
use crate::report::redact::Pseudonyms;
use crate::report::{html, json, markdown, text};

/// Whether pending changes show in the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// They don't: a plan that could be made is a success.
    IsDone,
    /// They do.
    IsTwo,
}

/// Whether people are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum People {
    /// They are.
    Named,
    /// Pseudonyms stand for them.
    Hidden,
}

/// How the plan is shown and kept.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// How it is shown.
    pub format: PlanFormat,
    /// Files it is written to besides.
    pub artefacts: &'a [Artefact],
    /// The file it is saved in, for `apply`.
    pub file: Option<&'a Path>,
    /// Whether people are named in any of it.
    pub people: People,
    /// Whether pending changes show in the exit code.
    pub pending: Pending,
}

/// Shows the plan.
pub async fn run(
    desired: &DesiredState,
    client: &Client,
    selection: &Selection,
    now: Timestamp,
    output: Output<'_>,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let plan = draw(desired, client, selection, now, printer).await;
    let plan = match output.people {
        People::Named => plan,
        People::Hidden => Pseudonyms::of(&plan, desired).plan(plan),
    };
    if let Some(path) = output.file {
        save(path, [saved::write(&plan, &desired.partner)])?;
    }
    let artefact = artefact(&output);
    for Artefact { format, file } in output.artefacts {
        let shown = shown(&plan, desired, *format, artefact.as_deref());
        save(file, shown.map(|text| anstream::adapter::strip_str(&text).to_string()))?;
    }
    if let Some(reason) = &desired.stop {
        printer.note(&format!("STOP is set, so apply would write nothing: {}", reason.trim()));
    }
    for text in shown(&plan, desired, output.format, artefact.as_deref()) {
        printer.data(&text)?;
    }
    let changes = plan.customers.iter().flat_map(CustomerPlan::runnable).next().is_some();
    let exit = Exit::of_plan(&plan);
    Ok(if changes && output.pending == Pending::IsTwo { exit.or(Exit::Pending) } else { exit })
}

/// The plan in a format, in pieces. `artefact` names the file that has all of it.
fn shown<'a>(
    plan: &'a Plan,
    desired: &'a DesiredState,
    format: PlanFormat,
    artefact: Option<&str>,
) -> Box<dyn Iterator<Item = String> + 'a> {
    let whole = match format {
        PlanFormat::Text => text::plan(plan, desired),
        PlanFormat::Json => json::plan::document(plan, &desired.partner),
        PlanFormat::Markdown => markdown::plan(plan, desired, artefact),
        PlanFormat::Html => return Box::new(html::plan(plan, desired)),
    };
    Box::new(std::iter::once(whole))
}

/// The file in which a reader of the bounded format finds everything: the one made for people, or the saved plan.
fn artefact(output: &Output<'_>) -> Option<String> {
    let written = |format| {
        output
            .artefacts
            .iter()
            .find(|artefact| artefact.format == format)
            .map(|artefact| artefact.file.as_path())
    };
    let whole = written(PlanFormat::Html)
        .or(written(PlanFormat::Text))
        .or(output.file)
        .or(written(PlanFormat::Json))?;
    whole.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Writes the file in one step: whoever looks finds the whole plan or none.
fn save(path: &Path, pieces: impl IntoIterator<Item = String>) -> Result<(), Failure> {
    let written = move || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
        for piece in pieces {
            file.write_all(piece.as_bytes())?;
        }
        file.into_inner()?.persist(path)?;
        Ok(())
    };
    written()
        .with_context(|| format!("the plan cannot be written to {}", path.display()))
        .map_err(Failure::usage)
}

/// Reads the tenants and plans, showing how far it is.
pub async fn draw(
    desired: &DesiredState,
    client: &Client,
    selection: &Selection,
    now: Timestamp,
    printer: &Printer,
) -> Plan {
    let bar = Bar::new(printer);
    let memory = Memory::default();
    let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
    let pass = Pass { client, desired, memory: &memory, progress: &progress };
    reconcile::plan(&pass, selection, now).await
}

/// The customers to look at. A name that the files do not know is a slip, not an empty plan.
pub fn selection(desired: &DesiredState, names: Vec<CustomerName>) -> Result<Selection, Failure> {
    if names.is_empty() {
        return Ok(Selection::All);
    }
    for name in &names {
        if !desired.customers.contains_key(name) {
            return Err(unknown(desired, name));
        }
    }
    Ok(Selection::Only(names.into_iter().collect()))
}

/// A customer that the files do not know, with the name that was probably meant.
pub fn unknown(desired: &DesiredState, name: &CustomerName) -> Failure {
    let likeness = |known: &&CustomerName| strsim::jaro_winkler(known.as_str(), name.as_str());
    let nearest = desired.customers.keys().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let failure = Failure::misused(format!("there is no customer `{name}`"));
    match nearest {
        Some(known) if likeness(&known) > 0.8 => failure.hint(format!("did you mean `{known}`?")),
        _ => failure.hint(format!(
            "the files know {}",
            desired.customers.keys().map(CustomerName::as_str).collect::<Vec<_>>().join(", ")
        )),
    }
}
