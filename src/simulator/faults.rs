//! Faults: what goes wrong on purpose, for which requests, how often.

use serde::{Deserialize, Deserializer, Serialize};

use super::dice::Dice;
use super::requests::Service;

/// One thing that goes wrong. Conditions left out match everything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// Only requests to this service.
    #[serde(default)]
    pub service: Option<Service>,
    /// Only this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only this route template.
    #[serde(default)]
    pub route: Option<String>,
    /// Only requests about this customer; `partner` for the partner's tenant.
    #[serde(default)]
    pub customer: Option<String>,
    /// What goes wrong.
    pub fault: FaultKind,
    /// The `Retry-After` header to send, as it stands: seconds, fractions, a date, or nonsense.
    #[serde(default, deserialize_with = "number_or_text")]
    pub retry_after: Option<String>,
    /// Another status than the fault's usual one.
    #[serde(default)]
    pub status: Option<u16>,
    /// Seconds: how long `slow` waits, how long `lag` hides a write, how far `skew` moves a clock (either way).
    #[serde(default)]
    pub delay: Option<f64>,
    /// For `error`: the code to give in place of the status' usual one.
    #[serde(default)]
    pub code: Option<String>,
    /// For `error`: the text to give in place of the status' usual one.
    #[serde(default)]
    pub message: Option<String>,
    /// For every refusal: a shape of the error body that differs from the documented one.
    #[serde(default)]
    pub envelope: Option<Envelope>,
    /// The probability with which a matching request is struck; always, if left out.
    #[serde(default)]
    pub chance: Option<f64>,
    /// The number that the login service gives for `signInRefused`.
    #[serde(default)]
    pub aadsts: Option<u32>,
    /// How many requests are struck before the fault is over; all, if left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// How many matching requests pass before the first is struck.
    #[serde(default)]
    pub after: Option<u32>,
}

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultKind {
    /// 429, nothing done.
    Throttle,
    /// 503 (or `status`; 409 speaks of concurrent writes), nothing done.
    Error,
    /// 200 (or `status`) with an HTML page, nothing done.
    Html,
    /// The request is carried out; its answer breaks off in the middle. Whole requests only, not batch items.
    Cut,
    /// The request is carried out; the answer is 504 (or `status`).
    LostAnswer,
    /// The answer is that of the request carried out; nothing is done. Writes only, not a whole `$batch`.
    Liar,
    /// 403, nothing done.
    Forbidden,
    /// The login service does not know the application in that tenant.
    NoConsent,
    /// The login service refuses a token by the number in `aadsts`; 53003 (Conditional Access) without it.
    SignInRefused,
    /// Some items of a `$batch`, at least one, are answered with 429 or 503 and not carried out.
    PartialBatch,
    /// A list stops half-way; the link to the rest leads to 500 (or `status`).
    ShortPage,
    /// The answer comes after `delay` seconds. Whole requests only, not batch items.
    Slow,
    /// What the request writes stays unseen by readers for `delay` seconds (60), whatever the world's own lag.
    Lag,
    /// The service's clock is off by `delay` seconds (two hours): the `Date` it sends, the tokens it takes for expired.
    Skew,
    /// The link to the next page leads to a host that is not the service's.
    ForeignLink,
    /// A list never ends: the link to the next page leads to the same page again.
    SameLink,
    /// The right answer, followed by so much white space that it is larger than 16 MiB. Whole requests only.
    Huge,
    /// 307 to a host that is not the service's, nothing done.
    Redirect,
    /// The right answer, with the ids of Azure in another case than usual. ARM only.
    OtherCase,
    /// The right answer, called `text/plain`. Whole requests only.
    Mistyped,
    /// The right answer, with headers that cannot be meant: units, percentages and waits that are no numbers, a date
    /// that is none.
    AbsurdHeaders,
    /// The position of a delta query is forgotten: 410 with the address to begin anew at; with another `status`,
    /// that and `syncStateNotFound`.
    DeltaGone,
}

/// The shapes of error bodies that have been seen besides the documented one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Envelope {
    /// `innererror` in lower case.
    LowerCase,
    /// The message is an object with a language and a value.
    LocalizedMessage,
    /// The code is an empty text.
    NoCode,
    /// The inner object has a code, a message and a status of its own, and nests another; details come as an object.
    Nested,
    /// Everything stands below `odata.error`.
    Legacy,
    /// There is no body at all.
    Nothing,
}

impl Fault {
    /// A fault that strikes every request.
    pub fn new(fault: FaultKind) -> Self {
        Self {
            service: None,
            method: None,
            route: None,
            customer: None,
            fault,
            retry_after: None,
            status: None,
            delay: None,
            code: None,
            message: None,
            envelope: None,
            chance: None,
            aadsts: None,
            times: None,
            after: None,
        }
    }

