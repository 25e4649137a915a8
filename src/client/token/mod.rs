//! Signing in: who the application is, by what it proves that, and the tokens it gets for it.
//!
//! `README.md` in `src/client` tells users which credential to choose.

pub mod file;
pub mod certificate;
pub mod managed;
pub(super) mod cache;
mod refusals;
mod skew;
mod exchange;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use crate::client::token::certificate::CertificateFile;
use crate::client::token::file::{SecretFile, Unusable};
use crate::client::token::managed::ManagedIdentity;
use crate::model::ids::{ClientId, ObjectId};

/// The application, and how it proves who it is; with it, other applications that act in its place somewhere.
#[derive(Clone)]
pub struct Credential {
    client_id: ClientId,
    proof: Proof,
    others: BTreeMap<ClientId, Proof>,
}

/// One way to prove who one is.
#[derive(Clone)]
enum Proof {
    Secret(SecretString),
    SecretFile(Arc<SecretFile>),
    Certificate(Arc<CertificateFile>),
    /// The file of a foreign token: a Kubernetes service account's, for example.
    Federated(Arc<SecretFile>),
    Managed(Arc<ManagedIdentity>),
}

impl Credential {
    /// A client secret: whoever holds it is the application. Meant for the simulator and for trying things out.
    pub fn client_secret(client_id: ClientId, secret: SecretString) -> Self {
        Self::of(client_id, Proof::Secret(secret))
    }

    /// A client secret in a file, read anew for every exchange.
    pub fn secret_file(client_id: ClientId, path: &Path) -> Result<Self, Unusable> {
        Ok(Self::of(client_id, Proof::SecretFile(Arc::new(SecretFile::open(path)?))))
    }

    /// A certificate with its private key in one PEM file. A new certificate in that file is used from the next exchange on.
    pub fn certificate(client_id: ClientId, path: &Path) -> Result<Self, Unusable> {
        Ok(Self::of(client_id, Proof::Certificate(Arc::new(CertificateFile::open(path)?))))
    }

    /// A foreign token in a file (workload identity), read anew for every exchange.
    pub fn federated(client_id: ClientId, path: &Path) -> Result<Self, Unusable> {
        Ok(Self::of(client_id, Proof::Federated(Arc::new(SecretFile::open(path)?))))
    }

    /// A managed identity: in the partner's tenant it acts itself, everywhere else its token is the assertion of the
    /// application.
    pub fn managed_identity(client_id: ClientId, identity: ManagedIdentity) -> Self {
        Self::of(client_id, Proof::Managed(Arc::new(identity)))
    }

    /// The same, and with a proof of its own for another application. Without one, another application proves itself by this
    /// one's certificate, foreign token or managed identity, never by its secret.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        self.others.insert(other.client_id, other.proof);
        self
    }

    /// Which application.
    pub fn client_id(&self) -> ClientId {
        self.client_id
    }

    fn of(client_id: ClientId, proof: Proof) -> Self {
        Self { client_id, proof, others: BTreeMap::new() }
    }

    /// How that application proves who it is; nothing if there is no way.
    fn proof(&self, app: ClientId) -> Option<&Proof> {
        if app == self.client_id {
            return Some(&self.proof);
        }
        self.others.get(&app).or(match &self.proof {
            Proof::Secret(_) | Proof::SecretFile(_) => None,
            shared => Some(shared),
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// What a token says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Our service principal's object id in that tenant.
    pub object_id: ObjectId,
    /// The permissions granted to it. A token is issued even if there is none.
    pub roles: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_never_shows_its_secret_and_lends_it_to_no_other_application() {
        let id = "11111111-1111-4111-8111-111111111111".parse().unwrap();
        let other = "22222222-2222-4222-8222-222222222222".parse().unwrap();
        let secret = |text: &str| SecretString::from(text.to_owned());
        let credential = Credential::client_secret(id, secret("hush"));
        assert!(!format!("{credential:?}").contains("hush"));
        assert!(credential.proof(other).is_none());
        let both = credential.with(Credential::client_secret(other, secret("psst")));
        assert!(both.proof(id).is_some() && both.proof(other).is_some());
        assert!(!format!("{both:?}").contains("psst"));
    }
}
