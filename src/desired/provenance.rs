//! Where the values of one customer's effective state come from.

use std::collections::BTreeMap;

use crate::desired::problems::Problems;
use crate::desired::source::Spot;
use crate::model::names::CustomerName;
use crate::model::origin::Origin;

/// The place of every value of one customer that a file gives, by its path: `tenantId`, `drift.foreignMembers`,
/// `groups.Contoso_Readers.from`, `policy.roles.Reader`. A value that is not here is a default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance(BTreeMap<String, Origin>);

impl Provenance {
    /// Where the value with this path was given; none for a default.
    pub fn of(&self, path: &str) -> Option<&Origin> {
        self.0.get(path)
    }
}

/// Collects the provenance of one customer, or nothing: for a fleet it would weigh more than the state itself.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    wanted: Option<&'a CustomerName>,
    found: Provenance,
}

impl<'a> Trace<'a> {
    pub(super) fn of(wanted: Option<&'a CustomerName>) -> Self {
        Self { wanted, found: Provenance::default() }
    }

    /// Notes where a value of `customer` stands.
    pub(super) fn note(
        &mut self,
        customer: &CustomerName,
        path: &str,
        spot: Option<Spot>,
        problems: &Problems<'_>,
    ) {
        if let Some(spot) = spot
            && self.wanted == Some(customer)
        {
            self.found.0.insert(path.to_owned(), problems.sources().origin(spot));
        }
    }

    /// Notes where a value stands that is the same for every customer.
    pub(super) fn note_shared(&mut self, path: &str, spot: Spot, problems: &Problems<'_>) {
        if self.wanted.is_some() {
            self.found.0.insert(path.to_owned(), problems.sources().origin(spot));
        }
    }

    pub(super) fn finish(self) -> Provenance {
        self.found
    }
}
