//! Traps of Azure Resource Manager, against the whole line: files, plan, client, executor and a simulated customer.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use groupsync::client::error::Kind as Failure;
use groupsync::client::halt::Halt;
use groupsync::client::limiter::Priority;
use groupsync::client::receipt::Effect;
use groupsync::client::transport;
use groupsync::desired;
use groupsync::execute::Deferral;
use groupsync::model::assignment::AssignmentKey;
use groupsync::model::ids::{ObjectId, SubscriptionId};
use groupsync::model::scope::Scope;
use groupsync::plan::operation::Kind;
use groupsync::plan::outcome::Status;
use groupsync::plan::value::Plan;
use groupsync::plan::verdict::FindingCode;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{
    Assignment, ControllerCondition, Customer, Lock, Subscription, SubscriptionState, World,
};
use serde_json::Value;
use tokio::time::Instant;
use uuid::{Uuid, uuid};

use super::recorder::{Recorder, header, tenant};
use crate::client as at;
use crate::stage::{self, Stage};

const READER: Uuid = uuid!("acdd72a7-3385-48ef-bd42-f606fba81ae7");
const CONTRIBUTOR: Uuid = uuid!("b24988ac-6180-42a0-ab88-20f7382dd24c");
const TENANT: Uuid = uuid!("22222222-2222-4000-8000-000000000001");
const PROD: Uuid = uuid!("22222222-2222-4000-8000-0000000000b1");
const ASSIGNMENT: &str = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";
const ASSIGNMENTS: &str = "/{scope}/providers/Microsoft.Authorization/roleAssignments";

const CUSTOMER: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
    Readers: {roles: {Reader: subscriptions/prod/resourceGroups/rg-app}}
";

const PEOPLE: &str = "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Readers}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
    joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
    mary@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000204
    rosa@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
";

fn files(dir: &Path) {
    stage::write(dir, "partner.yaml", stage::PARTNER);
    stage::write(
        dir,
        "policy.yaml",
        "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles:
    Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7
    Contributor: b24988ac-6180-42a0-ab88-20f7382dd24c
",
    );
    stage::write(dir, "groups/readers.yaml", PEOPLE);
    stage::write(dir, "customers/contoso/customer.yaml", CUSTOMER);
}

fn stage() -> Stage {
    stage_with(|_| {})
}

fn stage_with(edit: impl FnOnce(&mut World)) -> Stage {
    Stage::new(files, 1, edit)
}

/// A stage where everything has come true.
async fn settled() -> Stage {
    let stage = stage();
    stage.apply().await;
    assert_eq!(kinds(&stage.plan().await), []);
    stage
}

fn kinds(plan: &Plan) -> Vec<Kind> {
    plan.customers.iter().flat_map(|customer| &customer.operations).map(|o| o.action.kind()).collect()
}

fn found(plan: &Plan, code: FindingCode) -> bool {
    plan.customers.iter().flat_map(|customer| &customer.findings).any(|finding| finding.code == code)
}

fn is_clean(plan: &Plan) -> bool {
    plan.customers.iter().all(groupsync::plan::value::CustomerPlan::is_clean)
}

fn edit(stage: &Stage, change: impl FnOnce(&mut Customer)) {
    stage.simulator.edit_customer(TENANT, change).expect("the customer exists");
}

fn prod(customer: &mut Customer) -> &mut Subscription {
    customer.subscriptions.iter_mut().find(|subscription| subscription.id == PROD).expect("it is there")
}

/// The group that carries the mapping.
fn group(stage: &Stage) -> Uuid {
    let world = stage.simulator.world();
    let found = world.customers[0].groups.iter().find(|group| group.display_name == "Readers");
    found.expect("it was made").id
}

fn rows(stage: &Stage) -> Vec<Assignment> {
    stage.simulator.world().customers[0].subscriptions[0].assignments.clone()
}

fn rg(name: &str) -> String {
    format!("/subscriptions/{PROD}/resourceGroups/{name}")
}

fn row(name: u128, scope: &str, principal_id: Uuid, role: Uuid) -> Assignment {
    let scope = Some(scope.to_owned());
    Assignment { name: Uuid::from_u128(name), scope, principal_id, role, ..Assignment::default() }
}

