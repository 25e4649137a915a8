// Where the simulator is, who we are there, and how a check reports.

import { ClientCertificateCredential, ClientSecretCredential } from "@azure/identity";

export const ready = JSON.parse(process.env.SIMULATOR);
export const customer = ready.customers[0];
export const GRAPH_SCOPE = "https://graph.microsoft.com/.default";
export const ARM_SCOPE = "https://management.azure.com/.default";
// Any other service is asked whether it knows the login service; nobody outside this machine knows this one.
export const OWN_AUTHORITY = { authorityHost: ready.login, disableInstanceDiscovery: true };

export function bySecret(tenant = customer.tenantId, secret = ready.clientSecret) {
  return new ClientSecretCredential(tenant, ready.clientId, secret, OWN_AUTHORITY);
}

export function byCertificate(certificatePath = process.env.CERTIFICATE) {
  return new ClientCertificateCredential(customer.tenantId, ready.clientId, { certificatePath }, OWN_AUTHORITY);
}

/** Says what holds; ends the script if it does not. */
export function check(what, holds, ...shown) {
  if (!holds) {
    console.error(`FAILED: ${what}:`, ...shown);
    process.exit(1);
  }
  console.log(`ok: ${what}`);
}

/** The work must fail, and its error must fit. */
export async function refused(what, work, fits) {
  try {
    await work();
  } catch (error) {
    check(what, fits(error), error);
    return;
  }
  check(what, false, "nothing was refused");
}

/** All pages of a paged list. */
export async function pages(iterator) {
  const found = [];
  for await (const page of iterator.byPage()) found.push(page);
  return found;
}

/** The next request to a route is answered with 429 and the wish to wait a second. */
export async function throttleNext(service, method, route) {
  const fault = { service, method, route, fault: "throttle", retryAfter: 1, times: 1 };
  await steer("POST", "faults", [fault]);
}

/** How many requests to a route were answered with that status. */
export async function count(service, route, status) {
  const { requests } = await (await steer("GET", "requests")).json();
  return requests
    .filter((kind) => kind.service === service && kind.route === route && kind.status === status)
    .reduce((sum, kind) => sum + kind.count, 0);
}

async function steer(method, what, body) {
  const answer = await fetch(`${ready.login}/_simulator/${what}`, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`steering answers ${answer.status}: ${await answer.text()}`);
  return answer;
}
