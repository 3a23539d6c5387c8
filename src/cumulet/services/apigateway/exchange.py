"""One request on its way through an API: what was asked, what serves it, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from cumulet.kernel import Principal

from .definitions import Definition

Said = dict[str, Any]
Pairs = list[tuple[str, str]]


class Refused(Exception):
    """The API answers by itself: the type of the gateway response, its message and status."""

    def __init__(self, kind: str, message: str | None, status: int, **more: str) -> None:
        super().__init__(message)
        self.kind, self.message, self.status, self.more = kind, message, status, more


class Asked(msgspec.Struct, kw_only=True):
    """A request. path: percent-encoded, below the stage.  shown: as the client wrote it.  prefix: of a domain's mapping.
    bad: its signature is not good."""

    method: str
    path: str
    shown: str
    query: Pairs
    headers: Pairs
    body: bytes
    source: str
    host: str
    id: str
    at: float
    who: Principal | None = None
    prefix: str = ""
    bad: Refused | None = None
    test: bool = False

    def header(self, name: str) -> str | None:
        """A header's (last) value."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), None)

    def parameter(self, name: str) -> str | None:
        """A query parameter's (last) value."""
        return next((value for key, value in reversed(self.query) if key == name), None)


class Found(msgspec.Struct, kw_only=True):
    """What serves a request. arn: of the method on this stage.  settings: of the stage for this method."""

    api: str
    account: str
    region: str
    definition: Definition
    stage: Said
    variables: dict[str, str]
    deployment: str
    resource: Said
    method: Said
    params: dict[str, str]
    arn: str
    settings: Said
    canary: bool = False


class Exchange(msgspec.Struct, kw_only=True):
    """Both, and what came to be known on the way. trace: lines of the execution log."""

    asked: Asked
    found: Found
    authorizer: Said = {}
    key: str = ""
    key_id: str = ""
    usage_key: str = ""
    trace: list[str] = []
    integration_status: int = 0
    integration_ms: int = 0
    problem: Refused | None = None

    def note(self, line: str) -> None:
        """A line of the execution log."""
        self.trace.append(line)


class Backend(msgspec.Struct, kw_only=True):
    """What an integration answered. error: what selection patterns are matched with."""

    status: int
    headers: Pairs
    body: bytes
    error: str


def pairs(query: str) -> Pairs:
    return parse_qsl(query, keep_blank_values=True)


def titled(headers: Mapping[str, str]) -> Pairs:
    """Header names as clients of HTTP/1.1 write them."""
    return [("-".join(part.capitalize() for part in name.split("-")), value) for name, value in headers.items()]


def last(found: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Each name with its last value."""
    return dict(found)


def every(found: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Each name with all of its values."""
    values: dict[str, list[str]] = {}
    for name, value in found:
        values.setdefault(name, []).append(value)
    return values


def context(exchange: Exchange) -> Said:
    """`$context`: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""
    asked, found = exchange.asked, exchange.found
    who = asked.who
    at = datetime.fromtimestamp(asked.at, UTC)
    said: Said = {
        "accountId": found.account, "apiId": found.api, "httpMethod": asked.method, "path": asked.shown,
        "protocol": "HTTP/1.1", "requestId": asked.id, "extendedRequestId": asked.id[:16] + "=",
        "resourceId": found.resource["id"], "resourcePath": found.resource["path"],
        "stage": found.stage["stageName"], "deploymentId": found.deployment, "isCanaryRequest": found.canary,
        "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"), "requestTimeEpoch": int(asked.at * 1000),
        "domainName": asked.host, "domainPrefix": asked.host.partition(".")[0], "authorizer": exchange.authorizer,
        "identity": {
            "sourceIp": asked.source, "userAgent": asked.header("user-agent"), "accountId": who.account if who else None,
            "caller": who.id if who else None, "user": who.id if who else None, "userArn": who.arn if who else None,
            "accessKey": who.access_key if who else None, "apiKey": exchange.key or None, "apiKeyId": exchange.key_id or None}}
    if exchange.problem is not None:
        problem = exchange.problem
        said["error"] = {"message": problem.message, "messageString": msgspec.json.encode(problem.message).decode(),
                         "responseType": problem.kind, "validationErrorString": problem.more.get("validation")}
    return said
