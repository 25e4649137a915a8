//! Invitations: how a partner's person becomes a guest of a customer.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use crate::simulator::answer::Answer;
use crate::simulator::history::Act;
use crate::simulator::refusal::{Refusal, bad_request};
use crate::simulator::world::{Identity, InvitePolicy, User, mangled_name};

/// `POST /invitations`
pub(super) fn invite(desk: &mut Desk<'_>) -> Outcome {
    let body = desk.body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let address = text("invitedUserEmailAddress").unwrap_or_default();
    let redirect = text("inviteRedirectUrl").unwrap_or_default();
    if redirect.is_empty() {
        return Err(bad_request("The inviteRedirectUrl is missing or not a valid address."));
    }
    let parts = address.split_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    let Some((_, domain)) = parts else {
        return Err(bad_request("The invitedUserEmailAddress is missing or not a valid address."));
    };
    let kind = text("invitedUserType").unwrap_or_else(|| "Guest".to_owned());
    if !["Guest", "Member"].contains(&kind.as_str()) {
        return Err(bad_request(
            "Invalid value specified for property 'invitedUserType' of resource 'Invitation'.",
        ));
    }
    check_policies(desk, domain)?;
    let known = desk.directory().user_with_address(&address).cloned();
    if known.as_ref().is_some_and(|user| !user.is_external()) {
        return Err(Refusal::new(400, "BadRequest", "Invitee is in inviter tenant"));
    }
    let resets = body.get("resetRedemption").and_then(Value::as_bool) == Some(true);
    let user = if resets {
        reset(desk, &body, &address)?
    } else if let Some(user) = known {
        let (directory, mut moment) = desk.writer();
        let tenant = directory.id;
        moment.note(tenant, Act::GuestInvitedAgain { user: user.id, address: address.clone() });
        user
    } else {
        let name = text("invitedUserDisplayName").unwrap_or_else(|| address.clone());
        create(desk, &address, name, kind)?
    };
    if body.get("sendInvitationMessage").and_then(Value::as_bool) == Some(true) {
        mail(desk, &user, &address);
    }
    Ok(answer(desk, &body, &address, &user))
}

/// Sends the invitation by mail, unless both tenants redeem it by themselves. An application's own words never survive:
/// the mail is Microsoft's, whatever the request says.
fn mail(desk: &mut Desk<'_>, user: &User, address: &str) {
    let partner = desk.state.directories.get(&desk.state.partner);
    let automatic = desk.directory().policies.redeems_automatically
        && partner.is_some_and(|partner| partner.policies.redeems_automatically);
    if !automatic {
        let tenant = desk.token.tid;
        let (_, mut moment) = desk.writer();
        moment.note(tenant, Act::InvitationMailed { user: user.id, address: address.to_owned() });
    }
}

fn check_policies(desk: &Desk<'_>, domain: &str) -> Result<(), Refusal> {
    let policies = &desk.directory().policies;
    let invited_by_permission = desk.token.may(&["User.Invite.All"]);
    let closed = match policies.invitations {
        InvitePolicy::None => true,
        InvitePolicy::AdminsAndGuestInviters => !invited_by_permission,
        InvitePolicy::AdminsGuestInvitersAndAllMembers | InvitePolicy::Everyone => false,
    };
    if closed {
        return Err(Refusal::new(
            403,
            "Forbidden",
            "Guest invitations not allowed for your company. Contact your company administrator for more details.",
        ));
    }
    let among = |domains: &BTreeSet<String>| domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
    let partner = desk.state.directories.get(&desk.state.partner);
    let blocked_outside = partner.is_some_and(|partner| {
        partner.domain.eq_ignore_ascii_case(domain) && partner.policies.blocks_cross_tenant
    });
    if policies.blocks_cross_tenant || blocked_outside {
        return Err(Refusal::new(
            403,
            "Forbidden",
            "This invitation is blocked by cross-tenant access settings. Admins in both your organization and the invited \
             user's organization must configure cross-tenant access settings to allow the invitation.",
        ));
    }
    if among(&policies.blocked_domains)
        || (!policies.allowed_domains.is_empty() && !among(&policies.allowed_domains))
    {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "The domain of the invited user's mail address is not allowed by your company's invitation policy.",
        ));
    }
    Ok(())
}

