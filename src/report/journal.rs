//! The journal in words: one line per record, and whether all of them are as they were written.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::journal::chain::Chains;
use crate::journal::event::{Event, Intent};
use crate::journal::record::Record;
use crate::journal::target::Target;
use crate::plan::outcome::Status;
use crate::plan::window::ExpenseKind;
use crate::report::escape::escape;

/// One record for people.
pub fn line(record: &Record) -> String {
    let at = record.body.at;
    let what = match &record.body.event {
        Event::Opened { version, .. } => format!("groupsync {version} began to write ({})", record.writer),
        Event::Accepted(revision) => {
            let commit =
                revision.commit.as_ref().map(|commit| format!(", commit {commit}")).unwrap_or_default();
            format!(
                "accepted the files of {}{commit}: {} customers, {}",
                revision.from,
                revision.customers.len(),
                revision.digest
            )
        }
        Event::Reserved { customer, takes, .. } => {
            let counted = takes.iter().map(|(kind, all)| counted(*kind, all.len()));
            format!("{customer}: sets about {}", counted.collect::<Vec<_>>().join(", "))
        }
        Event::Intent(intent) => format!("{}: begins {}{}", intent.customer, intent.operation, about(intent)),
        Event::Ended(ended) => {
            let requests = ended.requests.join(", ");
            let mut text = format!("{}: {} {}", ended.customer, status(ended.status), ended.operation);
            if let Some(said) = &ended.text {
                let _infallible = write!(text, ": {said}");
            }
            if !requests.is_empty() {
                let _infallible = write!(text, " (request {requests})");
            }
            text
        }
        Event::OffboardingStarted { customer, .. } => format!("{customer}: its offboarding starts"),
        Event::Held { customer, holds, .. } if holds.is_empty() => {
            format!("{customer}: nothing is held any more")
        }
        Event::Held { customer, holds, .. } => {
            let word = |hold: &crate::journal::event::HeldBy| {
                format!("{:?} {} of {}", hold.code, hold.measured, hold.limit)
            };
            format!("{customer}: held: {}", holds.iter().map(word).collect::<Vec<_>>().join(", "))
        }
        Event::TailCutOff { record } => format!("record {record} could not be read whole and was cut off"),
        Event::Lost { records } => format!("{records} records were lost while nothing could be written"),
    };
    format!("{:>8}  {at}  {}\n", record.place, escape(&what))
}

fn counted(kind: ExpenseKind, number: usize) -> String {
    let (one, many) = match kind {
        ExpenseKind::Member => ("removal", "removals"),
        ExpenseKind::Assignment => ("role assignment less", "role assignments less"),
        ExpenseKind::Guest => ("guest less", "guests less"),
        ExpenseKind::Group => ("group less", "groups less"),
        ExpenseKind::Invitation => ("invitation", "invitations"),
        ExpenseKind::Offboarding => ("offboarding", "offboardings"),
        ExpenseKind::Leaver => ("leaver", "leavers"),
    };
    format!("{number} {}", if number == 1 { one } else { many })
}

/// One record for programs, as a line of JSON.
pub fn exported(record: &Record) -> String {
    let mut value = serde_json::to_value(&record.body).expect("a record is plain data");
    if let Value::Object(fields) = &mut value {
        fields.insert("place".to_owned(), json!(record.place));
        fields.insert("writer".to_owned(), json!(record.writer));
        fields.insert("number".to_owned(), json!(record.number));
        fields.insert("hash".to_owned(), json!(record.hash.to_string()));
    }
    crate::report::json::line(&value)
}

/// Whether everything is as it was written.
pub fn verdict(chains: &Chains) -> String {
    let mut text = match (chains.breaks.is_empty(), chains.torn) {
        (true, None) => format!("{} records, every one as it was written.\n", chains.records),
        (true, Some(torn)) => format!(
            "{} records; the last one, {torn}, is torn: the next process that writes cuts it off and notes it.\n",
            chains.records
        ),
        (false, _) => format!(
            "{} records, and not all as they were written: no change begins with this journal.\n",
            chains.records
        ),
    };
    for broken in &chains.breaks {
        let _infallible = writeln!(text, "  record {} {}", broken.place, escape(&broken.what));
    }
    for record in &chains.cut_off {
        let _infallible = writeln!(text, "  record {record} was torn, and cut off by the next one");
    }
    let (place, hash) = chains.head();
    if place > 0 {
        let _infallible = writeln!(
            text,
            "The last is record {place} with hash {hash}. Keep this line elsewhere: `journal verify --contains {hash}` later shows that nothing up to it was taken away."
        );
    }
    text
}

fn about(intent: &Intent) -> String {
    match &intent.target {
        Target::AddMembers { members, .. } => format!(" ({} people)", members.len()),
        Target::RemoveMembers { members, .. } => format!(" ({} members)", members.len()),
        Target::CreateRoleAssignment { role_name, written, group, .. } => {
            format!(" ({role_name} on {written} for {})", group.display_name)
        }
        _ => String::new(),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Done => "done",
        Status::AlreadySo => "already so",
        Status::Pending => "done, not visible yet",
        Status::Deferred(_) => "deferred",
        Status::Refused => "refused",
        Status::Failed => "failed",
    }
}
