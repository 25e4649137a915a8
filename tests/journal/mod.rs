//! The journal: what it keeps through damage, loss, two writers and death, and that nothing happens without a record.

mod account;
mod corrected;
mod damage;
mod lost;

use std::path::{Path, PathBuf};

use groupsync::clock::Clock;
use groupsync::journal::event::{Did, EffectOn, Ended, Event, Intent, Reason};
use groupsync::journal::record::Record;
use groupsync::journal::target::{Joins, Target};
use groupsync::journal::{Journal, Need, read};
use groupsync::model::ids::{ObjectId, PersonId, TenantId};
use groupsync::plan::because::Rule;
use groupsync::plan::digest::Digest;
use groupsync::plan::operation::{GroupRef, Nature, OperationId};
use groupsync::plan::outcome::Status;
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::stage::START;

/// A place for a journal.
pub(crate) struct Place {
    dir: TempDir,
    clock: Clock,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { dir, clock: Clock::starting_at(START.parse().unwrap()) }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("journal.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path().display())
    }

    /// Another process that writes there.
    pub(crate) fn open(&self) -> Journal {
        Journal::open(&self.url(), self.clock).expect("a URL")
    }

    /// The file as somebody sees it who knows `SQLite` and means harm: without the triggers.
    fn opened_by_somebody(&self) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection
            .execute_batch("DROP TRIGGER record_is_kept_as_it_is; DROP TRIGGER record_is_kept")
            .unwrap();
        connection
    }
}

/// All records that count, and what is wrong with the others.
fn look(path: &Path) -> (Vec<Record>, groupsync::journal::chain::Chains) {
    let mut records = Vec::new();
    let chains = read::records(path, |record| records.push(record)).unwrap();
    (records, chains)
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(Uuid::from_u128(1))
}

pub(crate) fn guest(number: u128) -> ObjectId {
    ObjectId::new(Uuid::from_u128(1000 + number))
}

pub(crate) fn person(number: u128) -> PersonId {
    PersonId::new(Uuid::from_u128(2000 + number))
}

fn group() -> GroupRef {
    let name = "groupsync-0f1e2d3c-g-readers".to_owned();
    GroupRef {
        id: Some(ObjectId::new(Uuid::from_u128(9))),
        unique_name: name,
        display_name: "Readers".to_owned(),
    }
}

/// That somebody is about to get into a group.
pub(crate) fn intent(number: u128, nature: Nature) -> Intent {
    let because = Reason {
        rule: Rule::Declared,
        file: Some("groups/readers.yaml".to_owned()),
        line: Some(7),
        text: "listed".to_owned(),
    };
    let joins =
        Joins { person: person(number), guest: Some(guest(number)), until: None, because: because.clone() };
    Intent {
        id: 0,
        customer: "contoso".parse().unwrap(),
        tenant: tenant(),
        plan: Digest::of_text("plan"),
        operation: OperationId(format!("addMembers/{number}")),
        nature,
        because: vec![because],
        target: Target::AddMembers { group: group(), members: vec![joins] },
    }
}

