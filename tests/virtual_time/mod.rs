//! Random fleets in virtual time: files change, people leave, customers meddle, services fail, the process dies in the
//! middle; and after every pass the invariants are judged by the simulator's true world. Everything follows from the seed.
//!
//! To see one run again: `cargo test virtual_time::seed_17`. To see another: `GROUPSYNC_SEED=4711 cargo test
//! virtual_time::the_seed_from_outside`.

mod files;
mod meddling;
mod truth;
mod step;
mod invariants;
mod quiet;

use std::time::Duration;

use fastrand::Rng;
use groupsync::desired::state::State;
use groupsync::execute::Deferral;
use groupsync::execute::halt::Halt;
use groupsync::plan::value::CustomerPlan;
use groupsync::simulator::faults::{Fault, FaultKind};
use groupsync::simulator::history::{Act, Change};
use groupsync::simulator::world::{User, World};

use self::files::Files;
use self::step::{Step, Struck};
use crate::stage::Stage;

/// Passes until nothing is left to do: one for the change, one for guests that had to wait, and some that a lagging
/// replica or a contested object may cost.
const PASSES_UNTIL_QUIET: usize = 8;

macro_rules! seeds {
    ($($name:ident = $seed:literal)*) => {$(
        #[test]
        fn $name() {
            run($seed);
        }
    )*};
}

