//! Invitations: how a person of the partner becomes a guest.

use std::collections::BTreeSet;

use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{Graph, with_body};
use crate::client::error::Error;
use crate::client::http::Expect;
use crate::client::receipt::Receipt;
use crate::client::retry::{Repeat, backoff};
use crate::model::address::Address;
use crate::model::ids::ObjectId;
use crate::model::invitation::InvitationMail;
use crate::model::member::User;

/// Whom to invite, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Where to.
    pub address: Address,
    /// The name the guest gets.
    pub display_name: String,
    /// Whether Microsoft mails her.
    pub mail: InvitationMail,
}

/// A guest who was invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// The guest's object id. An invitation has an id too; it is of no use.
    pub guest: ObjectId,
    /// What to note about the request.
    pub receipt: Receipt,
    /// When the invitation was sent, by Graph's own clock and a little earlier: an object older than this is not of our making.
    /// Inviting an address that has a guest already answers with that guest, as if it were new.
    pub since: Timestamp,
}

/// How often an invitation whose answer got lost is sent.
const INVITATIONS: u32 = 3;

/// The answer without its redemption link: whoever holds that can become the guest, so it is not even read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInvitation {
    invited_user: InvitedUser,
}

#[derive(Deserialize)]
struct InvitedUser {
    id: ObjectId,
}

impl Graph<'_> {
    /// Makes a guest. To be sent only after a complete look-up that found none; where an answer gets lost, the look-up
    /// is repeated before the invitation is.
    pub async fn invite(&self, invitation: &Invitation) -> Result<Invited, Error> {
        let mut call = self.write(Method::POST, "/invitations", "/invitations", 1);
        call.repeat = Repeat::AfterLookup;
        call.expect = Expect::Json;
        let call = with_body(
            call,
            &json!({
                "invitedUserEmailAddress": invitation.address.as_str(),
                "invitedUserDisplayName": invitation.display_name,
                "inviteRedirectUrl": self.client.inner.endpoints.landing_page(self.tenant),
                "invitedUserType": "Guest",
                "sendInvitationMessage": invitation.mail == InvitationMail::Microsoft,
            }),
        );
        let since = self.client.made_from_now_on();
        let mut sent = 0;
        // Of all that went wrong, what matters most to whoever hears of it is that somebody may have been invited.
        let mut unheard = None;
        loop {
            sent += 1;
            let error = match self.client.send(&call).await {
                Ok(answer) => match call.decode::<RawInvitation>(&answer) {
                    Ok(RawInvitation { invited_user }) => {
                        let receipt = Receipt::done(answer.request_id);
                        return Ok(Invited { guest: invited_user.id, receipt, since });
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if error.did_nothing() {
                return Err(unheard.unwrap_or(error));
            }
            self.client.inner.clock.sleep(backoff(sent + 1, self.client.jitter())).await;
            let lost = error.may_have_happened();
            match self.guest_invited_to(&invitation.address).await {
                // What the service refused may be there all the same; what was there before, it may well have refused.
                Ok(Some(user)) if lost || user.created.is_some_and(|created| created >= since) => {
                    return Ok(Invited { guest: user.id, receipt: Receipt::done(None), since });
                }
                Err(_) if lost => return Err(error),
                Ok(_) | Err(_) => {}
            }
            if !lost || sent >= INVITATIONS {
                return Err(unheard.unwrap_or(error));
            }
            unheard = Some(error);
        }
    }

    /// The one guest that an invitation to `address` made, if there is one.
    async fn guest_invited_to(&self, address: &Address) -> Result<Option<User>, Error> {
        let addresses = BTreeSet::from([address.clone()]);
        let mut found = self.guests(&[&addresses]).await;
        let found = found.pop().expect("one set was asked for")?;
        let mut guests =
            found.live.into_values().filter(|user| user.is_external() && user.is_addressed(address));
        Ok(guests.next().filter(|_| guests.next().is_none()))
    }
}
