//! Which version of the files is in force: taken over as a whole or refused as a whole, and never without a word.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use crate::controller::Past;
use crate::controller::board::{Board, RefusedVersion, Revision};
use crate::controller::event;
use crate::controller::reload::{self, Judged};
use crate::desired::base::Known;
use crate::desired::diagnostic::Severity;
use crate::desired::state::{Customer, DesiredState};
use crate::desired::{self, Read};
use crate::journal::event::Event;
use crate::model::names::CustomerName;
use crate::plan::digest::Digest;
use crate::plan::memory;

/// The versions of the files as far as they matter.
pub(super) struct Versions {
    dir: PathBuf,
    board: Board,
    past: Past,
    in_force: Option<Arc<DesiredState>>,
    revision: Option<Revision>,
    refused: Option<RefusedVersion>,
    /// Whether the text of those in force is there for the next start.
    is_kept: bool,
    /// Whom the files were about that the journal knows as the last accepted: what is compared with where their text is gone.
    known: Option<Known>,
}

impl Versions {
    /// Begins with what the last process had accepted.
    pub(super) async fn new(dir: PathBuf, past: Past, board: Board, now: Timestamp) -> Self {
        let known = past.journal.memory().await.accepted.map(|revision| revision.known());
        let mut versions =
            Self { dir, board, past, in_force: None, revision: None, refused: None, is_kept: true, known };
        let Some(sources) = versions.past.kept.load() else { return versions };
        let digest = Digest::of_files(&sources);
        if let Some(state) = desired::read_texts(sources).state {
            let from = "the journal".to_owned();
            versions.take_over(state, Revision { digest, accepted: now, commit: None, from });
        } else {
            tracing::warn!(%digest, "the files accepted last cannot be used by this version");
        }
        versions
    }

    /// What the files in force ask for.
    pub(super) fn in_force(&self) -> Option<&Arc<DesiredState>> {
        self.in_force.as_ref()
    }

    /// The text of the kill switch that an earlier process saw last.
    pub(super) fn stopped_before(&self) -> Option<String> {
        self.past.kept.stop()
    }

    /// Keeps what is known of the kill switch for the next process.
    pub(super) fn keep_stop(&self, reason: Option<&str>) {
        self.past.kept.keep_stop(reason);
    }

    /// Takes a version over or refuses it; says which customers it means something new for.
    pub(super) fn consider(&mut self, mut read: Read, now: Timestamp) -> Option<BTreeSet<CustomerName>> {
        let digest = Digest::of_files(&read.sources);
        let judged = reload::judge(&mut read, self.in_force.as_deref(), self.known.as_ref());
        let Judged::Usable(state) = judged else {
            self.refuse(digest, read, now);
            return None;
        };
        if self.refused.take().is_some() {
            self.board.note(|overview| overview.refused = None);
        }
        let from = self.dir.display().to_string();
        let is_same = self.revision.as_ref().is_some_and(|r| r.digest == digest && r.from == from);
        if is_same {
            if !self.is_kept {
                self.is_kept = self.past.kept.keep(&read.sources);
            }
            return None;
        }
        let commit = reload::commit(&self.dir);
        let changed = changed(self.in_force.as_deref(), &state);
        self.is_kept = self.past.kept.keep(&read.sources);
        self.past.journal.note_later(Event::Accepted(memory::Revision::of(
            &state,
            digest.clone(),
            from.clone(),
            commit.clone(),
        )));
        self.take_over(*state, Revision { digest, accepted: now, commit, from });
        Some(changed)
    }

    fn take_over(&mut self, state: DesiredState, revision: Revision) {
        let (digest, customers) = (&revision.digest, state.customers.len());
        tracing::info!(%digest, customers, from = revision.from, "a version of the files is in force");
        self.in_force = Some(Arc::new(state));
        self.board.note(|overview| overview.revision = Some(revision.clone()));
        self.board.tell(event::Event::Accepted(&revision));
        self.revision = Some(revision);
    }

    fn refuse(&mut self, digest: Digest, read: Read, now: Timestamp) {
        let problems = read.diagnostics;
        if self.refused.as_ref().is_some_and(|r| r.digest == digest && r.problems == problems) {
            return;
        }
        let errors = || problems.iter().filter(|problem| problem.severity == Severity::Error);
        let first = errors().next().map(|problem| format!("{}: {}", problem.place(), problem.message));
        let hint =
            errors().find_map(|problem| problem.hint.as_deref()).unwrap_or("groupsync validate shows all");
        let (first, count) = (first.unwrap_or_default(), errors().count());
        let in_force = self.in_force.is_some();
        tracing::error!(%digest, problems = count, first, hint, in_force, "a version of the files is refused");
        let refused = RefusedVersion { digest, seen: now, problems };
        self.board.note(|overview| overview.refused = Some(refused.clone()));
        self.board.tell(event::Event::Refused(&refused));
        self.refused = Some(refused);
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Versions").field("revision", &self.revision).finish_non_exhaustive()
    }
}

/// The customers for whom it makes a difference that the files were one and are the other.
fn changed(before: Option<&DesiredState>, after: &DesiredState) -> BTreeSet<CustomerName> {
    let everybody = || after.customers.keys().cloned().collect();
    let Some(before) = before else { return everybody() };
    if before.policy != after.policy || before.partner != after.partner {
        return everybody();
    }
    let groups: BTreeSet<_> = after
        .groups
        .iter()
        .filter(|(name, group)| before.groups.get(name) != Some(group))
        .map(|(n, _)| n)
        .collect();
    let released = |state: &DesiredState, customer: &Customer| -> Vec<_> {
        state.overrides.iter().filter(|entry| entry.customer == customer.name).cloned().collect()
    };
    let differs = |customer: &&Customer| {
        before.customers.get(&customer.name) != Some(customer)
            || customer
                .mappings
                .values()
                .filter_map(|mapping| mapping.from.as_ref())
                .any(|g| groups.contains(g))
            || released(before, customer) != released(after, customer)
    };
    after.customers.values().filter(differs).map(|customer| customer.name.clone()).collect()
}
