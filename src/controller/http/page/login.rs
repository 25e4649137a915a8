//! Where somebody signs in.

use axum::http::Uri;
use maud::{Markup, html};

use crate::controller::http::page::{Again, layout};

/// Why the form is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::controller::http) enum Why {
    /// Nobody is signed in.
    NotYet,
    /// The token was wrong.
    Wrong,
}

/// The form; afterwards the browser goes on to `next`.
pub(in crate::controller::http) fn form(next: &Uri, why: Why) -> Markup {
    layout(
        "groupsync: sign in",
        Again::Never,
        &html! {
            main.sign-in {
                h1 { "groupsync" }
                p { "Who sees this page sees who has access to which customer. Show the token to go on." }
                @if why == Why::Wrong { p.banner role="alert" { "That was not the token." } }
                form method="post" action="/login" {
                    input type="hidden" name="next" value=(next);
                    label for="token" { "Token" }
                    input #token type="password" name="token" autocomplete="current-password" required autofocus;
                    button { "Sign in" }
                }
                p.dim { "It stands in the file that groupsync was started with as --api-token-file." }
            }
        },
    )
}

/// A page that leads to `next` at once, from ourselves.
pub(in crate::controller::http) fn detour(next: &Uri) -> Markup {
    html! {
        (maud::DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="refresh" content={ "0; url=" (next) };
                title { "groupsync" }
            }
            body { p { a href=(next) { "Go on to groupsync" } } }
        }
    }
}
