//! Four pieces of work, what they cost groupsync, and what they cost a script that asks and writes once per member.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use groupsync::client::Client;
use groupsync::client::error::Error;
use groupsync::client::graph::groups::{NewGroup, Upserted};
use groupsync::client::graph::invitations::Invitation;
use groupsync::client::limiter::Priority;
use groupsync::model::assignment::{AssignmentKey, RoleAssignment};
use groupsync::model::ids::{ObjectId, PersonId, TenantId};
use groupsync::plan::operation::{Action, GroupRef};
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::User;
use uuid::Uuid;
use walkdir::WalkDir;

use super::{PARTNER, Stage, write};

/// A piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Everything that the files of `desired-state/` ask for, in tenants that hold none of it.
    Example,
    /// A look at the same tenants when nothing is to be done.
    Quiet,
    /// Twenty people into a group and twenty out of it; all of them are guests already.
    Turnover,
    /// Five groups of twenty people, with twenty roles, out of the files.
    Removal,
}

impl Work {
    pub(crate) const ALL: [Self; 4] = [Self::Example, Self::Quiet, Self::Turnover, Self::Removal];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Example => "apply `desired-state/` from nothing",
            Self::Quiet => "look at it when nothing is to be done",
            Self::Turnover => "20 people in, 20 out of one group",
            Self::Removal => "5 groups of 20 people and 20 roles gone",
        }
    }

    /// The tenants before the work, and the files that ask for it.
    async fn stage(self) -> Stage {
        match self {
            Self::Example => Stage::new(example, 1, |_| {}),
            Self::Quiet => {
                let stage = Stage::new(example, 1, |_| {});
                stage.apply().await;
                stage
            }
            Self::Turnover => {
                let stage = Stage::new(|dir| team(dir, 0..40, 40..60, 1), 1, guests);
                stage.apply().await;
                team(stage.dir.path(), 20..60, 40..60, 1);
                stage
            }
            Self::Removal => {
                let stage = Stage::new(|dir| team(dir, 0..20, 20..40, 6), 1, guests);
                stage.apply().await;
                team(stage.dir.path(), 0..20, 20..40, 1);
                stage
            }
        }
    }
}

/// Requests on the wire; a `$batch` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) graph: usize,
    pub(crate) azure: usize,
}

impl Count {
    pub(crate) fn total(self) -> usize {
        self.graph + self.azure
    }

    fn of(stage: &Stage) -> Self {
        let records = stage.simulator.requests();
        let sent = |service| records.iter().filter(|r| r.service == service && !r.batch_item).count();
        Self { graph: sent(Service::Graph), azure: sent(Service::Arm) }
    }
}

/// What the work costs groupsync: reading, planning, writing and looking at what was written.
pub(crate) async fn by_groupsync(work: Work) -> Count {
    let stage = work.stage().await;
    stage.simulator.clear_requests();
    match work {
        Work::Quiet => assert!(is_done(&stage.plan().await), "nothing is to be done"),
        Work::Example | Work::Turnover | Work::Removal => drop(stage.apply().await),
    }
    let count = Count::of(&stage);
    assert!(is_done(&stage.plan().await), "{work:?} is done");
    count
}

/// What the same work costs a script over the same client: one request to look and one to write for every guest, member,
/// group and role; where nothing is to be done, one to look. It keeps no ledger and checks nothing.
pub(crate) async fn by_script(work: Work) -> Count {
    let stage = work.stage().await;
    let client = stage.client();
    let mut script = Script { client: &client, guests: BTreeMap::new(), groups: BTreeMap::new() };
    let plan = stage.plan().await;
    stage.simulator.clear_requests();
    if work == Work::Quiet {
        script.look(&stage).await.expect("the simulator answers");
    } else {
        script.carry_out(&plan).await.expect("the simulator answers");
    }
    Count::of(&stage)
}

fn is_done(plan: &Plan) -> bool {
    plan.customers.iter().all(|customer| customer.runnable().next().is_none())
}

struct Script<'a> {
    client: &'a Client,
    guests: BTreeMap<(TenantId, PersonId), ObjectId>,
    groups: BTreeMap<(TenantId, String), ObjectId>,
}

