//! Signed assertions: by a certificate of the application, or by somebody it trusts.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use super::denial::{Denial, certificate, federation, malformed, outside_its_time};
use crate::simulator::keys::{Algorithm, Certificate, PublicKey};
use crate::simulator::token::Token;
use crate::simulator::world::{Client, Cloud, Federated, IdentityKind, ManagedIdentity};

/// How far two clocks may differ, in seconds.
const SKEW: i64 = 300;

/// The longest life of an assertion, in seconds. A day is generous: ten minutes is what clients are told to use.
const LONGEST: i64 = 24 * 3600;

/// Everything an assertion is judged by.
pub(super) struct Judge<'a> {
    pub(super) client: &'a Client,
    /// The address the request was sent to.
    pub(super) token_url: &'a str,
    pub(super) cloud: Cloud,
    pub(super) partner: Uuid,
    pub(super) managed: &'a [ManagedIdentity],
    pub(super) now: Timestamp,
}

/// A signed token in its parts.
struct Jwt<'a> {
    whole: &'a str,
    signed: &'a str,
    signature: Vec<u8>,
    header: Header,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    x5t: Option<String>,
    #[serde(rename = "x5t#S256")]
    x5t_s256: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    #[serde(default, deserialize_with = "whole_seconds")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "whole_seconds")]
    exp: Option<i64>,
    jti: Option<String>,
}

/// A moment may have a fraction; MSAL for Python writes one.
#[expect(clippy::cast_possible_truncation, reason = "a fraction of a second decides nothing here")]
fn whole_seconds<'de, D: Deserializer<'de>>(input: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<f64>::deserialize(input)?.map(|seconds| seconds as i64))
}

/// Kubernetes writes a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn is(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::Many(many) => matches!(&many[..], [one] if one == wanted),
        }
    }
}

impl<'a> Jwt<'a> {
    fn read(whole: &'a str) -> Option<Self> {
        fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
        }
        let (signed, signature) = whole.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        Some(Self { whole, signed, signature, header: part(header)?, claims: part(claims)? })
    }
}

