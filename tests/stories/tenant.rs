//! What happens in a customer's tenant behind groupsync's back: what its own people do there.

use groupsync::simulator::world::{
    Assignment, Customer, Group, Identity, InvitePolicy, Level, Subscription, SubscriptionState, User,
};
use jiff::Timestamp;
use uuid::Uuid;

/// The roles that stories name.
pub(super) const ROLES: [(&str, &str); 3] = [
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("Contributor", "b24988ac-6180-42a0-ab88-20f7382dd24c"),
    ("Owner", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
];

/// Carries out `> at CUSTOMER ACT …`.
pub(super) fn act(customer: &mut Customer, now: Timestamp, words: &[&str]) -> Result<(), String> {
    match words {
        ["add-member", group_name, members @ ..] if !members.is_empty() => {
            for who in members {
                let id = user(customer, who)?.id;
                group(customer, group_name)?.members.insert(id);
            }
        }
        ["remove-member", group_name, who] => {
            let id = user(customer, who)?.id;
            group(customer, group_name)?.members.remove(&id);
        }
        ["add-owner", group_name, who] => {
            let id = user(customer, who)?.id;
            group(customer, group_name)?.owners.insert(id);
        }
        ["add-group", name, members @ ..] => {
            let members = members.iter().map(|who| user(customer, who).map(|user| user.id));
            let members: Vec<Uuid> = members.collect::<Result<_, _>>()?;
            customer.groups.push(Group::security(derive(customer.tenant_id, name), name, members));
        }
        ["rename-group", name, new] => (*new).clone_into(&mut group(customer, name)?.display_name),
        ["delete-group", name] => {
            let id = group(customer, name)?.id;
            customer.groups.retain(|group| group.id != id);
        }
        ["restore-group", name] => {
            let at = customer.deleted_groups.iter().position(|group| group.display_name == *name);
            let group = customer.deleted_groups.remove(at.ok_or("there is no such deleted group")?);
            customer.groups.push(group);
        }
        ["add-user", address] => {
            customer.users.push(User::member(derive(customer.tenant_id, address), address));
        }
        ["add-guest", address, rest @ ..] => add_guest(customer, now, address, rest)?,
        ["delete-user" | "delete-guest", who] => {
            let id = user(customer, who)?.id;
            customer.users.retain(|user| user.id != id);
        }
        ["purge", who] => {
            let id = one(customer.deleted.iter().filter(|user| user.mail.as_deref() == Some(who)), who)?.id;
            customer.deleted.retain(|user| user.id != id);
        }
        ["accept", who] => accept(user(customer, who)?),
        ["assign", role, "on", alias, "to", name] => assign(customer, role, alias, name)?,
        ["unassign", role, "on", alias, "from", name] => unassign(customer, role, alias, name)?,
        ["set-policy", setting, value] => set_policy(customer, setting, value)?,
        ["revoke-consent"] => customer.consent.clear(),
        ["consent-to", level] => {
            let named = serde_json::from_value((*level).into()).map(Level::permissions);
            customer.consent = named.unwrap_or_else(|_| [(*level).to_owned()].into());
        }
        ["verify-domain", domain] => (*domain).clone_into(&mut customer.domain),
        ["add-subscription", alias, id] => customer.subscriptions.push(Subscription {
            alias: (*alias).to_owned(),
            id: id_of(id)?,
            ..Subscription::default()
        }),
        ["move-subscription", alias, "to", tenant] => {
            subscription(customer, alias)?.tenant_id = Some(id_of(tenant)?);
        }
        ["disable-subscription", alias] => {
            subscription(customer, alias)?.state = SubscriptionState::Disabled;
        }
        ["enable-subscription", alias] => {
            subscription(customer, alias)?.state = SubscriptionState::Enabled;
        }
        _ => return Err("nothing of that kind happens at a customer".to_owned()),
    }
    Ok(())
}

/// A guest whom somebody of the customer invited. `pending` has not accepted, `old` did so three years ago, `personal`
/// with a personal account; the last word may name the object.
fn add_guest(customer: &mut Customer, now: Timestamp, address: &str, how: &[&str]) -> Result<(), String> {
    let mut user = User::guest(derive(customer.tenant_id, &format!("own guest {address}")), address);
    user.created_date_time = Some(now);
    for word in how {
        match *word {
            "pending" => user.external_user_state = Some("PendingAcceptance".to_owned()),
            "old" => user.created_date_time = Some(now - jiff::SignedDuration::from_hours(3 * 365 * 24)),
            "personal" => {
                let issuer = Some("MicrosoftAccount".to_owned());
                let sign_in_type = Some("federated".to_owned());
                user.identities = vec![Identity { sign_in_type, issuer, issuer_assigned_id: None }];
            }
            id => user.id = id_of(id)?,
        }
    }
    if customer.users.iter().any(|known| known.mail.as_deref() == Some(address)) {
        // Entra never gives two objects one name: the second got something of its own.
        let name = address.replace('@', "_");
        user.user_principal_name = Some(format!("{name}_2#EXT#@{}", customer.domain));
    }
    customer.users.push(user);
    Ok(())
}

/// The guest accepts the invitation with the account of the partner's directory.
pub(super) fn accept(user: &mut User) {
    user.external_user_state = Some("Accepted".to_owned());
    let known = user.identities.iter().any(|id| id.issuer.as_deref() == Some("ExternalAzureAD"));
    if !known {
        user.identities.push(Identity {
            sign_in_type: Some("federated".to_owned()),
            issuer: Some("ExternalAzureAD".to_owned()),
            issuer_assigned_id: None,
        });
    }
}

fn assign(customer: &mut Customer, role: &str, alias: &str, name: &str) -> Result<(), String> {
    let (role, principal_id) = (role_id(role)?, group(customer, name)?.id);
    let name = derive(principal_id, &format!("{role} {alias}"));
    let row = Assignment { name, role, principal_id, ..Assignment::default() };
    subscription(customer, alias)?.assignments.push(row);
    Ok(())
}

fn unassign(customer: &mut Customer, role: &str, alias: &str, name: &str) -> Result<(), String> {
    let (role, principal) = (role_id(role)?, group(customer, name)?.id);
    let rows = &mut subscription(customer, alias)?.assignments;
    let before = rows.len();
    rows.retain(|row| row.role != role || row.principal_id != principal);
    if rows.len() == before { Err("there is no such assignment".to_owned()) } else { Ok(()) }
}

/// Takes every role in Azure from our own service principal.
pub(super) fn take_roles(customer: &mut Customer, us: Uuid) {
    for subscription in &mut customer.subscriptions {
        subscription.assignments.retain(|row| row.principal_id != us);
    }
}

/// Gives our service principal its role on every subscription again.
pub(super) fn give_roles(customer: &mut Customer, us: Uuid) {
    let administrator = uuid::uuid!("f58310d9-a9f6-439a-9e8d-f62e7b41a168");
    for subscription in &mut customer.subscriptions {
        let name = derive(us, &subscription.alias);
        let principal_type = "ServicePrincipal".to_owned();
        let row = Assignment {
            name,
            role: administrator,
            principal_id: us,
            principal_type,
            ..Assignment::default()
        };
        subscription.assignments.push(row);
    }
}

fn set_policy(customer: &mut Customer, setting: &str, value: &str) -> Result<(), String> {
    match (setting, value) {
        ("block-domain", domain) => drop(customer.policies.blocked_domains.insert(domain.to_owned())),
        ("allow-domain", domain) => drop(customer.policies.blocked_domains.remove(domain)),
        ("invitations", "nobody") => customer.policies.invitations = InvitePolicy::None,
        ("invitations", "everyone") => customer.policies.invitations = InvitePolicy::Everyone,
        _ => return Err("there is no such policy".to_owned()),
    }
    Ok(())
}

/// A user by address, user principal name or object id.
fn user<'a>(customer: &'a mut Customer, who: &str) -> Result<&'a mut User, String> {
    let matches = |user: &User| {
        user.mail.as_deref() == Some(who)
            || user.user_principal_name.as_deref() == Some(who)
            || user.id.to_string() == who
    };
    one(customer.users.iter_mut().filter(|user| matches(user)), who)
}

