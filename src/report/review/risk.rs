//! What a reviewer looks at first: privileged roles, access that begins later or ends, customers that are left with what stays
//! there, and what keeps changes back.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::desired::state::State;
use crate::model::role::Tier;
use crate::plan::because::Rule;
use crate::plan::operation::Nature;
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::{Finding, FindingCode, Right};
use crate::report::moment;
use crate::report::review::change::{Change, Files, What, Who};
use crate::report::review::words::{Piece, Words, counted, name, names, plain, prose};
use crate::report::tally::Fate;
use crate::report::words::code;

/// So many customers are named beside one thing to look at.
const NAMED: usize = 5;

/// Why something is looked at first, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A role that can grant roles, or is marked so.
    Privileged,
    /// Access that has been decided and begins by itself.
    Ahead,
    /// Access that has ended, and leavers.
    Withdrawal,
    /// A customer is left.
    Offboarding,
    /// Changes wait for a human.
    Held,
    /// Changes that must not be.
    Refused,
    /// Something could not be read, or proves too little.
    Gap,
    /// What an offboarding leaves behind, because it is not ours to take.
    Stays,
    /// Worth knowing, and nothing to be done by this plan.
    Finding,
}

impl Kind {
    /// What is looked at first, in order.
    pub const FIRST: [Self; 8] = [
        Self::Privileged,
        Self::Ahead,
        Self::Withdrawal,
        Self::Offboarding,
        Self::Held,
        Self::Refused,
        Self::Gap,
        Self::Stays,
    ];
    /// What a run leaves to somebody.
    pub const LEFT: [Self; 4] = [Self::Held, Self::Refused, Self::Gap, Self::Stays];

    /// A heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Privileged => "Privileged roles",
            Self::Ahead => "Begins later",
            Self::Withdrawal => "Access that has ended",
            Self::Offboarding => "Customers that are left",
            Self::Held => "Held",
            Self::Refused => "Refused",
            Self::Gap => "Not read, or in doubt",
            Self::Stays => "What stays after the offboarding",
            Self::Finding => "Worth knowing",
        }
    }
}

/// One thing to look at, with everywhere it is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk<'a> {
    /// What kind of thing.
    pub kind: Kind,
    /// In a sentence.
    pub words: Words<'a>,
    /// What to do, where there is something.
    pub hint: Option<&'a str>,
    /// Where.
    pub customers: Vec<&'a str>,
}

/// Gathers them, customer by customer.
#[derive(Default)]
pub(super) struct Risks<'a> {
    same: BTreeMap<(Kind, Words<'a>, Option<&'a str>), Place<'a>>,
    ended: BTreeMap<(Nature, Who), (&'a str, usize, BTreeSet<&'a str>)>,
}

#[derive(Default)]
struct Place<'a> {
    /// What the group is called at the first customer.
    group: &'a str,
    customers: Vec<&'a str>,
}