fn asked(stage: &Stage, method: &str, route: &str) -> Vec<u16> {
    let of = |r: &groupsync::simulator::requests::RequestRecord| r.method == method && r.route == route;
    stage.simulator.requests().iter().filter(|r| of(r)).map(|r| r.status).collect()
}

/// Trap: arm 1, 17
#[tokio::test(start_paused = true)]
async fn a_retry_and_another_process_use_the_same_name_and_another_principal_another() {
    let simulator = at::simulator(at::world());
    let scope = Scope::subscription(at::prod());
    let role = READER.to_string().parse().unwrap();
    let key = AssignmentKey { scope, principal: at::object(at::READERS), role };
    simulator.add_fault(Fault::new(FaultKind::LostAnswer).route("PUT", ASSIGNMENT).times(1));
    for _ in 0..2 {
        let client = at::client(&simulator);
        assert_eq!(at::arm(&client).put_role_assignment(&key).await.unwrap().effect, Effect::Done);
    }
    let world = simulator.world();
    let held: Vec<_> = world.customers[0].subscriptions[0]
        .assignments
        .iter()
        .filter(|row| row.principal_id == at::id(at::READERS))
        .collect();
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0].name, key.name(at::contoso()).uuid());
    let other = AssignmentKey { principal: at::object(0xd7), ..key.clone() };
    assert_ne!(other.name(at::contoso()), key.name(at::contoso()));
}

/// Trap: arm 2
#[tokio::test(start_paused = true)]
async fn a_conflict_is_read_by_its_code_and_never_answered_by_another_name() {
    let key = AssignmentKey {
        scope: Scope::subscription(at::prod()),
        principal: at::object(at::READERS),
        role: READER.to_string().parse().unwrap(),
    };
    let taken = at::simulator(at::world_with(|contoso| {
        let whole = format!("/subscriptions/{}", at::prod());
        contoso.subscriptions[0].assignments = vec![row(7, &whole, at::id(at::READERS), READER)];
    }));
    let locked = at::simulator(at::world_with(|contoso| {
        let level = groupsync::simulator::world::LockLevel::ReadOnly;
        contoso.subscriptions[0].locks = vec![Lock { level, ..Lock::default() }];
    }));
    let put = async |simulator| {
        let client = at::client(simulator);
        at::arm(&client).put_role_assignment(&key).await
    };
    assert_eq!(put(&taken).await.unwrap().effect, Effect::AlreadySo);
    assert_eq!(put(&locked).await.unwrap_err().kind(), Failure::ScopeLocked);
    for simulator in [taken, locked] {
        let puts = simulator.requests().iter().filter(|r| r.method == "PUT").count();
        assert_eq!(puts, 1, "asked once");
    }
}

/// Trap: arm 3, 4, 5
///
/// Tried: `Scope::canonical` without `to_ascii_lowercase` → "left: `[CreateRoleAssignment]`".
#[tokio::test(start_paused = true)]
async fn ids_in_another_case_or_under_another_prefix_change_nothing() {
    let stage = settled().await;
    stage.simulator.add_fault(Fault::new(FaultKind::OtherCase));
    let plan = stage.plan().await;
    assert_eq!(kinds(&plan), []);
    assert!(is_clean(&plan), "{plan:#?}");
    stage.simulator.clear_faults();
    let principal = group(&stage);
    edit(&stage, |contoso| {
        let rows = &mut prod(contoso).assignments;
        rows.retain(|row| row.principal_id != principal);
        rows.push(row(7, &rg("RG-APP").replace("resourceGroups", "RESOURCEGROUPS"), principal, READER));
    });
    let plan = stage.plan().await;
    assert_eq!(kinds(&plan), [], "the same triple stands there in another case");
    assert!(found(&plan, FindingCode::SatisfiedByOther), "{plan:#?}");
}

