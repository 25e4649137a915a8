//! The fleet at a glance: what needs a human first, then every customer, the worst first.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::controller::board::{JournalHealth, Overview};
use crate::controller::http::Server;
use crate::controller::http::answer::page;
use crate::controller::http::choice::{Choice, Chosen};
use crate::controller::http::page::{Again, ago, ahead, badge, customer, layout, title, top};
use crate::controller::status::{Condition, CustomerStatus};
use crate::report::escape::escape;
use crate::report::html::name;
use crate::report::moment;
use crate::report::review::words::{counted, number};
use crate::report::tally::Tally;
use crate::report::words::state;

/// So many problems of refused files are shown.
const PROBLEMS: usize = 20;

/// `GET /`
pub(in crate::controller::http) async fn show(
    State(server): State<Arc<Server>>,
    Query(choice): Query<Choice>,
) -> Response {
    let overview = server.board.overview();
    let now = server.clock.now();
    let customers = server.board.customers();
    let counts = Counts::of(&customers);
    let chosen = choice.of(customers);
    let body = html! {
        (top(&html! {
            h1 { "groupsync" }
            p.dim { (in_force(&overview, now)) }
        }))
        main {
            (banners(&overview, now))
            @if counts.overdue > 0 {
                p.banner role="alert" {
                    strong { (counted(counts.overdue, "withdrawal")) " overdue. " }
                    "Somebody still has access that has ended. "
                    a href="/?show=overdue" { "At which customers" }
                }
            }
            (counts.markup(&choice))
            (filter(&choice))
            (list(&choice, &chosen, now))
        }
    };
    page(StatusCode::OK, layout("groupsync: the fleet", Again::Never, &body))
}

/// How many customers stand how.
struct Counts {
    by_condition: BTreeMap<Condition, usize>,
    all: usize,
    overdue: usize,
    grants: usize,
    invitations: usize,
}

impl Counts {
    fn of(customers: &[Arc<CustomerStatus>]) -> Self {
        let mut by_condition: BTreeMap<Condition, usize> = BTreeMap::new();
        for customer in customers {
            *by_condition.entry(customer.condition()).or_default() += 1;
        }
        Self {
            by_condition,
            all: customers.len(),
            overdue: customers.iter().map(|customer| customer.overdue.len()).sum(),
            grants: customers.iter().map(|customer| customer.grants.len()).sum(),
            invitations: customers.iter().map(|customer| customer.pending_invitations).sum(),
        }
    }

    fn markup(&self, choice: &Choice) -> Markup {
        let tile = |show: &str, what: &str, count: usize| {
            html! {
                a.tile href={ "/?show=" (show) } aria-current=[(choice.show == show).then_some("true")] {
                    span { (number(count)) } (what)
                }
            }
        };
        html! {
            nav.tiles aria-label="Customers by condition" {
                (tile("", "customers", self.all))
                @for (condition, count) in self.by_condition.iter().rev() {
                    (tile(condition.as_str(), title(*condition), *count))
                }
                @if self.grants > 0 { (tile("grants", "grants running", self.grants)) }
            }
            @if self.invitations > 0 {
                p.dim { (counted(self.invitations, "invited guest")) " did not accept yet." }
            }
        }
    }
}

fn in_force(overview: &Overview, now: Timestamp) -> Markup {
    html! {
        (moment::shown(now)) " · "
        @match &overview.revision {
            None => "no files in force yet",
            Some(revision) => {
                "files "
                span.id {
                    @match &revision.commit {
                        Some(commit) => (escape(commit).chars().take(12).collect::<String>()),
                        None => (revision.digest.as_str().chars().take(19).collect::<String>()),
                    }
                }
                " in force since " (moment::shown(revision.accepted))
            }
        }
    }
}

