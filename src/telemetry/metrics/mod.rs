//! What is measured, for Prometheus: one registry of our own, and one handle that the client and the controller share.
//!
//! Label values come from closed sets, routes are templates; only what is said of single customers grows with the fleet, and
//! that can be left out. `deploy/metrics.md` says what each metric is for, and a test keeps the two together.

pub mod book;
pub mod requests;
pub mod fleet;
pub mod controller;
pub mod journal;
mod process;

use std::sync::{Arc, Mutex, PoisonError};

use prometheus::{Registry, TextEncoder};

use crate::telemetry::metrics::book::{Book, Entry};
use crate::telemetry::metrics::controller::Controller;
use crate::telemetry::metrics::fleet::Fleet;
use crate::telemetry::metrics::journal::Journal;
use crate::telemetry::metrics::process::Process;
use crate::telemetry::metrics::requests::Requests;

/// The content type of what [`Metrics::text`] returns.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether single customers have series of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Only counts over all customers: whoever reaches the port learns no name.
    #[default]
    Fleet,
    /// Each customer by name: three series, and one for each reason for which something is held.
    Customers,
}

/// Everything that is measured. Clones of the [`Arc`] share it.
pub struct Metrics {
    /// Requests to Microsoft and the budgets they draw on.
    pub requests: Requests,
    /// Customers, passes, operations.
    pub fleet: Fleet,
    /// The loop itself: files, kill switch, heartbeat.
    pub controller: Controller,
    /// The journal.
    pub journal: Journal,
    process: Process,
    registry: Registry,
    entries: Vec<Entry>,
    /// Some gauges are set when they are read; two readers at once must not see half of it.
    reading: Mutex<()>,
}

impl Metrics {
    /// Everything at zero.
    pub fn new(detail: Detail) -> Arc<Self> {
        let mut book = Book::default();
        let requests = Requests::new(&mut book);
        let fleet = Fleet::new(&mut book, detail);
        let controller = Controller::new(&mut book);
        let journal = Journal::new(&mut book);
        let process = Process::new(&mut book);
        let Book { registry, entries } = book;
        let reading = Mutex::default();
        Arc::new(Self { requests, fleet, controller, journal, process, registry, entries, reading })
    }

    /// Everything as Prometheus reads it, in the order of names and labels.
    pub fn text(&self) -> String {
        let _alone = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        self.requests.refresh();
        self.fleet.refresh();
        self.process.refresh();
        let mut text = String::new();
        TextEncoder::new()
            .encode_utf8(&self.registry.gather(), &mut text)
            .expect("every family that was registered has a name and at least one series");
        text
    }

    /// Every metric there is, whether anything was measured yet or not, in the order of their names.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
