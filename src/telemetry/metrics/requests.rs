//! Requests to Microsoft: how many, how they ended, what they cost, and how much of each budget is left.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus::{GaugeVec, HistogramVec, IntCounterVec};
use tokio::time::Instant;

use crate::telemetry::metrics::book::Book;

/// From a quick answer of Graph to the two minutes after which one attempt is given up.
const ANSWERS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

/// From no wait at all to the five minutes after which a paused budget is no longer waited for.
const WAITS: [f64; 9] = [0.001, 0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

/// What stands in the label `status` where no answer came.
const NO_ANSWER: &str = "none";

/// How much of each budget is left, from 0 to 1: of several scopes of one kind, such as tenants, the least.
type Left = Box<dyn Fn() -> Vec<(&'static str, f64)> + Send + Sync>;

/// Requests to Microsoft.
pub struct Requests {
    total: IntCounterVec,
    items: IntCounterVec,
    seconds: HistogramVec,
    units: IntCounterVec,
    writes: IntCounterVec,
    throttled: IntCounterVec,
    waits: HistogramVec,
    left: GaugeVec,
    ask: Mutex<Option<Left>>,
}

impl Requests {
    pub(super) fn new(book: &mut Book) -> Self {
        Self {
            total: book.counters(
                "groupsync_requests_total",
                "HTTP requests sent to Microsoft, each attempt, a batch as one.",
                &["service", "method", "route", "status"],
            ),
            items: book.counters(
                "groupsync_batch_items_total",
                "Requests inside batches to Graph, each attempt.",
                &["method", "route", "status"],
            ),
            seconds: book.histograms(
                "groupsync_request_duration_seconds",
                "Time from sending a request to its whole answer, without waiting for budgets.",
                &["service"],
                &ANSWERS,
            ),
            units: book.counters(
                "groupsync_request_units_total",
                "Resource units that requests have cost, by the service's own count where it shows one.",
                &["service"],
            ),
            writes: book.counters(
                "groupsync_request_writes_total",
                "Writes that requests have cost, as the service counts them against its quota.",
                &["service"],
            ),
            throttled: book.counters(
                "groupsync_throttled_total",
                "Requests refused for being too many, by the budget that the service found exceeded.",
                &["service", "budget"],
            ),
            waits: book.histograms(
                "groupsync_limiter_wait_seconds",
                "How long requests waited for their budgets before they were sent.",
                &["service", "priority"],
                &WAITS,
            ),
            left: book.gauges(
                "groupsync_budget_left_ratio",
                "Share of the burst of a budget that is left, 0 while paused; of many tenants or subscriptions the least.",
                &["budget"],
            ),
            ask: Mutex::default(),
        }
    }

    /// Begins to measure a request. However the caller goes on, dropping what this returns counts it.
    pub fn begin<'a>(&'a self, service: &'static str, method: &'a str, route: &'static str) -> InFlight<'a> {
        InFlight { requests: self, service, method, route, status: None, sent: Instant::now() }
    }

    /// Counts an item of a batch; none: the answer left it out.
    pub fn item(&self, method: &str, route: &'static str, status: Option<u16>) {
        with_status(status, |status| self.items.with_label_values(&[method, route, status]).inc());
    }

    /// Adds what a finished request cost.
    pub fn cost(&self, service: &'static str, units: u64, writes: u64) {
        if units > 0 {
            self.units.with_label_values(&[service]).inc_by(units);
        }
        if writes > 0 {
            self.writes.with_label_values(&[service]).inc_by(writes);
        }
    }

    /// Counts a refusal for too many requests.
    pub fn throttled(&self, service: &'static str, budget: &'static str) {
        self.throttled.with_label_values(&[service, budget]).inc();
    }

    /// Notes how long a request waited for its budgets.
    pub fn waited(&self, service: &'static str, priority: &'static str, wait: Duration) {
        self.waits.with_label_values(&[service, priority]).observe(wait.as_secs_f64());
    }

    /// Says whom to ask what is left of the budgets. The last one told is asked, at every reading.
    pub fn ask_what_is_left(&self, left: impl Fn() -> Vec<(&'static str, f64)> + Send + Sync + 'static) {
        *self.ask.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(left));
    }

    pub(super) fn refresh(&self) {
        if let Some(left) = &*self.ask.lock().unwrap_or_else(PoisonError::into_inner) {
            for (budget, share) in left() {
                self.left.with_label_values(&[budget]).set(share);
            }
        }
    }
}

/// A request on its way, counted when this is dropped.
pub struct InFlight<'a> {
    requests: &'a Requests,
    service: &'static str,
    method: &'a str,
    route: &'static str,
    status: Option<u16>,
    sent: Instant,
}

impl InFlight<'_> {
    /// Notes the status of its answer.
    pub fn answered(&mut self, status: u16) {
        self.status = Some(status);
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let Self { requests, service, method, route, status, sent } = self;
        with_status(*status, |status| {
            requests.total.with_label_values(&[service, method, route, status]).inc();
        });
        requests.seconds.with_label_values(&[*service]).observe(sent.elapsed().as_secs_f64());
    }
}

fn with_status(status: Option<u16>, then: impl FnOnce(&str)) {
    match status {
        Some(status) => then(&status.to_string()),
        None => then(NO_ANSWER),
    }
}
