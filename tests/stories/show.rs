//! What a tenant truly holds, in a few lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use groupsync::simulator::history::{Act, Actor, Change};
use groupsync::simulator::requests::RequestRecord;
use groupsync::simulator::world::{Customer, User, World};
use uuid::Uuid;

use super::tenant::{ROLES, one};

/// One customer: its groups with their members, its guests, the roles its groups hold.
pub(super) fn customer(customer: &Customer) -> String {
    let mut text = String::new();
    section(&mut text, "groups", groups(customer));
    section(&mut text, "guests", guests(customer));
    section(&mut text, "roles", roles(customer));
    if text.is_empty() { "nothing\n".to_owned() } else { text }
}

/// The members of one group.
pub(super) fn members(customer: &Customer, name: &str) -> Result<String, String> {
    let group = one(customer.groups.iter().filter(|group| group.display_name == name), name)?;
    let mut members: Vec<String> = group.members.iter().map(|id| called(customer, *id)).collect();
    members.sort();
    Ok(if members.is_empty() { "nobody\n".to_owned() } else { members.join("\n") })
}

/// What groupsync has written, counted by customer and kind.
pub(super) fn writes(world: &World, changes: &[Change]) -> String {
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.actor == Actor::Application) {
        let customer = world.customers.iter().find(|customer| customer.tenant_id == change.tenant);
        let name = customer.map_or("the partner", |customer| customer.name.as_str()).to_owned();
        *counts.entry((name, written(&change.act))).or_default() += 1;
    }
    if counts.is_empty() {
        return "none\n".to_owned();
    }
    let mut text = String::new();
    for ((customer, what), count) in counts {
        let _infallible = writeln!(text, "{customer}: {count} × {what}");
    }
    text
}

/// What groupsync has written, in order.
pub(super) fn log(world: &World, changes: &[Change]) -> String {
    let own = changes.iter().filter(|change| change.actor == Actor::Application);
    let line = |change: &Change| {
        let customer = world.customers.iter().find(|customer| customer.tenant_id == change.tenant);
        let name = customer.map_or("the partner", |customer| customer.name.as_str());
        let time = change.at.strftime("%H:%M:%S");
        format!("{time}  {name}: {}\n", written(&change.act))
    };
    let lines: Vec<String> = own.map(line).collect();
    if lines.is_empty() { "none\n".to_owned() } else { lines.concat() }
}

/// What was asked of a customer's tenant, counted by service and route; what stood in a batch is not counted again.
pub(super) fn requests(records: &[RequestRecord], customer: &str) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let of_customer = |record: &&RequestRecord| record.customer.as_deref() == Some(customer);
    for record in records.iter().filter(of_customer).filter(|record| !record.batch_item) {
        let service = format!("{:?}", record.service).to_lowercase();
        let kind = format!("{service} {} {}, answered {}", record.method, record.route, record.status);
        *counts.entry(kind).or_default() += 1;
    }
    if counts.is_empty() {
        return "none\n".to_owned();
    }
    let lines: Vec<String> = counts.iter().map(|(kind, count)| format!("{count} × {kind}\n")).collect();
    lines.concat()
}

fn written(act: &Act) -> &'static str {
    match act {
        Act::GroupCreated { .. } => "group created",
        Act::GroupUpdated { .. } => "group renamed",
        Act::GroupDeleted { .. } => "group deleted",
        Act::GroupRestored { .. } => "group restored",
        Act::GroupPurged { .. } => "group gone for good",
        Act::MemberAdded { .. } => "member added",
        Act::MemberRemoved { .. } => "member removed",
        Act::OwnerAdded { .. } => "owner added",
        Act::OwnerRemoved { .. } => "owner removed",
        Act::GuestInvited { .. } => "guest invited",
        Act::GuestInvitedAgain { .. } => "guest invited again",
        Act::InvitationMailed { .. } => "invitation mailed",
        Act::UserDeleted { .. } => "guest deleted",
        Act::UserCreated { .. }
        | Act::UserUpdated { .. }
        | Act::UserRestored { .. }
        | Act::UserPurged { .. } => "user changed",
        Act::AssignmentCreated { .. } => "role given",
        Act::AssignmentUpdated { .. } => "role changed",
        Act::AssignmentDeleted { .. } => "role taken",
        Act::RelationshipChanged { .. } => "relationship changed",
        Act::SubscriptionChanged { .. } | Act::TenantChanged {} => "tenant changed",
    }
}

fn section(text: &mut String, title: &str, mut lines: Vec<String>) {
    lines.sort();
    if !lines.is_empty() {
        let _infallible = writeln!(text, "{title}\n  {}", lines.join("\n  "));
    }
}

fn groups(customer: &Customer) -> Vec<String> {
    let line = |group: &groupsync::simulator::world::Group| {
        let mut members: Vec<String> = group.members.iter().map(|id| called(customer, *id)).collect();
        members.sort();
        let members = if members.is_empty() { "nobody".to_owned() } else { members.join(", ") };
        format!("{}: {members}", group.display_name)
    };
    customer.groups.iter().map(line).collect()
}

fn guests(customer: &Customer) -> Vec<String> {
    let line = |user: &User| match user.external_user_state.as_deref() {
        Some("PendingAcceptance") => format!("{}, not accepted yet", address(user)),
        _ => address(user),
    };
    customer.users.iter().filter(|user| user.is_external()).map(line).collect()
}

fn roles(customer: &Customer) -> Vec<String> {
    let mut lines = Vec::new();
    for subscription in &customer.subscriptions {
        let prefix = format!("/subscriptions/{}", subscription.id);
        for row in &subscription.assignments {
            let Some(group) = customer.groups.iter().find(|group| group.id == row.principal_id) else {
                continue;
            };
            let scope = row.scope.as_deref().unwrap_or(&prefix);
            let scope = scope.strip_prefix(&prefix).map_or_else(
                || scope.to_owned(),
                |rest| format!("subscriptions/{}{rest}", subscription.alias),
            );
            let role = ROLES.iter().find(|(_, id)| *id == row.role.to_string());
            let role = role.map_or_else(|| row.role.to_string(), |(name, _)| (*name).to_owned());
            lines.push(format!("{}: {role} on {scope}", group.display_name));
        }
    }
    lines
}

fn called(customer: &Customer, id: Uuid) -> String {
    let user = customer.users.iter().find(|user| user.id == id).map(address);
    let group =
        || customer.groups.iter().find(|group| group.id == id).map(|g| format!("group {}", g.display_name));
    user.or_else(group).unwrap_or_else(|| id.to_string())
}

fn address(user: &User) -> String {
    user.mail.clone().or_else(|| user.user_principal_name.clone()).unwrap_or_else(|| user.id.to_string())
}
