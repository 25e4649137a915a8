//! Who gets in.

use futures_util::FutureExt as _;
use http::StatusCode;

use super::{House, TOKEN};

const CLOSED: [&str; 5] =
    ["/", "/customers/Contoso", "/api/v1/customers", "/api/v1/customers/Contoso", "/reconcile/Contoso"];
const US: (&str, &str) = ("sec-fetch-site", "same-origin");

fn bearer() -> (&'static str, String) {
    ("authorization", format!("Bearer {TOKEN}"))
}

/// The cookie of somebody who signed in.
async fn sign_in(house: &House) -> String {
    let answer = house.post("/login", &[US], &format!("token={TOKEN}&next=/customers/Contoso")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.headers["location"], "/customers/Contoso");
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn without_the_token_nobody_learns_a_name() {
    let house = House::new();
    for path in CLOSED {
        for headers in [
            &[][..],
            &[("authorization", "Bearer wrong-token-0123456789")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Basic YTph")],
            &[("cookie", "groupsync-session=99999999999.AAAA")],
            &[("cookie", "groupsync-session=")],
        ] {
            let answer = if path.starts_with("/reconcile") {
                house.post(path, headers, "x=1").await
            } else {
                house.get(path, headers).await
            };
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {headers:?}");
            let text = answer.body.replace("/customers/Contoso", "");
            assert!(
                !text.contains("Contoso") && !text.contains("customer-"),
                "{path} names customers to nobody in particular"
            );
        }
    }
    assert!(house.board.requested().now_or_never().is_none(), "nobody's wish was heard");
}

#[tokio::test]
async fn without_a_token_file_everything_with_names_is_off_and_says_how_to_switch_it_on() {
    let house = House::closed();
    for path in CLOSED {
        let answer = if path.starts_with("/reconcile") {
            house.post(path, &[], "x=1").await
        } else {
            house.get(path, &[("authorization", &bearer().1)]).await
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.body,
            "pages and API are off: start with --api-token-file FILE to switch them on\n"
        );
    }
    assert_eq!(house.post("/login", &[US], "token=x").await.status, StatusCode::NOT_FOUND);
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(house.get(path, &[]).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_is_open_names_nobody() {
    let house = House::new();
    for path in ["/livez", "/readyz", "/metrics"] {
        let answer = house.get(path, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        for name in ["Contoso", "Northwind", "customer-0", "fabrikam"] {
            assert!(!answer.body.contains(name), "{path} names {name}");
        }
    }
}

#[tokio::test]
async fn a_new_token_in_the_file_counts_at_once_and_the_old_one_and_its_sessions_no_longer() {
    let house = House::new();
    let cookie = sign_in(&house).await;
    assert_eq!(house.read("/api/v1/customers").await.status, StatusCode::OK);
    assert_eq!(house.get("/", &[("cookie", &cookie)]).await.status, StatusCode::OK);
    std::fs::write(house.file.path(), "another-token-0123456789\n").unwrap();
    assert_eq!(house.read("/api/v1/customers").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.get("/", &[("cookie", &cookie)]).await.status, StatusCode::UNAUTHORIZED);
    let new = ("authorization", "Bearer another-token-0123456789");
    assert_eq!(house.get("/api/v1/customers", &[new]).await.status, StatusCode::OK);
    // An empty file opens nothing, not even to an empty token.
    std::fs::write(house.file.path(), "\n").unwrap();
    for headers in [&[new][..], &[("authorization", "Bearer ")], &[]] {
        assert_eq!(house.get("/", headers).await.status, StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[tokio::test]
async fn somebody_signs_in_looks_asks_for_a_look_and_signs_out() {
    let house = House::new();
    let form = house.get("/customers/Contoso?x=1", &[]).await;
    assert!(form.body.contains(r#"<input type="hidden" name="next" value="/customers/Contoso?x=1">"#));
    let wrong = house.post("/login", &[US], "token=wrong&next=/").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.body.contains("That was not the token."));
    assert!(!wrong.headers.contains_key("set-cookie"));
    let cookie = sign_in(&house).await;
    let page = house.get("/customers/Contoso", &[("cookie", &cookie)]).await;
    assert!(page.body.contains("12 of 20 memberships would be removed"), "{}", page.body);
    let asked = house.post("/reconcile/Contoso", &[("cookie", &cookie), US], "x=1").await;
    assert_eq!(asked.status, StatusCode::SEE_OTHER);
    assert_eq!(asked.headers["location"], "/customers/Contoso?asked");
    assert_eq!(house.board.requested().await, ["Contoso".parse().unwrap()].into());
    let out = house.post("/logout", &[("cookie", &cookie), US], "x=1").await;
    assert!(out.headers["set-cookie"].to_str().unwrap().starts_with("groupsync-session=; Path=/; Max-Age=0"));
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_ask_for_anything() {
    let house = House::new();
    let cookie = sign_in(&house).await;
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        for (path, body) in [("/reconcile/Contoso", "x=1"), ("/login", &*format!("token={TOKEN}"))] {
            let answer = house.post(path, &[("cookie", &cookie), ("host", "groupsync"), foreign], body).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {foreign:?}");
        }
    }
    assert!(house.board.requested().now_or_never().is_none());
    let linked = house.get("/customers/Contoso", &[("sec-fetch-site", "cross-site")]).await;
    assert!(
        linked.body.contains(r#"http-equiv="refresh" content="0; url=/customers/Contoso""#),
        "{}",
        linked.body
    );
}

#[tokio::test]
async fn a_program_asks_for_a_look_and_is_told_what_becomes_of_it() {
    let house = House::new();
    let (name, value) = bearer();
    let ask = async |path: &str| {
        let answer = house.post(path, &[(name, &value)], "").await;
        (answer.status, answer.body)
    };
    let (status, body) = ask("/reconcile/Northwind%20Traders").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(body, "{\n  \"customer\": \"Northwind Traders\",\n  \"asked\": \"accepted\"\n}\n");
    assert!(ask("/reconcile/Northwind%20Traders").await.1.contains("alreadyQueued"));
    for nobody in ["/reconcile/nobody", "/reconcile/%00", "/reconcile/..%2F..", "/reconcile/%F0%9F%98%80"] {
        assert_eq!(ask(nobody).await.0, StatusCode::NOT_FOUND, "{nobody}");
    }
    assert_eq!(
        house.get("/reconcile/Contoso", &[(name, &value)]).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

/// Whatever is answered, a browser keeps nothing, runs nothing and shows it in no frame.
#[tokio::test]
async fn every_answer_is_hardened() {
    let house = House::new();
    for path in
        ["/", "/livez", "/metrics", "/nothing", "/customers/nobody", "/api/v1/customers", "/favicon.ico"]
    {
        for answer in [house.get(path, &[]).await, house.read(path).await] {
            let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{path}: {policy}");
            assert!(
                !policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"),
                "{path}: {policy}"
            );
            assert_eq!(header("cache-control"), "no-store", "{path}");
            assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        }
    }
}
