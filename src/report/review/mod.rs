//! What a reviewer has to know about a plan, gathered over all customers: what to look at first, what goes, who gains and
//! loses, which changes are equal. Values, which the outputs for people only lay out.

pub mod words;
pub mod change;
pub mod loss;
pub mod gain;
pub mod person;
pub mod risk;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::desired::state::DesiredState;
use crate::model::ids::PersonId;
use crate::model::ownership::Mark;
use crate::plan::forecast::Forecast;
use crate::plan::value::Plan;
use crate::report::forecast;
use crate::report::review::change::{Files, What, changes};
use crate::report::review::gain::{Gain, Gains};
use crate::report::review::loss::{Loss, Losses};
use crate::report::review::person::{People, Person};
use crate::report::review::risk::{Risk, Risks, is_listed};
use crate::report::review::words::{counted, number};
use crate::report::tally::{Fate, Tally};

/// A plan as a reviewer sees it.
#[derive(Debug, Clone)]
pub struct Review<'a> {
    /// How much there is of everything.
    pub tally: Tally,
    /// Customers the plan covers.
    pub covered: usize,
    /// What to look at first.
    pub risks: Vec<Risk<'a>>,
    /// What goes.
    pub losses: Vec<Loss<'a>>,
    /// What comes.
    pub gains: Vec<Gain<'a>>,
    /// Who gains and loses.
    pub people: Vec<Person<'a>>,
    /// People near the number of tenants one person may be in.
    pub crowded: Vec<Crowded<'a>>,
    counts: Counts,
    /// What it will cost.
    forecast: Forecast,
    /// Findings that stand in no table of their own.
    findings: usize,
}

/// Somebody who would be in many tenants.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Crowded<'a> {
    /// In how many.
    pub tenants: usize,
    /// Her address.
    pub address: &'a str,
}

/// What will be carried out, by what is given and what is taken.
#[derive(Debug, Clone, Default)]
struct Counts {
    joins: usize,
    roles: usize,
    /// The roles by tier: standard, elevated, privileged.
    tiers: [usize; 3],
    groups: usize,
    ledgers: usize,
    guests: usize,
    leaves: usize,
    taken: usize,
    deleted: usize,
    dismissed: usize,
}

impl<'a> Review<'a> {
    /// Looks at a whole plan.
    pub fn of(plan: &'a Plan, desired: &'a DesiredState) -> Self {
        let mark = Mark::of(desired.partner.tenant);
        let ledger = mark.ledger();
        let (mut risks, mut losses) = (Risks::default(), Losses::default());
        let (mut gains, mut people) = (Gains::default(), People::default());
        let mut crowd: BTreeMap<PersonId, Crowded<'a>> = BTreeMap::new();
        let (mut counts, mut findings) = (Counts::default(), 0);
        for customer in &plan.customers {
            let declared = desired.customers.get(&customer.name);
            let files = Files::of(declared, &mark);
            let changes = changes(customer, declared);
            risks.take(customer, &changes, &files);
            losses.take(&changes, &files);
            gains.take(&changes, &files, &ledger);
            people.take(&changes, &files);
            findings += customer.findings.iter().filter(|finding| is_listed(finding)).count();
            for change in &changes {
                if change.fate == Fate::Runs {
                    counts.count(&change.what, &ledger);
                }
                if let What::Joins { member, .. } = &change.what
                    && let Some(tenants) = customer.measure.crowded.get(&member.person)
                {
                    let address = member.address.as_str();
                    crowd.insert(member.person, Crowded { tenants: *tenants, address });
                }
            }
        }
        let mut crowded: Vec<Crowded<'a>> = crowd.into_values().collect();
        crowded.sort_by(|a, b| (b.tenants, a.address).cmp(&(a.tenants, b.address)));
        Self {
            tally: Tally::of(plan),
            covered: plan.customers.len(),
            risks: risks.finish(),
            losses: losses.finish(),
            gains: gains.finish(),
            people: people.finish(),
            crowded,
            counts,
            forecast: Forecast::of(plan, desired.partner.cloud),
            findings,
        }
    }

