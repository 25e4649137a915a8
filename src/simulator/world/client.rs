//! Applications and managed identities, and by what they prove who they are.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PARTNER_PERMISSIONS;
use crate::simulator::keys::{Certificate, PublicKey};

/// How many federated credentials an application may have.
const FEDERATED_LIMIT: usize = 20;

/// The cloud that the simulator stands for. Its tokens are made for this cloud's services only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// The public cloud.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGov,
    /// US Government L5 (`DoD`).
    UsGovDod,
    /// Azure operated by 21Vianet.
    China,
}

impl Cloud {
    /// The login service's own address, which is part of the issuer of its tokens.
    pub(in crate::simulator) fn authority(self) -> &'static str {
        match self {
            Self::Global => "https://login.microsoftonline.com",
            Self::UsGov | Self::UsGovDod => "https://login.microsoftonline.us",
            Self::China => "https://login.chinacloudapi.cn",
        }
    }

    /// The audience of a foreign token that is used as an assertion.
    pub(in crate::simulator) fn exchange_audience(self) -> &'static str {
        match self {
            Self::Global => "api://AzureADTokenExchange",
            Self::UsGov | Self::UsGovDod => "api://AzureADTokenExchangeUSGov",
            Self::China => "api://AzureADTokenExchangeChina",
        }
    }
}

/// An application registration and every proof that is accepted from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Client {
    /// Its application (client) id.
    pub id: Uuid,
    /// Its secret; none if empty.
    pub secret: String,
    /// When the secret ends; never, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_expires: Option<Timestamp>,
    /// The certificates registered for it, as PEM, without their keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// Whose tokens are accepted in its name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub federated: Vec<Federated>,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            id: Uuid::from_u128(0xc11e_0000_4000_8000_0000_0000_0000),
            secret: "simulated-secret".to_owned(),
            secret_expires: None,
            certificates: Vec::new(),
            federated: Vec::new(),
        }
    }
}

/// A federated credential: a subject of a foreign issuer who may act as the application.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Federated {
    /// Who signs the tokens. For a managed identity it is `<login service>/<partner's tenant id>/v2.0`.
    pub issuer: String,
    /// Whose tokens. For a managed identity it is its object id.
    pub subject: String,
    /// For whom the tokens are made; `api://AzureADTokenExchange` or its form in the world's cloud, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The issuer's public keys; not needed for managed identities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SigningKey>,
}

/// A public RSA key, as an issuer's key set (JWKS) shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SigningKey {
    /// `RSA`.
    pub kty: String,
    /// By what tokens name it.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
    /// `RS256`, where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// `sig`, where it is said.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
}

/// An identity that Azure gives to a virtual machine or container of the partner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ManagedIdentity {
    /// Its application (client) id.
    pub client_id: Uuid,
    /// The object id of its service principal in the partner's tenant.
    pub object_id: Uuid,
    /// Its resource id, by which it can be asked for too.
    pub resource_id: String,
    /// Whether it is an object of its own or part of the machine.
    pub kind: IdentityKind,
    /// What it may do in the partner's tenant.
    pub consent: BTreeSet<String>,
}

impl Default for ManagedIdentity {
    fn default() -> Self {
        Self {
            client_id: Uuid::nil(),
            object_id: Uuid::nil(),
            resource_id: String::new(),
            kind: IdentityKind::UserAssigned,
            consent: PARTNER_PERMISSIONS.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The two kinds of managed identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum IdentityKind {
    /// An object of its own: may be a federated credential of an application.
    #[default]
    UserAssigned,
    /// Part of the machine: good for the partner's tenant only.
    SystemAssigned,
}

/// Whether a tenant lets the application sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SignIn {
    /// It does.
    #[default]
    Allowed,
    /// An administrator has disabled the application there (`AADSTS7000112`).
    Disabled,
    /// A Conditional Access policy blocks it (`AADSTS53003`).
    Blocked,
}

impl SignIn {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    pub(in crate::simulator) fn is_allowed(&self) -> bool {
        *self == Self::Allowed
    }
}

/// What cannot be meant in an application registration.
pub(super) fn problems(client: &Client, problems: &mut Vec<String>) {
    let id = client.id;
    for pem in &client.certificates {
        if let Err(reason) = Certificate::from_pem(pem) {
            problems.push(format!("a certificate of application {id} cannot be used: {reason}"));
        }
    }
    if client.federated.len() > FEDERATED_LIMIT {
        problems.push(format!("application {id} has more than {FEDERATED_LIMIT} federated credentials"));
    }
    let mut subjects = BTreeSet::new();
    for federated in &client.federated {
        let Federated { issuer, subject, keys, .. } = federated;
        if !subjects.insert((issuer, subject)) {
            problems.push(format!("application {id} trusts {subject} of {issuer} twice"));
        }
        for key in keys.iter().filter(|key| PublicKey::of(key).is_none()) {
            problems.push(format!("key {} of {issuer} is not an RSA public key", key.kid));
        }
    }
}
