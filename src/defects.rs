//! Deliberate defects, for the storm to find: each takes away one thing that keeps the product safe, at the place where it
//! does. They exist only with the feature `defects`, which the tests, benches and examples of this package switch on and no build of
//! the program does; without it `defect!(…)` is the constant `false`.

/// Whether a defect is planted; `false` without the feature.
#[cfg(not(feature = "defects"))]
macro_rules! defect {
    ($name:ident) => {
        false
    };
}

/// Whether a defect is planted in this thread.
#[cfg(feature = "defects")]
macro_rules! defect {
    ($name:ident) => {
        $crate::defects::is_planted($crate::defects::Defect::$name)
    };
}

#[cfg(feature = "defects")]
macro_rules! catalogue {
    ($($(#[doc = $text:literal])+ $name:ident)+) => {
        /// A deliberate defect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Defect {
            $($(#[doc = $text])+ $name,)+
        }

        impl Defect {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What is wrong, in words.
            pub fn words(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($text),+).trim_ascii(),)+
                }
            }
        }
    };
}

#[cfg(feature = "defects")]
catalogue! {
    /// The first page of a list is taken for all of it.
    TruncatedPage
    /// A page that cannot be read ends a list instead of failing it.
    BrokenPageEndsList
    /// An invitation whose answer got lost is sent again without a look.
    BlindRepeat
    /// The answer to a batch counts for everything in it.
    EnvelopeTrusted
    /// The wall clock is used in place of the controller's own.
    WallClock
    /// A source that cannot be read is taken for an empty one.
    GapIsEmptiness
    /// A field that Graph withholds is read as somebody's end.
    NullIsGone
    /// A disabled person counts as one who still works there.
    DisabledStays
    /// An address among other mails proves who a guest is.
    OtherMailsProve
    /// An expired grant is refused as invalid instead of ended.
    ExpiredGrantRefused
    /// Ended access waits until the mapping's source can be read.
    EndsWaitForSource
    /// A group is ours by its mail nickname, which anybody can give.
    GroupByNickname
    /// The ledger is not asked whether a guest is ours to delete.
    LedgerIgnored
    /// Every role on a group of ours counts as given by us.
    EveryRowIsOurs
    /// The customer's own people in our groups count as staff.
    EverybodyIsStaff
    /// What else uses a guest is not asked before the guest is deleted.
    UseIgnored
    /// A guest is deleted at once after our own last write to it.
    NoRestForGuests
    /// A released adopted group is deleted like one of our own.
    AdoptedDeleted
    /// A group that somebody else owns is managed all the same.
    OwnersIgnored
    /// A group that another directory fills is managed all the same.
    ObstaclesIgnored
    /// The policy's list of protected objects is not looked at.
    ProtectionIgnored
    /// A row that somebody narrowed by a condition is deleted.
    ConditionsIgnored
    /// A tenant is taken for the customer's whatever its domain says.
    DomainUnverified
    /// A list of delegated administrators that cannot be read keeps nobody out.
    UnreadAgentsPass
    /// Administrators by GDAP are not looked for.
    GdapForgotten
    /// The guard does not count groups.
    GuardForgetsGroups
    /// The limit of a single group is not looked at.
    GuardForgetsGroupLimit
    /// The fleet's limits are not looked at.
    GuardForgetsFleet
    /// The limit of a shrinking source is not looked at.
    GuardForgetsSource
    /// A limit holds the first change and lets the others through.
    HoldsTrimmed
    /// A limit holds withdrawals too.
    WithdrawalsHeld
    /// A change begins although the journal's chain is broken.
    BrokenJournalIgnored
    /// An override releases whatever its customer has to do.
    OverrideForAnything
    /// The digest leaves out who is added.
    DigestOverTooLittle
    /// People who move leave their old group before they enter the new one.
    RemoveBeforeAdd
    /// Whoever was invited enters groups whether the ledger holds her or not.
    LedgerLast
    /// A suspended customer is changed like any other.
    SuspendIgnored
    /// An offboarding begins before its date.
    OffboardsEarly
    /// The file STOP stops nothing.
    StopIgnored
    /// What was written is not looked at again.
    NeverLooksAgain
}

#[cfg(feature = "defects")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Defect>> = const { std::cell::Cell::new(None) };
}

/// Plants a defect in everything that this thread does from now on, or takes it out.
#[cfg(feature = "defects")]
pub fn plant(defect: Option<Defect>) {
    PLANTED.set(defect);
}

/// Whether this thread has that defect.
#[cfg(feature = "defects")]
pub fn is_planted(defect: Defect) -> bool {
    PLANTED.get() == Some(defect)
}
