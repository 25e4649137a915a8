//! A certificate with its key: assertions signed with it, and a new certificate taken up as soon as its file holds one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;
use x509_cert::der::Decode as _;

use crate::client::token::file::{Flaw, Unusable, read};
use crate::model::ids::ClientId;

/// How long an assertion is good for. Entra advises five to ten minutes.
const LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// A PEM file with a certificate and its private key. What it holds is compared with what was read last before every exchange;
/// while new content cannot be used, the last good certificate is.
pub struct CertificateFile {
    path: PathBuf,
    held: Mutex<Held>,
}

struct Held {
    certificate: Arc<Certificate>,
    /// Digest of what was judged last, good or bad; nothing while the file cannot be read.
    judged: Vec<u8>,
    flaw: Option<Unusable>,
}

impl CertificateFile {
    /// A file that can be used now.
    pub fn open(path: &Path) -> Result<Self, Unusable> {
        let content = read(path)?;
        let certificate = Arc::new(Certificate::parse(&content).map_err(|flaw| flaw.of(path))?);
        let held = Held { certificate, judged: fingerprint(&content), flaw: None };
        Ok(Self { path: path.to_owned(), held: Mutex::new(held) })
    }

    /// The certificate to sign with, and why it isn't the one that the file holds, if it isn't.
    pub(super) fn current(&self) -> (Arc<Certificate>, Option<Unusable>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        match read(&self.path) {
            Ok(content) => held.take(&self.path, &content),
            Err(unusable) => {
                held.judged.clear();
                held.keep(unusable);
            }
        }
        (Arc::clone(&held.certificate), held.flaw.clone())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Held {
    fn take(&mut self, path: &Path, content: &[u8]) {
        let print = fingerprint(content);
        if print == self.judged {
            return;
        }
        self.judged = print;
        match Certificate::parse(content) {
            Ok(certificate) => {
                if certificate.thumbprint != self.certificate.thumbprint {
                    tracing::info!(thumbprint = certificate.thumbprint, "a new certificate is used");
                }
                self.certificate = Arc::new(certificate);
                self.flaw = None;
            }
            Err(flaw) => self.keep(flaw.of(path)),
        }
    }

    fn keep(&mut self, unusable: Unusable) {
        if self.flaw.as_ref() != Some(&unusable) {
            tracing::warn!(%unusable, "the certificate before it stays in use");
            self.flaw = Some(unusable);
        }
    }
}

impl fmt::Debug for CertificateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CertificateFile").field(&self.path).finish()
    }
}

fn fingerprint(content: &[u8]) -> Vec<u8> {
    digest(&SHA256, content).as_ref().to_vec()
}

/// A certificate and its private key.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// `x5t#S256`.
    sha256: String,
    /// SHA-1 in hexadecimal, as the portal shows it.
    pub(super) thumbprint: String,
    pub(super) not_after: Timestamp,
}

impl Certificate {
    fn parse(pem: &[u8]) -> Result<Self, Flaw> {
        let key = private_key(pem)?;
        let mut found = None;
        for der in CertificateDer::pem_slice_iter(pem) {
            let der = der.map_err(|error| Flaw::BadCertificate(error.to_string()))?;
            let parsed = x509_cert::Certificate::from_der(&der)
                .map_err(|error| Flaw::BadCertificate(error.to_string()))?;
            let parsed = parsed.tbs_certificate();
            found.get_or_insert(false);
            // A file may hold the chain too.
            if parsed.subject_public_key_info().subject_public_key.raw_bytes() == key.public_key().as_ref() {
                let end = parsed.validity().not_after.to_unix_duration().as_secs();
                let end = i64::try_from(end).ok().and_then(|end| Timestamp::from_second(end).ok());
                let thumbprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
                return Ok(Self {
                    key,
                    sha256: BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
                    thumbprint: hexadecimal(thumbprint.as_ref()),
                    not_after: end.unwrap_or(Timestamp::MAX),
                });
            }
        }
        Err(if found.is_some() { Flaw::NoMatch } else { Flaw::NoCertificate })
    }

    /// A fresh assertion that `client` is who it says, for one address of the login service.
    pub(super) fn assertion(
        &self,
        client: ClientId,
        audience: &str,
        id: Uuid,
        now: Timestamp,
    ) -> SecretString {
        let begin = now.as_second();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.sha256});
        let claims = json!({
            "aud": audience,
            "iss": client,
            "sub": client,
            "jti": id,
            "nbf": begin,
            "iat": begin,
            "exp": begin.saturating_add(LIFETIME.as_secs()),
        });
        let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PSS_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("an RSA key of at least 2048 bits signs");
        SecretString::from(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02X}").expect("a String takes every write");
        text
    })
}

/// The private key, PKCS#8 or PKCS#1.
fn private_key(pem: &[u8]) -> Result<RsaKeyPair, Flaw> {
    if pem.windows(9).any(|window| window == b"ENCRYPTED") {
        return Err(Flaw::EncryptedKey);
    }
    let key = match PrivateKeyDer::from_pem_slice(pem) {
        Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        Ok(_) => return Err(Flaw::NotRsa),
        Err(_) => return Err(Flaw::NoKey),
    };
    key.ok().filter(|key| key.public_modulus_len() >= 256).ok_or(Flaw::NotRsa)
}
