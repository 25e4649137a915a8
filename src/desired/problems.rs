//! The collection of everything found wrong: bounded, without repetitions, sorted at the end.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};

use crate::desired::code::{self, Code};
use crate::desired::diagnostic::{Diagnostic, Severity};
use crate::desired::source::{Sources, Spot};
use crate::model::origin::Origin;

/// More problems than this in one file are counted instead of shown.
const SHOWN_PER_FILE: usize = 100;

/// More characters than these are not shown of what is said about one problem: it quotes the file, and a value may be as long as
/// a file.
const LONGEST: usize = 500;

/// How often a suggestion is looked for: each costs a comparison with every name.
const SUGGESTIONS: usize = 300;

/// Collects problems. Shared by reference, since decoding reports from within serde's calls.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    sources: &'a Sources,
    found: RefCell<Found>,
    suggestions: Cell<usize>,
}

#[derive(Debug, Default)]
struct Found {
    list: Vec<Diagnostic>,
    told: HashSet<(&'static str, Spot, String)>,
    per_file: BTreeMap<u32, (usize, Option<Spot>)>,
}

/// One problem before its place is looked up.
#[derive(Debug)]
pub(super) struct Problem {
    code: Code,
    spot: Spot,
    message: String,
    hint: Option<String>,
    related: Option<(Spot, String)>,
}

impl Problem {
    pub(super) fn new(code: Code, spot: Spot, message: impl Into<String>) -> Self {
        Self { code, spot, message: cut(message.into()), hint: None, related: None }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(cut(hint.into()));
        self
    }

    #[must_use]
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.map(cut).or(self.hint);
        self
    }

    #[must_use]
    pub(super) fn related(mut self, spot: Spot, label: impl Into<String>) -> Self {
        self.related = Some((spot, cut(label.into())));
        self
    }
}

/// The text up to its [`LONGEST`] characters.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A problem of a whole file, or of the whole directory if `file` is empty.
pub(super) fn of_file(code: Code, file: &str, message: impl Into<String>, hint: Option<&str>) -> Diagnostic {
    Diagnostic {
        severity: code.severity,
        code: code.id,
        origin: Origin { file: file.to_owned(), line: 0, column: 0 },
        source_line: String::new(),
        span: 0..0,
        message: message.into(),
        hint: hint.map(str::to_owned),
        related: None,
    }
}

impl<'a> Problems<'a> {
    pub(super) fn new(sources: &'a Sources, already: Vec<Diagnostic>) -> Self {
        let found = Found { list: already, ..Found::default() };
        Self { sources, found: RefCell::new(found), suggestions: Cell::new(SUGGESTIONS) }
    }

    pub(super) fn sources(&self) -> &'a Sources {
        self.sources
    }

    /// Adds a problem. The same words at the same place are said once: a template's mistake shows at every customer.
    pub(super) fn add(&self, problem: Problem) {
        let mut found = self.found.borrow_mut();
        let said = (problem.code.id, problem.spot, problem.message.clone());
        if found.told.contains(&said) {
            return;
        }
        let (count, first_hidden) = found.per_file.entry(problem.spot.file).or_default();
        *count += 1;
        if *count > SHOWN_PER_FILE && problem.code.severity == Severity::Error {
            first_hidden.get_or_insert(problem.spot);
            return;
        }
        found.told.insert(said);
        let (source_line, span) = self.sources.line(problem.spot);
        found.list.push(Diagnostic {
            severity: problem.code.severity,
            code: problem.code.id,
            origin: self.sources.origin(problem.spot),
            source_line,
            span,
            message: problem.message,
            hint: problem.hint,
            related: problem.related.map(|(spot, label)| (self.sources.origin(spot), label)),
        });
    }

    /// Adds a problem of the whole directory.
    pub(super) fn add_whole(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().list.push(diagnostic);
    }

    /// `did you mean …?` if one of `known` is close to `written`.
    pub(super) fn did_you_mean<'n>(
        &self,
        written: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<String> {
        let left = self.suggestions.get().checked_sub(1)?;
        self.suggestions.set(left);
        closest(written, known).map(|name| format!("did you mean `{name}`?"))
    }

    /// Everything found, sorted by file, line and column.
    pub(super) fn into_sorted(self) -> Vec<Diagnostic> {
        let found = self.found.into_inner();
        let mut list = found.list;
        for (count, spot) in found.per_file.into_values() {
            let Some(spot) = spot else { continue };
            let hidden = count - SHOWN_PER_FILE;
            let mut more = of_file(
                code::MORE_PROBLEMS,
                self.sources.path(spot),
                format!("{hidden} more problems in this file are not shown"),
                Some("mend the ones shown first"),
            );
            more.origin = self.sources.origin(spot);
            (more.source_line, more.span) = self.sources.line(spot);
            list.push(more);
        }
        list.sort_by(|a, b| (&a.origin, a.code, &a.message).cmp(&(&b.origin, b.code, &b.message)));
        list
    }
}

/// The one of `known` that a person who wrote `written` most likely meant: equal but for case, or at most a third of its
/// characters away.
pub(super) fn closest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let allowed = (written.chars().count() / 3).clamp(1, 4);
    let lower = written.to_lowercase();
    known
        .into_iter()
        .filter(|name| *name != written && name.len().abs_diff(written.len()) <= allowed)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}
