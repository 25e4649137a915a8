//! A fleet as the YAML files that people would commit.

use std::collections::BTreeSet;
use std::fmt::{Arguments, Write as _};

use groupsync::desired::source::Source as File;
use groupsync::plan::operation::Action;
use groupsync::plan::value::CustomerPlan;

use super::files::{Customer, Files, Grant, Mapping, Source, Tight, id, kind, person};

/// A tenant that is nobody's customer.
pub(crate) const STRANGER: &str = "stranger";

/// The roles that the fleets hand out.
pub(crate) const ROLES: [(&str, &str); 3] = [
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c"),
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
];

impl Files {
    /// The whole tree.
    pub(crate) fn written(&self) -> Vec<File> {
        let mut files = Vec::new();
        let mut file = |path: &str, kind: &str, name: &str, spec: &str| {
            let text = format!(
                "apiVersion: groupsync.dev/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{spec}"
            );
            files.push(File { path: path.to_owned(), text });
        };
        file("partner.yaml", "Partner", "fabrikam", &partner());
        file("policy.yaml", "Policy", "policy", &self.policy());
        for (name, source) in &self.groups {
            file(&format!("groups/{name}.yaml"), "PartnerGroup", name, &source.spec());
        }
        for (name, customer) in &self.customers {
            file(&format!("customers/{name}/customer.yaml"), "Customer", name, &customer.spec(name));
            for (grant, spec) in &customer.grants {
                file(&format!("customers/{name}/grants/{grant}.yaml"), "Grant", grant, &spec.spec());
            }
        }
        for (number, release) in self.overrides.iter().enumerate() {
            let spec = format!(
                "  digests: {{{}: \"{}\"}}\n  expires: {}\n  reason: it is meant\n",
                release.customer, release.digest, release.expires
            );
            let name = format!("release-{number}");
            file(&format!("overrides/{name}.yaml"), "Override", &name, &spec);
        }
        files
    }

    fn policy(&self) -> String {
        let mut text = String::from("  roles:\n");
        for (name, id) in ROLES {
            let tier = if name == "Owner" { "privileged" } else { "standard" };
            say(&mut text, format_args!("    {name}: {{id: {id}, tier: {tier}}}"));
        }
        let limit = "{percent: 0, floor: 1}";
        let counts = format!("{{members: {limit}, assignments: {limit}, guests: {limit}, groups: {limit}}}");
        match self.tight {
            Tight::Nothing => {}
            Tight::Loose | Tight::Groups => {
                let wide = "{percent: 100, floor: 100}";
                let groups = if self.tight == Tight::Groups { limit } else { wide };
                let counts =
                    format!("members: {wide}, assignments: {wide}, guests: {wide}, groups: {groups}");
                let fleet = format!("{{{counts}, leavers: {wide}}}");
                let source = format!("{{shrink: {wide}}}");
                say(
                    &mut text,
                    format_args!(
                        "  limits: {{group: {{members: {wide}}}, customer: {{{counts}}}, fleet: {fleet}, source: {source}}}"
                    ),
                );
            }
            Tight::Group => say(&mut text, format_args!("  limits: {{group: {{members: {limit}}}}}")),
            Tight::Customer => say(&mut text, format_args!("  limits: {{customer: {counts}}}")),
            Tight::Fleet => say(&mut text, format_args!("  limits: {{fleet: {counts}}}")),
            Tight::Source => say(&mut text, format_args!("  limits: {{source: {{shrink: {limit}}}}}")),
        }
        if self.remove_foreign {
            text.push_str("  drift: {foreignMembers: remove}\n");
        }
        if self.delete_idle {
            text.push_str("  idleGuests: {after: 1h, do: deleteInvitedByUs}\n");
        }
        if !self.protected.is_empty() {
            let ids: Vec<_> = self.protected.iter().map(String::as_str).collect();
            say(&mut text, format_args!("  protected: [{}]", ids.join(", ")));
        }
        text
    }
}

fn say(text: &mut String, line: Arguments<'_>) {
    text.write_fmt(line).expect("writing to a string");
    text.push('\n');
}

fn partner() -> String {
    format!(
        "  tenantId: {}\n  staffDomains: [fabrikam.example]\n  adminAgents: {}\n  helpdeskAgents: {}\n",
        id(kind::PARTNER, 0),
        id(kind::SOURCE, 0xa1),
        id(kind::SOURCE, 0xa2),
    )
}

impl Source {
    fn spec(&self) -> String {
        match self {
            Self::Entra(number) => format!("  entraGroup: {}\n", id(kind::SOURCE, *number)),
            Self::Listed(members) => {
                let mut text = String::from("  members:\n");
                for (number, end) in members {
                    let (address, id) = person(*number);
                    match end {
                        Some(end) => {
                            say(&mut text, format_args!("    {address}: {{objectId: {id}, expires: {end}}}"));
                        }
                        None => say(&mut text, format_args!("    {address}: {id}")),
                    }
                }
                text
            }
        }
    }
}

