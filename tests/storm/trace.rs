//! What a run tells of itself; nothing, unless somebody wants to read it.

use std::cell::RefCell;
use std::rc::Rc;

use groupsync::journal::event::Event;
use groupsync::plan::digest::Digest;
use groupsync::reconcile::Report;

use super::step::Step;

/// How much of a run is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    Nothing,
    /// What happened, what was planned and what was written.
    Story,
    /// Every request besides.
    Everything,
}

/// What a run has told so far; it outlives a panic.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) detail: Detail,
    pub(crate) lines: Vec<String>,
    pub(crate) requests: u64,
}

impl Trace {
    pub(crate) fn new(detail: Detail) -> Rc<RefCell<Self>> {
        Rc::new(RefCell::new(Self { detail, lines: Vec::new(), requests: 0 }))
    }

    pub(crate) fn tell(&mut self, detail: Detail, line: impl FnOnce() -> String) {
        if detail <= self.detail {
            self.lines.push(line());
        }
    }

    /// The digest of everything told.
    pub(crate) fn digest(&self) -> String {
        Digest::of_text(&self.lines.join("\n")).to_string()
    }
}

impl Trace {
    /// Tells what a pass did.
    pub(crate) fn recount(&mut self, step: &Step, report: Option<&Report>) {
        self.requests += step.requests.iter().filter(|r| !r.batch_item).count() as u64;
        for request in &step.requests {
            self.tell(Detail::Everything, || {
                let (at, method, route) = (request.at, &request.method, &request.route);
                format!(
                    "    {at} {:?} {method} {route} {:?} {}",
                    request.service, request.customer, request.status
                )
            });
        }
        for record in &step.records {
            self.tell(Detail::Everything, || match record.event() {
                // Where the files lie is another place every time, and so is every hash of what says so.
                Event::Opened { after, .. } => {
                    format!("    record {} {} opened after {after}", record.writer, record.body.at)
                }
                Event::Accepted(revision) => {
                    format!("    record {} {} accepted {}", record.writer, record.body.at, revision.digest)
                }
                event => format!("    record {} {} {event:?}", record.writer, record.body.at),
            });
        }
        self.tell(Detail::Story, || match report {
            Some(report) => summary(report),
            None if step.is_loop => "  the loop came to its end".to_owned(),
            None => "  the process died".to_owned(),
        });
        for change in &step.history {
            self.tell(Detail::Story, || {
                format!("    {} {} {:?} {:?}", change.at, change.tenant, change.actor, change.act)
            });
        }
    }
}

/// What became of a pass, customer by customer.
fn summary(report: &Report) -> String {
    let customers = report.plan.customers.iter().zip(&report.outcomes).map(|(plan, outcome)| {
        let done: Vec<_> =
            outcome.outcomes.iter().map(|o| format!("{} {:?} {:?}", o.operation, o.status, o.text)).collect();
        format!(
            "  {} {}: gaps {:?}, held {:?}, refused {:?}, ended early {:?}\n      {}",
            plan.name,
            plan.digest,
            plan.gaps.iter().map(|g| (g.code, &g.of, &g.text)).collect::<Vec<_>>(),
            plan.held.iter().map(|h| (h.code, &h.text)).collect::<Vec<_>>(),
            plan.refused.iter().map(|r| (r.code, &r.text)).collect::<Vec<_>>(),
            outcome.ended_early,
            done.join("\n      ")
        )
    });
    customers.collect::<Vec<_>>().join("\n")
}