    /// Only on this service.
    #[must_use]
    pub fn service(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    /// Only on this method and route template.
    #[must_use]
    pub fn route(mut self, method: &str, route: &str) -> Self {
        self.method = Some(method.to_owned());
        self.route = Some(route.to_owned());
        self
    }

    /// Only for this customer.
    #[must_use]
    pub fn customer(mut self, name: &str) -> Self {
        self.customer = Some(name.to_owned());
        self
    }

    /// With this `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, value: &str) -> Self {
        self.retry_after = Some(value.to_owned());
        self
    }

    /// With this status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// With this code and text.
    #[must_use]
    pub fn saying(mut self, code: &str, message: &str) -> Self {
        self.code = Some(code.to_owned());
        self.message = Some(message.to_owned());
        self
    }

    /// In a body of this shape.
    #[must_use]
    pub fn envelope(mut self, envelope: Envelope) -> Self {
        self.envelope = Some(envelope);
        self
    }

    /// By this many seconds.
    #[must_use]
    pub fn delay(mut self, seconds: f64) -> Self {
        self.delay = Some(seconds);
        self
    }

    /// With this probability.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = Some(chance);
        self
    }

    /// With this number of the login service.
    #[must_use]
    pub fn aadsts(mut self, number: u32) -> Self {
        self.aadsts = Some(number);
        self
    }

    /// So many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// After so many matching requests.
    #[must_use]
    pub fn after(mut self, after: u32) -> Self {
        self.after = Some(after);
        self
    }

    fn matches(&self, target: &Target<'_>) -> bool {
        let Target { service, method, route, customer, .. } = *target;
        self.service.is_none_or(|wanted| wanted == service)
            && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.route.as_deref().is_none_or(|wanted| wanted == route)
            && self.customer.as_deref().is_none_or(|wanted| Some(wanted) == customer)
            && self.suits(target)
    }

    /// Whether the kind makes sense for the request at all, so that `times` is not used up where nothing happens.
    fn suits(&self, target: &Target<'_>) -> bool {
        match self.fault {
            FaultKind::NoConsent | FaultKind::SignInRefused => {
                target.service == Service::Login && target.method == "POST"
            }
            FaultKind::PartialBatch => target.route == "/$batch",
            FaultKind::ShortPage | FaultKind::ForeignLink | FaultKind::SameLink => target.lists,
            FaultKind::Liar => {
                target.service != Service::Login && target.method != "GET" && target.route != "/$batch"
            }
            FaultKind::OtherCase => target.service == Service::Arm,
            FaultKind::Cut | FaultKind::Slow | FaultKind::Huge | FaultKind::Mistyped => !target.batch_item,
            FaultKind::Lag => target.service != Service::Login && target.method != "GET",
            FaultKind::DeltaGone => target.resumes,
            _ => true,
        }
    }
}

/// What a fault is matched against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) service: Service,
    pub(super) method: &'a str,
    pub(super) route: &'a str,
    pub(super) customer: Option<&'a str>,
    pub(super) batch_item: bool,
    pub(super) lists: bool,
    /// Whether it goes on from a position in a delta query.
    pub(super) resumes: bool,
}

/// The faults in force, each with its counters.
#[derive(Debug, Default)]
pub(super) struct Faults {
    armed: Vec<Armed>,
}

/// A fault with what became of it.
#[derive(Debug, Serialize)]
pub(super) struct Armed {
    #[serde(flatten)]
    fault: Fault,
    /// How many requests it matched.
    met: u32,
    /// How many of them it struck.
    struck: u32,
}

impl Faults {
    pub(super) fn add(&mut self, fault: Fault) {
        self.armed.push(Armed { fault, met: 0, struck: 0 });
    }

    /// All of them, in the order in which they were armed.
    pub(super) fn armed(&self) -> &[Armed] {
        &self.armed
    }

    /// The first fault that strikes this request. Only that one counts it as struck.
    pub(super) fn strike(&mut self, target: &Target<'_>, dice: Dice) -> Option<Fault> {
        for (place, armed) in self.armed.iter_mut().enumerate() {
            let over = armed.fault.times.is_some_and(|times| armed.struck >= times);
            if over || !armed.fault.matches(target) {
                continue;
            }
            armed.met += 1;
            if armed.met <= armed.fault.after.unwrap_or(0) {
                continue;
            }
            let throw = dice.roll("fault", &[], (place as u64) << 32 | u64::from(armed.met)).f64();
            if throw < armed.fault.chance.unwrap_or(1.0) {
                armed.struck += 1;
                return Some(armed.fault.clone());
            }
        }
        None
    }
}

fn number_or_text<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(serde_json::Number),
        Text(String),
    }
    Ok(Option::<Written>::deserialize(input)?.map(|written| match written {
        Written::Number(number) => number.to_string(),
        Written::Text(text) => text,
    }))
}
