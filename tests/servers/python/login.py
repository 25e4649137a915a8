"""azure-identity: tokens, and errors of the login service."""

import time

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, CredentialUnavailableError

from simulator import ARM_SCOPE, GRAPH_SCOPE, OWN_AUTHORITY, READY, TENANT, by_secret, check, refused

credential = by_secret()
token = credential.get_token(GRAPH_SCOPE)
check("a token by secret lasts about an hour", 3300 < token.expires_on - time.time() <= 3600, token.expires_on)
check("a second one comes from the cache", credential.get_token(GRAPH_SCOPE).token == token.token)
check("another resource has another token", credential.get_token(ARM_SCOPE).token != token.token)

with refused("a wrong secret", ClientAuthenticationError, lambda error: "AADSTS7000215" in error.message):
    by_secret(secret="wrong").get_token(GRAPH_SCOPE)
with refused("an unknown tenant", ClientAuthenticationError, lambda error: "AADSTS90002" in error.message or "tenant" in error.message.lower()):
    by_secret(tenant="99999999-9999-4999-8999-999999999999").get_token(GRAPH_SCOPE)
with refused("an unknown application", ClientAuthenticationError, lambda error: "AADSTS700016" in error.message):
    ClientSecretCredential(TENANT, TENANT, READY["clientSecret"], **OWN_AUTHORITY).get_token(GRAPH_SCOPE)
with refused("an unknown resource", ClientAuthenticationError, lambda error: "AADSTS500011" in error.message):
    credential.get_token("https://vault.azure.net/.default")
