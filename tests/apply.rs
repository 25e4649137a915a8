//! Applying a plan: what becomes of every operation when services lag, refuse, lose answers or the process dies.

mod claims;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use groupsync::client::halt::{self, Halt};
use groupsync::execute::Deferral;
use groupsync::plan::operation::Kind;
use groupsync::plan::outcome::{Outcome, Status};
use groupsync::plan::value::Plan;
use groupsync::reconcile::{Progress, Report};
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::history::{Act, Actor};
use groupsync::simulator::world::{Assignment, Group, Lock, User, World};
use uuid::Uuid;

use crate::stage::{self, Stage};

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles:
    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7
";

const READERS: &str = "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Readers}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
";

const CONTOSO: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
    Readers: {roles: {Reader: subscriptions/prod}}
";

pub(crate) const MARK: &str = "groupsync-0f1e2d3c-";

pub(crate) fn files(dir: &Path) {
    stage::write(dir, "partner.yaml", stage::PARTNER);
    stage::write(dir, "policy.yaml", POLICY);
    stage::write(dir, "groups/readers.yaml", READERS);
    stage::write(dir, "customers/contoso/customer.yaml", CONTOSO);
}

pub(crate) fn contoso() -> Stage {
    Stage::new(files, 1, |_| {})
}

fn all(report: &Report) -> impl Iterator<Item = &Outcome> {
    report.outcomes.iter().flat_map(|c| &c.outcomes)
}

fn is_done(report: &Report) -> bool {
    all(report).all(|o| matches!(o.status, Status::Done | Status::AlreadySo))
}

fn outcome(report: &Report, kind: Kind) -> &Outcome {
    all(report).find(|o| o.kind == kind).unwrap_or_else(|| panic!("there is a {kind:?} in {report:#?}"))
}

fn is_empty(plan: &Plan) -> bool {
    plan.customers.iter().all(|c| c.operations.is_empty() && c.is_clean())
}

fn group<'a>(world: &'a World, unique_name: &str) -> &'a Group {
    let groups = &world.customers[0].groups;
    groups.iter().find(|g| g.unique_name.as_deref() == Some(unique_name)).expect("the group exists")
}

fn writes(stage: &Stage) -> usize {
    stage.simulator.history().iter().filter(|c| c.actor == Actor::Application).count()
}

/// Everything that must be so at Contoso in the end, and nothing twice.
fn assert_converged(stage: &Stage) {
    let world = stage.simulator.world();
    let readers = group(&world, &format!("{MARK}g-readers"));
    let ledger = group(&world, &format!("{MARK}ledger"));
    assert_eq!(readers.members.len(), 3);
    assert_eq!(readers.members, ledger.members, "everybody we invited is in the ledger");
    let contoso = &world.customers[0];
    let marked = contoso.groups.iter().filter(|g| g.display_name != "x" && g.unique_name.is_some()).count();
    assert_eq!(marked, 2, "no group was made twice");
    let mails: BTreeSet<_> = contoso.users.iter().map(|u| &u.mail).collect();
    assert_eq!(mails.len(), contoso.users.len(), "nobody was invited twice");
    let held = contoso.subscriptions[0].assignments.iter().filter(|a| a.principal_id == readers.id).count();
    assert_eq!(held, 1, "the role is held once");
}

