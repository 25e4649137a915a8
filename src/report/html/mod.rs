//! A plan, or what became of it, as one page for a browser: the same review as the comment on the pull request, and below it every operation of
//! every customer. It needs no script and nothing from elsewhere, and its own policy forbids both.

mod words;
mod customer;
pub mod outcome;

use std::iter;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::desired::state::DesiredState;
use crate::model::ownership::Mark;
use crate::plan::value::{CustomerPlan, Plan};
use crate::report::escape::escape;
use crate::report::html::customer::{Card, is_quiet};
use crate::report::html::words::words;
use crate::report::moment;
use crate::report::review::Review;
use crate::report::review::loss::Loss;
use crate::report::review::person::widest;
use crate::report::review::risk::{Kind, Risk};
use crate::report::review::words::{counted, number};
use crate::report::tally::Fate;

/// The style that the page carries, and every page that shows a [`card`].
pub const STYLE: &str = include_str!("style.css");

/// So many entries of one list are shown above the customers, which have everything.
const SHOWN: usize = 300;
/// A value longer than this has a line of its own.
const LONG: usize = 90;
/// So many customers stand open.
const OPEN: usize = 12;
/// More customers than this in one place have a box of their own, in which all of them are seen and none is hidden.
const CROWD: usize = 40;

/// The page in pieces, in order: a fleet's page is tens of megabytes, which nobody has to hold at once.
pub fn plan<'a>(plan: &'a Plan, desired: &'a DesiredState) -> impl Iterator<Item = String> + use<'a> {
    let told: Vec<&CustomerPlan> = plan.customers.iter().filter(|customer| !is_quiet(customer)).collect();
    let open = told.len() <= OPEN;
    let mark = Mark::of(desired.partner.tenant);
    let head = iter::once_with({
        let told = told.clone();
        move || head(plan, desired, &told).into_string()
    });
    let cards = told.into_iter().map(move |customer| {
        Card::of(customer, desired.customers.get(&customer.name), &mark).markup(open).into_string()
    });
    head.chain(cards).chain(iter::once_with(move || foot(plan).into_string()))
}

/// One customer's plan on a page of another kind: what keeps changes back, and every operation.
pub fn card(plan: &CustomerPlan, mark: &Mark) -> Markup {
    Card::of(plan, None, mark).markup(true)
}

/// A name that somebody else chose, harmless on a page.
pub fn name(text: &str) -> Markup {
    words::name(text)
}

fn head(plan: &Plan, desired: &DesiredState, told: &[&CustomerPlan]) -> Markup {
    let review = Review::of(plan, desired);
    let quiet = plan.customers.len() - told.len();
    let title = format!("groupsync plan: {}", review.headline());
    let when = format!("Planned {} for {}", moment::shown(plan.now), counted(review.covered, "customer"));
    html! {
        (opening(&title, &when))
        @if let Some(reason) = &desired.stop {
            p.banner { strong { "STOP is set, so nothing is written. " } (escape(reason.trim())) }
        }
        (summary(review.summary()))
        @for kind in Kind::FIRST {
            (risks(&review.risks, kind))
        }
        (goes(&review, "What goes"))
        (crowded(&review, desired))
        (comes(&review, "What comes, equal changes together"))
        (people(&review))
        (risks(&review.risks, Kind::Finding))
        h2 #customers { "Customers" }
        @if !told.is_empty() {
            (filter())
            (index(told))
        }
        @if quiet > 0 {
            p.dim { "Nothing to say about " (counted(quiet, if told.is_empty() { "customer" } else { "other customer" })) "." }
        }
    }
}

/// How every page begins. The page goes on after what this returns: its last elements are closed by the foot.
fn opening(title: &str, when: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        STANDARD.encode(digest(&SHA256, STYLE.as_bytes()))
    );
    html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            meta name="format-detection" content="telephone=no, email=no, address=no, date=no, url=no";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
        (PreEscaped("<body>"))
        header {
            h1 { (title) }
            p.dim { (when) }
        }
    }
}

fn foot(plan: &Plan) -> Markup {
    html! {
        footer {
            p { "Digest of this plan: " span.id { (plan.digest) } }
            p.dim { "Whoever carries out this plan plans again: customers where it is no longer the same are left alone." }
        }
        (PreEscaped("</body></html>\n"))
    }
}

