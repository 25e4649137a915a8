//! What became of a plan as one page: what failed and what was left alone first, then every operation of every customer.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::desired::state::DesiredState;
use crate::plan::operation::{Operation, OperationId};
use crate::plan::outcome::{CustomerOutcome, Outcome, Status};
use crate::plan::value::CustomerPlan;
use crate::report::difference::{Line, Skipped};
use crate::report::escape::escape;
use crate::report::html::words::name;
use crate::report::html::{CROWD, OPEN, comes, foot, goes, links, opening, risks, section, summary};
use crate::report::review::Review;
use crate::report::review::risk::Kind;
use crate::report::review::words::{counted, number};
use crate::report::upshot::{Run, Trouble, TroubleKind, Upshot, achieved};
use crate::report::words::action;
use crate::report::{forecast, moment};

/// The page in pieces, in order.
pub fn page(run: &Run<'_>, desired: &DesiredState) -> Vec<String> {
    let told: Vec<&CustomerOutcome> = run
        .outcomes
        .iter()
        .filter(|customer| !customer.outcomes.is_empty() || customer.ended_early.is_some())
        .collect();
    let planned: BTreeMap<_, &CustomerPlan> = run.plan.customers.iter().map(|c| (&c.name, c)).collect();
    let mut pieces = vec![head(run, desired).into_string()];
    for customer in &told {
        let operations = planned.get(&customer.name).map_or(&[][..], |plan| &plan.operations);
        pieces.push(card(customer, operations, told.len() <= OPEN).into_string());
    }
    pieces.push(foot(run.plan).into_string());
    pieces
}

fn head(run: &Run<'_>, desired: &DesiredState) -> Markup {
    let upshot = Upshot::of(run, desired);
    let carried = run.carried();
    let done = Review::of(&carried, desired);
    let title = format!("groupsync apply: {}", upshot.headline());
    let when = format!(
        "Planned {}, carried out until {}. {}",
        moment::shown(run.plan.now),
        moment::shown(run.now),
        forecast::against(&run.cost)
    );
    let when = when.trim_end();
    html! {
        (opening(&title, when))
        @for (reason, customers) in &upshot.ended {
            p.banner { strong { "Ended early" } " at " (counted(customers.len(), "customer")) ": " (escape(reason)) }
        }
        (summary(achieved(&done)))
        @for kind in [TroubleKind::Failed, TroubleKind::Refused] { (troubles(run, &upshot, kind)) }
        @for kind in Kind::LEFT { (risks(&upshot.left, kind)) }
        (skipped(run.skipped))
        @for kind in [TroubleKind::Later, TroubleKind::Pending] { (troubles(run, &upshot, kind)) }
        (goes(&done, "What went"))
        (comes(&done, "What came, equal changes together"))
        h2 #customers { "Customers" }
    }
}

fn troubles(run: &Run<'_>, upshot: &Upshot<'_>, kind: TroubleKind) -> Markup {
    let of_kind: Vec<&Trouble<'_>> = upshot.troubles.iter().filter(|trouble| trouble.fate == kind).collect();
    let list = html! {
        ul {
            @for trouble in &of_kind {
                li {
                    span.alarm[is_alarming(kind)] { (escape(&trouble.what)) } " at "
                    @if trouble.customers.len() > CROWD {
                        (counted(trouble.customers.len(), "customer"))
                        div.crowd tabindex="0" { (links(&trouble.customers)) }
                    } @else {
                        (links(&trouble.customers))
                    }
                    @let rest = trouble.rest(run.now);
                    @if !rest.is_empty() { ": " (rest) }
                    @if let Some(reason) = trouble.text { span.hint { (escape(reason)) } }
                    @if let (Some(id), true) = (trouble.request, is_alarming(kind)) {
                        span.hint { "request id " span.id { (escape(id)) } }
                    }
                }
            }
        }
    };
    section(kind.title(), of_kind.len(), &list)
}

fn is_alarming(kind: TroubleKind) -> bool {
    matches!(kind, TroubleKind::Failed | TroubleKind::Refused)
}

fn skipped(skipped: &[Skipped]) -> Markup {
    let list = html! {
        ul {
            @for Skipped { name: customer, why, lines } in skipped {
                li {
                    (name(customer.as_str())) ": " (escape(why))
                    @for line in lines {
                        div {
                            @match line {
                                Line::Before(text) => span.remove { "− " (escape(text)) },
                                Line::Now(text) => span.add { "+ " (escape(text)) },
                                Line::Around(text) => span.dim { (escape(text)) },
                                Line::Gap => span.dim { "…" },
                                Line::More(count) => span.dim { "and " (counted(*count, "more line")) },
                            }
                        }
                    }
                }
            }
        }
    };
    section("Skipped: not the plan that was reviewed, save and review a new one", skipped.len(), &list)
}

fn card(customer: &CustomerOutcome, operations: &[Operation], open: bool) -> Markup {
    let operations: BTreeMap<&OperationId, &Operation> = operations.iter().map(|o| (&o.id, o)).collect();
    html! {
        details.customer open[open] {
            summary {
                h3 id={ "c-" (customer.name) } { (name(customer.name.as_str())) }
                (counts(customer))
                @if let Some(reason) = &customer.ended_early { span.alarm { "ended early: " (escape(reason)) } }
            }
            div.wide { table { tbody { @for outcome in &customer.outcomes { (row(outcome, &operations)) } } } }
        }
    }
}

/// How many operations came to what: which customer needs a look shows without opening any.
fn counts(customer: &CustomerOutcome) -> Markup {
    let of = |wanted: fn(&Status) -> bool| {
        customer.outcomes.iter().filter(|o| o.is_begun() && wanted(&o.status)).count()
    };
    let parts = [
        ("dim", "done", of(|status| matches!(status, Status::Done | Status::AlreadySo))),
        ("change", "for later", of(|status| matches!(status, Status::Deferred(_)))),
        ("change", "not visible yet", of(|status| matches!(status, Status::Pending))),
        ("alarm", "refused", of(|status| matches!(status, Status::Refused))),
        ("alarm", "failed", of(|status| matches!(status, Status::Failed))),
        ("dim", "not begun", customer.outcomes.iter().filter(|o| !o.is_begun()).count()),
    ];
    html! {
        @for (class, words, count) in parts.iter().filter(|(.., count)| *count > 0) {
            span class=(class) { (number(*count)) " " (words) }
        }
    }
}

fn row(outcome: &Outcome, operations: &BTreeMap<&OperationId, &Operation>) -> Markup {
    let (class, status) = match outcome.status {
        Status::Done => ("add", "done".to_owned()),
        Status::AlreadySo => ("dim", "so already".to_owned()),
        Status::Pending => ("change", "not visible yet".to_owned()),
        Status::Deferred(time) => ("change", format!("for later, from {} on", moment::shown(time))),
        Status::Refused => ("alarm", "refused".to_owned()),
        Status::Failed => ("alarm", "failed".to_owned()),
    };
    let what = operations.get(&outcome.operation).map(|operation| action(&operation.action));
    html! {
        tr {
            td { bdi { @match what { Some(what) => (what), None => (escape(&outcome.operation.0)) } } }
            td {
                span class=(class) { (status) }
                @if let Some(text) = &outcome.text { span.hint { (escape(text)) } }
            }
        }
    }
}
