//! A customer's mappings, with their partner groups, roles and scopes looked up.

use std::collections::BTreeMap;

use crate::desired::code::{self, Code};
use crate::desired::decode::listed;
use crate::desired::given::{Form, Given, Optional, entries};
use crate::desired::problems::{Problem, Problems};
use crate::desired::provenance::Trace;
use crate::desired::resolve::catalog::Catalog;
use crate::desired::resolve::draft::{Draft, distinct_slugs, of_templates, only_once, own};
use crate::desired::schema::Kind;
use crate::desired::schema::access::CustomerSpec;
use crate::desired::schema::leaf::MembersFrom;
use crate::desired::schema::scope::ScopePath;
use crate::desired::source::Spot;
use crate::desired::state::{Mapping, RoleAtScope};
use crate::model::ids::{RoleId, SubscriptionId};
use crate::model::names::{Alias, CustomerName, GroupName, MappingKey, RoleName};
use crate::model::role::{Role, Tier};
use crate::model::scope::Scope;

/// A customer's mappings, as far as they could be resolved.
#[derive(Debug)]
pub(super) struct Mappings {
    pub(super) done: BTreeMap<MappingKey, Mapping>,
    /// Whether a template or key could not be read, so that a mapping may be missing.
    pub(super) is_partial: bool,
}

/// What a mapping is resolved with.
struct Resolver<'a> {
    problems: &'a Problems<'a>,
    catalog: &'a Catalog<'a>,
    customer: &'a CustomerName,
    own_roles: &'a BTreeMap<&'a RoleName, Option<RoleId>>,
    subscriptions: BTreeMap<&'a Alias, Option<SubscriptionId>>,
    is_missing_subscriptions: bool,
}

/// Resolves the mappings of a customer.
pub(super) fn mappings(
    customer: &CustomerName,
    spec: &CustomerSpec,
    own_roles: &BTreeMap<&RoleName, Option<RoleId>>,
    catalog: &Catalog<'_>,
    problems: &Problems<'_>,
    trace: &mut Trace<'_>,
) -> Mappings {
    let mut drafts = Vec::new();
    let mut is_partial = of_templates(customer, spec, catalog, problems, &mut drafts);
    if let Some(groups) = &spec.groups {
        is_partial |=
            groups.get().is_none_or(|groups| groups.0.iter().any(|entry| entry.key.get().is_none()));
        for (key, start, mapping) in entries(groups.get()) {
            match mapping.get() {
                Some(mapping) => drafts.push(own(key, start, mapping)),
                None => is_partial = true,
            }
        }
    }
    let drafts = only_once(drafts, problems);
    distinct_slugs(&drafts, problems);
    let resolver = Resolver {
        problems,
        catalog,
        customer,
        own_roles,
        subscriptions: entries(spec.subscriptions.value())
            .map(|(alias, _, id)| (alias, id.get().copied()))
            .collect(),
        is_missing_subscriptions: spec
            .subscriptions
            .as_ref()
            .is_some_and(|all| all.get().is_none_or(|all| all.0.iter().any(|e| e.key.get().is_none()))),
    };
    let mut done = BTreeMap::new();
    for draft in drafts {
        for (field, spot) in &draft.places {
            trace.note(customer, &format!("groups.{}.{field}", draft.key), *spot, problems);
        }
        let mapping = resolver.mapping(draft);
        done.insert(mapping.key.clone(), mapping);
    }
    Mappings { done, is_partial }
}

/// Reports the roles of templates that no customer could give, whether or not a customer uses the template.
pub(super) fn template_roles(catalog: &Catalog<'_>, problems: &Problems<'_>) {
    for template in catalog.templates.values() {
        for (_, _, mapping) in entries(template.groups.get()) {
            for (name, spot, _) in entries(mapping.get().and_then(|mapping| mapping.roles.value())) {
                if !catalog.roles.contains_key(name) && !catalog.own_roles.contains(name) {
                    no_role(name, spot, [], catalog, problems);
                }
            }
        }
    }
}

fn no_role<'n>(
    name: &RoleName,
    spot: Spot,
    own: impl IntoIterator<Item = &'n RoleName>,
    catalog: &Catalog<'n>,
    problems: &Problems<'_>,
) {
    if catalog.may_lack(Kind::Policy) {
        return;
    }
    let known = catalog.roles.keys().copied().chain(own).map(RoleName::as_str);
    let hint = problems.did_you_mean(name.as_str(), known).unwrap_or_else(|| {
        "only roles listed in Policy, or in the customer's `roles`, can be given".to_owned()
    });
    problems.add(Problem::new(code::NO_ROLE, spot, format!("there is no role `{name}`")).hint(hint));
}

