//! Microsoft Graph: one table of routes with the permissions each needs, and the operations behind it.

mod desk;
mod entity;
mod paging;
mod query;
mod groups;
mod group_writes;
mod members;
mod users;
mod deleted;
mod invitations;
mod objects;
mod member_groups;
mod principals;
mod gdap;
mod gdap_writes;
mod delta;
mod delta_round;
mod batch;
pub(super) mod cost;

use self::desk::{Desk, Outcome};
use super::answer::Answer;
use super::call::Call;
use super::faults::Fault;
use super::login::origin;
use super::refusal::{Refusal, bad_request, denied};
use super::state::State;
use super::token::{Resource, Unfit};

/// Any of these reads groups and their members.
const READ_GROUPS: [&str; 6] = [
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// Any of these reads users.
const READ_USERS: [&str; 4] =
    ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];

const CREATE_GROUPS: [&str; 3] = ["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const WRITE_GROUPS: [&str; 2] = ["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const DELETE_GROUPS: [&str; 1] = ["Group.ReadWrite.All"];
const DELETE_USERS: [&str; 2] = ["User.DeleteRestore.All", "User.ReadWrite.All"];
const INVITE: [&str; 3] = ["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const READ_DIRECTORY: [&str; 2] = ["Directory.Read.All", "Directory.ReadWrite.All"];
const READ_APPLICATIONS: [&str; 4] =
    ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const READ_ORGANIZATION: [&str; 4] =
    ["Organization.Read.All", "Directory.Read.All", "Directory.ReadWrite.All", "User.Read.All"];
const READ_GDAP: [&str; 2] =
    ["DelegatedAdminRelationship.Read.All", "DelegatedAdminRelationship.ReadWrite.All"];
const WRITE_GDAP: [&str; 1] = ["DelegatedAdminRelationship.ReadWrite.All"];
/// The operation itself decides, by the object it finds.
const BY_OBJECT: [&str; 0] = [];

/// A page of a delta query. The service names no price for it; what others measured, which `$select` does not lower.
const DELTA_COST: u8 = 5;

/// One operation of the service.
struct Route {
    method: &'static str,
    template: &'static str,
    /// Any one of these permissions opens it.
    needs: &'static [&'static str],
    /// What it costs in resource units.
    cost: u8,
    act: fn(&mut Desk<'_>) -> Outcome,
}

const fn route_to(
    method: &'static str,
    template: &'static str,
    needs: &'static [&'static str],
    cost: u8,
    act: fn(&mut Desk<'_>) -> Outcome,
) -> Route {
    Route { method, template, needs, cost, act }
}

const ROUTES: &[Route] = &[
    route_to("GET", "/groups", &READ_GROUPS, 1, groups::list),
    route_to("POST", "/groups", &CREATE_GROUPS, 1, group_writes::create),
    route_to("GET", "/groups/$count", &READ_GROUPS, 1, groups::count),
    route_to("GET", "/groups(uniqueName='{name}')", &READ_GROUPS, 1, groups::get_named),
    route_to("PATCH", "/groups(uniqueName='{name}')", &BY_OBJECT, 1, group_writes::upsert),
    route_to("GET", "/groups/delta", &READ_GROUPS, DELTA_COST, delta::groups),
    route_to("GET", "/groups/{id}", &READ_GROUPS, 1, groups::get),
    route_to("PATCH", "/groups/{id}", &BY_OBJECT, 1, group_writes::update),
    route_to("DELETE", "/groups/{id}", &DELETE_GROUPS, 1, group_writes::delete),
    route_to("GET", "/groups/{id}/members", &READ_GROUPS, 3, members::list),
    route_to("GET", "/groups/{id}/members/$count", &READ_GROUPS, 1, members::count),
    route_to("GET", "/groups/{id}/members/microsoft.graph.{type}", &READ_GROUPS, 3, members::list_cast),
    route_to("GET", "/groups/{id}/transitiveMembers", &READ_GROUPS, 5, members::list_transitive),
    route_to(
        "GET",
        "/groups/{id}/transitiveMembers/microsoft.graph.{type}",
        &READ_GROUPS,
        5,
        members::list_transitive_cast,
    ),
    route_to("GET", "/groups/{id}/owners", &READ_GROUPS, 1, members::list_owners),
    route_to("POST", "/groups/{id}/owners/$ref", &BY_OBJECT, 1, members::add_owner),
    route_to("DELETE", "/groups/{id}/owners/{id}/$ref", &BY_OBJECT, 1, members::remove_owner),
    route_to("POST", "/groups/{id}/members/$ref", &BY_OBJECT, 1, members::add),
    route_to("DELETE", "/groups/{id}/members/{id}/$ref", &BY_OBJECT, 1, members::remove),
    route_to("DELETE", "/groups/{id}/members/{id}", &BY_OBJECT, 1, members::delete_the_object),
    route_to("GET", "/users", &READ_USERS, 2, users::list),
    route_to("GET", "/users/delta", &READ_USERS, DELTA_COST, delta::users),
    route_to("GET", "/users/$count", &READ_USERS, 1, users::count),
    route_to("GET", "/users/{id}", &READ_USERS, 1, users::get),
    route_to("PATCH", "/users/{id}", &BY_OBJECT, 1, users::update),
    route_to("DELETE", "/users/{id}", &DELETE_USERS, 1, users::delete),
    route_to("GET", "/users/{id}/memberOf", &READ_USERS, 2, users::member_of),
    route_to("GET", "/users/{id}/ownedObjects", &READ_USERS, 1, users::owned_objects),
    route_to("GET", "/users/{id}/appRoleAssignments", &READ_USERS, 1, users::app_role_assignments),
    route_to("GET", "/directory/deletedItems/microsoft.graph.user", &READ_USERS, 1, deleted::list_users),
    route_to("GET", "/directory/deletedItems/microsoft.graph.group", &READ_GROUPS, 1, deleted::list_groups),
    route_to("GET", "/directory/deletedItems/{id}", &BY_OBJECT, 1, deleted::get),
    route_to("DELETE", "/directory/deletedItems/{id}", &BY_OBJECT, 1, deleted::purge),
    route_to("POST", "/directory/deletedItems/{id}/restore", &BY_OBJECT, 1, deleted::restore),
    route_to("POST", "/invitations", &INVITE, 1, invitations::invite),
    route_to("POST", "/directoryObjects/getByIds", &READ_DIRECTORY, 5, objects::get_by_ids),
    route_to("POST", "/$batch", &BY_OBJECT, 0, batch::answer),
    route_to("GET", "/contracts", &READ_DIRECTORY, 3, gdap::list_contracts),
    route_to("GET", "/tenantRelationships/delegatedAdminCustomers", &READ_GDAP, 1, gdap::list_customers),
    route_to("GET", "/tenantRelationships/delegatedAdminRelationships", &READ_GDAP, 1, gdap::list),
    route_to("POST", "/tenantRelationships/delegatedAdminRelationships", &WRITE_GDAP, 1, gdap_writes::create),
    route_to("GET", "/tenantRelationships/delegatedAdminRelationships/{id}", &READ_GDAP, 1, gdap::get),
    route_to(
        "PATCH",
        "/tenantRelationships/delegatedAdminRelationships/{id}",
        &WRITE_GDAP,
        1,
        gdap_writes::update,
    ),
    route_to(
        "POST",
        "/tenantRelationships/delegatedAdminRelationships/{id}/requests",
        &WRITE_GDAP,
        1,
        gdap_writes::request,
    ),
    route_to(
        "GET",
        "/tenantRelationships/delegatedAdminRelationships/{id}/operations/{id}",
        &READ_GDAP,
        1,
        gdap::get_operation,
    ),
    route_to(
        "GET",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments",
        &READ_GDAP,
        1,
        gdap::list_assignments,
    ),
    route_to(
        "POST",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments",
        &WRITE_GDAP,
        1,
        gdap_writes::assign,
    ),
    route_to(
        "GET",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{id}",
        &READ_GDAP,
        1,
        gdap::get_assignment,
    ),
    route_to(
        "PATCH",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{id}",
        &WRITE_GDAP,
        1,
        gdap_writes::update_assignment,
    ),
    route_to(
        "DELETE",
        "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments/{id}",
        &WRITE_GDAP,
        1,
        gdap_writes::delete_assignment,
    ),
    route_to("GET", "/directoryObjects/{id}", &READ_DIRECTORY, 1, objects::get),
    route_to("GET", "/groups/{id}/memberOf", &READ_GROUPS, 2, groups::member_of),
    route_to("POST", "/users/{id}/checkMemberGroups", &READ_GROUPS, 4, member_groups::check),
    route_to("POST", "/users/{id}/getMemberGroups", &READ_GROUPS, 2, member_groups::list),
    route_to("POST", "/groups/{id}/checkMemberGroups", &READ_GROUPS, 4, member_groups::check),
    route_to("POST", "/groups/{id}/getMemberGroups", &READ_GROUPS, 2, member_groups::list),
    route_to("POST", "/directoryObjects/{id}/checkMemberGroups", &READ_DIRECTORY, 4, member_groups::check),
    route_to("POST", "/directoryObjects/{id}/getMemberGroups", &READ_DIRECTORY, 2, member_groups::list),
    route_to("GET", "/servicePrincipals", &READ_APPLICATIONS, 1, principals::list),
    route_to("GET", "/servicePrincipals(appId='{id}')", &READ_APPLICATIONS, 1, principals::get_by_app),
    route_to("GET", "/servicePrincipals/{id}", &READ_APPLICATIONS, 1, principals::get),
    route_to("GET", "/organization", &READ_ORGANIZATION, 1, principals::organization),
    route_to("GET", "/me", &BY_OBJECT, 1, principals::me),
];

/// The template of the route a request takes, and whether it is a list.
pub(super) fn route(call: &Call) -> (&'static str, bool) {
    let path = path(call);
    let with_method = find(&path, call.method.as_str()).map(|(route, _)| route);
    let route = with_method.or_else(|| ROUTES.iter().find(|route| captures(route.template, &path).is_some()));
    let lists =
        with_method.is_some_and(|route| route.method == "GET" && !route.template.ends_with(['}', ')']));
    (route.map_or("unknown", |route| route.template), lists)
}

/// Whether a request goes on from a position in a delta query.
pub(super) fn resumes(call: &Call) -> bool {
    delta::resumes(call)
}

/// Answers a request to Graph.
pub(super) fn answer(state: &mut State, call: &Call, fault: Option<&Fault>, batch_item: bool) -> Answer {
    match attempt(state, call, fault, batch_item) {
        // A delta query costs units like the rest, but doesn't say how many.
        Ok((answer, _)) if route(call).0.ends_with("/delta") => dress(state, call, answer),
        Ok((answer, cost)) => dress(state, call, answer).with("x-ms-resource-unit", cost.to_string()),
        Err(refusal) => refuse(state, call, &refusal),
    }
}

/// The answer that carries a refusal.
pub(super) fn refuse(state: &mut State, call: &Call, refusal: &Refusal) -> Answer {
    let id = state.next_id().to_string();
    let date = state.now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let client_id = call.header("client-request-id").unwrap_or(&id).to_owned();
    let mut answer = Answer::json(refusal.status, refusal.graph(&date, &id, &client_id));
    answer.headers.extend(refusal.headers.iter().cloned());
    answer
        .with("request-id", id)
        .with("client-request-id", client_id)
        .with("date", super::http_date(state.now()))
}

fn dress(state: &mut State, call: &Call, answer: Answer) -> Answer {
    let id = state.next_id().to_string();
    let client_id = call.header("client-request-id").unwrap_or(&id).to_owned();
    answer
        .with("request-id", id)
        .with("client-request-id", client_id)
        .with("cache-control", "no-cache")
        .with("date", super::http_date(state.now()))
}

fn attempt(
    state: &mut State,
    call: &Call,
    fault: Option<&Fault>,
    batch_item: bool,
) -> Result<(Answer, u64), Refusal> {
    let now = state.now();
    let token = state.token(call, state.told()).map_err(unfit)?;
    if Resource::of_audience(&token.aud, origin(call)) != Some(Resource::Graph) {
        return Err(unauthenticated("Access token validation failure. Invalid audience."));
    }
    if !matches!(call.path.first().map(String::as_str), Some("v1.0" | "beta")) {
        return Err(bad_request("Invalid version."));
    }
    let path = path(call);
    let Some((route, params)) = find(&path, call.method.as_str()) else {
        return Err(no_route(&path));
    };
    if batch_item && route.template == "/$batch" {
        return Err(bad_request("A batch cannot contain a batch."));
    }
    if !token.may(route.needs) {
        return Err(denied());
    }
    if let Some(directory) = state.directories.get_mut(&token.tid) {
        directory.expire(now);
    }
    let nth = state.take_turn();
    let mut desk = Desk { state, call, token, params, now, fault, nth };
    let answer = (route.act)(&mut desk)?;
    Ok((answer, cost::of_route(route, call).map_or(0, |cost| cost.units)))
}

fn unfit(unfit: Unfit) -> Refusal {
    unauthenticated(match unfit {
        Unfit::Missing => "Access token is empty.",
        Unfit::Malformed => "IDX14100: JWT is not well formed, or its signature is invalid.",
        Unfit::Expired => "Lifetime validation failed, the token is expired.",
    })
}

fn unauthenticated(message: &str) -> Refusal {
    Refusal::new(401, "InvalidAuthenticationToken", message).with("www-authenticate", "Bearer realm=\"\"")
}

fn no_route(path: &[String]) -> Refusal {
    if ROUTES.iter().any(|route| captures(route.template, path).is_some()) {
        return Refusal::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        );
    }
    let segment = path.first().map_or("", String::as_str);
    Refusal::new(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
}

/// The segments after the version, with `users('x')` written as `users/x`.
fn path(call: &Call) -> Vec<String> {
    let mut path = Vec::new();
    for segment in call.path.iter().skip(1) {
        let keyed = segment.strip_suffix("')").and_then(|rest| rest.split_once("('"));
        match keyed {
            Some((collection, key)) => path.extend([collection.to_owned(), key.to_owned()]),
            // Clients made from the service's description write the function's name with its type or its brackets.
            None if matches!(
                segment.as_str(),
                "delta()" | "microsoft.graph.delta()" | "microsoft.graph.delta"
            ) =>
            {
                path.push("delta".to_owned());
            }
            None => path.push(segment.clone()),
        }
    }
    path
}

fn find(path: &[String], method: &str) -> Option<(&'static Route, Vec<String>)> {
    // ROUTES lists fixed segments before open ones wherever both could match.
    ROUTES
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, captures(route.template, path)?)))
}

/// What a path puts into the open parts of a template; nothing if it does not fit.
fn captures(template: &str, path: &[String]) -> Option<Vec<String>> {
    let parts: Vec<&str> = template.split('/').skip(1).collect();
    if parts.len() != path.len() {
        return None;
    }
    let mut found = Vec::new();
    for (part, segment) in parts.into_iter().zip(path) {
        match (part.find('{'), part.find('}')) {
            (Some(open), Some(close)) => {
                let rest = segment.strip_prefix(&part[..open])?.strip_suffix(&part[close + 1..])?;
                found.push(rest.to_owned());
            }
            _ if part.eq_ignore_ascii_case(segment) => {}
            _ => return None,
        }
    }
    Some(found)
}
