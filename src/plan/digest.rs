//! Fingerprints of what will be written.

use std::fmt::{self, Write};
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::desired::source::Sources;

/// SHA-256 over the canonical JSON of a plan, written as `sha256:` and 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of a value's canonical JSON. Canonical, because `serde_json` keeps the keys of its objects sorted.
    pub fn of(value: &serde_json::Value) -> Self {
        Self::of_text(&value.to_string())
    }

    /// The digest of files: all texts with their paths.
    pub fn of_files(files: &Sources) -> Self {
        let texts: Vec<_> = files.iter().map(|source| (&source.path, &source.text)).collect();
        Self::of(&serde_json::json!(texts))
    }

    /// The digest of a text, byte for byte.
    pub fn of_text(text: &str) -> Self {
        let hash = digest(&SHA256, text.as_bytes());
        let mut text = String::from("sha256:");
        for byte in hash.as_ref() {
            // Writing to a String cannot fail.
            let _infallible = write!(text, "{byte:02x}");
        }
        Self(text)
    }

    /// The digest in text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest: sha256: and 64 of 0-9 a-f")]
pub struct DigestError(String);

impl FromStr for Digest {
    type Err = DigestError;
    fn from_str(text: &str) -> Result<Self, DigestError> {
        match text.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(DigestError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;
    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
