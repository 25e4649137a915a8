//! The files that an import writes: a customer's own file with what was added to it, and a new one for its partner groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::desired::source::{Source, Sources};
use crate::desired::state::{Customer, DesiredState};
use crate::model::names::CustomerName;
use crate::plan::adoption::value::Adoption;
use crate::report::adoption::splice::{Section, add};
use crate::report::adoption::yaml::{mapping, partner_groups, scalar, subscriptions};

/// What an import writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// New and changed files, by path.
    pub files: BTreeMap<String, Change>,
    /// Customers whose file is not written in a way that lines can be added to, and why.
    pub by_hand: BTreeMap<CustomerName, &'static str>,
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
        match customer_file(text, customer, adoption) {
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
