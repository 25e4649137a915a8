//! Everything that must always hold, judged after each pass by the simulator's true world and its record of every write.

use std::collections::BTreeSet;

use groupsync::desired::state::State;
use groupsync::plan::outcome::Status;
use groupsync::plan::value::CustomerPlan;
use groupsync::plan::verdict::{FindingCode, Gap, HoldCode};

use super::books::Condition;
use super::given::{self, Guests, Order};
use super::limits::{Day, Taken};
use super::quiet;
use super::records;
use super::step::{Step, Write, withdraws};
use super::taken;
use super::verdict::{Violation, ensure};

type OfWrite = fn(&Step, &Write<'_>) -> Result<(), String>;
type OfStep = fn(&Step) -> Result<(), String>;

/// What is judged write by write.
const WRITES: [(&str, OfWrite); 8] = [
    ("nobody_wanted_loses_anything", taken::nobody_wanted_loses_anything),
    ("only_what_is_ours_is_removed", taken::only_what_is_ours_is_removed),
    ("guests_in_use_stay", taken::guests_in_use_stay),
    ("nothing_goes_before_what_refers_to_it", taken::nothing_goes_before_what_refers_to_it),
    ("nothing_out_of_bounds_is_written", taken::nothing_out_of_bounds_is_written),
    ("only_what_was_asked_for_is_given", given::only_what_was_asked_for_is_given),
    ("no_delegated_admin_comes_in", given::no_delegated_admin_comes_in),
    ("no_change_begins_without_a_journal", records::no_change_begins_without_a_journal),
];

/// What is judged of a whole pass.
const STEPS: [(&str, OfStep); 5] = [
    ("those_who_left_are_out", those_who_left_are_out),
    ("one_customer_is_one_failure_domain", one_customer_is_one_failure_domain),
    ("silence_is_not_success", silence_is_not_success),
    ("nothing_private_is_said", nothing_private_is_said),
    ("records_tell_what_happened", records::records_tell_what_happened),
];

/// The first invariant that a step broke.
pub(crate) fn hold(step: &Step, day: &mut Day) -> Result<(), Violation> {
    let mut broken: Option<Violation> = None;
    let (mut guests, mut order, mut taken) = (Guests::default(), Order::default(), Taken::default());
    step.each_write(|versions| {
        if broken.is_some() {
            return;
        }
        for (of, judge) in WRITES {
            // Legitimate by one version of the files is legitimate.
            let judged: Vec<_> = versions.iter().map(|write| judge(step, write)).collect();
            if let (true, Some(Err(text))) = (judged.iter().all(Result::is_err), judged.first()) {
                broken = Some(Violation { of, text: text.clone() });
                return;
            }
        }
        let first = &versions[0];
        taken.count(versions);
        let judged = guests.judge(step, first).map_err(|text| ("guests_enter_by_the_ledger", text));
        let judged =
            judged.and_then(|()| order.judge(step, first).map_err(|text| ("writes_come_in_order", text)));
        broken = judged.err().map(|(of, text)| Violation { of, text });
    });
    if let Some(violation) = broken {
        return Err(violation);
    }
    taken.judge(step).map_err(|text| Violation { of: "limits_hold_whole_plans", text })?;
    day.judge(step, &taken).map_err(|text| Violation { of: "limits_hold_over_a_day", text })?;
    for (of, judge) in STEPS {
        judge(step).map_err(|text| Violation { of, text })?;
    }
    Ok(())
}

/// Invariant 4. Nothing protects those who left: after a pass that nothing disturbed, no leaver and nobody whose access had ended
/// when it began stands in a group of ours. That a source of the partner cannot be read is no disturbance for ended access.
fn those_who_left_are_out(step: &Step) -> Result<(), String> {
    if !step.is_whole() || step.struck.partner {
        return Ok(());
    }
    let (beginning, end) = (step.beginning(), step.end());
    for customer in step.desired.customers.values().filter(|c| withdraws(c.state)) {
        if step.struck.customers.contains(customer.name.as_str()) {
            continue;
        }
        let Some(plan) = step.plan_of(&customer.name) else { return Err("a pass has no plan".to_owned()) };
        if plan.gaps.iter().any(blinds) {
            continue;
        }
        let paged = plan.held.iter().any(|h| h.code == HoldCode::FleetLeavers);
        let unread = plan.gaps.iter().any(|gap| gap.code.is_failed_read());
        let tenant = customer.tenant.uuid();
        for group in end.tenant(tenant).map(|t| t.groups.as_slice()).unwrap_or_default() {
            let Some(mapping) = end.mapping(customer, group) else { continue };
            if end.is_off_limits(group) {
                continue;
            }
            for person in group.members.iter().filter_map(|m| end.person(tenant, *m)) {
                let left = beginning.has_left(person);
                ensure!(paged || unread || !left, "{person} has left and is in {}", group.display_name);
                let ended = beginning.has_ended(customer, mapping, person)
                    && end.has_ended(customer, mapping, person);
                let lost = end.is_misdirected(customer) || (left && paged);
                ensure!(!ended || lost, "the access of {person} to {} has ended", group.display_name);
            }
        }
    }
    Ok(())
}

/// Whether a gap hides who stands in the groups, or whose guest somebody is. One about a source of the partner's does not.
fn blinds(gap: &Gap) -> bool {
    let of_partner = [
        "partner group ",
        "AdminAgents",
        "HelpdeskAgents",
        "the groups with GDAP",
        "subscription",
        "the subscriptions",
    ];
    !of_partner.iter().any(|of| gap.of.starts_with(of)) && !gap.of.contains("ledger")
}

/// Invariant 8. One customer is one failure domain: where only others were struck, everything that was planned is done.
fn one_customer_is_one_failure_domain(step: &Step) -> Result<(), String> {
    let (Some(plan), Some(outcomes)) = (&step.plan, &step.outcomes) else { return Ok(()) };
    if step.second.is_some() {
        return Ok(());
    }
    let planned: BTreeSet<_> = plan.customers.iter().map(|c| c.name.clone()).collect();
    let known: BTreeSet<_> = step.desired.customers.keys().cloned().collect();
    ensure!(planned == known, "there are plans for {planned:?}");
    for outcome in outcomes.iter().filter(|o| step.is_undisturbed(o.name.as_str())) {
        let Some(plan) = step.plan_of(&outcome.name) else { return Err("an outcome has no plan".to_owned()) };
        let (told, planned) = (outcome.outcomes.len(), plan.runnable().count());
        ensure!(told == planned, "{} of {planned} operations at {} have an outcome", told, plan.name);
        if step.is_whole() && plan.gaps.is_empty() {
            let failed = outcome.outcomes.iter().find(|o| o.status == Status::Failed);
            ensure!(failed.is_none() || may_fail(step, plan), "failed for no reason: {failed:?}");
        }
    }
    Ok(())
}

/// Whether the customer itself forbids something that groupsync learns only from the refusal.
fn may_fail(step: &Step, plan: &CustomerPlan) -> bool {
    let tenant = step.before.customers.iter().find(|c| c.tenant_id == plan.tenant.uuid());
    let full = groupsync::simulator::world::Level::Lifecycle.permissions();
    step.desired.stop.is_some()
        || step.journal == Condition::Broken
        || tenant.is_none_or(|tenant| tenant.consent != full)
}

/// Invariant 12. Silence never looks like success: where a plan has no gap, no hold, no refusal, and everything planned is done,
/// things truly are as the files say.
fn silence_is_not_success(step: &Step) -> Result<(), String> {
    if !step.is_one_pass() || step.is_stale() || step.desired.stop.is_some() {
        return Ok(());
    }
    for customer in step.desired.customers.values() {
        let settles = |plan: &CustomerPlan| plan.findings.iter().any(|f| f.code == FindingCode::Settling);
        // Something made moments ago that others deleted is waited for, and the plan says so.
        let waits = step.plan_of(&customer.name).is_some_and(settles);
        if customer.state == State::Enforce && step.went_well(&customer.name) && !waits {
            quiet::is_converged(step, customer)?;
        }
    }
    Ok(())
}

/// Invariant 13. Secrets and people stay private: no secret, token or redeem link in anything that is handed on.
fn nothing_private_is_said(step: &Step) -> Result<(), String> {
    let said = format!("{:?}{:?}", step.plan.as_ref().map(texts), step.outcomes);
    let secret = &step.before.client.secret;
    for private in [secret.as_str(), "redeem?", "eyJ", "Bearer"] {
        ensure!(!said.contains(private), "`{private}` was said");
    }
    Ok(())
}

/// Everything in a plan that services may have had a hand in.
fn texts(plan: &groupsync::plan::value::Plan) -> Vec<&CustomerPlan> {
    plan.customers.iter().filter(|plan| !plan.gaps.is_empty() || !plan.findings.is_empty()).collect()
}
