//! Settings from four places: flag over environment over settings file over the desired-state files. The only reader of the
//! environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;
use secrecy::SecretString;
use serde::Deserialize;

use crate::bounded;
use crate::cli::args::Connection;
use crate::cli::failure::Failure;
use crate::client::token::managed::IdentityEndpoint;
use crate::model::ids::{ClientId, TenantId};

/// The largest settings file that is read. They are a few lines.
const LARGEST: u64 = 64 * 1024;

/// The environment variables that are read, and nothing else of the environment.
const READ: [&str; 24] = [
    JOURNAL,
    "GROUPSYNC_LOG",
    "GROUPSYNC_LOGIN_URL",
    "GROUPSYNC_GRAPH_URL",
    "GROUPSYNC_ARM_URL",
    "GROUPSYNC_CA_FILE",
    "GROUPSYNC_ALLOW_CLIENT_SECRET",
    MANAGED,
    "AZURE_AUTHORITY_HOST",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    SECRET,
    CERTIFICATE,
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    FEDERATED,
    // What Azure sets where managed identities have an endpoint of their own, and where the metadata service is elsewhere.
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    // Where Kubernetes has its API server, and which pod this is there.
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "GROUPSYNC_POD_NAME",
    "GROUPSYNC_POD_UID",
    // Either asks for traces; what else OpenTelemetry has of such variables it reads itself.
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// Names the journal.
const JOURNAL: &str = "GROUPSYNC_JOURNAL";

const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const FEDERATED: &str = "AZURE_FEDERATED_TOKEN_FILE";
const MANAGED: &str = "GROUPSYNC_MANAGED_IDENTITY";

/// The variables that each are a credential.
const CREDENTIALS: [&str; 4] = [SECRET, CERTIFICATE, FEDERATED, MANAGED];

/// The variables of the environment that mean something here. An empty one counts as not set.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Self {
        let set = |name: &'static str| Some((name, std::env::var(name).ok().filter(|v| !v.is_empty())?));
        Self(READ.into_iter().filter_map(set).collect())
    }

    /// Variables that nothing reads and that look like one of ours, each with the one that was probably meant. Others
    /// that begin like ours belong to scripts, or to Kubernetes.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn mistyped() -> Vec<(String, &'static str)> {
        mistyped(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
    }

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

/// So many letters may be wrong.
const SLIPS: usize = 2;

fn mistyped(names: impl Iterator<Item = String>) -> Vec<(String, &'static str)> {
    let unread = names.filter(|name| !READ.contains(&name.as_str()));
    let meant = |name: String| {
        let distance = |known: &&str| strsim::damerau_levenshtein(known, &name.to_uppercase());
        let ours = READ.into_iter().filter(|known| known.starts_with("GROUPSYNC_"));
        let known = ours.min_by_key(distance).filter(|known| distance(known) <= SLIPS)?;
        Some((name, known))
    };
    unread.filter_map(meant).collect()
}

/// Where to connect to and as whom, all places but the desired-state files considered.
#[derive(Debug)]
pub struct Settings {
    /// Another login service than the cloud's.
    pub login_url: Option<String>,
    /// Another Graph.
    pub graph_url: Option<String>,
    /// Another Resource Manager.
    pub arm_url: Option<String>,
    /// Certificate authorities to trust besides the machine's.
    pub ca_file: Option<PathBuf>,
    /// The partner's tenant, as whoever set up the credential knows it.
    pub tenant: Option<TenantId>,
    /// The application.
    pub client_id: Option<ClientId>,
    /// How it proves who it is.
    pub proof: Proof,
    /// Proofs of the applications that act in its place at some customers.
    pub apps: BTreeMap<ClientId, AppProof>,
    /// Whether somebody said that a secret may leave this machine.
    pub allow_client_secret: bool,
    /// The journal's URL.
    pub journal: Option<String>,
}

/// How the application proves who it is.
#[derive(Debug)]
pub enum Proof {
    /// By its secret.
    Secret(SecretString),
    /// By a certificate in a PEM file with its key.
    Certificate(PathBuf),
    /// By a foreign token in a file.
    Federated(PathBuf),
    /// By this user-assigned managed identity, which answers there.
    Managed(ClientId, IdentityEndpoint),
}