fn create(
    desk: &mut Desk<'_>,
    address: &str,
    display_name: String,
    user_type: String,
) -> Result<User, Refusal> {
    // Documented as a limit; with which words it strikes is not.
    if desk.state.tenancies.of(address) + 1 >= desk.state.tenants_per_person {
        let text = "The invited user belongs to the maximum number of tenants already.";
        return Err(Refusal::new(403, "Directory_QuotaExceeded", text));
    }
    desk.check_room()?;
    let proxy = format!("SMTP:{address}");
    let directory = desk.directory();
    let owner = directory.owner_of_proxy(&proxy);
    // A contact with that address leaves the guest without its own; anything else stands in the way.
    let contact =
        owner.and_then(|id| directory.objects.get(&id)).is_some_and(|other| other.r#type == "orgContact");
    if owner.is_some() && !contact {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "Another object with the same value for property proxyAddresses already exists.",
        ));
    }
    let (dice, tenant, now) = (desk.state.dice, desk.token.tid, desk.now);
    let (directory, mut moment) = desk.writer();
    directory.created += 1;
    let id = dice.id("user", tenant, directory.created);
    let mut principal_name = mangled_name(address, &directory.initial_domain);
    if directory.name_is_taken(&principal_name) {
        // Two addresses can mangle to one name; the service then adds something of its own.
        principal_name = principal_name.replace("#EXT#", &format!("{}#EXT#", directory.created));
    }
    let user = User {
        id,
        display_name: Some(display_name),
        mail: (!contact).then(|| address.to_owned()),
        identities: Identity::of_guest(&principal_name, &directory.initial_domain, false),
        user_principal_name: Some(principal_name),
        other_mails: vec![address.to_owned()],
        proxy_addresses: if contact { Vec::new() } else { vec![proxy] },
        user_type: Some(user_type),
        external_user_state: Some("PendingAcceptance".to_owned()),
        creation_type: Some("Invitation".to_owned()),
        created_date_time: Some(now),
        made_by_application: true,
        ..User::default()
    };
    let act = Act::GuestInvited { user: id, address: address.to_owned() };
    directory.put_user(&mut moment, user.clone(), act);
    Ok(user)
}

/// Lets a guest redeem again, perhaps with another of its addresses; the object stays.
fn reset(desk: &mut Desk<'_>, body: &Map<String, Value>, address: &str) -> Result<User, Refusal> {
    let id = body.get("invitedUser").and_then(|user| user.get("id")).and_then(Value::as_str);
    let user = id.and_then(|id| id.parse::<Uuid>().ok()).and_then(|id| desk.directory().users.get(&id));
    let Some(mut user) = user.cloned() else {
        return Err(bad_request("The invited user to be reset is missing or does not exist."));
    };
    let own = user.mail.iter().chain(&user.other_mails).any(|mail| mail.eq_ignore_ascii_case(address));
    if !own {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "The email you're using to invite this user doesn't match any emails on the user object.",
        ));
    }
    if !user.directory_roles.is_empty() {
        return Err(Refusal::new(403, "Forbidden", "Generic authorization exception."));
    }
    let (directory, mut moment) = desk.writer();
    user.external_user_state = Some("PendingAcceptance".to_owned());
    let act = Act::GuestInvitedAgain { user: user.id, address: address.to_owned() };
    directory.put_user(&mut moment, user.clone(), act);
    Ok(user)
}

fn answer(desk: &mut Desk<'_>, body: &Map<String, Value>, address: &str, user: &User) -> Answer {
    let invitation = desk.state.next_id();
    let accepted = user.external_user_state.as_deref() == Some("Accepted");
    let or_null = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
    let or_false = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    let no_message = json!({
        "messageLanguage": null,
        "customizedMessageBody": null,
        "ccRecipients": [{"emailAddress": {"name": null, "address": null}}],
    });
    let redeem = format!(
        "https://login.microsoftonline.com/redeem?rd=https%3a%2f%2finvitations.microsoft.com%2fredeem%2f%3ftenant%3d{}%26user%3d{}%26ticket%3d{invitation}",
        desk.token.tid, user.id
    );
    let name = user.display_name.clone();
    Answer::json(
        201,
        json!({
            "@odata.context": format!("{}/$metadata#invitations/$entity", desk.root()),
            "id": invitation,
            "inviteRedeemUrl": redeem,
            "invitedUserDisplayName": name,
            "invitedUserType": user.user_type,
            "invitedUserEmailAddress": address,
            "sendInvitationMessage": or_false("sendInvitationMessage"),
            "resetRedemption": or_false("resetRedemption"),
            "inviteRedirectUrl": or_null("inviteRedirectUrl"),
            "status": if accepted { "Completed" } else { "PendingAcceptance" },
            "invitedUserMessageInfo": body.get("invitedUserMessageInfo").cloned().unwrap_or(no_message),
            "invitedUser": {"id": user.id},
        }),
    )
}
