//! Everything the documents name, to look names up in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;

use crate::desired::documents::{Doc, Documents};
use crate::desired::given::{Form, Optional, entries};
use crate::desired::schema::Kind;
use crate::desired::schema::access::TemplateSpec;
use crate::desired::schema::grant::GrantSpec;
use crate::desired::schema::partner::GroupSpec;
use crate::desired::state::Policy;
use crate::model::ids::SubscriptionId;
use crate::model::names::{Alias, CustomerName, GrantName, GroupName, RoleName, TemplateName};
use crate::model::role::Role;

/// The longest grant if Policy says nothing.
pub(super) const GRANT_MAX_DURATION: SignedDuration = SignedDuration::from_hours(12);

/// Names and what they stand for. Values of two documents with one name are the first one's.
#[derive(Debug)]
pub(super) struct Catalog<'d> {
    pub(super) groups: BTreeMap<&'d GroupName, &'d GroupSpec>,
    pub(super) templates: BTreeMap<&'d TemplateName, &'d TemplateSpec>,
    /// Names and folders of customers.
    pub(super) customers: BTreeSet<&'d str>,
    /// Policy's roles by name; none for a role that is named but malformed.
    pub(super) roles: BTreeMap<&'d RoleName, Option<Role>>,
    /// The names of custom roles, of all customers.
    pub(super) own_roles: BTreeSet<&'d RoleName>,
    pub(super) grant_max_duration: SignedDuration,
    grants: BTreeMap<&'d str, Vec<&'d Doc<GrantName, GrantSpec>>>,
    owners: HashMap<SubscriptionId, (&'d CustomerName, &'d Alias)>,
    aliases: HashMap<&'d Alias, &'d CustomerName>,
    ambiguous: BTreeSet<&'d CustomerName>,
    lacking: BTreeSet<Kind>,
}

impl<'d> Catalog<'d> {
    pub(super) fn new(documents: &'d Documents, policy: Option<&Policy>) -> Self {
        let mut catalog = Self {
            groups: BTreeMap::new(),
            templates: BTreeMap::new(),
            customers: BTreeSet::new(),
            roles: BTreeMap::new(),
            own_roles: BTreeSet::new(),
            grant_max_duration: policy.map_or(GRANT_MAX_DURATION, |policy| policy.grant_max_duration),
            grants: BTreeMap::new(),
            owners: HashMap::new(),
            aliases: HashMap::new(),
            ambiguous: BTreeSet::new(),
            lacking: lacking(documents),
        };
        let mut seen = BTreeSet::new();
        let names = documents.customers.iter().filter_map(|doc| doc.name.get());
        catalog.ambiguous.extend(names.filter(|name| !seen.insert(*name)));
        for (name, spec) in documents.groups.iter().filter_map(Doc::parts) {
            catalog.groups.entry(name).or_insert(spec);
        }
        for (name, spec) in documents.templates.iter().filter_map(Doc::parts) {
            catalog.templates.entry(name).or_insert(spec);
        }
        for doc in &documents.customers {
            catalog.customers.extend(doc.place.customer());
            catalog.customers.extend(doc.name.get().map(CustomerName::as_str));
            let Some((customer, spec)) = doc.parts() else { continue };
            catalog.own_roles.extend(entries(spec.roles.value()).map(|(name, _, _)| name));
            for (alias, _, id) in entries(spec.subscriptions.value()) {
                catalog.aliases.entry(alias).or_insert(customer);
                if let Some(id) = id.get() {
                    catalog.owners.entry(*id).or_insert((customer, alias));
                }
            }
        }
        for grant in &documents.grants {
            if let Some(customer) = grant.place.customer() {
                catalog.grants.entry(customer).or_default().push(grant);
            }
        }
        let roles = documents.policies.first().and_then(|doc| doc.spec.get()?.roles.get());
        for (name, _, role) in entries(roles) {
            catalog.roles.insert(name, super::policy::role(name, role));
        }
        catalog
    }

    /// Whether a document of this kind may be missing because its text could not be understood: then a name that is not
    /// found is no mistake of the place that uses it.
    pub(super) fn may_lack(&self, kind: Kind) -> bool {
        self.lacking.contains(&kind)
    }

    /// The grants in a customer's folder.
    pub(super) fn grants_of(&self, customer: &str) -> &[&'d Doc<GrantName, GrantSpec>] {
        self.grants.get(customer).map_or(&[], Vec::as_slice)
    }

    /// The customers that have grants.
    pub(super) fn granting(&self) -> impl Iterator<Item = (&'d str, &[&'d Doc<GrantName, GrantSpec>])> {
        self.grants.iter().map(|(customer, grants)| (*customer, grants.as_slice()))
    }

    /// Whose subscription this is, and what it is called there.
    pub(super) fn owner(&self, id: SubscriptionId) -> Option<(&'d CustomerName, &'d Alias)> {
        self.owners.get(&id).copied()
    }

    /// A customer with a subscription of this alias.
    pub(super) fn owner_of_alias(&self, alias: &Alias) -> Option<&'d CustomerName> {
        self.aliases.get(alias).copied()
    }

    /// Whether two documents have this customer's name, so that it is open which of them is meant.
    pub(super) fn is_ambiguous(&self, customer: &CustomerName) -> bool {
        self.ambiguous.contains(customer)
    }

    /// Whether everybody in a partner group has an end there: listed, and every one with `expires`.
    pub(super) fn always_ends(&self, group: &GroupName) -> Option<bool> {
        let spec = self.groups.get(group)?;
        let Some(members) = spec.members.as_ref() else { return Some(spec.entra_group.is_none()) };
        // An `expires` that is there but malformed was reported.
        Some(members.get()?.iter().all(|(_, _, member)| match member.get() {
            Some(Form::Short(_)) => false,
            Some(Form::Long(long)) => long.expires.is_some(),
            None => true,
        }))
    }
}

/// The kinds of which something is named in a way that could not be understood.
fn lacking(documents: &Documents) -> BTreeSet<Kind> {
    let mut kinds = documents.lost.clone();
    if documents.groups.iter().any(|doc| doc.parts().is_none()) {
        kinds.insert(Kind::PartnerGroup);
    }
    if documents.templates.iter().any(|doc| doc.parts().is_none()) {
        kinds.insert(Kind::AccessTemplate);
    }
    let roles = documents.policies.first().and_then(|doc| doc.spec.get()?.roles.get());
    if roles.is_none_or(|roles| roles.0.iter().any(|entry| entry.key.get().is_none())) {
        kinds.insert(Kind::Policy);
    }
    kinds
}
