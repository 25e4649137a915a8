//! Every way to tamper with a journal's file is noticed, and so is what a crash leaves behind.

use groupsync::journal::Condition;
use groupsync::journal::event::Event;
use groupsync::plan::operation::Nature;

use super::*;

/// A journal of eleven records, spoilt by `statement`.
async fn spoilt(statement: &str) -> Place {
    let place = Place::new();
    let journal = place.open();
    for number in 0..5 {
        let_in(&journal, number).await;
    }
    drop(journal);
    place.opened_by_somebody().execute_batch(statement).unwrap();
    place
}

#[tokio::test(start_paused = true)]
async fn the_file_itself_refuses_to_change_or_lose_a_record() {
    let place = Place::new();
    let_in(&place.open(), 1).await;
    let connection = Connection::open(place.path()).unwrap();
    for statement in ["UPDATE record SET body = '{}'", "DELETE FROM record"] {
        let error = connection.execute(statement, []).unwrap_err().to_string();
        assert!(error.contains("records are never"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_is_changed_breaks_the_chain() {
    let flip = |column: &str, at: &str, place: u32| {
        format!(
            "UPDATE record SET {column} = CAST(substr({column}, 1, {at} - 1) || CASE substr({column}, {at}, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr({column}, {at} + 1) AS BLOB) WHERE place = {place}"
        )
    };
    let body = |at: &str, place: u32| {
        format!(
            "UPDATE record SET body = substr(body, 1, {at} - 1) || CASE substr(body, {at}, 1) WHEN 'x' THEN 'y' ELSE 'x' END || substr(body, {at} + 1) WHERE place = {place}"
        )
    };
    let mut tried = vec![
        ("a record is missing", "DELETE FROM record WHERE place = 4".to_owned()),
        ("the first is missing", "DELETE FROM record WHERE place = 1".to_owned()),
        ("several are missing", "DELETE FROM record WHERE place BETWEEN 3 AND 7".to_owned()),
        (
            "two records change places",
            "UPDATE record SET place = 99 WHERE place = 4; UPDATE record SET place = 4 WHERE place = 6; UPDATE record SET place = 6 WHERE place = 99".to_owned(),
        ),
        (
            "two bodies change places",
            "UPDATE record SET body = (SELECT body FROM record WHERE place = 6) WHERE place = 4".to_owned(),
        ),
        ("a number", "UPDATE record SET number = 77 WHERE place = 5".to_owned()),
        ("a place", "UPDATE record SET place = 77 WHERE place = 11".to_owned()),
        ("no body", "UPDATE record SET body = '' WHERE place = 5".to_owned()),
        ("a shorter body", "UPDATE record SET body = substr(body, 1, 20) WHERE place = 5".to_owned()),
        ("a hash that is none", "UPDATE record SET hash = x'00' WHERE place = 5".to_owned()),
    ];
    for place in [1, 2, 6, 10] {
        tried.push(("the beginning of a body", body("1", place)));
        tried.push(("the middle of a body", body("length(body) / 2", place)));
        tried.push(("the end of a body", body("length(body)", place)));
        tried.push(("a hash", flip("hash", "17", place)));
        tried.push(("the hash before", flip("previous", "1", place)));
        tried.push(("the writer", flip("writer", "5", place)));
    }
    for (what, statement) in tried {
        let place = spoilt(&statement).await;
        let (_, chains) = look(&place.path());
        assert!(!chains.breaks.is_empty(), "{what}: {statement}");
        // No change begins with it; what ends access is written down.
        let journal = place.open();
        let refused = journal.intend(vec![intent(7, Nature::Change)], Need::First).await;
        assert!(refused.is_err(), "{what}: {statement}");
        assert!(matches!(journal.health().condition, Condition::Broken(_)), "{what}");
        assert!(journal.memory().await.unavailable.is_some(), "{what}");
        journal.intend(vec![intent(8, Nature::Ended)], Need::Later).await.unwrap();
        let (records, _) = look(&place.path());
        let written = |record: &Record| matches!(record.event(), Event::Intent(intent) if intent.operation.0 == "addMembers/8");
        assert!(records.iter().any(written), "{what}: {statement}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_torn_last_record_is_cut_off_and_noted() {
    for statement in [
        "UPDATE record SET body = substr(body, 1, 40) WHERE place = 11",
        "UPDATE record SET body = 'x' || body WHERE place = 11",
        "UPDATE record SET hash = zeroblob(32) WHERE place = 11",
    ] {
        let place = spoilt(statement).await;
        let (records, chains) = look(&place.path());
        assert_eq!((records.len(), chains.torn, chains.breaks.len()), (10, Some(11), 0), "{statement}");
        let journal = place.open();
        let_in(&journal, 50).await;
        assert_eq!(journal.health().condition, Condition::Good, "it goes on: {statement}");
        let (records, chains) = look(&place.path());
        assert_eq!((chains.cut_off, chains.torn, chains.breaks.len()), (vec![11], None, 0), "{statement}");
        assert!(records.iter().any(|r| matches!(r.event(), Event::TailCutOff { record: 11 })));
    }
}

#[tokio::test(start_paused = true)]
async fn records_taken_off_the_end_show_by_a_hash_kept_elsewhere() {
    let place = spoilt("SELECT 1").await;
    let (_, kept) = look(&place.path());
    let (_, hash) = kept.head();
    Connection::open(place.path()).unwrap().execute_batch("DELETE FROM record WHERE place > 8").unwrap();
    let (records, chains) = look(&place.path());
    assert!(chains.breaks.is_empty(), "a shorter chain is a chain");
    assert!(records.iter().all(|record| record.hash != hash), "only what was kept elsewhere tells");
}
