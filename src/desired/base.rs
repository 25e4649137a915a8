//! What may not change between two states of the files, the tenants they are about and the keys that groups were made under, and
//! what should not without being seen: mappings that look renamed, access that ends later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::desired::code::{self, Code};
use crate::desired::diagnostic::Diagnostic;
use crate::desired::source::Sources;
use crate::desired::state::{Customer, DesiredState, Mapping, Source, State};
use crate::model::ids::TenantId;
use crate::model::names::{CustomerName, MappingKey};
use crate::model::origin::Origin;

/// What `new` may not do to `base`. Places are in `base` for what vanished, else in `new`.
pub fn compare(base: &DesiredState, new: &DesiredState) -> Vec<Diagnostic> {
    let mut found = compare_tenants(&Known::of(base), new);
    let by_tenant: BTreeMap<TenantId, &Customer> = new.customers.values().map(|c| (c.tenant, c)).collect();
    for before in base.customers.values() {
        if let Some(after) = by_tenant.get(&before.tenant) {
            found.extend(changed_identities(before, after));
        }
    }
    found.extend(lasts_longer(base, new));
    found.sort_by(|a, b| (&a.origin, a.code, &a.message).cmp(&(&b.origin, b.code, &b.message)));
    found
}

/// Whom a state of the files is about: what is left to compare with where the files themselves are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The partner's tenant.
    pub partner: TenantId,
    /// The customers that were not left yet, each with its tenant, and where its file said so.
    pub customers: BTreeMap<CustomerName, (TenantId, Origin)>,
}

impl Known {
    /// Whom these files are about.
    pub fn of(state: &DesiredState) -> Self {
        let active = state.customers.values().filter(|customer| customer.state != State::Offboarded);
        let known =
            active.map(|customer| (customer.name.clone(), (customer.tenant, customer.origin.clone())));
        Self { partner: state.partner.tenant, customers: known.collect() }
    }
}

/// What `new` may not do to the tenants that `base` was about: drop one without leaving it, or point a name elsewhere.
pub fn compare_tenants(base: &Known, new: &DesiredState) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if base.partner != new.partner.tenant {
        let message = format!("the partner's tenant was {} before", base.partner);
        let hint = "another partner needs a directory of its own: everything made so far carries the mark of the old one";
        found.push(at(code::PARTNER_CHANGED, &new.partner.origin, message, hint));
    }
    let tenants: BTreeSet<TenantId> = new.customers.values().map(|customer| customer.tenant).collect();
    for (name, (tenant, origin)) in &base.customers {
        match new.customers.get(name) {
            Some(namesake) if namesake.tenant != *tenant => {
                let message = format!("the tenant of `{name}` was {tenant} before");
                let hint = "another tenant is another customer: add it under a name of its own, and offboard the old one";
                found.push(at(code::TENANT_CHANGED, &namesake.origin, message, hint));
            }
            Some(_) => {}
            // A customer is its tenant: a renamed folder is the same customer.
            None if tenants.contains(tenant) => {}
            None => {
                let message = format!("the customer `{name}` ({tenant}) is gone");
                let hint = "nothing there would be removed: set `state: offboard`, then `offboarded`, then delete the file";
                found.push(at(code::VANISHED, origin, message, hint));
            }
        }
    }
    found.sort_by(|a, b| (&a.origin, a.code, &a.message).cmp(&(&b.origin, b.code, &b.message)));
    found
}

/// Changes of Partner or Policy that come together with others: whoever writes the rules must not use them in the same breath.
pub fn mixed(base: &Sources, new: &Sources) -> Option<Diagnostic> {
    let texts = |sources: &'_ Sources| -> BTreeMap<String, String> {
        sources.iter().map(|source| (source.path.clone(), source.text.clone())).collect()
    };
    let (before, after) = (texts(base), texts(new));
    let paths: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let (rules, others): (Vec<_>, Vec<_>) = changed.partition(|path| !path.contains('/'));
    let (rule, other) = (rules.first()?, others.first()?);
    let message = match others.len() {
        1 => format!("`{rule}` changes together with `{other}`"),
        many => format!("`{rule}` changes together with `{other}` and {} more", many - 1),
    };
    let origin = Origin { file: (*rule).clone(), line: 0, column: 0 };
    let hint =
        "put it into a pull request of its own: other changes are judged by the rules that are in force";
    Some(at(code::RULES_NOT_ALONE, &origin, message, hint))
}

