"""The environments of one cloud: who is free, how many may run, when they freeze and when they go."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from ...kernel.work.clock import Clock
from .contract import Deployment, Invocation, Outcome, Throttled
from .environment import Environment, Lost
from .starts import Starts

FREEZE_AFTER = 1.0                    # seconds without an event
END_AFTER = 600.0
_MOST_IDLE = 256
_TICK = 0.5
_RENEW = 60.0                         # environments whose credentials end so soon are not used any more


class Pool:
    """All environments that there are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._free: dict[str, deque[Environment]] = {}           # deployment's ARN → those that wait, the latest last
        self._all: set[Environment] = set()
        self._running: Counter[str] = Counter()                  # function or account → invocations
        self._kept: dict[str, int] = {}                          # deployment's ARN → how many are kept ready
        self._tick: asyncio.TimerHandle | None = None
        self._closed = False
        self.starts = Starts()

    # --- invocations ---

    async def invoke(self, deployment: Deployment, invocation: Invocation, start: Callable[[], Awaitable[Environment]],
                     stream: Callable[[bytes], None] | None = None) -> Outcome:
        """In a free environment, or in one that `start` makes. Raises Throttled."""
        counted = self._admit(deployment)
        try:
            while True:
                environment = self._take(deployment) or await self.make(deployment, start, spare=False)
                try:
                    return await environment.invoke(invocation, stream)
                except Lost:
                    continue
        finally:
            for key in counted:
                self._running[key] -= 1
                if not self._running[key]:
                    del self._running[key]

    def _admit(self, deployment: Deployment) -> tuple[str, ...]:
        """Count an invocation, if there is room for it."""
        own = deployment.concurrency
        if own is not None:
            if self._running[deployment.function] >= own:
                raise Throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
            keys: tuple[str, ...] = (deployment.function,)
        else:
            shared = f"{deployment.account} {deployment.region}"
            if self._running[shared] >= deployment.unreserved:
                raise Throttled("ConcurrentInvocationLimitExceeded")
            keys = (deployment.function, shared)
        self._running.update(keys)
        return keys

    def running(self, function: str) -> int:
        """How many invocations of a function there are."""
        return self._running[function]

    def _take(self, deployment: Deployment) -> Environment | None:
        free = self._free.get(deployment.arn)
        while free:
            environment = free.pop()
            if environment.deployment.revision == deployment.revision and not environment.gone \
                    and environment.expires > self._clock.now() + _RENEW:
                return environment
            environment.end()
        return None

    # --- environments ---

    async def make(self, deployment: Deployment, start: Callable[[], Awaitable[Environment]], spare: bool) -> Environment:
        """A new environment when it is its turn; unless a spare one is wanted, one that became free meanwhile will do."""
        place = await self.starts.enter()
        try:
            environment = None if spare else self._take(deployment)
            if environment is None:
                environment = await start()
        except BaseException:
            place.leave()
            raise
        if environment.begun or environment.gone:
            place.leave()
        else:
            environment.on_begun = place.leave
            place.leave_later()
        return environment

    def keep(self, arn: str, count: int) -> None:
        """So many of a version are not ended for want of work."""
        if count:
            self._kept[arn] = count
        else:
            self._kept.pop(arn, None)

    def there(self, deployment: Deployment) -> list[Environment]:
        """The environments of this very deployment, at work or not. Where its code is a folder, revisions begin alike."""
        return [e for e in self._all if e.deployment.arn == deployment.arn
                and e.deployment.revision.startswith(deployment.revision) and not e.ending]

    def add(self, environment: Environment) -> None:
        """A new one, which has something to do."""
        environment.on_free = self.freed
        environment.on_end = self._ended
        self._all.add(environment)
        if self._tick is None:
            self._tick = self._loop.call_later(_TICK, self._look)

    def freed(self, environment: Environment) -> None:
        """It has nothing to do."""
        if self._closed:
            environment.end()
            return
        environment.idle_since = self._loop.time()
        self._free.setdefault(environment.deployment.arn, deque()).append(environment)

    def _ended(self, environment: Environment) -> None:
        self._all.discard(environment)
        free = self._free.get(environment.deployment.arn)
        if free is not None:
            if environment in free:
                free.remove(environment)
            if not free:
                del self._free[environment.deployment.arn]

    def _look(self) -> None:
        """Twice a second: freeze and end what nobody asked for a while."""
        self._tick = None
        now = self._loop.time()
        idle = [e for free in self._free.values() for e in free]
        for environment in idle:
            if now - environment.idle_since > FREEZE_AFTER:
                environment.freeze()
        idle.sort(key=lambda e: e.idle_since)
        for number, environment in enumerate(idle):
            old = now - environment.idle_since > END_AFTER or number < len(idle) - _MOST_IDLE
            if old and len(self._free[environment.deployment.arn]) > self._kept.get(environment.deployment.arn, 0):
                self._drop(environment)
        if self._all:
            self._tick = self._loop.call_later(_TICK, self._look)

    def _drop(self, environment: Environment) -> None:
        free = self._free.get(environment.deployment.arn)
        if free is not None and environment in free:
            free.remove(environment)
        environment.end()

    def let_go(self, function: str) -> None:
        """A function is gone: none of its environments is kept; those that work finish first."""
        for arn in [arn for arn in self._kept if arn.startswith(function + ":")]:
            del self._kept[arn]
        for environment in [e for free in self._free.values() for e in free if e.deployment.function == function]:
            self._drop(environment)

    def retire(self, wanted: Callable[[Deployment], bool]) -> None:
        """End those that are meant, whatever they do."""
        for environment in list(self._all):
            if wanted(environment.deployment):
                self._drop(environment)

    def status(self) -> dict[str, int]:
        """How many environments there are, and how many of them wait."""
        free = sum(len(free) for free in self._free.values())
        return {"environments": len(self._all), "free": free, "frozen": sum(e.frozen for e in self._all)}

    def close(self) -> None:
        """None is kept any more."""
        self._closed = True
        if self._tick is not None:
            self._tick.cancel()
