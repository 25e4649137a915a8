//! One customer: how it stands and what to do, who is in for how long, what was planned and what became of it.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::controller::http::Server;
use crate::controller::http::answer::page;
use crate::controller::http::api;
use crate::controller::http::page::{Again, ago, ahead, badge, layout, top};
use crate::controller::status::{Condition, CustomerStatus, RunningGrant, Trigger};
use crate::desired::state::State as Wanted;
use crate::model::names::CustomerName;
use crate::model::ownership::Mark;
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::CustomerPlan;
use crate::report::escape::escape;
use crate::report::html::{card, name};
use crate::report::moment;
use crate::report::review::words::number;
use crate::report::words::{action, restraint, state};

/// So many of one list are shown; programs get all of them.
const SHOWN: usize = 200;

/// The address of a customer's page.
pub(in crate::controller::http) fn address(customer: &CustomerName, query: &str) -> String {
    // The one character of names that addresses don't take.
    format!("/customers/{}{query}", customer.as_str().replace(' ', "%20"))
}

/// `GET /customers/{name}`
pub(in crate::controller::http) async fn show(
    State(server): State<Arc<Server>>,
    Path(wanted): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(customer) = api::find(&server, &wanted) else { return missing() };
    let now = server.clock.now();
    // Until the pass that was asked for has begun, and as long as one runs.
    let asked = query.as_deref() == Some("asked");
    let again = if customer.running.is_some() { Again::Soon } else { Again::Never };
    let condition = customer.condition();
    let body = html! {
        (top(&html! {
            p { a href="/" { "← The fleet" } }
            h1 { (name(customer.name.as_str())) }
            p.dim { (state(customer.state)) " · tenant " span.id { (customer.tenant) } }
        }))
        main {
            section.stand {
                p { (badge(condition)) " " (meaning(condition)) }
                @if condition != Condition::Good { p { strong { "What to do: " } (advice(condition, customer.state)) } }
                (passes(&customer, now))
                form method="post" action={ "/reconcile/" (address(&customer.name, "").trim_start_matches("/customers/")) } {
                    button { "Look now" }
                    @if asked { " " span.dim role="status" { "Asked for: load this page again in a moment." } }
                }
            }
            (overdue(&customer, now))
            (grants(&customer.grants, now))
            @if let Some(plan) = &customer.plan {
                h2 { "The last plan" }
                @if let Some(restraint) = restraint(plan.state) { p { (restraint) } }
                @if plan.operations.is_empty() && plan.is_clean() && plan.findings.is_empty() {
                    p.dim { "Nothing to do and nothing to say." }
                } @else if let Some(partner) = server.partner.get() { (card(plan, &Mark::of(*partner))) }
                @if let Some(outcome) = &customer.outcome { (outcomes(outcome, plan, now)) }
            }
        }
    };
    page(StatusCode::OK, layout(&format!("groupsync: {}", customer.name), again, &body))
}

fn missing() -> Response {
    let body = html! {
        (top(&html! { p { a href="/" { "← The fleet" } } h1 { "No such customer" } }))
        main { p { "The files in force know no customer of that name." } }
    };
    page(StatusCode::NOT_FOUND, layout("groupsync: no such customer", Again::Never, &body))
}

/// What a condition means.
fn meaning(condition: Condition) -> &'static str {
    match condition {
        Condition::Good => "Everything was read, and everything is as the files say.",
        Condition::Unseen => "Nothing is known of this customer yet.",
        Condition::Differs => {
            "Something differs from the files, and nothing is written here: they say so, STOP is set, or the journal is away."
        }
        Condition::Pending => "Something was written and does not show yet, or has its time still to come.",
        Condition::Held => "Something waits for a human, or must not be done. The rest was done.",
        Condition::Gap => "Something could not be read. What depends on it stays as it is.",
        Condition::Failed => "Something could not be done. It is tried again by itself.",
        Condition::AccessLost => {
            "The customer took a right of ours away, so that nothing can be read or done here."
        }
    }
}

/// What to do about it.
fn advice(condition: Condition, wanted: Wanted) -> &'static str {
    match (condition, wanted) {
        (Condition::Good, _) => "nothing.",
        (Condition::Unseen, _) => "wait for the first look, or ask for it below.",
        (Condition::Differs, Wanted::Suspend) => {
            "set its state to enforce once the reason for suspending it is gone."
        }
        (Condition::Differs, Wanted::Offboarded) => {
            "what is left of ours is for the customer to delete, or set its state to offboard again."
        }
        (Condition::Differs, Wanted::Enforce | Wanted::Offboard) => {
            "nothing here: it is done once the file STOP is gone, or the journal can be written again."
        }
        (Condition::Differs, Wanted::Observe) => {
            "read the plan, and set its state to enforce once it is what you want."
        }
        (Condition::Pending, _) => "nothing: it is looked at again by itself.",
        (Condition::Held, _) => {
            "read why, below. Correct the files; or, where a limit holds the plan and it is right, add an Override with its digest."
        }
        (Condition::Gap, _) => {
            "read what could not be read, below. A service that fails comes back by itself; a missing permission does not."
        }
        (Condition::Failed, _) => {
            "read what failed, below. If it fails again, Microsoft's support wants the request id."
        }
        (Condition::AccessLost, _) => "ask the customer to give back the right that is named below.",
    }
}

