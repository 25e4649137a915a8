"""What azure-cli and Terraform's providers ask before they sign in: the cloud's and the login service's own descriptions."""

import json
import urllib.request
from urllib.parse import quote, urlsplit

from simulator import READY, TENANT, check


def fetch(url: str) -> object:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def check_cloud(version: str, cloud: dict) -> None:
    check(f"{version}: the services are where they are",
          (cloud["resourceManager"], cloud["microsoftGraphResourceId"]) == (READY["arm"], READY["graph"]), cloud)
    check(f"{version}: so is the login service", cloud["authentication"]["loginEndpoint"] == READY["login"], cloud)
    check(f"{version}: its tokens are for Resource Manager",
          "https://management.azure.com/" in cloud["authentication"]["audiences"], cloud)


[cloud] = fetch(f"{READY['arm']}/metadata/endpoints?api-version=2019-05-01")
check_cloud("2019-05-01", cloud)
check_cloud("2022-09-01", fetch(f"{READY['arm']}/metadata/endpoints?api-version=2022-09-01"))

# Terraform knows the host only.
host = "{0.scheme}://{0.netloc}".format(urlsplit(READY["arm"]))
check_cloud("by its host", fetch(f"{host}/metadata/endpoints?api-version=2022-09-01"))

described = fetch(f"{READY['login']}/{TENANT}/v2.0/.well-known/openid-configuration")
check("the login service describes a tenant", described["token_endpoint"].startswith(f"{READY['login']}/{TENANT}/"), described)
check("and serves the keys it names", "keys" in fetch(described["jwks_uri"]), described["jwks_uri"])
asked = quote(f"{READY['login']}/{TENANT}/oauth2/v2.0/authorize")
instance = fetch(f"{READY['login']}/common/discovery/instance?api-version=1.1&authorization_endpoint={asked}")
check("and knows itself", fetch(instance["tenant_discovery_endpoint"]) == described, instance)
