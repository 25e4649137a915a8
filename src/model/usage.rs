//! What work takes of the services' quotas, forecast or counted.

use std::ops::{Add, AddAssign, Sub};

/// Requests to each service, and what else of its quotas they take. A `$batch` is one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests to Graph.
    pub graph: u64,
    /// Graph resource units.
    pub units: u64,
    /// Graph writes; members that are added together count a third each.
    pub writes: u64,
    /// Requests to Resource Manager, those to its providers included.
    pub azure: u64,
    /// Those of them that write or delete.
    pub azure_writes: u64,
    /// Those of them that `Microsoft.Authorization` answers.
    pub authorization: u64,
}

impl Usage {
    /// Requests to all services.
    pub fn requests(&self) -> u64 {
        self.graph + self.azure
    }

    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            graph: with(self.graph, other.graph),
            units: with(self.units, other.units),
            writes: with(self.writes, other.writes),
            azure: with(self.azure, other.azure),
            azure_writes: with(self.azure_writes, other.azure_writes),
            authorization: with(self.authorization, other.authorization),
        }
    }
}

impl Add for Usage {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usage {
    type Output = Self;
    /// What was used between two counts.
    fn sub(self, earlier: Self) -> Self {
        self.zip(earlier, u64::saturating_sub)
    }
}
