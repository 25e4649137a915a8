//! One run: a fleet, its history, and then passes until it has come to rest.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use fastrand::Rng;
use groupsync::desired::state::{DesiredState, State};
use groupsync::model::ownership::Mark;
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::plan::verdict::FindingCode;
use groupsync::simulator::faults::FaultKind;
use groupsync::simulator::world::World;
use jiff::{SignedDuration, Timestamp};

use super::books::Condition;
use super::files::{Customer, Files, Override};
use super::history::{self, Event, Mode};
use super::limits::Day;
use super::place::{self, Place};
use super::step::Step;
use super::trace::{Detail, Trace};
use super::verdict::Violation;
use super::weather::{self, Struck};
use super::written::STRANGER;
use super::{acts, edits, invariants, opening, quiet};

/// Passes until nothing is left to do: one for the change, one for guests that had to wait, and some that a lagging
/// replica or a contested object may cost.
const PASSES_UNTIL_QUIET: usize = 8;

pub(crate) struct Run {
    seed: u64,
    pub(super) place: Place,
    pub(super) files: Files,
    /// The files of the pass before.
    pub(super) earlier: Option<DesiredState>,
    pub(super) struck: Struck,
    /// Digests of plans that wait for a release, by customer.
    pub(super) held: BTreeMap<String, String>,
    /// Whether the last plan waits for a word about something that others deleted.
    pub(super) contested: bool,
    /// What loops took within a day.
    day: Day,
    /// Everything that plans said under a digest.
    said: BTreeMap<String, String>,
    /// When what others did shows everywhere.
    pub(super) shows: Timestamp,
    /// When all that groupsync itself wrote shows everywhere.
    pub(super) settles: Timestamp,
    pub(super) lagged: bool,
    /// Whether something that may not show yet was written by a process that could not write it down for the next.
    pub(super) forgot: bool,
    /// The tenants as they were, for what must be given back in the end.
    start: World,
    pub(super) trace: Rc<RefCell<Trace>>,
}

impl Run {
    /// The fleet of a seed.
    pub(crate) fn new(seed: u64, trace: Rc<RefCell<Trace>>) -> Self {
        let mut rng = history::chance(seed, usize::MAX - 1);
        let start = place::start();
        let files = Files::random(&mut rng, start);
        let place = Place::new(&files, seed, |world| {
            world.lag.max_seconds = f64::from([0_u8, 0, 5, 45, 150][rng.usize(0..5)]);
            world.page_size = [None, None, Some(1), Some(3)][rng.usize(0..4)];
            let mark = Mark::of(place::read(&files).partner.tenant);
            let customers = world.customers.iter_mut().filter(|customer| customer.name != STRANGER);
            customers.for_each(|customer| opening::furnish(customer, &mark, seed));
            opening::delegate(world, seed);
        });
        let mut struck = Struck::default();
        if let Some(fault) = opening::weather(seed, &mut struck) {
            trace.borrow_mut().tell(Detail::Story, || format!("from the beginning: {fault:?}"));
            place.simulator.add_fault(fault);
        }
        trace.borrow_mut().tell(Detail::Story, || format!("seed {seed}\n{files:#?}"));
        let world = place.simulator.world();
        Self {
            seed,
            place,
            files,
            earlier: None,
            struck,
            held: BTreeMap::new(),
            contested: false,
            day: Day::default(),
            said: BTreeMap::new(),
            shows: start,
            settles: start,
            lagged: false,
            forgot: false,
            start: world,
            trace,
        }
    }

    /// Lives through the steps of its history, or those chosen, and then until nothing is left to do.
    pub(crate) async fn live(&mut self, chosen: Option<&BTreeSet<usize>>) -> Result<(), Violation> {
        for step in 0..history::length(self.seed) {
            if chosen.is_none_or(|chosen| chosen.contains(&step)) {
                let mut rng = history::chance(self.seed, step);
                let event = history::event(&mut rng, step);
                if let Some(mut rng) = history::harms_journal(self.seed, step) {
                    let told = self.place.books.harm(&mut rng);
                    self.day.forget();
                    self.forgot = true;
                    self.tell(|| format!("{step}. {told:?}"));
                }
                self.happen(step, event, &mut rng).await?;
            }
        }
        self.come_to_rest().await
    }

    fn tell(&self, line: impl FnOnce() -> String) {
        self.trace.borrow_mut().tell(Detail::Story, line);
    }

    async fn happen(&mut self, step: usize, event: Event, rng: &mut Rng) -> Result<(), Violation> {
        let now = self.place.now();
        match event {
            Event::Edit => {
                let (files, told) = self.commit(rng, now);
                self.tell(|| format!("{step}. {now} {told}"));
                self.files = files.unwrap_or_else(|| self.files.clone());
            }
            Event::Act => {
                let desired = place::read(&self.files);
                let told = self.place.simulator.edit(|world| acts::act(world, &desired, rng));
                self.tell(|| format!("{step}. {now} {told}"));
                self.shows = now + self.place.lag();
            }
            Event::Wait(time) => {
                self.tell(|| format!("{step}. {now} {time:?} pass"));
                tokio::time::sleep(time).await;
            }
            Event::Fault => {
                let names: Vec<String> = self.files.customers.keys().cloned().collect();
                let fault = weather::fault(rng, &names, &mut self.struck);
                self.lagged |= fault.fault == FaultKind::Lag;
                self.tell(|| format!("{step}. {now} from now on: {fault:?}"));
                self.place.simulator.add_fault(fault);
            }
            Event::Calm => {
                self.tell(|| format!("{step}. {now} the faults are over"));
                self.calm();
            }
            Event::Pass(mode) => {
                let skew = history::clock_skew(rng);
                self.tell(|| format!("{step}. {now} a pass: {mode:?}, its clock off by {skew:?}"));
                let committed = matches!(mode, Mode::Loop(..)) && rng.bool();
                let committed = committed.then(|| self.commit(rng, now)).and_then(|(files, told)| {
                    self.tell(|| format!("    meanwhile {told}"));
                    files
                });
                let done = self.pass(mode, skew, committed).await;
                self.judge(&done)?;
            }
        }
        Ok(())
    }

