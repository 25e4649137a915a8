//! In how many customer tenants each person is wanted: Entra allows one person 500.

use std::collections::BTreeMap;

use crate::model::ids::PersonId;

/// Number of customers per person, over all customers of the files, whatever part of them is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// Customers in which a person is, or would be, a guest.
    pub tenants: BTreeMap<PersonId, usize>,
}
