//! Where every run must come to, and what staying there costs.

use std::collections::BTreeSet;

use groupsync::model::scope::Scope;
use groupsync::plan::verdict::Finding;
use groupsync::simulator::requests::Service;
use groupsync::simulator::world::SubscriptionState;

use super::step::Step;

/// Invariant 6. Any prefix of a plan, then a new pass, converges: each declared group exists once, holds exactly who is
/// wanted and has its roles, nobody is there twice, and a guest that the ledger does not hold is mentioned.
pub(crate) fn is_converged(step: &Step, name: &str) {
    let customer =
        step.desired.customers.values().find(|c| c.name.as_str() == name).expect("a customer of the files");
    let (beginning, end) = (step.beginning(), step.end());
    let tenant = customer.tenant.uuid();
    let truth = end.tenant(tenant).expect("a customer has a tenant");
    for mapping in customer.mappings.values() {
        let groups: Vec<_> = truth
            .groups
            .iter()
            .filter(|g| end.mapping(customer, g).is_some_and(|m| m.key == mapping.key))
            .collect();
        assert_eq!(groups.len(), 1, "{name} has {} exactly once", mapping.key);
        let people: BTreeSet<_> = groups[0].members.iter().filter_map(|m| end.person(tenant, *m)).collect();
        let (then, now) = (beginning.wanted(customer, mapping), end.wanted(customer, mapping));
        let admins: BTreeSet<_> = people.iter().filter(|p| end.is_delegated_admin(**p)).copied().collect();
        assert!(
            people.is_superset(&then.intersection(&now).copied().collect()),
            "{name} {}: {people:?} lacks some of {now:?}",
            mapping.key
        );
        let most: BTreeSet<_> = then.union(&now).chain(&admins).copied().collect();
        assert!(people.is_subset(&most), "{name} {}: {people:?} is more than {most:?}", mapping.key);
        let plan = step.plan_of(&customer.name).expect("a whole pass has a plan");
        let ledger = end.ledger(tenant).expect("a converged tenant has a ledger");
        for guest in groups[0].members.difference(&ledger.members) {
            let mail = truth.users.iter().find(|u| u.id == *guest).and_then(|u| u.mail.as_deref());
            let is_mentioned = |f: &Finding| Some(f.of.as_str()) == mail || f.of == guest.to_string();
            let staff = end.is_staff(tenant, *guest);
            assert!(!staff || plan.findings.iter().any(is_mentioned), "{name} does not mention {mail:?}");
        }
        for role in &mapping.roles {
            let subscription = role.scope.subscription_id().expect("scopes lie in subscriptions");
            let subscription = truth
                .subscriptions
                .iter()
                .find(|s| s.id == subscription.uuid())
                .expect("declared ones exist");
            let held = subscription.assignments.iter().any(|a| {
                a.principal_id == groups[0].id
                    && a.role == role.role.id.uuid()
                    && a.scope.as_deref().map(Scope::canonical) == Some(role.scope.clone())
            });
            let writable = subscription.state == SubscriptionState::Enabled;
            assert!(held || !writable, "{name} {} lacks {}", mapping.key, role.role.name);
        }
    }
    let mut mails: Vec<_> = truth.users.iter().filter_map(|u| u.mail.as_ref()).collect();
    mails.sort();
    let doubled = mails.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(doubled, None, "{name} has a guest twice");
}

/// Invariant 7. A converged tenant yields an empty plan and no write, and reading it costs two Graph requests, one for the
/// subscriptions and one for each subscription; an adopted group may cost a third Graph request.
pub(crate) fn a_quiet_pass_is_quiet(step: &Step) {
    assert_eq!(step.history, [], "a quiet pass wrote");
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
            let requests: Vec<_> = requests.iter().map(|r| (&r.method, &r.route, r.status)).collect();
            assert!(of(Service::Graph) <= 2 + usize::from(adopted), "{}: {requests:#?}", customer.name);
            assert!(of(Service::Arm) <= 1 + customer.subscriptions.len(), "{}: {requests:#?}", customer.name);
        }
    }
}
