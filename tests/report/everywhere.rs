//! Whatever somebody calls herself, a group, a role or a file: no output does anything but show it. One property over every
//! form in which anything leaves the program.

use std::collections::BTreeMap;
use std::path::Path;
use std::slice::from_ref;
use std::sync::Arc;

use groupsync::clock::Clock;
use groupsync::controller::notify::event::{Pod, Send, Series};
use groupsync::controller::notify::message;
use groupsync::controller::notify::news::Told;
use groupsync::controller::notify::trouble::Troubles;
use groupsync::controller::status::{CustomerStatus, Overdue};
use groupsync::desired::state::DesiredState;
use groupsync::desired::{self, source::Source, source::Sources};
use groupsync::journal::chain::Chains;
use groupsync::journal::event::{Body, Did, EffectOn, Ended, Event, Intent};
use groupsync::journal::record::{Hash, Record, Writer};
use groupsync::journal::register::Book;
use groupsync::model::hidden::is_hidden;
use groupsync::model::ids::{ObjectId, PersonId};
use groupsync::model::person::Standing;
use groupsync::model::role::{Role, Tier};
use groupsync::model::scope::Scope;
use groupsync::plan::adoption::value::*;
use groupsync::plan::because::{Because, Rule};
use groupsync::plan::explanation::{
    Explanation, Fate, Planned, RoleHeld, Route, RouteKind, Subject, Verdict, Way, When,
};
use groupsync::plan::operation::{Action, Operation};
use groupsync::plan::outcome::{CustomerOutcome, Outcome, Status};
use groupsync::plan::value::{CustomerPlan, Plan};
use groupsync::report::adoption::files::Changes;
use groupsync::report::diagnostics::{self, github, sarif};
use groupsync::report::difference::{self, Skipped};
use groupsync::report::forecast;
use groupsync::report::json::saved;
use groupsync::report::redact::People;
use groupsync::report::upshot::Run;
use groupsync::report::{self, explanation, html, journal, json, markdown, outcome, register, text};
use http::StatusCode;
use proptest::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use super::hostile::{NAMES, fleet};
use super::html::assert_harmless_page;
use super::markdown::assert_harmless;
use crate::http::{House, fleet as board};
use crate::plan::fixture::{READER, at, id, name, origin, subscription, tenant};

/// Text for a terminal: our own colours taken out, nothing is left that could command it or turn a line round.
pub(super) fn assert_plain(what: &str, text: &str) {
    let bare = anstream::adapter::strip_str(text).to_string();
    let hidden: Vec<char> = bare.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
    assert!(hidden.is_empty(), "{what}: {hidden:?}: {bare:?}");
    for command in text.split('\u{1b}').skip(1) {
        let colour =
            command.strip_prefix('[').and_then(|rest| rest.split_once('m')).map(|(colour, _)| colour);
        let ours = colour.is_some_and(|colour| colour.chars().all(|c| c.is_ascii_digit() || c == ';'));
        assert!(ours, "{what}: a command that is no colour: {command:?}");
    }
}

/// JSON that a program reads as it was meant and a terminal shows as it is.
fn assert_document(what: &str, text: &str) -> Value {
    assert_plain(what, text);
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"))
}

fn outcomes(plan: &Plan, names: &[String]) -> Vec<CustomerOutcome> {
    let statuses = [Status::Done, Status::AlreadySo, Status::Pending, Status::Refused, Status::Failed];
    let of = |customer: &CustomerPlan| CustomerOutcome {
        name: customer.name.clone(),
        outcomes: customer
            .runnable()
            .enumerate()
            .map(|(n, operation)| Outcome {
                operation: operation.id.clone(),
                kind: operation.action.kind(),
                status: statuses[n % 5],
                text: Some(names[n % names.len()].clone()),
                request_id: Some("6f9f1b52".to_owned()),
            })
            .collect(),
        ended_early: Some(names[0].clone()),
    };
    plan.customers.iter().map(of).collect()
}

