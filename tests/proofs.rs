//! Keys, certificates and foreign tokens to sign in with, made anew in every run.

use std::sync::OnceLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use groupsync::simulator::world::{Federated, SigningKey};
use serde_json::{Value, json};

/// The service account that the tests' cluster runs groupsync as.
pub(crate) const ISSUER: &str = "https://oidc.cluster.example/fabrikam";
pub(crate) const SUBJECT: &str = "system:serviceaccount:groupsync:controller";
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";

/// An RSA key with a certificate.
pub(crate) struct Signer {
    key: RsaKeyPair,
    pkcs8: Vec<u8>,
    der: Vec<u8>,
    /// The certificate as PEM.
    pub(crate) certificate: String,
}

/// One of a few signers; making a key takes a while, so tests share them.
pub(crate) fn signer(nth: usize) -> &'static Signer {
    static MADE: [OnceLock<Signer>; 3] = [const { OnceLock::new() }; 3];
    MADE[nth].get_or_init(|| Signer::new(|_| {}))
}

impl Signer {
    /// A new key, and a certificate for it with these changes.
    pub(crate) fn new(change: impl FnOnce(&mut rcgen::CertificateParams)) -> Self {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        change(&mut params);
        let certificate = params.self_signed(&pair).unwrap();
        let pkcs8 = pair.serialize_der();
        Self {
            key: RsaKeyPair::from_pkcs8(&pkcs8).unwrap(),
            pkcs8,
            der: certificate.der().to_vec(),
            certificate: certificate.pem(),
        }
    }

    /// Key and certificate in one file, as groupsync reads them.
    pub(crate) fn file(&self) -> String {
        format!("{}{}", pem("PRIVATE KEY", &self.pkcs8), self.certificate)
    }

    /// The same with the key in the older form.
    pub(crate) fn file_pkcs1(&self) -> String {
        // What PKCS#8 puts around a key of 2048 bits is 26 bytes long.
        format!("{}{}", self.certificate, pem("RSA PRIVATE KEY", &self.pkcs8[26..]))
    }

    /// The certificate's digest, as `x5t#S256`.
    pub(crate) fn sha256(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, &self.der))
    }

    /// The certificate's digest, as `x5t`.
    pub(crate) fn sha1(&self) -> String {
        URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der))
    }

    /// The public key, as an issuer shows it.
    pub(crate) fn public(&self, kid: &str) -> SigningKey {
        // SEQUENCE, INTEGER, a zero, the modulus of 256 bytes, and 65537.
        let n = &self.key.public_key().as_ref()[9..265];
        SigningKey {
            kty: "RSA".into(),
            kid: kid.into(),
            n: URL_SAFE_NO_PAD.encode(n),
            e: "AQAB".into(),
            alg: None,
            usage: None,
        }
    }

    /// A token with the signature that its header names.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", part(header), part(claims));
        let encoding: &'static dyn RsaEncoding = match header["alg"].as_str() {
            Some("PS256") => &RSA_PSS_SHA256,
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The service account's token, as Kubernetes makes it, good until then.
    pub(crate) fn service_account(&self, now: i64, until: i64) -> String {
        let claims =
            json!({"iss": ISSUER, "sub": SUBJECT, "aud": [AUDIENCE], "nbf": now, "iat": now, "exp": until});
        self.sign(&json!({"alg": "RS256", "kid": "one"}), &claims)
    }

    /// The federated credential that trusts such tokens.
    pub(crate) fn trusted(&self) -> Federated {
        Federated {
            issuer: ISSUER.into(),
            subject: SUBJECT.into(),
            audience: None,
            keys: vec![self.public("one")],
        }
    }
}

/// One part of a token.
pub(crate) fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
