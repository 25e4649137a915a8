//! Why a request did not do what it was meant to.

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

/// A failed request: what kind of failure, and what to tell a person. Holds no token, secret or address.
#[derive(Debug, Clone, thiserror::Error)]
pub struct Error(Box<Failure>);

#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    pub(super) service: Service,
    pub(super) method: http::Method,
    pub(super) route: &'static str,
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    /// The login service's number for it.
    pub(super) number: Option<u32>,
    pub(super) message: String,
    pub(super) request_id: Option<String>,
    pub(super) about: Option<Uuid>,
    pub(super) retry_after: Option<Duration>,
}

/// One of the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Entra's token and discovery endpoints.
    Login,
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

impl Service {
    /// Its name in messages, spans and labels.
    pub fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Graph => "graph",
            Self::Arm => "arm",
        }
    }
}

/// What the rest of the program branches on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The credential is refused everywhere: wrong or expired secret, wrong assertion.
    CredentialRefused,
    /// Our application is unknown or disabled in that tenant.
    ConsentMissing,
    /// There is no such tenant.
    TenantMissing,
    /// A rule of the tenant keeps our application from signing in.
    SignInBlocked,
    /// A token was refused, a new one too.
    Unauthenticated,
    /// The subscription belongs to another tenant than the token.
    WrongTenant,
    /// We lack a permission or role.
    AccessDenied,
    /// The condition on our own role assignment does not allow this.
    ConditionDenied,
    /// The tenant's rules forbid this invitation.
    PolicyDenied,
    /// Nothing more fits: objects in a tenant, assignments in a subscription.
    QuotaExceeded,
    /// The service refused for too long because of too many requests.
    Throttled,
    /// The service failed.
    Unavailable,
    /// No answer came.
    Unreachable,
    /// An answer that is not what the service promises.
    Malformed,
    /// What was asked for, or something the request names, does not exist.
    NotFound,
    /// Something the request names was made moments ago and is not visible everywhere yet.
    NotYetVisible,
    /// Azure does not know the principal (yet).
    PrincipalNotFound,
    /// It is so already.
    AlreadySo,
    /// The same principal, role and scope are assigned under another name.
    AssignmentExists,
    /// Our name for it is taken by something else.
    NameTaken,
    /// Others write to the same object.
    Concurrent,
    /// A lock on the scope forbids it.
    ScopeLocked,
    /// It is the last assignment that can grant access there.
    LastAdministrator,
    /// A group whose members cannot be managed.
    Unmanageable,
    /// Azure does not know the role there.
    RoleMissing,
    /// The subscription is gone, or we have nothing on it.
    SubscriptionMissing,
    /// A stored position in a change feed is too old.
    CursorExpired,
    /// The object changed since it was read.
    Changed,
    /// The service does not have this operation.
    Unsupported,
    /// A request that this program must never send, stopped before it left.
    Forbidden,
    /// A write that the kill switch stopped before it left.
    Halted,
    /// Any other refusal: the same request would be refused again.
    Rejected,
}

impl Error {
    pub(super) fn new(failure: Failure) -> Self {
        Self(Box::new(failure))
    }

    /// What to branch on.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Which service.
    pub fn service(&self) -> Service {
        self.0.service
    }

    /// The HTTP status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's own code for it.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The login service's number for it: what follows `AADSTS`.
    pub fn number(&self) -> Option<u32> {
        self.0.number
    }

    /// The template of the address.
    pub(super) fn route(&self) -> &'static str {
        self.0.route
    }

    /// The service's id of the request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The object that the service's message names: tells a missing group from a missing member.
    pub fn about(&self) -> Option<Uuid> {
        self.0.about
    }

    /// How long the service wants to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the request may have been carried out all the same: whoever repeats it blindly may do it twice.
    pub fn may_have_happened(&self) -> bool {
        match self.0.kind {
            Kind::Unavailable | Kind::Unreachable => true,
            // The answer of a success that could not be understood.
            Kind::Malformed => self.0.status.is_none_or(|status| (200..300).contains(&status)),
            _ => false,
        }
    }

    /// Whether the request certainly did nothing: it was never sent, or not let in. Any other refusal is a claim, and worth a
    /// look at what it speaks of.
    pub fn did_nothing(&self) -> bool {
        let kept_out = matches!(
            self.0.kind,
            Kind::Forbidden
                | Kind::Halted
                | Kind::Throttled
                | Kind::CredentialRefused
                | Kind::ConsentMissing
                | Kind::TenantMissing
                | Kind::SignInBlocked
                | Kind::Unauthenticated
                | Kind::WrongTenant
                | Kind::AccessDenied
                | Kind::ConditionDenied
                | Kind::PolicyDenied
        );
        kept_out || self.0.service == Service::Login
    }

    /// Why nothing more may be written, if that is all that kept it from being sent.
    pub fn halted(&self) -> Option<&str> {
        (self.0.kind == Kind::Halted).then_some(self.0.message.as_str())
    }

    /// The failure in words without the request's id: the same failure twice reads the same.
    pub fn summary(&self) -> String {
        let failure = &*self.0;
        let status = failure.status.map(|status| format!(" answered {status}")).unwrap_or_default();
        let code = failure.code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
        let colon = if failure.message.is_empty() { "" } else { ": " };
        let (service, method, route) = (failure.service.name(), &failure.method, failure.route);
        format!("{service} {method} {route}{status}{code}{colon}{}", failure.message)
    }

    /// The same failure with what a person should look at.
    #[must_use]
    pub(super) fn with_advice(mut self, advice: &str) -> Self {
        let separator = if self.0.message.is_empty() { "" } else { "; " };
        self.0.message = format!("{}{separator}{advice}", self.0.message);
        self
    }

    /// The same failure of a request that was sent and is not sent again, although it might have helped.
    #[must_use]
    pub(super) fn not_sent_again(self, why: &str) -> Self {
        self.with_advice(&format!("not sent again: {why}"))
    }

    /// The same failure, understood better.
    #[must_use]
    pub(super) fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        if let Some(id) = &self.0.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}