    /// The plan in one line.
    pub fn headline(&self) -> String {
        let Tally { add, change, remove, customers, held, refused, gaps, listed, .. } = &self.tally;
        let mut line = if self.tally.is_pending() {
            format!(
                "{} to add, {} to change, {} to remove at {} of {}",
                number(*add),
                number(*change),
                number(*remove),
                number(*customers),
                counted(self.covered, "customer")
            )
        } else {
            let waits = *listed + *held > 0;
            let what = if waits { "nothing is written" } else { "nothing to do" };
            format!("{what} at {}", counted(self.covered, "customer"))
        };
        for (count, word) in [(*held, "held"), (*refused, "refused"), (*gaps, "unclear")] {
            if count > 0 {
                let of = if word == "held" { counted(count, "operation") } else { number(count) };
                // Writing to a String cannot fail.
                let _infallible = write!(line, ", {of} {word}");
            }
        }
        if *listed > 0 {
            let _infallible = write!(line, ", {} only listed", counted(*listed, "difference"));
        }
        line
    }

    /// What a plan comes to, as rows of a table; a row that says nothing is left out.
    pub fn summary(&self) -> Vec<(&'static str, String)> {
        let Counts { joins, roles, tiers, groups, ledgers, guests, leaves, taken, deleted, dismissed } =
            self.counts;
        let people = |side: fn(&Person<'_>) -> bool| self.people.iter().filter(|p| side(p)).count();
        let gaining = people(|p| p.gains.keys().any(|access| access.fate == Fate::Runs));
        let losing = people(|p| p.losses.keys().any(|access| access.fate == Fate::Runs));
        let summed = |counts: &[(usize, &str)], people: usize| {
            let some = counts.iter().filter(|(count, _)| *count > 0);
            let listed: Vec<String> = some.map(|(count, noun)| counted(*count, noun)).collect();
            let of = if people > 0 { format!(" ({})", counted(people, "person")) } else { String::new() };
            if listed.is_empty() { String::new() } else { listed.join(", ") + &of }
        };
        let gained = [
            (joins, "membership"),
            (roles, "role"),
            (groups, "group"),
            (ledgers, "ledger"),
            (guests, "invitation"),
        ];
        let lost = [(leaves, "membership"), (taken, "role"), (deleted, "group"), (dismissed, "guest")];
        let count = |count: usize| if count > 0 { number(count) } else { String::new() };
        // Memberships are counted above; what waits is counted as whole operations, so it says so.
        let operations = |count: usize| if count > 0 { counted(count, "operation") } else { String::new() };
        let rows = [
            ("Customers changed", format!("{} of {}", number(self.tally.customers), number(self.covered))),
            ("Gained", summed(&gained, gaining)),
            ("Roles by tier", by_tier(tiers)),
            ("Lost", summed(&lost, losing)),
            ("Changed", count(self.tally.change)),
            ("Held", operations(self.tally.held)),
            ("Refused", count(self.tally.refused)),
            ("Not read, or in doubt", count(self.tally.gaps)),
            ("People in many tenants", count(self.crowded.len())),
            ("Worth knowing", count(self.findings)),
            ("Only listed", operations(self.tally.listed)),
            ("Forecast", forecast::words(&self.forecast)),
        ];
        rows.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }
}

/// How many roles are given of each tier, if any is more than standard.
fn by_tier([standard, elevated, privileged]: [usize; 3]) -> String {
    if elevated + privileged == 0 {
        return String::new();
    }
    let tiers = [(privileged, "privileged"), (elevated, "elevated"), (standard, "standard")];
    let some = tiers.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, tier)| format!("{} {tier}", number(*count))).collect::<Vec<_>>().join(", ")
}

impl Counts {
    /// Counts one change. `ledger` is the unique name of the group that is only bookkeeping.
    fn count(&mut self, what: &What<'_>, ledger: &str) {
        if let What::Gives { role, .. } = what {
            self.tiers[role.tier as usize] += 1;
        }
        *match what {
            What::Creates { unique, .. } if *unique == ledger => &mut self.ledgers,
            What::Joins { .. } => &mut self.joins,
            What::Gives { .. } => &mut self.roles,
            What::Creates { .. } => &mut self.groups,
            What::Invites { .. } => &mut self.guests,
            What::Leaves { .. } => &mut self.leaves,
            What::Takes { .. } => &mut self.taken,
            What::Deletes { .. } => &mut self.deleted,
            What::Dismisses { .. } => &mut self.dismissed,
            What::Adopts { .. }
            | What::Reminds { .. }
            | What::Renames { .. }
            | What::Enters { .. }
            | What::Releases { .. } => {
                return;
            }
        } += 1;
    }
}
