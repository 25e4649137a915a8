//! Pages for people: rendered here, without a script, nothing loaded from elsewhere, on a large screen as on a phone.

pub(super) mod login;
pub(super) mod fleet;
pub(super) mod customer;

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::controller::http::answer::STYLE;
use crate::controller::status::Condition;
use crate::report::moment;

/// When a page asks for itself again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// When the reader wants it.
    Never,
    /// While something is under way.
    Soon,
}

/// A page: its title, and its body.
fn layout(title: &str, again: Again, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="format-detection" content="telephone=no, email=no, address=no, date=no, url=no";
                @if again == Again::Soon { meta http-equiv="refresh" content="4"; }
                title { (title) }
                style { (PreEscaped(STYLE.as_str())) }
            }
            body { (body) }
        }
    }
}

/// What stands above every page of somebody who is signed in.
fn top(inner: &Markup) -> Markup {
    html! {
        header.top {
            div { (inner) }
            form method="post" action="/logout" { button.quiet { "Sign out" } }
        }
    }
}

/// A condition in a word or two, with its colour.
fn badge(condition: Condition) -> Markup {
    let class = match condition {
        Condition::Good => "badge good",
        Condition::Unseen | Condition::Differs => "badge dull",
        Condition::Pending => "badge calm",
        Condition::Held | Condition::Gap => "badge warm",
        Condition::Failed | Condition::AccessLost => "badge hot",
    };
    html! { span class=(class) { (title(condition)) } }
}

/// A condition in a word or two.
fn title(condition: Condition) -> &'static str {
    match condition {
        Condition::Good => "in order",
        Condition::Unseen => "not looked at yet",
        Condition::Differs => "differs",
        Condition::Pending => "under way",
        Condition::Held => "held",
        Condition::Gap => "not read",
        Condition::Failed => "failed",
        Condition::AccessLost => "access lost",
    }
}

/// A time that has been: how long ago, the time itself on demand.
fn ago(now: Timestamp, time: Timestamp) -> Markup {
    html! { time datetime=(time) title=(moment::shown(time)) { (moment::distance(now, time)) " ago" } }
}

/// A time to come.
fn ahead(now: Timestamp, time: Timestamp) -> Markup {
    if time <= now {
        return html! { "now" };
    }
    html! { time datetime=(time) title=(moment::shown(time)) { "in " (moment::distance(now, time)) } }
}
