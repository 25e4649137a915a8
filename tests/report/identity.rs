//! Groups that change their name or their keeper, in every format: neither may look like access that comes or goes.

use groupsync::report::{html, json, markdown, text};
use groupsync::simulator::world::{Identity, World};

use crate::stage::{PARTNER, Stage, write};

const POLICY: &str = "apiVersion: groupsync.dev/v1
kind: Policy
metadata: {name: policy}
spec:
  roles: {Reader: acdd72a7-3385-48ef-bd42-f606fba81ae7}
";
const GROUPS: &str = "apiVersion: groupsync.dev/v1
kind: PartnerGroup
metadata: {name: Team}
spec:
  members: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
";
const CONTOSO: &str = "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
    Readers:
      from: Team
      roles: {Reader: subscriptions/prod}
";
const ADOPTED: &str = "    Keepers:
      adopt: 22222222-2222-4000-8000-0000000000d1
      from: Team
";

fn accept(world: &mut World) {
    for user in world.customers.iter_mut().flat_map(|customer| &mut customer.users) {
        if user.external_user_state.is_some() {
            user.external_user_state = Some("Accepted".to_owned());
            let issuer = Some("ExternalAzureAD".to_owned());
            user.identities = vec![Identity { issuer, ..Identity::default() }];
        }
    }
}

/// Every format of the plan as it is now, without colour.
async fn formats(stage: &Stage) -> [(&'static str, String); 4] {
    let (plan, desired) = (stage.plan().await, stage.desired());
    [
        ("text", anstream::adapter::strip_str(&text::plan(&plan, &desired)).to_string()),
        ("markdown", markdown::plan(&plan, &desired, None)),
        ("html", html::plan(&plan, &desired).collect()),
        ("json", json::plan::document(&plan, &desired.partner)),
    ]
}

fn all_say(formats: &[(&str, String)], words: [&str; 4]) {
    for ((format, shown), words) in formats.iter().zip(words) {
        assert!(shown.contains(words), "{format} does not say `{words}`:\n{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_format_says_taken_over_renamed_and_given_back() {
    let customer = "customers/contoso/customer.yaml";
    let files = |dir: &std::path::Path| {
        write(dir, "partner.yaml", PARTNER);
        write(dir, "policy.yaml", POLICY);
        write(dir, "groups/team.yaml", GROUPS);
        write(dir, customer, &format!("{CONTOSO}{ADOPTED}"));
    };
    let stage = Stage::new(files, 1, |_| {});
    all_say(&formats(&stage).await, ["taken over (customers", "taken over", "taken over", "addToLedger"]);
    stage.apply().await;
    stage.simulator.edit(accept);

    stage.write(customer, &CONTOSO.replace("Readers:", "Watchers:\n      was: Readers"));
    let renamed_and_released = formats(&stage).await;
    let renamed =
        ["named Watchers instead of Readers", "until now)", "named differently, until now", "updateGroup"];
    all_say(&renamed_and_released, renamed);
    let released =
        ["given back: it stays", "given back: it stays", "given back: it stays", "removeFromLedger"];
    all_say(&renamed_and_released, released);
}
