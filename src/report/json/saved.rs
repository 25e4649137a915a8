//! A plan in a file, between the review and the run: the plan's JSON document, sealed so that a slip shows.
//!
//! The seal is a checksum, not a signature: it tells a file that was cut off or edited from one that was not. What is applied is
//! decided by planning again; a file only says which of that was reviewed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use crate::desired::state::Partner;
use crate::model::ids::TenantId;
use crate::model::names::CustomerName;
use crate::plan::digest::Digest;
use crate::plan::value::Plan;
use crate::plan::verdict::HoldCode;
use crate::report::json::VERSION;
use crate::report::json::plan::document;
use crate::report::moment;
use crate::report::redact::{People, Pseudonyms};

/// Precedes the seal, at the end of the document.
const SEAL: &str = ",\n  \"seal\": \"";
/// Follows it.
const END: &str = "\"\n}\n";

/// A plan as it was saved, as far as applying it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The digest of the whole plan.
    pub digest: Digest,
    /// When it was made.
    pub now: String,
    /// Whether it names people.
    pub people: People,
    /// The customers it covers.
    pub customers: BTreeMap<CustomerName, SavedCustomer>,
}

impl Saved {
    /// When it was made, to the second.
    pub fn shown(&self) -> String {
        self.now.parse().map_or_else(|_| self.now.clone(), moment::shown)
    }
}

/// One customer of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedCustomer {
    /// The digest of what was to be written.
    pub digest: Digest,
    /// Whether that was to be carried out, or only listed.
    pub state: String,
    operations: Vec<FileOperation>,
    refused: Vec<FileRefusal>,
    /// The ids of the operations that waited for a human.
    held: BTreeSet<String>,
    /// Those of them that no `Override` lets go.
    kept: BTreeSet<String>,
    /// Whether an `Override` had released what it named.
    released: bool,
}

/// Why a file is not a plan that can be applied here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedError {
    /// It is another kind of file.
    #[error("this is not a saved plan")]
    NotAPlan,
    /// It ends before its end, or was changed after it was written.
    #[error("the plan was cut off or edited after it was saved")]
    Broken,
    /// Another program wrote it.
    #[error("the plan is of version {0}, and this program reads version {VERSION}")]
    Version(u64),
    /// It is about other tenants.
    #[error("the plan was made for the partner tenant {0}, and these files are about {1}")]
    Foreign(String, TenantId),
}

/// The file for a plan. `people` says whether the plan names them.
pub fn write(plan: &Plan, partner: &Partner, people: People) -> String {
    let mut text = document(plan, partner);
    text.truncate(text.trim_end().len() - 1);
    text.truncate(text.trim_end().len());
    if people == People::Hidden {
        text.push_str(",\n  \"redacted\": true");
    }
    let seal = Digest::of_text(&text).to_string();
    text + SEAL + &seal + END
}

/// Reads the file back.
pub fn read(text: &str, partner: &Partner) -> Result<Saved, SavedError> {
    // Nothing of it is kept until the seal is known to fit: a large file that is none of ours costs no memory.
    let head: Head = match serde_json::from_str(text) {
        Ok(head) => head,
        Err(_) if text.contains("\"customers\"") => return Err(SavedError::Broken),
        Err(_) => return Err(SavedError::NotAPlan),
    };
    if head.customers.is_none() || head.digest.is_none() {
        return Err(SavedError::NotAPlan);
    }
    match head.version {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => return Err(SavedError::Version(version)),
        None => return Err(SavedError::NotAPlan),
    }
    let is_whole = text
        .rsplit_once(SEAL)
        .and_then(|(sealed, rest)| Some(Digest::of_text(sealed).as_str() == rest.strip_suffix(END)?))
        .unwrap_or(false);
    if !is_whole {
        return Err(SavedError::Broken);
    }
    let Ok(file) = serde_json::from_str::<File>(text) else { return Err(SavedError::Broken) };
    if file.partner.tenant_id != partner.tenant.to_string() {
        return Err(SavedError::Foreign(file.partner.tenant_id, partner.tenant));
    }
    let customers = file
        .customers
        .into_iter()
        .map(|FileCustomer { name, digest, state, operations, refused, held, findings }| {
            let ids = |holds: &[FileHold]| holds.iter().flat_map(|hold| hold.operations.clone()).collect();
            let waiting = ids(&held);
            let kept: Vec<FileHold> = held.into_iter().filter(|hold| !hold.code.is_releasable()).collect();
            let kept = ids(&kept);
            let released = findings.iter().any(|finding| finding.code == "released");
            (name, SavedCustomer { digest, state, operations, refused, held: waiting, kept, released })
        })
        .collect();
    let people = if file.redacted { People::Hidden } else { People::Named };
    Ok(Saved { digest: file.digest, now: file.now, people, customers })
}

