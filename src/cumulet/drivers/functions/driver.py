"""Functions: the driver. Gives events to environments, makes those that are missing, and hands on what they write."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from ...kernel.cloud import Cloud
from ...kernel.http.message import Request, Respond
from ..sandbox.contract import Mount, SandboxProblem, Spec
from ..sandbox.driver import Sandboxes
from ..sandbox.unit import SandboxUnit
from . import folders, variables
from .code import CodeFolders
from .contract import Deployment, Invocation, LogSink, Outcome, Prepare, Prepared, RuntimeProblem, Written
from .doors import Answer, visit
from .environment import Environment
from .gate import FIRST, MOST, Gate
from .logs import Log
from .peak import Peak
from .pool import Pool
from .reports import Reports
from .runtime_api import Connection
from .runtimes import Runtime, Runtimes

API_PORT = 9001
_FLUSH = 0.25                         # seconds until what was written is handed on: a transaction for many events


class Functions:
    """All functions of one cloud. Use it on the event loop only."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._sandboxes = cloud.driver(Sandboxes)
        self.code = CodeFolders(os.path.join(cloud.store.folder, "functions"))
        self._runtimes = Runtimes(self.code.folder)
        self._pool = Pool(cloud.clock)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._gates: dict[str, Gate] = {}
        self._named: dict[str, asyncio.Task[Any]] = {}
        self._dirty: set[Log] = set()                    # those with lines that nobody took yet
        self.sink: LogSink | None = None
        self.counted: dict[Any, Any] = {}                # what the service counted and did not write yet

    async def invoke(self, deployment: Deployment, invocation: Invocation, prepare: Prepare,
                     stream: Callable[[bytes], None] | None = None) -> Outcome:
        """What comes of an event. Raises Throttled, and RuntimeProblem where the function cannot run on this machine."""
        if deployment.folder:
            deployment = await self._as_it_is(deployment)
        return await self._pool.invoke(deployment, invocation, lambda: self._start(deployment, prepare), stream)

    async def keep(self, deployment: Deployment, count: int, prepare: Prepare) -> None:
        """Keep so many environments ready, making those that are missing."""
        if deployment.folder:
            deployment = await self._as_it_is(deployment)
        self._pool.keep(deployment.arn, count)
        for _ in range(count - len(self._pool.there(deployment))):
            await self._pool.make(deployment, lambda: self._start(deployment, prepare, "provisioned-concurrency"), spare=True)

    async def _as_it_is(self, deployment: Deployment) -> Deployment:
        """The revision that its folder holds now: environments of another one are not used any more."""
        try:
            folder = folders.allowed(self._cloud.settings.hot_reload, deployment.folder)
            return deployment._replace(
                folder=folder, revision=deployment.revision + await asyncio.to_thread(folders.fingerprint, folder))
        except (OSError, ValueError) as problem:
            raise RuntimeProblem(str(problem)) from problem

    def ready(self, deployment: Deployment) -> int:
        """How many environments of a deployment have begun."""
        return sum(environment.begun for environment in self._pool.there(deployment))

    def running(self, deployment: Deployment) -> int:
        """How many events its function works on."""
        return self._pool.running(deployment.function)

    def let_go(self, function: str) -> None:
        """A function is gone: what waits for its events ends."""
        self._pool.let_go(function)
        self._gates.pop(function, None)

    def gate(self, function: str) -> Gate:
        """What asynchronous events of a function go through."""
        return self._gates.get(function) or self._gates.setdefault(function, self.new_gate(FIRST, MOST))

    def new_gate(self, first: int, most: int) -> Gate:
        """One that keeps events waiting while as many environments begin as the machine can work on."""
        return Gate(first, most, self._pool.starts.crowded)

    def request_id(self) -> str:
        """A new one, for an event that no client sent."""
        return self._cloud.chance.uuid()

    def only(self, name: str, work: Callable[[], Coroutine[Any, Any, None]], again: bool = False) -> None:
        """Run something beside, unless what was begun under this name still runs; again: then once more after it."""
        self._named = {known: task for known, task in self._named.items() if not task.done()}
        if name not in self._named:
            self._named[name] = self.spawn(work())
        elif again:
            self._named[name] = self.spawn(self._after(self._named[name], work))

    @staticmethod
    async def _after(before: asyncio.Task[Any], work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await asyncio.wait({before})
        await work()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something beside; it ends with the cloud."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def open_door(self, host: str, answer: Answer) -> None:
        """Let a service answer what comes for the hosts below this one (`lambda-url.us-east-1.localhost`)."""
        self._cloud.sites[host] = lambda request, respond: self._visit(answer, request, respond)

    def _visit(self, answer: Answer, request: Request, respond: Respond) -> None:
        self.spawn(visit(self._cloud, answer, request, respond))

    async def forget(self, account: str | None, region: str | None) -> None:
        """Environments of whose state goes."""
        self._pool.retire(lambda d: account in (None, d.account) and region in (None, "", d.region))

    def status(self) -> dict[str, Any]:
        return self._pool.status()

    async def close(self) -> None:
        self._pool.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._sandboxes.close()                    # all environments end at once; what they wrote last is kept
        await self.flush()

    # --- new environments ---

    async def _start(self, deployment: Deployment, prepare: Prepare, kind: str = "on-demand") -> Environment:
        runtime = await self._runtimes.find(deployment.runtime)
        prepared = await prepare()
        caps = await self._sandboxes.probe()
        mounts = [Mount(deployment.folder or prepared.code, "/var/task"), *runtime.mounts]
        if prepared.layers:
            mounts.append(Mount(prepared.layers, "/opt"))
        port = int(self._cloud.endpoint.rpartition(":")[2] or 0)
        try:
            unit = await self._sandboxes.create(Spec(
                caps.kind, "169-254-1-1", self._sandboxes.user(), tuple(mounts), tmp_mb=deployment.tmp_mb,
                memory_mb=deployment.memory_mb, listen=(API_PORT, port) if port else (API_PORT,)))
            return await self._begin(deployment, runtime, prepared, unit, kind)
        except (SandboxProblem, OSError) as problem:     # as when all descriptors are taken
            raise RuntimeProblem(f"No sandbox could be made: {problem}") from problem

    async def _begin(self, deployment: Deployment, runtime: Runtime, prepared: Prepared, unit: SandboxUnit,
                     kind: str) -> Environment:
        log = Log(deployment, self._cloud.clock, self._cloud.chance, Peak(unit).mb, self._wrote)
        environment = Environment(deployment, unit, log, Reports(unit, log, kind), self._cloud.clock)
        environment.expires = prepared.expires
        self._pool.add(environment)
        loop = asyncio.get_running_loop()
        servers: list[Any] = [await loop.create_server(lambda: Connection(environment), sock=unit.sockets[0])]
        api = unit.sockets[0].getsockname()
        endpoint = ""
        if len(unit.sockets) > 1 and self._cloud.server is not None:
            servers.append(await self._cloud.server.adopt(unit.sockets[1]))
            endpoint = f"http://127.0.0.1:{unit.sockets[1].getsockname()[1]}"
        env = variables.of(deployment, prepared, runtime, unit, log.stream, f"127.0.0.1:{api[1]}", endpoint)
        env["AWS_LAMBDA_INITIALIZATION_TYPE"] = kind
        await environment.start(runtime.command(unit.inside, deployment.memory_mb), env, unit.inside("/var/task"), servers)
        return environment

    # --- logs ---

    def _wrote(self, log: Log) -> None:
        if not self._dirty:
            asyncio.get_running_loop().call_later(_FLUSH, lambda: self.spawn(self.flush()))
        self._dirty.add(log)

    async def flush(self) -> None:
        """Hand on what was written since."""
        dirty, self._dirty = self._dirty, set()
        written: list[Written] = []
        for log in dirty:
            written.append((log.deployment, log.stream, log.lines))
            log.lines = []
        if written and self.sink is not None:
            await self.sink(written)
