//! Delta queries: what changed among users or groups since a position that the caller holds as a link.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::delta_round::{Collection, Round};
use super::desk::{Desk, Outcome};
use super::entity::{check_selection, selection};
use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::directory::Position;
use crate::simulator::fault_answers;
use crate::simulator::faults::FaultKind;
use crate::simulator::filter::{Filter, Literal, Operator};
use crate::simulator::pages::elsewhere;
use crate::simulator::refusal::{Refusal, bad_request, unsupported_query};
use crate::simulator::world::{Group, User};

/// How long a position in the changes of directory objects is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How many objects a filter may name.
const MOST_IDS: usize = 50;

/// How much a page holds: users, groups and single members each count one.
const PAGE: usize = 200;

/// Options a delta query of directory objects does not take.
const REFUSED: [&str; 6] = ["$top", "$orderby", "$expand", "$search", "$skip", "$count"];

/// What a link carries. Callers hold it as an opaque token.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Token {
    tenant: Uuid,
    collection: Collection,
    pub(super) select: Option<String>,
    /// The objects the query is restricted to.
    pub(super) ids: Option<BTreeSet<Uuid>>,
    place: Place,
}

/// Where a link goes on.
#[derive(Clone, Serialize, Deserialize)]
enum Place {
    /// With everything after this position: a delta link.
    Since(Mark),
    /// Within a round of pages: a next link.
    Within { since: Option<Mark>, until: Mark, after: String, gap: bool },
    /// Nowhere: the round breaks with that status.
    Broken(u16),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Mark {
    count: u64,
    at: Timestamp,
}

impl From<Position> for Mark {
    fn from(position: Position) -> Self {
        Self { count: position.count, at: position.at }
    }
}

impl From<Mark> for Position {
    fn from(mark: Mark) -> Self {
        Self { count: mark.count, at: mark.at }
    }
}

/// `GET /users/delta`
pub(super) fn users(desk: &mut Desk<'_>) -> Outcome {
    answer(desk, Collection::Users)
}

/// `GET /groups/delta`
pub(super) fn groups(desk: &mut Desk<'_>) -> Outcome {
    answer(desk, Collection::Groups)
}

/// Whether a request goes on from a position that the service holds.
pub(super) fn resumes(call: &Call) -> bool {
    carried(call).is_some()
}

/// The token of a link; `latest` and an empty one are none.
fn carried(call: &Call) -> Option<&str> {
    let token = call.option("$skiptoken").or_else(|| call.option("$deltatoken"))?;
    Some(token).filter(|token| !token.is_empty() && *token != "latest")
}

fn answer(desk: &Desk<'_>, collection: Collection) -> Outcome {
    let now = desk.directory().feed.position(desk.now);
    let (token, since, until, after, had_gap) = match carried(desk.call) {
        None => {
            let token = begin(desk, collection)?;
            if desk.call.option("$deltatoken") == Some("latest") {
                return Ok(page(desk, &token, Vec::new(), None, now.into()));
            }
            (token, None, now.into(), String::new(), false)
        }
        Some(text) => {
            let token = resume(desk, collection, text)?;
            match token.place.clone() {
                Place::Broken(status) => return Err(fault_answers::failed(status)),
                Place::Since(mark) => (token, Some(mark), now.into(), String::new(), false),
                Place::Within { since, until, after, gap } => (token, since, until, after, gap),
            }
        }
    };
    let round = Round::new(desk, collection, &token, since.map(Position::from), until.into());
    let rest: Vec<_> = round.entries.iter().filter(|entry| entry.0 > after).cloned().collect();
    let size = desk.state.page_size.map_or(PAGE, |forced| forced.clamp(1, PAGE));
    let within = |after: String, gap| Place::Within { since, until, after, gap };
    let struck = |kind| desk.fault.is_some_and(|fault| fault.fault == kind);
    if struck(FaultKind::ShortPage) {
        let status = desk.fault.and_then(|fault| fault.status).unwrap_or(500);
        let part = &rest[..rest.len().min(size) / 2];
        return Ok(page(desk, &token, round.render(desk, &token, part), Some(Place::Broken(status)), until));
    }
    let gaps = desk.state.page_size.is_some() && !had_gap && !rest.is_empty();
    if gaps && desk.state.dice.roll("empty delta page", &[], desk.nth).u8(0..4) == 0 {
        return Ok(page(desk, &token, Vec::new(), Some(within(after, true)), until));
    }
    let part = &rest[..rest.len().min(size)];
    let next = match part.last().filter(|_| rest.len() > size) {
        _ if struck(FaultKind::SameLink) => Some(within(after, true)),
        last => last.map(|last| within(last.0.clone(), false)),
    };
    Ok(page(desk, &token, round.render(desk, &token, part), next, until))
}

/// Reads the options of a first request.
fn begin(desk: &Desk<'_>, collection: Collection) -> Result<Token, Refusal> {
    let call = desk.call;
    if let Some(name) = REFUSED.iter().find(|name| call.option(name).is_some()) {
        return Err(unsupported_query(format!("'{name}' is not supported by this delta query.")));
    }
    let names = selection(call.option("$select"));
    match collection {
        Collection::Users => check_selection(desk, names.as_deref(), &User::default())?,
        Collection::Groups => {
            let own =
                names.map(|names| names.into_iter().filter(|name| name != "members").collect::<Vec<_>>());
            check_selection(desk, own.as_deref(), &Group::default())?;
        }
    }
    Ok(Token {
        tenant: desk.token.tid,
        collection,
        select: call.option("$select").map(ToOwned::to_owned),
        ids: call.option("$filter").map(named).transpose()?,
        place: Place::Broken(500),
    })
}

/// The objects that a filter names: the only kind of filter there is here.
fn named(filter: &str) -> Result<BTreeSet<Uuid>, Refusal> {
    let unsupported = || unsupported_query("Only filters by object id are supported by this delta query.");
    let id = |part: Filter| match part {
        Filter::Compare { path, operator: Operator::Equal, value: Literal::Text(id) } if path == "id" => {
            id.parse::<Uuid>().map_err(|_| unsupported())
        }
        _ => Err(unsupported()),
    };
    let parts = match Filter::parse(filter).map_err(bad_request)? {
        Filter::Or(parts) => parts,
        one => vec![one],
    };
    let ids: BTreeSet<Uuid> = parts.into_iter().map(id).collect::<Result<_, _>>()?;
    if ids.len() > MOST_IDS {
        return Err(bad_request(format!("A delta query can name at most {MOST_IDS} objects.")));
    }
    Ok(ids)
}

/// Reads the token of a link and refuses one that is too old, foreign, or forgotten by a fault.
fn resume(desk: &Desk<'_>, collection: Collection, text: &str) -> Result<Token, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let token = bytes.and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok());
    let token = token
        .filter(|token| token.tenant == desk.token.tid && token.collection == collection)
        .ok_or_else(|| not_found(400))?;
    if let Some(fault) = desk.fault.filter(|fault| fault.fault == FaultKind::DeltaGone) {
        return Err(match fault.status.unwrap_or(410) {
            410 => gone(desk, &token),
            status => not_found(status),
        });
    }
    let oldest = match &token.place {
        Place::Since(mark) | Place::Within { until: mark, .. } => mark.at,
        Place::Broken(_) => desk.now,
    };
    if desk.now.duration_since(oldest) > KEPT { Err(not_found(400)) } else { Ok(token) }
}

fn not_found(status: u16) -> Refusal {
    let message = "The sync state generation is not found; run a full synchronization.";
    Refusal::new(status, "syncStateNotFound", message)
}

/// The service wants the caller to begin anew, and says where.
fn gone(desk: &Desk<'_>, token: &Token) -> Refusal {
    let mut options = url::form_urlencoded::Serializer::new(String::new());
    options.append_pair("$deltatoken", "");
    if let Some(select) = &token.select {
        options.append_pair("$select", select);
    }
    if let Some(ids) = &token.ids {
        let parts: Vec<String> = ids.iter().map(|id| format!("id eq '{id}'")).collect();
        options.append_pair("$filter", &parts.join(" or "));
    }
    let location = format!("{}/{}/delta?{}", desk.root(), token.collection.name(), options.finish());
    Refusal::new(410, "resyncRequired", "The state of the query is no longer available; begin anew.")
        .with("location", location)
}

fn page(desk: &Desk<'_>, token: &Token, value: Vec<Value>, next: Option<Place>, until: Mark) -> Answer {
    let (name, option, place) = match next {
        Some(place) => ("@odata.nextLink", "$skiptoken", place),
        None => ("@odata.deltaLink", "$deltatoken", Place::Since(until)),
    };
    let collection = token.collection.name();
    let names = token.select.as_ref().map_or(String::new(), |names| format!("({names})"));
    let text = serde_json::to_vec(&Token { place, ..token.clone() }).expect("a token is plain JSON");
    let link = format!("{}/{collection}/delta?{option}={}", desk.root(), URL_SAFE_NO_PAD.encode(text));
    let foreign = desk.fault.is_some_and(|fault| fault.fault == FaultKind::ForeignLink);
    let link = if foreign { elsewhere(&link) } else { link };
    let context = format!("{}/$metadata#{collection}{names}", desk.root());
    Answer::json(
        200,
        Value::Object(Map::from_iter([
            ("@odata.context".to_owned(), Value::String(context)),
            (name.to_owned(), Value::String(link)),
            ("value".to_owned(), Value::Array(value)),
        ])),
    )
}
