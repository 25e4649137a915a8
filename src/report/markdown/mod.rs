//! A plan, and what became of it, as a comment on a pull request: two minutes to see what happens to 3,000 customers. What is looked at first stands
//! first, what goes is never folded away, and the page is bounded whatever the fleet.

mod harmless;
mod page;
pub mod outcome;

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::desired::state::DesiredState;
use crate::plan::value::{CustomerPlan, Plan};
use crate::report::markdown::harmless::{name, prose, words};
use crate::report::markdown::page::{Page, Show, Whole};
use crate::report::moment;
use crate::report::review::Review;
use crate::report::review::loss::Loss;
use crate::report::review::person::{Access, Person, Places, widest};
use crate::report::review::risk::{Kind, Risk};
use crate::report::review::words::{counted, names, number};
use crate::report::tally::Fate;

/// If not all removals fit, so many of them stand above everything else.
const FIRST_REMOVALS: usize = 100;
/// What is kept free for the digest and the end of the page.
const END: usize = 3_000;
/// The most that the things to look at first may take, of each kind.
const RISKS: usize = 4_000;
/// Details of so many lines stand open.
const OPEN: usize = 12;
/// The most that all removals may take to be shown after what is looked at first.
const REMOVALS: usize = 30_000;

/// The page. `artefact` is the name of the file that has all of the plan, if there is one.
pub fn plan(plan: &Plan, desired: &DesiredState, artefact: Option<&str>) -> String {
    let review = Review::of(plan, desired);
    let whole = Whole { file: artefact, command: "groupsync plan" };
    let mut page = Page::new(whole);
    page.push(&format!("### groupsync plan: {}\n", review.headline()));
    if let Some(reason) = &desired.stop {
        let reason = prose(reason.trim());
        page.push(&format!("\n> [!CAUTION]\n> **STOP is set, so nothing is written.** {reason}\n"));
    }
    let losing = losing(&review);
    let removals = Removals::of(&losing);
    if let Removals::First(rows) = &removals {
        first_removals(&mut page, &losing, rows, whole);
    }
    summary(&mut page, review.summary());
    risks(&mut page, &review);
    match removals {
        Removals::All(lines) => page.section("What goes", "", lines.into_iter(), (Show::Open, END)),
        Removals::First(_) => outlined(&mut page, &losing, "What goes, equal removals together"),
    }
    digests(&mut page, plan);
    crowded(&mut page, &review, desired);
    people(&mut page, &review);
    gains(&mut page, &review, "What comes, equal changes together");
    findings(&mut page, &review);
    listed(&mut page, &review);
    page.push(&format!(
        "\nPlanned {} for {}.\n",
        moment::shown(plan.now),
        counted(review.covered, "customer")
    ));
    page.push(&format!("`{}`\n", plan.digest));
    page.finish()
}

/// The removals that will happen, or wait.
fn losing<'r, 'a>(review: &'r Review<'a>) -> Vec<&'r Loss<'a>> {
    review.losses.iter().filter(|loss| matches!(loss.fate, Fate::Runs | Fate::Held)).collect()
}

/// How removals are shown.
enum Removals {
    /// Every one of them, equal ones together.
    All(Vec<String>),
    /// The first, above everything else.
    First(Vec<String>),
}