/// A group by its name on the screen, or by its unique name.
pub(super) fn group<'a>(customer: &'a mut Customer, name: &str) -> Result<&'a mut Group, String> {
    let matches = |group: &Group| group.display_name == name || group.unique_name.as_deref() == Some(name);
    one(customer.groups.iter_mut().filter(|group| matches(group)), name)
}

fn subscription<'a>(customer: &'a mut Customer, alias: &str) -> Result<&'a mut Subscription, String> {
    one(customer.subscriptions.iter_mut().filter(|subscription| subscription.alias == alias), alias)
}

fn role_id(name: &str) -> Result<Uuid, String> {
    let role = ROLES.iter().find(|(known, _)| *known == name).ok_or_else(|| format!("no role {name}"))?;
    id_of(role.1)
}

/// The only one there is.
pub(super) fn one<T>(mut found: impl Iterator<Item = T>, name: &str) -> Result<T, String> {
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("there is no {name}")),
        (Some(_), Some(_)) => Err(format!("there are several {name}: use the object id")),
    }
}

/// An id as written.
pub(super) fn id_of(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| format!("{text} is not an id"))
}

/// An id that follows from what it is for.
fn derive(of: Uuid, what: &str) -> Uuid {
    Uuid::new_v5(&of, what.as_bytes())
}
