//! What happens in the loop, told to whoever wants to hear of it at once.

use crate::controller::board::{JournalHealth, RefusedVersion, Revision};
use crate::controller::status::CustomerStatus;

/// Something that happened, as the loop tells it: while it happens, once, in order.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A pass came to its end, with its plan and its outcome in `after`.
    PassEnded {
        /// The customer before the pass.
        before: &'a CustomerStatus,
        /// And since.
        after: &'a CustomerStatus,
    },
    /// A version of the files is in force from now on.
    Accepted(&'a Revision),
    /// A version of the files is refused; the one before stays in force.
    Refused(&'a RefusedVersion),
    /// The file STOP appeared, with this text: nothing is written any more.
    Stopped(&'a str),
    /// It is gone again.
    Resumed,
    /// So many change feeds of the partner's tenant had to begin anew.
    FeedsResynced(usize),
    /// Something changed about the journal.
    Journal(&'a JournalHealth),
}
