//! People are staff, and everywhere the same pair of address and object id.

use std::collections::{BTreeSet, HashMap};

use crate::desired::code;
use crate::desired::documents::Documents;
use crate::desired::given::{Form, Given, Optional};
use crate::desired::problems::{Problem, Problems};
use crate::desired::schema::partner::MemberSpec;
use crate::desired::source::Spot;
use crate::model::address::{Address, Domain};
use crate::model::ids::PersonId;

pub(super) fn check(documents: &Documents, problems: &Problems<'_>) {
    let domains = staff_domains(documents);
    let mut people = People { by_address: HashMap::new(), by_id: HashMap::new() };
    let listed = documents
        .groups
        .iter()
        .filter_map(|group| group.spec.get()?.members.value())
        .flat_map(|members| members.iter().map(|(address, spot, member)| (address, spot, id_of(member))));
    let granted =
        documents.grants.iter().filter_map(|grant| grant.spec.get()?.person.get()).flat_map(|person| {
            person.iter().map(|(address, spot, id)| (address, spot, id.get().map(|value| (*value, id.spot))))
        });
    for (address, spot, id) in listed.chain(granted) {
        if let Some(domains) = &domains {
            in_domain(address, spot, domains, problems);
        }
        if let Some((id, id_spot)) = id {
            people.add(address, spot, id, id_spot, problems);
        }
    }
    for members in documents.groups.iter().filter_map(|group| group.spec.get()?.members.value()) {
        let mut seen = HashMap::new();
        for (address, spot, _) in members.iter() {
            // The same key twice was reported already; upper and lower case make two keys of one address.
            let first = *seen.entry(address).or_insert(spot);
            if first != spot {
                let problem =
                    Problem::new(code::TWICE_IN_LIST, spot, format!("`{address}` stands twice in the list"));
                problems.add(problem.hint("remove one of the two").related(first, "first named here"));
            }
        }
    }
    for grant in &documents.grants {
        let Some(person) = grant.spec.get().map(|spec| &spec.person) else { continue };
        if let Some(count) = person.get().map(|p| p.0.len()).filter(|count| *count != 1) {
            let message = format!("a grant is for exactly one person, not {count}");
            let hint = "write `person: {name@domain: object id}`; one grant for each further person";
            problems.add(Problem::new(code::NOT_ONE_PERSON, person.spot, message).hint(hint));
        }
    }
}

fn staff_domains(documents: &Documents) -> Option<BTreeSet<&Domain>> {
    let domains = documents.partners.first()?.spec.get()?.staff_domains.get()?;
    domains.iter().map(Given::get).collect()
}

fn in_domain(address: &Address, spot: Spot, domains: &BTreeSet<&Domain>, problems: &Problems<'_>) {
    if domains.iter().any(|domain| domain.as_str() == address.domain()) {
        return;
    }
    let message = format!("`{address}` is not in a staff domain");
    let hint = problems
        .did_you_mean(address.domain(), domains.iter().map(|domain| domain.as_str()))
        .unwrap_or_else(|| "only addresses in the Partner's staffDomains are ever invited".to_owned());
    problems.add(Problem::new(code::NOT_STAFF, spot, message).hint(hint));
}

/// The object id of a listed person, in either form.
pub(crate) fn id_of(member: &Given<Form<PersonId, MemberSpec>>) -> Option<(PersonId, Spot)> {
    match member.get()? {
        Form::Short(id) => Some((*id, member.spot)),
        Form::Long(long) => Some((*long.object_id.get()?, long.object_id.spot)),
    }
}

struct People<'d> {
    by_address: HashMap<&'d Address, (PersonId, Spot)>,
    by_id: HashMap<PersonId, (&'d Address, Spot)>,
}

impl<'d> People<'d> {
    fn add(
        &mut self,
        address: &'d Address,
        spot: Spot,
        id: PersonId,
        id_spot: Spot,
        problems: &Problems<'_>,
    ) {
        let (first_id, first) = *self.by_address.entry(address).or_insert((id, id_spot));
        if first_id != id {
            let message = format!("`{address}` has another object id elsewhere");
            let hint = "look the person up in the partner tenant: the object id decides who is meant";
            let problem = Problem::new(code::TWO_IDENTITIES, id_spot, message).hint(hint);
            problems.add(problem.related(first, format!("here it is {first_id}")));
        }
        let (first_address, first) = *self.by_id.entry(id).or_insert((address, spot));
        if first_address != address {
            let message = format!("the person {id} has another address elsewhere");
            let hint = "use one address for a person everywhere";
            let problem = Problem::new(code::TWO_IDENTITIES, spot, message).hint(hint);
            problems.add(problem.related(first, format!("here it is `{first_address}`")));
        }
    }
}
