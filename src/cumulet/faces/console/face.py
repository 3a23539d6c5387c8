"""What answers at `/_console/`: the page's files to anybody, its API to those who are signed in (docs/console.md)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from ...kernel.access import body as bodies
from ...kernel.access.contract import Identity
from ...kernel.cloud import Cloud
from ...kernel.errors import AwsError
from ...kernel.http.message import Request, Respond, Response
from .. import coverage
from . import guard, objects, packages, peek, resources
from .calling import Caller
from .guard import TOKEN
from .sessions import Refused, Sessions, Who
from .site import Site
from .specs import Specs

log = logging.getLogger("cumulet.console")

MAX_BODY = 24 * 1_048_576        # of a call: a function's package in base64
_API = "/_console/api/"
REGION = "x-cumulet-region"
_OBJECT = "object/"
_CONTROL = "control/"
_SPEC = "spec/"


class Console:
    """The face. Each request of the API runs as a task."""

    def __init__(self, cloud: Cloud, site: Site | None = None) -> None:
        self.cloud = cloud
        self._site = site or Site()
        self._sessions = Sessions(cloud)
        self._caller = Caller(cloud)
        self._specs: Specs | None = None
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, request: Request, respond: Respond) -> None:
        if request.path == "/_console":
            respond(Response(307, [("Location", "/_console/")]))
        elif not request.path.startswith(_API):
            respond(self._site.answer(request, request.path.removeprefix("/_console/")))
        else:
            task = asyncio.get_running_loop().create_task(self._answer(request, respond))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _answer(self, request: Request, respond: Respond) -> None:
        path = request.path.removeprefix(_API)
        try:
            if refused := guard.refusal(request, self.cloud.settings.host):
                respond(_json({"error": refused}, 403))
                return
            if request.stream is not None and not path.startswith((_OBJECT, _CONTROL)):
                request.body, request.stream = await bodies.read(request, MAX_BODY), None
            await self._route(request, respond, path)
        except Refused as problem:
            respond(_json({"error": str(problem), "asks": problem.code}, 401))
        except (ConnectionError, asyncio.CancelledError):
            return                                     # nobody is there to be answered
        except AwsError as problem:
            respond(_json({"error": problem.message}, problem.status or 400))
        except (ValueError, TypeError, KeyError) as problem:
            respond(_json({"error": f"bad request: {problem}"}, 400))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            respond(_json({"error": "An internal error occurred."}, 500))

    async def _route(self, request: Request, respond: Respond, path: str) -> None:
        if found := OPEN.get((request.method, path)):
            respond(await found(self, request))
            return
        who = await self._sessions.who(request.headers.get(TOKEN, ""))
        if who is None:
            respond(_json({"error": "Sign in first.", "asks": "sign-in"}, 401))
        elif path.startswith(_CONTROL):
            respond(await self._control(request, path.removeprefix(_CONTROL), who))
        elif path.startswith(_OBJECT) and request.method in ("GET", "HEAD", "PUT"):
            identity = Identity(who.principal, request.headers.get(REGION) or self.cloud.settings.region)
            respond(await objects.carried(self.cloud, identity, request, path.removeprefix(_OBJECT)))
        elif path.startswith(_SPEC) and request.method == "GET":
            spec = await asyncio.to_thread(self.specs.spec, path.removeprefix(_SPEC))
            respond(spec or _json({"error": "AWS has no service of this name."}, 404))
        elif route := ROUTES.get((request.method, path)):
            respond(await route(self, request, who))
        else:
            respond(_json({"error": f"no {request.method} {request.path}"}, 404))

    async def _control(self, request: Request, rest: str, who: Who) -> Response:
        """The control API, for the page: what `/_cumulet/…` answers."""
        inner = Request(request.method, f"/_cumulet/{rest}" + (f"?{request.query}" if request.query else ""), request.headers,
                        request.body, request.stream, request.scheme, request.client)
        face = self.cloud.faces.get("_cumulet")
        if face is None:
            raise ValueError("this server has no control API")
        answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        face(inner, answered.set_result)
        response: Response = await answered
        if request.method == "POST":
            await self._sessions.stay(who)
        return response

    # --- who ---

    async def roots(self, _: Request) -> Response:
        return _json(self._sessions.roots())

    async def sign_in(self, request: Request) -> Response:
        """{"account"} or {"account", "username", "password", "mfacode", "newpassword", "newpassword2"}"""
        asked = {name: str(value) for name, value in _body(request).items()}
        return await self._told_of(await self._sessions.begin(request, asked))

    async def me(self, _: Request, who: Who) -> Response:
        return _json({**who.told(), "settings": self._settings()})

    async def switch(self, request: Request, who: Who) -> Response:
        """{"role": ARN}: a token of the role's."""
        return await self._told_of(await self._sessions.switch(who, str(_body(request)["role"])))

    async def sign_out(self, request: Request, _: Who) -> Response:
        await self._sessions.end(request.headers[TOKEN])
        return _json({})

    async def _told_of(self, token: str) -> Response:
        who = await self._sessions.who(token)
        if who is None:
            raise Refused("The session ended as soon as it began.")
        return _json({"token": token, **who.told(), "settings": self._settings()})

    def _settings(self) -> dict[str, Any]:
        settings = self.cloud.settings
        return {"region": settings.region, "iam": settings.iam, "auth": settings.auth, "account": settings.account}

    # --- calls ---

    async def invoke(self, request: Request, who: Who) -> Response:
        """{"service", "operation", "params", "region"}: done as whoever is signed in."""
        asked = _body(request)
        region, params = str(asked.get("region") or self.cloud.settings.region), asked.get("params", {})
        if not isinstance(params, dict):
            raise ValueError("params is no JSON object")
        service, operation = str(asked["service"]), str(asked["operation"])
        return _json(await self._caller.invoke(who.principal, service, operation, params, region, request))

    async def presign(self, request: Request, who: Who) -> Response:
        asked = _body(request)
        credentials = await self._sessions.credentials(who)
        region = str(asked.get("region") or self.cloud.settings.region)
        return _json({"url": await asyncio.to_thread(objects.link, request, credentials, region, asked)})

    async def peek(self, request: Request, who: Who) -> Response:
        """{"queue": URL, "region"}: what is in it."""
        asked = _body(request)
        url, region = str(asked["queue"]), str(asked.get("region") or self.cloud.settings.region)
        found = await self.cloud.store.run(lambda tx: peek.messages(self.cloud, tx, who.principal, url, region))
        return _json({"messages": found})

    async def code(self, request: Request, who: Who) -> Response:
        """{"function", "qualifier", "region"}: the texts of its package."""
        return _json(await asyncio.to_thread(packages.told, await self._package(_body(request), who)))

    async def package(self, request: Request, who: Who) -> Response:
        """{"files": {name: text}, "function", "region"}: a package; of a function that is named, all but texts is kept."""
        asked = _body(request)
        before = await self._package(asked, who) if asked.get("function") else b""
        files = {str(name): str(text) for name, text in asked["files"].items()}
        return _json(await asyncio.to_thread(packages.made, files, before))

    async def _package(self, asked: dict[str, Any], who: Who) -> bytes:
        function, qualifier = str(asked["function"]), str(asked.get("qualifier") or "")
        region = str(asked.get("region") or self.cloud.settings.region)
        return await self.cloud.store.run(
            lambda tx: packages.read(self.cloud, tx, who.principal, region, function, qualifier))

    # --- what there is ---

    @property
    def specs(self) -> Specs:
        if self._specs is None:
            self._specs = Specs(self.cloud.catalog)
        return self._specs

    async def services(self, _: Request, __: Who) -> Response:
        return await asyncio.to_thread(self.specs.services)

    async def search(self, request: Request, who: Who) -> Response:
        """?q=TEXT, in the region of the header x-cumulet-region."""
        region = request.headers.get(REGION) or self.cloud.settings.region
        text = parse_qs(request.query).get("q", [""])[0]
        return _json({"resources": await resources.found(self.cloud, who, region, text)})

    async def coverage(self, _: Request, __: Who) -> Response:
        """Each service's counts, without its operations."""
        found = await asyncio.to_thread(coverage.measure)
        return _json({"services": {name: {k: v for k, v in told.items() if k not in ("operations", "missing")}
                                   for name, told in found.items()}})

    async def labs(self, _: Request, __: Who) -> Response:
        from . import labs  # here, so that a start pays nothing for them

        return _json({"labs": await asyncio.to_thread(labs.listed)})

    async def lab(self, request: Request, who: Who) -> Response:
        """Of /lab/begin, /lab/check, /lab/solve and /lab/end: see labs.py."""
        from . import labs

        verb = request.path.rpartition("/")[2]
        found = await asyncio.to_thread(labs.done, verb, _body(request), self.cloud.endpoint)
        await self._sessions.stay(who)             # labs move the clock
        return _json(found)


