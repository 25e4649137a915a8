// @azure/identity: tokens, and errors of the login service.

import { AuthenticationRequiredError, ClientSecretCredential } from "@azure/identity";

import { ARM_SCOPE, GRAPH_SCOPE, OWN_AUTHORITY, byCertificate, bySecret, check, customer, ready, refused } from "./simulator.js";

const credential = bySecret();
const token = await credential.getToken(GRAPH_SCOPE);
const lifetime = (token.expiresOnTimestamp - Date.now()) / 1000;
check("a token by secret lasts about an hour", lifetime > 3300 && lifetime <= 3600, lifetime);
check("a second one comes from the cache", (await credential.getToken(GRAPH_SCOPE)).token === token.token);
check("another resource has another token", (await credential.getToken(ARM_SCOPE)).token !== token.token);

const numbered = (number) => (error) =>
  error instanceof AuthenticationRequiredError && error.message.includes(`AADSTS${number}`);
const signed = await byCertificate().getToken(GRAPH_SCOPE);
check("a token by certificate is as good", signed.expiresOnTimestamp - Date.now() > 3300 * 1000, signed.expiresOnTimestamp);
await refused(
  "a certificate nobody registered", () => byCertificate(process.env.STRANGE_CERTIFICATE).getToken(GRAPH_SCOPE), numbered(700027),
);
await refused(
  "a wrong secret", () => bySecret(customer.tenantId, "wrong").getToken(GRAPH_SCOPE), numbered(7000215),
);
const stranger = new ClientSecretCredential(customer.tenantId, customer.tenantId, ready.clientSecret, OWN_AUTHORITY);
await refused("an unknown application", () => stranger.getToken(GRAPH_SCOPE), numbered(700016));
await refused(
  "an unknown resource", () => credential.getToken("https://vault.azure.net/.default"), numbered(500011),
);
