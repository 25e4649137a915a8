//! Who may see names: whoever shows the token with the request, or signed in with it.

use std::sync::Arc;

use axum::extract::{Form, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, SET_COOKIE, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use crate::controller::http::Server;
use crate::controller::http::answer::{page, see_other, sentence};
use crate::controller::http::page::login::{self, Why};
use crate::controller::http::token::{SESSION, Token};

const SESSION_COOKIE: &str = "groupsync-session";

/// How somebody got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A program, with the token in the request.
    Program,
    /// A person, signed in.
    Person,
}

/// Lets through whoever may see names; to everybody else it says what to do.
pub(super) async fn guard(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let token = match token(&server) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    let headers = request.headers();
    let caller = if let Some(shown) = bearer(headers) {
        token.is(shown).then_some(Caller::Program)
    } else {
        let begun = session(headers).is_some_and(|session| token.has_begun(session, server.clock.now()));
        begun.then_some(Caller::Person)
    };
    let Some(caller) = caller else { return unknown(request.method(), request.uri(), headers) };
    if caller == Caller::Person && request.method() != Method::GET && !is_from_us(headers) {
        return foreign();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// The token of this moment, or the refusal.
#[expect(clippy::result_large_err, reason = "an answer is returned either way")]
fn token(server: &Server) -> Result<Token, Response> {
    let Some(file) = &server.token else {
        let off = "pages and API are off: start with --api-token-file FILE to switch them on";
        return Err(sentence(StatusCode::NOT_FOUND, off));
    };
    file.read().map_err(|error| {
        tracing::error!(error = %error, "the token's file cannot be used, nobody gets in");
        sentence(StatusCode::SERVICE_UNAVAILABLE, "the token's file cannot be used: the log says why")
    })
}

/// Nobody we know: a program gets a sentence, a browser the form.
fn unknown(method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let is_page = uri.path() == "/" || uri.path().starts_with("/customers/");
    let mut response = if !is_page || method != Method::GET || bearer(headers).is_some() {
        sentence(StatusCode::UNAUTHORIZED, "the token is missing or wrong: send Authorization: Bearer TOKEN")
    } else if header(headers, "sec-fetch-site") == Some("cross-site") {
        // Somebody followed a link from elsewhere. A strict cookie stays at home then; coming from ourselves it comes along.
        page(StatusCode::UNAUTHORIZED, login::detour(uri))
    } else {
        page(StatusCode::UNAUTHORIZED, login::form(uri, Why::NotYet))
    };
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"groupsync\""));
    response
}

fn foreign() -> Response {
    sentence(StatusCode::FORBIDDEN, "this request does not come from a page of groupsync's own")
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    token: String,
    #[serde(default)]
    next: String,
}

/// Signs somebody in.
pub(super) async fn login(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(shown): Form<Credentials>,
) -> Response {
    let token = match token(&server) {
        Ok(token) => token,
        Err(refusal) => return refusal,
    };
    if !is_from_us(&headers) {
        return foreign();
    }
    let next = own_path(&shown.next);
    if !token.is(shown.token.trim()) {
        tracing::warn!("somebody tried to sign in with a wrong token");
        return page(StatusCode::UNAUTHORIZED, login::form(&next, Why::Wrong));
    }
    tracing::info!("somebody signed in");
    let session = token.session(server.clock.now());
    with_cookie(see_other(&next.to_string()), &headers, &session, SESSION.as_secs())
}

/// Signs somebody out.
pub(super) async fn logout(headers: HeaderMap) -> Response {
    with_cookie(see_other("/"), &headers, "", 0)
}

fn with_cookie(mut response: Response, headers: &HeaderMap, value: &str, seconds: i64) -> Response {
    // Over plain HTTP, as through a port forwarded to this machine, a browser would drop a cookie that is for TLS only.
    let secure = if header(headers, "x-forwarded-proto") == Some("https") { "; Secure" } else { "" };
    let cookie =
        format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    let cookie = HeaderValue::try_from(cookie).expect("a session is digits and letters");
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}

/// Whether a browser says that one of our own pages makes it send this.
fn is_from_us(headers: &HeaderMap) -> bool {
    if let Some(site) = header(headers, "sec-fetch-site") {
        return site == "same-origin";
    }
    // Browsers say less over plain HTTP.
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()?.parse::<Uri>().ok());
    let origin = origin.as_ref().and_then(Uri::authority).map(Authority::as_str);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    origin.is_some() && origin == host
}

/// The address as one of ours, or else the first page.
fn own_path(text: &str) -> Uri {
    let ours = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    let path = ours.then(|| text.parse::<Uri>().ok()).flatten();
    path.filter(|uri| uri.authority().is_none()).unwrap_or_else(|| Uri::from_static("/"))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn session(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, value)| value)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn nobody_is_led_away_after_signing_in() {
        for away in
            ["https://evil.example/", "//evil.example/", "/\\evil.example", "evil", "", "javascript:x"]
        {
            assert_eq!(own_path(away), "/", "{away}");
        }
        assert_eq!(own_path("/customers/contoso?x=1"), "/customers/contoso?x=1");
    }

    #[test]
    fn only_our_own_pages_make_a_browser_write() {
        assert!(is_from_us(&headers(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "null"),
            ("host", "x")
        ])));
        assert!(is_from_us(&headers(&[("origin", "http://10.0.0.5:8080"), ("host", "10.0.0.5:8080")])));
        for foreign in [
            &[("sec-fetch-site", "same-site"), ("origin", "http://x"), ("host", "x")][..],
            &[("sec-fetch-site", "none")],
            &[("origin", "http://evil.example"), ("host", "groupsync")],
            &[("origin", "null"), ("host", "groupsync")],
            &[("host", "groupsync")],
            &[],
        ] {
            assert!(!is_from_us(&headers(foreign)), "{foreign:?}");
        }
    }
}
