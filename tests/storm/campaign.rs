//! Many seeds on all cores, and what is told of one that fails.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use groupsync::defects::{self, Defect};

use super::history;
use super::run::Run;
use super::trace::{Detail, Trace};
use super::verdict::{Verdict, Violation};

thread_local! {
    /// Whether this thread is inside a run, and what its panic said.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is run: a history, whole or in part, by a product with a defect or without.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Only these steps.
    pub(crate) steps: Option<BTreeSet<usize>>,
    pub(crate) defect: Option<Defect>,
}

/// Runs one seed.
pub(crate) fn run(plan: &Plan, detail: Detail) -> Verdict {
    listen_to_panics();
    defects::plant(plan.defect);
    let (seed, chosen) = (plan.seed, plan.steps.as_ref());
    let trace = Trace::new(detail);
    let told = trace.clone();
    INSIDE.set(true);
    let lived = panic::catch_unwind(AssertUnwindSafe(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a runtime starts").block_on(async { Run::new(seed, told).live(chosen).await })
    }));
    INSIDE.set(false);
    defects::plant(None);
    let violation = if let Ok(lived) = lived {
        lived.err()
    } else {
        Some(Violation { of: "nothing_panics", text: PANIC.take().unwrap_or_default() })
    };
    let mut trace = trace.borrow_mut();
    let digest = trace.digest();
    Verdict { seed, violation, requests: trace.requests, digest, story: std::mem::take(&mut trace.lines) }
}

/// Runs seeds on so many threads, and hands each verdict to `heed` until that says that it is enough.
pub(crate) fn many(
    seeds: std::ops::Range<u64>,
    defect: Option<Defect>,
    threads: usize,
    heed: impl FnMut(Verdict) -> bool + Send,
) {
    let next = AtomicU64::new(seeds.start);
    let heed = Mutex::new((heed, true));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end || !heed.lock().unwrap_or_else(PoisonError::into_inner).1 {
                        return;
                    }
                    let verdict = run(&Plan { seed, steps: None, defect }, Detail::Nothing);
                    let mut heed = heed.lock().unwrap_or_else(PoisonError::into_inner);
                    heed.1 &= (heed.0)(verdict);
                }
            });
        }
    });
}

/// The fewest steps of a seed's history with which the same invariant breaks: steps are left out as long as it still does.
pub(crate) fn shrink(seed: u64, of: &str) -> BTreeSet<usize> {
    let mut steps: BTreeSet<usize> = (0..history::length(seed)).collect();
    let breaks = |steps: &BTreeSet<usize>| {
        let plan = Plan { seed, steps: Some(steps.clone()), defect: None };
        run(&plan, Detail::Nothing).violation.is_some_and(|violation| violation.of == of)
    };
    let mut size = steps.len() / 2;
    while size > 0 {
        let all: Vec<usize> = steps.iter().copied().collect();
        for part in all.chunks(size) {
            let without: BTreeSet<usize> =
                steps.iter().filter(|step| !part.contains(step)).copied().collect();
            if without.len() < steps.len() && breaks(&without) {
                steps = without;
            }
        }
        size /= 2;
    }
    steps
}

/// Keeps what a panic inside a run says, and leaves all others to whoever listened before.
fn listen_to_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if INSIDE.get() {
                PANIC.set(Some(info.to_string()));
            } else {
                before(info);
            }
        }));
    });
}

/// As many threads as there are cores.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
