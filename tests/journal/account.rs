//! What the journal says happened and what truly happened are the same, and it was said before it happened.

use std::collections::{BTreeMap, BTreeSet};

use groupsync::client::halt::Halt;
use groupsync::execute::Deferral;
use groupsync::plan::verdict::FindingCode;
use groupsync::simulator::history::{Act, Actor};
use groupsync::simulator::world::World;

use super::*;
use crate::apply::{MARK, contoso};
use crate::stage::Stage;

/// What the application truly did, in words that an account can be held against.
fn deeds(stage: &Stage) -> BTreeSet<String> {
    let history = stage.simulator.history();
    let own = history.iter().filter(|change| change.actor == Actor::Application);
    own.filter_map(|change| deed(&change.act)).collect()
}

fn deed(act: &Act) -> Option<String> {
    Some(match act {
        Act::GroupCreated { group, .. } => format!("createGroup {group}"),
        Act::GroupUpdated { group } => format!("updateGroup {group}"),
        Act::GroupDeleted { group } => format!("deleteGroup {group}"),
        Act::MemberAdded { group, member } => format!("in {group} {member}"),
        Act::MemberRemoved { group, member } => format!("out {group} {member}"),
        Act::GuestInvited { user, .. } => format!("invite {user}"),
        Act::UserDeleted { user } => format!("deleteGuest {user}"),
        Act::AssignmentCreated { principal, role, .. } => format!("assign {principal} {role}"),
        Act::AssignmentDeleted { principal, role, .. } => format!("unassign {principal} {role}"),
        _ => return None,
    })
}

/// What the records say was done.
fn accounts(records: &[Record]) -> BTreeSet<String> {
    let mut intents = BTreeMap::new();
    let mut groups = BTreeMap::new();
    let mut ended = BTreeMap::new();
    for record in records {
        match record.event() {
            Event::Intent(intent) => drop(intents.insert((record.writer, intent.id), intent.clone())),
            Event::Ended(end) => drop(ended.insert((record.writer, end.intent), end.clone())),
            _ => {}
        }
    }
    let mut said = BTreeSet::new();
    for (key, end) in &ended {
        if let Target::CreateGroup { unique_name, .. } = &intents[key].target {
            groups.extend(end.effects.iter().map(|effect| (unique_name.clone(), effect.object)));
        }
    }
    for (key, end) in ended {
        let target = &intents[&key].target;
        for effect in end.effects.iter().filter(|effect| effect.did == Did::Done) {
            let object = effect.object;
            let id = |group: &GroupRef| group.id.unwrap_or_else(|| groups[&group.unique_name]);
            let sentence = match target {
                Target::InviteGuest { .. } => format!("invite {object}"),
                Target::AddToLedger { ledger, .. } => format!("in {} {object}", id(ledger)),
                Target::RemoveFromLedger { ledger, .. } => format!("out {ledger} {object}"),
                Target::CreateGroup { .. } => format!("createGroup {object}"),
                Target::UpdateGroup { .. } => format!("updateGroup {object}"),
                Target::DeleteGroup { .. } => format!("deleteGroup {object}"),
                Target::AddMembers { group, .. } => format!("in {} {object}", id(group)),
                Target::RemoveMembers { group, .. } => format!("out {} {object}", id(group)),
                Target::CreateRoleAssignment { role, .. } => format!("assign {object} {role}"),
                Target::DeleteRoleAssignment { role, .. } => format!("unassign {object} {role}"),
                Target::DeleteGuest { .. } => format!("deleteGuest {object}"),
            };
            assert!(said.insert(sentence.clone()), "said twice: {sentence}");
        }
    }
    said
}