/// Trap: arm 6, 9
#[tokio::test(start_paused = true)]
async fn scopes_that_are_not_plain_are_refused_in_the_files_and_a_prefix_is_no_parent() {
    for scope in ["rg//app", "..", "a?b", "a#b", "a%2fb", "a/b"] {
        let dir = tempfile::tempdir().unwrap();
        files(dir.path());
        stage::write(
            dir.path(),
            "customers/contoso/customer.yaml",
            &CUSTOMER.replace("rg-app", &format!("\"{scope}\"").replace('"', "")),
        );
        let read = desired::read(dir.path());
        assert!(read.state.is_none(), "{scope} passes: {:?}", read.diagnostics);
    }
    let app = Scope::canonical(&rg("app"));
    assert_eq!(app, Scope::canonical(&format!("{}/", rg("App").replace("/resource", "//resource"))));
    assert!(!app.contains(&Scope::canonical(&rg("app2"))) && app.contains(&app.below("providers/a/b/c")));
}

/// Trap: arm 7
#[tokio::test(start_paused = true)]
async fn what_is_inherited_is_neither_drift_nor_a_substitute() {
    let stage = settled().await;
    let principal = group(&stage);
    let above = ["/", "/providers/Microsoft.Management/managementGroups/mg"];
    edit(&stage, |contoso| {
        let rows = &mut prod(contoso).assignments;
        rows.extend(above.iter().zip(70..).map(|(scope, name)| row(name, scope, principal, CONTRIBUTOR)));
        rows.extend(above.iter().zip(80..).map(|(scope, name)| row(name, scope, principal, READER)));
    });
    let before = rows(&stage);
    stage.apply().await;
    assert_eq!(rows(&stage), before);
    edit(&stage, |contoso| {
        let rows = &mut prod(contoso).assignments;
        rows.retain(|row| row.principal_id != principal || above.contains(&row.scope.as_deref().unwrap()));
    });
    assert_eq!(kinds(&stage.plan().await), [Kind::CreateRoleAssignment]);
}

/// Trap: arm 8, 10, 20, 25, 28
///
/// Tried: `"principalType"` left out of the body → "a condition on the type is met: … status: Refused".
#[tokio::test(start_paused = true)]
async fn azure_is_asked_without_filters_in_english_with_types_and_with_the_customers_own_token() {
    let condition = ControllerCondition { roles: vec![READER], ..ControllerCondition::default() };
    let stage = stage_with(|world| world.customers[0].controller_condition = Some(condition));
    let recorder = Recorder::default();
    let client = stage.client_over(recorder.transport(&stage.simulator));
    let report = stage.apply_with(&client, &stage.desired(), &Halt::never(), Deferral::Leave).await;
    let all = report.outcomes.iter().flat_map(|customer| &customer.outcomes);
    let put = all.clone().find(|outcome| outcome.kind == Kind::CreateRoleAssignment).expect("there is one");
    assert_eq!(put.status, Status::Done, "a condition on the type is met: {put:?}");
    let sent = recorder.below("/arm/");
    assert!(sent.len() > 4, "{sent:?}");
    for request in &sent {
        let query = request.uri().query().unwrap_or_default().to_lowercase();
        assert!(!query.contains("filter"), "{request:?}");
        assert_eq!(tenant(request), TENANT.to_string());
        assert_eq!(header(request, "accept-language"), "en-US");
    }
    let puts = sent.iter().filter(|request| request.method() == "PUT");
    for put in puts {
        let body: Value = serde_json::from_slice(put.body()).unwrap();
        assert_eq!(body["properties"]["principalType"], "Group");
    }
}

/// Trap: arm 11
#[tokio::test(start_paused = true)]
async fn a_group_that_azure_does_not_know_yet_is_waited_for_and_not_for_ever() {
    let unknown = || Fault {
        code: Some("PrincipalNotFound".into()),
        ..Fault::new(FaultKind::Error).status(400).route("PUT", ASSIGNMENT)
    };
    let patient = stage();
    patient.simulator.add_fault(unknown().times(3));
    patient.apply().await;
    assert_eq!(asked(&patient, "PUT", ASSIGNMENT), [400, 400, 400, 201]);

    let hopeless = stage();
    hopeless.simulator.add_fault(unknown());
    let report = hopeless.apply().await;
    let puts = asked(&hopeless, "PUT", ASSIGNMENT).len();
    assert!((5..20).contains(&puts), "{puts}");
    let all = report.outcomes.iter().flat_map(|customer| &customer.outcomes);
    let put = all.clone().find(|outcome| outcome.kind == Kind::CreateRoleAssignment).expect("there is one");
    assert_ne!(put.status, Status::Done);
}

