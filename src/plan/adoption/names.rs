//! Names for what is written: inside the language's alphabet, used once, the same in every run.

use std::collections::BTreeSet;

use crate::desired::state::{Customer, DesiredState};
use crate::model::ids::ObjectId;
use crate::model::names::{GroupName, MappingKey, is_name, slug};

/// The longest name that the language allows.
const LONGEST: usize = 100;

/// The names that are taken at one customer, and those of all partner groups.
pub(super) struct Names<'a> {
    customer: &'a Customer,
    desired: &'a DesiredState,
    slugs: BTreeSet<String>,
    groups: BTreeSet<GroupName>,
}

impl<'a> Names<'a> {
    pub(super) fn taken(desired: &'a DesiredState, customer: &'a Customer) -> Self {
        let keys = customer.mappings.values().flat_map(|mapping| [&mapping.key, mapping.identity()]);
        let slugs = keys.map(|key| slug(key.as_str())).collect();
        Self { customer, desired, slugs, groups: BTreeSet::new() }
    }

    /// Takes a key whose group has it in its unique name; none if another mapping has it already.
    pub(super) fn take(&mut self, key: &MappingKey) -> bool {
        self.slugs.insert(slug(key.as_str()))
    }

    /// A key for a group that is taken over. Its name on the screen only lends its letters: what the mapping means is the id.
    pub(super) fn key(&mut self, display_name: &str, group: ObjectId) -> MappingKey {
        let called = usable(display_name).then(|| display_name.to_owned());
        let with_id = called.as_ref().map(|name| suffixed(name, group));
        let plain = format!("adopted-{}", short(group));
        let choices = called.into_iter().chain(with_id).chain([plain, format!("adopted-{group}")]);
        let free = choices.filter_map(|name| name.parse::<MappingKey>().ok()).find(|key| self.take(key));
        free.expect("two groups differ in their ids, which fit into a slug")
    }

    /// A partner group for a mapping with this key. It says whose people they are, since these names are the whole fleet's.
    pub(super) fn partner_group(&mut self, key: &MappingKey, group: ObjectId) -> GroupName {
        let owner = &self.customer.name_in_groups;
        let says_whose = [owner.as_str(), self.customer.name.as_str()]
            .iter()
            .any(|name| slug(key.as_str()).starts_with(&slug(name)));
        let name = if says_whose { key.to_string() } else { format!("{owner}_{key}") };
        let name: String = name.chars().take(LONGEST).collect();
        let free = |name: &GroupName| !self.desired.groups.contains_key(name) && !self.groups.contains(name);
        let choices = [name.clone(), suffixed(&name, group), format!("imported-{group}")];
        let chosen = choices.iter().filter_map(|name| name.parse::<GroupName>().ok()).find(free);
        let chosen = chosen.expect("an id is in nobody's name");
        self.groups.insert(chosen.clone());
        chosen
    }
}

/// The same name made distinct by the group it is for.
pub(super) fn suffixed(name: &str, group: ObjectId) -> String {
    let end = short(group);
    let kept: String = name.chars().take(LONGEST - end.len() - 1).collect();
    format!("{}-{end}", kept.trim_end())
}

/// Whether a name on the screen can be a key as it stands.
fn usable(name: &str) -> bool {
    is_name(name) && name.trim() == name && !slug(name).is_empty() && !name.eq_ignore_ascii_case("none")
}

fn short(group: ObjectId) -> String {
    // The last block: made-up and derived ids alike differ there.
    let id = group.to_string();
    id.rsplit('-').next().unwrap_or(&id).to_owned()
}
