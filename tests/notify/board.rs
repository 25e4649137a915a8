//! Which troubles a board shows, and a board to show them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use groupsync::controller::board::{Board, JournalHealth};
use groupsync::controller::notify::trouble::{Topic, Troubles};
use groupsync::controller::status::{CustomerStatus, Overdue};
use groupsync::desired::state::State;
use groupsync::model::names::CustomerName;
use groupsync::observed::unread::{Unread, UnreadCode};
use groupsync::plan::digest::Digest;
use groupsync::plan::operation::{Kind, OperationId};
use groupsync::plan::outcome::{CustomerOutcome, Outcome, Status};
use groupsync::plan::value::{CustomerPlan, Measure};
use groupsync::plan::verdict::{Gap, GapCode, Hold, HoldCode, Refusal, RefusalCode, Right};
use jiff::Timestamp;

pub(super) const START: &str = "2030-01-01T00:00:00Z";

/// A customer that was looked at, with nothing wrong.
pub(super) fn fine(name: &str) -> CustomerStatus {
    let tenant = "22222222-2222-4000-8000-000000000001".parse().unwrap();
    let name: CustomerName = name.parse().unwrap();
    let mut status = CustomerStatus::unseen(name.clone(), tenant, State::Enforce);
    status.plan = Some(Arc::new(CustomerPlan {
        name,
        tenant,
        state: State::Enforce,
        operations: Vec::new(),
        held: Vec::new(),
        refused: Vec::new(),
        gaps: Vec::new(),
        findings: Vec::new(),
        digest: Digest::of_text(""),
        measure: Measure::default(),
    }));
    status
}

fn operations(count: usize) -> BTreeSet<OperationId> {
    (0..count).map(|n| OperationId(format!("removeMembers/{n}"))).collect()
}

pub(super) fn plan(status: &mut CustomerStatus) -> &mut CustomerPlan {
    Arc::make_mut(status.plan.as_mut().unwrap())
}

/// The same, with so many operations held by a rule.
pub(super) fn held(name: &str, code: HoldCode, count: usize) -> CustomerStatus {
    let mut status = fine(name);
    let hold = Hold {
        code,
        operations: operations(count),
        measured: count,
        limit: 1,
        text: "ada@fabrikam.example and others".to_owned(),
        hint: String::new(),
    };
    plan(&mut status).held.push(hold);
    status
}

pub(super) fn board(customers: impl IntoIterator<Item = CustomerStatus>) -> Board {
    let board = Board::new(START.parse().unwrap(), Duration::from_mins(10));
    board.note(|overview| overview.partner_read = Some("2040-01-01T00:00:00Z".parse().unwrap()));
    put(&board, customers);
    board
}

pub(super) fn put(board: &Board, customers: impl IntoIterator<Item = CustomerStatus>) {
    let by_name: BTreeMap<_, _> =
        customers.into_iter().map(|status| (status.name.clone(), Arc::new(status))).collect();
    board.replace(by_name);
}

/// Topic, code and count of everything that the board shows.
fn shown(board: &Board, now: &str) -> Vec<(Topic, String, usize)> {
    let now: Timestamp = now.parse().unwrap();
    let troubles = Troubles::on(board, now);
    troubles.all.into_iter().map(|(trouble, extent)| (trouble.topic, trouble.code, extent.count)).collect()
}

fn one(topic: Topic, code: &str, count: usize) -> Vec<(Topic, String, usize)> {
    vec![(topic, code.to_owned(), count)]
}

#[test]
fn what_waits_for_a_human_is_held_and_what_somebody_else_claims_is_contested() {
    let show = |status: CustomerStatus| shown(&board([status]), START);
    assert_eq!(show(fine("contoso")), vec![]);
    assert_eq!(show(held("contoso", HoldCode::GroupMembers, 12)), one(Topic::Held, "groupMembers", 12));
    assert_eq!(show(held("contoso", HoldCode::Contested, 2)), one(Topic::Contested, "contested", 2));
    let mut refused = fine("contoso");
    let refusal = Refusal {
        code: RefusalCode::PrivilegedRole,
        operations: operations(1),
        measured: 0,
        limit: 0,
        text: String::new(),
        hint: String::new(),
    };
    plan(&mut refused).refused.push(refusal);
    assert_eq!(show(refused), one(Topic::Held, "privilegedRole", 1));
}