/// Trap: arm 16
#[tokio::test(start_paused = true)]
async fn a_row_that_somebody_narrowed_is_reported_and_not_written_over() {
    let stage = settled().await;
    let principal = group(&stage);
    edit(&stage, |contoso| {
        let own = prod(contoso).assignments.iter_mut().find(|row| row.principal_id == principal).unwrap();
        own.condition = Some("@Resource[x] StringEquals 'y'".into());
        own.condition_version = Some("2.0".into());
        own.description = Some("ours to narrow".into());
    });
    let before = rows(&stage);
    assert!(found(&stage.plan().await, FindingCode::ForeignCondition));
    stage.apply().await;
    assert_eq!(rows(&stage), before);
}

/// Trap: arm 18
#[tokio::test(start_paused = true)]
async fn links_that_lead_elsewhere_or_in_a_circle_end_the_list_as_a_failure() {
    for kind in [FaultKind::ForeignLink, FaultKind::SameLink] {
        let simulator = at::simulator(at::world());
        simulator.add_fault(Fault::new(kind).service(Service::Arm).route("GET", ASSIGNMENTS));
        let recorder = Recorder::default();
        let base = groupsync::cli::embedded::BASE;
        let client = at::client_over(&simulator, recorder.transport(&simulator), base);
        let error = at::arm(&client).role_assignments(at::prod()).await.unwrap_err();
        assert_eq!(error.kind(), Failure::Malformed, "{kind:?}: {error}");
        assert_eq!(recorder.hosts().len(), 1, "{:?}", recorder.hosts());
        assert!(recorder.below("/arm/").len() < 5, "{kind:?}");
    }
}

/// Trap: arm 19
///
/// Tried: `rest_of_list` gives back what it has when a page fails → "assertion failed: `!is_clean(&plan)`".
#[tokio::test(start_paused = true)]
async fn half_a_list_removes_nothing() {
    let stage = settled().await;
    let without = CUSTOMER.replace("rg-app", "rg-web");
    stage.write("customers/contoso/customer.yaml", &without);
    stage.simulator.add_fault(Fault::new(FaultKind::ShortPage).route("GET", ASSIGNMENTS));
    let plan = stage.plan().await;
    assert!(!is_clean(&plan));
    assert_eq!(kinds(&plan), [], "is planned from half a list");
    stage.simulator.clear_faults();
    let plan = kinds(&stage.plan().await);
    assert_eq!(plan, [Kind::CreateRoleAssignment, Kind::DeleteRoleAssignment], "the whole list says it");
}

/// Trap: arm 21, 22, 29
#[tokio::test(start_paused = true)]
async fn rows_that_are_not_provably_ours_stay_whoever_they_are_for() {
    let stage = settled().await;
    let principal = group(&stage);
    edit(&stage, |contoso| {
        let whole = format!("/subscriptions/{PROD}");
        let agent = |name, kind: &str| Assignment {
            principal_type: kind.into(),
            ..row(name, &whole, Uuid::from_u128(name), READER)
        };
        prod(contoso).assignments.extend([
            // Identity not found.
            row(1, &whole, Uuid::from_u128(0xdead), READER),
            // An activation of Privileged Identity Management: the same triple, and more, under another name.
            row(2, &rg("rg-app"), principal, READER),
            row(3, &rg("rg-app"), principal, CONTRIBUTOR),
            agent(4, "AgentServicePrincipal"),
            agent(5, "SomethingOfTomorrow"),
        ]);
    });
    let before = rows(&stage);
    assert_eq!(kinds(&stage.plan().await), []);
    stage.apply().await;
    assert_eq!(rows(&stage), before);
}

/// Trap: arm 23
#[tokio::test(start_paused = true)]
async fn a_lock_keeps_a_role_and_nobodys_access() {
    let stage = settled().await;
    edit(&stage, |contoso| prod(contoso).locks = vec![Lock { name: "keep".into(), ..Lock::default() }]);
    stage.write(
        "groups/readers.yaml",
        &PEOPLE.replace("    rosa@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205\n", ""),
    );
    stage.apply().await;
    let id = group(&stage);
    let world = stage.simulator.world();
    let members =
        world.customers[0].groups.iter().find(|group| group.id == id).map(|group| group.members.len());
    assert_eq!(members, Some(4), "access ends with the membership");
    stage.write("customers/contoso/customer.yaml", &CUSTOMER.replace("rg-app", "rg-web"));
    let plan = stage.plan().await;
    assert!(plan.customers[0].refused.iter().any(|refusal| refusal.text.contains("is locked")), "{plan:#?}");
    stage.apply().await;
    assert_eq!(asked(&stage, "DELETE", ASSIGNMENT), [0_u16; 0], "known before it is tried");
}

