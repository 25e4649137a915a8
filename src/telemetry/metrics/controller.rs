//! The loop itself: whether it turns, which files are in force, and whether it may write.

use prometheus::{Gauge, IntCounter, IntGauge, IntGaugeVec};

use crate::telemetry::metrics::book::Book;

/// The loop itself.
pub struct Controller {
    heartbeat: Gauge,
    ready: IntGauge,
    stopped: IntGauge,
    revision: IntGaugeVec,
    accepted: Gauge,
    current: IntGauge,
    refused: IntCounter,
    partner: Gauge,
    partner_gaps: IntGauge,
}

impl Controller {
    pub(super) fn new(book: &mut Book) -> Self {
        let build = book.counts("groupsync_build_info", "1, with the version that runs.", &["version"]);
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        Self {
            heartbeat: book.gauge("groupsync_loop_heartbeat_timestamp_seconds", "When the loop last turned."),
            ready: book.count("groupsync_ready", "1 once files are accepted and the journal is usable."),
            stopped: book.count("groupsync_stopped", "1 while a file STOP stops all writes."),
            revision: book.counts(
                "groupsync_revision_info",
                "1, with the revision of the files in force.",
                &["revision"],
            ),
            accepted: book.gauge(
                "groupsync_revision_accepted_timestamp_seconds",
                "When the files in force were accepted.",
            ),
            current: book.count(
                "groupsync_revision_current",
                "1 while the files in force are the newest ones, 0 while newer ones are refused.",
            ),
            partner: book.gauge(
                "groupsync_partner_last_read_timestamp_seconds",
                "When the partner's change feeds last answered; before the first time, when the process started.",
            ),
            partner_gaps: book.count(
                "groupsync_partner_gaps",
                "What could not be read of the partner's tenant: its feeds, delegated administrators, sources and people.",
            ),
            refused: book.counter(
                "groupsync_revisions_refused_total",
                "Versions of the files that were not accepted, so that the ones before stayed in force.",
            ),
        }
    }

    /// The loop turned at that time, in seconds since 1970.
    pub fn beat(&self, at: f64) {
        self.heartbeat.set(at);
    }

    /// Whether it is ready.
    pub fn ready(&self, ready: bool) {
        self.ready.set(i64::from(ready));
    }

    /// Whether the kill switch is thrown.
    pub fn stopped(&self, stopped: bool) {
        self.stopped.set(i64::from(stopped));
    }

    /// Which files are in force and since when, in seconds since 1970.
    pub fn in_force(&self, revision: &str, since: f64) {
        self.revision.reset();
        self.revision.with_label_values(&[revision]).set(1);
        self.accepted.set(since);
    }

    /// Whether those are the newest there are.
    pub fn current(&self, current: bool) {
        self.current.set(i64::from(current));
    }

    /// When the partner's change feeds last answered, in seconds since 1970, and how much of its tenant could not be read.
    pub fn partner_read(&self, at: f64, gaps: usize) {
        self.partner.set(at);
        self.partner_gaps.set(i64::try_from(gaps).unwrap_or(i64::MAX));
    }

    /// Newer files were refused; the ones before stay in force.
    pub fn refused(&self) {
        self.refused.inc();
    }
}
