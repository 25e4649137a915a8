//! Public keys that assertions are checked with: of registered certificates and of trusted issuers.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_cert::der::Decode as _;
use x509_cert::time::Time;

use super::world::SigningKey;

/// A registered certificate: what an assertion is compared with.
pub(super) struct Certificate {
    /// `x5t#S256` of an assertion signed with its key.
    pub(super) sha256: String,
    /// `x5t`, the older form.
    pub(super) sha1: String,
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    /// PKCS#1.
    key: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate; the error says what is wrong with it.
    pub(super) fn from_pem(pem: &str) -> Result<Self, String> {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|error| error.to_string())?;
        let parsed = x509_cert::Certificate::from_der(&der).map_err(|error| error.to_string())?;
        let parsed = parsed.tbs_certificate();
        let time = |time: &Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
        };
        Ok(Self {
            sha256: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
            sha1: URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &der)),
            not_before: time(&parsed.validity().not_before),
            not_after: time(&parsed.validity().not_after),
            key: parsed.subject_public_key_info().subject_public_key.raw_bytes().to_vec(),
        })
    }

    /// Whether `signature` over `signed` was made with this certificate's key.
    pub(super) fn verifies(&self, algorithm: Algorithm, signed: &str, signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(algorithm.parameters(), &self.key);
        key.verify(signed.as_bytes(), signature).is_ok()
    }
}

/// An issuer's public key.
pub(super) struct PublicKey(PublicKeyComponents<Vec<u8>>);

impl PublicKey {
    /// The key that a key set shows; none if it is not an RSA key.
    pub(super) fn of(key: &SigningKey) -> Option<Self> {
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| !bytes.is_empty());
        let (n, e) = (number(&key.n)?, number(&key.e)?);
        (key.kty == "RSA").then_some(Self(PublicKeyComponents { n, e }))
    }

    /// Whether `signature` over `signed` was made with this key.
    pub(super) fn verifies(&self, algorithm: Algorithm, signed: &str, signature: &[u8]) -> bool {
        self.0.verify(algorithm.parameters(), signed.as_bytes(), signature).is_ok()
    }
}

/// The signatures that are taken. `none` and everything with a shared key would let anybody sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Ps256,
    Rs256,
}

impl Algorithm {
    /// The algorithm a header names.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "PS256" => Some(Self::Ps256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }

    fn parameters(self) -> &'static RsaParameters {
        match self {
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}
