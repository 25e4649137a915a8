//! Customers against each other and the partner: nobody shares a tenant, a domain, a subscription or an adopted group.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use crate::desired::checks::policy::distinct;
use crate::desired::code::{self, Code};
use crate::desired::documents::Documents;
use crate::desired::given::{Given, Optional, entries};
use crate::desired::problems::{Problem, Problems};
use crate::desired::source::Spot;
use crate::desired::state::State;
use crate::model::names::CustomerName;

pub(super) fn check(documents: &Documents, problems: &Problems<'_>) {
    let partner = documents.partners.first().and_then(|doc| doc.spec.get()).map(|spec| &spec.tenant_id);
    let mut tenants = Once::new(code::TENANT_TWICE, "tenant");
    let mut domains = Once::new(code::DOMAIN_TWICE, "domain");
    let mut subscriptions = Once::new(code::SUBSCRIPTION_TWICE, "subscription");
    let mut adopted = Once::new(code::ADOPTED_TWICE, "adopted group");
    let mut known = HashSet::new();
    for customer in &documents.customers {
        let Some((name, spec)) = customer.parts() else { continue };
        if !known.insert(name) {
            // Two documents of one name: reported, and everything in them would be there twice.
            continue;
        }
        tenants.see(Some(&spec.tenant_id), name, problems);
        domains.see(spec.verify_domain.as_ref(), name, problems);
        for (_, _, id) in entries(spec.subscriptions.value()) {
            subscriptions.see(Some(id), name, problems);
        }
        for (_, _, mapping) in entries(spec.groups.value()) {
            adopted.see(mapping.get().and_then(|m| m.adopt.as_ref()), name, problems);
        }
        if let Some(partner) = partner
            && spec.tenant_id.get().is_some()
            && spec.tenant_id.get() == partner.get()
        {
            let message = format!("`{name}` has the partner's own tenant");
            let hint = "the partner tenant is only ever read and cannot be a customer";
            let problem = Problem::new(code::PARTNER_AS_CUSTOMER, spec.tenant_id.spot, message).hint(hint);
            problems.add(problem.related(partner.spot, "the partner's tenant"));
        }
        if let Some(templates) = spec.templates.value() {
            distinct(templates, problems);
        }
        let state = spec.state.placed();
        match (state, &spec.offboard) {
            (Some((State::Offboard, spot)), None) => {
                let message = format!("`{name}` is to be left, but nothing says how");
                let hint = "add `offboard: {notBefore: 2030-01-31T00:00:00Z, reason: …}`; without notBefore it starts at once";
                problems.add(Problem::new(code::NO_OFFBOARD, spot, message).hint(hint));
            }
            (Some((State::Offboard | State::Offboarded, _)), _) | (_, None) => {}
            (_, Some(_)) if spec.state.is_some() && state.is_none() => {}
            (_, Some(block)) => {
                let message = "this has no effect before the state is `offboard`";
                problems.add(
                    Problem::new(code::IDLE_OFFBOARD, block.spot, message).hint("write `state: offboard`"),
                );
            }
        }
    }
}

/// Values that may occur once among all customers.
struct Once<'d, T> {
    code: Code,
    what: &'static str,
    seen: HashMap<&'d T, (&'d CustomerName, Spot)>,
}

impl<'d, T: Eq + Hash + Display> Once<'d, T> {
    fn new(code: Code, what: &'static str) -> Self {
        Self { code, what, seen: HashMap::new() }
    }

    fn see(&mut self, value: Option<&'d Given<T>>, customer: &'d CustomerName, problems: &Problems<'_>) {
        let Some((value, spot)) = value.and_then(|given| Some((given.get()?, given.spot))) else { return };
        let (owner, first) = *self.seen.entry(value).or_insert((customer, spot));
        if first != spot {
            let message = if owner == customer {
                format!("the {} {value} stands twice at `{customer}`", self.what)
            } else {
                format!("the {} {value} belongs to `{owner}` already", self.what)
            };
            let hint = "one of the two was probably copied and not changed";
            problems
                .add(Problem::new(self.code, spot, message).hint(hint).related(first, "first named here"));
        }
    }
}