impl Resolver<'_> {
    fn mapping(&self, draft: Draft<'_>) -> Mapping {
        let from = match &draft.from {
            Some((MembersFrom::Group(group), spot)) => {
                self.has_group(group, *spot, &draft);
                Some(group.clone())
            }
            Some((MembersFrom::None, _)) | None => None,
        };
        let mut roles = Vec::new();
        for (name, spot, scopes) in entries(draft.roles) {
            let role = self.role(name, spot);
            if role.as_ref().is_some_and(|role| role.tier == Tier::Privileged)
                && let Some(group) = &from
                && self.catalog.always_ends(group) == Some(false)
            {
                let message = format!("`{name}` is privileged, and memberships of `{group}` do not end");
                let hint = "use `from: none` with grants, or give every listed member `expires`";
                self.blame(code::PRIVILEGED, &draft, spot, message, hint.to_owned());
            }
            for scope in written_scopes(scopes) {
                let Some(path) = scope.get() else { continue };
                let subscriptions = self.subscriptions(path, scope.spot, &draft);
                let Some(role) = &role else { continue };
                for (alias, id) in subscriptions {
                    roles.push(RoleAtScope {
                        scope: Scope::subscription(id).below(&path.below),
                        role: role.clone(),
                        written: format!("subscriptions/{alias}/{}", path.below)
                            .trim_end_matches('/')
                            .to_owned(),
                        origin: self.problems.sources().origin(scope.spot),
                    });
                }
            }
        }
        roles.sort();
        roles.dedup_by(|a, b| a.scope == b.scope && a.role.id == b.role.id);
        Mapping {
            from,
            roles,
            origin: self.problems.sources().origin(draft.start),
            key: draft.key,
            was: draft.was,
            display_name: draft.display_name,
            adopt: draft.adopt,
            reassert: draft.reassert,
        }
    }

    /// Reports a problem of this customer with what a mapping says at `spot`: there if it is the customer's own, else where
    /// the customer lists the template.
    fn blame(&self, code: Code, draft: &Draft<'_>, spot: Spot, message: String, hint: String) {
        let problem = if draft.asked == draft.start {
            Problem::new(code, spot, message)
        } else {
            Problem::new(code, draft.asked, message).related(spot, "the template asks for it here")
        };
        self.problems.add(problem.hint(hint));
    }

    fn has_group(&self, group: &GroupName, spot: Spot, draft: &Draft<'_>) {
        if self.catalog.groups.contains_key(group) || self.catalog.may_lack(Kind::PartnerGroup) {
            return;
        }
        let known = self.catalog.groups.keys().map(|name| name.as_str());
        let hint = self.problems.did_you_mean(group.as_str(), known).unwrap_or_else(|| {
            "add a PartnerGroup of that name in groups/, or name another one with `from:`".to_owned()
        });
        let mut problem = Problem::new(code::NO_GROUP, spot, format!("there is no partner group `{group}`"));
        if draft.asked != draft.start {
            problem = problem.related(draft.start, "the template asks for it here");
        }
        self.problems.add(problem.hint(hint));
    }

    fn role(&self, name: &RoleName, spot: Spot) -> Option<Role> {
        if let Some(role) = self.catalog.roles.get(name) {
            return role.clone();
        }
        if let Some(id) = self.own_roles.get(name) {
            return Some(Role { name: name.clone(), id: (*id)?, tier: Tier::Standard });
        }
        no_role(name, spot, self.own_roles.keys().copied(), self.catalog, self.problems);
        None
    }

    /// The subscriptions that a scope names.
    fn subscriptions(
        &self,
        path: &ScopePath,
        spot: Spot,
        draft: &Draft<'_>,
    ) -> Vec<(&Alias, SubscriptionId)> {
        let Some(alias) = &path.alias else {
            if self.subscriptions.is_empty() && !self.is_missing_subscriptions {
                let message =
                    format!("`{}` lists no subscriptions, so this role is given nowhere", self.customer);
                let hint = "add `subscriptions:` to the customer".to_owned();
                self.blame(code::EXPANDS_TO_NOTHING, draft, spot, message, hint);
            }
            return self.subscriptions.iter().filter_map(|(alias, id)| Some((*alias, (*id)?))).collect();
        };
        if let Some((alias, id)) = self.subscriptions.get_key_value(alias) {
            return id.map(|id| (*alias, id)).into_iter().collect();
        }
        if !self.is_missing_subscriptions {
            self.no_subscription(alias, spot, draft);
        }
        Vec::new()
    }

    fn no_subscription(&self, alias: &Alias, spot: Spot, draft: &Draft<'_>) {
        let known = || self.subscriptions.keys().map(|alias| alias.as_str());
        let here = || match known().collect::<Vec<_>>().as_slice() {
            [] => format!("`{}` lists no subscriptions", self.customer),
            all => format!("`{}` has {}", self.customer, listed(all, "and")),
        };
        let owner = alias.as_str().parse().ok().and_then(|id| self.catalog.owner(id));
        let (message, hint) = match owner {
            Some((owner, name)) if owner == self.customer => (
                format!("a subscription is named by its alias, not by its id {alias}"),
                format!("write `{name}`"),
            ),
            Some((owner, _)) => {
                (format!("the subscription {alias} belongs to `{owner}`, not to `{}`", self.customer), here())
            }
            None => match self.catalog.owner_of_alias(alias) {
                Some(owner) if owner != self.customer => (
                    format!("`{alias}` is a subscription of `{owner}`, not of `{}`", self.customer),
                    self.problems.did_you_mean(alias.as_str(), known()).unwrap_or_else(here),
                ),
                _ => (
                    format!("`{}` has no subscription `{alias}`", self.customer),
                    self.problems.did_you_mean(alias.as_str(), known()).unwrap_or_else(here),
                ),
            },
        };
        self.blame(code::NO_SUBSCRIPTION, draft, spot, message, hint);
    }
}

fn written_scopes(scopes: &Given<Form<ScopePath, Vec<Given<ScopePath>>>>) -> Vec<Given<ScopePath>> {
    match scopes.get() {
        None => Vec::new(),
        Some(Form::Short(scope)) => vec![Given { spot: scopes.spot, value: Some(scope.clone()) }],
        Some(Form::Long(list)) => list.clone(),
    }
}
