//! How long a plan of 200,000 operations takes to be shown in each format, and how much memory that needs besides the plan.
//!
//! The plan is the roll-out of a fleet: at every customer four groups of 40 people, their roles, and a removal that differs
//! from customer to customer. `--operations NUMBER` makes it another size; with `--hostile` every name is one that means harm.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and reads the clock"
)]
#![expect(dead_code, reason = "the fleet has more to it than this benchmark looks at")]

mod tenants;

use std::collections::BTreeSet;
use std::fs;
use std::time::Instant;

use groupsync::desired::state::{Customer, Source};
use groupsync::model::ids::ObjectId;
use groupsync::model::invitation::InvitationMail;
use groupsync::model::ownership::Mark;
use groupsync::plan::because::{Because, Rule};
use groupsync::plan::digest::Digest;
use groupsync::plan::operation::{
    Action, GroupRef, Joining, Leaving, LedgerEntry, Nature, Operation, OperationId, Phase,
};
use groupsync::plan::value::{CustomerPlan, Measure, Plan};
use groupsync::report::redact::Pseudonyms;
use groupsync::report::{html, json, markdown, text};
use uuid::Uuid;

use crate::tenants::Fleet;

fn main() {
    let wanted = operations();
    let mut fleet = Fleet::of(1);
    let each = roll_out(&fleet, fleet.desired.customers.values().next().expect("one customer"), 0).len();
    fleet = Fleet::of(wanted.div_ceil(each));
    let mut plan = plan(&fleet);
    if std::env::args().any(|argument| argument == "--hostile") {
        make_hostile(&mut plan);
    }
    let operations: usize = plan.customers.iter().map(|customer| customer.operations.len()).sum();
    println!("{operations} operations at {} customers, held in {}", plan.customers.len(), status("VmRSS:"));
    println!("{:<10} {:>10} {:>14}   most memory so far", "format", "seconds", "bytes");
    let measure = |format: &str, show: &dyn Fn() -> usize| {
        let start = Instant::now();
        let bytes = show();
        let seconds = start.elapsed().as_secs_f64();
        println!("{format:<10} {seconds:>10.3} {bytes:>14}   {}", status("VmHWM:"));
    };
    measure("markdown", &|| markdown::plan(&plan, &fleet.desired, Some("plan.html")).len());
    measure("html", &|| html::plan(&plan, &fleet.desired).map(|piece| piece.len()).sum());
    measure("text", &|| text::plan(&plan, &fleet.desired).len());
    measure("json", &|| json::plan::document(&plan, &fleet.desired.partner).len());
    measure("redact", &|| Pseudonyms::of(&plan, &fleet.desired).plan(plan.clone()).customers.len());
}

fn plan(fleet: &Fleet) -> Plan {
    let customers = fleet.desired.customers.values().enumerate().map(|(nth, customer)| CustomerPlan {
        name: customer.name.clone(),
        tenant: customer.tenant,
        state: customer.state,
        operations: roll_out(fleet, customer, nth),
        held: Vec::new(),
        refused: Vec::new(),
        gaps: Vec::new(),
        findings: Vec::new(),
        digest: Digest::of(&nth.into()),
        measure: Measure::default(),
    });
    let now = "2030-01-01T00:00:00Z".parse().expect("a time");
    Plan { now, customers: customers.collect(), digest: Digest::of(&0.into()) }
}

