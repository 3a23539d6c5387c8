"""Doors: HTTP for hosts and paths that belong to what users made (their APIs, their domain names), beside the services' own.

A service that has made such a thing claims its door. Requests for it go to `answer(call, visit)` of the service's `doors.py`:

    ID.execute-api.localhost:4566/STAGE/PATH        the same below REGION.amazonaws.com, REGION.localhost.localstack.cloud, …
    localhost:4566/_aws/execute-api/ID/STAGE/PATH
    localhost:4566/restapis/ID/STAGE/_user_request_/PATH
    api.example.com/BASE/PATH                       a domain name, whose mappings say which API and stage is meant

Several services may stand behind one kind of door (REST APIs, HTTP APIs): a name belongs to the one that claimed it.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from . import wire
from .access import body as bodies
from .access.contract import Principal, service_principal
from .access.identify import identify
from .call import Call
from .declare import stored
from .errors import AwsError
from .http.message import Request, Respond, Response, Upgrade
from .record.answers import Answer
from .wire import hosts
from .wire.contract import Route

if TYPE_CHECKING:
    from .cloud import Cloud
    from .store.contract import Transaction

API, DOMAIN = "execute-api", "domain"
_MOST = 10 * 1_048_576                 # bytes of a request's body
_ID = "abcdefghijklmnopqrstuvwxyz0123456789"
_HOST = re.compile(r"([a-z0-9]{10})\.execute-api(?:\.[a-z0-9-]+)?\."
                   r"(?:localhost|localhost\.localstack\.cloud|amazonaws\.com(?:\.cn)?|api\.aws)", re.IGNORECASE)
_PATHS = (re.compile(r"/_aws/execute-api/(?P<id>[^/]+)/(?P<stage>[^/]+)(?P<rest>/.*)?"),
          re.compile(r"/restapis/(?P<id>[^/]+)/(?P<stage>[^/]+)/_user_request_(?P<rest>/.*)?"))
_OURS = (".amazonaws.com", ".amazonaws.com.cn", ".localhost.localstack.cloud", ".api.aws", ".on.aws")
_running: set[asyncio.Task[None]] = set()
log = logging.getLogger("cumulet.doors")


@stored(key=("kind", "name"), scope="global")
class Door(msgspec.Struct, kw_only=True):
    """Whose a name is. kind: "execute-api" (the id of an API) or "domain" (a domain name)."""

    kind: str
    name: str
    service: str
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


# --- for services -----------------------------------------------------------------------------------------------------


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


def owner(call: Call, kind: str, name: str) -> Door | None:
    """Whose a name is."""
    return call.table(Door).get(kind, name)


# --- for the cloud ----------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """What a request's host or path names."""

    kind: str
    name: str
    stage: str
    path: str


def asked(request: Request) -> Asked | None:
    """The door that a request is for; a domain name is only perhaps one."""
    path = request.path
    if "/@connections" in path:                         # an operation of API Gateway's own
        return None
    if path.startswith(("/_aws/execute-api/", "/restapis/")):
        for pattern in _PATHS:
            if found := pattern.fullmatch(path):
                return Asked(API, found["id"], found["stage"], found["rest"] or "/")
    kind, name = _host(request.host)
    return Asked(kind, name, "", path) if kind else None


@lru_cache(4096)
def _host(host: str) -> tuple[str, str]:
    name = host.partition(":")[0].rstrip(".").lower()
    if found := _HOST.fullmatch(name):
        return API, found[1]
    shallow = name.count(".") < 2 if name.endswith(".localhost") else "." not in name
    if shallow or name.endswith(_OURS) or hosts.look(host).service or name.rpartition(".")[2].isdigit() or "[" in name:
        return "", ""
    return DOMAIN, name


def enter(cloud: Cloud, request: Request, respond: Respond, otherwise: Callable[[Request, Respond], None]) -> bool:
    """Take a request that is for a door; False when it is for none. otherwise: who gets it when the name is nobody's."""
    found = asked(request)
    if found is None:
        return False
    task = asyncio.get_running_loop().create_task(_entered(cloud, found, request, respond, otherwise))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return True


