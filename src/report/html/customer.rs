//! One customer on the page: what keeps changes back, then every operation, group by group.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::desired::state::Customer;
use crate::model::ownership::Mark;
use crate::plan::because::Because;
use crate::plan::value::CustomerPlan;
use crate::report::escape::escape;
use crate::report::html::fate;
use crate::report::html::words::{name, words};
use crate::report::moment;
use crate::report::review::change::{Change, Files, What, changes};
use crate::report::review::words::{Words, name as named, number, plain};
use crate::report::tally::{Fate, Tally};
use crate::report::words::{code, restraint, state};

/// A customer of a plan, its changes sorted by the group they are about.
pub(super) struct Card<'a> {
    plan: &'a CustomerPlan,
    tally: Tally,
    groups: BTreeMap<(Place, Cow<'a, str>), Vec<Change<'a>>>,
    gives: BTreeMap<&'a str, String>,
}

/// Where a block stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Group,
    Guests,
    Ledger,
}

/// Whether there is nothing to say.
pub(super) fn is_quiet(plan: &CustomerPlan) -> bool {
    plan.operations.is_empty() && plan.is_clean() && plan.findings.is_empty()
}

/// What the choice of customers goes by.
pub(super) fn classes(plan: &CustomerPlan) -> String {
    let tally = Tally::of_customer(plan);
    let classes = [
        (tally.remove > 0, " removes"),
        (tally.held + tally.refused > 0, " holds"),
        (tally.gaps > 0, " doubts"),
        (tally.listed > 0, " lists"),
    ];
    classes.iter().filter(|(so, _)| *so).map(|(_, class)| *class).collect()
}

impl<'a> Card<'a> {
    pub(super) fn of(plan: &'a CustomerPlan, customer: Option<&'a Customer>, mark: &Mark) -> Self {
        let files = Files::of(customer, mark);
        let ledger = mark.ledger();
        let mut groups: BTreeMap<_, Vec<Change<'a>>> = BTreeMap::new();
        let mut gives = BTreeMap::new();
        for change in changes(plan, customer) {
            let place = match &change.what {
                What::Joins { group, .. } | What::Leaves { group, .. } => {
                    let name = group.display_name.as_str();
                    gives.entry(name).or_insert_with(|| {
                        let roles = files.roles(group).map(|role| role.name.as_str());
                        let roles: std::collections::BTreeSet<&str> = roles.collect();
                        roles.into_iter().collect::<Vec<_>>().join(", ")
                    });
                    (Place::Group, Cow::Borrowed(name))
                }
                What::Gives { group, .. } => (Place::Group, Cow::Borrowed(group.display_name.as_str())),
                What::Creates { unique, .. } if *unique == ledger => (Place::Ledger, Cow::Borrowed("ledger")),
                What::Deletes { group } if *group == ledger => (Place::Ledger, Cow::Borrowed("ledger")),
                What::Takes { group, .. }
                | What::Creates { group, .. }
                | What::Adopts { group, .. }
                | What::Releases { group, .. }
                | What::Deletes { group } => (Place::Group, Cow::Borrowed(*group)),
                What::Renames { to, .. } => (Place::Group, Cow::Borrowed(*to)),
                What::Invites { .. } | What::Reminds { .. } | What::Dismisses { .. } => {
                    (Place::Guests, Cow::Borrowed("guests"))
                }
                What::Enters { .. } => (Place::Ledger, Cow::Borrowed("ledger")),
            };
            groups.entry(place).or_default().push(change);
        }
        for changes in groups.values_mut() {
            // What goes stands first; the order of the plan otherwise.
            changes.sort_by_key(|change| !change.what.is_loss());
        }
        Self { plan, tally: Tally::of_customer(plan), groups, gives }
    }

    pub(super) fn markup(&self, open: bool) -> Markup {
        let Self { plan, .. } = self;
        html! {
            details class={ "customer" (classes(plan)) } open[open] {
                summary {
                    h3 id={ "c-" (plan.name) } { (name(plan.name.as_str())) }
                    span.dim { (state(plan.state)) }
                    (self.counts())
                }
                @if let (Some(restraint), false) = (restraint(plan.state), plan.operations.is_empty()) {
                    p { strong { (restraint) } }
                }
                (verdicts(plan))
                @if !self.groups.is_empty() {
                    div.wide.stack { table { @for ((place, title), changes) in &self.groups { (self.block(*place, title, changes)) } } }
                }
                p.dim { "tenant " span.id { (plan.tenant) } " · digest " span.id { (plan.digest) } }
            }
        }
    }

