// @microsoft/microsoft-graph-client: groups, guests and members of a customer; delegated administration of the partner.

import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";
import {
  TokenCredentialAuthenticationProvider,
} from "@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js";

import { GRAPH_SCOPE, bySecret, check, count, customer, ready, refused, throttleNext } from "./simulator.js";

const NOBODY = "99999999-9999-4999-8999-999999999999";
const base = new URL(ready.graph);

function clientOf(tenant) {
  return Client.initWithMiddleware({
    authProvider: new TokenCredentialAuthenticationProvider(bySecret(tenant), { scopes: [GRAPH_SCOPE] }),
    baseUrl: `${ready.graph}/`,
    // Tokens go to the hosts of Microsoft's clouds only, unless another is named.
    customHosts: new Set([base.hostname]),
  });
}

const coded = (status, code) => (error) =>
  error instanceof GraphError && error.statusCode === status && error.code === code;

/** Every object of a list, and on how many pages they came. */
async function allPages(client, path) {
  let page = await client.api(path).get();
  let pages = 0;
  const found = [];
  const iterator = new PageIterator(client, page, (item) => found.push(item));
  await iterator.iterate();
  for (pages = 1; page["@odata.nextLink"]; pages += 1) page = await client.api(page["@odata.nextLink"]).get();
  return [found, pages];
}

const graph = clientOf(customer.tenantId);

const [groups, pages] = await allPages(graph, "/groups");
const names = new Set(groups.map((group) => group.displayName));
const expected = ["Accounting", "Development", "Operations", "Purchasing", "Sales"];
check("all groups are listed", expected.every((name) => names.has(name)), names);
check("on more than one page", pages > 1, pages);
const filtered = await graph.api("/groups").filter("startsWith(displayName,'Op')").select(["id", "displayName"]).get();
check("a filter finds one", filtered.value.every((group) => group.displayName === "Operations"), filtered);

const wish = { displayName: "Made by JavaScript", mailNickname: "made-by-javascript", mailEnabled: false, securityEnabled: true };
const group = await graph.api("/groups").post(wish);
check("a group is created", group.id && group.securityEnabled && group.createdDateTime, group);
await refused(
  "a group without mailNickname", () => graph.api("/groups").post({ ...wish, mailNickname: undefined }),
  coded(400, "Request_BadRequest"),
);
await refused(
  "a missing group", () => graph.api(`/groups/${NOBODY}`).get(), coded(404, "Request_ResourceNotFound"),
);

const invitation = await graph.api("/invitations").post({
  invitedUserEmailAddress: "grace@fabrikam.example",
  inviteRedirectUrl: "https://portal.azure.com",
  sendInvitationMessage: false,
});
const guest = invitation.invitedUser.id;
check("an invitation makes a guest", invitation.status === "PendingAcceptance" && guest, invitation);
const user = await graph.api(`/users/${guest}`).select(["userPrincipalName", "userType"]).get();
check("who can be read", user.userType === "Guest" && user.userPrincipalName.includes("#EXT#@"), user);

const members = `/groups/${group.id}/members`;
const reference = { "@odata.id": `${ready.graph}/v1.0/directoryObjects/${guest}` };
await graph.api(`${members}/$ref`).post(reference);
const listed = (await allPages(graph, members))[0].map((member) => [member["@odata.type"], member.id].join(" "));
check("a member is added, and listed as a user", listed.join() === `#microsoft.graph.user ${guest}`, listed);
await refused(
  "a second time", () => graph.api(`${members}/$ref`).post(reference), coded(400, "Request_BadRequest"),
);
const inGroups = await graph.api(`/users/${guest}/checkMemberGroups`).post({ groupIds: [group.id, NOBODY] });
check("the guest is found to be in the group", inGroups.value.join() === group.id, inGroups);
const byIds = await graph.api("/directoryObjects/getByIds").post({ ids: [group.id, guest, NOBODY], types: ["user", "group"] });
check("both are found by their ids", byIds.value.length === 2, byIds);
await graph.api(`${members}/${guest}/$ref`).delete();
check("a member is removed", (await allPages(graph, members))[0].length === 0);
await refused(
  "a second time", () => graph.api(`${members}/${guest}/$ref`).delete(), coded(404, "Request_ResourceNotFound"),
);

const before = await count("graph", "/groups/{id}", 429);
await throttleNext("graph", "GET", "/groups/{id}");
check("a throttled request is repeated and succeeds", (await graph.api(`/groups/${group.id}`).get()).id === group.id);
check("after it was throttled", (await count("graph", "/groups/{id}", 429)) === before + 1);
await graph.api(`/groups/${group.id}`).delete();
await refused(
  "a deleted group", () => graph.api(`/groups/${group.id}`).get(), coded(404, "Request_ResourceNotFound"),
);

const partner = clientOf(ready.partnerTenantId);
const relationships = "/tenantRelationships/delegatedAdminRelationships";
const [found] = await allPages(partner, relationships);
check("the partner's relationships are listed", found.length === 1 && found[0].customer.tenantId === customer.tenantId, found);
const [access] = await allPages(partner, `${relationships}/${found[0].id}/accessAssignments`);
const holders = access.map((assignment) => assignment.accessContainer.accessContainerId);
check("and the groups that hold their roles", holders.join() === "0f1e2d3c-1111-4000-8000-0000000000a3", holders);
