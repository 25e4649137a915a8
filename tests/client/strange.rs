//! Answers that no honest service gives: cut, huge, of another type, leading elsewhere, under a certificate that has ended.

use std::time::Duration;

use groupsync::client::error::{Error, Kind};
use groupsync::client::limiter::Priority;
use groupsync::client::transport;
use groupsync::simulator::Certificates;
use jiff::Timestamp;
use serde_json::json;

use super::canned::{Canned, Said};
use super::*;

async fn our_groups(canned: &Canned) -> Result<usize, Error> {
    graph(&canned.client()).our_groups("groupsync-0f1e2d3c-").await.map(|groups| groups.len())
}

fn page(next: &str) -> Said {
    let group = json!({"id": id(READERS), "displayName": "x", "securityEnabled": true});
    Said::new(200, json!({"value": [group], "@odata.nextLink": next}).to_string())
}

fn last_page() -> Said {
    Said::new(200, json!({"value": []}).to_string())
}

/// Tried: `value` with a default: "called `Result::unwrap_err()` on an `Ok` value: 0".
#[tokio::test(start_paused = true)]
async fn a_success_that_is_not_what_was_promised_is_never_an_empty_list() {
    let whole = json!({"value": [{"id": id(READERS), "displayName": "x"}]}).to_string();
    let mut bodies: Vec<String> = [
        "",
        "null",
        "0",
        "true",
        "\"value\"",
        "[]",
        "{}",
        "{\"value\":null}",
        "{\"value\":{}}",
        "{\"value\":\"\"}",
        "{\"value\":[null]}",
        "{\"value\":[5]}",
        "{\"value\":[{}]}",
        "{\"value\":[{\"id\":5}]}",
        "{\"value\":[{\"id\":\"me\"}]}",
        "{\"Value\":[]}",
        "{\"value\":[]}{}",
        "{\"value\":[],\"@odata.nextLink\":5}",
        "{\"error\":{\"code\":\"x\"}}",
        "<!DOCTYPE html><html></html>",
        "value=[]",
        "\u{1f}\u{8b}\u{8}",
    ]
    .map(str::to_owned)
    .to_vec();
    bodies.extend((1..whole.len()).map(|end| whole[..end].to_owned()));
    for body in bodies {
        for headers in [
            vec![],
            vec![("content-type", "application/json".to_owned())],
            vec![("content-length", "7".to_owned())],
        ] {
            let said = Said { status: 200, headers, body: body.clone() };
            let error = our_groups(&Canned::saying([said])).await.unwrap_err();
            assert_eq!(error.kind(), Kind::Malformed, "{body}");
        }
    }
    assert_eq!(our_groups(&Canned::saying([Said::new(204, "")])).await.unwrap_err().kind(), Kind::Malformed);
    // A success is a success whatever it calls its body.
    let odd = Said::new(200, whole).with("content-type", "text/html").with("x-ms-resource-unit", "lots");
    assert_eq!(our_groups(&Canned::saying([odd])).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_huge_or_deep_ends_as_a_failure() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let error = our_groups(&Canned::saying([Said::new(200, deep.clone())])).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Malformed);
    let error = our_groups(&Canned::saying([Said::new(400, deep)])).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Rejected);
    let chatty =
        json!({"error": {"code": "x".repeat(100_000), "message": "y ".repeat(1_000_000)}}).to_string();
    let error = our_groups(&Canned::saying([Said::new(400, chatty)])).await.unwrap_err();
    assert!(error.to_string().len() < 1_000, "{}", error.to_string().len());
}

