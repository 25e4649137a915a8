//! What a Graph operation has in hand: the caller's token, the request, the tenant, the way to write.

use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::simulator::answer::Answer;
use crate::simulator::call::Call;
use crate::simulator::directory::{Directory, Full, Moment};
use crate::simulator::faults::Fault;
use crate::simulator::history::Actor;
use crate::simulator::refusal::{Refusal, bad_request};
use crate::simulator::state::State;
use crate::simulator::token::Token;

/// What an operation answers.
pub(super) type Outcome = Result<Answer, Refusal>;

/// One request on its way through Graph.
pub(super) struct Desk<'a> {
    pub(super) state: &'a mut State,
    pub(super) call: &'a Call,
    pub(super) token: Token,
    /// What the route's template left open, in order.
    pub(super) params: Vec<String>,
    pub(super) now: Timestamp,
    /// The fault that spoils this request from within.
    pub(super) fault: Option<&'a Fault>,
    /// A number no other request has, for chance.
    pub(super) nth: u64,
}

impl Desk<'_> {
    /// The directory of the token's tenant.
    pub(super) fn directory(&self) -> &Directory {
        self.state.directories.get(&self.token.tid).expect("tokens are only made for tenants of the world")
    }

    /// The same, to be written by the application.
    pub(super) fn writer(&mut self) -> (&mut Directory, Moment<'_>) {
        let (directory, _, moment) = self
            .state
            .writer(self.token.tid, Actor::Application)
            .expect("tokens are only made for tenants of the world");
        (directory, moment)
    }

    /// The address everything in Graph starts with.
    pub(super) fn root(&self) -> String {
        format!("{}/{}", self.call.base, self.version())
    }

    /// The version the request asks for: `beta` differs from `v1.0` only where an operation says so.
    pub(super) fn version(&self) -> &str {
        self.call.path.first().map_or("v1.0", String::as_str)
    }

    /// The template's nth open part.
    pub(super) fn param(&self, place: usize) -> &str {
        self.params.get(place).map_or("", String::as_str)
    }

    /// The same as an object id; an id that is none is reported like the service does.
    pub(super) fn id(&self, place: usize) -> Result<Uuid, Refusal> {
        let text = self.param(place);
        text.parse().map_err(|_| bad_request(format!("Invalid object identifier '{text}'.")))
    }

    /// The body as an object, without what SDKs say about its type.
    pub(super) fn body(&self) -> Result<Map<String, Value>, Refusal> {
        match self.call.json() {
            Ok(Value::Object(mut body)) => {
                body.retain(|name, _| !matches!(name.as_str(), "@odata.type" | "@odata.context"));
                Ok(body)
            }
            Ok(Value::Null) => Err(bad_request(
                "An unexpected 'EndOfInput' node was found when reading from the JSON reader. A 'StartObject' node was expected.",
            )),
            _ => Err(bad_request(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and \
                                  payload is of valid JSON format.",
            )),
        }
    }

    /// Whether the request asked for the index-backed query engine.
    pub(super) fn is_advanced(&self) -> bool {
        self.is_eventual() && self.call.option("$count") == Some("true")
    }

    /// Whether the request said that it can do with an answer from the index.
    pub(super) fn is_eventual(&self) -> bool {
        self.call.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    /// Refuses a new object where there is no room for it.
    pub(super) fn check_room(&self) -> Result<(), Refusal> {
        let whose = match self.directory().room_for(1, self.now) {
            Ok(()) => return Ok(()),
            Err(Full::Tenant) => "Tenant",
            Err(Full::Principal) => "Principal",
        };
        Err(Refusal::new(
            403,
            "Directory_QuotaExceeded",
            format!(
                "The directory object quota limit for the {whose} has been exceeded. Please ask your administrator to \
                 increase the quota limit or delete objects to reduce the used quota."
            ),
        ))
    }

    /// Whether a replica that does not know a new object yet handles this request.
    pub(super) fn misses(&self, id: Uuid) -> bool {
        self.directory().reference_lags(id, self.now)
            && self.state.dice.roll("replica", &[id], self.nth).bool()
    }

    /// Whether the caller may read whole users, not only their ids.
    pub(super) fn reads_users(&self) -> bool {
        self.token.may(&super::READ_USERS)
    }

    /// Whether the caller may read whole groups.
    pub(super) fn reads_groups(&self) -> bool {
        self.token.may(&super::READ_GROUPS)
    }
}