fn summary(rows: Vec<(&'static str, String)>) -> Markup {
    html! {
        dl.numbers {
            @for (what, value) in rows {
                div class=[(value.len() > LONG).then_some("long")] { dt { (what) } dd { (value) } }
            }
        }
    }
}

fn risks(all: &[Risk<'_>], kind: Kind) -> Markup {
    let risks: Vec<&Risk<'_>> = all.iter().filter(|risk| risk.kind == kind).collect();
    let list = html! {
        ul {
            @for risk in risks.iter().take(SHOWN) {
                li {
                    (words(&risk.lead())) (words(&risk.words)) (words(&risk.places()))
                    @if let Some(hint) = risk.hint { span.hint { "hint: " (escape(hint)) } }
                }
            }
        }
        (rest(risks.len()))
    };
    section(kind.title(), risks.len(), &list)
}

/// A list with a title; long ones are closed.
fn section(title: &str, length: usize, list: &Markup) -> Markup {
    html! {
        @if length > OPEN {
            h2 { (title) }
            details { summary { "Show (" (number(length)) ")" } (list) }
        } @else if length > 0 {
            h2 { (title) }
            (list)
        }
    }
}

fn rest(length: usize) -> Markup {
    html! {
        @if length > SHOWN {
            p.dim { "… and " (number(length - SHOWN)) " more: everything stands at the customers below." }
        }
    }
}

/// What goes: never behind anything, all of it, every customer named.
fn goes(review: &Review<'_>, title: &str) -> Markup {
    let going: Vec<&Loss<'_>> =
        review.losses.iter().filter(|loss| matches!(loss.fate, Fate::Runs | Fate::Held)).collect();
    html! {
        @if !going.is_empty() {
            h2 { (title) }
            ul {
                @for loss in going {
                    li {
                        span.remove { "− " } (words(&loss.what())) (fate(loss.fate)) " at "
                        @if loss.customers.len() > CROWD {
                            (counted(loss.customers.len(), "customer"))
                            " (" (number(loss.count())) "): " span.why { (words(&loss.reason())) }
                            div.crowd tabindex="0" { (links(&loss.customers)) }
                        } @else {
                            (links(&loss.customers))
                            @if loss.count() > 1 { " (" (number(loss.count())) ")" }
                            ": " span.why { (words(&loss.reason())) }
                        }
                    }
                }
            }
        }
    }
}

fn links(customers: &[&str]) -> Markup {
    html! {
        @for (place, customer) in customers.iter().enumerate() {
            @if place > 0 { ", " }
            a href={ "#c-" (escape(customer)) } { (name(customer)) }
        }
    }
}

fn comes(review: &Review<'_>, title: &str) -> Markup {
    let coming: Vec<_> =
        review.gains.iter().filter(|gain| matches!(gain.fate, Fate::Runs | Fate::Held)).collect();
    let list = html! {
        ul {
            @for gain in coming.iter().take(SHOWN) {
                li { span.add { (gain.sign()) " " } (words(&gain.words())) (fate(gain.fate)) }
            }
        }
        (rest(coming.len()))
    };
    section(title, coming.len(), &list)
}

fn crowded(review: &Review<'_>, desired: &DesiredState) -> Markup {
    let allowed = desired.policy.tenants_per_person.refuse;
    let list = html! {
        div.wide {
            table {
                tr { th { "person" } th { "customers" } th { "allowed" } }
                @for crowded in review.crowded.iter().take(SHOWN) {
                    tr { td { (name(crowded.address)) } td { (number(crowded.tenants)) } td { (number(allowed)) } }
                }
            }
        }
        (rest(review.crowded.len()))
    };
    section("People in many tenants", review.crowded.len(), &list)
}

fn people(review: &Review<'_>) -> Markup {
    let list = html! {
        div.wide.stack.people {
            table {
                tr { th { "person" } th { "access" } }
                @for person in review.people.iter().take(SHOWN) {
                    tr {
                        td { (name(person.label)) }
                        td {
                            @for (access, at) in widest(&person.losses) {
                                div { span.remove { "− " } (words(&access.words(at))) }
                            }
                            @for (access, at) in widest(&person.gains) {
                                div { span.add { "+ " } (words(&access.words(at))) }
                            }
                        }
                    }
                }
            }
        }
        (rest(review.people.len()))
    };
    section("Access by person", review.people.len(), &list)
}

/// Chooses which customers are shown, without a script.
fn filter() -> Markup {
    let choices = [
        ("all", "all"),
        ("removals", "where something goes"),
        ("held", "held or refused"),
        ("gaps", "not read or in doubt"),
        ("listed", "only listed"),
    ];
    html! {
        fieldset {
            legend { "Show" }
            @for (id, title) in choices {
                label { input type="radio" name="show" id={ "show-" (id) } checked[id == "all"]; " " (title) }
            }
        }
    }
}

fn index(told: &[&CustomerPlan]) -> Markup {
    html! {
        @if told.len() > OPEN {
            details {
                summary { "Go to a customer (" (number(told.len())) ")" }
                ul.index {
                    @for customer in told {
                        li class=(customer::classes(customer)) {
                            a href={ "#c-" (customer.name) } { (name(customer.name.as_str())) }
                        }
                    }
                }
            }
        }
    }
}

fn fate(fate: Fate) -> Markup {
    html! {
        @match fate {
            Fate::Runs => {},
            Fate::Listed => span.dim { " only listed" },
            Fate::Held => span.alarm { " held" },
            Fate::Refused => span.alarm { " refused" },
        }
    }
}
