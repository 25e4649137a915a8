//! Where every run must come to, and what staying there costs.

use std::collections::BTreeSet;

use groupsync::desired::state::{Customer, Mapping};
use groupsync::model::scope::Scope;
use groupsync::plan::verdict::Finding;
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::{Group, SubscriptionState};

use super::step::Step;
use super::verdict::ensure;

/// Invariant 6. Any prefix of a plan, then a new pass, converges: each declared group exists once, holds exactly who is
/// wanted and has its roles, nobody is there twice, and a guest that the ledger does not hold is mentioned.
pub(crate) fn is_converged(step: &Step, customer: &Customer) -> Result<(), String> {
    let (name, end) = (&customer.name, step.end());
    let tenant = customer.tenant.uuid();
    let Some(truth) = end.tenant(tenant) else { return Err(format!("{name} has no tenant")) };
    for mapping in customer.mappings.values() {
        let of_mapping = |g: &&Group| end.mapping(customer, g).is_some_and(|m| m.key == mapping.key);
        let groups: Vec<_> = truth.groups.iter().filter(of_mapping).collect();
        let [group] = groups[..] else {
            return Err(format!("{name} has {} groups for {}", groups.len(), mapping.key));
        };
        the_right_people_are_in(step, customer, mapping, group)?;
        roles_are_held(step, customer, mapping, group)?;
    }
    let ledger = end.ledger(tenant).map(|ledger| ledger.id);
    let stays = |g: &&Group| !end.is_marked(g) || Some(g.id) == ledger || end.mapping(customer, g).is_some();
    let left = truth.groups.iter().find(|group| !stays(group));
    ensure!(left.is_none(), "{name} still has a group that no file declares: {left:?}");
    let mut mails: Vec<_> = truth.users.iter().filter_map(|u| u.mail.as_ref()).collect();
    mails.sort();
    let doubled = mails.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(doubled.is_none(), "{name} has a guest twice: {doubled:?}");
    Ok(())
}

fn the_right_people_are_in(
    step: &Step,
    customer: &Customer,
    mapping: &Mapping,
    group: &Group,
) -> Result<(), String> {
    let (name, key) = (&customer.name, &mapping.key);
    let (beginning, end) = (step.beginning(), step.end());
    let tenant = customer.tenant.uuid();
    let people: BTreeSet<_> = group.members.iter().filter_map(|m| end.person(tenant, *m)).collect();
    let (then, now) = (beginning.wanted(customer, mapping), end.wanted(customer, mapping));
    let lacking = then.intersection(&now).find(|person| !people.contains(person));
    ensure!(lacking.is_none(), "{name} {key}: {people:?} lacks {lacking:?}");
    let admins = people.iter().filter(|p| end.is_delegated_admin(tenant, **p)).copied();
    let most: BTreeSet<_> = then.union(&now).copied().chain(admins).collect();
    let surplus = people.difference(&most).next();
    ensure!(surplus.is_none(), "{name} {key}: {surplus:?} is not wanted there");
    let Some(plan) = step.plan_of(&customer.name) else { return Err(format!("{name} has no plan")) };
    let Some(ledger) = end.ledger(tenant) else { return Err(format!("{name} has no ledger")) };
    for guest in group.members.difference(&ledger.members) {
        let users = end.tenant(tenant).map(|t| t.users.as_slice()).unwrap_or_default();
        let mail = users.iter().find(|u| u.id == *guest).and_then(|u| u.mail.as_deref());
        let is_mentioned = |f: &Finding| Some(f.of.as_str()) == mail || f.of == guest.to_string();
        let mentioned = !end.is_staff(tenant, *guest) || plan.findings.iter().any(is_mentioned);
        ensure!(mentioned, "{name} does not mention {mail:?}");
    }
    Ok(())
}

fn roles_are_held(step: &Step, customer: &Customer, mapping: &Mapping, group: &Group) -> Result<(), String> {
    let end = step.end();
    for role in &mapping.roles {
        let id = role.scope.subscription_id();
        let subscriptions = end.tenant(customer.tenant.uuid()).map(|t| t.subscriptions.as_slice());
        let found = subscriptions.unwrap_or_default().iter().find(|s| id.is_some_and(|id| s.id == id.uuid()));
        let Some(subscription) = found else { return Err(format!("{id:?} is unknown")) };
        let held = subscription.assignments.iter().any(|a| {
            a.principal_id == group.id
                && a.role == role.role.id.uuid()
                && a.scope.as_deref().map(Scope::canonical) == Some(role.scope.clone())
        });
        let writable = subscription.state == SubscriptionState::Enabled;
        ensure!(held || !writable, "{} {} lacks {}", customer.name, mapping.key, role.role.name);
    }
    Ok(())
}

/// Invariant 7. A converged tenant yields an empty plan and no write, and reading it costs two Graph requests, one for the
/// subscriptions and one for each subscription; an adopted group may cost a third Graph request.
pub(crate) fn a_quiet_pass_is_quiet(step: &Step) -> Result<(), String> {
    ensure!(step.history.is_empty(), "a quiet pass wrote {:?}", step.history);
    for customer in &step.after.customers {
        let requests: Vec<_> = step
            .requests
            .iter()
            .filter(|r| r.customer.as_ref() == Some(&customer.name) && !r.batch_item)
            .collect();
        let of = |service| requests.iter().filter(|r| r.service == service).count();
        let plan = step.plan.iter().flat_map(|p| &p.customers).find(|p| p.name.as_str() == customer.name);
        let paged = step.after.page_size.is_some();
        let adopted = plan.is_some_and(|p| {
            let customer = step.desired.customers.get(&p.name);
            customer.is_some_and(|c| c.mappings.values().any(|m| m.adopt.is_some()))
        });
        if !paged && plan.is_some_and(|p| p.operations.is_empty() && p.findings.is_empty() && p.is_clean()) {
            let (graph, arm) = (of(Service::Graph), of(Service::Arm));
            ensure!(graph <= 2 + usize::from(adopted), "{} costs {graph} requests to Graph", customer.name);
            ensure!(
                arm <= 1 + customer.subscriptions.len(),
                "{} costs {arm} requests to Azure",
                customer.name
            );
        }
    }
    Ok(())
}
