// @azure/arm-authorization and @azure/arm-resources-subscriptions: what role whom a customer gave where.

import { randomUUID } from "node:crypto";

import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import { isRestError } from "@azure/core-rest-pipeline";

import { ARM_SCOPE, byCertificate, check, count, customer, pages, ready, refused, throttleNext } from "./simulator.js";

const GROUP = "22222222-2222-4000-8000-0000000000d4";
const NOBODY = "99999999-9999-4999-8999-999999999999";
const ROW = "/{scope}/providers/Microsoft.Authorization/roleAssignments/{name}";
const credential = byCertificate();
const where = { endpoint: ready.arm, credentialScopes: ARM_SCOPE };
const coded = (status, code) => (error) => isRestError(error) && error.statusCode === status && error.code === code;

const subscriptions = new SubscriptionClient(credential, where);
const found = await pages(subscriptions.subscriptions.list());
const listed = Object.fromEntries(found.flat().map((row) => [row.displayName, row.subscriptionId]));
const declared = Object.fromEntries(customer.subscriptions.map((row) => [row.alias, row.id]));
check("all subscriptions are listed", Object.keys(declared).every((alias) => listed[alias] === declared[alias]), found);
check("on more than one page", found.length > 1, found);
check("each with its state", found.flat().every((row) => row.state === "Enabled"), found);
await refused(
  "a missing subscription", () => subscriptions.subscriptions.get(NOBODY), coded(404, "SubscriptionNotFound"),
);

const scope = `/subscriptions/${declared.prod}`;
const arm = new AuthorizationManagementClient(credential, declared.prod, where);
const [reader, ...others] = (await pages(arm.roleDefinitions.list(scope, { filter: "roleName eq 'Reader'" }))).flat();
check("a role is found by its name", reader.name === "acdd72a7-3385-48ef-bd42-f606fba81ae7" && !others.length, reader);
check("with what it allows", reader.permissions[0].actions.join() === "*/read", reader);

const name = randomUUID();
const wish = { roleDefinitionId: reader.id, principalId: GROUP, principalType: "Group" };
const row = await arm.roleAssignments.create(scope, name, wish);
check("a role is assigned", row.name === name && row.principalId === GROUP && row.scope === scope, row);
check("with the time of it", row.createdOn instanceof Date, row);
await refused(
  "the same under another name", () => arm.roleAssignments.create(scope, randomUUID(), wish),
  coded(409, "RoleAssignmentExists"),
);
const names = async (rows) => (await pages(rows)).flat().map((one) => one.name);
check("it is listed", (await names(arm.roleAssignments.listForSubscription())).includes(name));
const filter = `principalId eq '${GROUP}'`;
check("and found by its principal", (await names(arm.roleAssignments.listForScope(scope, { filter }))).join() === name);

const before = await count("arm", ROW, 429);
await throttleNext("arm", "GET", ROW);
check("a throttled request is repeated and succeeds", (await arm.roleAssignments.get(scope, name)).name === name);
check("after it was throttled", (await count("arm", ROW, 429)) === before + 1);

check("it is deleted", (await arm.roleAssignments.delete(scope, name)).name === name);
await refused(
  "a missing assignment", () => arm.roleAssignments.get(scope, name), coded(404, "RoleAssignmentNotFound"),
);
await refused(
  "a role for nobody", () => arm.roleAssignments.create(scope, randomUUID(), { ...wish, principalId: NOBODY }),
  coded(400, "PrincipalNotFound"),
);
