//! Mappings, partner groups and subscriptions as lines of YAML, each with a comment that says why it is there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use crate::model::names::{Alias, GroupName, RoleName};
use crate::plan::adoption::value::{Adoption, Found, From, NewSubscription, Proof, Proposal};
use crate::report::escape::escape;

/// A mapping with its comments, indented from nothing.
pub(super) fn mapping(found: &Found, proposal: &Proposal) -> Vec<String> {
    let mut lines = vec![format!("# {}", because(found))];
    for held in &found.roles {
        if let Err(why) = &held.verdict {
            let (role, place) = (escape(&held.name), escape(&held.written));
            lines.push(format!("# It also has {role} on {place}, which is not declared: {}.", escape(why)));
        }
    }
    let mut inside = Vec::new();
    match &proposal.from {
        From::Nobody => inside.push("  from: none".to_owned()),
        From::Existing(name) | From::New(name) if name.as_str() == proposal.key.as_str() => {}
        From::Existing(name) | From::New(name) => inside.push(format!("  from: {}", scalar(name.as_str()))),
    }
    if let Some(name) = &proposal.display_name {
        inside.push(format!("  as: {}", scalar(name)));
    }
    if let Some(id) = proposal.adopt {
        inside.push(format!("  adopt: {id}"));
    }
    let mut roles: BTreeMap<&RoleName, Vec<&str>> = BTreeMap::new();
    for (held, role) in found.nameable() {
        roles.entry(&role.name).or_default().push(&held.written);
    }
    if !roles.is_empty() {
        inside.push("  roles:".to_owned());
    }
    for (role, places) in roles {
        match places.as_slice() {
            [place] => inside.push(format!("    {}: {}", scalar(role.as_str()), scalar(place))),
            several => {
                inside.push(format!("    {}:", scalar(role.as_str())));
                inside.extend(several.iter().map(|place| format!("      - {}", scalar(place))));
            }
        }
    }
    let key = scalar(proposal.key.as_str());
    lines.push(if inside.is_empty() { format!("{key}: {{}}") } else { format!("{key}:") });
    lines.extend(inside);
    lines
}

/// The partner groups of a customer as one file; none where it needs none.
pub(super) fn partner_groups(adoption: &Adoption, first_line: Option<&str>) -> Option<String> {
    let documents: Vec<String> = adoption
        .proposals()
        .filter_map(|(found, proposal)| match &proposal.from {
            From::New(name) => Some(partner_group(adoption, found, name)),
            From::Nobody | From::Existing(_) => None,
        })
        .collect();
    if documents.is_empty() {
        return None;
    }
    let first_line = first_line.map(|line| format!("{line}\n")).unwrap_or_default();
    Some(format!("{first_line}{}", documents.join("---\n")))
}

fn partner_group(adoption: &Adoption, found: &Found, name: &GroupName) -> String {
    let mut text = format!(
        "# Written by `groupsync import`: who stands in the group {} ({}) at {}.\n\
         apiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {{name: {}}}\nspec:\n  members:\n",
        quoted(&found.display_name),
        found.group,
        adoption.name,
        scalar(name.as_str())
    );
    let mut members: Vec<_> = found.staff.iter().map(|(id, address)| (address, id)).collect();
    members.sort();
    for (address, id) in members {
        let _infallible = writeln!(text, "    {}: {id}", scalar(address.as_str()));
    }
    text
}

/// Subscriptions, indented from nothing.
pub(super) fn subscriptions(new: &BTreeMap<Alias, NewSubscription>) -> Vec<String> {
    let line = |(alias, found): (&Alias, &NewSubscription)| {
        format!("{}: {}   # called {} there", scalar(alias.as_str()), found.id, quoted(&found.display_name))
    };
    new.iter().map(line).collect()
}

/// Why a mapping is written, as a sentence.
pub(super) fn because(found: &Found) -> String {
    let people = people(found.staff.len());
    match found.proof {
        Proof::UniqueName => {
            "Made by groupsync, as its unique name proves, and in no file any more.".to_owned()
        }
        Proof::Ledger => format!(
            "The group {} was taken over before, as the ledger proves, and is in no file any more.",
            quoted(&found.display_name)
        ),
        Proof::AssignmentName => format!(
            "Groupsync gave a role to the group {}, as the assignment's name proves; {people} in it, each proven by a guest.",
            quoted(&found.display_name)
        ),
        Proof::Staff => format!(
            "Probably meant: the group {} holds roles, and {people} in it, each proven by a guest. Is it to be kept?",
            quoted(&found.display_name)
        ),
    }
}

/// How many of our people are somewhere.
pub(super) fn people(number: usize) -> String {
    match number {
        0 => "nobody of ours is".to_owned(),
        1 => "one person of ours is".to_owned(),
        many => format!("{many} people of ours are"),
    }
}

/// A name that the customer chose, in quotes and harmless.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", escape(name).replace('"', "'"))
}

/// A text as YAML: as it stands where it can be nothing else, else in quotes.
pub(super) fn scalar(text: &str) -> Cow<'_, str> {
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "none"];
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = |c: char| c.is_ascii_alphanumeric() || " _.-/@+*".contains(c);
    let is_id = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is_id || (starts && text.chars().all(plain) && !text.ends_with(' ') && !is_word) {
        return Cow::Borrowed(text);
    }
    // JSON's quotes are YAML's.
    Cow::Owned(serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_could_take_for_something_else_is_quoted() {
        for text in ["Contoso_Readers", "a b", "ada@fabrikam.example", "subscriptions/prod/resourceGroups/rg"]
        {
            assert_eq!(scalar(text), text);
        }
        for text in ["yes", "No", "1", "-", " a", "a ", "*", "a: b", "a #b", "~", "é\"", "", "none"] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
    }
}
