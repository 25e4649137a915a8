//! Microsoft's clouds.

use serde::{Deserialize, Serialize};

/// A Microsoft cloud: a world of its own, with its own hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cloud {
    /// The public cloud, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGov,
    /// US Government L5 (`DoD`).
    UsGovDod,
    /// Azure operated by 21Vianet.
    China,
}
