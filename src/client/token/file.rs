//! Files that prove who we are: read when they are needed, so that whoever renews them needs no restart.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::bounded::{self, SMALL};

/// A file that cannot prove who we are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {flaw}", path.display())]
pub struct Unusable {
    /// Which file.
    pub path: PathBuf,
    /// Why not.
    pub flaw: Flaw,
}

/// What is wrong with such a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Why, in words.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Nothing but blanks.
    #[error("is empty")]
    Empty,
    /// Not text.
    #[error("is not text")]
    NotText,
    /// No certificate in it.
    #[error("holds no certificate in PEM form")]
    NoCertificate,
    /// A certificate that cannot be read.
    #[error("holds a certificate that cannot be read: {0}")]
    BadCertificate(String),
    /// No private key in it.
    #[error("holds no private key in PEM form")]
    NoKey,
    /// A key that nobody typed a password for.
    #[error("holds an encrypted private key, and there is nobody to type its password")]
    EncryptedKey,
    /// Entra takes RSA keys only, of 2048 bits and more.
    #[error("holds a private key that is not an RSA key of at least 2048 bits")]
    NotRsa,
    /// Key and certificate come from two places.
    #[error("holds a private key that belongs to none of its certificates")]
    NoMatch,
}

impl Flaw {
    pub(super) fn of(self, path: &Path) -> Unusable {
        Unusable { path: path.to_owned(), flaw: self }
    }
}

/// Reads a whole file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let bytes = bounded::read(path, SMALL).map_err(|error| Flaw::Unreadable(error.to_string()).of(path))?;
    if bytes.iter().all(u8::is_ascii_whitespace) { Err(Flaw::Empty.of(path)) } else { Ok(bytes) }
}

/// A file with a secret or a token in it.
pub struct SecretFile {
    path: PathBuf,
}

impl SecretFile {
    /// A file that can be read now.
    pub fn open(path: &Path) -> Result<Self, Unusable> {
        let file = Self { path: path.to_owned() };
        file.read()?;
        Ok(file)
    }

    /// What it holds now, without the blanks around it.
    pub(super) fn read(&self) -> Result<SecretString, Unusable> {
        let text = String::from_utf8(read(&self.path)?).map_err(|_| Flaw::NotText.of(&self.path))?;
        Ok(SecretString::from(text.trim().to_owned()))
    }

    /// Which file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for SecretFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretFile").field(&self.path).finish()
    }
}

/// Whose token it is, for a person who compares it with what Entra was told: issuer, subject and audience are no secrets.
pub(super) fn whose(token: &SecretString) -> Option<String> {
    let claims = claims(token)?;
    let show = |claim: &Value| match claim {
        Value::String(text) => plain(text),
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(plain).collect::<Vec<_>>().join(" "),
        _ => "missing".to_owned(),
    };
    let [issuer, subject, audience] = ["iss", "sub", "aud"].map(|name| show(&claims[name]));
    Some(format!("issuer {issuer}, subject {subject}, audience {audience}"))
}

/// When a token ends, in seconds of Unix time.
pub(super) fn ends(token: &SecretString) -> Option<i64> {
    claims(token)?["exp"].as_i64()
}

fn claims(token: &SecretString) -> Option<Value> {
    let payload = token.expose_secret().split('.').nth(1)?;
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?).ok()
}

/// Printable, and no longer than anybody reads.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(120).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_token_tells_whose_it_is_and_no_more() {
        let claims =
            r#"{"iss":"https://oidc.example/1","sub":"system:serviceaccount:a:b","aud":["api://x"],"exp":9}"#;
        let token = SecretString::from(format!("h.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims)));
        let expected = "issuer https://oidc.example/1, subject system:serviceaccount:a:b, audience api://x";
        assert_eq!(whose(&token).as_deref(), Some(expected));
        assert_eq!(ends(&token), Some(9));
        assert_eq!(whose(&SecretString::from("no token".to_owned())), None);
    }

    #[test]
    fn a_file_that_is_missing_or_blank_says_so() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        let error = SecretFile::open(&path).unwrap_err().to_string();
        assert!(error.contains("token cannot be read"), "{error}");
        fs::write(&path, " \n").unwrap();
        assert_eq!(SecretFile::open(&path).unwrap_err().flaw, Flaw::Empty);
        fs::write(&path, "t0ken\n").unwrap();
        let file = SecretFile::open(&path).unwrap();
        assert_eq!(file.read().unwrap().expose_secret(), "t0ken");
        assert!(!format!("{file:?}").contains("t0ken"));
    }
}
