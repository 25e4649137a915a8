//! What became of a plan, for the pull request it came from: what failed and what was left alone stands first.

use crate::desired::state::DesiredState;
use crate::report::difference::{Line, Skipped};
use crate::report::markdown::harmless::{line, name, prose, words};
use crate::report::markdown::page::{Page, Show, Whole};
use crate::report::markdown::{END, RISKS, Removals, first_removals, gains, losing, outlined, risk, summary};
use crate::report::review::Review;
use crate::report::review::risk::{Kind, Risk};
use crate::report::review::words::{counted, names};
use crate::report::upshot::{Run, Trouble, TroubleKind, Upshot, achieved};
use crate::report::{forecast, moment};

/// So many customers are named beside one trouble.
const NAMED: usize = 20;
/// The most that failures may take.
const FAILURES: usize = 8_000;

/// The page. `artefact` is the name of the file that has all of it, if there is one.
pub fn page(run: &Run<'_>, desired: &DesiredState, artefact: Option<&str>) -> String {
    let upshot = Upshot::of(run, desired);
    let carried = run.carried();
    let done = Review::of(&carried, desired);
    let whole = Whole { file: artefact, command: "groupsync apply --format json" };
    let mut page = Page::new(whole);
    page.push(&format!("### groupsync apply: {}\n", upshot.headline()));
    for (reason, customers) in upshot.ended.iter().take(NAMED) {
        let at = words(&names(customers.iter().copied(), 5));
        page.push(&format!("\n> [!CAUTION]\n> **Ended early** at {at}: {}\n", prose(reason)));
    }
    troubles(&mut page, run, &upshot, &[TroubleKind::Failed, TroubleKind::Refused]);
    for kind in Kind::LEFT {
        let of_kind: Vec<&Risk<'_>> = upshot.left.iter().filter(|risk| risk.kind == kind).collect();
        let keep = page.left(0).saturating_sub(RISKS).max(END);
        page.section(kind.title(), "", of_kind.into_iter().map(risk), (Show::Open, keep));
    }
    skipped(&mut page, run.skipped);
    troubles(&mut page, run, &upshot, &[TroubleKind::Later, TroubleKind::Pending]);
    if done.tally.is_pending() {
        page.push("\n#### What was done\n");
        summary(&mut page, achieved(&done));
    }
    let lost = losing(&done);
    match Removals::of(&lost) {
        Removals::First(rows) => {
            first_removals(&mut page, &lost, &rows, whole);
            outlined(&mut page, &lost, "What went, equal removals together");
        }
        Removals::All(lines) => page.section("What went", "", lines.into_iter(), (Show::Open, END)),
    }
    gains(&mut page, &done, "What came, equal changes together");
    page.push(&format!(
        "\nPlanned {}, carried out until {}.{}`{}`\n",
        moment::shown(run.plan.now),
        moment::shown(run.now),
        match forecast::against(&run.cost) {
            sent if sent.is_empty() => "\n".to_owned(),
            sent => format!(" {sent}"),
        },
        run.plan.digest
    ));
    page.finish()
}

fn troubles(page: &mut Page<'_>, run: &Run<'_>, upshot: &Upshot<'_>, kinds: &[TroubleKind]) {
    for kind in kinds {
        let lines: Vec<String> = upshot
            .troubles
            .iter()
            .filter(|trouble| trouble.fate == *kind)
            .map(|trouble| told(trouble, run))
            .collect();
        let keep = page.left(0).saturating_sub(FAILURES).max(END);
        page.section(kind.title(), "", lines.into_iter(), (Show::Open, keep));
    }
}

fn told(trouble: &Trouble<'_>, run: &Run<'_>) -> String {
    let customers = words(&names(trouble.customers.iter().copied(), NAMED));
    let mut parts = vec![format!("- {} at {customers}", prose(&trouble.what))];
    let rest = trouble.rest(run.now);
    if !rest.is_empty() {
        parts.push(format!(": {rest}"));
    }
    if let Some(reason) = trouble.text {
        parts.push(format!("<br>{}", prose(reason)));
    }
    if let (Some(id), TroubleKind::Failed | TroubleKind::Refused) = (trouble.request, trouble.fate) {
        parts.push(format!("<br>request id {}", name(id)));
    }
    parts.concat()
}

/// Customers that were left alone, each with what changed since the review as long as there is room.
fn skipped(page: &mut Page<'_>, skipped: &[Skipped]) {
    let entry = |skipped: &Skipped| {
        let mut lines = vec![format!("- {}: {}", name(skipped.name.as_str()), prose(&skipped.why))];
        lines.extend(skipped.lines.iter().map(|changed| match changed {
            Line::Before(was) => format!("  - **−** {}", line(was.trim())),
            Line::Now(is) => format!("  - **+** {}", line(is.trim())),
            Line::Around(same) => format!("  - {}", line(same.trim())),
            Line::Gap => "  - …".to_owned(),
            Line::More(count) => format!("  - and {}", counted(*count, "more line")),
        }));
        lines.join("\n")
    };
    let keep = page.left(0).saturating_sub(FAILURES).max(END);
    let title = "Skipped: not the plan that was reviewed, save and review a new one";
    page.section(title, "", skipped.iter().map(entry), (Show::Open, keep));
}