async def _entered(cloud: Cloud, what: Asked, request: Request, respond: Respond,
                   otherwise: Callable[[Request, Respond], None]) -> None:
    found = await cloud.store.run(lambda tx: _open(cloud, tx, what, request))
    if found is None:
        if what.kind == DOMAIN:
            otherwise(request, respond)
        else:
            respond(_told(Reply(403, [], b'{"message":"Forbidden"}')))
        return
    call, visit = found
    began = perf_counter()
    reply = await _answered(call, visit)
    if visit.notes and isinstance(reply, Reply):
        _note(call, visit, reply, perf_counter() - began)
    respond(_told(reply))


def _note(call: Call, visit: Visit, reply: Reply, took: float) -> None:
    """Tell the service of its answer a moment later, among those of its operations: one without a name."""
    cloud, request = visit.cloud, visit.request
    cloud.answers.add(call.service, Answer(
        call.request_id, cloud.clock.now(), took, "", call.region, call.principal, reply.status, "", (visit.notes,),
        request.method, request.target, request.scheme, request.client, request.headers, len(request.body), reply.headers,
        len(reply.body) if isinstance(reply.body, bytes) else -1, ""))


def _open(cloud: Cloud, tx: Transaction, what: Asked, request: Request) -> tuple[Call, Visit] | None:
    """Who answers, and what is asked there."""
    table = tx.table(Door, "", "")
    visit = Visit(cloud=cloud, request=request, name=what.name, stage=what.stage, path=what.path)
    door = table.get(what.kind, what.name)
    if what.kind == DOMAIN and door is not None:
        visit.domain = what.name
        mapped = _mapped(tx, visit)
        door = table.get(API, mapped.api) if mapped is not None else door
    if door is None:
        return None
    service = cloud.catalog.load(door.service)
    return Call(cloud, tx, door.service, "", door.account, door.region, service_principal(service.principal, door.account),
                cloud.clock.now(), request, cloud.chance.uuid(), f"{request.scheme}://{request.host}"), visit


def _mapped(tx: Transaction, visit: Visit) -> Mapping | None:
    """The mapping with the longest path that the request's begins with; the visit is led there."""
    best: Mapping | None = None
    for row in tx.table(Mapping, "", "").scan(visit.domain):
        fits = not row.path or visit.path == f"/{row.path}" or visit.path.startswith(f"/{row.path}/")
        if fits and (best is None or len(row.path) > len(best.path)):
            best = row
    if best is not None:
        visit.name, visit.stage = best.api, best.stage
        if best.path:
            visit.prefix, visit.path = f"/{best.path}", visit.path[len(best.path) + 1:] or "/"
    return best


Answering = Callable[[Call, Visit], Awaitable[Reply | Upgrade]]


async def _answered(call: Call, visit: Visit) -> Reply | Upgrade:
    request = visit.request
    if visit.domain and visit.name == visit.domain:                  # a domain name that leads nowhere yet
        return Reply(403, [], b'{"message":"Forbidden"}')
    try:
        if request.stream is not None:
            request.body = await bodies.read(request, _MOST)
            request.stream = None
        folder = call.cloud.catalog.load(call.service).folder
        answer: Answering = importlib.import_module(f"cumulet.services.{folder}.doors").answer
        return await answer(call, visit)
    except AwsError as problem:
        if request.stream is not None:
            return Reply(413, [], b'{"message":"Request Entity Too Large"}')
        return Reply(problem.status or 500, [], msgspec.json.encode({"message": problem.message or problem.code}))
    except ConnectionError:                              # the client has gone
        return Reply(400, [])
    except Exception:
        log.exception("the door %s of %s failed", visit.name, call.service)
        return Reply(500, [], b'{"message":"Internal Server Error"}')


def _told(reply: Reply | Upgrade) -> Response | Upgrade:
    if isinstance(reply, Upgrade):
        return reply
    if not any(name.lower() == "content-type" for name, _ in reply.headers) and reply.body:
        reply.headers.append(("Content-Type", "application/json"))
    return Response(reply.status, reply.headers, reply.body)
