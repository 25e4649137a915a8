//! What the login service refuses, by its numbers.

use jiff::Timestamp;
use uuid::Uuid;

/// A refusal of the login service: the OAuth error, the AADSTS number, the status, the text.
pub(super) struct Denial {
    pub(super) error: &'static str,
    pub(super) number: u32,
    pub(super) status: u16,
    pub(super) text: String,
}

impl Denial {
    pub(super) fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        Self { error, number, status: 400, text: text.into() }
    }

    /// The proof is wrong: 401.
    pub(super) fn proof(number: u32, text: impl Into<String>) -> Self {
        Self { error: "invalid_client", number, status: 401, text: text.into() }
    }

    /// The refusal of that number, as far as its words do not depend on the request.
    pub(super) fn numbered(number: u32, client: Uuid, tenant: &str, now: Timestamp) -> Self {
        match number {
            53_003 => blocked(),
            70_021 => {
                federation(number, "No matching federated identity record found for presented assertion.")
            }
            700_016 => not_in_directory(client, tenant),
            700_024 => outside_its_time(now, None, None),
            700_027 => certificate("is not registered on application"),
            7_000_112 => disabled(client),
            7_000_215 => wrong_secret(),
            7_000_222 => expired_secret(client),
            5_000_224 => {
                Self::new("invalid_resource", number, "We are sorry, this resource is not available.")
            }
            _ => Self::new("invalid_request", number, "The request was refused."),
        }
    }
}

pub(super) fn not_in_directory(client: Uuid, tenant: &str) -> Denial {
    unknown(&client.to_string(), tenant)
}

pub(super) fn unknown(client: &str, tenant: &str) -> Denial {
    let text = format!(
        "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the \
         tenant. You may have sent your authentication request to the wrong tenant."
    );
    Denial::new("unauthorized_client", 700_016, text)
}

pub(super) fn disabled(client: Uuid) -> Denial {
    Denial::new("unauthorized_client", 7_000_112, format!("Application '{client}' is disabled."))
}

pub(super) fn blocked() -> Denial {
    let text = "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";
    Denial::new("access_denied", 53_003, text)
}

pub(super) fn wrong_secret() -> Denial {
    Denial::proof(
        7_000_215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, \
         not the client secret ID.",
    )
}

pub(super) fn expired_secret(client: Uuid) -> Denial {
    Denial::proof(
        7_000_222,
        format!(
            "The provided client secret keys for app '{client}' are expired. Create new keys for your app."
        ),
    )
}

pub(super) fn no_proof() -> Denial {
    Denial::proof(
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    )
}

pub(super) fn missing(parameter: &str) -> Denial {
    let text = format!("The request body must contain the following parameter: '{parameter}'.");
    Denial::new("invalid_request", 900_144, text)
}

/// The assertion is no signed token, or one that could prove nothing.
pub(super) fn malformed(reason: &str) -> Denial {
    Denial::proof(50_027, format!("JWT token is invalid or malformed: {reason}."))
}

/// Something is wrong with the certificate behind an assertion.
pub(super) fn certificate(reason: &str) -> Denial {
    let text = format!("The certificate with identifier used to sign the client assertion {reason}.");
    Denial::proof(700_027, text)
}

pub(super) fn outside_its_time(now: Timestamp, begin: Option<i64>, end: Option<i64>) -> Denial {
    let show = |second: Option<i64>| {
        second
            .and_then(|second| Timestamp::from_second(second).ok())
            .map_or_else(|| "unknown".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    let text = format!(
        "Client assertion is not within its valid time range. Current time: {}, assertion valid from {}, expiry time \
         of assertion {}.",
        show(Some(now.as_second())),
        show(begin),
        show(end)
    );
    Denial::proof(700_024, text)
}

/// No federated credential fits.
pub(super) fn federation(number: u32, text: impl Into<String>) -> Denial {
    Denial::new("invalid_request", number, text)
}
