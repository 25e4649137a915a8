//! Fleets of any size as files: customers that all have so many groups, each with a role on every subscription.

use std::fmt::Write as _;
use std::path::Path;

use uuid::Uuid;

use super::{PARTNER, write};

/// How large a fleet is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) customers: usize,
    /// Over all customers, spread evenly.
    pub(crate) groups: usize,
    /// Of each group. All groups of a customer have the same.
    pub(crate) members: usize,
    /// Over all customers, spread evenly.
    pub(crate) subscriptions: usize,
}

/// In so many customers one person is at most: fewer than the 490 that the policy allows.
const TENANTS_PER_PERSON: usize = 430;

/// Writes the files.
pub(crate) fn files(dir: &Path, shape: Shape) {
    write(dir, "partner.yaml", PARTNER);
    write(dir, "policy.yaml", POLICY);
    let teams = shape.customers.div_ceil(TENANTS_PER_PERSON).max(1);
    for team in 0..teams {
        let mut text = format!(
            "apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {{name: Team_{team}}}\nspec:\n  members:\n"
        );
        for nth in team * shape.members..(team + 1) * shape.members {
            let _infallible = writeln!(text, "    {}: {}", address(nth), person(nth));
        }
        write(dir, &format!("groups/team{team}.yaml"), &text);
    }
    for nth in 0..shape.customers {
        write(dir, &format!("customers/{}/customer.yaml", customer(nth)), &customer_file(shape, nth, teams));
    }
}

/// The name of a customer.
pub(crate) fn customer(nth: usize) -> String {
    format!("c{nth:05}")
}

/// A person's account in the partner's tenant; every team has as many people as a group has members.
pub(crate) fn person(nth: usize) -> Uuid {
    id(0x1000_0000, nth)
}

fn address(nth: usize) -> String {
    format!("p{nth}@fabrikam.example")
}

fn customer_file(shape: Shape, nth: usize, teams: usize) -> String {
    let part = |of: usize| of * nth / shape.customers..of * (nth + 1) / shape.customers;
    let mut text = format!(
        "apiVersion: groupsync.dev/v1\nkind: Customer\nmetadata: {{name: {}}}\nspec:\n  tenantId: {}\n  state: enforce\n",
        customer(nth),
        id(0x2000_0000, nth)
    );
    let subscriptions: Vec<(String, Uuid)> = part(shape.subscriptions)
        .enumerate()
        .map(|(alias, nth)| (format!("s{alias}"), id(0x3000_0000, nth)))
        .collect();
    text.push_str("  subscriptions: {");
    for (alias, id) in &subscriptions {
        let _infallible = write!(text, "{alias}: {id}, ");
    }
    text.push_str("}\n  groups:\n");
    for (group, _) in part(shape.groups).enumerate() {
        let at: Vec<String> =
            subscriptions.iter().map(|(alias, _)| format!("subscriptions/{alias}")).collect();
        let roles =
            if at.is_empty() { String::new() } else { format!(", roles: {{Reader: [{}]}}", at.join(", ")) };
        let _infallible = writeln!(text, "    Group_{group}: {{from: Team_{}{roles}}}", nth % teams);
    }
    text
}

/// Ids that differ in their first digits, as real ones do.
fn id(kind: u128, nth: usize) -> Uuid {
    let spread = (nth as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) ^ kind;
    uuid::Builder::from_random_bytes(spread.to_be_bytes()).into_uuid()
}

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}
  limits:
    group: {members: {percent: 100}}
    customer: {members: {percent: 100}, assignments: {percent: 100}, groups: {percent: 100}, invitations: 1000000}
    fleet:
      members: {percent: 100}
      assignments: {percent: 100}
      groups: {percent: 100}
      invitations: 1000000
      leavers: {percent: 100}
    source: {shrink: {percent: 100}}
";
