//! How groupsync runs in a run: one process or two, to the end or not, once or as the loop does.

use std::time::Duration;

use groupsync::desired::state::DesiredState;
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::plan::verdict::HoldCode;
use groupsync::reconcile::Report;
use groupsync::simulator::history::{Act, Change};
use jiff::SignedDuration;

use super::books::{Condition, Which};
use super::files::Files;
use super::history::{Mode, Version};
use super::keeping::{Life, keep_in_step};
use super::place;
use super::run::Run;
use super::step::{Step, Unshown, is_wrong};

/// A loop that lives so long has seen everything that was so when it began.
const SEES_EVERYTHING: Duration = Duration::from_mins(5);

/// The longest that a fault hides a write of ours.
const LONGEST_LAG: SignedDuration = SignedDuration::from_secs(245);

/// What came of the processes of one step.
#[derive(Default)]
struct Work {
    plan: Option<Plan>,
    report: Option<Report>,
    second: Option<DesiredState>,
    earlier: Option<DesiredState>,
    last: Vec<std::sync::Arc<CustomerPlan>>,
    lived: bool,
}

impl Run {
    /// One pass, as the mode says. The clock of the machine is off by `skew`; what is committed meanwhile reaches a loop halfway.
    pub(super) async fn pass(&mut self, mode: Mode, skew: SignedDuration, committed: Option<Files>) -> Step {
        self.place.wait_until(self.shows).await;
        let simulator = self.place.simulator.clone();
        simulator.clear_requests();
        let mut desired = place::read(&self.files);
        let started = self.place.now();
        self.forgot &= started < self.settles;
        let (before, written) = (simulator.world(), simulator.history().len());
        let mut work = self.work(mode, skew, &desired, committed.as_ref()).await;
        if let Some(files) = committed {
            work.earlier = Some(std::mem::replace(&mut desired, place::read(&files)));
            self.files = files;
        }
        let history = deliberate(simulator.history().split_off(written));
        let (ended, after) = (self.place.now(), simulator.world());
        let principals =
            after.customers.iter().map(|c| (c.tenant_id, simulator.service_principal(c.tenant_id))).collect();
        let step = Step {
            skew,
            records: self.place.books.news(),
            journal: self.place.books.condition(),
            unshown: match (started < self.settles, self.forgot || is_wrong(skew)) {
                (false, _) => Unshown::Nothing,
                (true, false) => Unshown::Remembered,
                (true, true) => Unshown::Forgotten,
            },
            lags: self.lagged || before.lag.max_seconds > 0.0,
            second: work.second,
            earlier: work.earlier,
            is_loop: matches!(mode, Mode::Loop(..)),
            lived: work.lived,
            last: work.last,
            started,
            ended,
            before,
            after,
            history,
            requests: simulator.requests(),
            plan: work.plan,
            outcomes: work.report.as_ref().map(|report| report.outcomes.clone()),
            struck: self.struck.clone(),
            principals,
            desired,
        };
        self.remember(&step);
        self.trace.borrow_mut().recount(&step, work.report.as_ref());
        step
    }

    async fn work(
        &mut self,
        mode: Mode,
        skew: SignedDuration,
        desired: &DesiredState,
        committed: Option<&Files>,
    ) -> Work {
        let mut work = Work::default();
        match mode {
            Mode::Whole => {
                let process = self.place.process(usize::MAX, skew, Which::First);
                work.report = Some(place::pass(&process, desired, &mut work.plan).await);
                work.lived = true;
            }
            Mode::Dies(calls) => {
                let process = self.place.process(calls, skew, Which::First);
                work.report = tokio::select! {
                    biased;
                    () = process.death.notified() => None,
                    report = place::pass(&process, desired, &mut work.plan) => Some(report),
                };
                work.lived = work.report.is_some();
            }
            Mode::Loop(time, dies) => {
                let process = self.place.process(dies.unwrap_or(usize::MAX), skew, Which::First);
                let life = Life { time, committed };
                let left = keep_in_step(process, &self.place.books.files(), &self.files, life).await;
                work.lived = left.lived && time >= SEES_EVERYTHING;
                work.last = left.plans;
            }
            Mode::Two(after, version, journal) => {
                let older = self.earlier.clone().filter(|_| version == Version::Older);
                let other = &*work.second.insert(older.unwrap_or_else(|| desired.clone()));
                let one = self.place.process(usize::MAX, skew, Which::First);
                let two = self.place.process(usize::MAX, SignedDuration::ZERO, journal);
                let later = async {
                    tokio::time::sleep(after).await;
                    place::pass(&two, other, &mut None).await
                };
                let first = place::pass(&one, desired, &mut work.plan);
                let (report, _) = futures_util::future::join(first, later).await;
                work.report = Some(report);
                work.lived = true;
            }
        }
        work
    }

    /// Remembers what the next steps need to know of a pass.
    fn remember(&mut self, step: &Step) {
        let lag = if self.lagged { LONGEST_LAG } else { self.place.lag() };
        if !step.history.is_empty() {
            self.settles = step.ended + lag;
            let known = step.lived && step.second.is_none() && step.journal == Condition::Sound;
            self.forgot |= !known || is_wrong(step.skew);
        }
        let plans: Vec<&CustomerPlan> =
            step.plan.iter().flat_map(|plan| &plan.customers).chain(step.last.iter().map(|p| &**p)).collect();
        if !plans.is_empty() {
            let mut holds = plans.iter().flat_map(|plan| &plan.held);
            self.contested = holds.any(|hold| hold.code == HoldCode::Contested);
            let waits = |plan: &CustomerPlan| plan.held.iter().any(|hold| hold.code.is_releasable());
            let waiting = plans.iter().filter(|plan| waits(plan));
            self.held = waiting.map(|plan| (plan.name.to_string(), plan.digest.to_string())).collect();
        }
        self.earlier = Some(step.desired.clone());
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
