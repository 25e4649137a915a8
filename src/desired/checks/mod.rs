//! What must hold for the documents as written, before anything is expanded: each is where it belongs and the only one of its
//! name, people are staff and the same everywhere, customers don't share a tenant. Pure; every problem is reported.

mod names;
mod people;
mod policy;
mod tenants;

pub(super) use people::id_of;

use crate::desired::documents::Documents;
use crate::desired::problems::Problems;

/// Checks the documents of a directory against each other.
pub(super) fn check(documents: &Documents, problems: &Problems<'_>) {
    names::check(documents, problems);
    people::check(documents, problems);
    policy::check(documents, problems);
    tenants::check(documents, problems);
}
