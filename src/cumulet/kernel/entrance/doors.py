"""Doors: HTTP for hosts and paths that belong to what users made (their APIs, their domain names), beside the services' own.

A service that has made such a thing claims its door. Requests for it go to `answer(call, visit)` of the service's `doors.py`:

    ID.execute-api.localhost:4566/STAGE/PATH        the same below REGION.amazonaws.com, REGION.localhost.localstack.cloud, …
    localhost:4566/_aws/execute-api/ID/STAGE/PATH
    localhost:4566/restapis/ID/STAGE/_user_request_/PATH
    api.example.com/BASE/PATH                       a domain name, whose mappings say which API and stage is meant

Several services may stand behind one kind of door (REST APIs, HTTP APIs): a name belongs to the one that claimed it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

import msgspec

from .. import wire
from ..access.contract import Principal
from ..access.identify import identify
from ..call import Call
from ..declare import stored
from ..http.message import Request, Upgrade, WebSocket
from ..wire.contract import Route

if TYPE_CHECKING:
    from ..cloud import Cloud

__all__ = ["API", "DOMAIN", "Door", "Mapping", "Reply", "Rule", "Upgrade", "Visit", "WebSocket", "canonical", "claim_api",
           "claim_domain", "leading", "owner", "release"]

API, DOMAIN = "execute-api", "domain"
_ID = "abcdefghijklmnopqrstuvwxyz0123456789"


@stored(key=("kind", "name"), scope="global")
class Door(msgspec.Struct, kw_only=True):
    """Whose a name is. kind: "execute-api" (the id of an API) or "domain" (a domain name).  mode: of a domain name, whether its
    rules are asked, or its mappings, or first those and then these."""

    kind: str
    name: str
    service: str
    account: str
    region: str
    mode: str = "API_MAPPING_ONLY"


@stored(key=("domain", "priority"), indexes={"api": ("api",)}, scope="global")
class Rule(msgspec.Struct, kw_only=True):
    """What a domain name leads to under conditions, the lowest priority first. strip: the base path that fits goes."""

    domain: str
    priority: int
    id: str
    conditions: list[dict[str, Any]]
    api: str
    stage: str
    strip: bool
    account: str
    region: str


@stored(key=("domain", "path"), indexes={"api": ("api",)}, scope="global")
class Mapping(msgspec.Struct, kw_only=True):
    """What a domain name leads to, below a path ("" is the rest). stage "": the first part of the path says it."""

    domain: str
    path: str
    api: str
    stage: str
    account: str
    region: str
    id: str


class Reply(NamedTuple):
    """An answer. body: whole, or in pieces as they come."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | AsyncIterator[bytes] = b""


class Visit(msgspec.Struct, kw_only=True):
    """One request at a door. stage: where it is known without the path.  prefix: the part of the path that was read
    already (the mapping's).  path: the rest, percent-encoded.  domain: the domain name that it came by.  notes: what the
    service's `@Answer.heard` shall be told of it, as its only member; without any it is told nothing."""

    cloud: Cloud
    request: Request
    name: str
    stage: str = ""
    prefix: str = ""
    path: str = "/"
    domain: str = ""
    notes: dict[str, Any] = {}

    @property
    def body(self) -> bytes:
        return self.request.body

    async def who(self) -> Principal | None:
        """Whose signature it has; None without one. Raises AwsError when it is not a good one."""
        request = self.request
        if "AWS4-" not in request.headers.get("authorization", "") and "X-Amz-Signature" not in request.query:
            return None
        route = Route(wire.op("lambda", "Invoke"), {}, "")           # signed as all services are, but for S3
        return (await self.cloud.store.run(lambda tx: identify(self.cloud, tx, request, route))).principal


def canonical(path: str) -> str:
    """A path as policies name it: each character in one way, so that no other spelling passes by what they refuse. Stars and
    dollars are encoded: who repeats the path in a policy does not mean more than it."""
    return quote(unquote(path), safe="/~!&'()+,;=:@")


def claim_api(call: Call) -> str:
    """A new id for an API, which nobody else has; requests for it come to this service."""
    table = call.table(Door)
    while table.get(API, name := call.token(10, _ID)) is not None:
        continue
    table.insert(Door(kind=API, name=name, service=call.service, account=call.account, region=call.region))
    return name


def claim_domain(call: Call, name: str) -> bool:
    """Requests for this host are ours from now on; False when it is somebody's already."""
    if call.table(Door).get(DOMAIN, name) is not None:
        return False
    call.put(Door(kind=DOMAIN, name=name, service=call.service, account=call.account, region=call.region))
    return True


def release(call: Call, kind: str, name: str) -> None:
    """The thing is gone, and what leads to it or from it."""
    call.table(Door).delete(kind, name)
    mappings = call.table(Mapping)
    for row in mappings.scan(name) if kind == DOMAIN else mappings.scan(name, index="api"):
        mappings.delete(row.domain, row.path)
    rules = call.table(Rule)
    for rule in rules.scan(name) if kind == DOMAIN else rules.scan(name, index="api"):
        rules.delete(rule.domain, rule.priority)


def leading(call: Call, api: str) -> list[str]:
    """The domain names whose mappings lead to an API."""
    return sorted({row.domain for row in call.table(Mapping).scan(api, index="api")})


def owner(call: Call, kind: str, name: str) -> Door | None:
    """Whose a name is."""
    return call.table(Door).get(kind, name)
