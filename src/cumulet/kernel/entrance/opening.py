"""Opening doors: from a request's host and path to the service that answers, and back. See `doors`."""

from __future__ import annotations

import asyncio
import importlib
import logging
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ..access import body as bodies
from ..access.contract import service_principal
from ..call import Call
from ..errors import AwsError
from ..http.message import Request, Respond, Response, Upgrade
from ..record.answers import Answer
from ..wire import hosts
from .doors import API, DOMAIN, Door, Mapping, Reply, Rule, Visit

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

_MOST = 10 * 1_048_576                 # bytes of a request's body
_HOST = re.compile(r"([a-z0-9]{10})\.execute-api(?:\.[a-z0-9-]+)?\."
                   r"(?:localhost|localhost\.localstack\.cloud|amazonaws\.com(?:\.cn)?|api\.aws)", re.IGNORECASE)
_PATHS = (re.compile(r"/_aws/execute-api/(?P<id>[^/]+)/(?P<stage>[^/]+)(?P<rest>/.*)?"),
          re.compile(r"/restapis/(?P<id>[^/]+)/(?P<stage>[^/]+)/_user_request_(?P<rest>/.*)?"))
_OURS = (".amazonaws.com", ".amazonaws.com.cn", ".localhost.localstack.cloud", ".api.aws", ".on.aws")
_running: set[asyncio.Task[None]] = set()
log = logging.getLogger("cumulet.doors")


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
    door = table.known(what.kind, what.name)
    if what.kind == DOMAIN and door is not None:
        visit.domain = what.name
        mapped = ruled(tx, visit) if door.mode != "API_MAPPING_ONLY" else False
        if mapped or (door.mode != "ROUTING_RULE_ONLY" and _mapped(tx, visit)):
            door = table.known(API, visit.name)
    if door is None:
        return None
    service = cloud.catalog.load(door.service)
    return Call(cloud, tx, door.service, "", door.account, door.region, service_principal(service.principal, door.account),
                cloud.clock.now(), request, cloud.chance.uuid(), f"{request.scheme}://{request.host}"), visit


def ruled(tx: Transaction, visit: Visit) -> bool:
    """The first rule whose conditions all hold; the visit is led there."""
    for rule in tx.table(Rule, "", "").scan(visit.domain):
        bases = [base for one in rule.conditions for base in (one.get("MatchBasePaths") or {}).get("AnyOf", ())]
        headers = [one["MatchHeaders"]["AnyOf"] for one in rule.conditions if one.get("MatchHeaders")]
        fitting = [base for base in bases if _below(visit.path, base)]
        if (bases and not fitting) or not all(any(_says(visit, one) for one in several) for several in headers):
            continue
        visit.name, visit.stage = rule.api, rule.stage
        if rule.strip and fitting:
            _strip(visit, max(fitting, key=len))
        return True
    return False


def _below(path: str, base: str) -> bool:
    return not base or path == f"/{base}" or path.startswith(f"/{base}/")


def _strip(visit: Visit, base: str) -> None:
    if base:
        visit.prefix, visit.path = f"/{base}", visit.path[len(base) + 1:] or "/"


def _says(visit: Visit, wanted: dict[str, str]) -> bool:
    """Has the request a header that is as a glob says? The asterisk stands at either end."""
    glob, given = wanted["ValueGlob"], visit.request.headers.get(wanted["Header"].lower())
    if given is None:
        return False
    bare = glob.strip("*")
    if glob.startswith("*") and glob.endswith("*"):
        return bare in given
    return given.endswith(bare) if glob.startswith("*") else given.startswith(bare) if glob.endswith("*") else given == glob


def _mapped(tx: Transaction, visit: Visit) -> bool:
    """The mapping with the longest path that the request's begins with; the visit is led there."""
    best: Mapping | None = None
    for row in tx.table(Mapping, "", "").scan(visit.domain):
        if _below(visit.path, row.path) and (best is None or len(row.path) > len(best.path)):
            best = row
    if best is not None:
        visit.name, visit.stage = best.api, best.stage
        _strip(visit, best.path)
    return best is not None


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