seeds! {
    seed_00 = 0
    seed_01 = 1
    seed_02 = 2
    seed_03 = 3
    seed_04 = 4
    seed_05 = 5
    seed_06 = 6
    seed_07 = 7
    seed_08 = 8
    seed_09 = 9
    seed_10 = 10
    seed_11 = 11
    seed_12 = 12
    seed_13 = 13
    seed_14 = 14
    seed_15 = 15
    seed_16 = 16
    seed_17 = 17
    seed_18 = 18
    seed_19 = 19
    seed_20 = 20
    seed_21 = 21
    seed_22 = 22
    seed_23 = 23
    seed_24 = 24
    seed_25 = 25
    seed_26 = 26
    seed_27 = 27
    seed_28 = 28
    seed_29 = 29
    seed_30 = 30
    seed_31 = 31
    seed_32 = 32
    seed_33 = 33
    seed_34 = 34
    seed_35 = 35
    seed_36 = 36
    seed_37 = 37
    seed_38 = 38
    seed_39 = 39
    seed_40 = 40
    seed_41 = 41
    seed_42 = 42
    seed_43 = 43
    seed_44 = 44
    seed_45 = 45
    seed_46 = 46
    seed_47 = 47
    seed_48 = 48
    seed_49 = 49
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a seed to be tried is given from outside")]
fn the_seed_from_outside() {
    if let Ok(seed) = std::env::var("GROUPSYNC_SEED") {
        run(seed.parse().expect("GROUPSYNC_SEED is a number"));
    }
}

/// One run: a fleet, a few disturbed passes, then passes until quiet.
fn run(seed: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime starts").block_on(Run::new(seed).live());
}

struct Run {
    rng: Rng,
    stage: Stage,
    files: Files,
    /// What has happened so far, shown if an invariant breaks.
    story: Story,
}

/// Tells what happened if the run ends in a panic.
struct Story(Vec<String>);

impl Drop for Story {
    #[expect(
        clippy::print_stderr,
        reason = "the story of a failed run is for whoever reads the test's output"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0.join("\n"));
        }
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let start = crate::stage::START.parse().expect("a literal timestamp parses");
        let files = Files::random(&mut rng, start);
        let stage = Stage::new(|dir| files.write(dir), seed, |world| prepare(world, &mut rng));
        let story = Story(vec![format!("seed {seed}"), format!("{files:#?}")]);
        Self { rng, stage, files, story }
    }

    async fn live(mut self) {
        if self.rng.u8(0..3) > 0 {
            // Most things happen to what is there already.
            let step = self.step(None, Struck::default()).await;
            invariants::hold(&step);
        }
        for _ in 0..self.rng.usize(3..6) {
            self.meddle();
            self.wait().await;
            let struck = self.arm_faults();
            let dies_at = (self.rng.u8(0..5) < 2).then(|| self.rng.usize(1..120));
            let step = self.step(dies_at, struck).await;
            invariants::hold(&step);
            self.stage.simulator.clear_faults();
        }
        let last = self.until_quiet().await;
        for customer in last.desired.customers.values().filter(|c| c.state == State::Enforce) {
            if last.plan_of(&customer.name).is_some_and(CustomerPlan::is_clean) {
                quiet::is_converged(&last, customer.name.as_str());
            }
        }
        self.says_the_same_again().await;
    }

    /// Undisturbed passes until one has nothing to do.
    async fn until_quiet(&mut self) -> Step {
        for _ in 0..PASSES_UNTIL_QUIET {
            // Longer than any lag, and than guests must rest before they are deleted.
            tokio::time::sleep(Duration::from_mins(20)).await;
            let step = self.step(None, Struck::default()).await;
            invariants::hold(&step);
            let plan = step.plan.as_ref().expect("a whole pass has a plan");
            if plan.customers.iter().all(|c| c.runnable().next().is_none()) {
                quiet::a_quiet_pass_is_quiet(&step);
                return step;
            }
        }
        panic!("still busy after {PASSES_UNTIL_QUIET} passes");
    }

    /// Invariant 14. The same input gives the same bytes, whatever the size of pages.
    async fn says_the_same_again(&mut self) {
        let plan = self.stage.plan().await;
        self.stage.simulator.edit(|world| world.page_size = Some(1));
        let again = self.stage.plan().await;
        assert_eq!(plan.digest, again.digest);
        let said = |plan: &groupsync::plan::value::Plan| format!("{:?}", plan.customers);
        assert_eq!(said(&plan), said(&again));
    }

    /// Somebody commits, leaves, or changes things in a tenant.
    fn meddle(&mut self) {
        for _ in 0..self.rng.usize(1..5) {
            let told = if self.rng.bool() {
                let told = self.files.change(&mut self.rng, self.stage.clock.now());
                self.files.write(self.stage.dir.path());
                told
            } else {
                let rng = &mut self.rng;
                let desired = self.stage.desired();
                self.stage.simulator.edit(|world| meddling::meddle(world, &desired, rng))
            };
            self.tell(told);
        }
    }

    async fn wait(&mut self) {
        let minutes = self.rng.u64(1..120);
        tokio::time::sleep(Duration::from_mins(minutes)).await;
        self.tell(format!("{minutes} minutes pass, now {}", self.stage.clock.now()));
    }

    /// A handful of faults, and whom they strike.
    fn arm_faults(&mut self) -> Struck {
        let mut struck = Struck::default();
        let names: Vec<String> = self.files.customers.keys().cloned().collect();
        for _ in 0..self.rng.usize(0..3) {
            let rng = &mut self.rng;
            let kind = [
                FaultKind::Throttle,
                FaultKind::Error,
                FaultKind::Html,
                FaultKind::Cut,
                FaultKind::LostAnswer,
                FaultKind::Forbidden,
                FaultKind::NoConsent,
                FaultKind::PartialBatch,
                FaultKind::ShortPage,
            ][rng.usize(0..9)];
            let mut fault = Fault::new(kind);
            fault.chance = Some([0.05, 0.3, 1.0][rng.usize(0..3)]);
            fault.times = rng.bool().then(|| rng.u32(1..6));
            fault.after = rng.bool().then(|| rng.u32(0..20));
            if kind == FaultKind::Throttle {
                fault.retry_after =
                    [None, Some("2"), Some("0.5"), Some("soon")][rng.usize(0..4)].map(str::to_owned);
            }
            match rng.u8(0..5) {
                0 => struck.everybody(&names),
                1 => {
                    fault.customer = Some("partner".to_owned());
                    struck.partner = true;
                }
                _ => {
                    let name = rng.choice(&names).expect("a fleet has customers").clone();
                    fault.customer = Some(name.clone());
                    struck.customers.insert(name);
                }
            }
            self.tell(format!("armed: {fault:?}"));
            self.stage.simulator.add_fault(fault);
        }
        if self.rng.u8(0..8) == 0 {
            let fault = Fault::new(FaultKind::Forbidden).customer("partner");
            self.stage.simulator.add_fault(fault.route("GET", "/groups/{id}/transitiveMembers"));
            struck.partner = true;
            struck.admins = true;
            self.tell("the groups of the partner cannot be read");
        }
        struck
    }

    /// One pass, cut off with its `dies_at`th request if that is given.
    async fn step(&mut self, dies_at: Option<usize>, struck: Struck) -> Step {
        let simulator = &self.stage.simulator;
        let desired = self.stage.desired();
        let started = self.stage.clock.now();
        let (before, written, sent) =
            (simulator.world(), simulator.history().len(), simulator.requests().len());
        let (client, death) = self.stage.mortal_client(dies_at.unwrap_or(usize::MAX));
        let halt = Halt::never();
        let report = tokio::select! {
            report = self.stage.apply_with(&client, &desired, &halt, Deferral::Leave) => Some(report),
            () = death.notified() => None,
        };
        self.story.0.push(match &report {
            None => format!("{started}: a pass died with request {dies_at:?}"),
            Some(report) => format!("{started}: {}", summary(report)),
        });
        let (plan, outcomes) = report.map(|r| (r.plan, r.outcomes)).unzip();
        let history = deliberate(simulator.history().split_off(written));
        let requests = simulator.requests().split_off(sent);
        self.story.0.extend(history.iter().map(|c| format!("    {} {:?} {:?}", c.tenant, c.actor, c.act)));
        let (ended, after) = (self.stage.clock.now(), simulator.world());
        Step { desired, started, ended, before, after, history, requests, plan, outcomes, struck }
    }

    fn tell(&mut self, told: impl Into<String>) {
        self.story.0.push(told.into());
    }
}