fn roll_out(fleet: &Fleet, customer: &Customer, nth: usize) -> Vec<Operation> {
    let mark = Mark::of(fleet.desired.partner.tenant);
    let ledger = GroupRef { id: None, unique_name: mark.ledger(), display_name: mark.ledger() };
    let mut operations = Vec::new();
    let mut invited = BTreeSet::new();
    for mapping in customer.mappings.values() {
        let unique_name = mark.group(mapping.identity());
        let group = GroupRef { id: None, unique_name, display_name: mapping.display_name.clone() };
        let (unique_name, display_name) = (group.unique_name.clone(), group.display_name.clone());
        operations.push(operation(Action::CreateGroup { unique_name, display_name }));
        let source = mapping.from.as_ref().and_then(|from| fleet.desired.groups.get(from));
        let mut members = Vec::new();
        if let Some(Source::Listed(listed)) = source.map(|source| &source.source) {
            for (person, listed) in listed {
                let address = listed.person.address.clone();
                if invited.insert(*person) {
                    let (person, mail) = (*person, InvitationMail::None);
                    let display_name = format!("Somebody called {address}");
                    operations.push(operation(Action::InviteGuest {
                        person,
                        address: address.clone(),
                        display_name,
                        mail,
                        again: None,
                    }));
                    let entry = LedgerEntry::Invited { person, address: address.clone(), guest: None };
                    operations.push(operation(Action::AddToLedger { ledger: ledger.clone(), entry }));
                }
                members.push(Joining {
                    person: *person,
                    address,
                    guest: None,
                    until: None,
                    because: because("listed in the partner group"),
                });
            }
        }
        operations.push(operation(Action::AddMembers { group: group.clone(), members }));
        for at in &mapping.roles {
            operations.push(operation(Action::CreateRoleAssignment {
                group: group.clone(),
                role: at.role.clone(),
                scope: at.scope.clone(),
                written: at.written.clone(),
            }));
        }
        let object = ObjectId::new(Uuid::from_u128(1 + nth as u128));
        let label = format!("somebody{nth}@fabrikam.example");
        let members = vec![Leaving { object, person: None, label, because: because("no longer listed") }];
        operations.push(operation(Action::RemoveMembers { group, members }));
    }
    for (place, operation) in operations.iter_mut().enumerate() {
        operation.id = OperationId(format!("{}/{place}", operation.action.kind().as_str()));
    }
    operations
}

/// Names that nothing may show as they are: markup, links, formulas, commands to a terminal, what turns a line round, and what
/// never ends.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[click](https://evil.example) | **c** | `d` @admins #1",
    "=HYPERLINK(\"https://evil.example\",\"ok\")",
    "\u{1b}[2J\u{1b}]8;;https://evil.example\u{7}x\u{9b}31m",
    "ad\u{202e}nimda\u{2066}\u{200b}\u{feff}\r\n# heading",
    "& &lt; &#64; ${{ secrets.TOKEN }} \\u{202e} \\",
    "\u{301}\u{20dd}e\u{334}\u{489}",
    "",
];

/// Puts a name that means harm, and no other has, wherever one stands: for each tenth one of 5,000 characters.
fn make_hostile(plan: &mut Plan) {
    let mut count = 0_usize;
    let mut name = || {
        count += 1;
        let name = HOSTILE[count % HOSTILE.len()];
        if count.is_multiple_of(10) {
            format!("{name}{count}").repeat(5_000 / (name.len() + 8))
        } else {
            format!("{name}{count}")
        }
    };
    for operation in plan.customers.iter_mut().flat_map(|customer| &mut customer.operations) {
        operation.because.iter_mut().for_each(|because| because.text = name());
        match &mut operation.action {
            Action::InviteGuest { display_name, .. } | Action::CreateGroup { display_name, .. } => {
                *display_name = name();
            }
            Action::AddMembers { group, .. } => group.display_name = name(),
            Action::RemoveMembers { group, members } => {
                group.display_name = name();
                for leaving in members {
                    leaving.label = name();
                }
            }
            Action::CreateRoleAssignment { group, written, .. } => {
                group.display_name = name();
                *written = name();
            }
            _ => {}
        }
    }
}

fn operation(action: Action) -> Operation {
    Operation {
        id: OperationId(String::new()),
        phase: Phase::Admit,
        nature: Nature::Change,
        action,
        because: vec![because("declared in the files")],
        needs: BTreeSet::new(),
    }
}

fn because(text: &str) -> Because {
    Because { rule: Rule::Declared, origin: None, text: text.to_owned() }
}

/// The number of operations: what follows `--operations`, or 200,000.
fn operations() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--operations");
    arguments.nth(1).map_or(200_000, |number| number.parse().expect("--operations NUMBER"))
}

/// What the system says about this process's memory.
fn status(key: &str) -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.map_or("unknown".to_owned(), |text| text.trim().to_owned())
}
