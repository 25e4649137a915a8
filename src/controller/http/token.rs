//! The token that opens everything with names, and the sessions that follow from it.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};

use crate::bounded::{self, SMALL};

/// Shorter ones could be guessed.
const SHORTEST: usize = 16;

/// How long somebody who signed in stays signed in.
pub(super) const SESSION: SignedDuration = SignedDuration::from_hours(12);

/// A file with a token. It is read anew for every request that shows one, so that a new token in the same file counts at once
/// and the old one no longer; a cluster replaces such files by changing links, which no watch on the file itself would see.
#[derive(Debug, Clone)]
pub struct TokenFile(PathBuf);

/// Why a file holds no usable token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Unread(#[source] io::Error),
    /// It is too short.
    #[error("the token has {0} characters; fewer than {SHORTEST} could be guessed")]
    Short(usize),
    /// It would not fit into a header.
    #[error("the token holds something other than visible ASCII characters")]
    Strange,
}

/// The token of this moment.
pub(super) struct Token(SecretString);

impl TokenFile {
    /// The token in that file, which must be usable now.
    pub fn open(path: &Path) -> Result<Self, TokenError> {
        let file = Self(path.to_owned());
        file.read().map(|_| file)
    }

    pub(super) fn read(&self) -> Result<Token, TokenError> {
        let text = bounded::read_text(&self.0, SMALL).map_err(TokenError::Unread)?;
        let text = text.trim();
        if text.len() < SHORTEST {
            return Err(TokenError::Short(text.len()));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(TokenError::Strange);
        }
        Ok(Token(text.to_owned().into()))
    }
}

impl Token {
    /// Whether this is it. Digests are compared, all of them: the time this takes tells nothing about the token.
    pub(super) fn is(&self, shown: &str) -> bool {
        let hashed = |text: &str| digest(&SHA256, text.as_bytes());
        verify_slices_are_equal(hashed(self.0.expose_secret()).as_ref(), hashed(shown).as_ref()).is_ok()
    }

    /// A session that begins now: its end, and a proof that only whoever has the token can make. Nothing is remembered, and
    /// another token in the file ends all sessions.
    pub(super) fn session(&self, now: Timestamp) -> String {
        let end = now.saturating_add(SESSION).unwrap_or(Timestamp::MAX).as_second();
        format!("{end}.{}", URL_SAFE_NO_PAD.encode(hmac::sign(&self.key(), text(end).as_bytes())))
    }

    /// Whether a session was begun with this token and has not ended.
    pub(super) fn has_begun(&self, session: &str, now: Timestamp) -> bool {
        let Some((end, proof)) = session.split_once('.') else { return false };
        let (Ok(end), Ok(proof)) = (end.parse::<i64>(), URL_SAFE_NO_PAD.decode(proof)) else { return false };
        hmac::verify(&self.key(), text(end).as_bytes(), &proof).is_ok() && now.as_second() < end
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret().as_bytes())
    }
}

fn text(end: i64) -> String {
    format!("groupsync session until {end}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn token(text: &str) -> Token {
        Token(text.to_owned().into())
    }

    #[test]
    fn a_session_ends_by_itself_with_another_token_and_cannot_be_prolonged() {
        let now = Timestamp::UNIX_EPOCH;
        let ours = token("correct horse battery");
        let session = ours.session(now);
        let later = |hours| now + SignedDuration::from_hours(hours);
        assert!(ours.has_begun(&session, later(11)));
        assert!(!ours.has_begun(&session, later(12)));
        assert!(!token("another token entirely").has_begun(&session, now));
        let (_, proof) = session.split_once('.').unwrap();
        for forged in [&format!("99999999999.{proof}"), "99999999999.", "", ".", "x.y", "1.1.1"] {
            assert!(!ours.has_begun(forged, now), "{forged}");
        }
    }

    #[test]
    fn only_the_whole_token_is_the_token() {
        let ours = token("0123456789abcdef");
        assert!(ours.is("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdef ", "0123456789ABCDEF"] {
            assert!(!ours.is(other), "{other}");
        }
    }

    #[test]
    fn a_file_without_a_usable_token_is_refused_and_a_new_token_counts_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        assert!(matches!(TokenFile::open(&file), Err(TokenError::Unread(_))));
        for (text, words) in [
            ("", "the token has 0 characters; fewer than 16 could be guessed"),
            ("0123456789 abcdef", "the token holds something other than visible ASCII characters"),
        ] {
            fs::write(&file, text).unwrap();
            assert_eq!(TokenFile::open(&file).unwrap_err().to_string(), words);
        }
        fs::write(&file, "0123456789abcdef\n").unwrap();
        let opened = TokenFile::open(&file).unwrap();
        assert!(opened.read().unwrap().is("0123456789abcdef"));
        fs::write(&file, "fedcba9876543210\n").unwrap();
        assert!(!opened.read().unwrap().is("0123456789abcdef"));
    }
}
