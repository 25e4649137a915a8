//! The register in words: who had which role where, why, since when and until when, and what no record can know.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::json;

use crate::journal::register::{Access, Cause, Register, Since};
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::report::escape::escape;
use crate::report::json::printed;

/// What people are called, by what the files say now.
pub type Names = BTreeMap<PersonId, Address>;

/// For people.
pub fn text(register: &Register, names: &Names, at: Option<Timestamp>) -> String {
    let mut text = String::new();
    let mut customer = None;
    for access in &register.accesses {
        if customer != Some(&access.customer) {
            customer = Some(&access.customer);
            let _infallible = writeln!(text, "{}  tenant {}", access.customer, access.tenant);
        }
        text.push_str(&line(access, names));
    }
    if register.accesses.is_empty() {
        text.push_str(match at {
            Some(_) => "Nobody had anything then, as far as the records say.\n",
            None => "Nobody had anything, as far as the records say.\n",
        });
    }
    text.push_str("\nWhat these records cannot know\n");
    for limit in limits(register) {
        let _infallible = writeln!(text, "  {limit}");
    }
    text
}

/// For programs.
pub fn json(register: &Register, names: &Names, at: Option<Timestamp>) -> String {
    let accesses: Vec<_> = register
        .accesses
        .iter()
        .map(|access| {
            let mut shown = serde_json::to_value(access).expect("an access is plain data");
            shown["address"] = json!(address(access, names));
            shown
        })
        .collect();
    let document = json!({
        "version": 1,
        "at": at,
        "accesses": accesses,
        "begins": register.begins,
        "cannotKnow": limits(register),
    });
    printed(&document)
}

fn line(access: &Access, names: &Names) -> String {
    let who = match (address(access, names), access.person) {
        (Some(address), Some(person)) => format!("{address} (person {person})"),
        (Some(address), None) => address.to_string(),
        (None, Some(person)) => format!("person {person}"),
        (None, None) => format!("guest {}, of nobody known", access.guest),
    };
    let since = match access.since {
        Since::Before => "from before the first record".to_owned(),
        Since::AtLatest(since) => format!("from {since} or earlier"),
        Since::At(since) => format!("from {since}"),
    };
    let until = match (access.until, access.planned_end) {
        (Some(until), _) => format!("to {until}"),
        (None, Some(end)) => format!("still, to end {end}"),
        (None, None) => "still".to_owned(),
    };
    let mut text = format!(
        "  {who}\n    {} on {} through {}\n    {since}, {until}\n",
        escape(&access.role_name),
        escape(&access.scope.to_string()),
        escape(&access.group)
    );
    for (word, causes) in [
        ("in the group because", &access.because),
        ("the group has the role because", &access.role_because),
        ("ended because", &access.ended_because),
    ] {
        for cause in causes {
            let _infallible = writeln!(text, "    {word}: {}", because(cause));
        }
    }
    text
}

fn address<'a>(access: &'a Access, names: &'a Names) -> Option<&'a Address> {
    access.person.and_then(|person| names.get(&person)).or(access.address.as_ref())
}

fn because(cause: &Cause) -> String {
    let reason = &cause.reason;
    let mut text = escape(&reason.text).to_string();
    if let Some(file) = &reason.file {
        let line = reason.line.map(|line| format!(":{line}")).unwrap_or_default();
        let _infallible = write!(text, " ({}{line}", escape(file));
        if let Some(commit) = &cause.commit {
            let _infallible = write!(text, " at {}", escape(commit));
        }
        text.push(')');
    }
    text
}

fn limits(register: &Register) -> Vec<String> {
    let mut limits = vec![
        match register.begins {
            Some(begins) => format!("what was so before {begins}, when the records begin"),
            None => "anything: there are no records".to_owned(),
        },
        "what others gave: roles on other principals, members and rows that somebody else added".to_owned(),
        "when somebody else ended what we gave: it shows here until we gave or took it again".to_owned(),
        "implicit rights: AdminAgents, GDAP, owners of subscriptions and what is inherited from above"
            .to_owned(),
        "whether anybody used what she had".to_owned(),
    ];
    for (number, what) in [
        (
            register.without_outcome as u64,
            "operations begun and cut off: whether they happened is not recorded",
        ),
        (register.lost, "records lost while the journal could not be written"),
        (register.untrusted, "records not as they were written: they count for nothing here"),
    ] {
        if number > 0 {
            limits.push(format!("{number} {what}"));
        }
    }
    limits
}
