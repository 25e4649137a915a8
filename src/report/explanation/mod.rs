//! Why somebody has access, or why not, in words: partner group → mapping → group → role → scope → until, each step with its
//! file and line.

pub mod json;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::Timestamp;

use crate::model::origin::Origin;
use crate::model::person::Standing;
use crate::plan::explanation::{
    Access, Explanation, Fate, Planned, RoleHeld, Route, RouteKind, Subject, Verdict, Way, When,
};
use crate::report::escape::{self, escape};
use crate::report::moment;
use crate::report::paint::{ADD, ALARM, CHANGE, DIM, REMOVE, STRONG, paint};
use crate::report::words;

/// Says which commit last changed a line, where that can be told.
pub type Commits = BTreeMap<(String, u32), String>;

/// One person at one customer.
pub fn text(explanation: &Explanation, commits: &Commits, now: Timestamp) -> String {
    let mut text = String::new();
    let e = explanation;
    let who = name(&e.subject);
    let (style, answer) = match e.access() {
        Access::Yes => (ADD, "has access"),
        Access::No => (REMOVE, "has no access through groupsync"),
        Access::Unknown if !e.live => (CHANGE, "was not looked up: this is what the files say"),
        Access::Unknown => (CHANGE, "cannot be told: not everything was read"),
    };
    line(
        &mut text,
        0,
        format!("{} at {}: {}", paint(STRONG, &who), paint(STRONG, &e.customer), paint(style, answer)),
    );
    line(&mut text, 2, paint(DIM, person(e)));
    for way in &e.ways {
        text += &way_text(way, commits, now);
    }
    for group in &e.undeclared {
        line(&mut text, 2, paint(STRONG, escape(group)));
        line(&mut text, 4, "in it, and no mapping declares this group any more");
    }
    if e.ways.is_empty() && e.undeclared.is_empty() {
        line(&mut text, 2, format!("no mapping and no grant of {} names {who}", e.customer));
    }
    if !e.unmapped.is_empty() {
        let groups: Vec<_> = e.unmapped.iter().map(ToString::to_string).collect();
        line(&mut text, 2, format!("in {}, which {} does not map", groups.join(", "), e.customer));
    }
    rest(&mut text, e);
    text
}

/// Everybody at one customer: who can do what.
pub fn customer(explanations: &[Explanation], now: Timestamp) -> String {
    let mut text = String::new();
    let mut sorted: Vec<&Explanation> = explanations.iter().filter(|e| e.concerns()).collect();
    sorted.sort_by_key(|e| name(&e.subject));
    for e in sorted {
        line(&mut text, 0, paint(STRONG, name(&e.subject)));
        text += &short(e, now);
    }
    if text.is_empty() { "nobody\n".to_owned() } else { text }
}

/// One person everywhere.
pub fn everywhere(explanations: &[Explanation], now: Timestamp) -> String {
    let mut text = String::new();
    for e in explanations.iter().filter(|e| e.concerns()) {
        line(&mut text, 0, paint(STRONG, &e.customer));
        text += &short(e, now);
    }
    if text.is_empty() {
        "nowhere: she is in no group of ours, and no file names her for one\n".to_owned()
    } else {
        text
    }
}

/// A customer's groups of one person, one line each.
fn short(e: &Explanation, now: Timestamp) -> String {
    let mut text = String::new();
    for way in &e.ways {
        let roles: Vec<_> =
            way.roles.iter().map(|role| format!("{} on {}", role.role.name, escape(&role.written))).collect();
        let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
        let (style, mark) = mark(way);
        let state = standing_words(way, now);
        line(
            &mut text,
            2,
            format!("{} {}  {roles}  {}", paint(style, mark), escape(&way.group), paint(DIM, state)),
        );
    }
    for group in &e.undeclared {
        line(
            &mut text,
            2,
            format!("{} {}  {}", paint(CHANGE, "?"), escape(group), paint(DIM, "no mapping declares it")),
        );
    }
    for way in &e.ways {
        for route in way.routes.iter().filter(|route| route.when == When::Ahead) {
            let words = route_words(route, &Commits::new(), now);
            line(&mut text, 4, format!("{} {}", escape(&way.group), paint(DIM, words)));
        }
    }
    for Planned { operation, fate } in &e.planned {
        let (Fate::Held { text: why, .. } | Fate::Refused { text: why, .. }) = fate else { continue };
        let what = words::action(&operation.action);
        line(&mut text, 2, format!("{} {what}: {}", paint(ALARM, "! waits:"), escape::sentence(why)));
    }
    let unread = e.gaps.iter().filter(|gap| gap.code.is_failed_read()).count();
    if unread > 0 {
        line(&mut text, 2, paint(CHANGE, format!("? {} not read", words::count(unread, "thing"))));
    }
    text
}

