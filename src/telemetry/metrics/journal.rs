//! The journal's health.

use prometheus::{Gauge, IntCounter, IntGauge};

use crate::telemetry::metrics::book::Book;

/// The journal's health.
pub struct Journal {
    usable: IntGauge,
    records: IntGauge,
    latest: Gauge,
    waiting: IntGauge,
    lost: IntCounter,
}

impl Journal {
    pub(super) fn new(book: &mut Book) -> Self {
        Self {
            usable: book.count(
                "groupsync_journal_usable",
                "1 while every record is taken and the chain of them is whole; 0 stops all but withdrawals.",
            ),
            records: book
                .count("groupsync_journal_records", "Records that the journal holds, as far as read."),
            latest: book.gauge(
                "groupsync_journal_last_record_timestamp_seconds",
                "When the last record was written; 0 before the first one.",
            ),
            waiting: book.count(
                "groupsync_journal_waiting_records",
                "Records that wait for the journal to come back.",
            ),
            lost: book.counter(
                "groupsync_journal_lost_records_total",
                "Records that were given up, because too many waited.",
            ),
        }
    }

    /// Whether records are taken and their past is whole.
    pub fn usable(&self, usable: bool) {
        self.usable.set(i64::from(usable));
    }

    /// How many records it holds, when the last one was written, in seconds since 1970, how many wait, and how many were given
    /// up since the start.
    pub fn holds(&self, records: u64, latest: Option<f64>, waiting: usize, lost: u64) {
        self.records.set(i64::try_from(records).unwrap_or(i64::MAX));
        self.latest.set(latest.unwrap_or_default());
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.lost.inc_by(lost.saturating_sub(self.lost.get()));
    }
}