/// What concerns everybody.
fn banners(overview: &Overview, now: Timestamp) -> Markup {
    html! {
        @if let Some(reason) = &overview.stopped {
            p.banner role="alert" { strong { "STOP is set, so nothing is written. " } (escape(reason.trim())) }
        }
        @if overview.ending { p.banner { strong { "It is about to end." } } }
        @if let JournalHealth::Trouble(text) = &overview.journal {
            p.banner role="alert" { strong { "The journal is in trouble: changes wait. " } (escape(text)) }
        }
        @if let Some(refused) = &overview.refused {
            div.banner role="alert" {
                p {
                    strong { "The newest files are refused. " }
                    @if overview.revision.is_some() { "Those before stay in force." } @else { "There are none from before: nothing is done." }
                    " First seen " (ago(now, refused.seen)) "."
                }
                ul {
                    @for problem in refused.problems.iter().take(PROBLEMS) {
                        li {
                            span.id { (escape(&problem.place())) } " "
                            (escape(&problem.message))
                            @if let Some(hint) = &problem.hint { span.hint { "hint: " (escape(hint)) } }
                        }
                    }
                    @if refused.problems.len() > PROBLEMS {
                        li { "… and " (number(refused.problems.len() - PROBLEMS)) " more: groupsync validate shows all" }
                    }
                }
            }
        }
        @if let Some(outdated) = &overview.outdated {
            p.banner role="alert" {
                strong { "Part of the files has no effect before the next start. " }
                (escape(outdated)) ". Start it again."
            }
        }
        @if !overview.partner_gaps.is_empty() {
            div.banner {
                p { strong { "The partner's tenant could not be read whole. " } "What depends on it stays as it is." }
                ul { @for gap in overview.partner_gaps.iter().take(PROBLEMS) { li { (escape(&gap.text)) } } }
            }
        }
    }
}

fn filter(choice: &Choice) -> Markup {
    html! {
        form.filter method="get" action="/" role="search" {
            label for="q" { "Customer" }
            input #q type="search" name="q" value=(choice.q) placeholder="part of a name" maxlength="100";
            label for="show" { "Show" }
            select #show name="show" {
                option value="" selected[choice.show.is_empty()] { "all, the worst first" }
                @for condition in Condition::ALL.iter().rev() {
                    option value=(condition.as_str()) selected[choice.show == condition.as_str()] { (title(*condition)) }
                }
                option value="overdue" selected[choice.show == "overdue"] { "withdrawals overdue" }
                option value="grants" selected[choice.show == "grants"] { "grants running" }
            }
            button { "Show" }
        }
    }
}

fn list(choice: &Choice, chosen: &Chosen, now: Timestamp) -> Markup {
    html! {
        @if chosen.customers.is_empty() {
            p { "No customer is like that." }
        } @else {
            table.fleet {
                thead {
                    tr {
                        th scope="col" { "Customer" }
                        th scope="col" { "Condition" }
                        th scope="col" { "Planned" }
                        th scope="col" { "Last good pass" }
                        th scope="col" { "Next look" }
                    }
                }
                tbody { @for customer in &chosen.customers { (row(customer, now)) } }
            }
            (pages(choice, chosen))
        }
    }
}

fn row(customer: &CustomerStatus, now: Timestamp) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(customer::address(&customer.name, "")) { (name(customer.name.as_str())) }
                " " span.dim { (state(customer.state)) }
            }
            td {
                (badge(customer.condition()))
                @if !customer.overdue.is_empty() { " " span."badge hot" { "overdue" } }
                @if !customer.grants.is_empty() { " " span.dim { (counted(customer.grants.len(), "grant")) } }
            }
            td data-title="Planned" { (planned(customer)) }
            td data-title="Last good pass" {
                @match customer.last_good { Some(time) => (ago(now, time)), None => span.dim { "none yet" } }
            }
            td data-title="Next look" {
                @if customer.running.is_some() { "under way" }
                @else if let Some(due) = customer.next_due { (ahead(now, due)) }
                @else { span.dim { "–" } }
            }
        }
    }
}

fn planned(customer: &CustomerStatus) -> Markup {
    let Some(plan) = &customer.plan else { return html! { span.dim { "–" } } };
    let Tally { add, remove, change, held, refused, gaps, listed, .. } = Tally::of_customer(plan);
    if add + remove + change + held + refused + gaps + listed == 0 {
        return html! { span.dim { "nothing" } };
    }
    html! {
        @if add > 0 { span.add { "+" (number(add)) } " " }
        @if remove > 0 { span.remove { "−" (number(remove)) } " " }
        @if change > 0 { span.change { "~" (number(change)) } " " }
        @if listed > 0 { span.dim { (number(listed)) " listed" } " " }
        @if held > 0 { span.alarm { (number(held)) " held" } " " }
        @if refused > 0 { span.alarm { (number(refused)) " refused" } " " }
        @if gaps > 0 { span.alarm { (number(gaps)) " unclear" } }
    }
}

fn pages(choice: &Choice, chosen: &Chosen) -> Markup {
    let Chosen { total, page, pages, .. } = *chosen;
    html! {
        nav.pages aria-label="Pages" {
            @if page > 1 { a href=(choice.at(page - 1)) rel="prev" { "← Before" } }
            span { (counted(total, "customer")) @if pages > 1 { ", page " (page) " of " (pages) } }
            @if page < pages { a href=(choice.at(page + 1)) rel="next" { "Next →" } }
        }
    }
}