impl Script<'_> {
    async fn look(&self, stage: &Stage) -> Result<(), Error> {
        for customer in stage.simulator.world().customers {
            let tenant = TenantId::new(customer.tenant_id);
            let graph = self.client.graph(tenant, Priority::Change);
            let ours = |group: &&groupsync::simulator::world::Group| {
                group.unique_name.as_deref().is_some_and(|name| name.contains("-g-"))
            };
            for group in customer.groups.iter().filter(ours) {
                for _ in &group.members {
                    graph.members(ObjectId::new(group.id)).await?;
                }
                for subscription in &customer.subscriptions {
                    let arm = self.client.arm(tenant, Priority::Change);
                    for _ in subscription.assignments.iter().filter(|row| row.principal_id == group.id) {
                        arm.role_assignments(subscription.id.to_string().parse().expect("an id")).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn carry_out(&mut self, plan: &Plan) -> Result<(), Error> {
        for customer in &plan.customers {
            for operation in customer.runnable() {
                self.act(customer, &operation.action).await?;
            }
        }
        Ok(())
    }

    async fn act(&mut self, customer: &CustomerPlan, action: &Action) -> Result<(), Error> {
        let tenant = customer.tenant;
        let graph = self.client.graph(tenant, Priority::Change);
        let arm = self.client.arm(tenant, Priority::Change);
        match action {
            Action::InviteGuest { person, address, display_name, mail, .. } => {
                graph.guests(&[&BTreeSet::from([address.clone()])]).await.swap_remove(0)?;
                let invitation =
                    Invitation { address: address.clone(), display_name: display_name.clone(), mail: *mail };
                self.guests.insert((tenant, *person), graph.invite(&invitation).await?.guest);
            }
            Action::CreateGroup { unique_name, display_name } => {
                graph.group_named(unique_name).await?;
                let new = NewGroup { unique_name: unique_name.clone(), display_name: display_name.clone() };
                if let Upserted::Created { group, .. } = graph.upsert_group(&new).await? {
                    self.groups.insert((tenant, unique_name.clone()), group.id);
                }
            }
            Action::UpdateGroup { group, to, .. } => {
                graph.group(*group).await?;
                graph.rename_group(*group, to).await?;
            }
            Action::DeleteGroup { group, .. } => {
                graph.group(*group).await?;
                graph.delete_group(*group).await?;
            }
            Action::AddMembers { group, members } => {
                let group = self.id(tenant, group);
                for joining in members {
                    let guest = joining.guest.unwrap_or_else(|| self.guests[&(tenant, joining.person)]);
                    graph.members(group).await?;
                    graph.add_members(group, &[guest].into()).await.into_values().next().expect("one")?;
                }
            }
            Action::RemoveMembers { group, members } => {
                let group = self.id(tenant, group);
                for leaving in members {
                    graph.members(group).await?;
                    let removed = graph.remove_members(group, &[leaving.object].into()).await;
                    removed.into_values().next().expect("one")?;
                }
            }
            Action::CreateRoleAssignment { group, role, scope, .. } => {
                let principal = self.id(tenant, group);
                let subscription = scope.subscription_id().expect("a scope lies in a subscription");
                arm.role_assignments(subscription).await?;
                let key = AssignmentKey { scope: scope.clone(), principal, role: role.id };
                arm.put_role_assignment(&key).await?;
            }
            Action::DeleteRoleAssignment { row, name, key, .. } => {
                let subscription = key.scope.subscription_id().expect("a scope lies in a subscription");
                arm.role_assignments(subscription).await?;
                let row = RoleAssignment {
                    id: row.clone(),
                    name: *name,
                    key: key.clone(),
                    principal_type: "Group".to_owned(),
                    condition: None,
                    created: None,
                };
                arm.delete_role_assignment(&row).await?;
            }
            Action::DeleteGuest { guest, .. } => {
                graph.user(*guest).await?;
                graph.delete_guest(*guest).await?;
            }
            // A script keeps no ledger.
            Action::AddToLedger { .. } | Action::RemoveFromLedger { .. } => {}
        }
        Ok(())
    }

    fn id(&self, tenant: TenantId, group: &GroupRef) -> ObjectId {
        group.id.unwrap_or_else(|| self.groups[&(tenant, group.unique_name.clone())])
    }
}

/// The example tree of the repository.
pub(crate) fn example(dir: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("desired-state");
    for entry in WalkDir::new(&root) {
        let entry = entry.expect("the example can be read");
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(&root).expect("an entry lies below its root");
            write(dir, &path.to_string_lossy(), &std::fs::read_to_string(entry.path()).expect("a text"));
        }
    }
}

/// One customer with `mappings` groups of `team` and one of `rest`, four roles each, and limits that let everything go.
fn team(dir: &Path, team: std::ops::Range<u128>, rest: std::ops::Range<u128>, mappings: usize) {
    write(dir, "partner.yaml", PARTNER);
    write(dir, "policy.yaml", POLICY);
    let mut groups = String::new();
    for (name, people) in [("Team", team), ("Rest", rest)] {
        let _infallible = write!(
            groups,
            "---\napiVersion: groupsync.dev/v1\nkind: PartnerGroup\nmetadata: {{name: {name}}}\nspec:\n  members:\n"
        );
        for nth in people {
            let _infallible = writeln!(groups, "    p{nth}@fabrikam.example: {}", person(nth));
        }
    }
    write(dir, "groups/all.yaml", groups.trim_start_matches("---\n"));
    let mut customer = CUSTOMER.to_owned();
    let scopes = "[subscriptions/prod/resourceGroups/a, subscriptions/prod/resourceGroups/b, \
                  subscriptions/prod/resourceGroups/c, subscriptions/prod/resourceGroups/d]";
    for nth in 1..mappings {
        let _infallible = writeln!(customer, "    Team_{nth}: {{from: Team, roles: {{Reader: {scopes}}}}}");
    }
    customer.push_str("    Team: {}\n    Rest: {}\n");
    write(dir, "customers/contoso/customer.yaml", &customer);
}

fn person(nth: u128) -> Uuid {
    Uuid::from_u128(0x0f1e_2d3c_1111_4000_8000_0000_0000_1000 + nth)
}

/// Everybody has an account at the partner, whoever the files name at first.
fn guests(world: &mut groupsync::simulator::world::World) {
    for nth in 0..60 {
        if !world.partner.users.iter().any(|user| user.id == person(nth)) {
            world.partner.users.push(User::member(person(nth), &format!("p{nth}@fabrikam.example")));
        }
    }
}

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}
  limits:
    group: {members: {percent: 100}}
    customer: {members: {percent: 100}, assignments: {percent: 100}, groups: {percent: 100}}
    fleet: {members: {percent: 100}, assignments: {percent: 100}, groups: {percent: 100}}
    source: {shrink: {percent: 100}}
";

const CUSTOMER: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
";
