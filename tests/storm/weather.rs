//! What goes wrong between groupsync and the services: which faults are armed, and whose requests they may strike.

use std::collections::BTreeSet;

use fastrand::Rng;
use groupsync::simulator::faults::{Fault, FaultKind};

/// Whose requests are struck by faults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Struck {
    pub(crate) partner: bool,
    pub(crate) customers: Customers,
    /// The members of the partner's groups cannot be read at all; nothing else there is struck by that.
    pub(crate) members: bool,
    /// A service may call something done that it did not do.
    pub(crate) liars: bool,
}

/// Customers that are struck.
#[derive(Debug, Clone)]
pub(crate) enum Customers {
    /// Those with these names.
    These(BTreeSet<String>),
    /// All, those to come as well.
    All,
}

impl Default for Customers {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Customers {
    fn add(&mut self, name: String) {
        if let Self::These(names) = self {
            names.insert(name);
        }
    }

    /// Whether faults may strike what is asked of that customer's tenant.
    pub(crate) fn contains(&self, name: &str) -> bool {
        match self {
            Self::These(names) => names.contains(name),
            Self::All => true,
        }
    }
}

/// Every kind, the usual ones more often.
const KINDS: [FaultKind; 30] = [
    FaultKind::Throttle,
    FaultKind::DeltaGone,
    FaultKind::Error,
    FaultKind::Error,
    FaultKind::Html,
    FaultKind::Cut,
    FaultKind::Cut,
    FaultKind::LostAnswer,
    FaultKind::LostAnswer,
    FaultKind::Forbidden,
    FaultKind::Forbidden,
    FaultKind::NoConsent,
    FaultKind::PartialBatch,
    FaultKind::PartialBatch,
    FaultKind::ShortPage,
    FaultKind::ShortPage,
    FaultKind::Liar,
    FaultKind::Liar,
    FaultKind::SignInRefused,
    FaultKind::Slow,
    FaultKind::Lag,
    FaultKind::Lag,
    FaultKind::Skew,
    FaultKind::ForeignLink,
    FaultKind::SameLink,
    FaultKind::Redirect,
    FaultKind::OtherCase,
    FaultKind::Mistyped,
    FaultKind::AbsurdHeaders,
    FaultKind::Huge,
];

/// A random fault, and whom it strikes.
pub(crate) fn fault(rng: &mut Rng, customers: &[String], struck: &mut Struck) -> Fault {
    if rng.u8(0..6) == 0 {
        struck.members = true;
        let fault = Fault::new(FaultKind::Forbidden).customer("partner");
        return fault.route("GET", "/groups/{id}/transitiveMembers");
    }
    let kind = KINDS[rng.usize(0..KINDS.len())];
    struck.liars |= kind == FaultKind::Liar;
    let mut fault = Fault::new(kind);
    fault.chance = Some([0.05, 0.3, 1.0][rng.usize(0..3)]);
    fault.times = rng.bool().then(|| rng.u32(1..6));
    fault.after = rng.bool().then(|| rng.u32(0..20));
    match kind {
        FaultKind::Throttle => {
            let waits = [None, Some("2"), Some("0.5"), Some("soon")];
            fault.retry_after = waits[rng.usize(0..4)].map(str::to_owned);
        }
        FaultKind::Slow => fault.delay = Some([3.0, 45.0, 400.0][rng.usize(0..3)]),
        FaultKind::Lag => fault.delay = Some([20.0, 90.0, 240.0][rng.usize(0..3)]),
        FaultKind::Skew => fault.delay = Some([-7200.0, 90.0, 7200.0][rng.usize(0..3)]),
        // Sixteen MiB take their time to make.
        FaultKind::Huge => fault.times = Some(1),
        _ => {}
    }
    match rng.u8(0..5) {
        0 => {
            struck.partner = true;
            struck.customers = Customers::All;
        }
        1 => {
            fault.customer = Some("partner".to_owned());
            struck.partner = true;
        }
        _ => {
            let name = rng.choice(customers).expect("a fleet has customers").clone();
            fault.customer = Some(name.clone());
            struck.customers.add(name);
        }
    }
    fault
}