/// Trap: graph 12, 13
#[tokio::test(start_paused = true)]
async fn the_files_come_true_and_a_second_plan_is_empty() {
    let stage = contoso();
    let report = stage.apply().await;
    assert!(is_done(&report), "{report:#?}");
    assert_converged(&stage);
    let second = stage.plan().await;
    assert!(is_empty(&second), "{second:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_after_any_request_leaves_nothing_lost_or_doubled() {
    let whole = contoso();
    whole.apply().await;
    let requests = whole.simulator.requests().iter().filter(|r| !r.batch_item).count();
    assert!(requests > 10, "there is something to die in: {requests} requests");
    for dies_at in 1..requests {
        let stage = contoso();
        let (client, death) = stage.mortal_client(dies_at);
        let (desired, halt) = (stage.desired(), Halt::never());
        tokio::select! {
            report = stage.apply_with(&client, &desired, &halt, Deferral::Leave) => {
                panic!("it was to die with request {dies_at}: {report:#?}")
            }
            () = death.notified() => {}
        }
        // The next process; one more where the plan of the first was cut short by what it did not know.
        stage.apply().await;
        stage.apply().await;
        let plan = stage.plan().await;
        let readers = group(&stage.simulator.world(), &format!("{MARK}g-readers")).members.len();
        assert_eq!(readers, 3, "died with request {dies_at}: {plan:#?}");
        assert!(plan.customers[0].operations.is_empty(), "died with request {dies_at}: {plan:#?}");
    }
}

/// Trap: graph 2, 3, 4
/// Trap: arm 38
#[tokio::test(start_paused = true)]
async fn what_replicas_do_not_show_yet_is_pending_and_not_done_twice() {
    let stage = Stage::new(files, 1, |world| {
        world.lag.min_seconds = 40.0;
        world.lag.max_seconds = 50.0;
    });
    let report = stage.apply().await;
    assert!(
        all(&report).all(|o| matches!(o.status, Status::Done | Status::AlreadySo | Status::Pending)),
        "{report:#?}"
    );
    assert_eq!(outcome(&report, Kind::CreateRoleAssignment).status, Status::Pending, "{report:#?}");
    tokio::time::sleep(Duration::from_mins(2)).await;
    assert_converged(&stage);
    let second = stage.plan().await;
    assert!(is_empty(&second), "{second:#?}");
}

#[tokio::test(start_paused = true)]
async fn one_refused_invitation_keeps_nobody_else_out() {
    let stage = contoso();
    stage.simulator.add_fault(Fault::new(FaultKind::Forbidden).route("POST", "/invitations").times(1));
    let report = stage.apply().await;
    let failed: Vec<_> = all(&report).filter(|o| o.status == Status::Failed).map(|o| o.kind).collect();
    assert_eq!(failed, [Kind::InviteGuest, Kind::AddToLedger, Kind::AddMembers], "{report:#?}");
    let text = outcome(&report, Kind::AddMembers).text.as_deref();
    assert!(text.is_some_and(|t| t.starts_with("not done: 1 of 3: ada@fabrikam.example: ")), "{text:?}");
    assert_eq!(group(&stage.simulator.world(), &format!("{MARK}g-readers")).members.len(), 2);
    stage.apply().await;
    assert_converged(&stage);
}

#[tokio::test(start_paused = true)]
async fn one_customers_trouble_stays_there() {
    let northwind = CONTOSO.replace("contoso", "northwind").replace("22222222", "33333333");
    let stage = Stage::new(
        |dir| {
            files(dir);
            stage::write(dir, "customers/northwind/customer.yaml", &northwind);
        },
        1,
        |_| {},
    );
    stage.simulator.add_fault(Fault::new(FaultKind::Html).customer("northwind"));
    let report = stage.apply().await;
    let [contoso, northwind] = &report.plan.customers[..] else { panic!("two customers: {report:#?}") };
    assert!(contoso.is_clean() && !northwind.gaps.is_empty(), "{report:#?}");
    assert_converged(&stage);
    assert!(is_done(&report), "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_file_called_stop_stops_every_write() {
    let stage = contoso();
    stage.write("STOP", "incident 42\n");
    let report = stage.apply().await;
    assert_eq!(writes(&stage), 0);
    assert!(all(&report).count() > 0);
    for outcome in all(&report) {
        assert_eq!(outcome.status, Status::Failed);
        let text = outcome.text.as_deref();
        assert_eq!(text, Some("not done: the file STOP stops all writes: incident 42"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_interruption_lets_the_call_in_flight_finish_and_begins_no_other() {
    let stage = contoso();
    let plan = stage.plan().await;
    let (switch, halt) = halt::switch();
    let interrupt = |progress: Progress<'_>| {
        if matches!(progress, Progress::Ended(_, outcome) if outcome.kind == Kind::InviteGuest) {
            switch.throw("interrupted");
        }
    };
    let report = stage.carry_out_with(plan, &halt, Deferral::Leave, &interrupt).await;
    let invited = all(&report).filter(|o| o.kind == Kind::InviteGuest && o.status == Status::Done).count();
    assert_eq!(invited, 1, "{report:#?}");
    let said = report.plan.customers[0].runnable().count();
    assert_eq!(all(&report).count(), said, "what was not done is said");
    let not_done = all(&report).filter(|o| o.text.as_deref() == Some("not done: interrupted")).count();
    assert!(not_done >= 5, "{report:#?}");
    stage.apply().await;
    stage.apply().await;
    let readers = group(&stage.simulator.world(), &format!("{MARK}g-readers")).members.len();
    assert_eq!(readers, 3, "the next run finishes it");
}

const GRANT: &str = "apiVersion: groupsync.dev/v1
kind: Grant
metadata: {name: inc-1}
spec:
  group: BreakGlass
  person: {rosa@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000204}
  notBefore: 2030-01-01T09:00:00Z
  expires: 2030-01-01T10:00:00Z
  reason: a restore
  onExpiry: deleteGuest
";

/// Contoso with a group of three, and a group that only a grant of an hour fills.
fn with_a_grant() -> Stage {
    Stage::new(
        |dir| {
            files(dir);
            let customer =
                format!("{CONTOSO}    BreakGlass: {{from: none, roles: {{Reader: subscriptions/prod}}}}\n");
            stage::write(dir, "customers/contoso/customer.yaml", &customer);
            stage::write(dir, "customers/contoso/grants/inc-1.yaml", GRANT);
        },
        1,
        |_| {},
    )
}

/// Contoso after a grant that ends with its guest: started, used up, over.
async fn after_a_grant() -> Stage {
    let stage = with_a_grant();
    let report = stage.apply().await;
    assert!(is_done(&report), "{report:#?}");
    assert!(rosa(&stage.simulator.world()).is_some());
    tokio::time::sleep(Duration::from_mins(90)).await;
    stage
}

fn rosa(world: &World) -> Option<&User> {
    world.customers[0].users.iter().find(|u| u.mail.as_deref() == Some("rosa@fabrikam.example"))
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_deleted_ten_minutes_after_our_last_write_to_it_and_not_before() {
    let stage = after_a_grant().await;
    let ended = stage.clock.now();
    let report = stage.apply().await;
    assert_eq!(outcome(&report, Kind::RemoveMembers).status, Status::Done, "{report:#?}");
    let Status::Deferred(until) = outcome(&report, Kind::DeleteGuest).status else { panic!("{report:#?}") };
    assert!(until.duration_since(ended).as_mins() >= 10);
    assert!(rosa(&stage.simulator.world()).is_some());
    tokio::time::sleep(Duration::from_mins(11)).await;
    let report = stage.apply().await;
    assert_eq!(outcome(&report, Kind::DeleteGuest).status, Status::Done, "{report:#?}");
    assert!(rosa(&stage.simulator.world()).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_guest_rests_after_a_removal_whose_answer_got_lost() {
    let stage = after_a_grant().await;
    let lost = Fault::new(FaultKind::LostAnswer).route("DELETE", "/groups/{id}/members/{id}/$ref").times(1);
    stage.simulator.add_fault(lost);
    let report = stage.apply().await;
    assert_eq!(outcome(&report, Kind::RemoveMembers).status, Status::AlreadySo, "{report:#?}");
    let rests = matches!(outcome(&report, Kind::DeleteGuest).status, Status::Deferred(_));
    assert!(rests, "the guest did not rest: {report:#?}");
    assert!(rosa(&stage.simulator.world()).is_some());
}

#[tokio::test(start_paused = true)]
async fn with_wait_the_deletion_is_done_in_the_same_run() {
    let stage = after_a_grant().await;
    let desired = stage.desired();
    let report = stage.apply_with(&stage.client(), &desired, &Halt::never(), Deferral::Wait).await;
    assert_eq!(outcome(&report, Kind::DeleteGuest).status, Status::Done, "{report:#?}");
    let history = stage.simulator.history();
    let removed =
        history.iter().find(|c| matches!(c.act, Act::MemberRemoved { .. })).expect("she was taken out");
    let deleted = history.iter().find(|c| matches!(c.act, Act::UserDeleted { .. })).expect("she was deleted");
    let waited = deleted.at.duration_since(removed.at);
    assert!(waited.as_mins() >= 10, "waited {waited}");
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_came_into_use_since_the_plan_is_kept() {
    let stage = after_a_grant().await;
    stage.apply().await;
    tokio::time::sleep(Duration::from_mins(11)).await;
    let plan = stage.plan().await;
    stage.simulator.edit(|world| {
        let rosa = rosa(world).expect("she is still there").id;
        world.customers[0].groups.push(Group::security(Uuid::from_u128(7), "Project", [rosa]));
    });
    let report = stage.carry_out(plan).await;
    let kept = outcome(&report, Kind::DeleteGuest);
    assert_eq!(kept.status, Status::Refused, "{report:#?}");
    assert!(rosa(&stage.simulator.world()).is_some());
}

/// Tried: `groups_left_by` returning none → "left: Done, right: Refused".
#[tokio::test(start_paused = true)]
async fn a_guest_that_somebody_puts_back_while_she_rests_is_kept() {
    let stage = after_a_grant().await;
    let desired = stage.desired();
    let back = async {
        tokio::time::sleep(Duration::from_mins(5)).await;
        stage.simulator.edit(|world| {
            let rosa = rosa(world).expect("she is still there").id;
            let glass = group(world, &format!("{MARK}g-breakglass")).id;
            world.customers[0].group_mut(glass).unwrap().members.insert(rosa);
        });
    };
    let client = stage.client();
    let halt = Halt::never();
    let (report, ()) = tokio::join!(stage.apply_with(&client, &desired, &halt, Deferral::Wait), back);
    assert_eq!(outcome(&report, Kind::DeleteGuest).status, Status::Refused, "{report:#?}");
    assert!(rosa(&stage.simulator.world()).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_existed_after_all_ends_that_customers_pass() {
    let stage = contoso();
    let plan = stage.plan().await;
    let unique_name = format!("{MARK}g-readers");
    stage.simulator.edit(|world| {
        let mut group = Group::security(Uuid::from_u128(7), "x", []);
        group.unique_name = Some(unique_name.clone());
        group.mail_nickname = Some(unique_name.clone());
        world.customers[0].groups.push(group);
    });
    let report = stage.carry_out(plan).await;
    assert!(
        report.outcomes[0].ended_early.as_deref().is_some_and(|why| why.contains(&unique_name)),
        "{report:#?}"
    );
    assert_eq!(all(&report).count(), report.plan.customers[0].runnable().count(), "the rest is said");
    assert_eq!(outcome(&report, Kind::AddMembers).status, Status::Failed);
    assert_eq!(group(&stage.simulator.world(), &unique_name).members.len(), 0, "nobody was put into it");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_somebody_else_gave_meanwhile_is_so_already() {
    let stage = contoso();
    stage.apply().await;
    stage.simulator.edit(|world| {
        world.customers[0].subscriptions[0].assignments.retain(|a| a.principal_type != "Group");
    });
    let plan = stage.plan().await;
    stage.simulator.edit(|world| {
        let principal_id = group(world, &format!("{MARK}g-readers")).id;
        let role = "acdd72a7-3385-48ef-bd42-f606fba81ae7".parse().expect("an id");
        let other = Assignment { name: Uuid::from_u128(7), role, principal_id, ..Assignment::default() };
        world.customers[0].subscriptions[0].assignments.push(other);
    });
    let report = stage.carry_out(plan).await;
    assert_eq!(outcome(&report, Kind::CreateRoleAssignment).status, Status::AlreadySo, "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_was_locked_meanwhile_is_a_refusal_and_not_a_failure() {
    let stage = contoso();
    stage.apply().await;
    stage.write(
        "customers/contoso/customer.yaml",
        &CONTOSO.replace("{roles: {Reader: subscriptions/prod}}", "{}"),
    );
    let plan = stage.plan().await;
    stage.simulator.edit(|world| world.customers[0].subscriptions[0].locks.push(Lock::default()));
    let report = stage.carry_out(plan).await;
    assert_eq!(outcome(&report, Kind::DeleteRoleAssignment).status, Status::Refused, "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_is_looked_up_and_nothing_is_done_twice() {
    for (method, route) in [
        ("POST", "/invitations"),
        ("PATCH", "/groups(uniqueName='{name}')"),
        ("PATCH", "/groups/{id}"),
        ("PUT", "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
    ] {
        for fault in [FaultKind::LostAnswer, FaultKind::Cut] {
            let stage = contoso();
            stage.simulator.add_fault(Fault::new(fault).route(method, route).times(1));
            let report = stage.apply().await;
            assert!(is_done(&report), "{method} {route} {fault:?}: {report:#?}");
            assert_converged(&stage);
        }
    }
}
