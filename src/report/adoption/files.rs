//! The files that an import writes: a customer's own file with what was added to it, and a new one for its partner groups.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::desired::source::{Source, Sources};
use crate::desired::state::{Customer, DesiredState};
use crate::model::ids::{ObjectId, RoleId};
use crate::model::names::CustomerName;
use crate::model::scope::Scope;
use crate::plan::adoption::value::{Adoption, Loose, Reason};
use crate::report::adoption::role::keep;
use crate::report::adoption::splice::{Section, add};
use crate::report::adoption::yaml::{mapping, partner_groups, scalar, subscriptions};

/// What an import writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// New and changed files, by path.
    pub files: BTreeMap<String, Change>,
    /// Customers whose file is not written in a way that lines can be added to, and why.
    pub by_hand: BTreeMap<CustomerName, &'static str>,
    /// Roles of customers that cannot be put back into their mapping line by line, and why.
    pub roles_by_hand: BTreeMap<(CustomerName, ObjectId, Scope, RoleId), &'static str>,
}

impl Changes {
    /// Why a lost role is not written back; nothing if it is.
    pub fn why_not(&self, adoption: &Adoption, loose: &Loose) -> Vec<Reason> {
        let by_hand =
            self.by_hand.get(&adoption.name).or_else(|| self.roles_by_hand.get(&of(adoption, loose)));
        let by_hand = by_hand.map(|why| Reason::Text((*why).to_owned()));
        loose.why_not.iter().cloned().chain(by_hand.filter(|_| loose.why_not.is_empty())).collect()
    }
}

fn of(adoption: &Adoption, loose: &Loose) -> (CustomerName, ObjectId, Scope, RoleId) {
    (adoption.name.clone(), loose.group, loose.held.scope.clone(), loose.held.id)
}

/// A file that an import writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose it is.
    pub customer: CustomerName,
    /// What it says.
    pub text: String,
    /// Whether there was none of that path.
    pub is_new: bool,
}

/// The files that keep what was found.
pub fn changes(sources: &Sources, desired: &DesiredState, adoptions: &[Adoption]) -> Changes {
    let texts: BTreeMap<&str, &str> = sources.iter().map(|s| (s.path.as_str(), s.text.as_str())).collect();
    let mut changes = Changes::default();
    for adoption in adoptions.iter().filter(|adoption| adoption.writes()) {
        let Some(customer) = desired.customers.get(&adoption.name) else { continue };
        let Some(text) = texts.get(customer.origin.file.as_str()) else { continue };
        let kept = kept_roles(text, customer, adoption, &mut changes.roles_by_hand);
        match customer_file(&kept, customer, adoption) {
            Ok(kept) if kept == *text => {}
            Ok(text) => {
                let own = Change { customer: adoption.name.clone(), text, is_new: false };
                changes.files.insert(customer.origin.file.clone(), own);
            }
            Err(why) => {
                changes.by_hand.insert(adoption.name.clone(), why);
                continue;
            }
        }
        let first_line = text.lines().next().filter(|line| line.starts_with("# yaml-language-server:"));
        if let Some(text) = partner_groups(adoption, first_line) {
            let path = free_path(&texts, &adoption.name);
            changes.files.insert(path, Change { customer: adoption.name.clone(), text, is_new: true });
        }
    }
    changes
}

/// The whole tree as it would be.
pub fn result(sources: &Sources, changes: &Changes) -> Sources {
    let kept = sources.iter().filter(|source| !changes.files.contains_key(&source.path)).cloned();
    let written =
        changes.files.iter().map(|(path, change)| Source { path: path.clone(), text: change.text.clone() });
    Sources::new(kept.chain(written).collect())
}

/// Puts lost roles back into their mappings, from the end of the file on: what stands before keeps its line.
fn kept_roles(
    text: &str,
    customer: &Customer,
    adoption: &Adoption,
    by_hand: &mut BTreeMap<(CustomerName, ObjectId, Scope, RoleId), &'static str>,
) -> String {
    let line = |loose: &Loose| customer.mappings.get(&loose.key).map(|mapping| mapping.origin.line);
    let mut lost: Vec<_> =
        adoption.kept_roles().filter_map(|(loose, role)| Some((line(loose)?, loose, role))).collect();
    lost.sort_by_key(|(line, ..)| Reverse(*line));
    let mut text = text.to_owned();
    for (line, loose, role) in lost {
        match keep(&text, line, role.name.as_str(), &loose.held.written) {
            Ok(kept) => text = kept,
            Err(why) => drop(by_hand.insert(of(adoption, loose), why)),
        }
    }
    text
}

/// Adds the mappings and subscriptions to the customer's file.
fn customer_file(text: &str, customer: &Customer, adoption: &Adoption) -> Result<String, &'static str> {
    let mut text = text.to_owned();
    let new = subscriptions(&adoption.subscriptions);
    if !new.is_empty() {
        let known = customer.subscriptions.iter();
        let before: Vec<String> =
            known.map(|(alias, own)| format!("{}: {}", scalar(alias.as_str()), own.id)).collect();
        let section = Section { name: "subscriptions", lines: &new, before: Some(&before) };
        text = add(&text, customer.origin.line, &section)?;
    }
    let mappings: Vec<String> =
        adoption.proposals().flat_map(|(found, proposal)| mapping(found, proposal)).collect();
    if !mappings.is_empty() {
        // Mappings between braces are for a person to unfold; no mappings between braces are none.
        let none: &[String] = &[];
        let before = if has_own_mappings(customer) { None } else { Some(none) };
        text = add(&text, customer.origin.line, &Section { name: "groups", lines: &mappings, before })?;
    }
    Ok(text)
}

/// Whether the customer's own file has mappings, those of templates aside.
fn has_own_mappings(customer: &Customer) -> bool {
    customer.mappings.values().any(|mapping| mapping.origin.file == customer.origin.file)
}

/// A path for the customer's partner groups that no file has.
fn free_path(texts: &BTreeMap<&str, &str>, customer: &CustomerName) -> String {
    let taken: BTreeSet<&str> = texts.keys().copied().collect();
    let numbered = (2u32..).map(|number| format!("groups/imported/{customer}-{number}.yaml"));
    let mut paths = std::iter::once(format!("groups/imported/{customer}.yaml")).chain(numbered);
    paths.find(|path| !taken.contains(path.as_str())).expect("there are more numbers than files")
}
