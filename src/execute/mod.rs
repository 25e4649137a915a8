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

use crate::client::Client;
use crate::clock::Clock;
use crate::execute::halt::Halt;
use crate::execute::pass::Pass;
use crate::model::names::CustomerName;
use crate::plan::outcome::{CustomerOutcome, Outcome};
use crate::plan::value::CustomerPlan;

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

/// Carries out what the plan of one customer allows. Fails in its outcomes only.
pub async fn customer(client: &Client, plan: &CustomerPlan, context: &Context<'_>) -> CustomerOutcome {
    let mut pass = Pass::new(client, plan, context);
    pass.run().await;
    pass.finish()
}
