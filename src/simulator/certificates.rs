//! A certificate authority for one run of the simulator, and the server certificate it signs.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What the server certificate is for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Longer than any run, shorter than the 398 days after which strict clients distrust a server.
const LIFETIME: SignedDuration = SignedDuration::from_hours(365 * 24);

/// A certificate valid from this moment would not be valid yet on a machine whose clock is a little behind.
const HEAD_START: SignedDuration = SignedDuration::from_hours(24);

/// The files of one run, made anew by every start.
#[derive(Debug)]
pub struct Certificates {
    ca_file: PathBuf,
    server: Arc<ServerConfig>,
}

impl Certificates {
    /// Makes the directory if there is none and writes `ca.pem`, `server.pem` and `server.key` (mode 0600) into it.
    ///
    /// The authority's own key is never written: nobody can sign anything else with it. `now` is the time on the clients'
    /// clocks, not on the simulator's.
    pub fn create(dir: &Path, now: Timestamp) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let authority_key = KeyPair::generate().map_err(io::Error::other)?;
        let authority = authority(now);
        let authority_certificate = authority.self_signed(&authority_key).map_err(io::Error::other)?;
        let issuer = Issuer::new(authority, authority_key);
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate =
            server(now).and_then(|server| server.signed_by(&key, &issuer)).map_err(io::Error::other)?;

        let ca_file = std::path::absolute(dir.join("ca.pem"))?;
        fs::write(&ca_file, authority_certificate.pem())?;
        fs::write(dir.join("server.pem"), certificate.pem())?;
        write_private(&dir.join("server.key"), &key.serialize_pem())?;

        let private = PrivateKeyDer::try_from(key.serialize_der()).map_err(io::Error::other)?;
        let mut server = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], private)
            .map_err(io::Error::other)?;
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { ca_file, server: Arc::new(server) })
    }

    /// The absolute path of the authority's certificate, the one thing clients must trust.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    pub(super) fn server(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.server)
    }
}

fn authority(now: Timestamp) -> CertificateParams {
    let mut params = params("groupsync simulator authority", now);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server(now: Timestamp) -> Result<CertificateParams, rcgen::Error> {
    let names = CertificateParams::new(NAMES.map(ToOwned::to_owned))?;
    let mut params = params("groupsync simulator", now);
    params.subject_alt_names = names.subject_alt_names;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    // OpenSSL in strict mode, as Python 3.13 uses it, asks for it.
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn params(name: &str, now: Timestamp) -> CertificateParams {
    let day = |time: Timestamp| {
        let date = time.to_zoned(TimeZone::UTC).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = day(now.saturating_sub(HEAD_START).unwrap_or(now));
    params.not_after = day(now.saturating_add(LIFETIME).unwrap_or(now));
    params
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    // A file left by an earlier run would keep its own mode.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
