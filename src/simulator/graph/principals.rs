//! Service principals, and the other things programs ask about themselves first: the organization, and `/me`.

use std::borrow::Cow;

use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{Desk, Outcome};
use super::entity::{Entity, check_selection, render};
use super::paging;
use super::query::{self, PRINCIPAL_FILTERS, Query};
use crate::simulator::answer::Answer;
use crate::simulator::filter::Property;
use crate::simulator::refusal::{Refusal, no_such};

const DEFAULTS: [&str; 10] = [
    "id",
    "deletedDateTime",
    "accountEnabled",
    "appDisplayName",
    "appId",
    "appOwnerOrganizationId",
    "displayName",
    "servicePrincipalNames",
    "servicePrincipalType",
    "signInAudience",
];

/// An application as one tenant knows it.
#[derive(Default)]
pub(super) struct Principal {
    id: Uuid,
    /// Only the application that asks has one: of the world's other service principals no more is known than their names.
    app: Option<Uuid>,
    /// Where the application is registered.
    home: Option<Uuid>,
    display_name: String,
    names: Vec<String>,
}

impl Entity for Principal {
    fn kind(&self) -> &'static str {
        "servicePrincipal"
    }

    fn property(&self, name: &str) -> Option<Property<'_>> {
        let id =
            |id: Option<Uuid>| id.map_or(Property::Null, |id| Property::Text(Cow::Owned(id.to_string())));
        Some(match name {
            "id" => id(Some(self.id)),
            "appId" => id(self.app),
            "appOwnerOrganizationId" => id(self.home),
            "displayName" | "appDisplayName" => Property::text(&self.display_name),
            "accountEnabled" => Property::Bool(true),
            "servicePrincipalNames" => Property::Texts(&self.names),
            "servicePrincipalType" => Property::text("Application"),
            "signInAudience" => Property::text("AzureADMultipleOrgs"),
            "deletedDateTime" => Property::Null,
            _ => return None,
        })
    }

    fn defaults(&self) -> &'static [&'static str] {
        &DEFAULTS
    }
}

/// `GET /servicePrincipals`
pub(super) fn list(desk: &mut Desk<'_>) -> Outcome {
    let query = Query::read(desk, &PRINCIPAL_FILTERS, "ServicePrincipal")?;
    check_selection(desk, query::selected(desk).0.as_deref(), &Principal::default())?;
    let mut all = all(desk);
    all.sort_by_key(|principal| principal.id);
    let found = query.choose(all.iter().collect());
    paging::list(desk, "servicePrincipals", found, &query, |principal, names| {
        Value::Object(render(principal, names))
    })
}

/// `GET /servicePrincipals/{id}`
pub(super) fn get(desk: &mut Desk<'_>) -> Outcome {
    let id = desk.id(0)?;
    show(desk, |principal| principal.id == id)
}

/// `GET /servicePrincipals(appId='…')`
pub(super) fn get_by_app(desk: &mut Desk<'_>) -> Outcome {
    let app = desk.id(0)?;
    show(desk, |principal| principal.app == Some(app))
}

/// `GET /organization`: the tenant itself.
pub(super) fn organization(desk: &mut Desk<'_>) -> Outcome {
    Query::read(desk, &[], "Organization")?;
    let directory = desk.directory();
    let domain = |name: &str, initial: bool| {
        let (capabilities, kind) = ("Email, OfficeCommunicationsOnline", "Managed");
        json!({"name": name, "isInitial": initial, "isDefault": !initial, "capabilities": capabilities, "type": kind})
    };
    let value = json!({
        "id": directory.id,
        "displayName": directory.name,
        "tenantType": "AAD",
        "verifiedDomains": [domain(&directory.domain, false), domain(&directory.initial_domain, true)],
    });
    Ok(paging::answer(desk, "organization", 1, vec![value], None))
}

/// `GET /me`: nobody, for an application.
pub(super) fn me(_: &mut Desk<'_>) -> Outcome {
    Err(Refusal::new(400, "BadRequest", "/me request is only valid with delegated authentication flow."))
}

/// The service principal of that object id.
pub(super) fn find(desk: &Desk<'_>, id: Uuid) -> Option<Principal> {
    all(desk).into_iter().find(|principal| principal.id == id)
}

fn show(desk: &Desk<'_>, wanted: impl Fn(&Principal) -> bool) -> Outcome {
    let found = all(desk).into_iter().find(wanted).ok_or_else(|| no_such(desk.param(0)))?;
    let (names, context) = query::selected(desk);
    check_selection(desk, names.as_deref(), &found)?;
    let mut body = render(&found, names.as_deref());
    let context = format!("{}/$metadata#servicePrincipals{context}/$entity", desk.root());
    body.insert("@odata.context".to_owned(), Value::String(context));
    Ok(Answer::json(200, Value::Object(body)))
}

/// Every service principal of the tenant: the world's, and the one of the application that asks.
fn all(desk: &Desk<'_>) -> Vec<Principal> {
    let own = Principal {
        id: desk.token.oid,
        app: Some(desk.token.appid),
        home: Some(desk.state.partner),
        display_name: "groupsync".to_owned(),
        names: vec![desk.token.appid.to_string()],
    };
    let others = desk.directory().objects.values().filter(|object| object.r#type == "servicePrincipal");
    let others = others.map(|object| Principal {
        id: object.id,
        display_name: object.display_name.clone(),
        ..Principal::default()
    });
    std::iter::once(own).chain(others).collect()
}
