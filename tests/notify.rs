//! What people are told: every trouble once, its end once, nothing that is nobody's business, and never at the loop's expense.

mod board;
mod cluster;
mod receiver;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use groupsync::controller::notify::message;
use groupsync::controller::notify::news::{News, Told, Turn};
use groupsync::controller::notify::trouble::{About, Extent, Topic, Trouble, Troubles};
use groupsync::model::names::CustomerName;
use proptest::prelude::*;

/// What a look at one customer shows.
#[derive(Debug, Clone)]
enum Look {
    Gone,
    Unseen,
    Seen(BTreeSet<&'static str>),
}

const CODES: [&str; 3] = ["groupMembers", "contested", "unavailable"];
const CUSTOMERS: [&str; 3] = ["contoso", "northwind", "tailspin"];

fn trouble(customer: &str, code: &str) -> Trouble {
    let about = About::Customer(customer.parse().unwrap());
    Trouble { topic: Topic::Held, code: code.to_owned(), about }
}

fn troubles(looks: &[Look; 3]) -> Troubles {
    let mut troubles = Troubles::default();
    for (customer, look) in CUSTOMERS.iter().zip(looks) {
        let name: CustomerName = customer.parse().unwrap();
        match look {
            Look::Gone => {}
            Look::Unseen => _ = troubles.unseen.insert(name),
            Look::Seen(codes) => {
                troubles.seen.insert(name);
                troubles.all.extend(codes.iter().map(|code| (trouble(customer, code), Extent::default())));
            }
        }
    }
    troubles
}

fn look() -> impl Strategy<Value = Look> {
    let seen = prop::collection::btree_set(prop::sample::select(CODES.to_vec()), 0..=3).prop_map(Look::Seen);
    prop_oneof![1 => Just(Look::Gone), 2 => Just(Look::Unseen), 5 => seen]
}

fn history() -> impl Strategy<Value = Vec<([Look; 3], bool)>> {
    prop::collection::vec((prop::array::uniform3(look()), any::<bool>()), 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Each step is a look at the board, after which the message is taken or is not.
    ///
    /// Tried: `remember` without the arm for what is over -> "what was told is news no more"; `news` without `is_seen` -> "over,
    /// and nobody looked".
    #[test]
    fn whatever_happens_every_trouble_is_told_once_and_its_end_once(history in history()) {
        let mut told = Told::default();
        let mut known: BTreeSet<Trouble> = BTreeSet::new();
        for (looks, taken) in history {
            let now = troubles(&looks);
            told.forget_the_gone(&now);
            known.retain(|trouble| match &trouble.about {
                About::Fleet => true,
                About::Customer(name) => now.seen.contains(name) || now.unseen.contains(name),
            });
            let news = told.news(&now);
            for one in &news {
                let is_there = now.all.contains_key(&one.trouble);
                match one.turn {
                    Turn::Began => prop_assert!(is_there && !known.contains(&one.trouble), "told twice: {one:?}"),
                    Turn::Over => {
                        prop_assert!(!is_there && known.contains(&one.trouble), "over, and never told: {one:?}");
                        let About::Customer(name) = &one.trouble.about else { unreachable!() };
                        prop_assert!(now.seen.contains(name), "over, and nobody looked: {one:?}");
                    }
                }
            }
            if taken {
                for one in &news {
                    told.remember(one);
                    if one.turn == Turn::Began { known.insert(one.trouble.clone()) } else { known.remove(&one.trouble) };
                }
                prop_assert_eq!(told.news(&now), vec![], "what was told is news no more");
                let missing = now.all.keys().find(|trouble| !known.contains(trouble));
                prop_assert_eq!(missing, None, "and everything was told");
            }
        }
    }

    /// Slack, Teams and their like make links of hosts, mentions of `<!…>` and `@`, and bold of stars; Teams takes 28 KB.
    #[test]
    fn a_message_is_small_and_without_markup_whatever_the_fleet_is_called(
        names in prop::collection::btree_set("[A-Za-z0-9 _.-]{1,100}", 1..60),
        codes in prop::collection::btree_set("[a-zA-Z.]{1,30}", 1..20),
        over in any::<bool>(),
    ) {
        let turn = if over { Turn::Over } else { Turn::Began };
        let news: Vec<News> = names.iter().flat_map(|name| codes.iter().map(move |code| (name, code))).map(|(name, code)| {
            News { trouble: trouble(name, code), turn, extent: Extent { count: 12, since: None } }
        }).collect();
        let body = message::body(&news, None);
        prop_assert!(body.to_string().len() < 28 * 1024);
        let text = body["text"].as_str().unwrap();
        prop_assert!(!text.contains(['<', '>', '&', '@', '*', '[']), "{text}");
        let outside: String = text.split('`').step_by(2).collect();
        prop_assert!(!outside.contains(['_', '-', '.']), "a name outside a code span: {outside}");
        let events = body["events"].as_array().unwrap().len();
        prop_assert_eq!(events + usize::try_from(body["omitted"].as_u64().unwrap()).unwrap(), news.len());
    }
}

#[test]
fn equal_news_of_many_customers_are_one_line() {
    let names = (1..=9).map(|n| format!("customer {n}"));
    let mut news: Vec<News> = names
        .map(|name| News {
            trouble: trouble(&name, "groupMembers"),
            turn: Turn::Began,
            extent: Extent { count: 3, since: None },
        })
        .collect();
    news.push(News { turn: Turn::Over, ..news[0].clone() });
    let stopped = Trouble { topic: Topic::Held, code: "stopped".to_owned(), about: About::Fleet };
    news.push(News { trouble: stopped, turn: Turn::Began, extent: Extent::default() });
    let page = "https://groupsync.example/".parse().unwrap();
    insta::assert_snapshot!(message::text(&news, Some(&page)), @r"
    groupsync: 10 new, 1 over
    • held `groupMembers`: `customer 1` (3), `customer 2` (3), `customer 3` (3), `customer 4` (3), `customer 5` (3), `customer 6` (3) and 3 more
    • held `stopped`
    • recovered from held `groupMembers`: `customer 1`
    What to do: https://groupsync.example/
    ");
    let body = message::body(&news[10..], None);
    let event: BTreeMap<String, serde_json::Value> =
        serde_json::from_value(body["events"][0].clone()).unwrap();
    assert_eq!(event["customer"], serde_json::Value::Null);
    assert_eq!(
        (&event["turn"], &event["topic"], &event["code"]),
        (&"began".into(), &"held".into(), &"stopped".into())
    );
}
