//! Azure Resource Manager: subscriptions, role assignments and what stands in their way, in one tenant.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::client::Client;
use crate::client::endpoints::encode;
use crate::client::error::{Error, Kind, Service};
use crate::client::http::{Call, Expect};
use crate::client::limiter::{Priority, Provider, arm_charges};
use crate::client::receipt::Receipt;
use crate::client::retry::Repeat;
use crate::model::assignment::{AssignmentKey, RoleAssignment};
use crate::model::ids::{AssignmentName, ObjectId, RoleId, SubscriptionId, TenantId};
use crate::model::quota::Verb;
use crate::model::role::{PermissionBlock, RoleDefinition};
use crate::model::scope::Scope;
use crate::model::subscription::{AssignmentUsage, Subscription, SubscriptionState};

/// Resource Manager in one tenant.
#[derive(Clone, Copy)]
pub struct Arm<'c> {
    pub(super) client: &'c Client,
    pub(super) tenant: TenantId,
    pub(super) priority: Priority,
}

/// The first version with conditions; later ones only add principal types.
const AUTHORIZATION: &str = "api-version=2022-04-01";

impl Arm<'_> {
    /// The subscriptions that our principal sees, those of other tenants included.
    pub async fn subscriptions(&self) -> Result<BTreeMap<SubscriptionId, Subscription>, Error> {
        let call = self.get("/subscriptions", "/subscriptions?api-version=2022-12-01", None, Provider::Core);
        let list: Vec<RawSubscription> = self.client.list(&call).await?;
        Ok(list.into_iter().map(RawSubscription::into_model).map(|s| (s.id, s)).collect())
    }

    /// Every role assignment at, above and below a subscription. Unfiltered: the service's filters mean different
    /// things in different places.
    pub async fn role_assignments(&self, subscription: SubscriptionId) -> Result<Vec<RoleAssignment>, Error> {
        let path = format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments?{AUTHORIZATION}"
        );
        let route = "/subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments";
        let call = self.get(route, &path, Some(subscription), Provider::Authorization);
        let list: Vec<RawAssignment> = self.client.list(&call).await?;
        Ok(list.into_iter().filter_map(RawAssignment::into_model).collect())
    }

    /// What a role permits and where it may be assigned, as seen from a subscription, or from the tenant, which shows
    /// built-in roles only; none if there is no such role.
    pub async fn role_definition(
        &self,
        subscription: Option<SubscriptionId>,
        role: RoleId,
    ) -> Result<Option<RoleDefinition>, Error> {
        let scope = subscription.map(|id| format!("/subscriptions/{id}")).unwrap_or_default();
        let path =
            format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{role}?{AUTHORIZATION}");
        let route = "/{scope}/providers/Microsoft.Authorization/roleDefinitions/{id}";
        let call = self.get(route, &path, subscription, Provider::Authorization);
        match self.client.send(&call).await {
            Ok(answer) => Ok(Some(call.decode::<RawDefinition>(&answer)?.into_model(role))),
            Err(error) if matches!(error.kind(), Kind::NotFound | Kind::RoleMissing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The scopes in a subscription that carry a lock.
    pub async fn locks(&self, subscription: SubscriptionId) -> Result<BTreeSet<Scope>, Error> {
        let path = format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/locks?api-version=2016-09-01"
        );
        let route = "/subscriptions/{id}/providers/Microsoft.Authorization/locks";
        let call = self.get(route, &path, Some(subscription), Provider::Authorization);
        let list: Vec<RawLock> = self.client.list(&call).await?;
        let scope = |lock: &RawLock| {
            let end = lock.id.to_ascii_lowercase().rfind("/providers/microsoft.authorization/locks/");
            // A lock whose place cannot be told could be anywhere in the subscription.
            end.map_or_else(|| Scope::subscription(subscription), |end| Scope::canonical(&lock.id[..end]))
        };
        Ok(list.iter().map(scope).collect())
    }

    /// How full a subscription is.
    pub async fn usage(&self, subscription: SubscriptionId) -> Result<AssignmentUsage, Error> {
        let path = format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics\
             ?api-version=2019-08-01-preview"
        );
        let route = "/subscriptions/{id}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics";
        let call = self.get(route, &path, Some(subscription), Provider::Authorization);
        let answer = self.client.send(&call).await?;
        let RawUsage { limit, current } = call.decode(&answer)?;
        Ok(AssignmentUsage { limit, current })
    }

    /// Gives a group a role at a scope under the name that proves the row ours. The same row under another name counts
    /// as there already.
    pub async fn put_role_assignment(&self, key: &AssignmentKey) -> Result<Receipt, Error> {
        let name = key.name(self.tenant);
        let subscription = key.scope.subscription_id();
        let scope = encode_scope(&key.scope);
        let path =
            format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?{AUTHORIZATION}");
        let definitions = subscription.map(|id| format!("/subscriptions/{id}")).unwrap_or_default();
        let body = json!({"properties": {
            "roleDefinitionId":
                format!("{definitions}/providers/Microsoft.Authorization/roleDefinitions/{}", key.role),
            "principalId": key.principal,
            // Always said: conditions on our own role are met only if it is, and a new group is found sooner.
            "principalType": "Group",
        }});
        let route = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";
        let mut call = self.call(Method::PUT, route, &path, subscription, Provider::Authorization);
        call.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/json")));
        call.body = Some(Bytes::from(body.to_string()));
        match self.client.send(&call).await {
            Ok(answer) => Ok(Receipt::done(answer.request_id)),
            Err(error) if error.kind() == Kind::AssignmentExists => {
                Ok(Receipt::already_so(error.request_id()))
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes a role assignment by the id that Azure returned for it.
    pub async fn delete_role_assignment(&self, assignment: &RoleAssignment) -> Result<Receipt, Error> {
        let route = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";
        let subscription = assignment.key.scope.subscription_id();
        let path: String = assignment
            .id
            .split('/')
            .skip(1)
            .fold(String::new(), |path, segment| path + "/" + &encode(segment));
        let path = format!("{path}?{AUTHORIZATION}");
        let mut call = self.call(Method::DELETE, route, &path, subscription, Provider::Authorization);
        call.expect = Expect::JsonOrNoContent;
        if !is_id_of(&assignment.id, &assignment.key.scope, assignment.name) {
            return Err(call.failure(Kind::Forbidden, None, "the id is not that of the assignment"));
        }
        match self.client.send(&call).await {
            Ok(answer) if answer.status == StatusCode::NO_CONTENT => {
                Ok(Receipt::already_so(answer.request_id.as_deref()))
            }
            Ok(answer) => Ok(Receipt::done(answer.request_id)),
            Err(error) if says_gone(&error) => Ok(Receipt::already_so(error.request_id())),
            Err(error) => Err(error),
        }
    }

    fn get(
        &self,
        route: &'static str,
        path: &str,
        subscription: Option<SubscriptionId>,
        provider: Provider,
    ) -> Call {
        self.call(Method::GET, route, path, subscription, provider)
    }

    fn call(
        &self,
        method: Method,
        route: &'static str,
        path: &str,
        subscription: Option<SubscriptionId>,
        provider: Provider,
    ) -> Call {
        let verb = match method {
            Method::GET => Verb::Read,
            Method::DELETE => Verb::Delete,
            _ => Verb::Write,
        };
        Call {
            service: Service::Arm,
            tenant: Some(self.tenant),
            method,
            route,
            url: self.client.inner.endpoints.arm().join(path),
            headers: Vec::new(),
            body: None,
            charges: arm_charges(self.tenant, subscription, verb, provider),
            repeat: Repeat::Safe,
            expect: Expect::Json,
            priority: self.priority,
        }
    }
}

/// A scope as part of an address: its slashes stay, what stands between them is encoded.
fn encode_scope(scope: &Scope) -> String {
    let segments = scope.as_str().split('/').filter(|segment| !segment.is_empty());
    segments.fold(String::new(), |path, segment| path + "/" + &encode(segment))
}

/// Whether a refused deletion says that the row, or what it was made at, is gone. A missing subscription says nothing:
/// we may have lost sight of it.
fn says_gone(error: &Error) -> bool {
    let gone = ["RoleAssignmentNotFound", "ResourceGroupNotFound", "ResourceNotFound"];
    error.kind() == Kind::NotFound && error.code().is_some_and(|code| gone.contains(&code))
}

/// Whether a returned id is that of the assignment `name` made at `scope`: a DELETE of anything else must not be sent.
fn is_id_of(id: &str, scope: &Scope, name: AssignmentName) -> bool {
    let own = format!("/providers/Microsoft.Authorization/roleAssignments/{name}");
    Scope::canonical(id) == scope.below(&own)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSubscription {
    subscription_id: SubscriptionId,
    tenant_id: TenantId,
    #[serde(default)]
    display_name: String,
    state: String,
}

impl RawSubscription {
    fn into_model(self) -> Subscription {
        let state = match self.state.as_str() {
            "Enabled" | "Warned" | "PastDue" => SubscriptionState::Active,
            "Disabled" | "Expired" => SubscriptionState::Disabled,
            _ => SubscriptionState::Gone(self.state),
        };
        Subscription {
            id: self.subscription_id,
            tenant: self.tenant_id,
            display_name: self.display_name,
            state,
        }
    }
}

#[derive(Deserialize)]
struct RawAssignment {
    id: String,
    name: String,
    properties: RawAssignmentProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAssignmentProperties {
    scope: String,
    role_definition_id: String,
    principal_id: String,
    principal_type: Option<String>,
    condition: Option<String>,
    created_on: Option<Timestamp>,
}

impl RawAssignment {
    /// The row; none if its name, principal or role is no id: such a row is nobody's we could know, and not ours.
    fn into_model(self) -> Option<RoleAssignment> {
        let properties = self.properties;
        // Azure returns the same role under different prefixes; the last segment is the role.
        let role: RoleId = properties.role_definition_id.rsplit('/').next()?.parse().ok()?;
        let principal: ObjectId = properties.principal_id.parse().ok()?;
        Some(RoleAssignment {
            name: self.name.parse().ok()?,
            id: self.id,
            key: AssignmentKey { scope: Scope::canonical(&properties.scope), principal, role },
            principal_type: properties.principal_type.unwrap_or_default(),
            condition: properties.condition.filter(|condition| !condition.is_empty()),
            created: properties.created_on,
        })
    }
}

#[derive(Deserialize)]
struct RawDefinition {
    properties: RawDefinitionProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDefinitionProperties {
    role_name: String,
    #[serde(rename = "type")]
    kind: String,
    assignable_scopes: Vec<String>,
    permissions: Vec<RawPermissions>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPermissions {
    actions: Option<Vec<String>>,
    not_actions: Option<Vec<String>>,
}

impl RawDefinition {
    fn into_model(self, id: RoleId) -> RoleDefinition {
        let properties = self.properties;
        let block = |raw: RawPermissions| PermissionBlock {
            actions: raw.actions.unwrap_or_default(),
            not_actions: raw.not_actions.unwrap_or_default(),
        };
        RoleDefinition {
            id,
            name: properties.role_name,
            custom: properties.kind != "BuiltInRole",
            assignable_scopes: properties.assignable_scopes.iter().map(|s| Scope::canonical(s)).collect(),
            permissions: properties.permissions.into_iter().map(block).collect(),
        }
    }
}

#[derive(Deserialize)]
struct RawLock {
    id: String,
}

#[derive(Deserialize)]
struct RawUsage {
    #[serde(rename = "roleAssignmentsLimit")]
    limit: u64,
    #[serde(rename = "roleAssignmentsCurrentCount")]
    current: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_id_of_the_assignment_itself_is_deleted() {
        let scope = Scope::canonical("/subscriptions/22222222-2222-4222-8222-222222222222");
        let name: AssignmentName = "385f1998-48f7-5b1c-86c2-764aef254c35".parse().unwrap();
        let id = format!(
            "/Subscriptions/22222222-2222-4222-8222-222222222222/providers/Microsoft.Authorization/RoleAssignments/{name}"
        );
        assert!(is_id_of(&id, &scope, name));
        assert!(
            !is_id_of(&id, &scope.below("resourceGroups/rg"), name),
            "a child's path hits nothing, and succeeds"
        );
        assert!(!is_id_of("/subscriptions/22222222-2222-4222-8222-222222222222", &scope, name));
        assert!(!is_id_of(&format!("{id}/../.."), &scope, name));
    }
}
