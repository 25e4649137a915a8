//! The journal's health.

use std::time::Duration;

use prometheus::{Histogram, IntCounter, IntGauge};

use crate::telemetry::metrics::book::Book;

/// From a write into memory to a disk that nearly stands still.
const APPENDS: [f64; 9] = [0.0005, 0.001, 0.0025, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// The journal's health.
pub struct Journal {
    usable: IntGauge,
    records: IntCounter,
    errors: IntCounter,
    seconds: Histogram,
}

impl Journal {
    pub(super) fn new(book: &mut Book) -> Self {
        Self {
            usable: book.count(
                "groupsync_journal_usable",
                "1 while every record is taken and the chain of them is whole; 0 stops all but withdrawals.",
            ),
            records: book.counter("groupsync_journal_records_total", "Records written."),
            errors: book.counter("groupsync_journal_errors_total", "Records that could not be written."),
            seconds: book.histogram(
                "groupsync_journal_append_duration_seconds",
                "Time that writing records took until they were on the disk.",
                &APPENDS,
            ),
        }
    }

    /// Whether records are taken and their past is whole.
    pub fn health(&self, usable: bool) {
        self.usable.set(i64::from(usable));
    }

    /// Records were written.
    pub fn wrote(&self, records: usize, took: Duration) {
        self.records.inc_by(records as u64);
        self.seconds.observe(took.as_secs_f64());
    }

    /// Records could not be written.
    pub fn failed(&self, records: usize) {
        self.errors.inc_by(records as u64);
    }
}
