//! Carries out a plan, phase by phase, and decides nothing: it resolves what the plan could not know yet (the id of a guest
//! just invited), repeats what replicas do not see yet, and says what became of every operation.

pub mod halt;
mod pass;
mod patience;
mod fate;
mod admit;
mod assign;
mod remove;
mod delete;

use futures_util::{StreamExt as _, stream};

use crate::client::Client;
use crate::clock::Clock;
use crate::execute::halt::Halt;
use crate::execute::pass::{Pass, Wave};
use crate::model::names::CustomerName;
use crate::plan::outcome::{CustomerOutcome, Outcome};
use crate::plan::value::Plan;

/// How many customers are written to at the same time. Budgets, not this, set the pace: a customer with new groups spends a
/// minute waiting for Azure to learn of them, and the quota over all tenants is worth the writes of about sixty such.
const WRITTEN_AT_ONCE: usize = 64;

/// What carrying out a plan needs besides the plan.
pub struct Context<'a> {
    /// Time, and every wait.
    pub clock: &'a Clock,
    /// The kill switch.
    pub halt: &'a Halt,
    /// What to do with a guest that must not be deleted yet.
    pub deferral: Deferral,
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

/// Carries out what a plan allows, several customers at a time: first the withdrawals of all of them, then the rest, so that
/// no leaver at one customer waits for the roll-out at another. Fails in its outcomes only; they come in the plan's order.
pub async fn sweep(client: &Client, plan: &Plan, context: &Context<'_>) -> Vec<CustomerOutcome> {
    let mut passes: Vec<Pass<'_>> =
        plan.customers.iter().map(|customer| Pass::new(client, customer, context)).collect();
    for wave in [Wave::Withdrawals, Wave::Rest] {
        let running = passes.into_iter().map(async |mut pass| {
            pass.run(wave).await;
            pass
        });
        // As they end: one customer that waits must not keep others from beginning.
        passes = stream::iter(running).buffer_unordered(WRITTEN_AT_ONCE).collect().await;
    }
    passes.sort_by(|a, b| a.plan.name.cmp(&b.plan.name));
    passes.into_iter().map(Pass::finish).collect()
}