/// How an application that acts for one customer proves who it is. Paths only: a secret has no place in settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppProof {
    /// By the secret in this file.
    SecretFile(PathBuf),
    /// By the certificate in this PEM file.
    CertificateFile(PathBuf),
    /// By the foreign token in this file.
    FederatedTokenFile(PathBuf),
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    login_url: Option<String>,
    graph_url: Option<String>,
    arm_url: Option<String>,
    ca_file: Option<PathBuf>,
    client_id: Option<String>,
    allow_client_secret: Option<bool>,
    journal: Option<String>,
    #[serde(default)]
    apps: BTreeMap<ClientId, App>,
}

/// One application of the settings file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct App {
    #[serde(rename = "secretFile")]
    secret: Option<PathBuf>,
    #[serde(rename = "certificateFile")]
    certificate: Option<PathBuf>,
    #[serde(rename = "federatedTokenFile")]
    federated_token: Option<PathBuf>,
}

/// Puts the places on top of each other.
pub fn settings(flags: &Connection, environment: &Environment) -> Result<Settings, Failure> {
    let written = flags.settings.as_deref().map(read).transpose()?.unwrap_or_default();
    let client_id =
        flags.client_id.clone().or_else(|| environment.owned("AZURE_CLIENT_ID")).or(written.client_id);
    Ok(Settings {
        login_url: flags
            .login_url
            .clone()
            .or_else(|| environment.owned("GROUPSYNC_LOGIN_URL"))
            .or_else(|| environment.owned("AZURE_AUTHORITY_HOST"))
            .or(written.login_url),
        graph_url: flags
            .graph_url
            .clone()
            .or_else(|| environment.owned("GROUPSYNC_GRAPH_URL"))
            .or(written.graph_url),
        arm_url: flags.arm_url.clone().or_else(|| environment.owned("GROUPSYNC_ARM_URL")).or(written.arm_url),
        ca_file: flags
            .ca_file
            .clone()
            .or_else(|| environment.get("GROUPSYNC_CA_FILE").map(PathBuf::from))
            .or(written.ca_file),
        tenant: id(environment.get("AZURE_TENANT_ID"), "AZURE_TENANT_ID is not a tenant's id")?,
        client_id: id(client_id.as_deref(), "the client id is not one")?,
        proof: proof(environment)?,
        apps: written.apps.into_iter().map(|(id, app)| app.proof(id)).collect::<Result<_, Failure>>()?,
        allow_client_secret: flags.allow_client_secret
            || switch(environment, "GROUPSYNC_ALLOW_CLIENT_SECRET")?
                .or(written.allow_client_secret)
                .unwrap_or(false),
        journal: journal(flags.journal.as_deref(), environment).or(written.journal),
    })
}

/// The journal that a flag or the environment names.
pub fn journal(flag: Option<&str>, environment: &Environment) -> Option<String> {
    flag.map(str::to_owned).or_else(|| environment.owned(JOURNAL))
}

fn id<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: Option<&str>,
    complaint: &'static str,
) -> Result<Option<T>, Failure> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error| Failure::usage(anyhow::Error::new(error).context(complaint)))
}

fn read(path: &Path) -> Result<Written, Failure> {
    let named = || format!("settings file {}", path.display());
    let text = bounded::read_text(path, LARGEST).with_context(named).map_err(Failure::usage)?;
    serde_yaml::from_str(&text).with_context(named).map_err(|error| {
        Failure::usage(error).hint(
            "it may hold loginUrl, graphUrl, armUrl, caFile, clientId, allowClientSecret, journal and apps; never a secret",
        )
    })
}

impl App {
    fn proof(self, id: ClientId) -> Result<(ClientId, AppProof), Failure> {
        let given = [
            self.secret.map(AppProof::SecretFile),
            self.certificate.map(AppProof::CertificateFile),
            self.federated_token.map(AppProof::FederatedTokenFile),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(proof), None) => Ok((id, proof)),
            _ => Err(Failure::misused(format!("application {id} in the settings has no or several proofs"))
                .hint("one of secretFile, certificateFile and federatedTokenFile")),
        }
    }
}

