//! What somebody should be told about, as it stands on the board now: codes, customers and counts, nobody's name.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::controller::board::{Board, JournalHealth, Overview};
use crate::controller::status::CustomerStatus;
use crate::desired::state::State;
use crate::model::names::CustomerName;
use crate::observed::unread::UnreadCode;
use crate::plan::outcome::Status;
use crate::plan::value::CustomerPlan;
use crate::plan::verdict::HoldCode;
use crate::report::words::code;

/// So many passes in a row have to fail before somebody is told: one that fails alone is made up for by the next.
const FAILED_IN_A_ROW: u32 = 2;

/// Access that should be gone for so long is told. What takes less is being taken away right now.
const LATE: Duration = Duration::from_mins(1);

/// The partner's tenant is asked every few seconds; without an answer for so long somebody is told.
const SILENT: Duration = Duration::from_mins(5);

/// One thing that is wrong. It begins once and is over once, however often it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    /// What it means to a reader, the most urgent first.
    pub topic: Topic,
    /// Which rule, reason or kind, as plans and metrics spell it.
    pub code: String,
    /// Where.
    pub about: About,
}

/// What a trouble means to whoever reads of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Topic {
    /// Access has ended and is still there.
    Overdue,
    /// Something cannot be read, done or used.
    Failed,
    /// Somebody else claims what is ours.
    Contested,
    /// Changes wait for a human, or must not be made.
    Held,
}

/// Where a trouble is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Everywhere.
    Fleet,
    /// At one customer.
    Customer(CustomerName),
}

/// How large a trouble is, and since when, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Operations, or whatever the code counts; 0 where nothing is counted.
    pub count: usize,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Everything that is wrong at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Troubles {
    /// What is wrong.
    pub all: BTreeMap<Trouble, Extent>,
    /// Customers that nobody has looked at: what was wrong there may be so still.
    pub unseen: BTreeSet<CustomerName>,
    /// Customers that were looked at.
    pub seen: BTreeSet<CustomerName>,
}

impl Troubles {
    /// What the board shows.
    pub fn on(board: &Board, now: Timestamp) -> Self {
        Self::of(&board.overview(), board.customers().iter().map(AsRef::as_ref), now)
    }

    /// What is wrong with these customers, and everywhere.
    pub fn of<'a>(
        overview: &Overview,
        customers: impl Iterator<Item = &'a CustomerStatus>,
        now: Timestamp,
    ) -> Self {
        let mut troubles = Self::default();
        troubles.of_fleet(overview, now);
        for status in customers {
            match &status.plan {
                None => _ = troubles.unseen.insert(status.name.clone()),
                Some(plan) => {
                    troubles.seen.insert(status.name.clone());
                    troubles.of_customer(status, plan, now);
                }
            }
        }
        troubles
    }

    fn of_fleet(&mut self, overview: &Overview, now: Timestamp) {
        let mut wrong = |topic, code: &str, since| {
            let trouble = Trouble { topic, code: code.to_owned(), about: About::Fleet };
            self.all.insert(trouble, Extent { count: 0, since });
        };
        if overview.stopped.is_some() {
            wrong(Topic::Held, "stopped", None);
        }
        if let Some(refused) = &overview.refused {
            wrong(Topic::Failed, "filesRefused", Some(refused.seen));
        }
        if overview.outdated.is_some() {
            wrong(Topic::Failed, "restartNeeded", None);
        }
        if matches!(overview.journal, JournalHealth::Trouble(_)) {
            wrong(Topic::Failed, "journal", None);
        }
        let heard = overview.partner_read.unwrap_or(overview.started);
        if is_past(heard, SILENT, now) {
            wrong(Topic::Failed, "partnerSilent", Some(heard));
        }
        for gap in &overview.partner_gaps {
            let passes_by_itself =
                matches!(gap.code, UnreadCode::Throttled | UnreadCode::Unavailable | UnreadCode::Malformed);
            if !passes_by_itself {
                wrong(Topic::Failed, &format!("partner.{}", code(gap.code)), None);
            }
        }
    }

    fn of_customer(&mut self, status: &CustomerStatus, plan: &CustomerPlan, now: Timestamp) {
        let about = || About::Customer(status.name.clone());
        let mut wrong = |topic, code: String, count, since| {
            let extent = self.all.entry(Trouble { topic, code, about: about() }).or_default();
            extent.count += count;
            extent.since = [extent.since, since].into_iter().flatten().min();
        };
        for hold in &plan.held {
            let waits = match status.state {
                State::Enforce | State::Offboard => true,
                // Only withdrawals would be carried out, and only one rule holds them.
                State::Suspend => hold.code == HoldCode::FleetLeavers,
                State::Observe | State::Offboarded => false,
            };
            let topic = if hold.code == HoldCode::Contested { Topic::Contested } else { Topic::Held };
            if waits {
                wrong(topic, code(hold.code), hold.operations.len(), None);
            }
        }
        if matches!(status.state, State::Enforce | State::Offboard) {
            for refusal in &plan.refused {
                wrong(Topic::Held, code(refusal.code), refusal.operations.len(), None);
            }
        }
        let failing = status.failures >= FAILED_IN_A_ROW;
        for gap in &plan.gaps {
            match gap.lost {
                Some(right) => wrong(Topic::Failed, format!("lost.{}", code(right)), 0, None),
                None if failing => wrong(Topic::Failed, code(gap.code), 1, None),
                None => {}
            }
        }
        if let (true, Some(outcome)) = (failing, &status.outcome) {
            let failed = outcome.outcomes.iter().filter(|one| one.status == Status::Failed && one.is_begun());
            for one in failed {
                wrong(Topic::Failed, code(one.kind), 1, None);
            }
            if outcome.ended_early.is_some() && !status.halted {
                wrong(Topic::Failed, "endedEarly".to_owned(), 0, None);
            }
        }
        for overdue in status.overdue.iter().filter(|overdue| is_past(overdue.since, LATE, now)) {
            wrong(Topic::Overdue, code(overdue.kind), 1, Some(overdue.since));
        }
    }
}

fn is_past(since: Timestamp, wait: Duration, now: Timestamp) -> bool {
    since.saturating_add(wait).is_ok_and(|end| end <= now)
}

impl Topic {
    /// In a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Failed => "failed",
            Self::Contested => "contested",
            Self::Held => "held",
        }
    }
}