    /// Makes a change of the files, unless the review refuses it, and tells what it is.
    fn commit(&self, rng: &mut Rng, now: Timestamp) -> (Option<Files>, String) {
        let mut files = self.files.clone();
        let told = files.change(rng, now, &self.held);
        match place::try_read(&files) {
            Ok(desired) => {
                self.place.settle_newcomers(&desired);
                (Some(files), told)
            }
            // A privileged role for good: what was accepted before stays in force.
            Err(problems) if problems.contains(edits::OWNER_FOR_GOOD) => (None, told),
            Err(problems) => panic!("the files are not valid: {problems}"),
        }
    }

    fn calm(&mut self) {
        self.place.simulator.clear_faults();
        self.struck = Struck::default();
    }

    /// Undisturbed passes until one has nothing to do, and again once everything that waits for a human is released.
    async fn come_to_rest(&mut self) -> Result<(), Violation> {
        self.tell(|| "the faults stop, and what was taken from us is given back".to_owned());
        self.calm();
        self.place.simulator.edit(|world| acts::give_back(world, &self.start));
        self.files.stop = false;
        if self.place.books.condition() == Condition::Broken {
            self.tell(|| "the broken journal is put away".to_owned());
            self.place.books.begin_anew();
        }
        self.files.customers.values_mut().for_each(|customer| customer.wrong_domain = false);
        self.until_quiet().await?;
        if !self.held.is_empty() {
            self.tell(|| format!("what waits is released: {:?}", self.held));
            let expires = self.place.now() + SignedDuration::from_hours(24);
            let released = self.held.iter().map(|(customer, digest)| Override {
                customer: customer.clone(),
                digest: digest.clone(),
                expires,
            });
            self.files.overrides = released.collect();
            self.until_quiet().await?;
        }
        if self.contested {
            self.tell(|| "what others deleted is wanted back".to_owned());
            self.files.customers.values_mut().for_each(Customer::want_back);
            self.until_quiet().await?;
        }
        self.says_the_same_again().await
    }

    async fn until_quiet(&mut self) -> Result<(), Violation> {
        for pass in 0..PASSES_UNTIL_QUIET {
            // Longer than any lag, and than guests must rest before they are deleted; once, than any grant runs.
            let rest = if pass == 3 { Duration::from_hours(8) } else { Duration::from_mins(20) };
            tokio::time::sleep(rest).await;
            let step = self.pass(Mode::Whole, SignedDuration::ZERO, None).await;
            self.judge(&step)?;
            let Some(plan) = &step.plan else { continue };
            // By a clock that was ahead, something may count as made just now for hours.
            let settles = |c: &CustomerPlan| c.findings.iter().any(|f| f.code == FindingCode::Settling);
            if plan.customers.iter().all(|c| c.runnable().next().is_none() && !settles(c)) {
                let of = |of| move |text| Violation { of, text };
                quiet::a_quiet_pass_is_quiet(&step).map_err(of("a_quiet_pass_is_quiet"))?;
                for plan in
                    plan.customers.iter().filter(|plan| plan.is_clean() && plan.state == State::Enforce)
                {
                    let customer = &step.desired.customers[&plan.name];
                    quiet::is_converged(&step, customer).map_err(of("any_prefix_then_a_pass_converges"))?;
                }
                return Ok(());
            }
        }
        let text = format!("still busy after {PASSES_UNTIL_QUIET} passes");
        Err(Violation { of: "the_fleet_comes_to_rest", text })
    }

    /// Invariant 14. The same input gives the same bytes, whatever the size of pages.
    async fn says_the_same_again(&mut self) -> Result<(), Violation> {
        let desired = place::read(&self.files);
        let plan = self.place.plan(&desired).await;
        let other = |size: Option<usize>| if size == Some(1) { None } else { Some(1) };
        self.place.simulator.edit(|world| world.page_size = other(world.page_size));
        let again = self.place.plan(&desired).await;
        let said = |plan: &Plan| format!("{:?} {:?}", plan.digest, plan.customers);
        if said(&plan) == said(&again) {
            return Ok(());
        }
        let text = "pages of another size made another plan".to_owned();
        Err(Violation { of: "the_same_input_gives_the_same_bytes", text })
    }

    fn judge(&mut self, step: &Step) -> Result<(), Violation> {
        invariants::hold(step, &mut self.day)?;
        self.digests_tell_plans_apart(step)
    }

    /// Invariant 5. A digest stands for one plan: whatever else would be written has another.
    fn digests_tell_plans_apart(&mut self, step: &Step) -> Result<(), Violation> {
        for plan in step.plan.iter().flat_map(|plan| &plan.customers) {
            let content = super::written::content(plan);
            let known = self.said.entry(plan.digest.to_string()).or_insert_with(|| content.clone());
            if *known != content {
                let text = format!("{} says\n{known}\nand\n{content}\nunder one digest", plan.name);
                return Err(Violation { of: "digests_tell_plans_apart", text });
            }
        }
        Ok(())
    }
}
