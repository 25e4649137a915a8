//! `groupsync explain`: why somebody has access, or why not.

use std::path::Path;

use jiff::Timestamp;

use crate::cli::args::Format;
use crate::cli::blame;
use crate::cli::commands::plan::{of_memory, remember};
use crate::cli::connect::Means;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::printer::Printer;
use crate::cli::progress::Bar;
use crate::desired::state::{Customer, DesiredState};
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::names::CustomerName;
use crate::plan::explain::{Examination, offline, subjects_offline};
use crate::plan::explanation::{Access, Explanation, Subject};
use crate::reconcile::{self, Pass, Selection};
use crate::report::explanation as report;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// About one person at one customer.
    One(Subject, CustomerName),
    /// About everybody at a customer.
    Customer(CustomerName),
    /// About one person everywhere.
    Person(Subject),
}

/// Where the answer is looked for.
#[derive(Clone, Copy)]
pub enum Evidence<'a> {
    /// In the files alone.
    Files,
    /// In the files and the tenants.
    Tenants(&'a Means),
}

/// The person meant by an address or an object id of the partner tenant.
pub fn subject(desired: &DesiredState, text: &str) -> Result<Subject, Failure> {
    let mut named = desired.people_named();
    Ok(match who(text)? {
        Who::Id(id) => {
            let address = named.find(|named| named.id == id).map(|named| named.address.clone());
            Subject { person: Some(id), address }
        }
        Who::Address(address) => {
            let person = named.find(|named| named.address == address).map(|named| named.id);
            Subject { person, address: Some(address) }
        }
    })
}

/// How somebody is named on the command line.
pub(super) enum Who {
    /// By the object id in the partner's tenant.
    Id(PersonId),
    /// By an address.
    Address(Address),
}

/// Whom a text on the command line names.
pub(super) fn who(text: &str) -> Result<Who, Failure> {
    if let Ok(id) = text.parse() {
        return Ok(Who::Id(id));
    }
    let wrong = |_| Failure::misused(format!("`{text}` is neither an address nor an object id"));
    text.parse().map(Who::Address).map_err(wrong)
}

/// Answers the question.
pub async fn run(
    desired: &DesiredState,
    dir: &Path,
    question: &Question,
    evidence: Evidence<'_>,
    now: Timestamp,
    format: Format,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let (explanations, remembered) = match evidence {
        Evidence::Files => (by_files(desired, question, now), Exit::Done),
        Evidence::Tenants(means) => {
            let memory = remember(means, printer).await;
            let bar = Bar::new(printer);
            let client = &means.client;
            let progress = |progress: reconcile::Progress<'_>| bar.show(progress);
            let pass = Pass { client, desired, memory: &memory, progress: &progress };
            (by_tenants(&pass, question, now).await, of_memory(&memory))
        }
    };
    let commits = blame::commits(dir, explanations.iter().flat_map(report::places));
    printer.data(&match (format, question) {
        (Format::Json, _) => report::json::document(&explanations, &commits),
        (Format::Text, Question::One(..)) => {
            explanations.iter().map(|e| report::text(e, &commits, now)).collect()
        }
        (Format::Text, Question::Customer(_)) => report::customer(&explanations, now),
        (Format::Text, Question::Person(_)) => report::everywhere(&explanations, now),
    })?;
    let unread = explanations.iter().any(|e| e.live && e.access() == Access::Unknown);
    Ok(if unread { Exit::Failure } else { remembered })
}

fn by_files(desired: &DesiredState, question: &Question, now: Timestamp) -> Vec<Explanation> {
    let at = |name: &CustomerName| desired.customers.get(name);
    let explain = |customer: &Customer, subject: &Subject| offline(desired, customer, subject, now);
    match question {
        Question::One(subject, name) => {
            at(name).map(|customer| explain(customer, subject)).into_iter().collect()
        }
        Question::Person(subject) => {
            desired.customers.values().map(|customer| explain(customer, subject)).collect()
        }
        Question::Customer(name) => {
            let customer = at(name).into_iter();
            let everybody =
                customer.flat_map(|c| subjects_offline(desired, c).into_iter().map(move |s| (c, s)));
            everybody.map(|(customer, subject)| explain(customer, &subject)).collect()
        }
    }
}

/// Answers from the tenants of the customers that the question is about.
pub async fn by_tenants(pass: &Pass<'_>, question: &Question, now: Timestamp) -> Vec<Explanation> {
    let selection = match question {
        Question::One(_, name) | Question::Customer(name) => Selection::Only([name.clone()].into()),
        Question::Person(_) => Selection::All,
    };
    let seen = reconcile::look(pass, &selection, now, |inputs, plan| {
        let examination = Examination::new(inputs, plan);
        match question {
            Question::One(subject, _) | Question::Person(subject) => {
                vec![examination.explain(&examination.known(subject))]
            }
            Question::Customer(_) => {
                examination.subjects().iter().map(|subject| examination.explain(subject)).collect()
            }
        }
    });
    seen.await.into_iter().flatten().collect()
}
