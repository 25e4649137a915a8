//! The guard's last word on outsiders: nothing that plans today lets one get as far.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::*;
use crate::desired::read_texts;
use crate::desired::source::{Source as Text, Sources};
use crate::model::address::Address;
use crate::model::ids::PersonId;
use crate::model::invitation::InvitationMail;
use crate::observed::{customer, partner};
use crate::plan::because::{Because, Rule};
use crate::plan::census::Census;
use crate::plan::directory::Directory;
use crate::plan::draft::Inputs;
use crate::plan::memory::TenantMemory;
use crate::plan::operation::{Joining, Nature, OperationId, Phase};

/// Of the tree that every story begins with what concerns one customer.
const FILES: [(&str, &str); 5] = [
    ("partner.yaml", include_str!("../../../../tests/stories/base/partner.yaml")),
    ("policy.yaml", include_str!("../../../../tests/stories/base/policy.yaml")),
    ("groups/northwind.yaml", include_str!("../../../../tests/stories/base/groups/northwind.yaml")),
    (
        "templates/managed-azure.yaml",
        include_str!("../../../../tests/stories/base/templates/managed-azure.yaml"),
    ),
    (
        "customers/northwind/customer.yaml",
        include_str!("../../../../tests/stories/base/customers/northwind/customer.yaml"),
    ),
];

#[test]
fn whoever_is_in_no_staff_domain_is_neither_invited_nor_added() {
    let file = |(path, text): (&str, &str)| Text { path: path.to_owned(), text: text.to_owned() };
    let read = read_texts(Sources::new(FILES.map(file).into()));
    let desired = read.state.unwrap_or_else(|| panic!("{:#?}", read.diagnostics));
    let partner = partner::Partner {
        people: BTreeMap::new(),
        sources: BTreeMap::new(),
        admin_agents: Ok(BTreeSet::new()),
        helpdesk_agents: Ok(BTreeSet::new()),
    };
    let observed = customer::Customer {
        identity: Ok("0f1e2d3c-0000-4000-8000-000000000001".parse().expect("an id")),
        verified: None,
        groups: Ok(BTreeMap::new()),
        adopted: BTreeMap::new(),
        members: BTreeMap::new(),
        subscriptions: Ok(BTreeMap::new()),
        assignments: BTreeMap::new(),
        facts: customer::Facts::default(),
    };
    let now: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    let inputs = Inputs {
        desired: &desired,
        customer: desired.customers.values().next().expect("one customer"),
        partner: &partner,
        observed: &observed,
        memory: &TenantMemory::default(),
        directory: &Directory::new(&desired, &partner),
        census: &Census::take(&desired, &partner, now),
        now,
    };
    let because = || Because { rule: Rule::Declared, origin: None, text: "listed".to_owned() };
    let operation = |action: Action| Operation {
        id: OperationId(action.kind().as_str().to_owned()),
        phase: Phase::Admit,
        nature: Nature::Change,
        action,
        because: vec![because()],
        needs: BTreeSet::new(),
    };
    let person: PersonId = "0f1e2d3c-0000-4000-8000-000000000007".parse().expect("an id");
    let refused = |address: &str| {
        let address: Address = address.parse().expect("an address");
        let invite = Action::InviteGuest {
            person,
            address: address.clone(),
            display_name: "Eve".to_owned(),
            mail: InvitationMail::None,
            again: None,
        };
        let group =
            GroupRef { id: None, unique_name: "g".to_owned(), display_name: "Northwind_Readers".to_owned() };
        let members = vec![Joining { person, address, guest: None, until: None, because: because() }];
        let mut sheet = Sheet::new(inputs);
        sheet.operations = vec![operation(invite), operation(Action::AddMembers { group, members })];
        refuse(&mut sheet);
        sheet.refused.iter().map(|refusal| (refusal.code, refusal.text.clone())).collect::<Vec<_>>()
    };
    for outsider in ["eve@else.example", "eve@fabrikam.example.evil.example", "eve@sub.fabrikam.example"] {
        let text = format!("{outsider} is not in a staff domain: nobody else is let into a customer tenant");
        let both = [(RefusalCode::NotStaff, text.clone()), (RefusalCode::NotStaff, text)];
        assert_eq!(refused(outsider), both);
    }
    assert_eq!(refused("ada@fabrikam.example"), []);
}