fn plans_and_outcomes(plan: &Plan, desired: &DesiredState, names: &[String]) {
    assert_plain("text", &text::plan(plan, desired));
    assert_plain("summary", &text::summary(plan));
    assert_document("json", &json::plan::document(plan, &desired.partner));
    assert_document("saved plan", &saved::write(plan, &desired.partner, People::Named));
    assert_harmless(&markdown::plan(plan, desired, Some("plan.html")));
    assert_harmless_page(&html::plan(plan, desired).collect::<String>());

    let outcomes = outcomes(plan, names);
    let skipped = Skipped {
        name: plan.customers[0].name.clone(),
        why: "this is not what was planned".to_owned(),
        lines: difference::lines(names, &[]),
    };
    let cost = groupsync::plan::forecast::Cost::default();
    let now = at("2030-01-01T00:01:00Z");
    let run = Run { plan, outcomes: &outcomes, skipped: from_ref(&skipped), cost, now };
    assert_plain("outcome", &outcome::text(plan, &outcomes, now));
    assert_plain("difference", &skipped.text());
    assert_plain("forecast", &forecast::against(&cost));
    assert_document("outcome json", &json::outcome::document(&run));
    assert_harmless(&markdown::outcome::page(&run, desired, Some("outcome.html")));
    assert_harmless_page(&html::outcome::page(&run, desired).concat());
}

/// The journal of a plan carried out, as lines, as an export and as a register; how much access that shows.
fn records(plan: &Plan, names: &[String]) -> usize {
    let writer = Writer(Uuid::from_u128(7));
    let mut book = Book::default();
    let mut place = 0;
    let mut enter = |event: Event| {
        place += 1;
        let body = Body { at: at("2030-01-01T00:00:00Z"), event };
        let record = Record { place, writer, number: place, hash: Hash::NONE, body };
        assert_plain("journal show", &journal::line(&record));
        let exported = journal::exported(&record);
        assert_eq!(exported.matches('\n').count(), 1, "one record, one line");
        let read = assert_document("journal export", &exported);
        assert_eq!(serde_json::from_value::<Body>(read).unwrap(), record.body, "nothing is lost on the way");
        book.enter(&record);
    };
    let mut number = 0;
    for customer in &plan.customers {
        for operation in &customer.operations {
            number += 1;
            let mut intent = Intent::of(customer, operation);
            intent.id = number;
            let objects: Vec<ObjectId> = match &operation.action {
                Action::AddMembers { members, .. } => members.iter().filter_map(|m| m.guest).collect(),
                Action::RemoveMembers { members, .. } => members.iter().map(|m| m.object).collect(),
                _ => vec![ObjectId::new(id(7, 1))],
            };
            let ended = Ended {
                intent: number,
                customer: customer.name.clone(),
                tenant: customer.tenant,
                operation: operation.id.clone(),
                status: Status::Done,
                effects: objects.into_iter().map(|object| EffectOn { object, did: Did::Done }).collect(),
                requests: vec![names[0].clone()],
                uncertain: false,
                text: Some(names[0].clone()),
            };
            enter(Event::Intent(Box::new(intent)));
            enter(Event::Ended(Box::new(ended)));
        }
        enter(Event::held(customer));
    }
    let register = book.close(&Chains::default());
    let nobody = BTreeMap::new();
    assert_plain("register", &register::text(&register, &nobody, None));
    assert_document("register json", &register::json(&register, &nobody, None));
    register.accesses.len()
}

