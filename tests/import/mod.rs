//! What an import writes: with it in the files, a plan takes over groups and does nothing else, whatever stands in a tenant.

mod proof;
mod tenants;
mod writing;

use std::collections::{BTreeMap, BTreeSet};

use groupsync::cli::commands::import::{self, Tree};
use groupsync::desired;
use groupsync::model::ids::ObjectId;
use groupsync::plan::adoption::value::{Adoption, Class};
use groupsync::plan::operation::{Action, LedgerEntry, Operation, OperationId};
use groupsync::plan::value::Plan;
use groupsync::reconcile::{self, Pass, Selection};
use groupsync::report::adoption::files::{Changes, result};
use groupsync::report::{self};
use serde_json::json;

use crate::stage::Stage;

/// What one import found, and what it would write.
struct Imported {
    adoptions: Vec<Adoption>,
    changes: Changes,
}

async fn look(stage: &Stage) -> Imported {
    let read = desired::read(stage.dir.path());
    let desired = read.state.expect("the files are valid");
    let (client, memory) = (stage.client(), stage.journal.memory().await);
    let pass = Pass { client: &client, desired: &desired, memory: &memory, progress: &|_| {} };
    let adoptions = reconcile::adoption::survey(&pass, &Selection::All, stage.clock.now()).await;
    let tree = Tree { desired: &desired, sources: &read.sources };
    let changes = import::proven(tree, &adoptions).unwrap_or_else(|failure| panic!("{:?}", failure.error));
    assert_eq!(changes.by_hand, BTreeMap::new(), "every file here can be added to");
    assert_eq!(changes.roles_by_hand, BTreeMap::new(), "every mapping here can be added to");
    Imported { adoptions, changes }
}

fn merge(stage: &Stage, changes: &Changes) {
    let before = desired::read(stage.dir.path()).sources;
    for source in result(&before, changes).iter() {
        stage.write(&source.path, &source.text);
    }
}

/// The operations of every customer but those that only note that a group was taken over.
fn besides(plan: &Plan) -> BTreeMap<(String, OperationId), Operation> {
    let takes_over = |operation: &Operation| match &operation.action {
        Action::AddToLedger { entry: LedgerEntry::Adopted { .. }, .. } => true,
        Action::CreateGroup { unique_name, .. } => unique_name.ends_with("-ledger"),
        _ => false,
    };
    let customers = plan.customers.iter();
    let all =
        customers.flat_map(|customer| customer.operations.iter().map(|o| (customer.name.to_string(), o)));
    let rest = all.filter(|(_, operation)| !takes_over(operation));
    rest.map(|(name, operation)| ((name, operation.id.clone()), operation.clone())).collect()
}

