//! Signing in: with each credential, with what happens to it while the program runs, and with what may never be seen of it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future;
use groupsync::client::error::Kind;
use groupsync::client::token::file::Flaw;
use groupsync::client::token::managed::{IdentityEndpoint, ManagedIdentity};
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::world::{self, Federated};
use tracing::instrument::WithSubscriber as _;

use super::*;
use crate::proofs::{Signer, signer};

const TOKEN: &str = "/{tenant}/oauth2/v2.0/token";
const IMDS: &str = "/metadata/identity/oauth2/token";
/// The managed identity of the fixture, and its object id.
const IDENTITY: u128 = 0xe1;
const IDENTITY_OBJECT: u128 = 0xe2;
/// Contoso's own application, where it has one.
const CONTOSOS: u128 = 0xe3;

fn app() -> ClientId {
    ClientId::new(world::Client::default().id)
}

/// The fixture's world, with everything registered that can be.
fn registered() -> World {
    let identity = world::ManagedIdentity {
        client_id: id(IDENTITY),
        object_id: id(IDENTITY_OBJECT),
        ..world::ManagedIdentity::default()
    };
    let its = Federated {
        issuer: format!("https://login.microsoftonline.com/{}/v2.0", partner()),
        subject: id(IDENTITY_OBJECT).to_string(),
        ..Federated::default()
    };
    let client = world::Client {
        certificates: vec![signer(0).certificate.clone()],
        federated: vec![signer(1).trusted(), its],
        ..world::Client::default()
    };
    World { client, managed_identities: vec![identity], ..world() }
}

fn managed(endpoint: IdentityEndpoint) -> Credential {
    Credential::managed_identity(
        app(),
        ManagedIdentity::new(ClientId::new(id(IDENTITY)), super::partner(), endpoint),
    )
}

fn imds() -> Credential {
    managed(IdentityEndpoint::instance(Some(embedded::BASE)).unwrap())
}

/// A directory with one file in it.
struct Held {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Held {
    fn new(content: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let held = Self { path: directory.path().join("proof"), _directory: directory };
        held.put(content);
        held
    }

    fn put(&self, content: &str) {
        std::fs::write(&self.path, content).unwrap();
    }