impl Removals {
    fn of(losses: &[&Loss<'_>]) -> Self {
        let mut lines = Vec::new();
        let mut size = 0;
        for loss in losses {
            // At least this long: no need to write out what cannot fit.
            size += (loss.items.len() + loss.customers.len()) * 3;
            if size > REMOVALS {
                break;
            }
            let line = removal(loss);
            size += line.len();
            lines.push(line);
        }
        if size <= REMOVALS { Self::All(lines) } else { Self::First(singly(losses)) }
    }
}

/// Equal removals on one line, everything and every customer named.
fn removal(loss: &Loss<'_>) -> String {
    let customers: Vec<String> = loss.customers.iter().map(|customer| name(customer)).collect();
    let count = if loss.count() > 1 { format!(" ({})", number(loss.count())) } else { String::new() };
    let held = if loss.fate == Fate::Held { " **held**" } else { "" };
    format!(
        "- **−** {}{held} at {}{count}: {}",
        words(&loss.what()),
        customers.join(", "),
        words(&loss.reason())
    )
}

/// The first removals one by one, as rows of a table.
fn singly(losses: &[&Loss<'_>]) -> Vec<String> {
    let mut rows = Vec::new();
    for loss in losses {
        let held = if loss.fate == Fate::Held { " **held**" } else { "" };
        for (customer, what) in loss.singly() {
            if rows.len() == FIRST_REMOVALS {
                return rows;
            }
            rows.push(format!("| {} | {}{held} |", name(customer), words(&what)));
        }
    }
    rows
}

/// What goes where not all of it fits: equal removals on one line, the widest first, with how many there are.
fn outlined(page: &mut Page<'_>, losses: &[&Loss<'_>], title: &str) {
    const NAMED: usize = 5;
    let lines = losses.iter().map(|loss| {
        let held = if loss.fate == Fate::Held { " **held**" } else { "" };
        let at = match loss.customers.len() {
            1 => String::new(),
            many => format!("{}: ", counted(many, "customer")),
        };
        let customers = words(&names(loss.customers.iter().copied(), NAMED));
        let what = words(&loss.in_short(NAMED));
        format!("- **−** {what}{held} at {at}{customers}: {}", words(&loss.reason()))
    });
    let keep = (page.left(0) / 2).max(END);
    page.section(title, "", lines, (Show::Open, keep));
}

fn first_removals(page: &mut Page<'_>, losses: &[&Loss<'_>], rows: &[String], whole: Whole<'_>) {
    let all: usize = losses.iter().map(|loss| loss.count()).sum();
    let held: usize = losses.iter().filter(|loss| loss.fate == Fate::Held).map(|loss| loss.count()).sum();
    let held = if held > 0 { format!(", {} of them held", number(held)) } else { String::new() };
    let mut text = format!(
        "\n> [!WARNING]\n> **{}{held}.** Here are the first {}; all of them are {}.\n\n| customer | goes |\n|---|---|\n",
        counted(all, "removal"),
        number(rows.len()),
        whole.words()
    );
    for row in rows {
        // Writing to a String cannot fail.
        let _infallible = writeln!(text, "{row}");
    }
    page.push(&text);
}

fn summary(page: &mut Page<'_>, rows: Vec<(&'static str, String)>) {
    let mut text = String::from("\n| | |\n|---|---|\n");
    for (what, value) in rows {
        let _infallible = writeln!(text, "| {what} | {value} |");
    }
    page.push(&text);
}

/// What is looked at first, by kind.
fn risks(page: &mut Page<'_>, review: &Review<'_>) {
    for kind in Kind::FIRST {
        let of_kind: Vec<&Risk<'_>> = review.risks.iter().filter(|risk| risk.kind == kind).collect();
        let keep = page.left(0).saturating_sub(RISKS);
        page.section(kind.title(), "", of_kind.into_iter().map(risk), (Show::Open, keep.max(END)));
    }
}

fn risk(risk: &Risk<'_>) -> String {
    let hint = risk.hint.map_or_else(String::new, |hint| format!("<br>hint: {}", prose(hint)));
    format!("- {}{}{}{hint}", words(&risk.lead()), words(&risk.words), words(&risk.places()))
}

/// What an Override names, for each customer that is held by something it releases.
fn digests(page: &mut Page<'_>, plan: &Plan) {
    let releasable = |customer: &&CustomerPlan| customer.held.iter().any(|hold| hold.code.is_releasable());
    let held: Vec<_> = plan.customers.iter().filter(releasable).collect();
    let rows = held
        .into_iter()
        .map(|customer| format!("| {} | `{}` |", name(customer.name.as_str()), customer.digest));
    let keep = page.left(0).saturating_sub(RISKS).max(END);
    page.section(
        "Digests of held customers, for an Override",
        "| customer | digest |\n|---|---|\n",
        rows,
        (Show::Folded, keep),
    );
}

