//! Customers as the controller last saw them, and what passes did to them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use prometheus::{Gauge, GaugeVec, Histogram, IntCounterVec, IntGauge, IntGaugeVec};

use crate::telemetry::metrics::Detail;
use crate::telemetry::metrics::book::Book;

/// From a quiet pass of one request to a roll-out at quota speed.
const PASSES: [f64; 10] = [0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0, 120.0, 600.0, 3600.0];

/// How one customer stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// What may be done there, as the files say: `enforce`, `observe` and so on.
    pub state: &'static str,
    /// How its last pass ended, in one word.
    pub condition: &'static str,
    /// When its last good pass was, in seconds since 1970; none if there was none yet.
    pub last_good: Option<f64>,
    /// Since when it is looked after: what counts as long as there was no good pass.
    pub since: f64,
    /// Operations held, by reason: each the name of a code, as are those below.
    pub held: BTreeMap<String, usize>,
    /// Operations refused, by reason.
    pub refused: BTreeMap<String, usize>,
    /// What could not be read, by reason.
    pub gaps: BTreeMap<String, usize>,
    /// Guests who were invited and have not accepted.
    pub pending_invitations: usize,
    /// Withdrawals that should have been done by now.
    pub overdue: usize,
    /// Differences that somebody else made and that are still there, by the kind of operation that would repair them.
    pub drift: BTreeMap<String, usize>,
}

/// Everything about customers.
pub struct Fleet {
    detail: Detail,
    passes: IntCounterVec,
    seconds: Histogram,
    operations: IntCounterVec,
    found: IntCounterVec,
    repaired: IntCounterVec,
    standings: Mutex<BTreeMap<String, Standing>>,
    customers: IntGaugeVec,
    conditions: IntGaugeVec,
    held: IntGaugeVec,
    refused: IntGaugeVec,
    gaps: IntGaugeVec,
    drift: IntGaugeVec,
    pending: IntGauge,
    overdue: IntGauge,
    oldest: Gauge,
    condition: IntGaugeVec,
    last_good: GaugeVec,
    held_there: IntGaugeVec,
    overdue_there: IntGaugeVec,
}

impl Fleet {
    pub(super) fn new(book: &mut Book, detail: Detail) -> Self {
        Self {
            detail,
            passes: book.counters(
                "groupsync_passes_total",
                "Passes over single customers, by what set them off and how they ended.",
                &["trigger", "result"],
            ),
            seconds: book.histogram(
                "groupsync_pass_duration_seconds",
                "Time that a pass over one customer took, from the first request to the last.",
                &PASSES,
            ),
            operations: book.counters(
                "groupsync_operations_total",
                "Operations that came to an end, by kind and outcome.",
                &["kind", "outcome"],
            ),
            found: book.counters(
                "groupsync_drift_found_total",
                "Differences found that somebody else made, by the kind of operation that repairs them.",
                &["kind"],
            ),
            repaired: book.counters(
                "groupsync_drift_repaired_total",
                "Differences repaired that somebody else had made, by kind of operation.",
                &["kind"],
            ),
            standings: Mutex::default(),
            customers: book.counts(
                "groupsync_customers",
                "Customers of the files in force, by their state there.",
                &["state"],
            ),
            conditions: book.counts(
                "groupsync_customers_by_condition",
                "Customers by how their last pass ended.",
                &["condition"],
            ),
            held: book.counts(
                "groupsync_held_operations",
                "Operations that wait for a human, by the limit that holds them.",
                &["code"],
            ),
            refused: book.counts(
                "groupsync_refused_operations",
                "Operations that must not be done, by the rule that refuses them.",
                &["code"],
            ),
            gaps: book.counts(
                "groupsync_gaps",
                "Things that could not be read at the last passes, by reason.",
                &["code"],
            ),
            drift: book.counts(
                "groupsync_drift_open",
                "Differences that somebody else made and that are not repaired, by kind of operation.",
                &["kind"],
            ),
            pending: book
                .count("groupsync_pending_invitations", "Guests who were invited and have not accepted yet."),
            overdue: book.count(
                "groupsync_overdue_withdrawals",
                "Ended access that should be gone by now and is not: anything but 0 needs a human at once.",
            ),
            oldest: book.gauge(
                "groupsync_oldest_good_pass_timestamp_seconds",
                "The last good pass of the customer worst off; where there was none yet, the start counts.",
            ),
            condition: book.counts(
                "groupsync_customer_condition",
                "1 for how this customer's last pass ended.",
                &["customer", "state", "condition"],
            ),
            last_good: book.gauges(
                "groupsync_customer_last_good_pass_timestamp_seconds",
                "When this customer's last good pass ended; 0 before the first one.",
                &["customer"],
            ),
            held_there: book.counts(
                "groupsync_customer_held_operations",
                "Operations at this customer that wait for a human, by the limit that holds them.",
                &["customer", "code"],
            ),
            overdue_there: book.counts(
                "groupsync_customer_overdue_withdrawals",
                "Ended access at this customer that should be gone by now and is not.",
                &["customer"],
            ),
        }
    }