/// The customers of a plan as they would be read back from its file.
pub fn customers(plan: &Plan, partner: &Partner) -> BTreeMap<CustomerName, SavedCustomer> {
    read(&write(plan, partner, People::Named), partner).map(|saved| saved.customers).unwrap_or_default()
}

/// What tells a plan from other files.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    digest: Option<IgnoredAny>,
    customers: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct File {
    partner: PartnerName,
    digest: Digest,
    now: String,
    #[serde(default)]
    redacted: bool,
    customers: Vec<FileCustomer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartnerName {
    tenant_id: String,
}

#[derive(Deserialize)]
struct FileCustomer {
    name: CustomerName,
    digest: Digest,
    state: String,
    operations: Vec<FileOperation>,
    refused: Vec<FileRefusal>,
    held: Vec<FileHold>,
    findings: Vec<FileFinding>,
}

#[derive(Deserialize)]
struct FileHold {
    code: HoldCode,
    operations: Vec<String>,
}

#[derive(Deserialize)]
struct FileFinding {
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct FileOperation {
    id: String,
    kind: String,
    target: String,
    details: Map<String, Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct FileRefusal {
    code: String,
    text: String,
}

impl SavedCustomer {
    /// Whether `now`, made of the same customer later, may be carried out because this was reviewed: the same is written, for
    /// no longer, and nothing goes that was shown as held, unless an `Override` has released it since.
    pub fn covers(&self, now: &Self) -> bool {
        let waits = if now.released { &self.kept } else { &self.held };
        self.digest == now.digest
            && self.state == now.state
            && self.lasts_no_shorter_than(now)
            && waits.is_subset(&now.held)
    }

    /// Whether there was anything to do, now or once somebody lets it.
    pub fn asks_for_something(&self) -> bool {
        !self.operations.is_empty()
    }

    /// Whether nobody has access for longer by `now`, which asks for the same.
    fn lasts_no_shorter_than(&self, now: &Self) -> bool {
        let no_longer = |(then, now): (Option<Timestamp>, Option<Timestamp>)| match (then, now) {
            (None, _) => true,
            (Some(then), Some(now)) => now <= then,
            (Some(_), None) => false,
        };
        let (then, now) = (self.ends(), now.ends());
        then.len() == now.len() && then.into_iter().zip(now).all(no_longer)
    }

    /// Until when each new member is to have access; none where there is no end.
    fn ends(&self) -> Vec<Option<Timestamp>> {
        let members =
            self.operations.iter().filter_map(|operation| operation.details.get("members")?.as_array());
        members.flatten().map(|member| member.get("until")?.as_str()?.parse().ok()).collect()
    }

    /// What was reviewed, in lines that can be compared: one per change, member and detail, without what does not matter to
    /// that: reasons, places in files.
    pub fn changes(&self) -> Vec<String> {
        let mut lines = vec![format!("state: {}", self.state)];
        for operation in &self.operations {
            let held = if self.held.contains(&operation.id) { ", held" } else { "" };
            lines.push(format!("{} {}{held}", operation.kind, operation.target));
            for (key, value) in &operation.details {
                match value {
                    Value::Array(items) => {
                        lines.extend(items.iter().map(|item| format!("    {}", item_words(item))));
                    }
                    value => lines.push(format!("    {key}: {}", words(value))),
                }
            }
        }
        let refused = self.refused.iter();
        lines.extend(refused.map(|refusal| format!("refused {}: {}", refusal.code, refusal.text)));
        lines
    }

    /// The same with pseudonyms in place of people.
    pub fn redact(&mut self, pseudonyms: &mut Pseudonyms) {
        // An entry of the ledger may be a group's, and groups keep their names.
        let groups: BTreeSet<String> = self.operations.iter().filter_map(FileOperation::group).collect();
        for operation in &mut self.operations {
            operation.redact(pseudonyms, &groups);
        }
        for refusal in &mut self.refused {
            refusal.text = pseudonyms.sentence(&refusal.text);
        }
    }
}

impl FileOperation {
    fn group(&self) -> Option<String> {
        let group = self.details.get("group")?;
        group.get("id").unwrap_or(group).as_str().map(str::to_owned)
    }

    fn redact(&mut self, pseudonyms: &mut Pseudonyms, groups: &BTreeSet<String>) {
        let is_group =
            self.details.get("object").and_then(Value::as_str).is_some_and(|id| groups.contains(id));
        let names = match self.kind.as_str() {
            "inviteGuest" => ["address", "displayName"].as_slice(),
            "addToLedger" if self.details.get("person").is_some_and(Value::is_string) => &["address"],
            "removeFromLedger" if !is_group => &["label"],
            "deleteGuest" => &["label"],
            "addMembers" | "removeMembers" => {
                for member in
                    self.details.get_mut("members").and_then(Value::as_array_mut).into_iter().flatten()
                {
                    if let Value::Object(member) = member {
                        hide(member, &["address", "label"], pseudonyms);
                    }
                }
                return;
            }
            _ => return,
        };
        hide(&mut self.details, names, pseudonyms);
        if let Some(Value::String(shown)) = self.details.get(names[0]) {
            self.target.clone_from(shown);
        }
    }
}

/// Puts the person's pseudonym into the fields that name her.
fn hide(fields: &mut Map<String, Value>, names: &[&str], pseudonyms: &mut Pseudonyms) {
    let person = fields.get("person").and_then(Value::as_str).and_then(|id| id.parse().ok());
    for name in names {
        if let Some(Value::String(label)) = fields.get_mut(*name)
            && label != "a nested group"
        {
            *label = pseudonyms.label(label, person);
        }
    }
}

/// Tells a plan that was saved without people from today's, which was made from other surroundings: whoever no file knows is
/// counted in the order of appearance, which proves nothing about who it is.
pub fn uncounted(lines: Vec<String>) -> Vec<String> {
    let uncounted = |line: String| {
        let mut parts = line.split("someone ");
        let head = parts.next().unwrap_or_default().to_owned();
        parts.fold(head, |shown, part| {
            shown + "someone" + part.trim_start_matches(|c: char| c.is_ascii_digit())
        })
    };
    lines.into_iter().map(uncounted).collect()
}

/// A member: who, and which object.
fn item_words(item: &Value) -> String {
    let Value::Object(fields) = item else { return words(item) };
    let kept = fields.iter().filter(|(key, value)| match key.as_str() {
        "because" => false,
        "until" => !value.is_null(),
        _ => true,
    });
    kept.map(|(key, value)| format!("{key} {}", words(value))).collect::<Vec<_>>().join("  ")
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "new".to_owned(),
        Value::Object(fields) => {
            fields.iter().map(|(key, value)| format!("{key} {}", words(value))).collect::<Vec<_>>().join("  ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_one_line_without_reasons() {
        let member = serde_json::json!({"address": "a@b.example", "guest": null, "because": {"text": "x"}});
        assert_eq!(item_words(&member), "address a@b.example  guest new");
    }
}
