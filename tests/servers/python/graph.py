"""msgraph-sdk: groups, guests and members of a customer; delegated administration of the partner."""

import asyncio
from urllib.parse import urlsplit

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.directory_objects.get_by_ids.get_by_ids_post_request_body import GetByIdsPostRequestBody
from msgraph.generated.groups.groups_request_builder import GroupsRequestBuilder
from msgraph.generated.groups.item.check_member_groups.check_member_groups_post_request_body import (
    CheckMemberGroupsPostRequestBody,
)
from msgraph.generated.models.delegated_admin_relationship_status import DelegatedAdminRelationshipStatus
from msgraph.generated.models.group import Group
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.reference_create import ReferenceCreate
from msgraph.generated.models.user import User

from simulator import CUSTOMER, GRAPH_SCOPE, READY, TENANT, by_secret, check, count, refused, throttle_next

NOBODY = "99999999-9999-4999-8999-999999999999"


def client_of(tenant: str) -> GraphServiceClient:
    host = urlsplit(READY["graph"]).hostname
    provider = AzureIdentityAuthenticationProvider(by_secret(tenant), scopes=[GRAPH_SCOPE], allowed_hosts=[host])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{READY['graph']}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def code(status: int, code: str):
    """Whether an error is typed, with that status and code."""
    return lambda error: (error.response_status_code, error.error.code) == (status, code)


async def all_pages(builder, configuration=None) -> tuple[list, int]:
    """Every object of a list, and on how many pages they came."""
    page = await builder.get(request_configuration=configuration)
    found, pages = list(page.value), 1
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get()
        found += page.value
        pages += 1
    return found, pages


async def groups(graph: GraphServiceClient) -> str:
    found, pages = await all_pages(graph.groups)
    names = sorted(group.display_name for group in found)
    check("all groups are listed", {"Accounting", "Development", "Operations", "Purchasing", "Sales"} <= set(names), names)
    check("on more than one page", pages > 1, pages)

    query = GroupsRequestBuilder.GroupsRequestBuilderGetQueryParameters(
        filter="startsWith(displayName,'Op')", select=["id", "displayName"]
    )
    found, _ = await all_pages(graph.groups, RequestConfiguration(query_parameters=query))
    check("a filter finds one", [group.display_name for group in found] == ["Operations"], found)
    check("and only what was selected", found[0].id and found[0].mail_nickname is None, found[0])

    wish = Group(
        display_name="Made by Python", mail_nickname="made-by-python", mail_enabled=False, security_enabled=True
    )
    made = await graph.groups.post(wish)
    check("a group is created", made.id and made.created_date_time and made.security_enabled, made)
    with refused("a group without mailNickname", ODataError, code(400, "Request_BadRequest")):
        await graph.groups.post(Group(display_name="Nameless", mail_enabled=False, security_enabled=True))
    with refused("a missing group", ODataError, code(404, "Request_ResourceNotFound")):
        await graph.groups.by_group_id(NOBODY).get()
    return made.id


async def guests(graph: GraphServiceClient) -> str:
    invitation = await graph.invitations.post(
        Invitation(
            invited_user_email_address="ada@fabrikam.example",
            invite_redirect_url="https://portal.azure.com",
            send_invitation_message=False,
        )
    )
    guest = invitation.invited_user.id
    check("an invitation makes a guest", invitation.status == "PendingAcceptance" and guest, invitation)
    user = await graph.users.by_user_id(guest).get()
    check("who can be read", user.user_principal_name.startswith("ada_fabrikam.example#EXT#@"), user)
    return guest


async def members(graph: GraphServiceClient, group: str, guest: str) -> None:
    builder = graph.groups.by_group_id(group).members
    reference = ReferenceCreate(odata_id=f"{READY['graph']}/v1.0/directoryObjects/{guest}")
    await builder.ref.post(reference)
    found, _ = await all_pages(builder)
    check("a member is added, and listed as a user", [type(m) for m in found] == [User] and found[0].id == guest, found)
    with refused("a second time", ODataError, code(400, "Request_BadRequest")) :
        await builder.ref.post(reference)
    body = CheckMemberGroupsPostRequestBody(group_ids=[group, NOBODY])
    answer = await graph.users.by_user_id(guest).check_member_groups.post(body)
    check("the guest is found to be in the group", answer.value == [group], answer.value)
    body = GetByIdsPostRequestBody(ids=[group, guest, NOBODY], types=["user", "group"])
    answer = await graph.directory_objects.get_by_ids.post(body)
    check("both are found by their ids", sorted(type(o).__name__ for o in answer.value) == ["Group", "User"], answer.value)
    await builder.by_directory_object_id(guest).ref.delete()
    check("a member is removed", (await all_pages(builder))[0] == [])
    with refused("a second time", ODataError, code(404, "Request_ResourceNotFound")):
        await builder.by_directory_object_id(guest).ref.delete()


async def throttling(graph: GraphServiceClient) -> None:
    before = count("graph", "/groups/{id}", 429)
    throttle_next("graph", "GET", "/groups/{id}")
    group = await graph.groups.by_group_id("22222222-2222-4000-8000-0000000000d1").get()
    check("a throttled request is repeated and succeeds", group.display_name == "Accounting", group)
    check("after it was throttled", count("graph", "/groups/{id}", 429) == before + 1)


async def delegated_administration(graph: GraphServiceClient) -> None:
    builder = graph.tenant_relationships.delegated_admin_relationships
    found, _ = await all_pages(builder)
    check("the partner's relationships are listed", [r.customer.tenant_id for r in found] == [TENANT], found)
    relationship = found[0]
    check("active, with their roles", relationship.status == DelegatedAdminRelationshipStatus.Active
          and len(relationship.access_details.unified_roles) == 1, relationship)
    check("and their duration", relationship.duration.days >= 730, relationship.duration)
    found, _ = await all_pages(builder.by_delegated_admin_relationship_id(relationship.id).access_assignments)
    held = [assignment.access_container.access_container_id for assignment in found]
    check("and the groups that hold them", held == ["0f1e2d3c-1111-4000-8000-0000000000a3"], held)


async def main() -> None:
    graph = client_of(CUSTOMER["tenantId"])
    group = await groups(graph)
    guest = await guests(graph)
    await members(graph, group, guest)
    await throttling(graph)
    await graph.groups.by_group_id(group).delete()
    with refused("a deleted group", ODataError, code(404, "Request_ResourceNotFound")):
        await graph.groups.by_group_id(group).get()
    await delegated_administration(client_of(READY["partnerTenantId"]))


asyncio.run(main())