/// Writes down that somebody is about to get into a group, and that she did.
pub(crate) async fn let_in(journal: &Journal, number: u128) {
    let intent = intent(number, Nature::Change);
    let operation = intent.operation.clone();
    let ids = journal.intend(vec![intent], Need::First).await.unwrap();
    journal
        .end(Ended {
            intent: ids[0],
            customer: "contoso".parse().unwrap(),
            tenant: tenant(),
            operation,
            status: Status::Done,
            effects: vec![EffectOn { object: guest(number), did: Did::Done }],
            requests: vec![format!("request-{number}")],
            uncertain: false,
            text: None,
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_is_written_is_read_back_in_order_and_whole() {
    let place = Place::new();
    let journal = place.open();
    for number in 0..5 {
        let_in(&journal, number).await;
    }
    let (records, chains) = look(&place.path());
    assert_eq!((chains.breaks, chains.torn, records.len()), (Vec::new(), None, 11));
    assert!(matches!(records[0].event(), Event::Opened { after: 0, .. }));
    assert!(matches!(records[9].event(), Event::Intent(intent) if intent.id == 5));
    assert!(matches!(records[10].event(), Event::Ended(ended) if ended.requests == ["request-4"]));
    let health = journal.health();
    assert_eq!((health.records, health.waiting, health.lost), (11, 0, 0));
}

/// Everybody who has something to say at one moment is written at once: one transaction, one sync.
#[tokio::test(start_paused = true)]
async fn many_who_write_at_once_share_a_transaction() {
    let place = Place::new();
    let journal = place.open();
    let_in(&journal, 1).await;
    futures_util::future::join_all((2..252).map(|number| let_in(&journal, number))).await;
    let (records, chains) = look(&place.path());
    assert_eq!((chains.breaks.len(), records.len()), (0, 3 + 500));
    // Batched, intents stand together and outcomes after them; one by one they would alternate.
    let intents = records.iter().skip(3).take_while(|r| matches!(r.event(), Event::Intent(_))).count();
    assert_eq!(intents, 250);
}

#[tokio::test(start_paused = true)]
async fn two_writers_at_once_keep_a_chain_each_and_remember_the_same() {
    let place = Place::new();
    let (one, other) = (place.open(), place.open());
    for number in 0..10 {
        let_in(&one, number * 2).await;
        let_in(&other, number * 2 + 1).await;
    }
    let (records, chains) = look(&place.path());
    assert_eq!((chains.breaks.len(), records.len()), (0, 42));
    assert_eq!(one.memory().await, other.memory().await);
    assert_eq!(one.memory().await.of(tenant()).pairs.len(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_new_process_remembers_what_the_old_one_did_after_any_record() {
    let place = Place::new();
    let mut old = place.open();
    for number in 0..20 {
        let_in(&old, number).await;
        let new = place.open();
        assert_eq!(old.memory().await, new.memory().await, "what a new process remembers");
        if number % 3 == 0 {
            old = new;
        }
    }
    assert_eq!(look(&place.path()).1.breaks, Vec::new());
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_s_file_and_another_program_s_are_refused() {
    for statement in ["PRAGMA user_version = 2", "PRAGMA application_id = 7"] {
        let place = Place::new();
        let_in(&place.open(), 1).await;
        Connection::open(place.path()).unwrap().execute_batch(statement).unwrap();
        let error = place.open().append(Event::Lost { records: 1 }).await.unwrap_err().to_string();
        assert!(error.contains("newer version") || error.contains("another program"), "{error}");
    }
    let place = Place::new();
    std::fs::write(place.path(), "a diary, not a journal; but long enough to have a header".repeat(40))
        .unwrap();
    let error = place.open().append(Event::Lost { records: 1 }).await.unwrap_err().to_string();
    assert!(error.contains("not a journal"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_address_in_a_reason_is_not_kept() {
    use groupsync::journal::event::without_addresses;
    assert_eq!(without_addresses("2 missing: ada@fabrikam.example: no"), "2 missing: … no");
}

#[tokio::test(start_paused = true)]
async fn what_one_process_sets_aside_another_counts_before_it_decides() {
    use groupsync::plan::window::ExpenseKind;
    let place = Place::new();
    let takes = |number: u64| Event::Reserved {
        customer: "contoso".parse().unwrap(),
        tenant: tenant(),
        plan: Digest::of_text("plan"),
        takes: [(ExpenseKind::Invitation, [format!("inviteGuest/{number}")].into())].into(),
    };
    let (one, other) = (place.open(), place.open());
    for number in 0..10_u64 {
        let (first, second) = if number % 2 == 0 { (&one, &other) } else { (&other, &one) };
        let seen = first.reserve(|day| (vec![takes(number)], day.len())).await;
        let after = second.reserve(|day| (Vec::new(), day.len())).await;
        assert_eq!((seen as u64, after as u64), (number, number + 1));
    }
    one.reserve(|_| (vec![takes(3)], ())).await;
    assert_eq!(place.open().reserve(|day| (Vec::new(), day.len())).await, 10, "the same again counts once");
    tokio::time::sleep(std::time::Duration::from_hours(25)).await;
    let now = place.clock.now();
    let is_recent = |at: &jiff::Timestamp| now.duration_since(*at) < groupsync::plan::memory::DAY;
    let recent = one.reserve(|day| (Vec::new(), day.values().filter(|at| is_recent(at)).count())).await;
    assert_eq!(recent, 0, "a day later none of it counts");
}

/// Where nothing can be written, what was known still counts, and the record follows.
#[tokio::test(start_paused = true)]
async fn what_is_set_aside_while_the_journal_is_locked_is_written_down_later() {
    use groupsync::plan::window::ExpenseKind;
    let place = Place::new();
    let takes = |what: &str| Event::Reserved {
        customer: "contoso".parse().unwrap(),
        tenant: tenant(),
        plan: Digest::of_text("plan"),
        takes: [(ExpenseKind::Guest, [what.to_owned()].into())].into(),
    };
    let journal = place.open();
    journal.reserve(|_| (vec![takes("one")], ())).await;
    let lock = Connection::open(place.path()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    assert_eq!(journal.reserve(|day| (vec![takes("two")], day.len())).await, 1);
    assert_eq!(journal.health().waiting, 1);
    lock.execute_batch("ROLLBACK").unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    journal.flush().await;
    assert_eq!(place.open().reserve(|day| (Vec::new(), day.len())).await, 2);
}
