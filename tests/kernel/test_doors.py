"""Doors: which requests are for what users made."""

from __future__ import annotations

import pytest

from cumulet.kernel.entrance.opening import asked
from cumulet.kernel.http.message import Request


def seen(host: str, path: str) -> tuple[str, ...] | None:
    found = asked(Request("GET", path, {"host": host}))
    return None if found is None else tuple(found)


@pytest.mark.parametrize("host", [
    "a1b2c3d4e5.execute-api.localhost:4566", "A1B2C3D4E5.execute-api.localhost",
    "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    "a1b2c3d4e5.execute-api.localhost.localstack.cloud:4566", "a1b2c3d4e5.execute-api.us-east-1.localhost.localstack.cloud"])
def test_hosts_name_an_api(host: str) -> None:
    assert seen(host, "/prod/a%2Fb") == ("execute-api", "a1b2c3d4e5", "", "/prod/a%2Fb")


@pytest.mark.parametrize("path", ["/restapis/a1b2c3d4e5/dev/_user_request_/pets/1", "/_aws/execute-api/a1b2c3d4e5/dev/pets/1"])
def test_paths_name_an_api_and_its_stage(path: str) -> None:
    assert seen("localhost:4566", path) == ("execute-api", "a1b2c3d4e5", "dev", "/pets/1")
    assert seen("localhost:4566", path.removesuffix("/pets/1")) == ("execute-api", "a1b2c3d4e5", "dev", "/")


def test_names_of_ones_own_may_be_domains_of_apis() -> None:
    assert seen("api.shop.example:4566", "/v1") == ("domain", "api.shop.example", "", "/v1")
    assert seen("api.shop.localhost:4566", "/v1") == ("domain", "api.shop.localhost", "", "/v1")


@pytest.mark.parametrize("host", ["localhost:4566", "127.0.0.1:4566", "[::1]:4566", "cloud:4566", "bucket.localhost:4566",
                                  "bucket.s3.amazonaws.com", "sqs.us-east-1.amazonaws.com", "bucket.s3.cloud.example"])
def test_requests_for_services_are_for_none(host: str) -> None:
    assert seen(host, "/restapis/a1b2c3d4e5/stages") is None


def test_the_management_of_connections_is_an_operation() -> None:
    assert seen("a1b2c3d4e5.execute-api.localhost", "/dev/@connections/x=") is None
