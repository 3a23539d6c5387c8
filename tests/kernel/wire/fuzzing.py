"""A fast fuzzer of all that reads a request: damaged requests of every protocol go the way that a request goes, up to the
operation: HTTP reader, router, identity, bodies, parsers, event streams; and errors go back through their writers.

An input is known by its seed and number: `python tests/kernel/wire/fuzzing.py 1 4711` shows it and runs it alone.
"""

from __future__ import annotations

import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Coroutine
from contextlib import contextmanager
from types import FrameType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from botocore_side import SERVICES
from damage import COMMON, Damager, corpus

from cumulet.kernel import wire
from cumulet.kernel.access import body as bodies
from cumulet.kernel.access import chunked, credentials
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.access.credentials import Credentials
from cumulet.kernel.access.identify import identify, read_header
from cumulet.kernel.access.organization import _Memory
from cumulet.kernel.errors import AwsError
from cumulet.kernel.http import head
from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import Request, Response
from cumulet.kernel.http.reader import SLICE, Refused, RequestReader
from cumulet.kernel.http.stream import Stream
from cumulet.kernel.pipeline import inflated
from cumulet.kernel.store.blobs import Spool

REFUSALS = {0, 400, 405, 431, 501, 505}
SECONDS = 2.0                          # of CPU that one input may take
NOW = 1_767_225_600.0                  # 2026-01-01, the date of the corpus's signatures


# A transaction over a state in which nothing was ever written, as far as identifying looks.
UNWRITTEN: Any = SimpleNamespace(store=SimpleNamespace(blocking=False, memory={"organization": _Memory(None, False, {})}))


class Slow(Exception):
    """An input took too long."""


class Source:
    """The connection as a reader sees it."""

    def __init__(self) -> None:
        self.came: list[Request] = []
        self.reader = RequestReader(self, self.came.append, Limits(), "http")

    def proceed(self) -> None:
        self.reader.expects = False

    def wanted(self, stream: Stream) -> None: ...
    def full(self) -> None: ...
    def room(self, stream: Stream) -> None: ...


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """A coroutine that has nothing to wait for: all bytes are there."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits")


class Way:
    """The way of a request, without a store and without operations. `told` counts what became of the inputs."""

    def __init__(self) -> None:
        settings = SimpleNamespace(auth="lenient", account="000000000000")
        self.cloud: Any = SimpleNamespace(settings=settings, clock=SimpleNamespace(wall=lambda: NOW, now=lambda: NOW))
        self.told: Counter[str] = Counter()

    @contextmanager
    def known_keys(self) -> Any:
        """Keys of twenty characters have a secret, so that their signatures are computed."""
        def find(cloud: Any, tx: Any, key: str, *_: Any) -> Credentials:
            return Credentials(root_of("000000000000", key), "secret" if len(key) == 20 else "")
        with patch.object(credentials, "find", find):
            yield

    def go(self, data: bytes) -> None:
        """The bytes of one connection. Raises when something is wrong with us."""
        source = Source()
        try:
            size = SLICE if len(data) % 4 else 1 + len(data) // 3           # how it is cut into packets
            for at in range(0, len(data), size):
                source.reader.feed(data[at:at + size])
        except Refused as refused:
            refusal = refused.status
            self.told[f"refused {refused.status}"] += 1
        else:
            refusal = 0
        assert refusal in REFUSALS, refusal
        if source.reader.stream is not None:
            source.reader.stream.fail("gone")            # the client vanished in the middle
        if not source.came:
            self.told["no request"] += 1
        for request in source.came:
            self.told[self.request(request)] += 1

    def request(self, request: Request) -> str:
        op = None
        try:
            try:
                route = wire.route(request)
            except wire.BodyNeeded:                      # a large form: received, then routed
                request.body, request.stream = run(bodies.read(request, 1 << 24)), None
                route = wire.route(request)
            op = route.op
            members = op.parse(request, route.labels, self.body(request, route))
            if op.events_in:
                run(drained(members[op.events_in]))
            assert isinstance(members, dict)
        except AwsError as problem:
            response = op.error(problem, request, "r") if op is not None else wire.failure(request, problem, "r")
            self.answer(request, response)
            return f"{response.status}"
        except ConnectionResetError:
            return "vanished"
        return f"parsed {op.protocol}"

    def body(self, request: Request, route: Any) -> Any:
        """As the pipeline reads it."""
        identify(self.cloud, UNWRITTEN, request, route)
        op = route.op
        if op.events_in:
            return bodies.events(request)
        held = request.body if request.stream is None else run(bodies.read(request, 1 << 24))
        if op.streaming:
            if not chunked.is_chunked(request):
                return Spool(held)
            said = request.headers.get("authorization")
            signed = read_header(request, said, "s3") if said else None
            content, trailers = chunked.decode(request, held, chunked.Seed(signed, "secret") if signed else None)
            return Spool(content, trailers=trailers)
        return inflated(held) if request.headers.get("content-encoding") == "gzip" else held

    def answer(self, request: Request, response: Response) -> None:
        assert 400 <= response.status < 500 or response.status == 501, response.status
        assert isinstance(response.body, bytes)
        head.plain(response, len(response.body), head.is_bare(request, response), "now\r\n", "")


async def drained(events: Any) -> None:
    async for event in events:
        assert isinstance(event, dict)


class Fuzzer:
    """Inputs by number, run one after the other."""

    def __init__(self, seed: int, wide: bool) -> None:
        self.seed, self.wide = seed, wide
        self.damager = Damager(corpus(SERVICES, 3) if wide else corpus(COMMON, 10))
        self.way = Way()
        self.failures: list[str] = []

    def input(self, number: int) -> bytes:
        return self.damager.input(random.Random(self.seed * 1_000_000_007 + number))

    def run(self, count: int, every: int = 0) -> list[str]:
        """The failures of so many inputs; a line of progress after `every` of them."""
        started = time.monotonic()

        def too_long(signum: int, frame: FrameType | None) -> None:
            raise Slow(f"more than {SECONDS} s")

        before = signal.signal(signal.SIGPROF, too_long)
        try:
            with self.way.known_keys():
                for number in range(count):
                    self.one(number)
                    if every and (number + 1) % every == 0:
                        spent = time.monotonic() - started
                        print(f"{number + 1} inputs, {len(self.failures)} failures, {spent:.0f} s", flush=True)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
        return self.failures

    def one(self, number: int) -> None:
        data = self.input(number)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            self.way.go(data)
        except Exception:
            signal.setitimer(signal.ITIMER_PROF, 0)
            wide = " wide" if self.wide else ""
            failure = f"fuzzing.py {self.seed} {number}{wide}: {data!r:.2000}\n{traceback.format_exc()}"
            self.failures.append(failure)
            print(failure, flush=True)
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    alone = Fuzzer(int(sys.argv[1]), "wide" in sys.argv[3:])
    alone.one(int(sys.argv[2]))
    print(repr(alone.input(int(sys.argv[2]))), "failed" if alone.failures else "refused or parsed", sep="\n")
