//! What an import found, in words, and the files that would keep it. Signs say what is written: `+` is, `-` is not, `?` was not
//! read or proves too little, `*` is worth knowing.

pub mod files;
pub mod json;
mod splice;
mod role;
mod yaml;

use std::fmt::Write;

use crate::plan::adoption::value::{Adoption, Class, Foreign, Found, From, Loose, Proof, Proposal, Reason};
use crate::report::adoption::files::Changes;
use crate::report::adoption::yaml::{people, quoted};
use crate::report::escape::escape;
use crate::report::paint::{ADD, ALARM, CHANGE, DIM, NAME, REMOVE, STRONG, paint};
use crate::report::words::{action, count};

/// How many names a list shows before it says how many more there are.
const NAMED: usize = 10;

/// Everything that was found, and what is written of it.
pub fn text(adoptions: &[Adoption], changes: &Changes) -> String {
    let mut text = String::new();
    let (mut mappings, mut roles, mut left, mut customers) = (0, 0, 0, 0);
    for adoption in adoptions {
        let by_hand = changes.by_hand.contains_key(&adoption.name);
        let written = if by_hand { 0 } else { adoption.proposals().count() };
        mappings += written;
        let kept = adoption.roles.iter().filter(|loose| changes.why_not(adoption, loose).is_empty()).count();
        roles += kept;
        left += adoption.groups.len() - written + adoption.roles.len() - kept;
        customers += usize::from(written + kept > 0 || !adoption.subscriptions.is_empty() && !by_hand);
        text.push_str(&customer(adoption, changes));
        text.push('\n');
    }
    for (path, change) in &changes.files {
        let (style, words) = if change.is_new { (ADD, "new") } else { (CHANGE, "changed") };
        let _infallible = writeln!(text, "{}  {}", escape(path), paint(style, words));
    }
    if !changes.files.is_empty() {
        text.push('\n');
    }
    let _infallible = writeln!(
        text,
        "{} {}{} to write at {} of {}, {left} left out.",
        paint(STRONG, "Import:"),
        count(mappings, "mapping"),
        if roles > 0 { format!(" and {}", count(roles, "role")) } else { String::new() },
        customers,
        count(adoptions.len(), "customer"),
    );
    text
}

fn customer(adoption: &Adoption, changes: &Changes) -> String {
    let mut text = format!("{}\n", paint(NAME, &adoption.name));
    if let Some(why) = adoption.skipped {
        line(&mut text, 2, paint(DIM, why));
        return text;
    }
    if let Some(why) = changes.by_hand.get(&adoption.name) {
        let words = format!("! its file is left as it is: {why}; unfold it and import again");
        line(&mut text, 2, paint(ALARM, words));
    }
    for (alias, found) in &adoption.subscriptions {
        let words =
            format!("+ subscription {alias}, called {} there ({})", quoted(&found.display_name), found.id);
        line(&mut text, 2, paint(ADD, words));
    }
    for (class, title) in [(Class::Ours, "surely ours"), (Class::Probable, "probably meant")] {
        let groups: Vec<&Found> = adoption.groups.iter().filter(|found| found.class == class).collect();
        let is_more = match class {
            Class::Ours => !adoption.roles.is_empty(),
            Class::Probable => !adoption.direct.is_empty(),
        };
        if groups.is_empty() && !is_more {
            continue;
        }
        line(&mut text, 2, paint(STRONG, title));
        for found in groups {
            group(&mut text, found);
        }
        match class {
            Class::Ours => loose(&mut text, adoption, changes),
            Class::Probable => direct(&mut text, adoption),
        }
    }
    line(
        &mut text,
        2,
        format!("{}: {}", paint(STRONG, "foreign, never written"), foreign(&adoption.foreign)),
    );
    roleless(&mut text, adoption);
    if !adoption.remaining.is_empty() {
        line(&mut text, 2, paint(STRONG, "a plan of the files does besides, with or without this"));
        for each in adoption.remaining.iter().take(NAMED) {
            line(&mut text, 4, format!("* {}", action(each)));
        }
        more(&mut text, adoption.remaining.len());
    }
    for gap in &adoption.gaps {
        let words = if gap.code.is_failed_read() { "not read" } else { "in doubt" };
        let what = format!("? {words}: {} ({})", escape(&gap.of), escape(&gap.text));
        line(&mut text, 2, format!("{}, which leaves out {}", paint(ALARM, what), escape(&gap.freezes)));
    }
    text
}

