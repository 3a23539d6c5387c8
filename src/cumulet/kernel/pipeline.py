"""The way of a request. Read `Exchange` from top to bottom: that is all that happens to a call.

    route → identify → parse → authorize → invoke → serialise → (commit) → respond → record

`begin` routes; `run` does the middle inside one transaction and makes the response; `done` sends it once all that it
wrote and read is durable. A wait parks the exchange and runs it again; a body too large to hold is received first; a
coroutine operation runs as a task.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import wire
from .access import body as bodies
from .access.authorize import authorize, unasked_of
from .access.contract import Decision, Identity, Principal
from .access.identify import identify
from .access.modes import MODES
from .call import Call, Then, Wait
from .errors import AwsError
from .http.message import Request, Respond, Response
from .promise import Promise
from .record.notes import NOTED
from .record.recorder import Entry
from .store.blobs import Spool

if TYPE_CHECKING:
    from .cloud import Cloud
    from .faults.rules import Fault
    from .store.contract import Transaction
    from .work.signals import Waiter

log = logging.getLogger("cumulet.pipeline")

_ASYNC = object()                      # what `run` gives when a coroutine operation is to be awaited outside
# The header that tells of the decision: what counts here, and what policies say.
_TOLD = {(mode, allowed): ("x-cumulet-iam", f"{mode}; {'allowed' if allowed else 'denied'}")
         for mode in MODES for allowed in (True, False)}
HELD_FORM = 16 * 1_048_576             # largest form: the texts that operations take, three bytes a character
HELD_BODY = 128 * 1_048_576            # largest body that is read whole for an operation without a streaming member


def inflated(body: bytes) -> bytes:
    """A compressed request body, as long as it stays within what is held."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        data = inflater.decompress(body, HELD_BODY)
    except zlib.error:
        raise AwsError("SerializationException", "The request body is not gzip.", 400) from None
    if inflater.unconsumed_tail or not inflater.eof:
        raise AwsError("SerializationException", "The request body is damaged or too large.", 400)
    return data


