//! Who holds roles at a customer, and which of those roles the files could name.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::assignment::RoleAssignment;
use crate::model::ids::{ObjectId, RoleId, SubscriptionId};
use crate::model::member::{Member, User};
use crate::model::names::{Alias, slug};
use crate::model::role::{Role, Tier};
use crate::model::scope::Scope;
use crate::model::subscription::SubscriptionState;
use crate::observed::question::Question;
use crate::observed::surroundings::Surroundings;
use crate::plan::adoption::value::{Held, NewSubscription};
use crate::plan::directory::staff_address_of;
use crate::plan::draft::Inputs;
use crate::plan::sheet::Sheet;

/// Who is to be read besides what every pass reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Principals {
    /// Groups that hold roles and that groupsync neither made nor adopted.
    pub groups: BTreeSet<ObjectId>,
    /// People who hold roles themselves.
    pub users: BTreeSet<ObjectId>,
}

/// Who holds roles in the subscriptions of this tenant.
pub fn principals(inputs: Inputs<'_>) -> Principals {
    let observed = inputs.observed;
    let is_known = |id: &ObjectId| {
        observed.groups.as_ref().is_ok_and(|groups| groups.contains_key(id))
            || observed.adopted.contains_key(id)
    };
    let mut principals = Principals::default();
    for row in rows(inputs).into_values().flatten() {
        match row.principal_type.as_str() {
            "Group" if !is_known(&row.key.principal) => drop(principals.groups.insert(row.key.principal)),
            "User" => drop(principals.users.insert(row.key.principal)),
            _ => {}
        }
    }
    principals
}

/// Guests with an address of ours who stand in a group that was read or hold a role themselves: what else they stand in is
/// worth a look.
pub fn guests(inputs: Inputs<'_>, around: &Surroundings) -> BTreeSet<ObjectId> {
    let domains = &inputs.desired.partner.staff_domains;
    let ours = users(inputs, around).filter(|user| staff_address_of(user, domains).is_some());
    ours.map(|user| user.id).collect()
}

/// Every external user who was read.
pub(super) fn users<'a>(inputs: Inputs<'a>, around: &'a Surroundings) -> impl Iterator<Item = &'a User> {
    let groups = inputs.observed.members.values().chain(around.members.values()).flatten();
    let members = groups.flat_map(BTreeMap::values).filter_map(Member::user);
    let holders = around.users.values().flatten().flatten();
    members.chain(holders).filter(|user| user.is_external())
}

/// The role assignments of everybody, each once: those above a subscription show in each of them.
pub(super) fn rows<'a>(inputs: Inputs<'a>) -> BTreeMap<ObjectId, Vec<&'a RoleAssignment>> {
    let mut seen = BTreeSet::new();
    let mut rows: BTreeMap<ObjectId, Vec<&'a RoleAssignment>> = BTreeMap::new();
    for row in inputs.observed.assignments.values().flatten().flatten() {
        if seen.insert(row.id.to_ascii_lowercase()) {
            rows.entry(row.key.principal).or_default().push(row);
        }
    }
    for rows in rows.values_mut() {
        rows.sort();
    }
    rows
}

/// Whether the role assignments of every subscription of this tenant were read.
pub(super) fn are_whole(inputs: Inputs<'_>) -> bool {
    let tenant = inputs.customer.tenant;
    let Ok(subscriptions) = &inputs.observed.subscriptions else { return false };
    subscriptions
        .values()
        .filter(|found| found.tenant == tenant && !matches!(found.state, SubscriptionState::Gone(_)))
        .all(|found| matches!(inputs.observed.assignments.get(&found.id), Some(Ok(_))))
}

/// The subscriptions for the file of a customer without mappings. Where there are some, a new subscription would also count for
/// their `subscriptions/*`, which a person has to want.
pub(super) fn new_subscriptions(inputs: Inputs<'_>) -> BTreeMap<Alias, NewSubscription> {
    let customer = inputs.customer;
    let Ok(subscriptions) = &inputs.observed.subscriptions else { return BTreeMap::new() };
    if !customer.mappings.is_empty() {
        return BTreeMap::new();
    }
    let declared: BTreeSet<SubscriptionId> = customer.subscriptions.values().map(|s| s.id).collect();
    let mut new = BTreeMap::new();
    let mut slugs: BTreeMap<String, usize> = BTreeMap::new();
    let own = || {
        let here = subscriptions.values().filter(|found| found.tenant == customer.tenant);
        here.filter(|found| found.state == SubscriptionState::Active && !declared.contains(&found.id))
    };
    for found in own() {
        *slugs.entry(slug(&found.display_name)).or_default() += 1;
    }
    for found in own() {
        let called = slug(&found.display_name);
        let is_free = !called.is_empty()
            && slugs.get(&called) == Some(&1)
            && !customer.subscriptions.keys().any(|alias| alias.as_str() == called);
        let id = found.id.to_string();
        let alias = if is_free { called } else { format!("subscription-{id}") };
        let alias: Alias = alias.parse().expect("letters, digits and hyphens make a name");
        let display_name = found.display_name.clone();
        new.insert(alias, NewSubscription { id: found.id, display_name });
    }
    new
}