fn mark(way: &Way) -> (anstyle::Style, &'static str) {
    match way.access() {
        Access::Yes => (ADD, "●"),
        Access::No => (DIM, "○"),
        Access::Unknown => (CHANGE, "?"),
    }
}

fn standing_words(way: &Way, now: Timestamp) -> String {
    match (way.stands, &way.verdict) {
        (Some(true), Verdict::Wanted { until: Some(end), .. }) => format!("until {}", moment::shown(*end)),
        (Some(true), Verdict::Wanted { until: None, .. }) => "in it".to_owned(),
        (Some(true), verdict) => format!("in it, {}", verdict_words(verdict, now)),
        (Some(false), verdict) => format!("not in it, {}", verdict_words(verdict, now)),
        (None, verdict) => verdict_words(verdict, now),
    }
}

fn verdict_words(verdict: &Verdict, now: Timestamp) -> String {
    match verdict {
        Verdict::Wanted { until: Some(end), .. } => {
            format!("belongs in it until {}, {} from now", moment::shown(*end), moment::distance(now, *end))
        }
        Verdict::Wanted { until: None, .. } => "belongs in it".to_owned(),
        Verdict::Ended(because) | Verdict::Leaver(because) => escape(&because.text).into_owned(),
        Verdict::Undecided => "undecided: what it depends on could not be read or told".to_owned(),
        Verdict::NotNamed => "nothing asks for it now".to_owned(),
        Verdict::NotAsked => "by the files".to_owned(),
    }
}

fn way_text(way: &Way, commits: &Commits, now: Timestamp) -> String {
    let mut text = String::new();
    let place = place(&way.origin, commits);
    let called = way.called.as_ref().map(|name| format!("called {} there now, ", escape(name)));
    let note = format!("{}mapped at {place}", called.unwrap_or_default());
    line(&mut text, 2, format!("{}  {}", paint(STRONG, escape(&way.group)), paint(DIM, note)));
    match way.stands {
        Some(true) => line(
            &mut text,
            4,
            format!("{} in the group: {}", paint(ADD, "●"), verdict_words(&way.verdict, now)),
        ),
        Some(false) => {
            line(
                &mut text,
                4,
                format!("{} not in the group: {}", paint(REMOVE, "○"), verdict_words(&way.verdict, now)),
            );
        }
        None => line(
            &mut text,
            4,
            format!(
                "{} the group's members were not read: {}",
                paint(CHANGE, "?"),
                verdict_words(&way.verdict, now)
            ),
        ),
    }
    for route in &way.routes {
        line(&mut text, 4, route_words(route, commits, now));
    }
    for role in &way.roles {
        line(&mut text, 4, role_words(role, way.stands, commits));
    }
    if way.roles.is_empty() {
        line(&mut text, 4, "gives no role");
    }
    text
}

fn route_words(route: &Route, commits: &Commits, now: Timestamp) -> String {
    let what = match route.kind {
        RouteKind::Listed => format!("listed in {}", escape(&route.name)),
        RouteKind::Live => format!("in the partner's group {}", escape(&route.name)),
        RouteKind::PerhapsLive => {
            format!("perhaps in the partner's group {}, which was not read", escape(&route.name))
        }
        RouteKind::Grant => format!("grant {}", escape(&route.name)),
    };
    let when = match (route.when, route.from, route.until) {
        (When::Ahead, Some(from), until) => {
            let until = until.map(|until| format!(" until {}", moment::shown(until))).unwrap_or_default();
            format!(", from {}{until}, begins in {}", moment::shown(from), moment::distance(now, from))
        }
        (When::Over, _, Some(until)) => format!(", over since {}", moment::shown(until)),
        (_, _, Some(until)) => {
            format!(", until {}, in {}", moment::shown(until), moment::distance(now, until))
        }
        (When::Ahead | When::Over | When::Running, _, None) => String::new(),
    };
    let note = route.note.as_ref().map(|note| format!(": {}", escape(note))).unwrap_or_default();
    format!("via {what}{when}{note} {}", paint(DIM, format!("({})", place(&route.origin, commits))))
}

