//! From a failed request to a recorded gap.

use crate::client::error::{Error, Kind};
use crate::observed::unread::{Unread, UnreadCode};

/// The gap that a failed read of `what` leaves.
pub(super) fn unread(what: &str, error: &Error) -> Unread {
    Unread { code: code(error.kind()), text: format!("{what}: {}", error.summary()) }
}

/// A gap for another reason than a failed request.
pub(super) fn gap(code: UnreadCode, text: impl Into<String>) -> Unread {
    Unread { code, text: text.into() }
}

fn code(kind: Kind) -> UnreadCode {
    match kind {
        Kind::CredentialRefused => UnreadCode::CredentialRefused,
        Kind::ConsentMissing => UnreadCode::ConsentMissing,
        Kind::TenantMissing => UnreadCode::TenantMissing,
        Kind::SignInBlocked
        | Kind::Unauthenticated
        | Kind::AccessDenied
        | Kind::ConditionDenied
        | Kind::PolicyDenied
        | Kind::QuotaExceeded
        | Kind::ScopeLocked
        | Kind::LastAdministrator
        | Kind::Unmanageable => UnreadCode::AccessDenied,
        Kind::NotFound
        | Kind::NotYetVisible
        | Kind::PrincipalNotFound
        | Kind::RoleMissing
        | Kind::SubscriptionMissing => UnreadCode::NotFound,
        Kind::Throttled => UnreadCode::Throttled,
        Kind::Malformed => UnreadCode::Malformed,
        Kind::WrongTenant => UnreadCode::Mismatch,
        Kind::Unavailable
        | Kind::Unreachable
        | Kind::AlreadySo
        | Kind::AssignmentExists
        | Kind::NameTaken
        | Kind::Concurrent
        | Kind::CursorExpired
        | Kind::Changed
        | Kind::Unsupported
        | Kind::Forbidden
        | Kind::Halted
        | Kind::Rejected => UnreadCode::Unavailable,
    }
}