fn crowded(page: &mut Page<'_>, review: &Review<'_>, desired: &DesiredState) {
    let allowed = desired.policy.tenants_per_person.refuse;
    let rows = review.crowded.iter().map(|crowded| {
        format!("| {} | {} | {} |", name(crowded.address), number(crowded.tenants), number(allowed))
    });
    let head = "| person | customers | allowed |\n|---|--:|--:|\n";
    let keep = page.left(0).saturating_sub(RISKS).max(END);
    page.section("People in many tenants", head, rows, (Show::Open, keep));
}

fn people(page: &mut Page<'_>, review: &Review<'_>) {
    let head = "| person | gains | loses |\n|---|---|---|\n";
    let keep = (page.left(0) / 2).max(END);
    page.section(
        "Access by person",
        head,
        review.people.iter().map(person),
        (show(review.people.len()), keep),
    );
}

/// One row; more than a few accesses are counted.
fn person(person: &Person<'_>) -> String {
    const SHOWN: usize = 4;
    let side = |side: &BTreeMap<Access<'_>, Places<'_>>| {
        let widest = widest(side);
        let mut lines: Vec<String> =
            widest.iter().take(SHOWN).map(|(access, at)| words(&access.words(at))).collect();
        if side.len() > SHOWN {
            lines.push(format!("and {} more", number(side.len() - SHOWN)));
        }
        lines.join("<br>")
    };
    format!("| {} | {} | {} |", name(person.label), side(&person.gains), side(&person.losses))
}

fn gains(page: &mut Page<'_>, review: &Review<'_>, title: &str) {
    let coming = |fate: Fate| matches!(fate, Fate::Runs | Fate::Held);
    let lines: Vec<String> = review
        .gains
        .iter()
        .filter(|gain| coming(gain.fate))
        .map(|gain| {
            let held = if gain.fate == Fate::Held { " **held**" } else { "" };
            format!("- **{}** {}{held}", gain.sign(), words(&gain.words()))
        })
        .collect();
    let keep = (page.left(0) / 4).max(END);
    let show = show(lines.len());
    page.section(title, "", lines.into_iter(), (show, keep));
}

/// What is short is seen at once.
fn show(lines: usize) -> Show {
    if lines <= OPEN { Show::Open } else { Show::Folded }
}

fn findings(page: &mut Page<'_>, review: &Review<'_>) {
    let findings: Vec<&Risk<'_>> = review.risks.iter().filter(|risk| risk.kind == Kind::Finding).collect();
    let keep = (page.left(0) / 3).max(END);
    page.section(Kind::Finding.title(), "", findings.into_iter().map(risk), (Show::Folded, keep));
}

/// What nobody does because of a customer's state, or because it must not be done.
fn listed(page: &mut Page<'_>, review: &Review<'_>) {
    for (fate, title) in [
        (Fate::Refused, "Refused changes"),
        (Fate::Listed, "Only listed because of the customer's state, nothing of it is written"),
    ] {
        let goes = review.losses.iter().filter(|loss| loss.fate == fate).map(|loss| {
            let places = names(loss.customers.iter().copied(), 5);
            format!("- **−** {} at {}", words(&loss.what()), words(&places))
        });
        let comes = review.gains.iter().filter(|gain| gain.fate == fate);
        let comes = comes.map(|gain| format!("- **{}** {}", gain.sign(), words(&gain.words())));
        let lines: Vec<String> = goes.chain(comes).collect();
        let keep = (page.left(0) / 2).max(END);
        page.section(title, "", lines.into_iter(), (Show::Folded, keep));
    }
}