#[test]
fn where_nothing_is_written_nothing_waits() {
    let show = |state, code| {
        let mut status = held("contoso", code, 3);
        status.state = state;
        shown(&board([status]), START).len()
    };
    assert_eq!(show(State::Observe, HoldCode::GroupMembers), 0);
    assert_eq!(show(State::Suspend, HoldCode::GroupMembers), 0);
    assert_eq!(
        show(State::Suspend, HoldCode::FleetLeavers),
        1,
        "withdrawals wait, and those are carried out"
    );
    assert_eq!(show(State::Offboard, HoldCode::CustomerGuests), 1);
}

#[test]
fn one_failed_pass_is_nobodys_business_and_a_lost_right_is_at_once() {
    let gap = |lost| Gap {
        code: GapCode::Unavailable,
        of: "groups".to_owned(),
        freezes: "everything".to_owned(),
        text: "503".to_owned(),
        lost,
    };
    let mut status = fine("contoso");
    plan(&mut status).gaps.push(gap(None));
    let outcome = |status| Outcome {
        operation: OperationId("addMembers/x".to_owned()),
        kind: Kind::AddMembers,
        status,
        text: None,
        request_id: None,
    };
    status.outcome = Some(Arc::new(CustomerOutcome {
        name: status.name.clone(),
        outcomes: vec![outcome(Status::Failed), outcome(Status::Done), outcome(Status::Failed)],
        ended_early: None,
    }));
    status.failures = 1;
    assert_eq!(shown(&board([status.clone()]), START), vec![]);
    status.failures = 2;
    let both = [one(Topic::Failed, "addMembers", 2), one(Topic::Failed, "unavailable", 1)].concat();
    assert_eq!(shown(&board([status]), START), both);

    let mut lost = fine("contoso");
    plan(&mut lost).gaps.push(gap(Some(Right::Consent)));
    assert_eq!(shown(&board([lost]), START), one(Topic::Failed, "lost.consent", 0));
}

#[test]
fn access_that_outlives_its_end_by_a_minute_is_overdue() {
    let mut status = fine("contoso");
    status.overdue.push(Overdue {
        operation: OperationId("removeMembers/x".to_owned()),
        kind: Kind::RemoveMembers,
        since: START.parse().unwrap(),
        why: "STOP".to_owned(),
    });
    let board = board([status]);
    assert_eq!(shown(&board, "2030-01-01T00:00:59Z"), vec![]);
    assert_eq!(shown(&board, "2030-01-01T00:01:00Z"), one(Topic::Overdue, "removeMembers", 1));
}

#[test]
fn what_concerns_the_fleet_is_told_without_anybodys_words() {
    let board = board([]);
    board.note(|overview| {
        overview.stopped = Some("ada@fabrikam.example said so".to_owned());
        overview.journal = JournalHealth::Trouble("/journal is full".to_owned());
        overview.partner_read = None;
        let unread = |code| Unread { code, text: "ada@fabrikam.example".to_owned() };
        overview.partner_gaps = vec![unread(UnreadCode::NotFound), unread(UnreadCode::Unavailable)];
    });
    let wrong =
        |now| shown(&board, now).into_iter().map(|(topic, code, _)| (topic, code)).collect::<Vec<_>>();
    let at_once = [(Topic::Failed, "journal"), (Topic::Failed, "partner.notFound"), (Topic::Held, "stopped")];
    assert_eq!(wrong(START), at_once.map(|(topic, code)| (topic, code.to_owned())));
    assert!(wrong("2030-01-01T00:05:00Z").contains(&(Topic::Failed, "partnerSilent".to_owned())));
}
