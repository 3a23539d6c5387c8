"""The control API: `/_cumulet/…` for people and tools, `/_localstack/…` for scripts that were written for LocalStack."""

from __future__ import annotations

import asyncio
import os
import platform
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from .. import __version__
from ..kernel.access import modes
from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Respond, Response
from ..kernel.record.recorder import as_json
from ..kernel.store.schema import SchemaProblem
from ..kernel.store.snapshot import SnapshotProblem
from . import approvals, certificates, described, explaining, faults, mailbox, names, states, suggesting, tokens
from .console import commands

Answer = dict[str, Any] | Response
Route = Callable[["Control", Request], Awaitable[Answer]]
MAX_BODY = 65_536
_FOR_ALL = frozenset({"/_cumulet/health", "/_localstack/health", "/_localstack/info"})    # probes ask by any name


class Control:
    """Answers below the first path segments that `mount` gives it."""

    def __init__(self, cloud: Cloud, stop: Callable[[], None] | None = None) -> None:
        self.cloud = cloud
        self.stop = stop                                   # ends the server's process, where there is one
        self.init: dict[str, Any] = {"completed": {"BOOT": False, "START": False, "READY": False, "SHUTDOWN": False},
                                     "scripts": []}
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, request: Request, respond: Respond) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(request, respond))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, request: Request, respond: Respond) -> None:
        try:
            route = ROUTES.get((request.method, request.path.rstrip("/")))
            if route is None:
                respond(_json({"error": f"no {request.method} {request.path}"}, 404))
            elif request.path not in _FOR_ALL and not names.is_private(request.host, self.cloud.settings.host):
                respond(_json({"error": f"{request.host}: this answers to localhost, addresses and private names only"}, 403))
            elif request.method != "GET" and not _local_origin(request):
                respond(_json({"error": "pages of other origins may not change this cloud"}, 403))
            else:
                found = await route(self, request)
                respond(found if isinstance(found, Response) else _json(found))
        except (SnapshotProblem, SchemaProblem) as problem:
            respond(_json({"error": str(problem)}, 400))
        except (ValueError, TypeError, KeyError) as problem:
            respond(_json({"error": f"bad request: {problem}"}, 400))
        except Exception as problem:
            respond(_json({"error": repr(problem)}, 500))

    # --- routes ---

    async def health(self, _: Request) -> Answer:
        return {"status": "ready", "version": __version__}

    async def description(self, _: Request) -> Answer:
        """All of these routes, in OpenAPI."""
        return described.described()

    async def status(self, _: Request) -> Answer:
        cloud, settings = self.cloud, self.cloud.settings
        return {
            "version": __version__, "pid": os.getpid(), "endpoint": cloud.endpoint, "python": platform.python_version(),
            "uptime": cloud.clock.wall() - cloud.started_at, "memory_mb": round(memory_mb(), 1),
            "iam": settings.iam, "auth": settings.auth, "account": settings.account, "region": settings.region,
            "store": "postgres" if cloud.store.blocking else "sqlite", "ephemeral": settings.ephemeral,
            "data": "" if settings.ephemeral else settings.data, "speed": settings.speed,
            "calls": cloud.recorder.total, "denied": cloud.recorder.denied, "time": self._time(),
            "drivers": {kind.__name__.lower(): driver.status() for kind, driver in cloud.drivers.items()},
            "services": {name: "running" if name in cloud.catalog.loaded else "available" for name in cloud.catalog.apis},
        }

    async def time(self, _: Request) -> Answer:
        return self._time()

    async def move(self, request: Request) -> Answer:
        """{"advance": seconds} | {"to": epoch seconds} | {"freeze": true} | {"thaw": true} | {"reset": true}"""
        asked = _body(request)
        clock = self.cloud.clock
        if "advance" in asked:
            await self.cloud.move_clock(clock.now() + float(asked["advance"]))
        elif "to" in asked:
            await self.cloud.move_clock(float(asked["to"]))
        elif asked.get("freeze"):
            clock.freeze()
        elif asked.get("thaw"):
            clock.thaw()
        elif asked.get("reset"):
            clock.thaw()
            clock.set(clock.wall())
        else:
            raise ValueError("say advance, to, freeze, thaw or reset")
        await self.cloud.save_clock()
        return self._time()

    async def reset(self, request: Request) -> Answer:
        """{"account": "…", "region": "…"}: all of it without them."""
        asked = _body(request)
        await self.cloud.reset(asked.get("account"), asked.get("region"))
        return {"reset": True}

    async def calls(self, request: Request) -> Answer:
        """?limit=N (the newest last), ?follow=1 for JSON lines without end, ?service=, ?errors=1."""
        asked = parse_qs(request.query)
        if asked.get("follow"):
            return Response(200, [("Content-Type", "application/x-ndjson")], self._follow())
        limit = int(asked.get("limit", ["100"])[0])
        service = asked.get("service", [""])[0]
        entries = [e for e in self.cloud.recorder.ring
                   if (not service or e.service == service) and (not asked.get("errors") or e.status >= 400)]
        return {"calls": [as_json(e) for e in entries[-limit:]], "total": self.cloud.recorder.total}

    async def one_call(self, request: Request) -> Answer:
        """?id=ID or last: a call, what it asked and was answered if that is kept, the CLI's line for it, what it caused."""
        asked = parse_qs(request.query).get("id", ["last"])[0]
        recorder = self.cloud.recorder
        call = recorder.find(asked) if asked != "last" else recorder.ring[-1] if recorder.ring else None
        if call is None:
            raise ValueError(f"no call {asked} is among the last {len(recorder.ring)}")
        payload = recorder.payloads.told(call.id) or {"request": None, "response": None}
        caused = [as_json(each) for each in recorder.ring if each.cause == call.id]
        asks = payload["request"]
        line = "" if asks is None else commands.line(call.service, call.operation, asks, call.region)
        return {"call": as_json(call), "caused": caused, "cli": line, **payload}

    async def _follow(self) -> AsyncIterator[bytes]:
        async for entry in self.cloud.recorder.follow():
            yield orjson.dumps(as_json(entry)) + b"\n"

    async def modes(self, _: Request) -> Answer:
        """What decisions do: the server's mode, and those of accounts and roles."""
        cloud = self.cloud
        others = await cloud.store.run(lambda tx: modes.all_of(tx, cloud.settings))
        return {"mode": cloud.settings.iam, "others": others}

    async def change_mode(self, request: Request) -> Answer:
        """{"subject": account or ARN of a role or user, "mode": "off" | "audit" | "enforce" | null}"""
        asked = _body(request)
        await self.cloud.store.run(lambda tx: modes.change(tx, str(asked["subject"]), asked["mode"]))
        return await self.modes(request)

    async def explain(self, request: Request) -> Answer:
        """?request=ID or last, or ?principal=&action=&resource=&context.<key>=: why that is allowed or refused."""
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        return await explaining.told(self.cloud, asked)

    async def explain_and_change(self, request: Request) -> Answer:
        """The same as a JSON object; then the change that lets it pass is made."""
        asked = {name: str(value) for name, value in _body(request).items()}
        return await explaining.told(self.cloud, asked, change=True)

    async def suggest(self, request: Request) -> Answer:
        """?principal=ARN&since=SECONDS: a policy that allows what a user or role was seen to do."""
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        return suggesting.told(self.cloud, asked)

    async def mail(self, request: Request) -> Answer:
        """What was sent to people: see faces/mailbox.py."""
        return await mailbox.told(self.cloud, request)

    async def phone(self, request: Request) -> Answer:
        """Somebody answers a text: see faces/mailbox.py."""
        return await mailbox.phone(self.cloud, _body(request))

    async def clear_mail(self, request: Request) -> Answer:
        """{"account": "…"}: all of it without."""
        return await mailbox.cleared(self.cloud, str(_body(request).get("account") or ""))

    async def dead(self, _: Request) -> Answer:
        """Tasks and timers that gave up."""
        return {"dead": [{"id": j.id, "service": j.service, "what": j.what, "attempts": j.attempts, "error": j.error}
                         for j in await self.cloud.jobs.dead()]}

    async def end(self, _: Request) -> Answer:
        if self.stop is None:
            raise ValueError("this server runs inside another program")
        asyncio.get_running_loop().call_later(0.05, self.stop)
        return {"stopping": True}

    async def localstack_health(self, _: Request) -> Answer:
        services = {name: "running" if name in self.cloud.catalog.loaded else "available" for name in self.cloud.catalog.apis}
        return {"services": services, "edition": "cumulet", "version": __version__}

    async def localstack_info(self, _: Request) -> Answer:
        return {"version": __version__, "edition": "cumulet", "is_license_activated": False, "session_id": str(os.getpid()),
                "machine_id": platform.node(), "system": platform.system().lower(), "is_docker": False,
                "server_time_utc": int(self.cloud.clock.wall()),
                "uptime": int(self.cloud.clock.wall() - self.cloud.started_at)}

    async def localstack_init(self, _: Request) -> Answer:
        return self.init

    def _time(self) -> dict[str, Any]:
        clock = self.cloud.clock
        return {"now": clock.now(), "offset": clock.offset, "frozen": clock.frozen}