/// Files in which everything that has a name is called that.
fn problems(names: &[String]) {
    for name in names {
        let quoted = serde_json::to_string(name).unwrap();
        let text = format!(
            "apiVersion: groupsync.dev/v1\nkind: Customer\nmetadata: {{name: {quoted}}}\nspec:\n  tenantId: {quoted}\n  {quoted}: {quoted}\n  groups:\n    {quoted}: {{roles: {{Reader: {quoted}}}}}\n# {}\n",
            name.replace(['\n', '\r'], " ")
        );
        // A path is somebody's word as well, in a pull request from a fork.
        let path = format!("customers/{}/customer.yaml", name.replace(['/', '\0'], "_"));
        let read = desired::read_texts(Sources::new(vec![Source { path, text }]));
        assert!(!read.diagnostics.is_empty());
        let dir = Path::new("desired-state");
        assert_plain("validate", &diagnostics::text(&read.diagnostics, dir));
        assert_document("validate json", &diagnostics::json(&read.diagnostics));
        assert_document("sarif", &sarif::document(&read.diagnostics, dir));
        let commands = github::commands(&read.diagnostics, dir);
        assert_plain("github", &commands);
        let (commands, count) = commands.trim_end().rsplit_once('\n').expect("a problem and the count");
        assert!(count.starts_with(|c: char| c.is_ascii_digit()), "{count}");
        for line in commands.lines() {
            let is_ours = ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
            assert!(is_ours, "a line of its own could be a command: {line:?}");
            let properties = line.split_once("::").and_then(|(_, rest)| rest.split_once("::")).unwrap().0;
            let known = ["file", "line", "col", "endColumn", "endLine", "title"];
            let list = properties.split_once(' ').map_or("", |(_, list)| list);
            for (key, value) in list.split(',').filter_map(|pair| pair.split_once('=')) {
                assert!(known.contains(&key), "a property that we did not write: {line:?}");
                // Whole, or cut by us.
                assert!(
                    key != "file" || value.ends_with("/customer.yaml") || value.ends_with('…'),
                    "cut off: {line:?}"
                );
            }
        }
    }
}

/// What a webhook and the cluster are told of a fleet in trouble.
fn messages(plan: &Plan) {
    let statuses = plan.customers.iter().map(|plan| {
        let mut status = CustomerStatus::unseen(plan.name.clone(), plan.tenant, plan.state);
        status.plan = Some(Arc::new(plan.clone()));
        status
    });
    let board = board::of(statuses);
    let troubles = Troubles::on(&board, board::now());
    let body = message::body(&Told::default().news(&troubles), None);
    assert_document("webhook", &body.to_string());
    let said = body.to_string();
    for part in ["evil", "<", "|", "http", "@", "*"] {
        assert!(!said.contains(part), "{part} in {said}");
    }
    let text = body["text"].as_str().expect("a text");
    for (at, _) in text.match_indices("www.") {
        assert!(text[..at].ends_with('`'), "a link: {text}");
    }
    let pod = Pod { namespace: "groupsync".into(), name: "groupsync-0".into(), uid: "u".into() };
    let mut series = Series::default();
    for _ in 0..20 {
        let Some(step) = series.next(&troubles, board::now(), &pod) else { break };
        let (Send::Create(sent) | Send::Patch(sent)) = &step.send;
        let event = assert_document("event", &sent.to_string());
        assert!(!event.to_string().contains("evil"), "{event}");
        series.done(step);
    }
}

