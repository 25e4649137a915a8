//! What speaks against an import although nothing would be done: what could not be read, what is refused, what is held.

use groupsync::plan::adoption::value::{Found, From, Reason};
use uuid::Uuid;

use super::{Imported, look, tenants};
use crate::stage::Stage;

/// The one group that was found.
async fn found(stage: &Stage) -> Found {
    let Imported { adoptions, .. } = look(stage).await;
    let mut groups: Vec<Found> = adoptions.into_iter().flat_map(|adoption| adoption.groups).collect();
    assert_eq!(groups.len(), 1, "{groups:?}");
    groups.remove(0)
}

/// Where the members of the one mapping come from that would be written.
async fn source(stage: &Stage) -> From {
    let found = found(stage).await;
    found.proposal.unwrap_or_else(|| panic!("nothing is written: {:?}", found.why_not)).from
}

#[tokio::test(start_paused = true)]
async fn a_partner_group_with_the_same_people_is_found_again() {
    let stage = tenants::forgotten(&[]).await;
    assert_eq!(source(&stage).await, From::Existing("contoso_Readers".parse().unwrap()));
}

/// The partner group lists somebody whom nobody finds: nothing would be done about her, and every plan would say so for ever.
///
/// Tried: `new_gaps` left out of the reasons in `verify::judge` → "`Existing(GroupName("contoso_Readers"))`".
#[tokio::test(start_paused = true)]
async fn a_partner_group_with_somebody_who_cannot_be_found_is_not_taken_for_the_source() {
    let nobody = Uuid::from_u128(0x0f1e_2d3c_1111_4000_8000_0000_0000_0fff);
    let stage = tenants::forgotten(&[(nobody, "ghost@fabrikam.example")]).await;
    let source = source(&stage).await;
    assert!(matches!(source, From::New(_)), "{source:?}");
}

/// The partner group lists a delegated admin, who does not stand in the group and never would.
///
/// Tried: `refused` left out of the reasons in `verify::judge` → "`Existing(GroupName("contoso_Readers"))`".
#[tokio::test(start_paused = true)]
async fn a_partner_group_with_a_delegated_admin_is_not_taken_for_the_source() {
    let stage = tenants::forgotten(&[(tenants::person(7), "p7@fabrikam.example")]).await;
    let source = source(&stage).await;
    assert!(matches!(source, From::New(_)), "{source:?}");
}

/// To take over needs a ledger, and where the limit holds even that, the files would say what never becomes true.
///
/// Tried: `held` left out of the reasons in `verify::judge` → "nothing is written where the limit holds it".
#[tokio::test(start_paused = true)]
async fn what_a_limit_would_hold_is_not_written() {
    let stage = tenants::untouched().await;
    assert!(found(&stage).await.proposal.is_some(), "without the limit it is");
    let limited = format!("{}  objectsPerTenant: {{warn: 0, refuse: 0}}\n", tenants::POLICY);
    stage.write("policy.yaml", &limited);
    let found = found(&stage).await;
    assert_eq!(found.proposal, None, "nothing is written where the limit holds it");
    let why = [Reason::Text("we would keep 1 objects in this tenant; allowed are 0".to_owned())];
    assert_eq!(found.why_not, why);
}
