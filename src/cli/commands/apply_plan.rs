//! A plan that was saved for a review: opened, understood, and compared with what the plan would be today.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::anyhow;

use crate::bounded;
use crate::cli::failure::Failure;
use crate::desired::state::{DesiredState, Partner};
use crate::plan::value::{CustomerPlan, Plan};
use crate::report::difference::{self, Skipped};
use crate::report::json::saved::{self, Saved, SavedCustomer, SavedError};
use crate::report::redact::{People, Pseudonyms};
use crate::report::words::count;

/// The largest plan that is read. That of 200,000 operations takes about a fifth.
const LARGEST: u64 = 1 << 30;

/// Reads the file of a plan.
pub fn open(path: &Path) -> Result<String, Failure> {
    let named = || format!("plan {}", path.display());
    bounded::read_text(path, LARGEST).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge | ErrorKind::InvalidData => {
            Failure::misused(format!("{}: this is not a saved plan", named()))
        }
        _ => Failure::usage(anyhow!(error).context(named())),
    })
}

/// Understands it.
pub fn read(text: &str, partner: &Partner) -> Result<Saved, Failure> {
    saved::read(text, partner).map_err(|error| {
        let hint = match &error {
            SavedError::NotAPlan => "`groupsync plan --out FILE` saves one",
            SavedError::Broken => {
                "save a new one with `groupsync plan --out FILE`; a plan is changed by changing the files"
            }
            SavedError::Version(_) => "save a new one with this version of groupsync",
            SavedError::Foreign(..) => "name the files it was made from with --dir",
        };
        Failure::usage(error).hint(hint)
    })
}

/// Today's plan, sorted by what was reviewed.
pub(super) struct Sorted {
    /// The customers whose plan is what was reviewed, or who need nothing any more.
    pub same: Plan,
    /// The others, and what changed there since.
    pub skipped: Vec<Skipped>,
    /// Customers of the files that the saved plan says nothing about.
    pub beside: usize,
    /// Customers that need nothing any more, of what was planned there.
    pub settled: usize,
}

/// Sorts what was planned again. `people` says whether the difference may name anybody.
pub(super) fn sort(fresh: Plan, saved: &Saved, desired: &DesiredState, people: People) -> Sorted {
    // Two plans can only be compared if people are called the same in both.
    let hide = people == People::Hidden || saved.people == People::Hidden;
    let mut pseudonyms = hide.then(|| Pseudonyms::of(&fresh, desired));
    let today = match &mut pseudonyms {
        None => saved::customers(&fresh, &desired.partner),
        Some(pseudonyms) => saved::customers(&pseudonyms.plan(fresh.clone()), &desired.partner),
    };
    let mut changes = |then: &SavedCustomer, now: &SavedCustomer| match (&mut pseudonyms, saved.people) {
        (None, _) => difference::lines(&then.changes(), &now.changes()),
        (Some(_), People::Hidden) => {
            difference::lines(&saved::uncounted(then.changes()), &saved::uncounted(now.changes()))
        }
        (Some(pseudonyms), People::Named) => {
            let mut then = then.clone();
            then.redact(pseudonyms);
            difference::lines(&then.changes(), &now.changes())
        }
    };
    let is_same = |customer: &CustomerPlan| {
        let needs_nothing = customer.operations.is_empty() && customer.is_clean();
        needs_nothing || saved.customers[&customer.name].covers(&today[&customer.name])
    };
    let planned: BTreeMap<_, _> = fresh.customers.iter().map(|customer| (&customer.name, customer)).collect();
    let mut skipped = Vec::new();
    let mut settled = 0;
    for (name, then) in &saved.customers {
        let (why, lines) = match planned.get(name) {
            Some(customer) if is_same(customer) => {
                settled += usize::from(customer.operations.is_empty() && then.asks_for_something());
                continue;
            }
            Some(_) => {
                (format!("this is not what was planned at {}", saved.shown()), changes(then, &today[name]))
            }
            None => ("it is no longer in the files".to_owned(), Vec::new()),
        };
        skipped.push(Skipped { name: name.clone(), why, lines });
    }
    let beside = desired.customers.keys().filter(|name| !saved.customers.contains_key(*name)).count();
    let Plan { now, mut customers, digest } = fresh;
    customers.retain(is_same);
    Sorted { same: Plan { now, customers, digest }, skipped, beside, settled }
}

impl Sorted {
    /// What is left alone, in words.
    pub(super) fn words(&self) -> String {
        let mut lines: Vec<String> = self.skipped.iter().map(Skipped::text).collect();
        if !self.skipped.is_empty() {
            lines.push("Save and review a new plan for what was skipped.".to_owned());
        }
        if self.settled > 0 {
            let customers = count(self.settled, "customer");
            lines.push(format!(
                "{customers} in step with the files already: nothing of what was planned there is left to do."
            ));
        }
        if self.beside > 0 {
            lines.push(format!("{} not part of this plan.", count(self.beside, "customer")));
        }
        lines.join("\n")
    }
}
