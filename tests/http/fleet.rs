//! A board with a fleet on it, as a loop would have left it: most customers in order, some in every other condition.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use groupsync::controller::board::{Board, JournalHealth, Revision};
use groupsync::controller::status::{CustomerStatus, Overdue, PassRecord, RunningGrant, Trigger};
use groupsync::desired::state::State;
use groupsync::model::ids::{ObjectId, PersonId, TenantId};
use groupsync::model::origin::Origin;
use groupsync::plan::because::{Because, Rule};
use groupsync::plan::digest::Digest;
use groupsync::plan::operation::{
    Action, GroupRef, Joining, Kind, Leaving, Nature, Operation, OperationId, Phase,
};
use groupsync::plan::outcome::{CustomerOutcome, Outcome, Status};
use groupsync::plan::value::{CustomerPlan, Measure};
use groupsync::plan::verdict::{Gap, GapCode, Hold, HoldCode, Right};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub(crate) fn now() -> Timestamp {
    "2030-01-01T12:00:00Z".parse().unwrap()
}

fn before(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// A board with so many customers, the first of which show every condition there is.
pub(crate) fn board(customers: usize) -> Board {
    let board = Board::new(before(600), Duration::from_mins(10));
    board.note(|overview| {
        overview.last_turn = now();
        overview.journal = JournalHealth::Good;
        overview.revision = Some(Revision {
            digest: Digest::of(&serde_json::json!("files")),
            accepted: before(95),
            commit: Some("4f2a9c1d0b7e4f2a9c1d0b7e4f2a9c1d0b7e4f2a".into()),
            from: "desired-state".into(),
        });
    });
    let fleet = (0..customers).map(customer).map(|status| (status.name.clone(), Arc::new(status)));
    board.replace(fleet.collect());
    board
}

/// One customer of a fleet.
fn customer(n: usize) -> CustomerStatus {
    let name = match n {
        0 => "Contoso".to_owned(),
        1 => "Northwind Traders".to_owned(),
        _ => format!("customer-{n:04}"),
    };
    let tenant = TenantId::new(Uuid::from_u128(0x2222_2222_2222_4000_8000_0000_0000_0000 + n as u128));
    let mut status = CustomerStatus::unseen(name.parse().unwrap(), tenant, State::Enforce);
    let minutes = i64::try_from(n % 10).unwrap();
    let mut plan = plan(&status);
    let mut outcome = CustomerOutcome { name: status.name.clone(), outcomes: Vec::new(), ended_early: None };
    status.next_due = Some(now() + SignedDuration::from_mins(10 - minutes));
    status.last_good = Some(before(minutes));
    let mut trigger = Trigger::Interval;
    match n {
        0 => {
            trigger = Trigger::Edge;
            plan.operations = vec![leaving(12)];
            plan.held = vec![hold(&plan)];
            status.last_good = Some(before(200));
            status.grants = vec![
                grant("inc-4711", "ada@fabrikam.example", 50),
                grant("inc-4712", "linus@fabrikam.example", 7),
            ];
        }
        1 => {
            plan.operations = vec![leaving(1), joining(3)];
            outcome.outcomes = vec![
                Outcome {
                    operation: plan.operations[0].id.clone(),
                    kind: Kind::RemoveMembers,
                    status: Status::Failed,
                    text: Some("graph DELETE /groups/{id}/members/{id}/$ref answered 503: try later".into()),
                    request_id: Some("7b0a3c52-7d3e-4a55-9b1f-33a1c0ffee00".into()),
                },
                Outcome {
                    operation: plan.operations[1].id.clone(),
                    kind: Kind::AddMembers,
                    status: Status::Done,
                    text: None,
                    request_id: None,
                },
            ];
            status.overdue = vec![Overdue {
                operation: plan.operations[0].id.clone(),
                kind: Kind::RemoveMembers,
                since: before(12),
                why: "the service fails".into(),
            }];
            status.failures = 4;
            status.backing_off_until = Some(now() + SignedDuration::from_mins(4));
        }
        2 => {
            plan.gaps = vec![gap(GapCode::AccessDenied, Some(Right::Azure))];
            status.last_good = Some(before(3000));
        }
        3 => plan.gaps = vec![gap(GapCode::Unavailable, None)],
        4 => {
            status.state = State::Observe;
            plan.state = State::Observe;
            plan.operations = vec![joining(7)];
        }
        5 => {
            plan.operations = vec![joining(2)];
            outcome.outcomes = vec![Outcome {
                operation: plan.operations[0].id.clone(),
                kind: Kind::AddMembers,
                status: Status::Pending,
                text: None,
                request_id: None,
            }];
            status.pending_invitations = 2;
        }
        6 => {
            status.last_good = None;
            status.next_due = None;
            status.running =
                Some(groupsync::controller::status::Running { since: before(0), trigger: Trigger::Files });
            return status;
        }
        _ => {}
    }
    let good = plan.is_clean() && outcome.outcomes.iter().all(|o| o.status != Status::Failed);
    status.last_pass = Some(PassRecord { began: before(minutes), ended: before(minutes), good, trigger });
    status.outcome = (!outcome.outcomes.is_empty()).then(|| Arc::new(outcome));
    status.plan = Some(Arc::new(plan));
    status
}

pub(crate) fn plan(status: &CustomerStatus) -> CustomerPlan {
    CustomerPlan {
        name: status.name.clone(),
        tenant: status.tenant,
        state: status.state,
        operations: Vec::new(),
        held: Vec::new(),
        refused: Vec::new(),
        gaps: Vec::new(),
        findings: Vec::new(),
        digest: Digest::of(&serde_json::json!(status.name.as_str())),
        measure: Measure::default(),
    }
}

fn group() -> GroupRef {
    GroupRef {
        id: Some(ObjectId::new(Uuid::from_u128(0xd1))),
        unique_name: "groupsync-0f1e2d3c-g-readers".into(),
        display_name: "Readers".into(),
    }
}

fn because(rule: Rule, text: &str) -> Because {
    let origin = Origin { file: "groups/contoso.yaml".into(), line: 9, column: 5 };
    Because { rule, origin: Some(origin), text: text.into() }
}

fn operation(id: &str, phase: Phase, nature: Nature, action: Action) -> Operation {
    let id = OperationId(format!("{id}/groupsync-0f1e2d3c-g-readers"));
    Operation { id, phase, nature, action, because: Vec::new(), needs: BTreeSet::new() }
}

pub(crate) fn leaving(people: u128) -> Operation {
    let members = (0..people)
        .map(|n| Leaving {
            object: ObjectId::new(Uuid::from_u128(0x700 + n)),
            person: Some(PersonId::new(Uuid::from_u128(0x200 + n))),
            label: format!("person-{n}@fabrikam.example"),
            because: because(Rule::LeftGroup, "no longer listed in Contoso_Readers"),
        })
        .collect();
    operation(
        "removeMembers",
        Phase::Remove,
        Nature::Change,
        Action::RemoveMembers { group: group(), members },
    )
}

fn joining(people: u128) -> Operation {
    let members = (0..people)
        .map(|n| Joining {
            person: PersonId::new(Uuid::from_u128(0x300 + n)),
            address: format!("new-{n}@fabrikam.example").parse().unwrap(),
            guest: None,
            until: Some("2031-03-31T00:00:00Z".parse().unwrap()),
            because: because(Rule::Declared, "listed in Contoso_Readers"),
        })
        .collect();
    operation("addMembers", Phase::Admit, Nature::Change, Action::AddMembers { group: group(), members })
}

fn hold(plan: &CustomerPlan) -> Hold {
    Hold {
        code: HoldCode::CustomerMembers,
        operations: plan.operations.iter().map(|operation| operation.id.clone()).collect(),
        measured: 12,
        limit: 5,
        text: "12 of 20 memberships would be removed; allowed are 5".into(),
        hint: "correct the files, or release this plan with an Override that names its digest".into(),
    }
}

fn gap(code: GapCode, lost: Option<Right>) -> Gap {
    Gap {
        code,
        of: "subscription prod".into(),
        freezes: "every role on it".into(),
        text: "arm GET /subscriptions answered 403 AuthorizationFailed".into(),
        lost,
    }
}

fn grant(name: &str, person: &str, minutes: i64) -> RunningGrant {
    RunningGrant {
        name: name.parse().unwrap(),
        mapping: "Contoso_BreakGlass".parse().unwrap(),
        person: person.parse().unwrap(),
        since: before(60),
        until: now() + SignedDuration::from_mins(minutes),
    }
}

/// Customers by name.
pub(crate) fn of(statuses: impl IntoIterator<Item = CustomerStatus>) -> Board {
    let board = board(0);
    let fleet: BTreeMap<_, _> =
        statuses.into_iter().map(|status| (status.name.clone(), Arc::new(status))).collect();
    board.replace(fleet);
    board
}
