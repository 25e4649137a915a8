//! What the loop publishes: the state of everything, to be read at any time by anybody, and the list of customers that
//! somebody wants looked at.
//!
//! The loop writes, everybody else reads copies; nobody holds a lock longer than a copy takes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::controller::event::Event;
use crate::controller::status::CustomerStatus;
use crate::desired::diagnostic::Diagnostic;
use crate::model::names::CustomerName;
use crate::observed::unread::Unread;
use crate::plan::digest::Digest;

/// The board; clones are the same board.
#[derive(Clone)]
pub struct Board {
    inner: Arc<Inner>,
}

type Listener = Box<dyn Fn(Event<'_>) + Send + Sync>;

struct Inner {
    overview: RwLock<Overview>,
    customers: RwLock<BTreeMap<CustomerName, Arc<CustomerStatus>>>,
    wanted: Mutex<BTreeSet<CustomerName>>,
    somebody_asked: Notify,
    listeners: RwLock<Vec<Listener>>,
}

/// Everything that is not about one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// When the process started.
    pub started: Timestamp,
    /// When the loop last came round; a loop that hangs shows here.
    pub last_turn: Timestamp,
    /// How often a customer is looked at when nothing happens.
    pub interval: std::time::Duration,
    /// The version of the files in force; none before the first one that can be used.
    pub revision: Option<Revision>,
    /// A newer version that cannot be used.
    pub refused: Option<RefusedVersion>,
    /// What the version in force says of the way to the services and only counts from the next start, in words.
    pub outdated: Option<String>,
    /// The text of the file STOP, while it is there: nothing is written.
    pub stopped: Option<String>,
    /// When the partner's tenant was last asked for changes with an answer.
    pub partner_read: Option<Timestamp>,
    /// What of the partner's tenant could not be read.
    pub partner_gaps: Vec<Unread>,
    /// The record of what was done.
    pub journal: JournalHealth,
    /// Whether the process is about to end.
    pub ending: bool,
}

/// A version of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The digest of all their texts.
    pub digest: Digest,
    /// Since when it is in force.
    pub accepted: Timestamp,
    /// The commit they are of, where the directory shows one.
    pub commit: Option<String>,
    /// Where they were read: the directory, or the journal while the directory holds nothing usable.
    pub from: String,
}

/// A version of the files that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedVersion {
    /// The digest of all their texts.
    pub digest: Digest,
    /// When it was first seen.
    pub seen: Timestamp,
    /// What is wrong with it, warnings included.
    pub problems: Vec<Diagnostic>,
}

/// How the record of what was done fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum JournalHealth {
    /// There is none.
    #[default]
    Off,
    /// It takes every record.
    Good,
    /// It does not, or its past is not whole; in words.
    Trouble(String),
}

/// What becomes of a wish to have a customer looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// It will be.
    Accepted,
    /// Somebody asked before, and it has not begun.
    AlreadyQueued,
    /// The files know no such customer.
    Unknown,
}

impl Board {
    /// A board on which nothing has happened.
    pub fn new(started: Timestamp, interval: std::time::Duration) -> Self {
        let overview = Overview {
            started,
            last_turn: started,
            interval,
            revision: None,
            refused: None,
            outdated: None,
            stopped: None,
            partner_read: None,
            partner_gaps: Vec::new(),
            journal: JournalHealth::default(),
            ending: false,
        };
        Self {
            inner: Arc::new(Inner {
                overview: RwLock::new(overview),
                customers: RwLock::default(),
                wanted: Mutex::default(),
                somebody_asked: Notify::new(),
                listeners: RwLock::default(),
            }),
        }
    }

    /// Everything that is not about one customer, as it is now.
    pub fn overview(&self) -> Overview {
        read(&self.inner.overview).clone()
    }

    /// Every customer, by name, as it is now.
    pub fn customers(&self) -> Vec<Arc<CustomerStatus>> {
        read(&self.inner.customers).values().map(Arc::clone).collect()
    }

