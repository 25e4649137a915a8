//! What pages, API, probes and metrics say.

use std::sync::Arc;
use std::time::Duration;

use groupsync::clock::Clock;
use groupsync::controller::board::{JournalHealth, RefusedVersion};
use groupsync::controller::event::Event;
use groupsync::controller::status::{CustomerStatus, PassRecord, Trigger};
use groupsync::desired::diagnostic::{Diagnostic, Severity};
use groupsync::model::origin::Origin;
use groupsync::plan::digest::Digest;
use http::StatusCode;
use serde_json::Value;

use super::{House, MINUTE, fleet};
use crate::metrics::samples;
use crate::report::hostile;

#[tokio::test]
async fn the_worst_customers_stand_first_and_a_large_fleet_comes_in_pages() {
    let house = House::of(fleet::board(3_000), Clock::starting_at(fleet::now()));
    let page = house.read("/").await.body;
    assert!(page.len() < 150_000, "{} bytes", page.len());
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place(">Northwind Traders<") < place(">customer-0002<"), "what is overdue comes before all");
    assert!(place(">customer-0002<") < place(">Contoso<"), "a lost right before what is held");
    assert!(place(">Contoso<") < place(">customer-0007<"));
    assert!(page.contains("3,000 customers, page 1 of 30"), "counted");
    let last = house.read("/?page=30").await.body;
    assert!(last.contains(">customer-2999<") && !last.contains("rel=\"next\""));
    for beyond in ["/?page=31", "/?page=99999999999999999999", "/?page=-1", "/?page=x", "/?page="] {
        assert_eq!(house.read(beyond).await.status, StatusCode::OK, "{beyond}");
    }
    let found = house.read("/?q=CUSTOMER-01&show=").await.body;
    assert!(found.contains("100 customers") && found.contains(">customer-0100<"));
    let held = house.read("/?q=&show=held").await.body;
    assert!(held.contains("1 customer<") && held.contains(">Contoso<"));
    assert!(house.read("/?show=nonsense").await.body.contains("No customer is like that."));
}

#[tokio::test]
async fn a_customers_page_says_how_it_stands_what_to_do_and_who_is_in_until_when() {
    let house = House::new();
    let page = house.read("/customers/Contoso").await.body;
    for text in [
        "Something waits for a human, or must not be done.",
        "add an Override with its digest",
        "12 of 20 memberships would be removed; allowed are 5",
        "ada@fabrikam.example",
        "2030-01-01 12:50Z",
        "in 50 min",
        "person-11@fabrikam.example",
        "groups/contoso.yaml:9",
    ] {
        assert!(page.contains(text), "{text}:\n{page}");
    }
    let northwind = house.read("/customers/Northwind%20Traders").await.body;
    for text in [
        "Access that has ended is still there",
        "the service fails",
        "7b0a3c52-7d3e-4a55-9b1f-33a1c0ffee00",
        "1 of 2 done.",
    ] {
        assert!(northwind.contains(text), "{text}");
    }
    assert_eq!(house.read("/customers/nobody").await.status, StatusCode::NOT_FOUND);
}

/// Names of tenants, texts of services and a search are all chosen by somebody else.
#[tokio::test]
async fn names_chosen_to_do_harm_do_none() {
    let names: Vec<String> = hostile::NAMES.iter().map(|name| (*name).to_owned()).collect();
    let (plan, _) = hostile::fleet(3, 40, 12, &names);
    let statuses = plan.customers.into_iter().map(|plan| {
        let mut status = CustomerStatus::unseen(plan.name.clone(), plan.tenant, plan.state);
        status.plan = Some(Arc::new(plan));
        status
    });
    let house = House::of(fleet::of(statuses), Clock::starting_at(fleet::now()));
    house.board.note(|overview| {
        overview.stopped = Some(names.join(" "));
        overview.journal = JournalHealth::Trouble(names.join(" "));
    });
    let mut pages = vec![
        house.read("/").await.body,
        house.read("/?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E%22%20autofocus%20onfocus%3D1").await.body,
    ];
    for customer in house.board.customers() {
        pages.push(house.read(&format!("/customers/{}", customer.name)).await.body);
    }
    assert!(pages.iter().any(|page| page.contains("&lt;script&gt;")), "the names are there");
    for page in &pages {
        let (_, rest) = page.split_once("</style>").expect("a page");
        for harm in
            ["<script", "<img", "\" onfocus", "' onmouseover='x \" y", "\u{202e}", "\u{1b}", "\u{200b}"]
        {
            assert!(!rest.contains(harm), "{harm:?} stands in the page as it is");
        }
    }
}

