"""The control API answers to names that only lead here: a name bent to this machine learns and changes nothing."""

from __future__ import annotations

import httpx
import pytest

from conftest import Cloud

FOREIGN = ["evil.example", "evil.example:4566", "localhost.evil.example", "127.0.0.1.evil.example", "bucket.s3.localhost:4566"]


def ask(cloud: Cloud, method: str, path: str, host: str, **more: str) -> httpx.Response:
    return httpx.request(method, cloud.endpoint.replace("localhost", "127.0.0.1") + path, headers={"Host": host, **more},
                         json={} if method == "POST" else None)


@pytest.mark.parametrize("host", FOREIGN)
def test_names_that_somebody_pointed_here_are_refused(cloud: Cloud, host: str) -> None:
    for method, path in (("GET", "status"), ("GET", "calls"), ("POST", "time"), ("POST", "mail/clear")):
        answer = ask(cloud, method, f"/_cumulet/{path}", host, Origin=f"http://{host}")
        assert answer.status_code == 403, path
        assert answer.json() == {"error": f"{host}: this answers to localhost, addresses and private names only"}


@pytest.mark.parametrize("host", ["localhost:4566", "127.0.0.1", "[::1]:4566", "cumulet:4566",
                                  "LOCALHOST.localstack.cloud:4566", "cumulet.ci.svc.cluster.local"])
def test_private_names_and_addresses_are_taken(cloud: Cloud, host: str) -> None:
    assert ask(cloud, "GET", "/_cumulet/status", host).status_code == 200


def test_a_probe_may_use_any_name(cloud: Cloud) -> None:
    for path in ("/_cumulet/health", "/_localstack/health", "/_localstack/info"):
        assert ask(cloud, "GET", path, "cumulet.example.com").status_code == 200
