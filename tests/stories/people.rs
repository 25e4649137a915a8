//! What happens to people and groups in the partner's own tenant.

use groupsync::simulator::world::{Group, Partner, User};
use jiff::Timestamp;
use uuid::Uuid;

use super::tenant::{id_of, one};

/// Carries out `> partner ACT …`.
pub(super) fn act(partner: &mut Partner, now: Timestamp, words: &[&str]) -> Result<(), String> {
    match words {
        ["disable", who] => user(partner, who)?.account_enabled = false,
        ["enable", who] => user(partner, who)?.account_enabled = true,
        ["delete", who] => {
            let id = user(partner, who)?.id;
            partner.users.retain(|user| user.id != id);
        }
        ["add", address, id] => {
            let user = User { display_name: Some(spoken(address)), ..User::member(id_of(id)?, address) };
            partner.users.push(user);
        }
        // An account made now, unlike those that have been there for a year.
        ["hire", address, id] => {
            let user = User { display_name: Some(spoken(address)), ..User::member(id_of(id)?, address) };
            partner.users.push(User { created_date_time: Some(now), ..user });
        }
        // A mailbox keeps its old address as an alias, unless somebody takes it away.
        ["rename", who, address] => {
            let user = user(partner, who)?;
            user.proxy_addresses = vec![format!("SMTP:{address}"), format!("smtp:{who}")];
            user.mail = Some((*address).to_owned());
            user.user_principal_name = Some((*address).to_owned());
        }
        ["drop-aliases", who] => {
            user(partner, who)?.proxy_addresses.retain(|address| address.starts_with("SMTP:"));
        }
        ["make-guest", who] => user(partner, who)?.user_type = Some("Guest".to_owned()),
        ["add-group", name, id] => partner.groups.push(Group::security(id_of(id)?, name, [])),
        ["delete-group", name] => {
            let id = group(partner, name)?.id;
            partner.groups.retain(|group| group.id != id);
        }
        ["rename-group", name, new] => (*new).clone_into(&mut group(partner, name)?.display_name),
        ["join", name, members @ ..] if !members.is_empty() => {
            for member in members {
                let id = member_id(partner, member)?;
                group(partner, name)?.members.insert(id);
            }
        }
        ["leave", name, members @ ..] if !members.is_empty() => {
            for member in members {
                let id = member_id(partner, member)?;
                group(partner, name)?.members.remove(&id);
            }
        }
        ["empty-group", name] => group(partner, name)?.members.clear(),
        ["revoke-consent"] => partner.consent.clear(),
        _ => return Err("nothing of that kind happens in the partner's tenant".to_owned()),
    }
    Ok(())
}

fn user<'a>(partner: &'a mut Partner, who: &str) -> Result<&'a mut User, String> {
    let matches = |user: &User| user.mail.as_deref() == Some(who) || user.id.to_string() == who;
    one(partner.users.iter_mut().filter(|user| matches(user)), who)
}

fn group<'a>(partner: &'a mut Partner, name: &str) -> Result<&'a mut Group, String> {
    one(partner.groups.iter_mut().filter(|group| group.display_name == name), name)
}

/// A person by address, or a group by name.
fn member_id(partner: &mut Partner, who: &str) -> Result<Uuid, String> {
    if who.contains('@') { user(partner, who).map(|user| user.id) } else { group(partner, who).map(|g| g.id) }
}

/// `hedy.lamarr@…` is called Hedy Lamarr.
fn spoken(address: &str) -> String {
    let local = address.split('@').next().unwrap_or_default();
    let name = |word: &str| word[..1].to_uppercase() + &word[1..];
    local.split('.').map(name).collect::<Vec<_>>().join(" ")
}