/// Trap: arm 26
#[tokio::test(start_paused = true)]
async fn one_subscriptions_refusal_does_not_stop_another() {
    let other = at::id(0xb2);
    let simulator = at::simulator(at::world_with(|contoso| {
        contoso.subscriptions.push(Subscription {
            id: other,
            alias: "test".into(),
            ..Subscription::default()
        });
    }));
    let refused = Fault {
        code: Some("TooManyRequests".into()),
        ..Fault::new(FaultKind::Error).status(429).retry_after("30").times(1).service(Service::Arm)
    };
    simulator.add_fault(refused);
    let client = at::client(&simulator);
    let arm = at::arm(&client);
    let start = Instant::now();
    let first = async {
        arm.role_assignments(at::prod()).await.unwrap();
        start.elapsed()
    };
    let second = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        arm.role_assignments(SubscriptionId::new(other)).await.unwrap();
        start.elapsed()
    };
    let (here, there) = tokio::join!(first, second);
    assert!(here >= Duration::from_secs(30), "{here:?}");
    assert!(there < Duration::from_secs(5), "{there:?}");
}

/// Trap: arm 27
#[tokio::test(start_paused = true)]
async fn a_refusal_under_load_needs_no_json() {
    let simulator = at::simulator(at::world());
    simulator
        .add_fault(Fault::new(FaultKind::Html).status(429).retry_after("10").times(1).service(Service::Arm));
    let client = at::client(&simulator);
    let start = Instant::now();
    assert_eq!(at::arm(&client).subscriptions().await.unwrap().len(), 1);
    assert!(start.elapsed() >= Duration::from_secs(10), "{:?}", start.elapsed());
}

/// Trap: arm 30
#[tokio::test(start_paused = true)]
async fn a_subscription_out_of_sight_is_a_gap_and_costs_nobody_anything() {
    let stage = settled().await;
    let own = stage.simulator.service_principal(TENANT);
    edit(&stage, |contoso| prod(contoso).assignments.retain(|row| row.principal_id != own));
    let before = rows(&stage);
    let plan = stage.plan().await;
    assert_eq!(kinds(&plan), []);
    assert!(!is_clean(&plan), "silence is not success");
    stage.apply().await;
    assert_eq!(rows(&stage), before);
}

/// Trap: arm 31, 40
#[tokio::test(start_paused = true)]
async fn a_subscription_that_moved_to_another_directory_is_neither_followed_nor_filled_again() {
    let elsewhere = uuid!("33333333-3333-4000-8000-000000000001");
    let stage = stage_with(|world| {
        let other = Customer {
            name: "northwind".into(),
            tenant_id: elsewhere,
            domain: "northwind.example".into(),
            ..Customer::default()
        };
        world.customers.push(other);
    });
    stage.apply().await;
    edit(&stage, |contoso| prod(contoso).tenant_id = Some(elsewhere));
    stage.simulator.clear_requests();
    let recorder = Recorder::default();
    let client = stage.client_over(recorder.transport(&stage.simulator));
    let plan = stage.plan_with(&client, &stage.desired()).await;
    assert!(!is_clean(&plan));
    assert!(!kinds(&plan).contains(&Kind::CreateRoleAssignment), "{plan:#?}");
    let login = format!("/login/{elsewhere}");
    assert_eq!(recorder.below(&login).len(), 0, "nobody configured that tenant");
}

/// Trap: arm 33
#[tokio::test(start_paused = true)]
async fn a_disabled_subscription_is_asked_for_nothing_but_deletions() {
    let stage = settled().await;
    edit(&stage, |contoso| prod(contoso).state = SubscriptionState::Disabled);
    stage.write("customers/contoso/customer.yaml", &CUSTOMER.replace("rg-app", "rg-web"));
    stage.simulator.clear_requests();
    stage.apply().await;
    assert_eq!(asked(&stage, "PUT", ASSIGNMENT), [0_u16; 0]);
    assert_eq!(asked(&stage, "DELETE", ASSIGNMENT), [200]);
}

