//! What the program's exit code says.

use std::process::ExitCode;

use crate::plan::outcome::{CustomerOutcome, Status};
use crate::plan::value::Plan;

/// The exit codes. If several apply, the first of 4, 1, 3, 2, 0 is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: converged or done; also pending, for a plan without `--exit-code`.
    Done = 0,
    /// 1: a failure, an interruption, something that could not be read, or a failed operation.
    Failure = 1,
    /// 2: changes are pending (`plan --exit-code`).
    Pending = 2,
    /// 3: something is held or refused, or the kill switch is set.
    Held = 3,
    /// 4: invalid files, settings or usage.
    Usage = 4,
}

impl Exit {
    /// The one that is returned if both apply.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.weight() >= other.weight() { self } else { other }
    }

    /// What a plan alone amounts to. Whether pending changes count is for the caller to say.
    pub fn of_plan(plan: &Plan) -> Self {
        let mut exit = Self::Done;
        for customer in &plan.customers {
            if !customer.gaps.is_empty() {
                exit = exit.or(Self::Failure);
            }
            if !customer.held.is_empty() || !customer.refused.is_empty() {
                exit = exit.or(Self::Held);
            }
        }
        exit
    }

    /// What the outcomes of a run amount to: what is deferred or not yet visible is no failure.
    pub fn of_outcomes(customers: &[CustomerOutcome]) -> Self {
        let mut exit = Self::Done;
        for customer in customers {
            if customer.ended_early.is_some() {
                exit = exit.or(Self::Failure);
            }
            for outcome in &customer.outcomes {
                exit = exit.or(match outcome.status {
                    Status::Done | Status::AlreadySo | Status::Pending | Status::Deferred(_) => Self::Done,
                    Status::Refused => Self::Held,
                    Status::Failed => Self::Failure,
                });
            }
        }
        exit
    }

    fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Pending => 1,
            Self::Held => 2,
            Self::Failure => 3,
            Self::Usage => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_wins_in_the_documented_order() {
        let order = [Exit::Usage, Exit::Failure, Exit::Held, Exit::Pending, Exit::Done];
        for (place, exit) in order.iter().enumerate() {
            for other in &order[place..] {
                assert_eq!((exit.or(*other), other.or(*exit)), (*exit, *exit));
            }
        }
    }
}
