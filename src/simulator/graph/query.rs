//! The query options of a Graph list: what may be filtered by what, and what needs the advanced headers.

use super::desk::Desk;
use super::entity::{Entity, selection};
use crate::simulator::filter::{Filter, Property};
use crate::simulator::refusal::{Refusal, bad_request, unsupported_query};

/// What filters may do with one property.
pub(super) struct Filterable {
    name: &'static str,
    /// Operators that always work. Every other known one needs the advanced headers.
    plain: &'static [&'static str],
}

/// Operators of the index-backed query engine.
const ADVANCED: [&str; 8] = ["eq", "ne", "not", "null", "ge", "le", "startswith", "endswith"];

const TEXT: &[&str] = &["eq", "ge", "le", "in", "startswith"];
const EQUALITY: &[&str] = &["eq", "in"];
const ONLY_EQUAL: &[&str] = &["eq"];
const START: &[&str] = &["eq", "startswith"];
const TIME: &[&str] = &["eq", "ge", "le"];
const NOTHING: &[&str] = &[];

const fn by(name: &'static str, plain: &'static [&'static str]) -> Filterable {
    Filterable { name, plain }
}

/// What groups are filtered by. `uniqueName` is not among it.
pub(super) const GROUP_FILTERS: [Filterable; 12] = [
    by("createdDateTime", TIME),
    by("description", NOTHING),
    by("displayName", TEXT),
    by("groupTypes", ONLY_EQUAL),
    by("id", EQUALITY),
    by("isAssignableToRole", ONLY_EQUAL),
    by("mail", TEXT),
    by("mailEnabled", ONLY_EQUAL),
    by("mailNickname", TEXT),
    by("membershipRule", START),
    by("onPremisesSyncEnabled", EQUALITY),
    by("securityEnabled", EQUALITY),
];

/// What users are filtered by.
pub(super) const USER_FILTERS: [Filterable; 14] = [
    by("accountEnabled", EQUALITY),
    by("companyName", NOTHING),
    by("createdDateTime", TIME),
    by("creationType", EQUALITY),
    by("deletedDateTime", TIME),
    by("displayName", TEXT),
    by("externalUserState", EQUALITY),
    by("id", EQUALITY),
    by("identities", ONLY_EQUAL),
    by("mail", TEXT),
    by("otherMails", START),
    by("proxyAddresses", START),
    by("userPrincipalName", TEXT),
    by("userType", EQUALITY),
];

/// What service principals are filtered by.
pub(super) const PRINCIPAL_FILTERS: [Filterable; 5] = [
    by("accountEnabled", EQUALITY),
    by("appId", EQUALITY),
    by("displayName", TEXT),
    by("id", EQUALITY),
    by("servicePrincipalNames", START),
];

/// What members, owners and other mixed lists are filtered by, and only with the advanced headers.
pub(super) const OBJECT_FILTERS: [Filterable; 4] =
    [by("id", NOTHING), by("displayName", NOTHING), by("mail", NOTHING), by("userPrincipalName", NOTHING)];

/// Which objects of a list are shown, and in which order.
pub(super) struct Query {
    filter: Option<Filter>,
    /// A property and the start of one of its words, in lower case.
    search: Option<(String, String)>,
    /// A property, and whether backwards.
    order: Option<(String, bool)>,
}

impl Query {
    /// Reads the options of a list and refuses what the service would refuse.
    pub(super) fn read(desk: &Desk<'_>, filterable: &[Filterable], resource: &str) -> Result<Self, Refusal> {
        let call = desk.call;
        if call.option("$expand").is_some() && resource != "Group" {
            return Err(unsupported_query("Unsupported Query."));
        }
        let filter = call.option("$filter").map(Filter::parse).transpose().map_err(bad_request)?;
        for (path, how) in filter.iter().flat_map(Filter::uses) {
            check_use(desk, filterable, resource, path, how)?;
        }
        let order = call.option("$orderby").map(|order| {
            let (property, way) = order.split_once(' ').unwrap_or((order, "asc"));
            (property.trim().to_owned(), way.trim().eq_ignore_ascii_case("desc"))
        });
        if let Some((property, _)) = &order {
            let sorts = ["createdDateTime", "displayName", "mail", "userPrincipalName"];
            // With a filter beside it, sorting needs the index.
            if !sorts.contains(&property.as_str()) || (filter.is_some() && !desk.is_advanced()) {
                return Err(unsupported_query("Unsupported Query."));
            }
        }
        let search = call.option("$search").map(|search| read_search(desk, search)).transpose()?;
        Ok(Self { filter, search, order })
    }

    /// Keeps what passes, in the order wanted.
    pub(super) fn choose<'a, T: Entity>(&self, found: Vec<&'a T>) -> Vec<&'a T> {
        let mut found: Vec<&T> = found.into_iter().filter(|entity| self.passes(*entity)).collect();
        if let Some((property, backwards)) = &self.order {
            found.sort_by_cached_key(|entity| {
                entity.property(property).map(|value| value.to_json().to_string().to_lowercase())
            });
            if *backwards {
                found.reverse();
            }
        }
        found
    }

    /// Whether an object is among those asked for.
    pub(super) fn passes(&self, entity: &dyn Entity) -> bool {
        let found = self.search.as_ref().is_none_or(|(property, start)| match entity.property(property) {
            Some(Property::Text(text)) => {
                text.to_lowercase().split_whitespace().any(|word| word.starts_with(start.as_str()))
            }
            _ => false,
        });
        found && self.filter.as_ref().is_none_or(|filter| filter.holds(&|path| entity.property(path)))
    }

    /// Whether the list is in the order of its ids.
    pub(super) fn keeps_order(&self) -> bool {
        self.order.is_none()
    }
}

fn check_use(
    desk: &Desk<'_>,
    filterable: &[Filterable],
    resource: &str,
    path: &str,
    how: &str,
) -> Result<(), Refusal> {
    let known = filterable.iter().find(|known| known.name == path);
    let Some(known) = known.filter(|known| known.plain.contains(&how) || ADVANCED.contains(&how)) else {
        return Err(unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{path}' of resource '{resource}'."
        )));
    };
    if known.plain.contains(&how) || desk.is_advanced() {
        return Ok(());
    }
    Err(unsupported_query("Unsupported Query."))
}

/// `"displayName:word"`, quotes included. Searching needs only the header.
fn read_search(desk: &Desk<'_>, search: &str) -> Result<(String, String), Refusal> {
    if !desk.is_eventual() {
        return Err(unsupported_query(
            "Request with $search query parameter only works through MSGraph with a special request header: \
             'ConsistencyLevel: eventual'",
        ));
    }
    let quoted = search.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let parts = quoted.and_then(|text| text.split_once(':'));
    let (property, word) =
        parts.ok_or_else(|| bad_request(format!("Syntax error: '{search}' is not valid for $search.")))?;
    Ok((property.to_owned(), word.to_lowercase()))
}

/// The selected properties, and how the context of the answer names them.
pub(super) fn selected(desk: &Desk<'_>) -> (Option<Vec<String>>, String) {
    let names = selection(desk.call.option("$select"));
    let text = names.as_ref().map_or(String::new(), |names| format!("({})", names.join(",")));
    (names, text)
}
