"""azure-mgmt-authorization and azure-mgmt-resource-subscriptions: what role whom a customer gave where."""

import uuid

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters
from azure.mgmt.resource.subscriptions import SubscriptionClient

from simulator import ARM_SCOPE, CUSTOMER, READY, TENANT, by_certificate, check, count, refused, throttle_next

GROUP = "22222222-2222-4000-8000-0000000000d3"
NOBODY = "99999999-9999-4999-8999-999999999999"
ROW = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"

credential = by_certificate()
where = {"base_url": READY["arm"], "credential_scopes": [ARM_SCOPE]}


def code(status: int, code: str):
    """Whether an error is typed, with that status and code."""
    return lambda error: (error.status_code, error.error.code) == (status, code)


subscriptions = SubscriptionClient(credential, **where)
pages = [list(page) for page in subscriptions.subscriptions.list().by_page()]
found = {row.display_name: row for page in pages for row in page}
declared = {row["alias"]: row["id"] for row in CUSTOMER["subscriptions"]}
check("all subscriptions are listed", {name: row.subscription_id for name, row in found.items()} == declared, found)
check("on more than one page", len(pages) > 1, pages)
check("each with its state and tenant", all((row.state, row.tenant_id) == ("Enabled", TENANT) for row in found.values()))
with refused("a missing subscription", HttpResponseError, code(404, "SubscriptionNotFound")):
    subscriptions.subscriptions.get(NOBODY)

subscription = declared["prod"]
scope = f"/subscriptions/{subscription}"
arm = AuthorizationManagementClient(credential, subscription, **where)
[reader] = arm.role_definitions.list(scope, filter="roleName eq 'Reader'")
check("a role is found by its name", reader.name == "acdd72a7-3385-48ef-bd42-f606fba81ae7", reader.name)
check("with what it allows", reader.permissions[0].actions == ["*/read"], reader.permissions)
check("and as a built-in one", (reader.role_type, reader.role_name) == ("BuiltInRole", "Reader"), reader)

name = str(uuid.uuid4())
wish = RoleAssignmentCreateParameters(role_definition_id=reader.id, principal_id=GROUP, principal_type="Group")
row = arm.role_assignments.create(scope, name, wish)
check("a role is assigned", (row.name, row.principal_id, row.scope) == (name, GROUP, scope), row)
check("with the time of it", row.created_on is not None, row)
with refused("the same under another name", ResourceExistsError, code(409, "RoleAssignmentExists")):
    arm.role_assignments.create(scope, str(uuid.uuid4()), wish)
listed = [row.name for row in arm.role_assignments.list_for_subscription()]
check("it is listed", name in listed, listed)
listed = [row.name for row in arm.role_assignments.list_for_scope(scope, filter=f"principalId eq '{GROUP}'")]
check("and found by its principal", listed == [name], listed)
read = arm.role_assignments.get(scope, name)
check("and by its name, with who made it", read.id == row.id and read.created_by, read)

before = count("arm", ROW, 429)
throttle_next("arm", "GET", ROW)
check("a throttled request is repeated and succeeds", arm.role_assignments.get(scope, name).name == name)
check("after it was throttled", count("arm", ROW, 429) == before + 1)

check("it is deleted", arm.role_assignments.delete(scope, name).name == name)
check("a second time nothing happens", arm.role_assignments.delete(scope, name) is None)
with refused("a missing assignment", ResourceNotFoundError, code(404, "RoleAssignmentNotFound")):
    arm.role_assignments.get(scope, name)
wish.principal_id = NOBODY
with refused("a role for nobody", HttpResponseError, code(400, "PrincipalNotFound")):
    arm.role_assignments.create(scope, str(uuid.uuid4()), wish)