def mount(cloud: Cloud) -> None:
    """Put the console on a cloud."""
    cloud.faces["_console"] = Console(cloud)
    cloud.shield = lambda request, respond: guard.shielded(request, respond, cloud.settings.host)


# Without a session:
OPEN: dict[tuple[str, str], Callable[[Console, Request], Awaitable[Response]]] = {
    ("GET", "roots"): Console.roots,
    ("POST", "sign-in"): Console.sign_in,
}
ROUTES: dict[tuple[str, str], Callable[[Console, Request, Who], Awaitable[Response]]] = {
    ("GET", "me"): Console.me,
    ("POST", "switch"): Console.switch,
    ("POST", "sign-out"): Console.sign_out,
    ("POST", "invoke"): Console.invoke,
    ("POST", "presign"): Console.presign,
    ("POST", "peek"): Console.peek,
    ("POST", "function/code"): Console.code,
    ("POST", "function/package"): Console.package,
    ("GET", "services"): Console.services,
    ("GET", "search"): Console.search,
    ("GET", "coverage"): Console.coverage,
    ("GET", "labs"): Console.labs,
    **{("POST", f"lab/{verb}"): Console.lab for verb in ("begin", "check", "solve", "end")},
}


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], orjson.dumps(value))


def _body(request: Request) -> dict[str, Any]:
    """The JSON object that came."""
    value = orjson.loads(request.body) if request.body else {}
    if not isinstance(value, dict):
        raise ValueError("the body is no JSON object")
    return value