impl Judge<'_> {
    /// Accepts an assertion or says why not.
    pub(super) fn check(&self, assertion: &str) -> Result<(), Denial> {
        let jwt = Jwt::read(assertion).ok_or_else(|| malformed("it is not three parts of base64url"))?;
        let algorithm = Algorithm::named(&jwt.header.alg)
            .ok_or_else(|| malformed("its algorithm is neither PS256 nor RS256"))?;
        let named = jwt.header.x5t.is_some() || jwt.header.x5t_s256.is_some();
        let own = self.client.id.to_string();
        if named || jwt.claims.iss.as_deref() == Some(own.as_str()) {
            self.by_certificate(&jwt, algorithm, &own)
        } else {
            self.by_federation(&jwt, algorithm)
        }
    }

    fn by_certificate(&self, jwt: &Jwt<'_>, algorithm: Algorithm, own: &str) -> Result<(), Denial> {
        let Header { x5t, x5t_s256, .. } = &jwt.header;
        let mut registered =
            self.client.certificates.iter().filter_map(|pem| Certificate::from_pem(pem).ok());
        // MSAL for Python pads the thumbprints; the service takes both.
        let is = |sent: &str, print: &str| sent.trim_end_matches('=') == print;
        let fits = |one: &Certificate| match (x5t_s256, x5t) {
            (Some(sent), _) => is(sent, &one.sha256),
            (None, Some(sent)) => is(sent, &one.sha1),
            (None, None) => false,
        };
        let registered =
            registered.find(fits).ok_or_else(|| certificate("is not registered on application"))?;
        if !registered.verifies(algorithm, jwt.signed, &jwt.signature) {
            return Err(certificate("did not make its signature"));
        }
        if self.now < registered.not_before || self.now > registered.not_after {
            return Err(Denial::proof(
                1_000_502,
                "The provided certificate is not within its specified validity period.",
            ));
        }
        let claims = &jwt.claims;
        if claims.iss.as_deref() != Some(own) || claims.sub.as_deref() != Some(own) {
            let text = "Client assertion application identifier doesn't match 'client_id' parameter.";
            return Err(Denial::proof(700_021, text));
        }
        if !claims.aud.as_ref().is_some_and(|aud| aud.is(self.token_url)) {
            let text = "Client assertion audience claim does not match Realm issuer.";
            return Err(Denial::proof(700_023, text));
        }
        if claims.jti.as_ref().is_none_or(String::is_empty) {
            return Err(malformed("it has no jti"));
        }
        self.check_time(claims.nbf, claims.exp)
    }

    fn by_federation(&self, jwt: &Jwt<'_>, algorithm: Algorithm) -> Result<(), Denial> {
        let (Some(issuer), Some(subject), Some(audience)) =
            (&jwt.claims.iss, &jwt.claims.sub, &jwt.claims.aud)
        else {
            return Err(malformed("it lacks iss, sub or aud"));
        };
        let none = "No matching federated identity record found for presented assertion";
        if self.client.federated.is_empty() {
            return Err(federation(70_021, format!("{none}.")));
        }
        let trusted = |fits: &dyn Fn(&Federated) -> bool| {
            self.client.federated.iter().filter(|one| fits(one)).collect::<Vec<_>>()
        };
        let of_issuer = trusted(&|one| one.issuer == *issuer);
        if of_issuer.is_empty() {
            return Err(federation(700_211, format!("{none} issuer '{issuer}'.")));
        }
        let of_subject = trusted(&|one| one.issuer == *issuer && one.subject == *subject);
        if of_subject.is_empty() {
            return Err(federation(700_213, format!("{none} subject '{subject}'.")));
        }
        let wanted = |one: &Federated| {
            one.audience.clone().unwrap_or_else(|| self.cloud.exchange_audience().to_owned())
        };
        if !of_subject.iter().any(|one| audience.is(&wanted(one))) {
            return Err(federation(700_212, format!("{none} audience.")));
        }
        if *issuer == self.own_issuer() {
            self.check_managed(jwt, subject)?;
        } else {
            let keys = of_subject.iter().flat_map(|one| &one.keys);
            let key = keys.filter(|key| Some(&key.kid) == jwt.header.kid.as_ref()).find_map(PublicKey::of);
            let is_signed = algorithm == Algorithm::Rs256
                && key.is_some_and(|key| key.verifies(algorithm, jwt.signed, &jwt.signature));
            if !is_signed {
                return Err(unsigned());
            }
        }
        self.check_time(jwt.claims.nbf, jwt.claims.exp)
    }

    /// A token of this login service itself: only of an identity that is an object of its own.
    fn check_managed(&self, jwt: &Jwt<'_>, subject: &str) -> Result<(), Denial> {
        if Token::open(jwt.whole).is_none() {
            return Err(unsigned());
        }
        let whose = |one: &&ManagedIdentity| one.object_id.to_string() == subject;
        match self.managed.iter().find(whose).map(|one| one.kind) {
            Some(IdentityKind::UserAssigned) => Ok(()),
            Some(IdentityKind::SystemAssigned) | None => Err(federation(
                700_236,
                "Entra ID tokens issued by this issuer may only be used if they belong to a user-assigned managed \
                 identity of the application's own tenant.",
            )),
        }
    }

    fn own_issuer(&self) -> String {
        format!("{}/{}/v2.0", self.cloud.authority(), self.partner)
    }

    fn check_time(&self, begin: Option<i64>, end: Option<i64>) -> Result<(), Denial> {
        let now = self.now.as_second();
        let begins = begin.unwrap_or(now);
        let fits = end.is_some_and(|end| {
            now < end.saturating_add(SKEW)
                && now > begins.saturating_sub(SKEW)
                && end.saturating_sub(begins) <= LONGEST
        });
        if fits { Ok(()) } else { Err(outside_its_time(self.now, begin, end)) }
    }
}

fn unsigned() -> Denial {
    let text = "Assertion failed signature validation. [Reason - The key was not found or did not make the signature.]";
    Denial::proof(50_013, text)
}
