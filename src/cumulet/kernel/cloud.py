"""One cloud: its store, its clock, its services, and the port that it answers on."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import msgspec

from . import pipeline
from .access.contract import Principal, service_principal
from .access.sealing import Sealing
from .access.used import LastUse
from .call import Call
from .catalog import Catalog
from .declare import stored, stored_kinds
from .entrance import opening
from .faults.faults import Faults
from .http.message import Handler, Request, Respond, Response
from .http.server import Server, TlsSettings
from .http.tls import Authority
from .record.answers import Answers
from .record.notes import Notes
from .record.recorder import Recorder
from .record.trail import Trail
from .settings import Settings
from .state.shelf import Shelf
from .store import open_store
from .store.contract import Transaction
from .work.aside import Aside
from .work.buckets import Buckets
from .work.bus import Bus
from .work.chance import Chance
from .work.clock import Clock
from .work.jobs import Jobs
from .work.signals import Signals

log = logging.getLogger("cumulet")


@stored(key=("name",), scope="global")
class Setting(msgspec.Struct):
    """What the cloud remembers of itself: where its clock stands."""

    name: str
    value: str


class Driver(Protocol):
    """Real things outside of the process, that services use by `call.driver(Kind)`. Made and used on the event loop."""

    def __init__(self, cloud: Cloud) -> None: ...

    async def forget(self, account: str | None, region: str | None) -> None:
        """The state of everybody, of an account, or of an account's region goes: so does what belongs to it."""

    def status(self) -> dict[str, Any]:
        """What a person may want to know of it."""

    async def close(self) -> None:
        """The cloud stops."""


D = TypeVar("D", bound=Driver)


class Cloud:
    """A running cloud. Start and stop it on an event loop, or in a thread by `CloudThread`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.clock = Clock()
        self.chance = Chance()
        self.signals = Signals(self.clock)
        self.buckets = Buckets()
        self.aside = Aside(self.signals)
        self.recorder = Recorder()
        self.answers = Answers(self)
        self.notes = Notes(self)
        self.trail = Trail(self)
        self.shelf = Shelf(self)
        self.faults = Faults(self)
        self.faces: dict[str, Handler] = {}        # first path segment ("_cumulet") → what answers there
        self.sites: dict[str, Handler] = {}        # host behind its first label ("signin.localhost") → what answers there
        self.drivers: dict[type[Driver], Driver] = {}
        # What the APIs answer to a browser that shows it as a page, and not to a program, goes through here.
        self.shield: Callable[[Request, Respond], Respond] | None = None
        self.endpoint = ""
        self.started_at = 0.0
        self.server: Server | None = None
        self.authority = Authority(self.settings.data)

    async def start(self) -> None:
        """Open the state, listen, and begin to work."""
        loop = asyncio.get_running_loop()
        self.loop = self.recorder.loop = loop
        self.store = open_store(self.settings, loop)
        self.catalog = Catalog(self.store.register)
        self.store.register(stored_kinds("cumulet.kernel"))
        self.sealing = Sealing(self.store)
        try:
            await self.store.run(self.sealing.check)
        except BaseException:
            await self.store.close()
            raise
        self.jobs = Jobs(self)
        self.bus = Bus(self.catalog, self.jobs)
        self.store.listen(self._heard)
        await self.faults.settle()
        await self.trail.know()
        await self._restore_clock()
        settings = self.settings
        self.server = Server(self.handle, [(settings.host, port) for port in settings.ports], sockets=list(settings.sockets),
                             tls=TlsSettings(settings.data) if settings.tls else None)
        await self.server.start()
        host, port = self.server.addresses[0] if self.server.addresses else ("", 0)
        self.endpoint = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::1', '::') else host}:{port}"
        self.started_at = self.clock.wall()
        self.recorder.hook(LastUse(self).told)
        await self.store.run(self.jobs.resume)
        self.jobs.start()

    async def stop(self, grace: float = 5.0) -> None:
        """Finish what runs, answer what waits, close the state."""
        self.signals.release()
        if self.server is not None:
            await self.server.stop(grace)
        await self.jobs.stop()
        for driver in reversed(self.drivers.values()):           # those that others stand upon were made before them
            await driver.close()
        self.recorder.flush()
        await self.settle()
        await self.store.close()

    def _heard(self, channel: str) -> None:
        """Another node signalled."""
        self.signals.wake_all(channel)
        self.faults.heard(channel)
        self.trail.heard(channel)

    def driver(self, kind: type[D]) -> D:
        """The driver of this kind, made when it is first asked for."""
        found = self.drivers.get(kind)
        if found is None:
            found = self.drivers[kind] = kind(self)
        return cast(D, found)

    # --- requests ---

    def handle(self, request: Request, respond: Respond) -> None:
        """The application of the HTTP server."""
        path = request.path
        if path.startswith("/_"):
            face = self.faces.get(path[1:].partition("/")[0])
            if face is not None:
                face(request, respond)
                return
        site = self.sites.get(request.host.partition(".")[2].partition(":")[0])
        if site is not None:
            site(request, respond)
            return
        if not opening.enter(self, request, respond, self.ask):
            self.ask(request, respond)

    def ask(self, request: Request, respond: Respond) -> None:
        """A request for one of the services' APIs."""
        if "origin" in request.headers and request.method == "OPTIONS" and preflight(request, respond):
            return
        if "sec-fetch-dest" in request.headers and self.shield is not None:
            respond = self.shield(request, respond)
        pipeline.Exchange(self, request, respond).begin()

    def respond(self, request: Request, respond: Respond, response: Response) -> None:
        """Send an answer, readable for pages of this machine."""
        if "origin" in request.headers:
            allow_origin(request, response)
        respond(response)

    def peer(self, outer: Call, principal: Principal, source_arn: str, service: str, operation: str) -> Callable[..., Any]:
        """An operation that calls of a call's transaction are made of: see `pipeline.peer`."""
        return pipeline.peer(self, outer, principal, source_arn, service, operation)

    async def reset(self, account: str | None = None, region: str | None = None,
                    last: Callable[[Transaction], None] | None = None) -> None:
        """Forget everything, or one account, or one account's region; `last` puts something in its place."""
        forgetting = self.catalog.forgetting() if account is not None else []

        def first(tx: Transaction) -> None:
            for loaded, what in forgetting:
                assert account is not None
                what.run(Call(self, tx, loaded.service.api, what.name, account, region or "",
                              service_principal(loaded.principal, account), self.clock.now(), request_id="reset",
                              endpoint=self.endpoint))

        await self.jobs.stop()
        await self.settle()                  # else it would be told of after it
        for driver in self.drivers.values():
            await driver.forget(account, region)
        try:
            if self.store.blocking:
                await self.loop.run_in_executor(None, self.store.reset, account, region, first, last)
            else:
                self.store.reset(account, region, first, last)
            self.buckets.forget(account)
        finally:
            await self.trail.know()
            self.jobs.start()

    async def replace(self, work: Callable[[], None]) -> None:
        """Stand still while `work` puts another state in the place of this one; then go on with that one, at its time."""
        await self.jobs.stop()
        await self.settle()                  # else it would be told to the other one
        for driver in self.drivers.values():
            await driver.forget(None, None)
        try:
            if self.store.blocking:
                await self.loop.run_in_executor(None, work)
            else:
                work()
            self.buckets.forget(None)
        finally:
            await self._restore_clock()
            await self.faults.settle()
            await self.trail.know()
            await self.store.run(self.jobs.resume)
            self.jobs.start()
            self.signals.wake_everybody()

    async def settle(self) -> None:
        """Write what was told of calls in memory: the state holds all that was done before."""
        await self.answers.settle()
        await self.notes.settle()
        await self.trail.settle()

    # --- time ---

    async def move_clock(self, target: float) -> None:
        """Make it `target`. Timers that are due on the way fire in order, each at its own moment."""
        await self.settle()
        await self.jobs.move(target)
        await self.save_clock()

    async def save_clock(self) -> None:
        now = self.clock.now()
        value = f"{self.clock.offset!r} {now!r}" if self.clock.frozen else f"{self.clock.offset!r}"
        await self.store.run(lambda tx: tx.table(Setting, "", "").put(Setting("clock", value)))

    async def _restore_clock(self) -> None:
        row = await self.store.run(lambda tx: tx.table(Setting, "", "").get("clock"))
        if row is not None:
            offset, _, frozen = row.value.partition(" ")
            self.clock.restore(float(offset), float(frozen) if frozen else None)
        else:
            self.clock.restore(0.0, None)