#[tokio::test(start_paused = true)]
async fn everything_done_has_one_record_and_everything_recorded_was_done() {
    let place = Place::new();
    let mut stage = contoso();
    stage.journal = place.open();
    stage.apply().await;
    assert_eq!(accounts(&look(&place.path()).0), deeds(&stage));
    // One person leaves the list, the group gets another name, and another role in place of its own.
    stage.write(
        "groups/readers.yaml",
        "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Readers}
spec:
  members:
    ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
    grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
",
    );
    stage.write(
        "customers/contoso/customer.yaml",
        "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
    Readers: {as: Contoso Readers}
",
    );
    stage.apply().await;
    let (records, chains) = look(&place.path());
    assert_eq!(chains.breaks, Vec::new());
    assert_eq!(accounts(&records), deeds(&stage));
    assert!(deeds(&stage).iter().any(|deed| deed.starts_with("unassign")), "there was something to tell");
}

/// Whether an intent was recorded for each thing the application did.
fn announced(records: &[Record], act: &Act, world: &World) -> bool {
    let named = |group: &Uuid| {
        let groups = &world.customers[0].groups;
        groups.iter().find(|known| known.id == *group).and_then(|known| known.unique_name.clone())
    };
    let targets = records.iter().filter_map(|record| match record.event() {
        Event::Intent(intent) => Some(&intent.target),
        _ => None,
    });
    targets.into_iter().any(|target| match (act, target) {
        (Act::GroupCreated { group, .. }, Target::CreateGroup { unique_name, .. }) => {
            named(group).as_ref() == Some(unique_name)
        }
        (Act::GuestInvited { address, .. }, Target::InviteGuest { address: invited, .. }) => {
            address == invited.as_str()
        }
        (Act::MemberAdded { group, .. }, Target::AddToLedger { ledger, .. }) => {
            named(group).as_deref() == Some(&ledger.unique_name)
        }
        (Act::MemberAdded { group, .. }, Target::AddMembers { group: meant, .. }) => {
            named(group).as_deref() == Some(&meant.unique_name)
        }
        (Act::AssignmentCreated { .. }, Target::CreateRoleAssignment { .. }) => true,
        _ => false,
    })
}

#[tokio::test(start_paused = true)]
async fn whenever_the_process_dies_what_it_did_was_announced_and_the_next_one_finishes_it() {
    let whole = contoso();
    whole.apply().await;
    let requests = whole.simulator.requests().iter().filter(|r| !r.batch_item).count();
    for dies_at in (1..requests).step_by(2) {
        let place = Place::new();
        let mut stage = contoso();
        stage.journal = place.open();
        let (client, death) = stage.mortal_client(dies_at);
        let (desired, halt) = (stage.desired(), Halt::never());
        tokio::select! {
            report = stage.apply_with(&client, &desired, &halt, Deferral::Leave) => {
                panic!("it was to die with request {dies_at}: {report:#?}")
            }
            () = death.notified() => {}
        }
        let world = stage.simulator.world();
        let records = if place.path().exists() { look(&place.path()).0 } else { Vec::new() };
        for change in stage.simulator.history().iter().filter(|change| change.actor == Actor::Application) {
            if deed(&change.act).is_some() {
                let act = &change.act;
                assert!(
                    announced(&records, act, &world),
                    "died with request {dies_at}, and nobody had said {act:?}"
                );
            }
        }
        // Another process, when replicas agree: whatever was invited is ours, and in the ledger.
        tokio::time::sleep(std::time::Duration::from_mins(20)).await;
        for _ in 0..2 {
            stage.journal = place.open();
            stage.apply().await;
        }
        let world = stage.simulator.world();
        let of = |name: &str| {
            let name = format!("{MARK}{name}");
            let groups = &world.customers[0].groups;
            groups.iter().find(|group| group.unique_name.as_ref() == Some(&name)).unwrap().members.clone()
        };
        assert_eq!((of("ledger").len(), of("g-readers").len()), (3, 3), "died with request {dies_at}");
        let guests = world.customers[0].users.iter().filter(|user| user.is_external()).count();
        assert_eq!(guests, 3, "died with request {dies_at}");
        let plan = stage.plan().await;
        assert!(plan.customers[0].operations.is_empty(), "died with request {dies_at}: {plan:#?}");
        let unclaimed = plan.customers[0].findings.iter().any(|f| f.code == FindingCode::UnclaimedGuest);
        assert!(!unclaimed, "died with request {dies_at}: {plan:#?}");
    }
}