class Exchange:
    """One request on its way to its answer."""

    __slots__ = ("again", "body", "call", "cloud", "decision", "faults", "identity", "mark", "members", "origins", "promise",
                 "request", "request_id", "respond", "result", "route", "since", "started", "status", "then", "waited",
                 "waiter")

    def __init__(self, cloud: Cloud, request: Request, respond: Respond) -> None:
        self.cloud = cloud
        self.request = request
        self.respond = respond
        self.request_id = cloud.chance.uuid()
        self.started = perf_counter()
        self.route: Any = None         # a Route, once it is known
        self.members: dict[str, Any] | None = None
        self.identity: Identity | None = None
        self.decision: Decision | None = None
        self.faults: list[Fault] | None = None         # those that strike this call, once that is decided
        self.call: Call | None = None
        self.result: Any = None        # what the operation gave, or the error
        self.body: Any = request.body
        self.again = False
        self.waiter: Waiter | None = None
        self.waited = False
        self.since = 0.0               # when the wait began
        self.mark = 0
        self.then: Then | None = None  # what is left to do after the commit
        self.status = 0
        self.origins: list[tuple[str, str]] | None = None

    def begin(self) -> None:
        """Route, and see what the body needs."""
        try:
            self.route = wire.route(self.request)
            op = self.route.op
            self.promise: Promise = self.cloud.catalog.promise(op.service, op.name)
        except AwsError as problem:
            self.fail_early(problem)
            return
        except wire.BodyNeeded:
            asyncio.get_running_loop().create_task(self.gather())
            return
        except Exception:
            log.exception("routing failed")
            self.fail_early(AwsError("InternalFailure", "An internal error occurred.", 500))
            return
        self.mark = self.cloud.signals.mark()
        if self.request.stream is not None or op.events_in:
            asyncio.get_running_loop().create_task(self.receive())
        else:
            self.cloud.store.transact(self.run, self.done)

    async def gather(self) -> None:
        """Receive a large form, then route it."""
        request = self.request
        try:
            request.body = self.body = await bodies.read(request, HELD_FORM)
            request.stream = None
        except (ConnectionError, asyncio.CancelledError):
            return
        except AwsError as problem:
            self.fail_early(problem)
            return
        self.begin()

    def run(self, tx: Transaction) -> Any:
        """Identify, parse, authorize, invoke, serialise: all inside one transaction."""
        cloud, request, route = self.cloud, self.request, self.route
        op = route.op
        members = self.members
        if members is None:
            self.identity = identity = identify(cloud, tx, request, route)
            body = self.body
            if op.streaming and isinstance(body, bytes):
                body = bodies.held(cloud, tx, request, route, identity)
            elif request.headers.get("content-encoding") == "gzip":       # SDKs compress large requests of some services
                body = inflated(body)
            self.members = members = op.parse(request, route.labels, body)
        else:
            identity = self.identity                                     # type: ignore[assignment]
            assert identity is not None
        principal = identity.principal
        self.call = call = Call(cloud, tx, op.service, op.name, principal.account or cloud.settings.account,
                                identity.region or route.region or cloud.settings.region, principal, cloud.clock.now(),
                                request, self.request_id, f"{request.scheme}://{request.host}", self.again)
        if "origin" in request.headers:
            self.origins = self.readable(call, members)
        self.decision = decision = authorize(call, op, members)
        if not decision.allowed and decision.mode == "enforce":
            raise AwsError(decision.code, decision.message, decision.status)
        if cloud.faults.active:
            cloud.faults.meet(self, call, members)
        promise = self.promise
        if promise.waits:
            return _ASYNC
        result = promise.run(call, dict(members))
        if type(result) is Then:
            self.then = result
            return _ASYNC
        self.result = result
        return op.serialise(result, request, self.request_id)

    def readable(self, call: Call, members: dict[str, Any]) -> list[tuple[str, str]] | None:
        """The headers that let pages of another origin read this answer, where the service has rules of its own for that."""
        ask = getattr(self.cloud.catalog.load(call.service).access, "origins", None)
        return list(ask(call, members)) if ask is not None else None

    def done(self, response: Any, problem: BaseException | None) -> None:
        """All is durable, or nothing of it happened."""
        if problem is None:
            if response is _ASYNC:
                asyncio.get_running_loop().create_task(self.finish())
            else:
                self.answer(response)
        elif isinstance(problem, Wait):
            self.park(problem)
        else:
            self.fail(problem)

    def park(self, wait: Wait) -> None:
        """Keep the request aside until it is signalled or its time is up; then run it again."""
        now = perf_counter()
        if not self.waited:
            self.since = now
            self.request.on_lost = self.lost
        left = wait.seconds - (now - self.since)
        self.waiter = self.cloud.signals.park(wait.channel, left, wait.until, self.mark, self.waited, self.woken)
        self.waited = True

    def woken(self, timed_out: bool) -> None:
        self.again = timed_out
        self.mark = self.cloud.signals.mark()
        self.cloud.store.transact(self.run, self.done)

    def lost(self) -> None:
        """The client vanished while we waited."""
        if self.waiter is not None:
            self.cloud.signals.forget(self.waiter)

    async def receive(self) -> None:
        """Take in a large body: identified first, then into a spool (streaming members) or memory (the rest)."""
        cloud, request, route = self.cloud, self.request, self.route
        spool = None
        try:
            identity = await cloud.store.run(lambda tx: identify(cloud, tx, request, route))
            if route.op.events_in:
                self.body = bodies.events(request)
            elif route.op.streaming:
                self.body = spool = await bodies.spooled(cloud, request, route, identity)
            else:
                request.body = self.body = await bodies.read(request, HELD_BODY)
                request.stream = None
            cloud.store.transact(self.run, self.done)
        except (ConnectionError, asyncio.CancelledError):
            if spool is not None:
                spool.discard()
        except Exception as problem:
            self.fail(problem)

    async def finish(self) -> None:
        """Await a coroutine operation."""
        assert self.call is not None
        assert self.members is not None
        try:
            self.result = result = await (self.then or self.promise.run(self.call, dict(self.members)))
            self.answer(self.route.op.serialise(result, self.request, self.request_id))
        except Exception as problem:
            self.fail(problem)

    def fail(self, problem: BaseException) -> None:
        """An error becomes bytes, in the protocol that the client spoke."""
        if not isinstance(problem, AwsError):
            log.error("%s:%s failed", self.route.op.service, self.route.op.name, exc_info=problem)
            problem = AwsError("InternalFailure", "An internal error occurred.", 500)
        self.result = problem
        self.answer(self.route.op.error(problem, self.request, self.request_id), problem.code)

    def fail_early(self, problem: AwsError) -> None:
        """An error before anything is done: no operation is known, or nothing stands behind the one asked for."""
        op = self.route.op if self.route is not None else None
        response = op.error(problem, self.request, self.request_id) if op is not None \
            else wire.failure(self.request, problem, self.request_id)
        self.cloud.respond(self.request, self.respond, response)
        self.record(op.service if op is not None else "", op.name if op is not None else "", response.status, problem.code)

    def answer(self, response: Response, error: str = "") -> None:
        if self.body is not self.request.body and isinstance(self.body, Spool):
            self.body.discard()
        if (decision := self.decision) is not None:
            response.headers.append(_TOLD[decision.mode, decision.allowed])
        if self.origins is None:
            self.cloud.respond(self.request, self.respond, response)
        else:
            response.headers += self.origins
            self.respond(response)
        if (heard := self.promise.heard) is not None:
            self.cloud.answers.take(heard, self, response, error)
        if self.cloud.trail.wanted:
            self.cloud.trail.take(self)
        self.cloud.recorder.payloads.take(self, response)
        self.record(self.route.op.service, self.route.op.name, response.status, error)

    def record(self, service: str, operation: str, status: int, error: str) -> None:
        cloud, call, decision = self.cloud, self.call, self.decision
        if decision is not None and not decision.allowed:
            cloud.recorder.denied += 1             # in audit: would have been denied
        cloud.recorder.told(Entry(
            self.request_id, cloud.clock.now(), perf_counter() - self.started, service, operation,
            call.account if call else "", call.region if call else "", call.principal.arn if call else "", status, error,
            decision.reason if decision else "", tuple(self.members or ()), "", self.request.client))


