//! `groupsync rbac-condition`: the condition that keeps our own right to assign roles to the roles that the files can give.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::commands::plan::unknown;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::printer::Printer;
use crate::model::ids::RoleId;
use crate::model::names::{CustomerName, RoleName};
use crate::model::role::{Tier, granting};
use crate::report::condition::{LONGEST, condition};

/// Whether roles are in it that can hand out access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// They stay out.
    Unprivileged,
    /// They are in it: whoever has the application's credential can then make anybody anything.
    Privileged,
}

/// Prints the condition for the roles of Policy, and of one customer's own where it is named.
pub fn run(
    dir: &Path,
    customer: Option<&CustomerName>,
    reach: Reach,
    printer: &mut Printer,
) -> Result<Exit, Failure> {
    let desired = files::read(dir, printer)?;
    let mut roles: BTreeSet<RoleId> = BTreeSet::new();
    let mut left_out = Vec::new();
    for role in desired.policy.roles.values() {
        // Whatever Policy calls a role that hands out access, leaving it in would make the condition worth nothing.
        let is_privileged = role.tier == Tier::Privileged || granting(role.id).is_some();
        if is_privileged && reach == Reach::Unprivileged {
            left_out.push(role.name.as_str());
        } else {
            roles.insert(role.id);
        }
    }
    let mut unseen = Vec::new();
    if let Some(name) = customer {
        let customer = desired.customers.get(name).ok_or_else(|| unknown(&desired, name))?;
        unseen.extend(customer.roles.keys().map(RoleName::as_str));
        roles.extend(customer.roles.values());
    }
    if roles.is_empty() {
        return Err(Failure::misused("Policy has no role that is not privileged")
            .hint("--privileged lets groupsync hand out roles that hand out access"));
    }
    let text = condition(&roles);
    if text.trim_end().len() > LONGEST {
        let message = format!(
            "{} roles make a condition longer than the {LONGEST} characters Azure takes",
            roles.len()
        );
        return Err(Failure::misused(message).hint("keep the roles in Policy to those that are used"));
    }
    printer.data(&text)?;
    if !left_out.is_empty() {
        let names = left_out.join(", ");
        printer.note(&format!("left out, because privileged: {names}; --privileged puts them in"));
    }
    if !unseen.is_empty() && reach == Reach::Unprivileged {
        let names = unseen.join(", ");
        printer.note(&format!(
            "of the customer's own roles only the ids are known here: look in its tenant whether they can grant roles: {names}"
        ));
    }
    Ok(Exit::Done)
}
