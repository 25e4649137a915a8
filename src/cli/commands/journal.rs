//! `groupsync journal` and `groupsync register`: what the journal says.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::args::Format;
use crate::cli::commands::explain::{Who, who};
use crate::cli::connect::misnamed;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::desired::state::DesiredState;
use crate::journal::chain::Chains;
use crate::journal::record::Record;
use crate::journal::register::Book;
use crate::journal::{self, read};
use crate::model::ids::PersonId;
use crate::model::names::CustomerName;
use crate::model::scope::Scope;
use crate::report;
use crate::report::register::Names;

/// Says whether every record is as it was written.
pub fn verify(url: &str, contains: Option<&str>, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut found = contains.is_none();
    let chains = records(url, |record| found |= contains == Some(record.hash.to_string().as_str()))?;
    printer.data(&report::journal::verdict(&chains))?;
    if !found {
        printer.note("No record has that hash: records up to it are missing, or it is another journal.");
    }
    Ok(if found { exit(&chains) } else { Exit::Held })
}

/// Prints every record as a line of JSON.
pub fn export(url: &str, printer: &mut Printer) -> Result<Exit, Failure> {
    let mut lines = Ok(());
    let chains = records(url, |record| {
        if lines.is_ok() {
            lines = printer.data(&report::journal::exported(&record));
        }
    })?;
    lines?;
    warn(&chains, printer);
    Ok(exit(&chains))
}

/// Prints the last records for people.
pub fn show(
    url: &str,
    customer: Option<&CustomerName>,
    last: usize,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut lines = std::collections::VecDeque::new();
    let chains = records(url, |record| {
        if customer.is_none() || record.event().customer() == customer {
            lines.push_back(report::journal::line(&record));
            if lines.len() > last {
                lines.pop_front();
            }
        }
    })?;
    for line in lines {
        printer.data(&line)?;
    }
    warn(&chains, printer);
    Ok(exit(&chains))
}

/// Whom and what the register is asked about.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// Only what lasted then; everything there ever was without it.
    pub at: Option<Timestamp>,
    /// Only there.
    pub customer: Option<CustomerName>,
    /// Only there, below it, and above it, from where a role reaches down.
    pub scope: Option<String>,
    /// Only she, by address or object id.
    pub person: Option<String>,
}

/// Prints who had which role where.
pub fn register(
    url: &str,
    question: &Question,
    desired: Option<&DesiredState>,
    now: Timestamp,
    format: Format,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let mut book = Book::default();
    let chains = records(url, |record| book.enter(&record))?;
    let mut register = book.close(&chains);
    let names: Names = desired
        .into_iter()
        .flat_map(DesiredState::people_named)
        .map(|named| (named.id, named.address.clone()))
        .collect();
    if let Some(customer) = &question.customer {
        let recorded = register.accesses.iter().any(|access| access.customer == *customer);
        let declared = desired.is_some_and(|desired| desired.customers.contains_key(customer));
        if !recorded && !declared {
            return Err(Failure::misused(format!(
                "neither the files nor the records know a customer {customer}"
            ))
            .hint("its name as the files had it then; without --customer all are shown"));
        }
        register.accesses.retain(|access| access.customer == *customer);
    }
    if let Some(scope) = &question.scope {
        let asked = Scope::canonical(scope);
        if asked.subscription_id().is_none() {
            return Err(Failure::misused(format!("{scope} is no scope"))
                .hint("such as /subscriptions/ID/resourceGroups/NAME: the register knows no aliases"));
        }
        // A role above reaches down to it.
        register.accesses.retain(|access| asked.contains(&access.scope) || access.scope.contains(&asked));
    }
    if let Some(who) = &question.person {
        let person = person(who, &names, &register)?;
        register.accesses.retain(|access| access.person == Some(person));
    }
    if let Some(at) = question.at {
        if at > now {
            printer
                .note(&format!("{at} lies ahead: shown is who would still have what was not ended by now."));
        }
        register.accesses.retain(|access| access.lasts_at(at));
    }
    printer.data(&match format {
        Format::Text => report::register::text(&register, &names, question.at),
        Format::Json => report::register::json(&register, &names, question.at),
    })?;
    warn(&chains, printer);
    Ok(exit(&chains))
}

fn person(text: &str, names: &Names, register: &journal::register::Register) -> Result<PersonId, Failure> {
    let address = match who(text)? {
        Who::Id(person) => return Ok(person),
        Who::Address(address) => address,
    };
    let in_files = names.iter().find(|(_, known)| **known == address).map(|(person, _)| *person);
    let invited = || {
        let access = register.accesses.iter().find(|access| access.address.as_ref() == Some(&address));
        access.and_then(|access| access.person)
    };
    in_files.or_else(invited).ok_or_else(|| {
        Failure::misused(format!("neither the files nor the records know {address}"))
            .hint("the object id in the partner's tenant says it without doubt")
    })
}

fn records(url: &str, show: impl FnMut(Record)) -> Result<Chains, Failure> {
    let path = journal::path_of(url).map_err(misnamed)?;
    read::records(Path::new(&path), show).map_err(Failure::usage)
}

fn exit(chains: &Chains) -> Exit {
    if chains.breaks.is_empty() { Exit::Done } else { Exit::Held }
}

fn warn(chains: &Chains, printer: &mut Printer) {
    if let Some(text) = chains.broken_at() {
        printer.note(&format!("This journal is not as it was written: {text}."));
    }
}
