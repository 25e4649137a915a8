//! A journal that is locked, gone or never was: changes do not begin, ended access ends, and nothing that happened stays
//! unrecorded once it is back.

use std::fs;
use std::time::Duration;

use groupsync::defects::{Defect, plant};
use groupsync::journal::Condition;
use groupsync::journal::event::Event;
use groupsync::plan::operation::Kind;
use groupsync::plan::outcome::{Outcome, Status};
use groupsync::reconcile::Report;
use groupsync::simulator::history::{Act, Actor};

use super::*;
use crate::apply::contoso;
use crate::stage::Stage;

fn outcomes(report: &Report) -> Vec<&Outcome> {
    report.outcomes.iter().flat_map(|customer| &customer.outcomes).collect()
}

fn writes(stage: &Stage) -> Vec<Act> {
    let history = stage.simulator.history();
    history.into_iter().filter(|change| change.actor == Actor::Application).map(|change| change.act).collect()
}

/// Everything applied, grace a leaver since, and somebody new in the files.
async fn after_a_leaver(journal: Journal) -> Stage {
    let mut stage = contoso();
    stage.journal = journal;
    stage.apply().await;
    stage.simulator.edit(|world| {
        let grace = world.partner.users.iter_mut().find(|user| user.id.to_string().ends_with("0202"));
        grace.expect("grace").account_enabled = false;
    });
    stage.write(
        "customers/contoso/grants/inc.yaml",
        "apiVersion: groupsync.dev/v1
kind: Grant
metadata: {name: inc}
spec:
  group: Readers
  person: {joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203}
  expires: 2030-01-01T20:00:00Z
  reason: a check
  ticket: INC-1
",
    );
    stage.write(
        "customers/contoso/customer.yaml",
        "apiVersion: groupsync.dev/v1
kind: Customer
metadata: {name: contoso}
spec:
  tenantId: 22222222-2222-4000-8000-000000000001
  state: enforce
  subscriptions: {prod: 22222222-2222-4000-8000-0000000000b1}
  groups:
    Readers: {as: Contoso Readers, roles: {Reader: subscriptions/prod}}
",
    );
    stage
}

/// The leaver went; the change did not begin.
fn assert_only_withdrawn(report: &Report, why: &str) {
    for outcome in outcomes(report) {
        if outcome.kind == Kind::RemoveMembers {
            assert_eq!(outcome.status, Status::Done, "{why}: {outcome:?}");
        } else {
            assert_eq!(outcome.status, Status::Failed, "{why}: {outcome:?}");
            let text = outcome.text.as_deref().unwrap_or_default();
            assert!(text.contains("no change begins without a record"), "{why}: {text}");
        }
    }
    let kinds: Vec<Kind> = outcomes(report).iter().map(|outcome| outcome.kind).collect();
    assert!(kinds.contains(&Kind::RemoveMembers) && kinds.contains(&Kind::UpdateGroup), "{why}: {kinds:?}");
}

#[tokio::test(start_paused = true)]
async fn without_the_journal_it_was_told_to_keep_nothing_begins() {
    let mut stage = contoso();
    stage.journal = Journal::open("sqlite:/nowhere/at/all/journal.db", stage.clock).unwrap();
    let report = stage.apply().await;
    assert_eq!(writes(&stage), Vec::new(), "nothing is written");
    assert!(!outcomes(&report).is_empty());
    assert!(outcomes(&report).iter().all(|outcome| outcome.status == Status::Failed));
    assert!(matches!(stage.journal.health().condition, Condition::Unavailable(_)));
}

#[tokio::test(start_paused = true)]
async fn a_locked_journal_holds_changes_and_no_leaver_and_hears_of_everything_later() {
    let place = Place::new();
    let stage = after_a_leaver(place.open()).await;
    let before = look(&place.path()).0.len();
    let lock = Connection::open(place.path()).unwrap();
    lock.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let report = stage.apply().await;
    assert_only_withdrawn(&report, "locked");
    assert!(stage.journal.health().waiting > 0);
    lock.execute_batch("ROLLBACK").unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let report = stage.apply().await;
    assert!(outcomes(&report).iter().all(|outcome| outcome.status == Status::Done), "{report:#?}");
    let (records, chains) = look(&place.path());
    assert_eq!(chains.breaks, Vec::new());
    let removals = records[before..].iter().filter(
        |record| matches!(record.event(), Event::Ended(e) if e.operation.0.starts_with("removeMembers")),
    );
    assert!(removals.count() > 0, "the record follows");
    assert_eq!(stage.journal.health().waiting, 0);
}