/// What to say where there is nothing to compare with.
pub fn not_compared() -> Diagnostic {
    let nowhere = Origin { file: String::new(), line: 0, column: 0 };
    let message = "customers that vanish or change tenants were not looked for".to_owned();
    at(code::NOT_COMPARED, &nowhere, message, "name the state before with `--base DIR`")
}

/// Mappings whose group would be lost: its unique name derives from the key it was created under, and never changes.
fn changed_identities(before: &Customer, after: &Customer) -> Vec<Diagnostic> {
    let kept: BTreeSet<&MappingKey> = after.mappings.values().map(Mapping::identity).collect();
    let mut found = Vec::new();
    for mapping in before.mappings.values().filter(|mapping| !kept.contains(mapping.identity())) {
        let (key, identity) = (&mapping.key, mapping.identity());
        let renamed_again =
            after.mappings.values().find(|m| mapping.was.is_some() && m.was.as_ref() == Some(key));
        let Some(successor) = after.mappings.get(key).or(renamed_again) else {
            // Gone altogether: a removal like any other, planned and guarded.
            found.extend(perhaps_renamed(before, after, mapping));
            continue;
        };
        let message = match &successor.was {
            None => format!("`{}` was created as `{identity}` and no longer says so", successor.key),
            Some(was) => format!("`{}` was created as `{identity}`, not as `{was}`", successor.key),
        };
        let hint = if mapping.was.is_some() {
            format!("write `was: {identity}`; it stays as long as the group does, whatever the key becomes")
        } else {
            "remove `was:`, or give the new mapping another key".to_owned()
        };
        found.push(at(code::IDENTITY_CHANGED, &successor.origin, message, &hint));
    }
    found
}

/// The one new mapping that is like one that went: whoever renames a key loses the group unless `was:` says so.
fn perhaps_renamed(before: &Customer, after: &Customer, gone: &Mapping) -> Option<Diagnostic> {
    // A group that was taken over is known by its id, whatever it is called here.
    if gone.adopt.is_some() {
        return None;
    }
    let is_new = |mapping: &&Mapping| !before.mappings.contains_key(&mapping.key) && mapping.was.is_none();
    let gives = |mapping: &Mapping| {
        let roles: BTreeSet<_> = mapping.roles.iter().map(|role| (&role.scope, role.role.id)).collect();
        (&mapping.from, roles) == (&gone.from, gone.roles.iter().map(|r| (&r.scope, r.role.id)).collect())
    };
    let mut alike = after.mappings.values().filter(is_new).filter(|mapping| gives(mapping));
    let new = alike.next().filter(|_| alike.next().is_none())?;
    let message = format!(
        "`{}` is gone and `{}` gives the same: its group is made anew and the old one deleted",
        gone.key, new.key
    );
    let hint = format!("if it is the same under another name, write `was: {}`", gone.identity());
    Some(at(code::PERHAPS_RENAMED, &new.origin, message, &hint))
}

/// Access that was to end, and ends later or not at all any more: a plan does nothing about it until the old end has come.
fn lasts_longer(base: &DesiredState, new: &DesiredState) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut compare = |what: String, origin: &Origin, before: Timestamp, after: Option<Timestamp>| {
        let now = match after {
            Some(after) if after <= before => return,
            Some(after) => format!("at {after}"),
            None => "never".to_owned(),
        };
        let message = format!("{what} was to end at {before} and now ends {now}");
        found.push(at(
            code::LASTS_LONGER,
            origin,
            message,
            "make sure that this is meant: a plan shows only what changes today",
        ));
    };
    for (name, customer) in &new.customers {
        let Some(before) = base.customers.get(name) else { continue };
        for (name, grant) in &customer.grants {
            if let Some(old) = before.grants.get(name).filter(|old| old.person.id == grant.person.id) {
                let what = format!("the access of {} by grant {name}", grant.person.address);
                compare(what, &grant.origin, old.expires, Some(grant.expires));
            }
        }
    }
    for (name, group) in &new.groups {
        let (Some(Source::Listed(old)), Source::Listed(members)) =
            (base.groups.get(name).map(|g| &g.source), &group.source)
        else {
            continue;
        };
        for (id, member) in members {
            if let Some(end) = old.get(id).and_then(|old| old.expires) {
                let what = format!("the access of {} through {name}", member.person.address);
                compare(what, &member.person.origin, end, member.expires);
            }
        }
    }
    found
}

fn at(code: Code, origin: &Origin, message: String, hint: &str) -> Diagnostic {
    Diagnostic {
        severity: code.severity,
        code: code.id,
        origin: origin.clone(),
        source_line: String::new(),
        span: 0..0,
        message,
        hint: Some(hint.to_owned()),
        related: None,
    }
}