fn group(text: &mut String, found: &Found) {
    let others = match found.others {
        0 => String::new(),
        others => format!(", {} of the customer's own", count(others, "member")),
    };
    let proof = match found.proof {
        Proof::UniqueName => "made by groupsync, as its unique name proves",
        Proof::Ledger => "taken over before, as the ledger proves",
        Proof::AssignmentName => "groupsync gave it a role, as the assignment's name proves",
        Proof::Staff => "holds roles",
    };
    let who = people(found.staff.len());
    line(text, 4, format!("{} {}", quoted(&found.display_name), paint(DIM, found.group)));
    line(text, 6, paint(DIM, format!("{proof}; {who} in it{others}")));
    if let Some(proposal) = &found.proposal {
        proposed(text, found, proposal);
    }
    for reason in found.why_not.iter().take(NAMED) {
        line(text, 6, paint(REMOVE, format!("- left out: {}", why(reason))));
    }
    more(text, found.why_not.len());
    for held in &found.roles {
        if let Err(why) = &held.verdict {
            let (role, place) = (escape(&held.name), escape(&held.written));
            line(text, 6, format!("* {role} on {place} stays out of the files: {}", escape(why)));
        }
    }
}

fn proposed(text: &mut String, found: &Found, proposal: &Proposal) {
    let source = match &proposal.from {
        From::Nobody => "from nobody".to_owned(),
        From::Existing(name) => format!("from the partner group {name}"),
        From::New(name) => format!("from a new partner group {name}"),
    };
    let adopt = if proposal.adopt.is_some() { ", adopts it" } else { "" };
    line(text, 6, paint(ADD, format!("+ mapping {} {source}{adopt}", proposal.key)));
    if matches!(proposal.from, From::New(_)) {
        let mut names: Vec<_> = found.staff.values().map(ToString::to_string).collect();
        names.sort();
        line(text, 6, paint(ADD, format!("+ {}", names.join(", "))));
    }
    for (held, role) in found.nameable() {
        line(text, 6, paint(ADD, format!("+ {} on {}", role.name, escape(&held.written))));
    }
}

fn loose(text: &mut String, adoption: &Adoption, changes: &Changes) {
    for role in &adoption.roles {
        let Loose { key, held, .. } = role;
        let (name, place) = (escape(&held.name), escape(&held.written));
        let words = format!("{name} on {place}, which we gave to {key}, is in no file any more");
        let why_not = changes.why_not(adoption, role);
        if why_not.is_empty() {
            line(text, 4, paint(ADD, format!("+ {words}")));
            continue;
        }
        line(text, 4, paint(REMOVE, format!("- {words}")));
        for reason in why_not.iter().take(NAMED) {
            line(text, 6, format!("left out: {}", why(reason)));
        }
        more(text, why_not.len());
        if held.verdict.is_ok() {
            line(text, 6, format!("to keep it, write `{name}: {place}` under `roles` of {key}"));
        }
    }
}

/// Groups that hold no role are named and never written: what they are for, nothing here can tell.
fn roleless(text: &mut String, adoption: &Adoption) {
    if adoption.roleless.is_empty() {
        return;
    }
    let words = "without a role, never written: name one under `adopt` of a mapping to take it over";
    line(text, 2, paint(STRONG, words));
    for group in adoption.roleless.iter().take(NAMED) {
        let who: Vec<String> = group.people.iter().take(NAMED).map(ToString::to_string).collect();
        let rest = if group.people.len() > NAMED { ", …" } else { "" };
        let named = quoted(&group.display_name);
        line(text, 4, format!("* {named} {} with {}{rest}", paint(DIM, group.group), who.join(", ")));
    }
    more(text, adoption.roleless.len());
}

fn direct(text: &mut String, adoption: &Adoption) {
    for each in adoption.direct.iter().take(NAMED) {
        let (role, place) = (escape(&each.role), escape(&each.written));
        let words =
            format!("- {} has {role} on {place} herself: mappings give roles to groups only", each.address);
        line(text, 4, paint(REMOVE, words));
    }
    more(text, adoption.direct.len());
}

fn foreign(foreign: &Foreign) -> String {
    let Foreign { groups, people, others, above, subscriptions } = foreign;
    let mut parts = Vec::new();
    if !groups.is_empty() {
        let named: Vec<String> = groups.values().take(NAMED).map(|name| quoted(name)).collect();
        let rest = if groups.len() > NAMED { ", …" } else { "" };
        parts.push(format!("{} with roles ({}{rest})", count(groups.len(), "group"), named.join(", ")));
    }
    if !people.is_empty() {
        let noun = if people.len() == 1 { "person" } else { "people" };
        parts.push(format!("{} {noun} with roles", people.len()));
    }
    if !others.is_empty() {
        parts.push(count(others.len(), "other holder"));
    }
    if *above > 0 {
        parts.push(format!("{} above the subscriptions", count(*above, "role assignment")));
    }
    if !subscriptions.is_empty() {
        parts.push(format!("{} of other tenants", count(subscriptions.len(), "subscription")));
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// Why something is left out, in words.
fn why(reason: &Reason) -> String {
    match reason {
        Reason::Text(text) => escape(text).into_owned(),
        Reason::Would(act) => format!("with it in the files, a plan would {}", action(act)),
    }
}

fn more(text: &mut String, all: usize) {
    if all > NAMED {
        line(text, 4, format!("and {} more", all - NAMED));
    }
}

fn line(text: &mut String, indent: usize, words: impl std::fmt::Display) {
    let _infallible = writeln!(text, "{:indent$}{words}", "");
}