/// The roles of one group or person, by scope.
pub(super) fn held(
    sheet: &mut Sheet<'_>,
    rows: &[&RoleAssignment],
    new: &BTreeMap<Alias, NewSubscription>,
    ends: Ends,
) -> Vec<Held> {
    let mut held = BTreeSet::new();
    for row in rows {
        let (name, role) = role(sheet, row.key.role);
        let (written, place) = place(sheet.inputs, &row.key.scope, new);
        let verdict = place.and_then(|()| {
            let role = role?;
            if role.tier == Tier::Privileged && ends == Ends::Never {
                return Err("privileged, and only memberships that end may have such a role".to_owned());
            }
            if row.condition.is_some() {
                return Err("it has a condition, which the files cannot say".to_owned());
            }
            Ok(role)
        });
        let scope = row.key.scope.clone();
        held.insert(Held { scope, written, id: row.key.role, name, verdict });
    }
    // The same role may stand there twice: with a condition, and given by two.
    let mut once: BTreeMap<(Scope, RoleId), Held> = BTreeMap::new();
    for each in held {
        let known = once.entry((each.scope.clone(), each.id)).or_insert_with(|| each.clone());
        if known.verdict.is_ok() && each.verdict.is_err() {
            known.verdict = each.verdict;
        }
    }
    once.into_values().collect()
}

/// Whether the memberships of a group end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// People stand in it for good.
    Never,
    /// Nobody stands in it.
    Always,
}

/// What a role is called, and as which of the files' roles it can be written.
fn role(sheet: &mut Sheet<'_>, id: RoleId) -> (String, Result<Role, String>) {
    let inputs = sheet.inputs;
    if let Some(role) = inputs.desired.policy.roles.values().find(|role| role.id == id) {
        return (role.name.to_string(), Ok(role.clone()));
    }
    if let Some((name, _)) = inputs.customer.roles.iter().find(|(_, own)| **own == id) {
        return (name.to_string(), Ok(Role { name: name.clone(), id, tier: Tier::Standard }));
    }
    let answer = inputs.observed.facts.roles.get(&id);
    match sheet.ask(answer, Question::Role(id)) {
        Some(Ok(Some(found))) if found.custom => (
            found.name.clone(),
            Err(format!(
                "a role of the customer's own ({id}): name it under `roles` of the customer to keep it"
            )),
        ),
        Some(Ok(Some(found))) if found.can_grant_access() => {
            (found.name.clone(), Err(format!("not in Policy ({id}), and it can hand out access")))
        }
        Some(Ok(Some(found))) => (found.name.clone(), Err(format!("not in Policy ({id})"))),
        Some(Err(unread)) => {
            sheet.gap(unread, format!("role {id}"), "what this role is called");
            (id.to_string(), Err("not in Policy".to_owned()))
        }
        Some(Ok(None)) | None => (id.to_string(), Err("not in Policy".to_owned())),
    }
}

/// A scope as the files write it or would, and whether they can.
fn place(
    inputs: Inputs<'_>,
    scope: &Scope,
    new: &BTreeMap<Alias, NewSubscription>,
) -> (String, Result<(), String>) {
    let Some(id) = scope.subscription_id() else {
        let text = "management groups and the root cannot be named in the files";
        return (scope.to_string(), Err(text.to_owned()));
    };
    let mut customer_says = inputs.customer.written(scope);
    if let Some((alias, _)) = new.iter().find(|(_, found)| found.id == id) {
        let rest = scope.as_str().strip_prefix(Scope::subscription(id).as_str()).unwrap_or_default();
        customer_says =
            format!("subscriptions/{alias}{}", rest.replacen("/resourcegroups/", "/resourceGroups/", 1));
    } else if !inputs.customer.subscriptions.values().any(|declared| declared.id == id) {
        let text = "in a subscription that no file names: name it under `subscriptions` and import again";
        return (customer_says, Err(text.to_owned()));
    }
    let verdict = if crate::desired::is_scope(&customer_says) {
        Ok(())
    } else {
        Err("the files cannot write this place".to_owned())
    };
    (customer_says, verdict)
}