    /// Counts a pass over one customer.
    pub fn passed(&self, trigger: &'static str, result: &'static str, seconds: f64) {
        self.passes.with_label_values(&[trigger, result]).inc();
        self.seconds.observe(seconds);
    }

    /// Counts an operation that came to its end.
    pub fn ended(&self, kind: &'static str, outcome: &'static str) {
        self.operations.with_label_values(&[kind, outcome]).inc();
    }

    /// Counts differences that were not there at the pass before.
    pub fn found_drift(&self, kind: &'static str, count: usize) {
        self.found.with_label_values(&[kind]).inc_by(count as u64);
    }

    /// Counts a difference that was repaired.
    pub fn repaired_drift(&self, kind: &'static str) {
        self.repaired.with_label_values(&[kind]).inc();
    }

    /// Notes how every customer stands, by name, in place of what was noted before.
    pub fn stand(&self, standings: BTreeMap<String, Standing>) {
        *self.standings.lock().unwrap_or_else(PoisonError::into_inner) = standings;
    }

    pub(super) fn refresh(&self) {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        let all = [&self.customers, &self.conditions, &self.held, &self.refused, &self.gaps, &self.drift];
        for gauge in all {
            gauge.reset();
        }
        for standing in standings.values() {
            self.customers.with_label_values(&[standing.state]).inc();
            self.conditions.with_label_values(&[standing.condition]).inc();
            for (gauge, counts) in [
                (&self.held, &standing.held),
                (&self.refused, &standing.refused),
                (&self.gaps, &standing.gaps),
                (&self.drift, &standing.drift),
            ] {
                for (code, &count) in counts {
                    gauge.with_label_values(&[code]).add(whole(count));
                }
            }
        }
        self.pending.set(whole(standings.values().map(|standing| standing.pending_invitations).sum()));
        self.overdue.set(whole(standings.values().map(|standing| standing.overdue).sum()));
        let oldest =
            standings.values().map(|standing| standing.last_good.unwrap_or(standing.since)).reduce(f64::min);
        self.oldest.set(oldest.unwrap_or_default());
        if self.detail == Detail::Customers {
            self.refresh_customers(&standings);
        }
    }

    fn refresh_customers(&self, standings: &BTreeMap<String, Standing>) {
        for gauge in [&self.condition, &self.held_there, &self.overdue_there] {
            gauge.reset();
        }
        self.last_good.reset();
        for (name, standing) in standings {
            let name = name.as_str();
            self.condition.with_label_values(&[name, standing.state, standing.condition]).set(1);
            self.last_good.with_label_values(&[name]).set(standing.last_good.unwrap_or_default());
            self.overdue_there.with_label_values(&[name]).set(whole(standing.overdue));
            for (code, &count) in &standing.held {
                self.held_there.with_label_values(&[name, code.as_str()]).set(whole(count));
            }
        }
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
