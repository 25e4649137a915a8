//! How a plan or an outcome is shown and kept: one choice of formats, files and people for every command that has such a thing.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::cli::args::{Artefact, ReportFormat};
use crate::cli::failure::Failure;
use crate::desired::state::DesiredState;
use crate::plan::value::Plan;
use crate::reconcile::Report;
use crate::report::redact::{People, Pseudonyms};

/// How something is shown and kept.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// How it is shown.
    pub format: ReportFormat,
    /// Files it is written to besides.
    pub artefacts: &'a [Artefact],
    /// Whether people are named in any of it.
    pub people: People,
}

/// Files that are sure to be written: they are opened before the work begins that they tell of.
pub struct Files<'a>(Vec<(&'a Artefact, Place<'a>)>);

/// A file that appears in one step: whoever looks finds the whole of it or none.
pub struct Place<'a> {
    path: &'a Path,
    file: NamedTempFile,
}

impl<'a> Output<'a> {
    /// Opens the files.
    pub fn open(&self) -> Result<Files<'a>, Failure> {
        let opened = self.artefacts.iter().map(|artefact| Ok((artefact, Place::open(&artefact.file)?)));
        Ok(Files(opened.collect::<Result<_, Failure>>()?))
    }

    /// The file in which a reader of a bounded format finds everything: the one made for people, or `saved`, or one for
    /// programs.
    pub fn whole(&self, saved: Option<&Path>) -> Option<String> {
        let written = |format| {
            let of_format = self.artefacts.iter().find(|artefact| artefact.format == format);
            of_format.map(|artefact| artefact.file.as_path())
        };
        let whole = written(ReportFormat::Html)
            .or(written(ReportFormat::Text))
            .or(saved)
            .or(written(ReportFormat::Json))?;
        whole.file_name().map(|name| name.to_string_lossy().into_owned())
    }

    /// The plan as it may be shown.
    pub fn plan<'p>(&self, plan: &'p Plan, desired: &DesiredState) -> Cow<'p, Plan> {
        match self.people {
            People::Named => Cow::Borrowed(plan),
            People::Hidden => Cow::Owned(Pseudonyms::of(plan, desired).plan(plan.clone())),
        }
    }

    /// What became of a plan as it may be shown: somebody has the pseudonym that she had in the plan.
    pub fn report(&self, report: Report, desired: &DesiredState) -> Report {
        match self.people {
            People::Named => report,
            People::Hidden => {
                let mut pseudonyms = Pseudonyms::of(&report.plan, desired);
                let (plan, outcomes) = pseudonyms.outcomes(report.plan, report.outcomes);
                Report { plan, outcomes, cost: report.cost }
            }
        }
    }
}

impl Files<'_> {
    /// Writes every file in its format.
    pub fn write<I: IntoIterator<Item = String>>(
        self,
        shown: impl Fn(ReportFormat) -> I,
    ) -> Result<(), Failure> {
        for (artefact, place) in self.0 {
            let pieces = shown(artefact.format).into_iter();
            place.write(pieces.map(|text| anstream::adapter::strip_str(&text).to_string()))?;
        }
        Ok(())
    }
}

impl<'a> Place<'a> {
    /// Makes sure that the file can be written.
    pub fn open(path: &'a Path) -> Result<Self, Failure> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(|error| unwritten(path, error))?;
        Ok(Self { path, file })
    }

    /// Where it will be.
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// Writes it.
    pub fn write(self, pieces: impl IntoIterator<Item = String>) -> Result<(), Failure> {
        let Self { path, file } = self;
        let written = move || -> io::Result<()> {
            let mut file = BufWriter::new(file);
            for piece in pieces {
                file.write_all(piece.as_bytes())?;
            }
            file.into_inner()?.persist(path)?;
            Ok(())
        };
        written().map_err(|error| unwritten(path, error))
    }
}

fn unwritten(path: &Path, error: io::Error) -> Failure {
    Failure::usage(anyhow::Error::new(error).context(format!("{} cannot be written", path.display())))
}