/// Who stands in which group but the ledger, and every role assignment: what an adoption must leave as it is.
fn holdings(stage: &Stage) -> BTreeSet<String> {
    let world = stage.simulator.world();
    let mut all = BTreeSet::new();
    for customer in &world.customers {
        let ours = |name: &Option<String>| name.as_ref().is_some_and(|name| name.ends_with("-ledger"));
        for group in customer.groups.iter().filter(|group| !ours(&group.unique_name)) {
            all.extend(group.members.iter().map(|member| format!("{}: {member}", group.id)));
            all.insert(format!("{} is {:?}", group.id, group.display_name));
        }
        for row in customer.subscriptions.iter().flat_map(|subscription| &subscription.assignments) {
            all.insert(format!("{} {} {:?} {}", row.name, row.principal_id, row.scope, row.role));
        }
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_what_was_imported_takes_over_and_does_nothing_else() {
    let (mut written, mut roles, mut left_out, mut applied) = (0, 0, 0, 0);
    for seed in 0..24 {
        let stage = tenants::stage(seed).await;
        let before = besides(&stage.plan().await);
        let Imported { adoptions, changes } = look(&stage).await;
        written += adoptions.iter().flat_map(Adoption::proposals).count();
        left_out += adoptions.iter().flat_map(|a| &a.groups).filter(|found| found.proposal.is_none()).count();
        merge(&stage, &changes);

        let plan = stage.plan().await;
        let after = besides(&plan);
        let more: BTreeSet<_> = after.keys().filter(|operation| !before.contains_key(*operation)).collect();
        assert!(more.is_empty(), "with the import in the files, seed {seed} would do more: {more:?}");
        let taken: BTreeSet<ObjectId> =
            adoptions.iter().flat_map(Adoption::proposals).map(|(found, _)| found.group).collect();
        let kept = adoptions.iter().flat_map(Adoption::kept_roles).map(|(loose, _)| loose);
        for loose in kept {
            roles += 1;
            let ends_it = |operation: &Operation| {
                matches!(&operation.action, Action::DeleteRoleAssignment { key, .. }
                    if key.principal == loose.group && key.role == loose.held.id && key.scope == loose.held.scope)
            };
            assert!(before.values().any(ends_it), "seed {seed}: it was about to go");
            assert!(!after.values().any(ends_it), "seed {seed}: {loose:?}");
        }
        for operation in after.values() {
            let text = format!("{:?}", operation.action);
            assert!(!taken.iter().any(|id| text.contains(&id.to_string())), "seed {seed}: {text}");
        }
        let said: usize = adoptions.iter().map(|adoption| adoption.remaining.len()).sum();
        assert_eq!(said, after.len(), "seed {seed}: what remains is said");

        let unchanged = holdings(&stage);
        if after.is_empty() {
            applied += 1;
            stage.apply().await;
            assert_eq!(holdings(&stage), unchanged, "seed {seed}: taking over changes nobody's access");
        }
        let again = look(&stage).await;
        assert_eq!(
            again.changes.files,
            BTreeMap::new(),
            "seed {seed}: what is written down is not found again"
        );
    }
    assert!(written > 20 && left_out > 20, "the tenants hold both: {written} written, {left_out} left out");
    assert!(roles > 3, "{roles} lost roles were put back into their mappings");
    assert!(applied > 3, "{applied} were taken over");
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_read_is_never_written_and_never_silent() {
    let routes = [
        ("graph", "/groups/{id}/members"),
        ("graph", "/groups/{id}"),
        ("graph", "/groups"),
        ("arm", "/subscriptions"),
        ("arm", "/{scope}/providers/Microsoft.Authorization/roleAssignments"),
        ("graph", "/users"),
    ];
    let mut silenced = 0;
    for seed in 0..5 {
        for (service, route) in routes {
            let stage = tenants::stage(seed).await;
            let whole = look(&stage).await;
            let fault = json!({"service": service, "route": route, "customer": "contoso", "fault": "error",
                               "status": 403});
            stage.simulator.add_fault(serde_json::from_value(fault).expect("a fault"));
            let less = look(&stage).await;
            let proposals = |found: &Imported| -> BTreeSet<String> {
                let of = |adoption: &Adoption| adoption.name.as_str() == "contoso";
                let contoso = found.adoptions.iter().filter(|adoption| of(adoption));
                contoso
                    .flat_map(Adoption::proposals)
                    .map(|(found, p)| format!("{} {p:?}", found.group))
                    .collect()
            };
            let (all, some) = (proposals(&whole), proposals(&less));
            assert!(some.is_subset(&all), "seed {seed}: {route} failed, and something is written from less");
            if some != all {
                silenced += 1;
                let contoso = less.adoptions.iter().find(|adoption| adoption.name.as_str() == "contoso");
                let gaps = contoso.map(|adoption| adoption.gaps.len()).unwrap_or_default();
                assert!(gaps > 0, "seed {seed}: {route} failed, less is written, and nothing says why");
            }
        }
    }
    assert!(silenced > 5, "the faults meet what is read: {silenced}");
}

#[tokio::test(start_paused = true)]
async fn the_same_tenants_give_the_same_bytes() {
    let stage = tenants::stage(7).await;
    let (one, two) = (look(&stage).await, look(&stage).await);
    assert_eq!(one.changes, two.changes);
    let document = |found: &Imported| report::adoption::json::document(&found.adoptions, &found.changes);
    assert_eq!(document(&one), document(&two));
}

/// A tenant with three groups around and two people with roles: what a quiet pass asks, and two requests more for who stands
/// there, one for what else our guests stand in, one for those whom no file names, one for a role that Policy does not know.
#[tokio::test(start_paused = true)]
async fn looking_around_costs_few_requests() {
    let stage = tenants::few().await;
    let count = |stage: &Stage| {
        let requests = stage.simulator.requests();
        let wire = requests.iter().filter(|r| !r.batch_item && r.customer.as_deref() == Some("contoso"));
        let count = wire.filter(|r| !r.route.contains("token")).count();
        stage.simulator.clear_requests();
        count
    };
    stage.simulator.clear_requests();
    stage.plan().await;
    let quiet = count(&stage);
    let found = look(&stage).await;
    let all = count(&stage);
    assert_eq!(found.adoptions[0].groups.iter().filter(|f| f.class == Class::Probable).count(), 3);
    assert!(all <= quiet + 4, "{quiet} requests for a plan, {all} for an import");
}