#[tokio::test]
async fn programs_get_the_same_as_documents() {
    let house = House::new();
    let all: Value = serde_json::from_str(&house.read("/api/v1/customers").await.body).unwrap();
    assert_eq!(all["customers"].as_array().unwrap().len(), 40);
    assert_eq!(all["customers"][0]["name"], "Northwind Traders");
    assert_eq!(all["customers"][0]["condition"], "failed");
    let some: Value = serde_json::from_str(&house.read("/api/v1/customers?show=grants").await.body).unwrap();
    assert_eq!(some["customers"].as_array().unwrap().len(), 1);
    assert_eq!(some["customers"][0]["grants"][0]["until"], "2030-01-01T12:50:00Z");
    let one: Value = serde_json::from_str(&house.read("/api/v1/customers/Contoso").await.body).unwrap();
    assert_eq!(one["plan"]["held"][0]["code"], "customerMembers");
    assert_eq!(one["digest"], one["plan"]["digest"]);
    assert_eq!(house.read("/api/v1/customers/nobody").await.status, StatusCode::NOT_FOUND);
    house.board.note(|overview| overview.journal = JournalHealth::Trouble("the disk is full".into()));
    let all: Value = serde_json::from_str(&house.read("/api/v1/customers").await.body).unwrap();
    assert_eq!(all["journal"], "the disk is full");
    assert_eq!((&all["refused"], &all["partnerGaps"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[tokio::test(start_paused = true)]
async fn it_lives_while_the_loop_turns_and_is_ready_with_files_and_a_journal() {
    let house = House::new();
    let probe = async |path: &str| {
        let answer = house.get(path, &[]).await;
        (answer.status, answer.body.trim().to_owned())
    };
    assert_eq!(probe("/livez").await, (StatusCode::OK, "ok".into()));
    assert_eq!(probe("/readyz").await, (StatusCode::OK, "ok".into()));
    house.board.note(|overview| overview.journal = JournalHealth::Trouble("the disk is full".into()));
    assert_eq!(
        probe("/readyz").await,
        (StatusCode::SERVICE_UNAVAILABLE, "the journal cannot be used".into())
    );
    house.board.note(|overview| {
        overview.journal = JournalHealth::Off;
        overview.revision = None;
    });
    let reason = "no version of the files was accepted yet";
    assert_eq!(probe("/readyz").await, (StatusCode::SERVICE_UNAVAILABLE, reason.into()));
    tokio::time::advance(3 * MINUTE).await;
    assert_eq!(
        probe("/livez").await,
        (StatusCode::SERVICE_UNAVAILABLE, "the loop last turned 180 seconds ago".into())
    );
}

#[tokio::test]
async fn the_board_shows_in_the_metrics() {
    let house = House::new();
    house.board.note(|overview| {
        overview.refused = Some(RefusedVersion {
            digest: Digest::of(&Value::Null),
            seen: fleet::now(),
            problems: vec![Diagnostic {
                severity: Severity::Error,
                code: "GS001",
                origin: Origin { file: "policy.yaml".into(), line: 3, column: 1 },
                source_line: String::new(),
                span: 0..0,
                message: "unknown key `rols`".into(),
                hint: None,
                related: None,
            }],
        });
    });
    let contoso = house.board.customer(&"Contoso".parse().unwrap()).unwrap();
    let (mut before, mut after) = (CustomerStatus::clone(&contoso), CustomerStatus::clone(&contoso));
    before.plan = Some(Arc::new(fleet::plan(&before)));
    after.last_pass = Some(PassRecord {
        began: fleet::now() - Duration::from_secs(2),
        ended: fleet::now(),
        good: false,
        trigger: Trigger::Edge,
    });
    house.board.tell(Event::PassEnded { before: &before, after: &after });
    let told = samples(&house.get("/metrics", &[]).await.body);
    for (series, value) in [
        (r#"groupsync_customers{state="enforce"}"#, 39.0),
        (r#"groupsync_customers{state="observe"}"#, 1.0),
        (r#"groupsync_customers_by_condition{condition="good"}"#, 33.0),
        (r#"groupsync_customers_by_condition{condition="accessLost"}"#, 1.0),
        (r#"groupsync_held_operations{code="customerMembers"}"#, 1.0),
        (r#"groupsync_gaps{code="unavailable"}"#, 1.0),
        ("groupsync_overdue_withdrawals", 1.0),
        ("groupsync_pending_invitations", 2.0),
        ("groupsync_ready", 1.0),
        ("groupsync_stopped", 0.0),
        ("groupsync_journal_usable", 1.0),
        ("groupsync_revision_current", 0.0),
        (r#"groupsync_passes_total{result="held",trigger="edge"}"#, 1.0),
        ("groupsync_pass_duration_seconds_sum", 2.0),
        // The one without a good pass counts from the start, 600 minutes ago; another's was 3,000 minutes ago.
        ("groupsync_oldest_good_pass_timestamp_seconds", (fleet::now().as_second() - 3_000 * 60) as f64),
    ] {
        let told = told.get(series).unwrap_or_else(|| panic!("{series} is missing: {told:#?}"));
        assert!((told - value).abs() < 1e-6, "{series}: {told} instead of {value}");
    }
    assert!(told["process_resident_memory_bytes"] > 1e6, "the process is measured");
    let page = house.read("/").await.body;
    assert!(page.contains("The newest files are refused.") && page.contains("unknown key `rols`"));
}