/// Why somebody has what, in all three forms.
fn explanations(plan: &Plan, names: &[String]) {
    let explain = |(n, customer): (usize, &CustomerPlan)| {
        let word = |k: usize| names[(n + k) % names.len()].clone();
        let person = PersonId::new(id(1, 1));
        let because = Because { rule: Rule::Declared, origin: Some(origin(7)), text: word(0) };
        let route = Route {
            kind: if n % 2 == 0 { RouteKind::Live } else { RouteKind::Grant },
            name: word(1),
            origin: origin(8),
            from: None,
            until: Some(at("2030-02-01T00:00:00Z")),
            when: When::Running,
            note: Some(word(2)),
        };
        let role = RoleHeld {
            role: Role { name: name("Owner"), id: name(READER), tier: Tier::Privileged },
            written: word(3),
            origin: origin(9),
            in_force: Some(n % 2 == 0),
        };
        let way = Way {
            mapping: name("Team"),
            origin: origin(10),
            group: word(4),
            called: Some(word(5)),
            routes: vec![route],
            verdict: Verdict::Wanted { until: None, because },
            stands: Some(true),
            roles: vec![role],
        };
        let fates = [
            Fate::Runs,
            Fate::Held { text: word(6), hint: word(7) },
            Fate::Refused { text: word(8), hint: word(9) },
        ];
        let planned = customer.operations.iter().zip(fates.into_iter().cycle());
        Explanation {
            subject: Subject { person: Some(person), address: Some(name("p1@fabrikam.example")) },
            display_name: Some(word(10)),
            standing: Some(Standing::Active),
            customer: customer.name.clone(),
            state: customer.state,
            guests: [ObjectId::new(id(2, 1))].into(),
            ways: vec![way],
            undeclared: vec![word(11)],
            unmapped: Vec::new(),
            planned: planned
                .map(|(operation, fate)| Planned { operation: operation.clone(), fate })
                .collect(),
            gaps: customer.gaps.clone(),
            findings: customer.findings.clone(),
            live: true,
        }
    };
    // Every name comes to stand in every place.
    let everywhere = plan.customers.iter().cycle().take(names.len());
    let all: Vec<Explanation> = everywhere.enumerate().map(explain).collect();
    let commits = BTreeMap::new();
    for one in &all {
        assert_plain("explain", &explanation::text(one, &commits, plan.now));
    }
    assert_plain("explain --customer", &explanation::customer(&all, plan.now));
    assert_plain("explain --person", &explanation::everywhere(&all, plan.now));
    assert_document("explain json", &explanation::json::document(&all, &commits));
}

/// What an import says about groups that somebody else named.
fn adoptions(names: &[String]) {
    let scope = Scope::subscription(subscription());
    let group = |n: u64, name_of: &String| Found {
        group: ObjectId::new(id(7, n)),
        display_name: name_of.clone(),
        class: if n.is_multiple_of(2) { Class::Ours } else { Class::Probable },
        proof: Proof::Staff,
        staff: BTreeMap::new(),
        others: 1,
        roles: vec![Held {
            scope: scope.clone(),
            written: name_of.clone(),
            id: name(READER),
            name: name_of.clone(),
            verdict: Err(name_of.clone()),
        }],
        proposal: None,
        why_not: vec![Reason::Text(name_of.clone())],
    };
    let adoption = Adoption {
        name: name("contoso"),
        tenant: tenant(),
        skipped: None,
        groups: names.iter().zip(1..).map(|(name, n)| group(n, name)).collect(),
        roles: Vec::new(),
        roleless: names
            .iter()
            .zip(1..)
            .map(|(display_name, n)| Roleless {
                group: ObjectId::new(id(8, n)),
                display_name: display_name.clone(),
                people: [name("p1@fabrikam.example")].into(),
            })
            .collect(),
        direct: Vec::new(),
        foreign: Foreign {
            groups: names.iter().zip(1..).map(|(name, n)| (ObjectId::new(id(9, n)), name.clone())).collect(),
            ..Foreign::default()
        },
        subscriptions: BTreeMap::from([(
            name("prod"),
            NewSubscription { id: subscription(), display_name: names[0].clone() },
        )]),
        remaining: Vec::new(),
        gaps: Vec::new(),
    };
    let changes = Changes::default();
    assert_plain("import", &report::adoption::text(from_ref(&adoption), &changes));
    assert_document("import json", &report::adoption::json::document(from_ref(&adoption), &changes));
}