def mount(cloud: Cloud, stop: Callable[[], None] | None = None) -> Control:
    """Put the control API on a cloud."""
    control = Control(cloud, stop)
    cloud.faces["_cumulet"] = control
    cloud.faces["_localstack"] = control
    certificates.mount(cloud)
    tokens.mount(cloud)
    approvals.mount(cloud)
    return control


def _of_cloud(answer: Callable[[Cloud, Request], Awaitable[Answer]]) -> Route:
    """A route of another file, which needs no more than the cloud."""
    return lambda control, request: answer(control.cloud, request)


ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/_cumulet/health"): Control.health,
    ("GET", "/_cumulet/openapi.json"): Control.description,
    ("GET", "/_cumulet/status"): Control.status,
    ("GET", "/_cumulet/time"): Control.time,
    ("POST", "/_cumulet/time"): Control.move,
    ("POST", "/_cumulet/reset"): Control.reset,
    ("GET", "/_cumulet/calls"): Control.calls,
    ("GET", "/_cumulet/call"): Control.one_call,
    ("GET", "/_cumulet/dead"): Control.dead,
    ("GET", "/_cumulet/explain"): Control.explain,
    ("POST", "/_cumulet/explain"): Control.explain_and_change,
    ("GET", "/_cumulet/iam"): Control.modes,
    ("GET", "/_cumulet/iam/suggest"): Control.suggest,
    ("POST", "/_cumulet/iam"): Control.change_mode,
    ("GET", "/_cumulet/mail"): Control.mail,
    ("POST", "/_cumulet/mail/clear"): Control.clear_mail,
    ("POST", "/_cumulet/phone"): Control.phone,
    ("POST", "/_cumulet/stop"): Control.end,
    ("GET", "/_localstack/health"): Control.localstack_health,
    ("GET", "/_localstack/info"): Control.localstack_info,
    ("GET", "/_localstack/init"): Control.localstack_init,
    ("POST", "/_localstack/state/reset"): Control.reset,
    **{asked: _of_cloud(answer) for asked, answer in (states.ROUTES | faults.ROUTES).items()},
}


def memory_mb() -> float:
    """Resident memory of this process."""
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[1]) * resource.getpagesize() / 1_048_576
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1_048_576 if sys.platform == "darwin" else peak / 1024


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, [("Content-Type", "application/json")], orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _body(request: Request) -> dict[str, Any]:
    if len(request.body) > MAX_BODY:
        raise ValueError("the body is too large")
    value = orjson.loads(request.body) if request.body else {}
    if not isinstance(value, dict):
        raise ValueError("the body is no JSON object")
    return value


def _local_origin(request: Request) -> bool:
    """No Origin (a program), or a page that this server or this machine served."""
    origin = request.headers.get("origin")
    if origin is None:
        return True
    host = origin.partition("://")[2]
    return host == request.host or names.name_of(host) in ("localhost", "127.0.0.1")
