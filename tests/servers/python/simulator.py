"""Where the simulator is, who we are there, and how a check reports."""

import json
import os
import urllib.request
from contextlib import contextmanager

from azure.core.credentials import TokenCredential
from azure.identity import CertificateCredential, ClientSecretCredential

READY = json.loads(os.environ["SIMULATOR"])
CUSTOMER = READY["customers"][0]
TENANT = CUSTOMER["tenantId"]
GRAPH_SCOPE = "https://graph.microsoft.com/.default"
ARM_SCOPE = "https://management.azure.com/.default"
# Any other service is asked whether it knows the login service; nobody outside this machine knows this one.
OWN_AUTHORITY = {"authority": READY["login"], "disable_instance_discovery": True}


def by_secret(tenant: str = TENANT, secret: str = READY["clientSecret"]) -> TokenCredential:
    return ClientSecretCredential(tenant, READY["clientId"], secret, **OWN_AUTHORITY)


def by_certificate(path: str = os.environ["CERTIFICATE"]) -> TokenCredential:
    return CertificateCredential(TENANT, READY["clientId"], path, **OWN_AUTHORITY)


def check(what: str, holds: object, *shown: object) -> None:
    """Says what holds; ends the script if it does not."""
    if not holds:
        raise SystemExit(f"FAILED: {what}: {' '.join(map(repr, shown))}")
    print(f"ok: {what}")


@contextmanager
def refused(what: str, error_type: type, fits):
    """The block must fail with that error, and it must fit."""
    try:
        yield
    except error_type as error:
        check(what, fits(error), error)
    else:
        check(what, False, "nothing was refused")


def throttle_next(service: str, method: str, route: str) -> None:
    """The next request to a route is answered with 429 and the wish to wait a second."""
    fault = {
        "service": service, "method": method, "route": route,
        "fault": "throttle", "retryAfter": 1, "times": 1,
    }
    steer("POST", "faults", json.dumps([fault]).encode())


def count(service: str, route: str, status: int) -> int:
    """How many requests to a route were answered with that status."""
    requests = json.loads(steer("GET", "requests"))["requests"]
    return sum(
        kind["count"] for kind in requests
        if (kind["service"], kind["route"], kind["status"]) == (service, route, status)
    )


def steer(method: str, what: str, body: bytes | None = None) -> bytes:
    # urllib trusts what the environment variable SSL_CERT_FILE names, like OpenSSL itself.
    request = urllib.request.Request(f"{READY['login']}/_simulator/{what}", body, method=method)
    with urllib.request.urlopen(request) as answer:
        return answer.read()
