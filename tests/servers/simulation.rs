//! The real binary as a simulator, over TLS or plain, and as a controller; and the scripts that speak to it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use groupsync::clock::Clock;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where this file is.
const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers");

/// The certificate that the application is registered with, and one that nobody knows.
const REGISTERED: &str = "registered.pem";
const STRANGE: &str = "strange.pem";

/// The files of the repository's example.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/desired-state");

/// A running controller.
pub(crate) struct Controller(Child);

impl Drop for Controller {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// A running simulator with certificates of its own.
pub(crate) struct Simulation {
    process: Child,
    /// The line it printed when it was ready.
    ready: String,
    /// Holds its world and all certificates.
    directory: TempDir,
}

impl Simulation {
    /// Starts one on a free port, whose application signs in by a secret or a certificate. Its clock shows the real time:
    /// SDKs date what they sign.
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let world = directory.path().join("world.json");
        let text = fs::read_to_string(Path::new(HERE).join("world.json")).expect("world.json");
        let mut described: Value = serde_json::from_str(&text).expect("world.json is JSON");
        described["clock"] = json!(Clock::system().now());
        let certificate = write_certificate(&directory.path().join(REGISTERED));
        write_certificate(&directory.path().join(STRANGE));
        described["client"] = json!({"certificates": [certificate]});
        fs::write(&world, described.to_string()).expect("the world is written");
        let mut process = Command::new(env!("CARGO_BIN_EXE_groupsync"))
            .args(["simulate", "--listen", "127.0.0.1:0", "--tls-dir"])
            .arg(directory.path().join("tls"))
            .arg("--world")
            .arg(world)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut ready = String::new();
        let out = process.stdout.as_mut().expect("stdout is piped");
        BufReader::new(out).read_line(&mut ready).expect("it says when it is ready");
        Self { process, ready, directory }
    }

    /// Starts one over plain HTTP with the tenants that the example's files describe, none of which holds what they ask for.
    pub(crate) fn start_plain() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut process = Command::new(env!("CARGO_BIN_EXE_groupsync"))
            .args(["simulate", "--listen", "127.0.0.1:0", "--from", EXAMPLE])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut ready = String::new();
        let out = process.stdout.as_mut().expect("stdout is piped");
        BufReader::new(out).read_line(&mut ready).expect("it says when it is ready");
        Self { process, ready, directory }
    }

    /// A controller that keeps those tenants as the files say, until it is dropped.
    pub(crate) fn controller(&self, arguments: &[&str]) -> Controller {
        let ready: Value = serde_json::from_str(&self.ready).expect("the line is JSON");
        let text = |key: &str| ready[key].as_str().expect(key).to_owned();
        let process = Command::new(env!("CARGO_BIN_EXE_groupsync"))
            .args(["run", EXAMPLE])
            .args(arguments)
            .envs([
                ("GROUPSYNC_LOGIN_URL", text("login")),
                ("GROUPSYNC_GRAPH_URL", text("graph")),
                ("GROUPSYNC_ARM_URL", text("arm")),
                ("AZURE_CLIENT_ID", text("clientId")),
                ("AZURE_CLIENT_SECRET", text("clientSecret")),
            ])
            .spawn()
            .expect("the binary starts");
        Controller(process)
    }

    /// Arms faults, as the simulator's README says, with curl's trust in its authority.
    pub(crate) fn with_fault(self, faults: &str) -> Self {
        let ready: Value = serde_json::from_str(&self.ready).expect("the line is JSON");
        let text = |key: &str| ready[key].as_str().expect(key).to_owned();
        let done = Command::new("curl")
            .args(["--silent", "--show-error", "--fail", "--cacert", &text("caFile"), "--data", faults])
            .arg(format!("{}/_simulator/faults", text("graph")))
            .status()
            .expect("curl runs");
        assert!(done.success(), "{faults}");
        self
    }

    /// Runs a script to its good end.
    #[track_caller]
    pub(crate) fn accepts(&self, script: Command) {
        let output = self.run(script);
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("ok: "), "the script checks nothing:\n{}", said(&output));
    }

    /// Runs a script that must end badly.
    #[track_caller]
    pub(crate) fn refuses(&self, script: Command) {
        let shown = format!("{script:?}");
        let output = self.run(script);
        assert!(!output.status.success(), "{shown} is content:\n{}", said(&output));
    }

    fn run(&self, mut script: Command) -> Output {
        let ready: Value = serde_json::from_str(&self.ready).expect("the line is JSON");
        let authority = ready["caFile"].as_str().expect("a CA file");
        script
            .env("SIMULATOR", self.ready.trim())
            .env("CERTIFICATE", self.directory.path().join(REGISTERED))
            .env("STRANGE_CERTIFICATE", self.directory.path().join(STRANGE))
            // How each world is told of an authority: requests, OpenSSL (httpx, urllib), Node.js.
            .env("REQUESTS_CA_BUNDLE", authority)
            .env("SSL_CERT_FILE", authority)
            .env("NODE_EXTRA_CA_CERTS", authority)
            .output()
            .unwrap_or_else(|error| panic!("{script:?}: {error}; tests/run installs what is missing"))
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// A script for Python, run by the virtual environment that `tests/run` makes.
pub(crate) fn python(script: &str) -> Command {
    let mut command = Command::new(target().join("servers/python/bin/python"));
    command.arg("-B").arg(Path::new(HERE).join("python").join(script));
    command
}

/// A script for Node.js.
pub(crate) fn javascript(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(HERE).join("javascript").join(script));
    command
}

/// Makes a key and a certificate and writes both into one file, as SDKs read them. Returns the certificate.
fn write_certificate(path: &Path) -> String {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).expect("an RSA key");
    let params = rcgen::CertificateParams::new(Vec::new()).expect("no names");
    let certificate = params.self_signed(&key).expect("a key signs itself").pem();
    fs::write(path, format!("{}{certificate}", key.serialize_pem())).expect("the certificate is written");
    certificate
}

/// The target directory, which holds the binary's.
pub(crate) fn target() -> PathBuf {
    let binary = Path::new(env!("CARGO_BIN_EXE_groupsync"));
    binary.ancestors().nth(2).expect("target/debug/groupsync").to_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
