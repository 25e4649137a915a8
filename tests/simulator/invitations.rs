//! Invitations and what customers allow.

use groupsync::simulator::history::Act;
use groupsync::simulator::world::{InvitePolicy, Level};
use serde_json::{Value, json};

use super::{ADA, CONTOSO, Wire, invitation, world, world_with};

#[tokio::test(start_paused = true)]
async fn an_invitation_makes_a_guest_with_a_mangled_name() {
    let wire = Wire::new(world());
    let reply = wire.graph("POST", "/invitations", invitation("jo@fabrikam.example")).await;
    let body = reply.json();
    assert_eq!((reply.status, body["status"].as_str()), (201, Some("PendingAcceptance")));
    let guest = body["invitedUser"]["id"].as_str().unwrap();
    assert_ne!(body["id"].as_str().unwrap(), guest);
    let select = "userPrincipalName,mail,otherMails,proxyAddresses,userType,creationType,externalUserState,identities,createdDateTime";
    let mut user = wire.get(&format!("/users/{guest}?$select={select}")).await.json();
    user.as_object_mut().unwrap().retain(|name, _| !name.starts_with('@') && name != "id");
    assert_eq!(
        user,
        json!({
            "userPrincipalName": "jo_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            "mail": "jo@fabrikam.example",
            "otherMails": ["jo@fabrikam.example"],
            "proxyAddresses": ["SMTP:jo@fabrikam.example"],
            "userType": "Guest",
            "creationType": "Invitation",
            "externalUserState": "PendingAcceptance",
            "identities": [{
                "signInType": "userPrincipalName",
                "issuer": "contoso.onmicrosoft.com",
                "issuerAssignedId": "jo_fabrikam.example#EXT#@contoso.onmicrosoft.com",
            }],
            "createdDateTime": "2030-01-01T00:00:00Z",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_invitation_finds_the_same_guest() {
    let wire = Wire::new(world());
    assert_eq!(wire.invite("Ada@Fabrikam.example").await, ADA);
    let guest = wire.invite("jo@fabrikam.example").await;
    assert_eq!(wire.invite("JO@fabrikam.example").await, guest);
    let acts: Vec<Act> = wire.simulator.history().into_iter().map(|change| change.act).collect();
    let created = acts.iter().filter(|act| matches!(act, Act::GuestInvited { .. })).count();
    let again = acts.iter().filter(|act| matches!(act, Act::GuestInvitedAgain { .. })).count();
    assert_eq!((created, again), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn an_invitation_after_a_deletion_makes_a_new_object() {
    let wire = Wire::new(world());
    wire.graph("DELETE", &format!("/users/{ADA}"), Value::Null).await;
    assert_ne!(wire.invite("ada@fabrikam.example").await, ADA);
}

#[tokio::test(start_paused = true)]
async fn employees_of_the_customer_cannot_be_invited() {
    let wire = Wire::new(world());
    let reply = wire.graph("POST", "/invitations", invitation("carol@contoso.example")).await;
    assert_eq!((reply.status, reply.message().as_str()), (400, "Invitee is in inviter tenant"));
}

#[tokio::test(start_paused = true)]
async fn policies_of_the_customer_stop_invitations() {
    let wire = Wire::new(world());
    let set = |change: fn(&mut groupsync::simulator::world::Policies)| {
        wire.simulator.edit_customer(CONTOSO, |contoso| change(&mut contoso.policies));
    };
    set(|policies| policies.invitations = InvitePolicy::None);
    let reply = wire.graph("POST", "/invitations", invitation("jo@fabrikam.example")).await;
    assert_eq!(reply.error(), (403, "Forbidden".to_owned()));
    assert!(reply.message().starts_with("Guest invitations not allowed for your company"));
    set(|policies| policies.invitations = InvitePolicy::AdminsAndGuestInviters);
    wire.invite("jo@fabrikam.example").await;
    set(|policies| policies.blocked_domains = ["fabrikam.example".to_owned()].into());
    let reply = wire.graph("POST", "/invitations", invitation("kim@fabrikam.example")).await;
    assert_eq!(reply.status, 400);
    assert!(reply.message().contains("domain"));
}

#[tokio::test(start_paused = true)]
async fn inviting_needs_its_permission_and_a_complete_request() {
    let wire = Wire::new(world_with(|contoso| contoso.consent = Level::Observe.permissions()));
    assert_eq!(wire.graph("POST", "/invitations", invitation("jo@fabrikam.example")).await.status, 403);
    let wire = Wire::new(world());
    assert_eq!(wire.graph("POST", "/invitations", invitation("nobody")).await.status, 400);
    let without = json!({"invitedUserEmailAddress": "jo@fabrikam.example"});
    assert_eq!(wire.graph("POST", "/invitations", without).await.status, 400);
    assert_eq!(wire.graph("POST", "/invitations", Value::Null).await.status, 400);
}

#[tokio::test(start_paused = true)]
async fn a_reset_keeps_the_guest_and_wants_an_address_it_has() {
    let wire = Wire::new(world());
    let reset = |address: &str| {
        let mut body = invitation(address);
        body["resetRedemption"] = json!(true);
        body["invitedUser"] = json!({"id": ADA});
        body
    };
    let reply = wire.graph("POST", "/invitations", reset("ada@fabrikam.example")).await;
    assert_eq!(reply.json()["invitedUser"]["id"], json!(ADA));
    assert_eq!(reply.json()["status"], "PendingAcceptance");
    let reply = wire.graph("POST", "/invitations", reset("else@fabrikam.example")).await;
    assert!(reply.message().contains("doesn't match any emails"), "{reply:?}");
}
