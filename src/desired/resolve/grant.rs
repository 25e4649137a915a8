//! Grants and overrides in effect.

use std::collections::BTreeMap;

use crate::desired::code;
use crate::desired::documents::Doc;
use crate::desired::given::{Optional, entries};
use crate::desired::place::Place;
use crate::desired::problems::{Problem, Problems};
use crate::desired::provenance::Trace;
use crate::desired::resolve::catalog::Catalog;
use crate::desired::resolve::mapping::Mappings;
use crate::desired::schema::Kind;
use crate::desired::schema::grant::{GrantSpec, OverrideSpec};
use crate::desired::source::Spot;
use crate::desired::state::{Grant, Override, PersonRef};
use crate::model::names::{CustomerName, GrantName, MappingKey, OverrideName};

/// The grants in a customer's folder.
pub(super) fn grants(
    customer: &CustomerName,
    mappings: &Mappings,
    catalog: &Catalog<'_>,
    problems: &Problems<'_>,
    trace: &mut Trace<'_>,
) -> BTreeMap<GrantName, Grant> {
    let mut grants = BTreeMap::new();
    for doc in catalog.grants_of(customer.as_str()) {
        if let Some(spec) = doc.spec.get() {
            knows_mapping(customer, spec, mappings, catalog, problems);
        }
        if let Some(grant) = grant(doc, catalog, problems) {
            let spec = doc.spec.get().expect("a resolved grant has a specification");
            for (field, spot) in [
                ("group", Some(spec.group.spot)),
                ("notBefore", spec.not_before.spot()),
                ("expires", Some(spec.expires.spot)),
                ("reason", Some(spec.reason.spot)),
                ("ticket", spec.ticket.spot()),
                ("onExpiry", spec.on_expiry.spot()),
            ] {
                trace.note(customer, &format!("grants.{}.{field}", grant.name), spot, problems);
            }
            grants.entry(grant.name.clone()).or_insert(grant);
        }
    }
    grants
}

/// Reports the grants that lie in the folder of nobody.
pub(super) fn orphans(catalog: &Catalog<'_>, problems: &Problems<'_>) {
    for (customer, grants) in catalog.granting() {
        for doc in grants {
            if !knows_customer(customer, doc.start, catalog, problems) {
                // Its own mistakes show all the same.
                grant(doc, catalog, problems);
            }
        }
    }
}

fn grant(doc: &Doc<GrantName, GrantSpec>, catalog: &Catalog<'_>, problems: &Problems<'_>) -> Option<Grant> {
    let (name, spec) = doc.parts()?;
    let person = spec.person.get().and_then(|person| person.iter().next()).and_then(|(address, spot, id)| {
        let origin = problems.sources().origin(spot);
        Some(PersonRef { id: *id.get()?, address: address.clone(), origin })
    });
    let expires = spec.expires.get()?.0;
    let longest = catalog.grant_max_duration;
    let not_before = match &spec.not_before {
        Some(given) => given.get()?.0,
        None => expires.checked_sub(longest).unwrap_or(expires),
    };
    if not_before >= expires {
        let message = format!("the grant ends at {expires}, but starts only at {not_before}");
        let problem = Problem::new(code::ENDS_BEFORE_START, spec.expires.spot, message);
        let problem = problem.hint("`expires` comes after `notBefore`");
        problems.add(match spec.not_before.spot() {
            Some(spot) => problem.related(spot, "it starts here"),
            None => problem,
        });
    } else if expires.duration_since(not_before) > longest {
        let length = expires.duration_since(not_before);
        let message = format!("the grant lasts {length:#}, {longest:#} are allowed");
        let hint = "shorten it; `grantMaxDuration` in Policy sets the limit";
        problems.add(Problem::new(code::TOO_LONG, spec.expires.spot, message).hint(hint));
    }
    Some(Grant {
        name: name.clone(),
        mapping: spec.group.get()?.clone(),
        person: person?,
        not_before,
        expires,
        reason: spec.reason.get()?.0.clone(),
        ticket: spec.ticket.value().map(|text| text.0.clone()),
        on_expiry: spec.on_expiry.value().copied().unwrap_or_default(),
        origin: problems.sources().origin(doc.start),
    })
}

fn knows_mapping(
    customer: &CustomerName,
    spec: &GrantSpec,
    mappings: &Mappings,
    catalog: &Catalog<'_>,
    problems: &Problems<'_>,
) {
    let Some(group) = spec.group.get() else { return };
    if mappings.done.contains_key(group) || mappings.is_partial || catalog.is_ambiguous(customer) {
        return;
    }
    let known = mappings.done.keys().map(MappingKey::as_str);
    let hint = problems
        .did_you_mean(group.as_str(), known)
        .unwrap_or_else(|| "a grant names a key of the customer's `groups`, templates expanded".to_owned());
    let message = format!("`{customer}` has no group `{group}`");
    problems.add(Problem::new(code::NO_MAPPING, spec.group.spot, message).hint(hint));
}

fn knows_customer(customer: &str, spot: Spot, catalog: &Catalog<'_>, problems: &Problems<'_>) -> bool {
    let is_known = catalog.customers.contains(customer);
    if !is_known && !catalog.may_lack(Kind::Customer) {
        let hint = problems.did_you_mean(customer, catalog.customers.iter().copied()).unwrap_or_else(|| {
            format!("add customers/{customer}/customer.yaml, or move this to another customer's folder")
        });
        let message = format!("there is no customer `{customer}`");
        problems.add(Problem::new(code::NO_CUSTOMER, spot, message).hint(hint));
    }
    is_known
}

/// The releases that an override document holds, one per customer.
pub(super) fn overrides(
    doc: &Doc<OverrideName, OverrideSpec>,
    catalog: &Catalog<'_>,
    problems: &Problems<'_>,
) -> Vec<Override> {
    let Some(spec) = doc.spec.get() else { return Vec::new() };
    let one = |customer: &CustomerName, digest: &str| {
        Some(Override {
            name: doc.name.get()?.clone(),
            customer: customer.clone(),
            digest: digest.to_owned(),
            expires: spec.expires.get()?.0,
            reason: spec.reason.get()?.0.clone(),
            origin: problems.sources().origin(doc.start),
        })
    };
    let (wanted, other, hint) = if matches!(doc.place, Place::Overrides) {
        let hint = "here write `digests: {customer: \"sha256:…\"}`, one for each customer";
        (spec.digests.is_some(), spec.digest.spot(), hint)
    } else {
        let hint = "in a customer's folder write `digest: \"sha256:…\"`";
        (spec.digest.is_some(), spec.digests.spot(), hint)
    };
    if let Some(spot) = other {
        problems.add(
            Problem::new(code::OVERRIDE_SHAPE, spot, "this key belongs to the other kind of override")
                .hint(hint),
        );
    } else if !wanted {
        problems.add(
            Problem::new(code::OVERRIDE_SHAPE, doc.spec.spot, "the override names no digest").hint(hint),
        );
    }
    if let Some(customer) = doc.place.customer() {
        if !knows_customer(customer, doc.start, catalog, problems) {
            return Vec::new();
        }
        let customer = customer.parse::<CustomerName>().ok();
        let digest = spec.digest.value().map(|digest| &digest.0);
        return customer
            .zip(digest)
            .and_then(|(customer, digest)| one(&customer, digest))
            .into_iter()
            .collect();
    }
    let digests = entries(spec.digests.value());
    digests
        .filter(|(customer, spot, _)| knows_customer(customer.as_str(), *spot, catalog, problems))
        .filter_map(|(customer, _, digest)| one(customer, &digest.get()?.0))
        .collect()
}
