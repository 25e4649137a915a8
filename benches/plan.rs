//! How long planning takes and how it grows: from 10 thousand memberships to `--max`, ten times as many each step.
//!
//! Measured is everything between having read the tenants and having the plan: the index of people, the count of tenants
//! per person, the plan of every customer, the limits of the fleet. Tenants are made up in batches outside the measurement;
//! holding them all would measure the memory of the machine. Seconds are of processor time where the system tells them, so
//! that a busy machine changes little.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and reads the clock"
)]

mod tenants;

use std::fs;
use std::time::{Duration, Instant};

use groupsync::plan::assemble::assemble;
use groupsync::plan::census::Census;
use groupsync::plan::directory::Directory;
use groupsync::plan::draft::{Inputs, draft};
use groupsync::plan::memory::TenantMemory;
use jiff::Timestamp;

use crate::tenants::{Distance, Fleet, MEMBERSHIPS};

/// So many customers are made up at a time: enough memberships to leave the processor's caches.
const BATCH: usize = 500;
/// A size is planned again until it has taken this long; the fastest run counts.
const ENOUGH: Duration = Duration::from_secs(1);

fn main() {
    let max = max();
    println!(
        "{:<10} {:>12} {:>12} {:>10} {:>10} {:>10}",
        "fleet", "memberships", "operations", "seconds", "ns each", "growth"
    );
    for (label, distance) in [("converged", Distance::Converged), ("1% off", Distance::OnePercent)] {
        let mut before: Option<f64> = None;
        let mut memberships = 10_000;
        while memberships <= max {
            let customers = memberships / MEMBERSHIPS;
            let fleet = Fleet::of(customers);
            let (mut best, operations) = plan(&fleet, distance);
            let mut spent = best;
            while spent < ENOUGH {
                let (again, _) = plan(&fleet, distance);
                spent += again;
                best = best.min(again);
            }
            let planned = customers * MEMBERSHIPS;
            let each = best.as_secs_f64() * 1e9 / planned as f64;
            let growth = before.map_or("-".to_owned(), |before| format!("{:.2}", each / before));
            println!(
                "{label:<10} {planned:>12} {operations:>12} {:>10.3} {each:>10.0} {growth:>10}",
                best.as_secs_f64()
            );
            before = Some(each);
            memberships *= 10;
        }
    }
    println!("peak memory, the made-up tenants of one batch included: {}", peak());
}

/// Plans the fleet; the time without making it up, and the number of operations.
fn plan(fleet: &Fleet, distance: Distance) -> (Duration, usize) {
    let now: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a time");
    let memory = TenantMemory::default();
    let start = Start::now();
    let directory = Directory::new(&fleet.desired, &fleet.partner);
    let census = Census::take(&fleet.desired, &fleet.partner, now);
    let mut spent = start.elapsed();
    let mut plans = Vec::with_capacity(fleet.desired.customers.len());
    let customers: Vec<_> = fleet.desired.customers.values().collect();
    for customers in customers.chunks(BATCH) {
        let made: Vec<_> =
            customers.iter().map(|customer| fleet.observed(&customer.name, distance)).collect();
        let start = Start::now();
        for (customer, observed) in customers.iter().zip(&made) {
            let inputs = Inputs {
                desired: &fleet.desired,
                customer,
                partner: &fleet.partner,
                observed,
                memory: &memory,
                directory: &directory,
                census: &census,
                now,
            };
            plans.push(draft(inputs).plan);
        }
        spent += start.elapsed();
    }
    let start = Start::now();
    let plan = assemble(&fleet.desired, plans, now);
    spent += start.elapsed();
    let gaps: usize = plan.customers.iter().map(|customer| customer.gaps.len()).sum();
    assert_eq!(gaps, 0, "the made-up tenants are complete");
    (spent, plan.customers.iter().map(|customer| customer.operations.len()).sum())
}

/// When a measurement began: on the processor's clock of this thread, or on the wall's.
struct Start {
    processor: Option<Duration>,
    wall: Instant,
}

impl Start {
    fn now() -> Self {
        Self { processor: processor(), wall: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        match (self.processor, processor()) {
            (Some(start), Some(end)) => end.saturating_sub(start),
            _ => self.wall.elapsed(),
        }
    }
}

/// How long this thread has run so far, where the system tells. It tells in steps of some milliseconds.
fn processor() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}

/// The largest number of memberships: what follows `--max`, or a million.
fn max() -> usize {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--max");
    arguments.nth(1).map_or(1_000_000, |number| number.parse().expect("--max NUMBER"))
}

/// The most memory this process ever held, where the system tells.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".to_owned(), |text| text.trim().to_owned())
}