fn proof(environment: &Environment) -> Result<Proof, Failure> {
    let set: Vec<&str> = CREDENTIALS.into_iter().filter(|name| environment.get(name).is_some()).collect();
    let [one] = set[..] else {
        return Err(match set[..] {
            [] => Failure::misused("no credential is set").hint(
                "set AZURE_CLIENT_ID and one of AZURE_CLIENT_CERTIFICATE_PATH, AZURE_FEDERATED_TOKEN_FILE, \
                 GROUPSYNC_MANAGED_IDENTITY and AZURE_CLIENT_SECRET; `groupsync simulate` prints a pair to try with",
            ),
            _ => Failure::misused(format!("{} are set: which one is meant?", set.join(" and ")))
                .hint("unset all but one"),
        });
    };
    let value = environment.get(one).unwrap_or_default();
    match one {
        SECRET => Ok(Proof::Secret(SecretString::from(value.to_owned()))),
        CERTIFICATE if environment.get("AZURE_CLIENT_CERTIFICATE_PASSWORD").is_some() => {
            Err(Failure::misused("AZURE_CLIENT_CERTIFICATE_PASSWORD is set, and encrypted keys are not read")
                .hint("keep the PEM file where only this program can read it, with the key unencrypted"))
        }
        CERTIFICATE => Ok(Proof::Certificate(PathBuf::from(value))),
        FEDERATED => Ok(Proof::Federated(PathBuf::from(value))),
        _ => managed(value, environment),
    }
}

fn managed(value: &str, environment: &Environment) -> Result<Proof, Failure> {
    if value == "system" {
        let message =
            "GROUPSYNC_MANAGED_IDENTITY is `system`: such an identity is good for the partner's tenant only";
        return Err(Failure::misused(message).hint(
            "assign a user-assigned managed identity, make it a federated credential of the application, and give \
             its client id",
        ));
    }
    let client = id(Some(value), "GROUPSYNC_MANAGED_IDENTITY is not a client id")?;
    let client = client.expect("a text was given");
    let endpoint = match (environment.get("IDENTITY_ENDPOINT"), environment.owned("IDENTITY_HEADER")) {
        (Some(url), Some(header)) => IdentityEndpoint::app_service(url, SecretString::from(header)),
        (Some(_), None) => return Err(Failure::misused("IDENTITY_ENDPOINT is set without IDENTITY_HEADER")),
        (None, _) => IdentityEndpoint::instance(environment.get("AZURE_POD_IDENTITY_AUTHORITY_HOST")),
    };
    let endpoint = endpoint.context("the endpoint of managed identities").map_err(Failure::usage)?;
    Ok(Proof::Managed(client, endpoint))
}