impl Customer {
    /// The verified domain that the file names.
    fn domain(&self, name: &str) -> String {
        if self.wrong_domain { format!("{STRANGER}.example") } else { format!("{name}.example") }
    }

    fn spec(&self, name: &str) -> String {
        let mut text = String::new();
        say(&mut text, format_args!("  tenantId: {}", id(kind::TENANT, self.number)));
        say(&mut text, format_args!("  state: {}", self.state));
        say(&mut text, format_args!("  verifyDomain: {}", self.domain(name)));
        if self.reassert_ledger {
            text.push_str("  reassertLedger: true\n");
        }
        if self.state == "offboard" {
            let guests = if self.keep_guests { "keep" } else { "delete" };
            let start = self.leaves_at.map(|at| format!("notBefore: {at}, ")).unwrap_or_default();
            say(
                &mut text,
                format_args!("  offboard: {{{start}guests: {guests}, reason: the contract ends}}"),
            );
        }
        text.push_str("  subscriptions:\n");
        for alias in &self.subscriptions {
            let number = self.number * 16 + usize::from(alias == "test");
            say(&mut text, format_args!("    {alias}: {}", id(kind::SUBSCRIPTION, number)));
        }
        text.push_str("  groups:\n");
        for (key, mapping) in &self.mappings {
            mapping.spec(key, &mut text);
        }
        text
    }
}

impl Mapping {
    fn spec(&self, key: &str, text: &mut String) {
        say(text, format_args!("    {key}:"));
        match &self.from {
            None => text.push_str("      from: none\n"),
            Some(from) if from != key => say(text, format_args!("      from: {from}")),
            Some(_) => {}
        }
        if let Some(was) = &self.was {
            say(text, format_args!("      was: {was}"));
        }
        if let Some(shown) = &self.shown {
            say(text, format_args!("      as: {shown}"));
        }
        if self.reassert {
            text.push_str("      reassert: true\n");
        }
        if let Some(number) = self.adopt {
            say(text, format_args!("      adopt: {}", id(kind::ADOPTED, number)));
        }
        text.push_str("      roles:\n");
        for (role, name) in ROLES.iter().map(|(name, _)| name).enumerate() {
            let scopes: BTreeSet<_> = self
                .roles
                .iter()
                .filter(|(r, _)| *r == role)
                .map(|(_, alias)| format!("subscriptions/{alias}"))
                .collect();
            if !scopes.is_empty() {
                let scopes: Vec<_> = scopes.into_iter().collect();
                say(text, format_args!("        {name}: [{}]", scopes.join(", ")));
            }
        }
    }
}

impl Grant {
    fn spec(&self) -> String {
        let (address, id) = person(self.person);
        let on_expiry = if self.delete_guest { "deleteGuest" } else { "removeMembership" };
        format!(
            "  group: {}\n  person: {{{address}: {id}}}\n  notBefore: {}\n  expires: {}\n  reason: a restore\n  onExpiry: {on_expiry}\n",
            self.mapping, self.start, self.end
        )
    }
}

/// What a plan would write at a customer, in words of our own: whatever else would be written must have another digest.
pub(crate) fn content(plan: &CustomerPlan) -> String {
    let operations = plan.operations.iter().map(|operation| match &operation.action {
        Action::AddMembers { group, members } => {
            let members: Vec<_> = members.iter().map(|m| (m.person, &m.address, m.guest)).collect();
            format!("add {:?} {members:?}", group.id.map_or(group.unique_name.clone(), |id| id.to_string()))
        }
        Action::RemoveMembers { group, members } => {
            let members: Vec<_> = members.iter().map(|member| member.object).collect();
            format!("{} {:?} {members:?}", operation.id, group.id)
        }
        Action::CreateRoleAssignment { group, role, scope, .. } => {
            format!("give {:?} {:?} {} {scope}", group.id, group.unique_name, role.id)
        }
        Action::InviteGuest { person, address, display_name, mail, again } => {
            format!("invite {person} {address} {display_name} {mail:?} {again:?}")
        }
        Action::CreateGroup { unique_name, display_name } => format!("make {unique_name} {display_name}"),
        Action::UpdateGroup { group, to, .. } => format!("rename {group} {to}"),
        Action::DeleteRoleAssignment { row, .. } => format!("take {}", row.to_ascii_lowercase()),
        Action::AddToLedger { .. }
        | Action::RemoveFromLedger { .. }
        | Action::DeleteGroup { .. }
        | Action::DeleteGuest { .. } => operation.id.to_string(),
    });
    let mut lines: Vec<String> = operations.collect();
    lines.push(format!("{}", plan.tenant));
    lines.join("\n")
}