fn passes(customer: &CustomerStatus, now: Timestamp) -> Markup {
    html! {
        dl.facts {
            @if let Some(running) = &customer.running {
                div { dt { "Under way" } dd { "since " (moment::shown(running.since)) ", " (because(running.trigger)) } }
            }
            div {
                dt { "Last good pass" }
                dd { @match customer.last_good { Some(time) => (ago(now, time)), None => "none yet" } }
            }
            @if let Some(pass) = &customer.last_pass {
                div { dt { "Last pass" } dd { (ago(now, pass.ended)) ", " (because(pass.trigger)) } }
            }
            @if let Some(due) = customer.next_due { div { dt { "Next look" } dd { (ahead(now, due)) } } }
            @if customer.failures > 0 {
                div {
                    dt { "Failed in a row" }
                    dd {
                        (customer.failures)
                        @if let Some(until) = customer.backing_off_until { ", left alone until " (moment::shown(until)) }
                    }
                }
            }
            @if customer.pending_invitations > 0 {
                div { dt { "Invitations open" } dd { (number(customer.pending_invitations)) } }
            }
        }
    }
}

fn because(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Edge => "because access began or ended",
        Trigger::Partner => "because something changed in the partner's tenant",
        Trigger::Request => "because somebody asked for it",
        Trigger::Files => "because the files changed",
        Trigger::Deferred => "because the time of something put off had come",
        Trigger::Retry => "because the pass before failed",
        Trigger::Interval => "because it was its turn",
    }
}

fn overdue(customer: &CustomerStatus, now: Timestamp) -> Markup {
    html! {
        @if !customer.overdue.is_empty() {
            div.banner role="alert" {
                h2 { "Access that has ended is still there" }
                ul {
                    @for overdue in &customer.overdue {
                        li {
                            span.id { (escape(&overdue.operation.0)) } ", since " (ago(now, overdue.since)) ": "
                            (escape(&overdue.why))
                        }
                    }
                }
            }
        }
    }
}

fn grants(grants: &[RunningGrant], now: Timestamp) -> Markup {
    html! {
        @if !grants.is_empty() {
            h2 { "Grants running" }
            table.fleet {
                thead {
                    tr {
                        th scope="col" { "Who" } th scope="col" { "Group" } th scope="col" { "Grant" }
                        th scope="col" { "Since" } th scope="col" { "Ends" }
                    }
                }
                tbody {
                    @for grant in grants.iter().take(SHOWN) {
                        tr {
                            th scope="row" { (name(grant.person.as_str())) }
                            td data-title="Group" { (name(grant.mapping.as_str())) }
                            td data-title="Grant" { (name(grant.name.as_str())) }
                            td data-title="Since" { (moment::shown(grant.since)) }
                            td data-title="Ends" { (moment::shown(grant.until)) ", " (ahead(now, grant.until)) }
                        }
                    }
                }
            }
            (rest(grants.len()))
        }
    }
}

/// What was not simply done.
fn outcomes(outcome: &CustomerOutcome, plan: &CustomerPlan, now: Timestamp) -> Markup {
    let open: Vec<&Outcome> = outcome
        .outcomes
        .iter()
        .filter(|outcome| !matches!(outcome.status, Status::Done | Status::AlreadySo))
        .collect();
    let done = outcome.outcomes.len() - open.len();
    html! {
        h2 { "What became of it" }
        @if let Some(reason) = &outcome.ended_early { p.banner { strong { "Ended early: " } (escape(reason)) } }
        p { (number(done)) " of " (number(outcome.outcomes.len())) " done." }
        @if !open.is_empty() {
            ul {
                @for outcome in open.iter().take(SHOWN) {
                    li {
                        (fate(outcome.status, now)) " "
                        @match plan.operations.iter().find(|operation| operation.id == outcome.operation) {
                            Some(operation) => (action(&operation.action)),
                            None => (escape(&outcome.operation.0)),
                        }
                        @if let Some(text) = &outcome.text { span.hint { (escape(text)) } }
                        @if let Some(id) = &outcome.request_id { span.hint { "request id " span.id { (escape(id)) } } }
                    }
                }
            }
            (rest(open.len()))
        }
    }
}

fn fate(status: Status, now: Timestamp) -> Markup {
    match status {
        Status::Done | Status::AlreadySo => html! { span.dim { "done:" } },
        Status::Pending => html! { span.change { "not visible yet:" } },
        Status::Deferred(time) => html! { span.change { "for later, " (ahead(now, time)) ":" } },
        Status::Refused => html! { span.alarm { "refused:" } },
        Status::Failed => html! { span.alarm { "failed:" } },
    }
}

fn rest(length: usize) -> Markup {
    html! {
        @if length > SHOWN { p.dim { "… and " (number(length - SHOWN)) " more: the API lists all of them." } }
    }
}
