"""azure-identity: tokens, and errors of the login service."""

import os
import time

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential

from simulator import ARM_SCOPE, GRAPH_SCOPE, OWN_AUTHORITY, READY, TENANT, by_certificate, by_secret, check, refused

credential = by_secret()
token = credential.get_token(GRAPH_SCOPE)
check("a token by secret lasts about an hour", 3300 < token.expires_on - time.time() <= 3600, token.expires_on)
check("a second one comes from the cache", credential.get_token(GRAPH_SCOPE).token == token.token)
check("another resource has another token", credential.get_token(ARM_SCOPE).token != token.token)

token = by_certificate().get_token(GRAPH_SCOPE)
check("a token by certificate is as good", 3300 < token.expires_on - time.time() <= 3600, token.expires_on)


def numbered(number: int):
    """Whether the service refused, with that number."""
    return lambda error: f"AADSTS{number}" in error.message


with refused("a certificate nobody registered", ClientAuthenticationError, numbered(700027)):
    by_certificate(os.environ["STRANGE_CERTIFICATE"]).get_token(GRAPH_SCOPE)
with refused("a wrong secret", ClientAuthenticationError, numbered(7000215)):
    by_secret(secret="wrong").get_token(GRAPH_SCOPE)
with refused("an unknown tenant", ClientAuthenticationError, lambda error: "tenant" in error.message):
    by_secret(tenant="99999999-9999-4999-8999-999999999999").get_token(GRAPH_SCOPE)
with refused("an unknown application", ClientAuthenticationError, numbered(700016)):
    ClientSecretCredential(TENANT, TENANT, READY["clientSecret"], **OWN_AUTHORITY).get_token(GRAPH_SCOPE)
with refused("an unknown resource", ClientAuthenticationError, numbered(500011)):
    credential.get_token("https://vault.azure.net/.default")