def peer(cloud: Cloud, outer: Call, principal: Principal, source_arn: str, service: str, operation: str) -> Callable[..., Any]:
    """The same way without HTTP, for peers: a function that authorizes and invokes, in the outer call's transaction, each time
    that it is called. What is the same each time is made once.

    operation: as boto3 names it. Members and result are as the model names them; None members are absent.
    """
    loaded = cloud.catalog.load(service)
    promise = loaded.by_snake.get(operation)
    if promise is None:
        raise AwsError("NotImplemented", f"{service}:{operation} is not implemented by cumulet.", 501)
    by_service = principal.kind == "service"
    via = outer.via if by_service or outer.service == service else \
        (*outer.via, cloud.catalog.load(outer.service).principal)
    call = Call(cloud, outer.tx, promise.api, promise.name, outer.account, outer.region, principal, outer.now, None,
                outer.request_id, outer.endpoint, False, source_arn, via)
    unguarded, unasked = loaded.unguarded, unasked_of(call)

    def invoke(**members: Any) -> Any:
        if None in members.values():
            members = {name: value for name, value in members.items() if value is not None}
        call.again, call.trace = not outer.patient, outer.trace
        if unasked is not None and unguarded(call, members):
            decision = unasked
        else:
            decision = authorize(call, promise, members)
            if not decision.allowed and decision.mode == "enforce":
                raise AwsError(decision.code, decision.message, decision.status)
        started = perf_counter()
        try:
            result = promise.run(call, members)
        except AwsError as problem:
            told(members, problem, problem.code, problem.status or 400, started, decision)
            raise
        told(members, result, "", 200, started, decision)
        return {} if result is None else result

    def told(members: dict[str, Any], result: Any, error: str, status: int, started: float, decision: Decision) -> None:
        """What an inner call leaves. (One that waits was not answered, and leaves nothing.)"""
        if outer.request_id == NOTED:
            return
        request_id = cloud.chance.uuid()
        if via and not by_service and cloud.trail.wanted:
            outer.tx.after_commit(partial(cloud.trail.take_inner, call, request_id, members, result))
        recorder = cloud.recorder
        recorder.payloads.inner(request_id, promise.api, promise.name, members)
        recorder.told(Entry(
            request_id, outer.now, perf_counter() - started, promise.api, promise.name, call.account, call.region,
            principal.arn, status, error, decision.reason, tuple(members), outer.request_id, ""))

    return invoke
