//! Plans of any size whose names were chosen by somebody who means harm.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::desired::state::{DesiredState, State};
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, PersonId};
use groupsync::model::role::{Role, Tier};
use groupsync::model::scope::Scope;
use groupsync::plan::because::{Because, Rule};
use groupsync::plan::digest::Digest;
use groupsync::plan::operation::*;
use groupsync::plan::value::{CustomerPlan, Measure, Plan};
use groupsync::plan::verdict::*;

use crate::plan::fixture::{READER, Scene, at, id, name, origin, subscription};

/// What somebody might call herself, a group or a scope.
pub(crate) const NAMES: [&str; 25] = [
    "Ada Lovelace",
    "=HYPERLINK(\"https://evil.example\",\"ok\")",
    "+1",
    "-2+3",
    "@admins",
    "<script>alert(1)</script>",
    "</details><img src=x onerror=alert(1)>",
    "`` `a` | b ``",
    "| c | d |",
    "**bold** _it_ ~~no~~",
    "[click](https://evil.example)",
    "https://evil.example/login www.evil.example mail@evil.example",
    "#1 GH-1 org/repo#2 deadbeefcafe",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}x",
    "ad\u{202e}nimda\u{2066}\u{200b}",
    "line\r\n# heading\n- item",
    "&lt;b&gt; &#64;x",
    "\\u{202e} \\` \\|",
    " ",
    "",
    "<!-- --> ${{ secrets.TOKEN }} {{ x }} :smile:",
    "' onmouseover='x \" y",
    "\u{301}\u{20dd} e\u{334}\u{489}\u{338}",
    "\t=cmd|'/C calc'!A0",
    "\u{ff1d}1+1::error file=x::y%0A::set-output name=a::b",
];

/// A plan of `customers` with up to `size` operations each and names from `names`, the same for the same seed.
pub(crate) fn fleet(seed: u64, customers: usize, size: usize, names: &[String]) -> (Plan, DesiredState) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut desired = Scene::new().desired;
    desired.policy.tenants_per_person.warn = 1;
    let customers = (0..customers).map(|n| customer(&mut dice, n, size, names)).collect();
    (Plan { now: at("2030-01-01T00:00:00Z"), customers, digest: Digest::of(&seed.into()) }, desired)
}

fn customer(dice: &mut fastrand::Rng, n: usize, size: usize, names: &[String]) -> CustomerPlan {
    let mut operations: Vec<Operation> = Vec::new();
    for place in 0..dice.usize(0..=size) {
        operations.push(operation(dice, place, names));
    }
    let some = |dice: &mut fastrand::Rng, operations: &[Operation]| -> BTreeSet<OperationId> {
        operations.iter().filter(|_| dice.u8(..) < 40).map(|operation| operation.id.clone()).collect()
    };
    let verdict = |dice: &mut fastrand::Rng| (dice.u8(..) < 60).then(|| sentence(dice, names));
    let held = verdict(dice).map(|text| Hold {
        code: HoldCode::CustomerMembers,
        operations: some(dice, &operations),
        measured: 12,
        limit: 5,
        hint: text.clone(),
        text,
    });
    let refused = verdict(dice).map(|text| Refusal {
        code: RefusalCode::NotStaff,
        operations: some(dice, &operations),
        measured: 0,
        limit: 0,
        hint: text.clone(),
        text,
    });
    let gap = verdict(dice).map(|text| Gap {
        code: GapCode::GuestConflict,
        lost: None,
        of: pick(dice, names),
        freezes: text.clone(),
        text,
    });
    let finding = verdict(dice).map(|text| Finding {
        code: FindingCode::ForeignMember,
        of: pick(dice, names),
        text,
        hint: None,
    });
    let state = [State::Enforce, State::Enforce, State::Observe, State::Suspend][dice.usize(0..4)];
    CustomerPlan {
        name: name(&format!("www.customer-{n}_x")),
        tenant: groupsync::model::ids::TenantId::new(id(4, n as u64 + 1)),
        state,
        operations,
        held: held.into_iter().collect(),
        refused: refused.into_iter().collect(),
        gaps: gap.into_iter().collect(),
        findings: finding.into_iter().collect(),
        digest: Digest::of(&n.into()),
        measure: Measure { crowded: BTreeMap::from([(PersonId::new(id(1, 1)), 400)]), ..Measure::default() },
    }
}

fn pick(dice: &mut fastrand::Rng, names: &[String]) -> String {
    names[dice.usize(..names.len())].clone()
}

fn sentence(dice: &mut fastrand::Rng, names: &[String]) -> String {
    format!("{} is in {} (not good)", pick(dice, names), pick(dice, names))
}

fn because(dice: &mut fastrand::Rng, names: &[String]) -> Because {
    let rules = [Rule::Declared, Rule::LeftGroup, Rule::Leaver, Rule::Offboarding];
    Because { rule: rules[dice.usize(..rules.len())], origin: Some(origin(7)), text: sentence(dice, names) }
}

fn operation(dice: &mut fastrand::Rng, place: usize, names: &[String]) -> Operation {
    let group = GroupRef {
        id: Some(ObjectId::new(id(7, dice.u64(1..5)))),
        unique_name: format!("groupsync-00000009-g-{}", dice.u8(0..5)),
        display_name: pick(dice, names),
    };
    let number = dice.u64(1..40);
    let person = PersonId::new(id(1, number));
    let address = name(&format!("p{number}@fabrikam.example"));
    let object = ObjectId::new(id(2, number));
    let label = pick(dice, names);
    let scope = Scope::subscription(subscription());
    let nature = [Nature::Change, Nature::Change, Nature::Ended, Nature::Leaver][dice.usize(0..4)];
    let action = match dice.u8(0..11) {
        0 => Action::InviteGuest {
            person,
            address,
            display_name: label,
            mail: groupsync::model::invitation::InvitationMail::None,
            again: None,
        },
        1 => Action::CreateGroup { unique_name: group.unique_name, display_name: group.display_name },
        2 => Action::UpdateGroup { group: object, from: label, to: group.display_name },
        3 => Action::DeleteGroup { group: object, display_name: label },
        4 => Action::DeleteGuest { guest: object, person: Some(person), label, leaving: BTreeSet::new() },
        5 | 6 => {
            let members = (0..dice.u64(1..6)).map(|_| Joining {
                person,
                address: address.clone(),
                guest: Some(object),
                until: dice.bool().then(|| at("2030-02-01T00:00:00Z")),
                because: because(dice, names),
            });
            Action::AddMembers { group, members: members.collect() }
        }
        7 | 8 => {
            let members = (0..dice.u64(1..6)).map(|_| Leaving {
                object,
                person: dice.bool().then_some(person),
                label: pick(dice, names),
                because: because(dice, names),
            });
            Action::RemoveMembers { group, members: members.collect() }
        }
        9 => Action::CreateRoleAssignment {
            group,
            role: Role { name: name("Owner"), id: name(READER), tier: Tier::Privileged },
            scope,
            written: label,
        },
        _ => {
            let key = AssignmentKey { scope, principal: object, role: name(READER) };
            let name = key.name(groupsync::model::ids::TenantId::new(id(4, 1)));
            Action::DeleteRoleAssignment {
                row: "row".into(),
                name,
                key,
                group: group.display_name,
                role: label,
            }
        }
    };
    Operation {
        id: OperationId(format!("{}/{place}", action.kind().as_str())),
        phase: Phase::Admit,
        nature,
        action,
        because: vec![because(dice, names)],
        needs: BTreeSet::new(),
    }
}