/// What a new process does where somebody has changed a record.
async fn after_tampering() -> Report {
    let place = Place::new();
    let mut stage = after_a_leaver(place.open()).await;
    stage.journal = Journal::none();
    place.opened_by_somebody().execute_batch("UPDATE record SET hash = x'00' WHERE place = 2").unwrap();
    stage.journal = place.open();
    stage.apply().await
}

/// Can fail: with the defect planted, changes begin.
#[tokio::test(start_paused = true)]
async fn a_broken_journal_holds_changes_and_no_leaver() {
    assert_only_withdrawn(&after_tampering().await, "broken");
    plant(Some(Defect::BrokenJournalIgnored));
    let report = after_tampering().await;
    plant(None);
    let began = |outcome: &&Outcome| outcome.kind == Kind::UpdateGroup && outcome.status == Status::Done;
    assert!(outcomes(&report).iter().any(began), "the defect lets changes begin: {report:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_is_deleted_under_a_process_is_not_begun_anew_by_it() {
    let place = Place::new();
    let stage = after_a_leaver(place.open()).await;
    for file in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        // The last two come and go with SQLite.
        let _gone = fs::remove_file(place.dir.path().join(file));
    }
    let report = stage.apply().await;
    assert_only_withdrawn(&report, "gone");
    assert!(!place.path().exists());
}

/// Whoever puts an older copy in its place, or another journal, takes the limits of the day with it.
#[tokio::test(start_paused = true)]
async fn a_journal_replaced_under_a_process_is_never_taken_for_its_own_and_its_own_is() {
    const FILES: [&str; 3] = ["journal.db", "journal.db-wal", "journal.db-shm"];
    let (place, other, kept) = (Place::new(), Place::new(), tempfile::tempdir().unwrap());
    let stage = after_a_leaver(place.open()).await;
    let_in(&other.open(), 1).await;
    let bring = |from: &std::path::Path| {
        for file in FILES {
            let _gone = fs::remove_file(place.dir.path().join(file));
            let _none = fs::copy(from.join(file), place.dir.path().join(file));
        }
    };
    for file in FILES {
        let _none = fs::copy(place.dir.path().join(file), kept.path().join(file));
    }
    bring(other.dir.path());
    assert_only_withdrawn(&stage.apply().await, "replaced");
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let report = stage.apply().await;
        let statuses: Vec<_> = outcomes(&report).iter().map(|outcome| outcome.status).collect();
        assert_eq!(statuses, [Status::Failed], "it was replaced: {report:#?}");
        assert!(
            matches!(stage.journal.health().condition, Condition::Unavailable(why) if why.contains("replaced"))
        );
    }
    assert_eq!(look(&place.path()).0.len(), 3, "nothing is written into somebody else's journal");
    bring(kept.path());
    tokio::time::sleep(Duration::from_secs(30)).await;
    let report = stage.apply().await;
    assert!(outcomes(&report).iter().all(|outcome| outcome.status == Status::Done), "{report:#?}");
    assert_eq!((stage.journal.health().waiting, look(&place.path()).1.breaks), (0, Vec::new()));
}

/// A new process begins a new journal: history and memory are lost, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_lost_journal_loses_history_and_nothing_else() {
    let place = Place::new();
    let mut stage = after_a_leaver(place.open()).await;
    drop(place);
    let elsewhere = Place::new();
    stage.journal = elsewhere.open();
    let report = stage.apply().await;
    assert!(outcomes(&report).iter().all(|outcome| outcome.status == Status::Done), "{report:#?}");
    let plan = stage.plan().await;
    assert!(plan.customers[0].operations.is_empty(), "{plan:#?}");
}
