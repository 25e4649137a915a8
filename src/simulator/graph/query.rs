//! The query options of a Graph list: what may be filtered by what, and what needs the advanced headers.

use super::desk::Desk;
use super::entity::{Entity, selection};
use crate::simulator::filter::Filter;
use crate::simulator::refusal::{Refusal, bad_request, unsupported_query};

/// Properties of a group that filters may use.
pub(super) const GROUP_FILTERS: [&str; 10] = [
    "createdDateTime",
    "displayName",
    "groupTypes",
    "id",
    "isAssignableToRole",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "onPremisesSyncEnabled",
    "securityEnabled",
];

/// Properties of a user that filters may use.
pub(super) const USER_FILTERS: [&str; 13] = [
    "accountEnabled",
    "createdDateTime",
    "creationType",
    "deletedDateTime",
    "displayName",
    "externalUserState",
    "id",
    "identities",
    "mail",
    "otherMails",
    "proxyAddresses",
    "userPrincipalName",
    "userType",
];

/// Reads the filter of a list and refuses what the service would refuse.
pub(super) fn filter(
    desk: &Desk<'_>,
    filterable: &[&str],
    resource: &str,
) -> Result<Option<Filter>, Refusal> {
    let call = desk.call;
    if call.option("$search").is_some()
        || call.option("$orderby").is_some()
        || call.option("$expand").is_some()
    {
        return Err(unsupported_query("Unsupported Query."));
    }
    let Some(text) = call.option("$filter") else { return Ok(None) };
    let filter = Filter::parse(text).map_err(bad_request)?;
    if let Some(path) = filter.paths().into_iter().find(|path| !filterable.contains(path)) {
        return Err(unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{path}' of resource '{resource}'."
        )));
    }
    if filter.is_advanced() && !desk.is_advanced() {
        return Err(unsupported_query("Unsupported Query."));
    }
    Ok(Some(filter))
}

/// Whether an object passes the filter, if there is one.
pub(super) fn passes(filter: Option<&Filter>, entity: &dyn Entity) -> bool {
    filter.is_none_or(|filter| filter.holds(&|path| entity.property(path)))
}

/// The selected properties, and how the context of the answer names them.
pub(super) fn selected(desk: &Desk<'_>) -> (Option<Vec<String>>, String) {
    let names = selection(desk.call.option("$select"));
    let text = names.as_ref().map_or(String::new(), |names| format!("({})", names.join(",")));
    (names, text)
}
