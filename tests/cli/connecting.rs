//! How the binary connects: credentials and clouds from the environment, authorities from a file.

use groupsync::clock::Clock;
use groupsync::simulator::world::{Federated, ManagedIdentity};
use uuid::{Uuid, uuid};

use super::*;
use crate::proofs::signer;

const IDENTITY: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e001");
const IDENTITY_OBJECT: Uuid = uuid!("0f1e2d3c-1111-4000-8000-00000000e002");

/// The example's tenants, with an application that has no secret, only better proofs.
fn without_secret(files: &Path, held: &Path) -> Simulation {
    let now = Clock::system().now();
    let desired = groupsync::desired::read(files).state.unwrap();
    let mut world = groupsync::cli::world::world(&desired, now);
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", world.partner.tenant_id);
    let its = Federated { issuer, subject: IDENTITY_OBJECT.to_string(), ..Federated::default() };
    world.client.secret.clear();
    world.client.certificates = vec![signer(0).certificate.clone()];
    world.client.federated = vec![signer(1).trusted(), its];
    world.managed_identities = vec![ManagedIdentity {
        client_id: IDENTITY,
        object_id: IDENTITY_OBJECT,
        ..ManagedIdentity::default()
    }];
    let seconds = now.as_second();
    fs::write(held.join("app.pem"), signer(0).file()).unwrap();
    fs::write(held.join("token"), signer(1).service_account(seconds, seconds + 3600)).unwrap();
    fs::write(held.join("world.json"), serde_json::to_string(&world).unwrap()).unwrap();
    Simulation::started("--world", &held.join("world.json"))
}

#[test]
fn every_credential_is_chosen_by_its_variable() {
    let (files, held) = (example(), tempfile::tempdir().unwrap());
    let simulation = without_secret(files.path(), held.path());
    let host = simulation.ready["login"].as_str().unwrap().trim_end_matches("/login").to_owned();
    let (pem, token) = (held.path().join("app.pem"), held.path().join("token"));
    let identity = IDENTITY.to_string();
    let app_service = format!("{host}/msi/token");
    let pod = ("AZURE_POD_IDENTITY_AUTHORITY_HOST", host.as_str());
    let there = ("IDENTITY_ENDPOINT", app_service.as_str());
    let managed = ("GROUPSYNC_MANAGED_IDENTITY", identity.as_str());
    for environment in [
        &[("AZURE_CLIENT_CERTIFICATE_PATH", pem.to_str().unwrap())][..],
        &[("AZURE_FEDERATED_TOKEN_FILE", token.to_str().unwrap())],
        &[managed, pod],
        &[managed, there, ("IDENTITY_HEADER", "simulated-identity-header")],
    ] {
        let mut plan = simulation.groupsync();
        plan.env_remove("AZURE_CLIENT_SECRET").envs(environment.iter().copied());
        let said = run(plan.arg("plan").arg(files.path())).expect(0).shows("to add");
        assert_eq!(said.err, "", "{environment:?}");
    }
    let mut other = simulation.groupsync();
    other.env_remove("AZURE_CLIENT_SECRET").env("AZURE_CLIENT_CERTIFICATE_PATH", &token);
    run(other.arg("plan").arg(files.path())).expect(4).says("holds no private key").says("hint:");
    let mut both = simulation.groupsync();
    both.env("AZURE_CLIENT_SECRET", "s").env("AZURE_CLIENT_CERTIFICATE_PATH", &pem);
    run(both.arg("plan").arg(files.path()))
        .expect(4)
        .says("AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are set");
}

#[test]
fn a_file_of_authorities_that_holds_none_is_named() {
    let (files, held) = (example(), tempfile::tempdir().unwrap());
    let path = held.path().join("ca.pem");
    let plan = || {
        let mut plan = groupsync();
        plan.env("AZURE_CLIENT_ID", IDENTITY.to_string())
            .env("AZURE_CLIENT_SECRET", "s")
            .env("GROUPSYNC_ALLOW_CLIENT_SECRET", "true")
            .env("GROUPSYNC_CA_FILE", &path)
            .arg("plan")
            .arg(files.path());
        run(&mut plan).expect(4).says(&format!("CA file {}", path.display()))
    };
    plan().says("No such file");
    for nothing in ["", "an authority", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"] {
        fs::write(&path, nothing).unwrap();
        plan().says("PEM form");
    }
}

#[test]
fn a_machine_without_authorities_reaches_itself_and_says_why_it_reaches_nobody_else() {
    let files = example();
    let simulation = Simulation::of(files.path());
    let bare = |mut command: Command| {
        command.env("SSL_CERT_FILE", "/nowhere").env("SSL_CERT_DIR", "/nowhere");
        run(command.arg("plan").arg(files.path()))
    };
    bare(simulation.groupsync()).expect(0).shows("to add");
    let mut outside = simulation.groupsync();
    outside
        .env("GROUPSYNC_GRAPH_URL", "https://graph.fabrikam.example")
        .env("GROUPSYNC_ALLOW_CLIENT_SECRET", "true");
    bare(outside).expect(4).says("ca-certificates").says("GROUPSYNC_CA_FILE");
}

#[test]
fn what_the_environment_says_of_the_partner_must_agree_with_the_files() {
    let files = example();
    let simulation = Simulation::of(files.path());
    for (variable, value, words) in [
        ("AZURE_TENANT_ID", "22222222-2222-4000-8000-000000000001", "partner.yaml"),
        ("AZURE_TENANT_ID", "fabrikam", "AZURE_TENANT_ID"),
        ("GROUPSYNC_LOGIN_URL", "https://login.microsoftonline.us/", "not that of the partner's cloud"),
        ("GROUPSYNC_LOGIN_URL", "http://login.fabrikam.example", "in the clear"),
    ] {
        let mut plan = simulation.groupsync();
        plan.env(variable, value);
        run(plan.arg("plan").arg(files.path())).expect(4).says(words);
    }
}