impl<'a> Risks<'a> {
    /// Takes up one customer.
    pub(super) fn take(&mut self, plan: &'a CustomerPlan, changes: &[Change<'a>], files: &Files<'a>) {
        let at = plan.name.as_str();
        let mut left = 0;
        for change in changes.iter().filter(|c| matches!(c.fate, Fate::Runs | Fate::Held)) {
            if change.what.is_loss() && change.is_offboarding() {
                left += 1;
            }
            self.privileged(change, files);
            if let What::Leaves { member, .. } = &change.what
                && change.nature.is_withdrawal()
                && !change.is_offboarding()
            {
                let key = (change.nature, Who::leaves(member));
                let (_, count, customers) =
                    self.ended.entry(key).or_insert((&member.label, 0, BTreeSet::new()));
                *count += 1;
                customers.insert(at);
            }
        }
        if left > 0 {
            let words = vec![name(at), plain(format!(" is left: {} there", counted(left, "removal")))];
            self.note(Kind::Offboarding, words, None, (at, ""));
        }
        self.verdicts(plan);
    }

    fn privileged(&mut self, change: &Change<'a>, files: &Files<'a>) {
        match &change.what {
            What::Gives { group, role, written } if role.tier == Tier::Privileged => {
                let own = group.display_name.as_str();
                let mut words = vec![name(role.name.as_str()), plain(" on "), name(*written)];
                words.extend([plain(" for "), name(files.general(own))]);
                self.note(Kind::Privileged, words, None, (change.customer, own));
            }
            What::Joins { group, member } => {
                let mut roles: Vec<&str> = files
                    .roles(group)
                    .filter(|role| role.tier == Tier::Privileged)
                    .map(|role| role.name.as_str())
                    .collect();
                roles.dedup();
                if roles.is_empty() {
                    return;
                }
                let mut words = vec![name(member.address.as_str()), plain(" gets ")];
                words.extend(names(roles.into_iter(), NAMED));
                let own = group.display_name.as_str();
                words.extend([plain(" through "), name(files.general(own))]);
                words.push(plain(match member.until {
                    Some(until) => format!(" until {}", moment::shown(until)),
                    None => " without an end".to_owned(),
                }));
                // Why, where one person was given it: the files of a group say that for themselves.
                if member.because.rule == Rule::GrantStarted {
                    words.extend([plain(": "), prose(member.because.text.as_str())]);
                }
                self.note(Kind::Privileged, words, None, (change.customer, own));
            }
            _ => {}
        }
    }

    fn verdicts(&mut self, plan: &'a CustomerPlan) {
        let at = plan.name.as_str();
        for hold in &plan.held {
            let words = vec![coded(hold.code), prose(hold.text.as_str())];
            self.note(Kind::Held, words, some(&hold.hint), (at, ""));
        }
        for refusal in &plan.refused {
            let words = vec![coded(refusal.code), prose(refusal.text.as_str())];
            self.note(Kind::Refused, words, some(&refusal.hint), (at, ""));
        }
        for gap in &plan.gaps {
            let mut words = vec![coded(gap.code)];
            words.extend(about(&gap.of, &gap.text, at));
            words.extend([plain("; leaves undecided: "), prose(gap.freezes.as_str())]);
            self.note(Kind::Gap, words, gap.lost.map(Right::hint), (at, ""));
        }
        for finding in plan.findings.iter().filter(|finding| is_listed(finding)) {
            let hint = finding.hint.as_deref().and_then(some);
            let (kind, mut words) = match finding.code {
                FindingCode::ExtraPrivilegedRole => (Kind::Privileged, Vec::new()),
                FindingCode::GrantAhead => (Kind::Ahead, Vec::new()),
                FindingCode::GuestKept | FindingCode::Remains if plan.state == State::Offboard => {
                    (Kind::Stays, Vec::new())
                }
                FindingCode::OffboardingAhead => (Kind::Offboarding, vec![name(at), plain(" is left: ")]),
                code => (Kind::Finding, vec![coded(code)]),
            };
            words.extend(about(&finding.of, &finding.text, at));
            self.note(kind, words, hint, (at, ""));
        }
    }

    /// Notes something at a customer, and what the group that it is about is called there.
    fn note(&mut self, kind: Kind, words: Words<'a>, hint: Option<&'a str>, (at, group): (&'a str, &'a str)) {
        let place = self.same.entry((kind, words, hint)).or_insert(Place { group, customers: Vec::new() });
        if place.customers.last() != Some(&at) {
            place.customers.push(at);
        }
    }

    /// All of them: by kind, then the widest.
    pub(super) fn finish(self) -> Vec<Risk<'a>> {
        let mut risks: Vec<Risk<'a>> = self
            .same
            .into_iter()
            .map(|((kind, mut words, hint), Place { group, customers })| {
                // At one customer the group has its own name.
                if let (1, Kind::Privileged, false, Some(last)) =
                    (customers.len(), kind, group.is_empty(), group_of(&mut words))
                {
                    *last = name(group);
                }
                Risk { kind, words, hint, customers }
            })
            .collect();
        risks.extend(self.ended.into_iter().map(|((nature, _), (label, count, customers))| {
            let why = if nature == Nature::Leaver { " has left" } else { ": what was given has ended" };
            let from = format!("{why}: out of {}", counted(count, "group"));
            let words = vec![name(label), plain(from)];
            Risk { kind: Kind::Withdrawal, words, hint: None, customers: customers.into_iter().collect() }
        }));
        risks.sort_by_key(|risk| (risk.kind, std::cmp::Reverse(risk.customers.len())));
        risks
    }
}

impl<'a> Risk<'a> {
    /// Where, to precede the sentence of a verdict: `contoso, northwind: `.
    pub fn lead(&self) -> Words<'a> {
        if self.kind < Kind::Held {
            return Vec::new();
        }
        let mut words = self.list();
        words.push(plain(": "));
        words
    }

    /// Where, to follow the other sentences: ` at contoso and northwind`.
    pub fn places(&self) -> Words<'a> {
        if self.kind >= Kind::Offboarding {
            return Vec::new();
        }
        let mut words = vec![plain(" at ")];
        words.extend(self.list());
        words
    }

    fn list(&self) -> Words<'a> {
        let named = names(self.customers.iter().copied(), NAMED);
        if self.customers.len() <= NAMED {
            return named;
        }
        let mut words = vec![plain(format!("{} (", counted(self.customers.len(), "customer")))];
        words.extend(named);
        words.push(plain(")"));
        words
    }
}

/// Whether a finding is listed as one. People in many tenants have a table of their own.
pub(super) fn is_listed(finding: &Finding) -> bool {
    finding.code != FindingCode::ManyTenants
}

/// The piece that names the group of a sentence about a privileged role: the last name in it.
fn group_of<'w, 'a>(words: &'w mut Words<'a>) -> Option<&'w mut Piece<'a>> {
    words.iter_mut().rev().find(|piece| matches!(piece, Piece::Name(_)))
}

fn coded<'a>(of: impl Serialize) -> Piece<'a> {
    plain(format!("{}: ", code(of)))
}

/// What there is to say about something, which may name it itself.
fn about<'a>(of: &'a str, text: &'a str, customer: &str) -> Words<'a> {
    if of == customer || text.contains(of) {
        vec![prose(text)]
    } else {
        vec![name(of), plain(": "), prose(text)]
    }
}

fn some(hint: &str) -> Option<&str> {
    (!hint.is_empty()).then_some(hint)
}