fn role_words(role: &RoleHeld, stands: Option<bool>, commits: &Commits) -> String {
    let force = match (role.in_force, stands) {
        (Some(true), Some(true)) => paint(ADD, "in force"),
        // For her it is not: she is not inside.
        (Some(true), _) => paint(DIM, "the group has it"),
        (Some(false), _) => paint(REMOVE, "not in force"),
        (None, _) => paint(CHANGE, "not read"),
    };
    let place = paint(DIM, format!("({})", place(&role.origin, commits)));
    format!("gives {} on {}: {force} {place}", role.role.name, escape(&role.written))
}

/// Who she is, as far as known.
fn person(e: &Explanation) -> String {
    let mut parts = Vec::new();
    if let Some(name) = &e.display_name {
        parts.push(escape(name).into_owned());
    }
    match e.subject.person {
        Some(id) => parts.push(format!("partner object {id}")),
        None => parts.push("nobody of the partner whom the files or the tenant know".to_owned()),
    }
    let account = match e.standing {
        Some(Standing::Active) => Some("account enabled"),
        Some(Standing::Disabled) => Some("account disabled"),
        Some(Standing::Deleted) => Some("account deleted"),
        Some(Standing::Unknown) => Some("whether the account is enabled was withheld"),
        None => e.subject.person.map(|_| "account not read"),
    };
    parts.extend(account.map(str::to_owned));
    match e.guests.len() {
        0 if e.live && e.gaps.iter().all(|gap| !gap.code.is_failed_read()) => {
            parts.push("in none of our groups here".to_owned());
        }
        0 => {}
        1 => parts.push(format!("guest {}", e.guests.iter().map(ToString::to_string).collect::<String>())),
        many => parts.push(format!("{many} guests: which is hers is not told")),
    }
    parts.push(format!("customer {}", words::state(e.state)));
    parts.join(" · ")
}

/// What explaining one customer leaves open.
const OPEN: &str =
    "a limit over all customers or a shrinking source holds it: only a whole `groupsync plan` judges that";

/// What the plan does, what is in doubt, what else was found.
fn rest(text: &mut String, e: &Explanation) {
    for Planned { operation, fate } in &e.planned {
        let what = words::action(&operation.action);
        let (style, when) = match fate {
            Fate::Runs => (ADD, "next apply".to_owned()),
            Fate::Open => (CHANGE, format!("next apply, unless {OPEN}")),
            Fate::Listed => (DIM, format!("only listed, the customer is in {}", words::state(e.state))),
            Fate::Held { text, hint } => (ALARM, format!("held: {}; {}", escape(text), escape(hint))),
            Fate::Refused { text, hint } => (ALARM, format!("refused: {}; {}", escape(text), escape(hint))),
        };
        line(text, 2, format!("{} {what}  {}", paint(style, "→"), paint(DIM, when)));
    }
    for gap in &e.gaps {
        let what = if gap.code.is_failed_read() { "? not read" } else { "? in doubt" };
        let (of, why) = (escape(&gap.of), escape(&gap.text));
        line(
            text,
            2,
            format!("{}  {of}: {why}; leaves undecided: {}", paint(CHANGE, what), escape(&gap.freezes)),
        );
    }
    for finding in &e.findings {
        line(text, 2, format!("* {}  {}", paint(DIM, words::code(finding.code)), escape(&finding.text)));
    }
}

/// A place in the files, with the commit that last changed it.
fn place(origin: &Origin, commits: &Commits) -> String {
    let place = escape(&origin.to_string()).into_owned();
    match commits.get(&(origin.file.clone(), origin.line)) {
        Some(commit) => format!("{place} @{commit}"),
        None => place,
    }
}

/// What to call her.
pub fn name(subject: &Subject) -> String {
    match (&subject.address, subject.person) {
        (Some(address), _) => address.to_string(),
        (None, Some(person)) => person.to_string(),
        (None, None) => "somebody without an address".to_owned(),
    }
}

/// Every place that an explanation rests on.
pub fn places(explanation: &Explanation) -> impl Iterator<Item = &Origin> {
    explanation.ways.iter().flat_map(|way| {
        let because = match &way.verdict {
            Verdict::Wanted { because, .. } | Verdict::Ended(because) | Verdict::Leaver(because) => {
                because.origin.as_ref()
            }
            Verdict::Undecided | Verdict::NotNamed | Verdict::NotAsked => None,
        };
        let routes = way.routes.iter().map(|route| &route.origin);
        let roles = way.roles.iter().map(|role| &role.origin);
        std::iter::once(&way.origin).chain(because).chain(routes).chain(roles)
    })
}

fn line(text: &mut String, indent: usize, words: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _infallible = writeln!(text, "{:indent$}{words}", "");
}