    fn counts(&self) -> Markup {
        let Tally { add, remove, change, held, refused, gaps, listed, .. } = &self.tally;
        html! {
            @if *add > 0 { span.add { "+" (number(*add)) } }
            @if *remove > 0 { span.remove { "−" (number(*remove)) } }
            @if *change > 0 { span.change { "~" (number(*change)) } }
            @if *listed > 0 { span.dim { (number(*listed)) " only listed" } }
            @if *held > 0 { span.alarm { (number(*held)) " held" } }
            @if *refused > 0 { span.alarm { (number(*refused)) " refused" } }
            @if *gaps > 0 { span.alarm { (number(*gaps)) " unclear" } }
        }
    }

    fn block(&self, place: Place, title: &str, changes: &[Change<'_>]) -> Markup {
        let gives = self.gives.get(title).filter(|roles| place == Place::Group && !roles.is_empty());
        html! {
            tbody {
                tr {
                    th colspan="2" {
                        @if place == Place::Group { (name(title)) } @else { (title) }
                        @if let Some(roles) = gives { small { " gives " (roles) } }
                    }
                }
                @for change in changes { (row(change)) }
            }
        }
    }
}

fn row(change: &Change<'_>) -> Markup {
    let (class, sign, what) = told(&change.what);
    html! {
        tr {
            td {
                span class=(class) { (sign) " " } (words(&what))
                @if let Some(until) = change.until() { span.change { " until " (moment::shown(until)) } }
                @if change.fate != Fate::Listed { (fate(change.fate)) }
            }
            td.why { @for (place, because) in change.because.iter().enumerate() { @if place > 0 { "; " } (why(because)) } }
        }
    }
}

fn why(because: &Because) -> Markup {
    html! {
        (escape(&because.text))
        @if let Some(origin) = &because.origin { " (" span.id { (escape(&origin.file)) ":" (origin.line) } ")" }
    }
}

/// A change in words: the class and the sign of its line, and the line.
fn told<'w>(what: &'w What<'_>) -> (&'static str, &'static str, Words<'w>) {
    let one = |lead: &'static str, label: &'w str| vec![plain(lead), named(label)];
    match what {
        What::Joins { member, .. } => ("add", "+", vec![named(member.address.as_str())]),
        What::Leaves { member, .. } => ("remove", "−", vec![named(member.label.as_str())]),
        What::Gives { role, written, .. } => {
            ("add", "+", vec![named(role.name.as_str()), plain(" on "), named(*written)])
        }
        What::Takes { role, written, .. } => {
            ("remove", "−", vec![named(*role), plain(" on "), named(written.as_str())])
        }
        What::Creates { .. } => ("add", "+", vec![plain("the group itself")]),
        What::Adopts { .. } => ("change", "~", vec![plain("taken over")]),
        What::Renames { from, .. } => ("change", "~", one("named differently, until now ", from)),
        What::Deletes { .. } => ("remove", "−", vec![plain("the group itself")]),
        What::Reminds { address } => ("change", "~", one("mail the invitation again to ", address)),
        What::Invites { address } => ("add", "+", one("invite ", address)),
        What::Dismisses { label, .. } => ("remove", "−", one("delete guest ", label)),
        What::Enters { label } => ("dim", "+", one("entry of ", label)),
        What::Releases { .. } => {
            ("change", "~", vec![plain("given back: it stays, with the customer's own people")])
        }
    }
}

fn verdicts(plan: &CustomerPlan) -> Markup {
    html! {
        @if !plan.is_clean() || !plan.findings.is_empty() {
            ul {
                @for hold in &plan.held {
                    li {
                        span.alarm { "held" } " " span.dim { (code(hold.code)) } " " (escape(&hold.text))
                        span.hint {
                            "holds " (number(hold.operations.len())) " of " (number(plan.operations.len()))
                            " operations; hint: " (escape(&hold.hint))
                        }
                    }
                }
                @for refusal in &plan.refused {
                    li {
                        span.alarm { "refused" } " " span.dim { (code(refusal.code)) } " " (escape(&refusal.text))
                        @if !refusal.hint.is_empty() { span.hint { "hint: " (escape(&refusal.hint)) } }
                    }
                }
                @for gap in &plan.gaps {
                    li {
                        span.change { @if gap.code.is_failed_read() { "not read" } @else { "in doubt" } }
                        " " span.dim { (code(gap.code)) } " " (name(&gap.of)) ": " (escape(&gap.text))
                        span.hint { "leaves undecided: " (escape(&gap.freezes)) }
                        @if let Some(right) = gap.lost { span.hint { "hint: " (right.hint()) } }
                    }
                }
                @for finding in &plan.findings {
                    li {
                        span.dim { (code(finding.code)) } " " (name(&finding.of)) ": " (escape(&finding.text))
                        @if let Some(hint) = &finding.hint { span.hint { "hint: " (escape(hint)) } }
                    }
                }
            }
        }
    }
}