    fn certificate(&self) -> Credential {
        Credential::certificate(app(), &self.path).unwrap()
    }
}

fn service_account(simulator: &Simulator, life: i64) -> String {
    let now = simulator.now().as_second();
    signer(1).service_account(now, now + life)
}

/// How often a token was asked for at that route.
fn asked(simulator: &Simulator, route: &str) -> usize {
    simulator.requests().iter().filter(|r| r.service == Service::Login && r.route == route).count()
}

/// Graph and Resource Manager of the customer and the partner's people: everything a pass needs tokens for.
async fn works(client: &Client) {
    assert!(graph(client).group(object(READERS)).await.unwrap().is_some());
    assert_eq!(arm(client).subscriptions().await.unwrap().len(), 1);
    let roles = client.identity(super::partner()).await.unwrap().roles;
    assert!(roles.contains("User.Read.All"), "{roles:?}");
}

#[tokio::test(start_paused = true)]
async fn every_credential_opens_the_partners_tenant_and_the_customers() {
    let (certificate, old) = (Held::new(&signer(0).file()), Held::new(&signer(0).file_pkcs1()));
    let token = Held::new(&service_account(&simulator(registered()), 3600));
    let secret = Held::new("simulated-secret\n");
    let header = registered().identity_header.into();
    let app_service =
        IdentityEndpoint::app_service(&format!("{}/msi/token", embedded::BASE), header).unwrap();
    for (name, credential) in [
        ("secret", Credential::client_secret(app(), "simulated-secret".to_owned().into())),
        ("secret in a file", Credential::secret_file(app(), &secret.path).unwrap()),
        ("certificate", certificate.certificate()),
        ("certificate with a PKCS#1 key", old.certificate()),
        ("workload identity", Credential::federated(app(), &token.path).unwrap()),
        ("managed identity", imds()),
        ("managed identity in App Service", managed(app_service)),
    ] {
        let simulator = simulator(registered());
        let client = client_proving(&simulator, credential);
        works(&client).await;
        let own = client.identity(contoso()).await.unwrap().object_id.uuid();
        assert_eq!(own, simulator.service_principal(contoso().uuid()), "{name}: the application itself");
        let refused: Vec<_> = simulator.requests().into_iter().filter(|r| r.status >= 400).collect();
        assert_eq!(refused, [], "{name}");
    }
}

/// Trap: graph 23
///
/// Tried: the identity's own token sent to every tenant -> "one assertion for all tenants left: (4, 0) right: (2, 3)"; the
/// assertion not kept -> "left: (4, 3) right: (2, 3)".
#[tokio::test(start_paused = true)]
async fn a_managed_identity_acts_itself_at_home_and_proves_the_application_everywhere_else() {
    let mut world = registered();
    let northwind = Customer { name: "northwind".into(), tenant_id: id(0xc1), ..Customer::default() };
    world.customers.push(northwind);
    let simulator = simulator(world);
    let client = client_proving(&simulator, imds());
    assert_eq!(client.identity(super::partner()).await.unwrap().object_id.uuid(), id(IDENTITY_OBJECT));
    assert_eq!((asked(&simulator, IMDS), asked(&simulator, TOKEN)), (1, 0));
    client.identity(contoso()).await.unwrap();
    client.identity(TenantId::new(id(0xc1))).await.unwrap();
    arm(&client).subscriptions().await.unwrap();
    assert_eq!((asked(&simulator, IMDS), asked(&simulator, TOKEN)), (2, 3), "one assertion for all tenants");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_hands_out_no_token_yet_is_asked_again() {
    for status in [404, 410, 429, 500, 503] {
        let simulator = simulator(registered());
        let fault = Fault::new(FaultKind::Error).status(status).service(Service::Login).route("GET", IMDS);
        simulator.add_fault(fault.times(3));
        works(&client_proving(&simulator, imds())).await;
    }
    let mut nobody = registered();
    nobody.managed_identities[0].client_id = id(0xfff);
    let simulator = simulator(nobody);
    let client = client_proving(&simulator, imds());
    let error = client.identity(super::partner()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::CredentialRefused, "{error}");
    assert!(error.to_string().contains("assigned to this machine"), "{error}");
    assert_eq!(client.identity(contoso()).await.unwrap_err().to_string(), error.to_string());
    assert_eq!(asked(&simulator, IMDS), 1, "a refusal is final, and holds for every tenant");
}

#[tokio::test(start_paused = true)]
async fn a_new_certificate_is_used_without_a_restart() {
    let simulator = simulator(registered());
    let file = Held::new(&signer(0).file());
    let client = client_proving(&simulator, file.certificate());
    works(&client).await;

    // Both are registered while one replaces the other, as Entra wants it.
    simulator.edit(|world| world.client.certificates.push(signer(2).certificate.clone()));
    file.put(&signer(2).file());
    tokio::time::advance(Duration::from_hours(1)).await;
    works(&client).await;
    simulator.edit(|world| world.client.certificates.remove(0));
    tokio::time::advance(Duration::from_hours(1)).await;
    works(&client).await;
}

/// Tried: broken content taken all the same -> a panic at the first exchange; the flaw not kept -> "AADSTS700027 …; …/proof
/// holds the certificate 8E5C…", where the file holds something else.
#[tokio::test(start_paused = true)]
async fn while_a_new_certificate_cannot_be_read_the_last_good_one_is_used() {
    let simulator = simulator(registered());
    let file = Held::new(&signer(0).file());
    let client = client_proving(&simulator, file.certificate());
    let halves =
        format!("{}{}", signer(2).file().split("-----BEGIN CERT").next().unwrap(), signer(0).certificate);
    for broken in ["", "half a file", &signer(2).certificate, &halves] {
        file.put(broken);
        tokio::time::advance(Duration::from_hours(1)).await;
        works(&client).await;
    }
    std::fs::remove_file(&file.path).unwrap();
    tokio::time::advance(Duration::from_hours(1)).await;
    works(&client).await;

    file.put(&halves);
    simulator.edit(|world| world.client.certificates.clear());
    tokio::time::advance(Duration::from_hours(1)).await;
    let error = client.identity(contoso()).await.unwrap_err().to_string();
    assert!(
        error.contains("AADSTS700027") && error.contains("belongs to none of its certificates"),
        "{error}"
    );

    simulator.edit(|world| world.client.certificates.push(signer(2).certificate.clone()));
    file.put(&signer(2).file());
    tokio::time::advance(Duration::from_mins(3)).await;
    works(&client).await;
}

#[test]
fn a_file_that_proves_nothing_says_why() {
    let small = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END \
                 PRIVATE KEY-----\n";
    let file = signer(0).file();
    let (key, certificate) = file.split_at(file.find("-----BEGIN CERT").unwrap());
    let encrypted = file.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let flaw = |content: &str| {
        let held = Held::new(content);
        let unusable = Credential::certificate(app(), &held.path).unwrap_err();
        assert_eq!(unusable.path, held.path);
        assert!(!unusable.to_string().contains("BEGIN"), "{unusable}");
        unusable.flaw
    };
    assert_eq!(flaw("\n"), Flaw::Empty);
    assert_eq!(flaw("a note"), Flaw::NoKey);
    assert_eq!(flaw(certificate), Flaw::NoKey);
    assert_eq!(flaw(key), Flaw::NoCertificate);
    assert_eq!(flaw(&encrypted), Flaw::EncryptedKey);
    assert_eq!(flaw(&format!("{small}{certificate}")), Flaw::NotRsa);
    assert_eq!(flaw(&format!("{key}{}", signer(2).certificate)), Flaw::NoMatch);
    let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(flaw(&format!("{key}{garbage}")), Flaw::BadCertificate(_)));
    let missing = Credential::certificate(app(), Path::new("/nowhere/app.pem")).unwrap_err();
    assert!(matches!(missing.flaw, Flaw::Unreadable(_)), "{missing}");

    // A chain is fine wherever the key's own certificate stands in it.
    let chain = Held::new(&format!("{key}{}{certificate}", signer(2).certificate));
    assert!(Credential::certificate(app(), &chain.path).is_ok());
}

/// Tried: the token read once and kept -> "AADSTS700024: Client assertion is not within its valid time range".
#[tokio::test(start_paused = true)]
async fn a_service_accounts_token_is_read_anew_for_every_exchange() {
    let simulator = simulator(registered());
    let file = Held::new(&service_account(&simulator, 1800));
    let client = client_proving(&simulator, Credential::federated(app(), &file.path).unwrap());
    works(&client).await;
    tokio::time::advance(Duration::from_hours(1)).await;
    file.put(&service_account(&simulator, 1800));
    works(&client).await;

    tokio::time::advance(Duration::from_hours(1)).await;
    let error = client.identity(contoso()).await.unwrap_err();
    assert_eq!((error.kind(), error.number()), (Kind::CredentialRefused, Some(700_024)));
    assert!(error.to_string().contains("proof ended at 2030-01-01T01:30:00Z"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_federated_credential_made_minutes_ago_is_waited_for_and_a_wrong_one_is_described() {
    let simulator = simulator(registered());
    simulator.add_fault(Fault::new(FaultKind::SignInRefused).aadsts(70_021).times(3));
    let file = Held::new(&service_account(&simulator, 3600));
    let client = client_proving(&simulator, Credential::federated(app(), &file.path).unwrap());
    works(&client).await;

    simulator.edit(|world| world.client.federated.remove(0));
    tokio::time::advance(Duration::from_hours(1)).await;
    file.put(&service_account(&simulator, 3600));
    let error = client.identity(contoso()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::CredentialRefused);
    let text = error.to_string();
    assert!(
        text.contains("must name issuer https://oidc.cluster.example/fabrikam, subject system:"),
        "{text}"
    );
}

/// Tried: a failure not shared -> "one caller's tries left: 100 right: 5".
#[tokio::test(start_paused = true)]
async fn one_caller_fetches_a_token_and_the_others_wait_for_it() {
    let simulator = simulator(registered());
    let client = client(&simulator);
    let many = future::join_all((0..20).map(|_| client.identity(contoso()))).await;
    assert!(many.iter().all(Result::is_ok));
    assert_eq!(asked(&simulator, TOKEN), 1);

    // Five minutes before its end a token is renewed, and not sooner.
    tokio::time::advance(Duration::from_secs(3599 - 301)).await;
    client.identity(contoso()).await.unwrap();
    assert_eq!(asked(&simulator, TOKEN), 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    client.identity(contoso()).await.unwrap();
    assert_eq!(asked(&simulator, TOKEN), 2);

    // A failure is shared by all who waited, too.
    tokio::time::advance(Duration::from_hours(1)).await;
    simulator.clear_requests();
    simulator.add_fault(Fault::new(FaultKind::Error).service(Service::Login));
    let many = future::join_all((0..20).map(|_| client.identity(contoso()))).await;
    assert!(many.iter().all(|one| one.as_ref().unwrap_err().kind() == Kind::Unavailable));
    assert_eq!(asked(&simulator, TOKEN), 5, "one caller's tries");
    client.identity(contoso()).await.unwrap_err();
    assert_eq!(asked(&simulator, TOKEN), 10, "who comes later tries for herself");
}

/// Tried: `remember` left out -> "called `Result::unwrap_err()` on an `Ok` value", where the second tenant is asked too.
#[tokio::test(start_paused = true)]
async fn a_proof_that_is_refused_everywhere_is_shown_once() {
    for number in [7_000_215, 7_000_222, 700_027, 50_013] {
        let simulator = simulator(registered());
        simulator.add_fault(Fault::new(FaultKind::SignInRefused).aadsts(number).times(1));
        let client = client(&simulator);
        let first = client.identity(super::partner()).await.unwrap_err();
        assert_eq!(first.number(), Some(number));
        assert_eq!(first.kind(), Kind::CredentialRefused, "{first}");
        for tenant in [contoso(), TenantId::new(id(0xc1))] {
            assert_eq!(client.identity(tenant).await.unwrap_err().to_string(), first.to_string());
        }
        assert_eq!(asked(&simulator, TOKEN), 1);
        tokio::time::advance(Duration::from_mins(2)).await;
        assert!(client.identity(contoso()).await.is_ok(), "{number}: somebody may have mended it");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_in_one_tenant_stays_there() {
    for (number, kind) in [
        (700_016, Kind::ConsentMissing),
        (7_000_112, Kind::ConsentMissing),
        (900_023, Kind::TenantMissing),
        (90_002, Kind::TenantMissing),
        (5_000_224, Kind::TenantMissing),
        (53_003, Kind::SignInBlocked),
    ] {
        let simulator = simulator(registered());
        simulator.add_fault(Fault::new(FaultKind::SignInRefused).aadsts(number).customer("contoso"));
        let client = client(&simulator);
        assert_eq!(client.identity(contoso()).await.unwrap_err().kind(), kind, "{number}");
        assert!(client.identity(super::partner()).await.is_ok(), "{number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_login_service_is_waited_for() {
    for fault in [
        Fault::new(FaultKind::Throttle).retry_after("7"),
        Fault::new(FaultKind::Error).status(503),
        Fault::new(FaultKind::Html),
        Fault::new(FaultKind::Cut),
        Fault::new(FaultKind::LostAnswer),
    ] {
        let simulator = simulator(registered());
        simulator.add_fault(fault.service(Service::Login).times(2));
        let file = Held::new(&signer(0).file());
        works(&client_proving(&simulator, file.certificate())).await;
    }
}

/// Trap: graph 50
///
/// Tried: the skew not measured -> "AADSTS700024 …; this machine's clock agrees with the login service's".
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_wrong_by_hours_is_named_as_the_reason() {
    for (ours, words) in [
        ("2029-12-31T21:30:00Z", "2 h 30 min behind the login service's"),
        ("2030-01-01T03:00:00Z", "3 h 0 min ahead of the login service's"),
    ] {
        let simulator = simulator(registered());
        let file = Held::new(&signer(0).file());
        let client = Client::new(
            embedded::transport(simulator.router()),
            endpoints(embedded::BASE),
            file.certificate(),
            Clock::starting_at(ours.parse().unwrap()),
            1,
        );
        let error = client.identity(contoso()).await.unwrap_err();
        assert_eq!((error.kind(), error.number()), (Kind::CredentialRefused, Some(700_024)));
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(asked(&simulator, TOKEN), 2, "once more with a new assertion, not again");
    }
    // Minutes don't matter, and an assertion that was late once is made anew.
    let simulator = simulator(registered());
    simulator.add_fault(Fault::new(FaultKind::SignInRefused).aadsts(700_024).times(1));
    let file = Held::new(&signer(0).file());
    works(&client_proving(&simulator, file.certificate())).await;
}

/// Trap: graph 48
///
/// Tried: the exchange audience of the public cloud everywhere -> "AADSTS500011: The resource principal named <link> was not
/// found".
#[tokio::test(start_paused = true)]
async fn in_every_cloud_scopes_and_assertions_are_those_of_the_cloud() {
    for (cloud, simulated, login) in [
        (Cloud::Global, world::Cloud::Global, "https://login.microsoftonline.com"),
        (Cloud::UsGov, world::Cloud::UsGov, "https://login.microsoftonline.us"),
        (Cloud::UsGovDod, world::Cloud::UsGovDod, "https://login.microsoftonline.us"),
        (Cloud::China, world::Cloud::China, "https://login.chinacloudapi.cn"),
    ] {
        let mut world = World { cloud: simulated, ..registered() };
        world.client.federated[1].issuer = format!("{login}/{}/v2.0", super::partner());
        let simulator = simulator(world);
        let file = Held::new(&signer(0).file());
        for credential in [file.certificate(), imds()] {
            let endpoints = endpoints_of(cloud, embedded::BASE);
            let transport = embedded::transport(simulator.router());
            let clock = Clock::starting_at(simulator.now());
            works(&Client::new(transport, endpoints, credential, clock, 1)).await;
        }
        let elsewhere = if cloud == Cloud::China { Cloud::Global } else { Cloud::China };
        let client = Client::new(
            embedded::transport(simulator.router()),
            endpoints_of(elsewhere, embedded::BASE),
            file.certificate(),
            Clock::starting_at(simulator.now()),
            1,
        );
        let stranger = client.identity(contoso()).await.unwrap_err();
        assert_eq!(stranger.number(), Some(500_011), "{cloud:?}: {stranger}");
    }
}

/// Trap: graph 22
#[tokio::test(start_paused = true)]
async fn a_token_without_permissions_is_seen_as_such() {
    let simulator =
        simulator(world_with(|contoso| contoso.consent = ["Application.Nothing".to_owned()].into()));
    let client = client(&simulator);
    assert_eq!(
        client.identity(contoso()).await.unwrap().roles,
        BTreeSet::from(["Application.Nothing".to_owned()])
    );
    let denied = graph(&client).group(object(READERS)).await.unwrap_err();
    assert_eq!(denied.kind(), Kind::AccessDenied);
}

/// The world in which Contoso wants an application of its own, registered with the same certificate as the partner's.
fn own_app() -> World {
    let mut world = registered();
    let own = world::Client {
        id: id(CONTOSOS),
        secret: "contosos".to_owned(),
        certificates: vec![signer(0).certificate.clone()],
        federated: vec![signer(1).trusted()],
        ..world::Client::default()
    };
    world.customers[0].app = Some(own);
    world
}

#[tokio::test(start_paused = true)]
async fn a_customers_own_application_shares_the_certificate_or_brings_its_own_proof() {
    let contosos = ClientId::new(id(CONTOSOS));
    let certificate = Held::new(&signer(0).file());
    let token = Held::new(&service_account(&simulator(registered()), 3600));
    let secret = Held::new("contosos");
    let partners = || Credential::client_secret(app(), "simulated-secret".to_owned().into());
    for credential in [
        certificate.certificate(),
        Credential::federated(app(), &token.path).unwrap(),
        partners().with(Credential::secret_file(contosos, &secret.path).unwrap()),
        partners().with(Credential::certificate(contosos, &certificate.path).unwrap()),
    ] {
        let simulator = simulator(own_app());
        let client = client_proving(&simulator, credential);
        let missing = client.identity(contoso()).await.unwrap_err();
        assert_eq!(missing.kind(), Kind::ConsentMissing, "the partner's is not known there: {missing}");
        client.act_as(contoso(), Some(contosos));
        works(&client).await;
        let own = client.identity(contoso()).await.unwrap().object_id.uuid();
        assert_eq!(own, simulator.service_principal(contoso().uuid()));
        client.act_as(contoso(), None);
        assert_eq!(
            client.identity(contoso()).await.unwrap_err().kind(),
            Kind::ConsentMissing,
            "its token is another"
        );
    }
    let simulator = simulator(own_app());
    let client = client_proving(&simulator, partners());
    client.act_as(contoso(), Some(contosos));
    let error = client.identity(contoso()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::CredentialRefused);
    assert!(
        error.to_string().contains(&format!("no credential is set for application {contosos}")),
        "{error}"
    );
    assert_eq!(asked(&simulator, TOKEN), 0, "one application's secret is never shown in another's name");
}

/// A refused proof of one application says nothing about another's.
#[tokio::test(start_paused = true)]
async fn a_customers_wrong_secret_stops_nobody_else() {
    let contosos = ClientId::new(id(CONTOSOS));
    let partners = Credential::client_secret(app(), "simulated-secret".to_owned().into());
    let wrong = Credential::client_secret(contosos, "yesterday's".to_owned().into());
    let simulator = simulator(own_app());
    let client = client_proving(&simulator, partners.with(wrong));
    client.act_as(contoso(), Some(contosos));
    assert_eq!(client.identity(contoso()).await.unwrap_err().kind(), Kind::CredentialRefused);
    assert!(client.identity(super::partner()).await.is_ok());
}

/// What was written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every assertion, secret and token holds one of these words or a longer run than any name that a log may hold.
///
/// Tried: `trace!(body = ?call.body)` in `attempt` -> "secret: the log shows simulated-secret".
#[tokio::test(start_paused = true)]
async fn nothing_that_proves_who_we_are_is_ever_logged_or_told() {
    // While there is but one subscriber, `tracing` asks the thread that comes by a line first whether anybody listens, and that
    // may be another test's.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let certificate = Held::new(&signer(0).file());
    let unknown = Signer::new(|_| {});
    let stranger = Held::new(&unknown.file());
    let token = Held::new(&service_account(&simulator(registered()), 3600));
    let secret = "simulated-secret".to_owned();
    for (name, credential) in [
        ("secret", Credential::client_secret(app(), secret.into())),
        ("wrong secret", Credential::client_secret(app(), "wr0ng-s3cret".to_owned().into())),
        ("certificate", certificate.certificate()),
        ("unknown certificate", stranger.certificate()),
        ("workload identity", Credential::federated(app(), &token.path).unwrap()),
        ("managed identity", imds()),
    ] {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let simulator = simulator(registered());
        let shown = format!("{credential:?}");
        let client = client_proving(&simulator, credential);
        let told = async {
            let mut told = vec![shown, format!("{client:?}")];
            for tenant in [super::partner(), contoso()] {
                match client.identity(tenant).await {
                    Ok(identity) => told.push(format!("{identity:?}")),
                    Err(error) => told.extend([error.to_string(), format!("{error:?}")]),
                }
            }
            let read = graph(&client).our_groups("groupsync-").await;
            told.push(format!("{read:?}"));
            told
        };
        let told = told.with_subscriber(subscriber).await;
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains(TOKEN), "{name}: the log is empty");
        for text in told.iter().chain([&log]) {
            for word in ["simulated-secret", "wr0ng-s3cret", "eyJ", "PRIVATE KEY", "Bearer "] {
                assert!(!text.contains(word), "{name}: the log shows {word}: {text}");
            }
            let longest = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            let longest = longest.max_by_key(|run| run.len()).unwrap();
            assert!(longest.len() < 60, "{name}: {longest}");
        }
    }
}