/// Trap: arm 39
#[tokio::test(start_paused = true)]
async fn a_redirect_is_an_error_and_not_an_errand() {
    let simulator = at::simulator(at::world());
    simulator.add_fault(Fault::new(FaultKind::Redirect).service(Service::Arm));
    let recorder = Recorder::default();
    let base = groupsync::cli::embedded::BASE;
    let client = at::client_over(&simulator, recorder.transport(&simulator), base);
    let error = at::arm(&client).subscriptions().await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    assert_eq!(recorder.hosts().len(), 1, "{:?}", recorder.hosts());
}

/// Trap: arm 39
///
/// Tried: `redirect::Policy::limited(10)` in the adapter → "failed to lookup address information": it tried to go there.
#[tokio::test]
async fn the_network_adapter_does_not_follow_a_redirect() {
    let simulator = at::simulator(at::world());
    let (address, serving) =
        groupsync::simulator::serve(&simulator, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    tokio::spawn(serving);
    simulator.add_fault(Fault::new(FaultKind::Redirect).service(Service::Arm));
    let network = transport::over_network(None).unwrap();
    let client = at::client_over(&simulator, network, &format!("http://{address}"));
    let arm = client.arm(at::contoso(), Priority::Change);
    let error = arm.subscriptions().await.unwrap_err();
    assert_eq!(error.status(), Some(307), "{error}");
}

/// Trap: arm 41
#[tokio::test(start_paused = true)]
async fn a_scope_that_changed_in_the_files_gets_its_row_before_the_old_one_goes() {
    let stage = settled().await;
    stage.write("customers/contoso/customer.yaml", &CUSTOMER.replace("rg-app", "rg-web"));
    stage.apply().await;
    let principal = ObjectId::new(group(&stage));
    let held: BTreeSet<String> = rows(&stage)
        .into_iter()
        .filter(|row| row.principal_id == principal.uuid())
        .filter_map(|row| row.scope)
        .collect();
    assert_eq!(held, [rg("rg-web").to_lowercase()].into());
    let writes: Vec<String> = stage
        .simulator
        .requests()
        .iter()
        .filter(|r| r.route == ASSIGNMENT && r.method != "GET")
        .map(|r| r.method.clone())
        .collect();
    assert_eq!(writes, ["PUT", "PUT", "DELETE"]);
}

/// Trap: arm 34, 35
///
/// Tried: `assignable_at` that always says yes → "outside its scopes"; `can_grant_access` that looks for three GUIDs and
/// not for actions → "it can give roles".
#[tokio::test(start_paused = true)]
async fn a_custom_role_is_judged_by_what_it_says_in_this_tenant_before_it_is_given() {
    let own = uuid!("22222222-2222-4000-8000-0000000000c7");
    let customer = CUSTOMER
        .replace("Reader: subscriptions", "Restarter: subscriptions")
        .replace("  groups:\n", &format!("  roles: {{Restarter: {own}}}\n  groups:\n"));
    let judged = async |change: fn(&mut groupsync::simulator::world::CustomRole)| {
        let write = |dir: &Path| {
            files(dir);
            stage::write(dir, "customers/contoso/customer.yaml", &customer);
        };
        let stage = Stage::new(write, 1, |world| change(&mut world.customers[0].role_definitions[0]));
        stage.apply().await;
        asked(&stage, "PUT", ASSIGNMENT)
    };
    assert_eq!(judged(|_| {}).await, [201]);
    let outside = judged(|role| role.assignable_scopes = vec![rg("rg-web")]).await;
    assert_eq!(outside, [0_u16; 0], "outside its scopes");
    let grants = judged(|role| role.actions = vec!["Microsoft.Authorization/roleAssignments/*".into()]).await;
    assert_eq!(grants, [0_u16; 0], "it can give roles");
    let elsewhere = judged(|role| role.id = Uuid::from_u128(7)).await;
    assert_eq!(elsewhere, [0_u16; 0], "another tenant's role has another id");
}