    /// One customer, as it is now.
    pub fn customer(&self, name: &CustomerName) -> Option<Arc<CustomerStatus>> {
        read(&self.inner.customers).get(name).map(Arc::clone)
    }

    /// Has a customer looked at as soon as possible.
    pub fn request(&self, customer: &CustomerName) -> Asked {
        if !read(&self.inner.customers).contains_key(customer) {
            return Asked::Unknown;
        }
        let is_new = self.wanted().insert(customer.clone());
        self.inner.somebody_asked.notify_one();
        if is_new { Asked::Accepted } else { Asked::AlreadyQueued }
    }

    /// Has `listener` hear of everything that happens from now on. It is called by the loop itself and must be quick.
    pub fn listen(&self, listener: impl Fn(Event<'_>) + Send + Sync + 'static) {
        write(&self.inner.listeners).push(Box::new(listener));
    }

    /// Waits until somebody wants something, and takes the list.
    pub async fn requested(&self) -> BTreeSet<CustomerName> {
        loop {
            let wanted = std::mem::take(&mut *self.wanted());
            if !wanted.is_empty() {
                return wanted;
            }
            self.inner.somebody_asked.notified().await;
        }
    }

    /// Changes what is not about one customer.
    pub fn note(&self, change: impl FnOnce(&mut Overview)) {
        change(&mut write(&self.inner.overview));
    }

    /// Changes what is known of one customer, and returns it as it was and as it is.
    pub fn update(
        &self,
        name: &CustomerName,
        change: impl FnOnce(&mut CustomerStatus),
    ) -> Option<(Arc<CustomerStatus>, Arc<CustomerStatus>)> {
        let mut customers = write(&self.inner.customers);
        let status = customers.get_mut(name)?;
        let before = Arc::clone(status);
        change(Arc::make_mut(status));
        Some((before, Arc::clone(status)))
    }

    /// Puts these customers on the board in place of those that are there.
    pub fn replace(&self, customers: BTreeMap<CustomerName, Arc<CustomerStatus>>) {
        *write(&self.inner.customers) = customers;
    }

    /// Tells everybody who listens.
    pub fn tell(&self, event: Event<'_>) {
        for listener in read(&self.inner.listeners).iter() {
            listener(event);
        }
    }

    fn wanted(&self) -> MutexGuard<'_, BTreeSet<CustomerName>> {
        self.inner.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("overview", &self.overview()).finish_non_exhaustive()
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::desired::state::State;

    fn board() -> (Board, CustomerName) {
        let board = Board::new(Timestamp::UNIX_EPOCH, std::time::Duration::from_mins(10));
        let name: CustomerName = "contoso".parse().unwrap();
        let tenant = "22222222-2222-4000-8000-000000000001".parse().unwrap();
        let status = CustomerStatus::unseen(name.clone(), tenant, State::Enforce);
        board.replace(BTreeMap::from([(name.clone(), Arc::new(status))]));
        (board, name)
    }

    #[tokio::test]
    async fn who_asks_twice_is_heard_once_and_nobody_is_asked_for_whom_the_files_do_not_know() {
        let (board, contoso) = board();
        assert_eq!(board.request(&contoso), Asked::Accepted);
        assert_eq!(board.request(&contoso), Asked::AlreadyQueued);
        assert_eq!(board.request(&"nobody".parse().unwrap()), Asked::Unknown);
        assert_eq!(board.requested().await, BTreeSet::from([contoso.clone()]));
        assert_eq!(board.request(&contoso), Asked::Accepted, "it was taken and may be asked for again");
    }

    #[test]
    fn a_copy_stays_what_it_was_and_listeners_hear_of_everything() {
        let (board, contoso) = board();
        let heard = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&heard);
        board.listen(move |event| {
            assert!(matches!(event, Event::Stopped("why")));
            counter.fetch_add(1, Ordering::SeqCst);
        });
        let copy = board.customer(&contoso).unwrap();
        let (before, after) = board.update(&contoso, |status| status.failures = 3).unwrap();
        assert_eq!((copy.failures, before.failures, after.failures), (0, 0, 3));
        board.tell(Event::Stopped("why"));
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }
}