def preflight(request: Request, respond: Respond) -> bool:
    """Answer a browser's question before it calls an API; buckets have rules of their own, so S3's are passed on."""
    asked = request.headers.get("access-control-request-headers", "")
    if "x-amz-target" not in asked.lower() and "amz-sdk" not in asked.lower():
        return False
    response = Response(204, [("Access-Control-Allow-Methods", "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS"),
                              ("Access-Control-Allow-Headers", asked), ("Access-Control-Max-Age", "600")])
    allow_origin(request, response)
    respond(response)
    return True


def allow_origin(request: Request, response: Response) -> None:
    """Pages served from this machine may read answers; no others."""
    origin = request.headers["origin"]
    host = origin.partition("://")[2].partition(":")[0]
    if host in ("localhost", "127.0.0.1") or host.endswith((".localhost", ".localhost.localstack.cloud")):
        response.headers += [("Access-Control-Allow-Origin", origin), ("Vary", "Origin"),
                             ("Access-Control-Expose-Headers",
                              "*, ETag, x-amz-request-id, x-amzn-RequestId, x-amz-version-id")]


class CloudThread:
    """A cloud in a thread of this process: for tests. `call(coroutine)` runs something on its loop."""

    def __init__(self, settings: Settings, prepare: Callable[[Cloud], None] | None = None) -> None:
        self.cloud = Cloud(settings)
        self._prepare = prepare
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._main, name="cumulet", daemon=True)

    def start(self) -> CloudThread:
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem
        return self

    def call(self, work: Any, timeout: float = 60.0) -> Any:
        """Run a coroutine on the cloud's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.cloud.loop).result(timeout)

    def stop(self) -> None:
        if self._stop is not None and self._thread.is_alive():
            self.cloud.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(15)

    def _main(self) -> None:
        run(self._run())

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        try:
            if self._prepare is not None:
                self._prepare(self.cloud)
            await self.cloud.start()
        except BaseException as problem:
            self._problem = problem
            self._stop = None
            self._ready.set()
            return
        self._ready.set()
        await self._stop.wait()
        await self.cloud.stop(grace=1.0)


def run(main: Any) -> Any:
    """Run a coroutine on the fastest loop there is."""
    if sys.platform != "win32":
        import uvloop

        return uvloop.run(main)
    return asyncio.run(main)
