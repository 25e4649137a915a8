//! Settings from four places: flag over environment over settings file over the desired-state files. The only reader of the
//! environment.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use secrecy::SecretString;
use serde::Deserialize;

use crate::cli::args::Connection;
use crate::cli::failure::Failure;
use crate::model::ids::ClientId;

/// The environment variables that are read, and nothing else of the environment.
const READ: [&str; 11] = [
    "GROUPSYNC_LOG",
    "GROUPSYNC_LOGIN_URL",
    "GROUPSYNC_GRAPH_URL",
    "GROUPSYNC_ARM_URL",
    "GROUPSYNC_CA_FILE",
    "GROUPSYNC_ALLOW_CLIENT_SECRET",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// The variables that each are a credential.
const CREDENTIALS: [&str; 3] =
    ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"];

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

    /// A variable's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
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
    /// The application.
    pub client_id: Option<ClientId>,
    /// Its secret.
    pub client_secret: SecretString,
    /// Whether somebody said that a secret may leave this machine.
    pub allow_client_secret: bool,
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
}

/// Puts the places on top of each other.
pub fn settings(flags: &Connection, environment: &Environment) -> Result<Settings, Failure> {
    let written = flags.settings.as_ref().map(read).transpose()?.unwrap_or_default();
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
        client_id: client_id
            .map(|id| id.parse())
            .transpose()
            .map_err(|error| Failure::usage(anyhow::Error::new(error).context("the client id is not one")))?,
        client_secret: secret(environment)?,
        allow_client_secret: flags.allow_client_secret
            || switch(environment, "GROUPSYNC_ALLOW_CLIENT_SECRET")?
                .or(written.allow_client_secret)
                .unwrap_or(false),
    })
}

fn read(path: &PathBuf) -> Result<Written, Failure> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("settings file {}", path.display()))
        .map_err(Failure::usage)?;
    serde_yaml::from_str(&text).with_context(|| format!("settings file {}", path.display())).map_err(|error| {
        Failure::usage(error)
            .hint("it may hold loginUrl, graphUrl, armUrl, caFile, clientId and allowClientSecret; never a secret")
    })
}

fn secret(environment: &Environment) -> Result<SecretString, Failure> {
    let set: Vec<&str> = CREDENTIALS.into_iter().filter(|name| environment.get(name).is_some()).collect();
    match set[..] {
        ["AZURE_CLIENT_SECRET"] => {
            Ok(SecretString::from(environment.owned("AZURE_CLIENT_SECRET").unwrap_or_default()))
        }
        [] => Err(Failure::misused("no credential is set").hint(
            "set AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; `groupsync simulate` prints a pair to try with",
        )),
        [other] => {
            Err(Failure::misused(format!("{other} is set, and this version signs in with a secret only"))
                .hint("set AZURE_CLIENT_SECRET in its place"))
        }
        [..] => Err(Failure::misused(format!("{} are set: which one is meant?", set.join(" and ")))
            .hint("unset all but one")),
    }
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
    use super::*;

    fn environment(set: &[(&'static str, &str)]) -> Environment {
        Environment(set.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
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
    fn a_settings_file_holds_no_secret() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("settings.yaml");
        fs::write(&path, "clientSecret: s\n").unwrap();
        let flags = Connection { settings: Some(path), ..Connection::default() };
        let failure = settings(&flags, &environment(&[("AZURE_CLIENT_SECRET", "s")])).unwrap_err();
        assert!(format!("{:#}", failure.error).contains("clientSecret"));
    }
}