fn switch(environment: &Environment, name: &str) -> Result<Option<bool>, Failure> {
    match environment.get(name) {
        None => Ok(None),
        Some("true" | "1") => Ok(Some(true)),
        Some("false" | "0") => Ok(Some(false)),
        Some(other) => Err(Failure::misused(format!("{name} is `{other}`, not true or false"))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cli::exit::Exit;

    fn environment(set: &[(&'static str, &str)]) -> Environment {
        Environment(set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    }

    #[test]
    fn a_name_that_looks_like_one_of_ours_is_pointed_out() {
        let names = [
            "GROUPSYNC_JOURNL",
            "groupsync_log",
            "GROUPSYNC_JOURNAL",
            "GROUPSYNC_SERVICE_HOST",
            "GROUPSYNC_COMMIT",
            "PATH",
        ];
        let found = mistyped(names.into_iter().map(str::to_owned));
        let expected = [("GROUPSYNC_JOURNL", "GROUPSYNC_JOURNAL"), ("groupsync_log", "GROUPSYNC_LOG")];
        assert_eq!(found, expected.map(|(name, meant)| (name.to_owned(), meant)));
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.yaml");
        fs::write(&path, "loginUrl: file\ngraphUrl: file\narmUrl: file\n").unwrap();
        let flags =
            Connection { settings: Some(path), login_url: Some("flag".to_owned()), ..Connection::default() };
        let environment = environment(&[
            ("AZURE_CLIENT_SECRET", "s"),
            ("GROUPSYNC_LOGIN_URL", "environment"),
            ("GROUPSYNC_GRAPH_URL", "environment"),
        ]);
        let settings = settings(&flags, &environment).unwrap();
        let urls = [settings.login_url, settings.graph_url, settings.arm_url].map(Option::unwrap);
        assert_eq!(urls, ["flag", "environment", "file"]);
    }

    #[test]
    fn two_credentials_are_an_error_that_names_both() {
        let environment = environment(&[
            ("AZURE_CLIENT_SECRET", "s3cret"),
            ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/token"),
        ]);
        let failure = settings(&Connection::default(), &environment).unwrap_err();
        let message = failure.error.to_string();
        assert!(message.contains("AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE"), "{message}");
        assert!(!message.contains("s3cret"));
    }

    #[test]
    fn every_credential_has_its_variable() {
        let proof = |set: &[(&'static str, &str)]| {
            settings(&Connection::default(), &environment(set)).map(|s| s.proof)
        };
        let certificate = proof(&[(CERTIFICATE, "/etc/groupsync/app.pem")]).unwrap();
        assert!(matches!(certificate, Proof::Certificate(path) if path.ends_with("app.pem")));
        let federated = proof(&[(FEDERATED, "/var/run/token")]).unwrap();
        assert!(matches!(federated, Proof::Federated(path) if path.ends_with("token")));
        let identity = "11111111-1111-4111-8111-111111111111";
        assert!(
            matches!(proof(&[(MANAGED, identity)]).unwrap(), Proof::Managed(id, _) if id.to_string() == identity)
        );
        let endpoint = ("IDENTITY_ENDPOINT", "http://localhost:42356/msi/token");
        let header = ("IDENTITY_HEADER", "w0rd");
        let there = proof(&[(MANAGED, identity), endpoint, header]).unwrap();
        assert!(!format!("{there:?}").contains("w0rd"));
        for wrong in [
            &[(MANAGED, identity), endpoint][..],
            &[(MANAGED, identity), ("IDENTITY_ENDPOINT", "http://identity.example/"), header],
            &[(MANAGED, "somebody")],
            &[(CERTIFICATE, "/etc/app.pem"), ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "pw")],
            &[],
        ] {
            assert_eq!(proof(wrong).unwrap_err().exit, Exit::Usage, "{wrong:?}");
        }
    }

    /// Trap: graph 23
    #[test]
    fn an_identity_that_is_good_for_one_tenant_only_is_not_taken() {
        let failure = settings(&Connection::default(), &environment(&[(MANAGED, "system")])).unwrap_err();
        assert!(failure.error.to_string().contains("partner's tenant only"), "{:?}", failure.error);
        assert!(failure.hint.unwrap().contains("user-assigned"));
    }

    #[test]
    fn another_application_has_one_proof_of_its_own_by_path() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.yaml");
        let flags = Connection { settings: Some(path.clone()), ..Connection::default() };
        let secret = environment(&[(SECRET, "s")]);
        let app = "22222222-2222-4222-8222-222222222222";
        fs::write(&path, format!("apps:\n  {app}: {{secretFile: /run/contoso}}\n")).unwrap();
        let read = settings(&flags, &secret).unwrap().apps;
        assert_eq!(read[&app.parse().unwrap()], AppProof::SecretFile("/run/contoso".into()));
        for wrong in ["{}", "{secretFile: a, certificateFile: b}", "{secret: hush}"] {
            fs::write(&path, format!("apps:\n  {app}: {wrong}\n")).unwrap();
            assert_eq!(settings(&flags, &secret).unwrap_err().exit, Exit::Usage, "{wrong}");
        }
    }

    #[test]
    fn a_settings_file_holds_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.yaml");
        fs::write(&path, "clientSecret: s\n").unwrap();
        let flags = Connection { settings: Some(path), ..Connection::default() };
        let failure = settings(&flags, &environment(&[("AZURE_CLIENT_SECRET", "s")])).unwrap_err();
        assert!(format!("{:#}", failure.error).contains("clientSecret"));
    }
}
