//! Carries out a plan, phase by phase, and decides nothing: it resolves what the plan could not know yet (the id of a guest
//! just invited), repeats what replicas do not see yet, and says what became of every operation.

mod pass;
mod patience;
mod fate;
mod admit;
mod assign;
mod remove;
mod delete;
mod look;
mod verify;
mod account;
pub mod insist;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use crate::client::Client;
use crate::client::halt::Halt;
use crate::clock::Clock;
use crate::execute::pass::{Pass, Wave};
use crate::journal::Journal;
use crate::model::ids::{ObjectId, TenantId};
use crate::model::names::CustomerName;
use crate::model::quota::{WITHDRAWN_AT_ONCE, WRITTEN_AT_ONCE};
use crate::plan::memory::{Memory, SETTLES_IN};
use crate::plan::outcome::{CustomerOutcome, Outcome};
use crate::plan::overlay::Wrote;
use crate::plan::value::{CustomerPlan, Plan};

/// What carrying out a plan needs besides the plan.
pub struct Context<'a> {
    /// Time, and every wait.
    pub clock: &'a Clock,
    /// The kill switch.
    pub halt: &'a Halt,
    /// What to do with a guest that must not be deleted yet.
    pub deferral: Deferral,
    /// Where everything is written down before and after it is done.
    pub journal: &'a Journal,
    /// What the plan was made with.
    pub memory: &'a Memory,
    /// Told at the end of a customer's plan what was written there.
    pub wrote: &'a (dyn Fn(TenantId, Vec<Wrote>) + Sync),
    /// Told of every outcome as it happens.
    pub notice: &'a (dyn Fn(&CustomerName, &Outcome) + Sync),
}

/// What to do with an operation whose time has not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deferral {
    /// Leave it to a later run.
    #[default]
    Leave,
    /// Wait for its time.
    Wait,
}

/// The queues in which customers wait to be written to: one for the withdrawals of all of them, and one for the rest of each,
/// once its own are done, so that no leaver at one customer waits for the roll-out at another, and nobody for a tenant that
/// hardly answers. They know besides what went through them lately: a guest rests after our own last write to it, whatever a
/// journal remembers of that.
#[derive(Debug)]
pub struct Queues {
    withdrawing: Semaphore,
    changing: Semaphore,
    touched: Mutex<BTreeMap<TenantId, BTreeMap<ObjectId, Timestamp>>>,
}

impl Default for Queues {
    fn default() -> Self {
        Self {
            withdrawing: Semaphore::new(WITHDRAWN_AT_ONCE),
            changing: Semaphore::new(WRITTEN_AT_ONCE),
            touched: Mutex::default(),
        }
    }
}

impl Queues {
    /// Adds our last writes to guests of a tenant.
    fn remind(&self, tenant: TenantId, touched: &mut BTreeMap<ObjectId, Timestamp>) {
        let known = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        for (guest, at) in known.get(&tenant).into_iter().flatten() {
            let last = touched.entry(*guest).or_insert(*at);
            *last = (*last).max(*at);
        }
    }

    /// Keeps them as long as they matter.
    fn remember(&self, tenant: TenantId, touched: &BTreeMap<ObjectId, Timestamp>, now: Timestamp) {
        let mut known = self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = touched.iter().filter(|(_, at)| now.duration_since(**at) < SETTLES_IN);
        let recent: BTreeMap<ObjectId, Timestamp> = recent.map(|(guest, at)| (*guest, *at)).collect();
        if recent.is_empty() {
            known.remove(&tenant);
        } else {
            known.insert(tenant, recent);
        }
    }
}

/// Carries out what a plan allows, several customers at a time. Fails in its outcomes only; they come in the plan's order.
pub async fn sweep(client: &Client, plan: &Plan, context: &Context<'_>) -> Vec<CustomerOutcome> {
    let queues = Queues::default();
    let customers = plan.customers.iter().map(|plan| customer(client, plan, context, &queues));
    let mut outcomes: Vec<CustomerOutcome> = customers.collect::<FuturesUnordered<_>>().collect().await;
    outcomes.sort_by(|a, b| a.name.cmp(&b.name));
    outcomes
}

/// Carries out what one customer's plan allows, in turn with everybody else in the queues.
pub async fn customer(
    client: &Client,
    plan: &CustomerPlan,
    context: &Context<'_>,
    queues: &Queues,
) -> CustomerOutcome {
    let client = &client.under(context.halt);
    let mut pass = Pass::new(client, plan, context);
    queues.remind(plan.tenant, &mut pass.touched);
    for (wave, queue) in [(Wave::Withdrawals, &queues.withdrawing), (Wave::Rest, &queues.changing)] {
        if !pass.has(wave) {
            continue;
        }
        let _place = tokio::select! {
            biased;
            place = queue.acquire() => Some(place.expect("the queue is never closed")),
            // Nothing is written any more: saying so needs no place.
            () = context.halt.thrown() => None,
        };
        pass.run(wave).await;
    }
    queues.remember(plan.tenant, &pass.touched, context.clock.now());
    pass.finish()
}