/// The changes without those that a deletion brings with it by itself.
fn deliberate(history: Vec<Change>) -> Vec<Change> {
    let mut kept: Vec<Change> = Vec::with_capacity(history.len());
    for change in history {
        if let Act::UserDeleted { user: gone } | Act::GroupDeleted { group: gone } = change.act {
            while kept.last().is_some_and(|last| {
                matches!(last.act, Act::MemberRemoved { member, .. } if member == gone && last.at == change.at)
                    || matches!(last.act, Act::OwnerRemoved { owner, .. } if owner == gone && last.at == change.at)
            }) {
                kept.pop();
            }
        }
        kept.push(change);
    }
    kept
}

/// What became of a pass, customer by customer.
fn summary(report: &groupsync::reconcile::Report) -> String {
    let customers = report.plan.customers.iter().zip(&report.outcomes).map(|(plan, outcome)| {
        let done: Vec<_> =
            outcome.outcomes.iter().map(|o| format!("{} {:?} {:?}", o.operation, o.status, o.text)).collect();
        format!(
            "{}: gaps {:?}, held {:?}, refused {:?}, ended early {:?}\n      {}",
            plan.name,
            plan.gaps.iter().map(|g| (g.code, &g.text)).collect::<Vec<_>>(),
            plan.held.iter().map(|h| (h.code, &h.text)).collect::<Vec<_>>(),
            plan.refused.iter().map(|r| (r.code, &r.text)).collect::<Vec<_>>(),
            outcome.ended_early,
            done.join("\n      ")
        )
    });
    customers.collect::<Vec<_>>().join("\n  ")
}

/// What makes the world of a run its own: everybody who may ever be named, lag, small pages.
fn prepare(world: &mut World, rng: &mut Rng) {
    for (address, id) in (0..files::PEOPLE).map(files::person) {
        let id = id.parse().expect("a number makes an id");
        if world.partner.users.iter().all(|user| user.id != id) {
            world.partner.users.push(User::member(id, &address));
        }
    }
    world.lag.max_seconds = [0.0, 5.0, 45.0][rng.usize(0..3)];
    world.page_size = [None, Some(1), Some(3)][rng.usize(0..3)];
}