/// Tried, one in each family: `escape` that gives back what it got → "text: ['\u{202e}', …"; `json::visible` likewise → "json: […";
/// `words::name` of the page with `PreEscaped`, `harmless::name` of Markdown without a span → "assertion failed: `!page.chars()…`";
/// the line of a record, the export, the register's group, the note of an explanation, an import's reason as they are →
/// "journal show: […", "journal export: […", "register: […", "explain: a command that is no colour", "import: […"; `path` and
/// `spelt` of diagnostics as they are → "validate: […"; GitHub's `data` as it is → "a line of its own could be a command";
/// a webhook's place without its span → "a link: …"; a link in the line of an Event → "{\"action\":\"Reconcile\",…".
#[test]
fn no_name_does_harm_in_any_output() {
    let mut names = NAMES.map(str::to_owned).to_vec();
    names.push("x ".repeat(4000));
    let mut accesses = 0;
    for seed in 0..12 {
        let (plan, desired) = fleet(seed, 6, 12, &names);
        plans_and_outcomes(&plan, &desired, &names);
        accesses += records(&fleet(seed, 3, 60, &names).0, &names);
        messages(&plan);
        explanations(&plan, &names);
    }
    assert!(accesses > 20, "the register shows somebody: {accesses}");
    problems(&names);
    adoptions(&names);
}

/// The status page and the documents beside it, with everything in them that a tenant or a service says.
///
/// Tried: a hold's text with `PreEscaped` → "/customers/www.customer-1_x: something hides"; documents by `serde_json` →
/// "/api/v1/customers: ['\u{202e}', …".
#[tokio::test]
async fn no_name_does_harm_on_the_status_page_or_in_its_documents() {
    let mut names = NAMES.map(str::to_owned).to_vec();
    names.push("x ".repeat(4000));
    for seed in 0..4 {
        let (plan, _) = fleet(seed, 12, 12, &names);
        let mut all = outcomes(&plan, &names).into_iter();
        let statuses = plan.customers.iter().map(|plan| {
            let mut status = CustomerStatus::unseen(plan.name.clone(), plan.tenant, plan.state);
            let overdue = |operation: &Operation| Overdue {
                operation: operation.id.clone(),
                kind: operation.action.kind(),
                since: board::now(),
                why: names[3].clone(),
            };
            status.overdue = plan.operations.iter().map(overdue).collect();
            status.plan = Some(Arc::new(plan.clone()));
            status.outcome = all.next().map(Arc::new);
            status
        });
        let house = House::of(board::of(statuses), Clock::starting_at(board::now()));
        house.board.note(|overview| overview.stopped = Some(names.concat()));
        let mut pages = vec![String::from("/")];
        let mut documents = vec![String::from("/api/v1/customers")];
        for customer in &plan.customers {
            pages.push(format!("/customers/{}", customer.name));
            documents.push(format!("/api/v1/customers/{}", customer.name));
        }
        for path in documents {
            let answer = house.read(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert_document(&path, &answer.body);
        }
        for path in pages {
            let answer = house.read(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.body.chars().any(|c| c != '\n' && is_hidden(c)), "{path}: something hides");
            let (_, body) = answer.body.split_once("</style>").expect("a page");
            for tag in body.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap();
                let known = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
                assert!(!matches!(known, "script" | "img" | "iframe" | "b" | "!--"), "{path}: <{tag}>");
                assert!(!tag.contains("' onmouseover='x \" y"), "{path}: <{tag}>");
                for link in tag.split("href=\"").skip(1) {
                    assert!(link.starts_with(['/', '#', '?']), "{path}: a link elsewhere: {link}");
                }
            }
        }
        let numbers = house.read("/metrics").await.body;
        assert!(!numbers.contains("evil") && !numbers.chars().any(|c| c != '\n' && is_hidden(c)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Tried: GitHub's `property` as it is → "cut off: …".
    #[test]
    fn no_text_at_all_does_harm_in_any_output(
        seed in any::<u64>(),
        names in proptest::collection::vec("\\PC{0,60}|.{0,80}|[<>&\"'`|@=+\\-\\[\\]()*_#!:/\\\\%\r\n\u{1b}\u{202e}\u{200b}]{0,24}", 1..8),
    ) {
        let (plan, desired) = fleet(seed, 4, 10, &names);
        plans_and_outcomes(&plan, &desired, &names);
        records(&plan, &names);
        messages(&plan);
        explanations(&plan, &names);
        problems(&names);
        adoptions(&names);
    }
}