/// Tried: every link with a host let through `checked`: "called `Result::unwrap_err()` on an `Ok` value: 1".
#[tokio::test(start_paused = true)]
async fn a_link_elsewhere_is_not_followed() {
    for link in [
        "https://graph.evil.example/v1.0/groups?$skiptoken=x",
        "https://simulator.invalid/graph/v1.0/groups?$skiptoken=x",
        "http://simulator.invalid:8080/graph/v1.0/groups?$skiptoken=x",
        "http://simulator.invalid/login/v1.0/groups",
        "http://simulator.invalid/graph/../arm/subscriptions",
        "http://user@simulator.invalid/graph/v1.0/groups",
        "//graph.evil.example/v1.0/groups",
        "/graph/v1.0/groups?$skiptoken=x",
        "file:///etc/passwd",
        "",
        "not a link",
    ] {
        let canned = Canned::saying([page(link), last_page()]);
        assert_eq!(our_groups(&canned).await.unwrap_err().kind(), Kind::Malformed, "{link}");
        assert_eq!(canned.asked(), ["GET /graph/v1.0/groups"], "{link}");
    }
    let canned =
        Canned::saying([page("http://simulator.invalid/graph/v1.0/groups?$skiptoken=x"), last_page()]);
    assert_eq!(our_groups(&canned).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn pages_that_lead_in_a_circle_end() {
    let link = |n: usize| format!("http://simulator.invalid/graph/v1.0/groups?$skiptoken={n}");
    let same = Canned::saying([page(&link(1))]);
    assert_eq!(our_groups(&same).await.unwrap_err().kind(), Kind::Malformed);
    assert_eq!(same.asked().len(), 2);
    let round = Canned::saying([page(&link(1)), page(&link(2)), page(&link(3)), page(&link(1))]);
    assert_eq!(our_groups(&round).await.unwrap_err().kind(), Kind::Malformed);
    assert_eq!(round.asked().len(), 4);
    let endless = Canned::saying((0..6_000).map(|n| page(&link(n))));
    assert_eq!(our_groups(&endless).await.unwrap_err().kind(), Kind::Malformed);
    assert!(endless.asked().len() <= 5_001);
}

/// A redirect would carry the token to whoever it names.
#[tokio::test(start_paused = true)]
async fn a_redirect_is_a_refusal() {
    for status in [301, 302, 303, 307, 308] {
        let canned = Canned::saying([
            Said::new(status, "").with("location", "https://graph.evil.example/"),
            last_page(),
        ]);
        assert_eq!(our_groups(&canned).await.unwrap_err().kind(), Kind::Rejected);
        assert_eq!(canned.asked().len(), 1);
    }
}

/// A batch whose answer leaves items out, answers strangers, twice or with nonsense: each item has its own end.
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_what_was_promised_loses_nobody() {
    let ids: Vec<ObjectId> = (0..3).map(|n| object(READERS + n)).collect();
    let found =
        |n: usize| json!({"id": n.to_string(), "status": 200, "headers": {}, "body": {"id": id(READERS)}});
    for responses in [
        json!([]),
        json!([found(0), found(7), {"id": "x", "status": 200}]),
        json!([found(0), {"id": "1", "status": 0}, {"id": "2", "status": 99_999 % 65_536}]),
        json!([found(0), {"id": "1", "status": 200, "body": "html"}, {"id": "2", "status": 404, "body": "<html>"}]),
        json!([found(0), {"id": "1", "status": 503, "headers": {"Retry-After": "soon"}}, {"id": "2", "status": 429, "headers": {"Retry-After": 5}}]),
    ] {
        let canned = Canned::saying([Said::new(200, json!({"responses": responses}).to_string())]);
        let exist = graph(&canned.client()).groups_exist(&ids).await;
        assert_eq!(exist.len(), 3);
        assert!(exist.values().all(|exists| !matches!(exists, Ok(false))), "{responses}: {exist:?}");
        assert!(exist[&ids[1]].is_err() && exist[&ids[2]].is_err(), "{responses}");
    }
    for body in
        ["", "{}", "{\"responses\":null}", "{\"responses\":[{\"id\":0,\"status\":\"200\"}]}", "<html>"]
    {
        let canned = Canned::saying([Said::new(200, body)]);
        let exist = graph(&canned.client()).groups_exist(&ids).await;
        assert!(
            exist.values().all(|exists| exists.as_ref().is_err_and(|e| e.kind() == Kind::Malformed)),
            "{body}"
        );
    }
}

/// Trap: graph 25
#[tokio::test(start_paused = true)]
async fn absurd_throttling_headers_neither_hurry_nor_stop_anybody() {
    let group = || Said::new(200, json!({"id": id(READERS), "displayName": "x"}).to_string());
    for (after, least, most) in [
        ("-5", 1.0, 10.0),
        ("NaN", 1.0, 10.0),
        ("soon", 1.0, 10.0),
        ("0", 1.0, 10.0),
        ("0.25", 0.25, 1.5),
        ("2.128", 2.128, 3.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1.0, 10.0),
        ("Tue, 01 Jan 2030 00:00:40 GMT", 40.0, 41.5),
    ] {
        let refused = Said::new(429, "").with("retry-after", after).with("x-ms-throttle-scope", "?/?/?/?");
        let canned = Canned::saying([refused, group()]);
        let client = canned.client();
        let start = tokio::time::Instant::now();
        assert!(graph(&client).group(object(READERS)).await.unwrap().is_some(), "{after}");
        let took = start.elapsed().as_secs_f64();
        assert!((least..most).contains(&took), "{after}: {took}");
    }
    for after in ["999999999999", "Fri, 01 Jan 2100 00:00:00 GMT", "inf"] {
        let refused = Said::new(429, "").with("retry-after", after);
        let canned = Canned::saying([refused, group()]);
        let client = canned.client();
        assert_eq!(graph(&client).group(object(READERS)).await.unwrap_err().kind(), Kind::Throttled);
        assert_eq!(canned.asked().len(), 1, "nobody is asked early");
        let elsewhere = client.graph(TenantId::new(id(0xc1)), Priority::Change);
        assert!(elsewhere.group(object(READERS)).await.unwrap().is_some(), "another tenant goes on");
        tokio::time::advance(Duration::from_mins(61)).await;
        assert!(graph(&client).group(object(READERS)).await.unwrap().is_some(), "an hour is enough");
    }
}

/// The adapter alone, since the client would try again in real time.
#[tokio::test]
async fn a_certificate_that_has_ended_or_is_not_known_is_an_error_that_says_so() {
    let simulator = simulator(world());
    for (made, trusted, said) in
        [("2020-01-01T00:00:00Z", true, "expired"), ("", false, "issuer"), ("", true, "answered")]
    {
        let dir = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "certificates are judged by the wall clock")]
        let now = Timestamp::now();
        let certificates = Certificates::create(dir.path(), made.parse().unwrap_or(now)).unwrap();
        let ca = trusted.then(|| std::fs::read(certificates.ca_file()).unwrap());
        let listen = "127.0.0.1:0".parse().unwrap();
        let (address, serving) =
            groupsync::simulator::serve_tls(&simulator, listen, &certificates).await.unwrap();
        tokio::spawn(serving);
        let network = transport::over_network(ca.as_deref()).unwrap();
        let groups = format!("https://{address}/graph/v1.0/groups");
        let request = http::Request::get(groups).body(bytes::Bytes::new()).unwrap();
        let told = match tower::ServiceExt::oneshot(network, request).await {
            Ok(answer) => format!("answered {}", answer.status()),
            Err(error) => {
                let mut cause: &dyn std::error::Error = error.as_ref();
                while let Some(deeper) = cause.source() {
                    cause = deeper;
                }
                cause.to_string().to_lowercase()
            }
        };
        assert!(told.contains(said), "{made} {trusted}: {told}");
    }
}
