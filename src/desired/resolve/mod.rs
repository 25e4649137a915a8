//! From documents to what they mean: templates expanded, names looked up, aliases replaced by ids, defaults filled in. Pure;
//! whatever cannot be resolved is reported, and the rest goes on.

mod catalog;
mod policy;
mod partner;
mod customer;
mod draft;
mod mapping;
mod grant;

use std::collections::BTreeMap;

use crate::desired::documents::Documents;
use crate::desired::given::entries;
use crate::desired::problems::Problems;
use crate::desired::provenance::Trace;
use crate::desired::resolve::catalog::Catalog;
use crate::desired::state::DesiredState;

/// What the documents mean, as far as it can be made out. `trace` notes where one customer's values come from.
pub(super) fn resolve(
    documents: &Documents,
    stop: Option<String>,
    problems: &Problems<'_>,
    trace: &mut Trace<'_>,
) -> Option<DesiredState> {
    let policy_spec = documents.policies.first().and_then(|doc| doc.spec.get());
    let policy = documents.policies.first().and_then(|doc| policy::policy(doc, problems));
    let partner = documents.partners.first().and_then(|doc| partner::partner(doc, problems));
    let mut groups = BTreeMap::new();
    for doc in &documents.groups {
        if let Some(group) = partner::group(doc, problems) {
            groups.entry(group.name.clone()).or_insert(group);
        }
    }
    for (name, spot, _) in entries(policy_spec.and_then(|spec| spec.roles.get())) {
        trace.note_shared(&format!("policy.roles.{name}"), spot, problems);
    }
    let catalog = Catalog::new(documents, policy.as_ref());
    let drift = policy_spec.and_then(|spec| spec.drift.as_ref());
    let mut customers = BTreeMap::new();
    for doc in &documents.customers {
        if let Some(customer) = customer::customer(doc, &catalog, drift, problems, trace) {
            customers.entry(customer.name.clone()).or_insert(customer);
        }
    }
    mapping::template_roles(&catalog, problems);
    grant::orphans(&catalog, problems);
    let mut overrides: Vec<_> =
        documents.overrides.iter().flat_map(|doc| grant::overrides(doc, &catalog, problems)).collect();
    overrides.sort_by(|a, b| (&a.customer, &a.name, &a.digest).cmp(&(&b.customer, &b.name, &b.digest)));
    Some(DesiredState { partner: partner?, policy: policy?, groups, customers, overrides, stop })
}
