//! Partner, Policy and partner groups in themselves.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use crate::desired::code;
use crate::desired::documents::Documents;
use crate::desired::given::{Form, Given, Optional, entries};
use crate::desired::problems::{Problem, Problems};
use crate::desired::schema::policy::{PolicySpec, ThresholdSpec};
use crate::desired::source::Spot;
use crate::model::ids::RoleId;
use crate::model::names::RoleName;
use crate::model::role::{BUILT_IN, Tier, built_in};

pub(super) fn check(documents: &Documents, problems: &Problems<'_>) {
    for partner in documents.partners.iter().filter_map(|doc| doc.spec.get()) {
        if let Some(domains) = partner.staff_domains.get() {
            distinct(domains, problems);
            if domains.is_empty() {
                let problem =
                    Problem::new(code::MALFORMED, partner.staff_domains.spot, "there is no staff domain");
                problems.add(problem.hint("without one nobody can be invited"));
            }
        }
        if let (Some(admin), Some(helpdesk)) = (partner.admin_agents.get(), partner.helpdesk_agents.get())
            && admin == helpdesk
        {
            let problem = Problem::new(
                code::TWICE_IN_LIST,
                partner.helpdesk_agents.spot,
                "the same group as `adminAgents`",
            );
            problems.add(problem.related(partner.admin_agents.spot, "first named here"));
        }
        if let Some(Form::Long(groups)) = partner.gdap.value() {
            distinct(groups, problems);
        }
    }
    for policy in documents.policies.iter().filter_map(|doc| doc.spec.get()) {
        roles(policy, problems);
        ordered(policy.tenants_per_person.value(), [400, 490], problems);
        if let Some(Form::Long(threshold)) = policy.objects_per_tenant.value() {
            ordered(Some(threshold), [200, 240], problems);
        }
        if let Some(protected) = policy.protected.value() {
            distinct(protected, problems);
        }
    }
    for group in &documents.groups {
        let Some(spec) = group.spec.get() else { continue };
        match (&spec.members, &spec.entra_group) {
            (Some(members), Some(live)) => {
                let problem = Problem::new(code::SOURCE, live.spot, "the group has two sources");
                let hint = "keep `members` (listed here) or `entraGroup` (read live), not both";
                problems.add(problem.hint(hint).related(members.spot, "the other one"));
            }
            (None, None) => {
                let problem = Problem::new(code::SOURCE, group.spec.spot, "the group has no source");
                problems.add(problem.hint(
                    "add `members` (listed here) or `entraGroup` (read live); nobody at all is `members: {}`",
                ));
            }
            _ => {}
        }
    }
}

fn roles(policy: &PolicySpec, problems: &Problems<'_>) {
    let mut seen: HashMap<RoleId, (&RoleName, Spot)> = HashMap::new();
    for (name, spot, role) in entries(policy.roles.get()) {
        let (id, tier) = match role.get() {
            Some(Form::Short(id)) => (*id, Tier::Standard),
            Some(Form::Long(long)) => {
                let Some(id) = long.id.get() else { continue };
                (*id, long.tier.value().copied().unwrap_or(Tier::Standard))
            }
            None => continue,
        };
        let (first_name, first) = *seen.entry(id).or_insert((name, spot));
        if first_name != name {
            let problem =
                Problem::new(code::ROLE_TWICE, spot, format!("`{name}` is the same role as `{first_name}`"));
            problems.add(
                problem.hint("roles are compared by id; keep one name").related(first, "first named here"),
            );
        }
        let looks_wrong = |message: String, hint: String| {
            problems.add(Problem::new(code::ROLE_LOOKS_WRONG, spot, message).hint(hint));
        };
        let of_that_name = BUILT_IN.iter().find(|role| role.name == name.as_str());
        match built_in(id) {
            Some(real) if real.grants && tier != Tier::Privileged => looks_wrong(
                format!("`{name}` can hand out roles and is not `tier: privileged`"),
                "privileged roles go only to mappings whose memberships all end".to_owned(),
            ),
            Some(real) if real.name != name.as_str() && of_that_name.is_some() => {
                let text = format!("`{name}` has the id of Azure's `{}`", real.name);
                looks_wrong(text, "the id decides".to_owned());
            }
            None => {
                if let Some(known) = of_that_name {
                    looks_wrong(
                        format!("`{name}` does not have the id of Azure's role of that name"),
                        format!("that one is {}; give another role another name", known.id),
                    );
                }
            }
            Some(_) => {}
        }
    }
}

fn ordered(threshold: Option<&ThresholdSpec>, defaults: [usize; 2], problems: &Problems<'_>) {
    let Some(threshold) = threshold else { return };
    let warn = threshold.warn.value().map_or(defaults[0], |count| count.0);
    let refuse = threshold.refuse.value().map_or(defaults[1], |count| count.0);
    let Some(spot) = threshold.warn.spot().or(threshold.refuse.spot()) else { return };
    if warn > refuse {
        let message = format!("warns at {warn}, after refusing at {refuse}");
        problems.add(Problem::new(code::THRESHOLDS, spot, message).hint("`warn` is at most `refuse`"));
    }
}

/// Reports what stands twice in a list.
pub(super) fn distinct<T: Eq + Hash + Display>(list: &[Given<T>], problems: &Problems<'_>) {
    let mut seen = HashMap::new();
    for item in list {
        let Some(value) = item.get() else { continue };
        let first = *seen.entry(value).or_insert(item.spot);
        if first != item.spot {
            let problem =
                Problem::new(code::TWICE_IN_LIST, item.spot, format!("`{value}` stands twice in the list"));
            problems.add(problem.hint("remove one of the two").related(first, "first named here"));
        }
    }
}
