//! One Partner, one Policy, one document of each kind and name, customers called like their folder.

use std::collections::HashMap;

use crate::desired::code;
use crate::desired::documents::{Doc, Documents};
use crate::desired::problems::{Problem, Problems, of_file};
use crate::desired::schema::Kind;

pub(super) fn check(documents: &Documents, problems: &Problems<'_>) {
    only_one(documents, Kind::Partner, &documents.partners, problems);
    only_one(documents, Kind::Policy, &documents.policies, problems);
    unique(Kind::PartnerGroup, &documents.groups, problems);
    unique(Kind::AccessTemplate, &documents.templates, problems);
    unique(Kind::Customer, &documents.customers, problems);
    unique(Kind::Grant, &documents.grants, problems);
    unique(Kind::Override, &documents.overrides, problems);
    for customer in &documents.customers {
        let (Some(folder), Some(name)) = (customer.place.customer(), customer.name.get()) else { continue };
        if folder != name.as_str() {
            let message = format!("the customer is called `{name}`, its folder `{folder}`");
            let hint = format!("write `name: {folder}`, or rename the folder to `{name}`");
            problems.add(Problem::new(code::FOLDER_NAME, customer.name.spot, message).hint(hint));
        }
    }
    for group in &documents.groups {
        if group.name.get().is_some_and(|name| name.as_str() == "none") {
            let message = "a partner group cannot be called `none`";
            let hint = "`from: none` says that nobody stands in a mapping; choose another name";
            problems.add(Problem::new(code::RESERVED_NAME, group.name.spot, message).hint(hint));
        }
    }
}

fn only_one<N, S>(documents: &Documents, kind: Kind, found: &[Doc<N, S>], problems: &Problems<'_>) {
    let name = kind.name();
    if found.is_empty() && !documents.lost.contains(&kind) && !problems.sources().is_empty() {
        let file = name.to_lowercase();
        let hint = format!("add {file}.yaml with a document of kind {name} at the root of the directory");
        problems.add_whole(of_file(code::NOT_THERE, "", format!("there is no {name}"), Some(&hint)));
    }
    if let [first, others @ ..] = found {
        for other in others {
            let message = format!("a second {name}");
            let problem =
                Problem::new(code::NOT_ALONE, other.start, message).hint("a directory has exactly one");
            problems.add(problem.related(first.start, "the first one"));
        }
    }
}

fn unique<N: std::fmt::Display + std::hash::Hash + Eq, S>(
    kind: Kind,
    found: &[Doc<N, S>],
    problems: &Problems<'_>,
) {
    let mut seen = HashMap::new();
    for doc in found {
        let Some(name) = doc.name.get() else { continue };
        // A grant or override is named within its customer.
        if let Some(first) = seen.insert((doc.place.customer(), name), doc.name.spot) {
            let message = format!("a second {} called `{name}`", kind.name());
            let problem =
                Problem::new(code::DUPLICATE_NAME, doc.name.spot, message).hint("rename one of the two");
            problems.add(problem.related(first, "the first one"));
            seen.insert((doc.place.customer(), name), first);
        }
    }
}
