//! Delegated administration as the partner tenant shows it: relationships and the groups that hold their roles.

use serde::Deserialize;

use super::{Graph, Units};
use crate::client::endpoints::encode;
use crate::client::error::Error;
use crate::model::ids::{ObjectId, TenantId};

/// A delegated administration relationship.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relationship {
    /// Its id, two GUIDs in one.
    pub id: String,
    /// The customer, once there is one.
    pub customer: Option<TenantId>,
    /// Whether it gives access: anything between its approval and its end, unknown states included.
    pub gives_access: bool,
}

/// A group that holds roles through a relationship.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessAssignment {
    /// The group, in the partner tenant.
    pub group: ObjectId,
    /// Whether it gives access: anything but deleted or failed, unknown states included.
    pub gives_access: bool,
}

#[derive(Deserialize)]
struct RawRelationship {
    id: String,
    customer: Option<RawCustomer>,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCustomer {
    tenant_id: Option<TenantId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawAssignment {
    access_container: RawContainer,
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawContainer {
    access_container_id: ObjectId,
}

impl Graph<'_> {
    /// All relationships, whatever their state. Asked of the partner tenant.
    pub async fn relationships(&self) -> Result<Vec<Relationship>, Error> {
        const ROUTE: &str = "/tenantRelationships/delegatedAdminRelationships";
        let call = self.get(ROUTE, &format!("{ROUTE}?$top=300"), Units(1));
        let list: Vec<RawRelationship> = self.client.list(&call).await?;
        let without = ["created", "approvalPending", "approved", "expired", "terminated"];
        let relationship = |raw: RawRelationship| Relationship {
            gives_access: !raw.status.is_some_and(|status| without.contains(&status.as_str())),
            customer: raw.customer.and_then(|customer| customer.tenant_id),
            id: raw.id,
        };
        Ok(list.into_iter().map(relationship).collect())
    }

    /// The groups that hold roles through a relationship. Asked of the partner tenant.
    pub async fn access_assignments(&self, relationship: &str) -> Result<Vec<AccessAssignment>, Error> {
        let path = format!(
            "/tenantRelationships/delegatedAdminRelationships/{}/accessAssignments",
            encode(relationship)
        );
        let route = "/tenantRelationships/delegatedAdminRelationships/{id}/accessAssignments";
        let list: Vec<RawAssignment> = self.client.list(&self.get(route, &path, Units(1))).await?;
        let without = ["deleted", "error"];
        let assignment = |raw: RawAssignment| AccessAssignment {
            group: raw.access_container.access_container_id,
            gives_access: !raw.status.is_some_and(|status| without.contains(&status.as_str())),
        };
        Ok(list.into_iter().map(assignment).collect())
    }
}
