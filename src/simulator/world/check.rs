//! Reads a world from JSON and finds what cannot be meant.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Group, OtherObject, User, World, client};

impl World {
    /// Reads a world from JSON text; the error says what is wrong, every contradiction at once.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let world: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let problems = world.problems();
        if problems.is_empty() { Ok(world) } else { Err(problems.join("; ")) }
    }

    /// What contradicts itself: ids used twice, members that do not exist, an unknown version.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.version != 1 {
            problems.push(format!("version {} is not known, only 1", self.version));
        }
        if self.lag.min_seconds < 0.0 || self.lag.max_seconds < self.lag.min_seconds {
            problems.push("lag must satisfy 0 <= minSeconds <= maxSeconds".to_owned());
        }
        client::problems(&self.client, &mut problems);
        for app in self.customers.iter().filter_map(|customer| customer.app.as_ref()) {
            client::problems(app, &mut problems);
        }
        let mut tenants = BTreeSet::from([self.partner.tenant_id]);
        let mut names = BTreeSet::new();
        let mut subscriptions = BTreeSet::new();
        for customer in &self.customers {
            if !tenants.insert(customer.tenant_id) {
                problems.push(format!("tenant {} is listed twice", customer.tenant_id));
            }
            if !names.insert(customer.name.as_str()) {
                problems.push(format!("two customers are called {}", customer.name));
            }
            for subscription in &customer.subscriptions {
                if !subscriptions.insert(subscription.id) {
                    problems.push(format!("subscription {} is listed twice", subscription.id));
                }
            }
            let groups = [&customer.groups[..], &customer.deleted_groups[..]];
            directory(&customer.name, &customer.users, groups, &customer.objects, &mut problems);
        }
        let partner = &self.partner;
        let groups = [&partner.groups[..], &partner.deleted_groups[..]];
        directory("the partner", &partner.users, groups, &partner.objects, &mut problems);
        problems
    }
}

fn directory(
    of: &str,
    users: &[User],
    [groups, deleted]: [&[Group]; 2],
    objects: &[OtherObject],
    problems: &mut Vec<String>,
) {
    let mut ids: BTreeSet<Uuid> = BTreeSet::new();
    let all = users.iter().map(|user| user.id).chain(groups.iter().chain(deleted).map(|group| group.id));
    for id in all.chain(objects.iter().map(|object| object.id)) {
        if !ids.insert(id) {
            problems.push(format!("object {id} of {of} is listed twice"));
        }
    }
    for group in groups {
        for member in group.members.iter().filter(|member| !ids.contains(member)) {
            problems.push(format!("group {} of {of} has an unknown member {member}", group.display_name));
        }
    }
}
