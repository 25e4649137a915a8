//! Where metrics are entered: the registry, and a list of what is in it.

use prometheus::core::Collector;
use prometheus::{
    Counter, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry,
};

/// What kind of metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only ever grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counted in buckets.
    Histogram,
}

/// One metric, as it is documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// One sentence.
    pub help: &'static str,
}

/// The registry while it is filled. A name that is entered twice or malformed is a mistake in the code, and every test meets it.
#[derive(Default)]
pub(super) struct Book {
    pub(super) registry: Registry,
    pub(super) entries: Vec<Entry>,
}

const WELL_FORMED: &str = "names and labels are constants that Prometheus accepts";

impl Book {
    pub(super) fn counter(&mut self, name: &'static str, help: &'static str) -> IntCounter {
        let metric = IntCounter::new(name, help).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Counter, labels: &[], help }, metric)
    }

    pub(super) fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> IntCounterVec {
        let metric = IntCounterVec::new(Opts::new(name, help), labels).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Counter, labels, help }, metric)
    }

    /// A counter of fractions.
    pub(super) fn sum(&mut self, name: &'static str, help: &'static str) -> Counter {
        let metric = Counter::new(name, help).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Counter, labels: &[], help }, metric)
    }

    pub(super) fn gauge(&mut self, name: &'static str, help: &'static str) -> Gauge {
        let metric = Gauge::new(name, help).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Gauge, labels: &[], help }, metric)
    }

    pub(super) fn count(&mut self, name: &'static str, help: &'static str) -> IntGauge {
        let metric = IntGauge::new(name, help).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Gauge, labels: &[], help }, metric)
    }

    pub(super) fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> GaugeVec {
        let metric = GaugeVec::new(Opts::new(name, help), labels).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Gauge, labels, help }, metric)
    }

    pub(super) fn counts(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
    ) -> IntGaugeVec {
        let metric = IntGaugeVec::new(Opts::new(name, help), labels).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Gauge, labels, help }, metric)
    }

    pub(super) fn histogram(&mut self, name: &'static str, help: &'static str, buckets: &[f64]) -> Histogram {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        let metric = Histogram::with_opts(options).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Histogram, labels: &[], help }, metric)
    }

    pub(super) fn histograms(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &'static [&'static str],
        buckets: &[f64],
    ) -> HistogramVec {
        let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
        let metric = HistogramVec::new(options, labels).expect(WELL_FORMED);
        self.enter(Entry { name, kind: Kind::Histogram, labels, help }, metric)
    }

    fn enter<M: Collector + Clone + 'static>(&mut self, entry: Entry, metric: M) -> M {
        self.registry.register(Box::new(metric.clone())).expect("each name is entered once");
        let place = self.entries.partition_point(|other| other.name < entry.name);
        self.entries.insert(place, entry);
        metric
    }
}
