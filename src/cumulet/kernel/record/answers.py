"""What services hear of their own answered calls (`@Answer.heard`): in batches, in a transaction, a moment after the answers.

A call pays for one tuple and one append. What a process that dies had not told yet is lost, as is what comes faster than it can
be told: access logs and metrics are best effort, on AWS as here.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from ..access.contract import Principal, service_principal
from ..call import Call
from ..declare import BACKGROUND, Background, F
from .later import Later, batches

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..http.message import Response
    from ..pipeline import Exchange
    from ..store.contract import Transaction

log = logging.getLogger("cumulet.answers")

PENDING = 20_000         # answers of a service that were not told yet; more are dropped and counted
_BATCH = 1000            # answers told in one transaction
_EVERY = 0.25            # seconds


class Answer(NamedTuple):
    """One call as it was answered. members: those that the service asked for, None where the request has none.

    principal: None where the caller was not recognised.  received, sent: bytes of the bodies; sent is -1 where only the headers
    tell.  at: virtual seconds, when it was answered; took: seconds.  reason: why it was allowed.
    """

    id: str
    at: float
    took: float
    operation: str
    region: str
    principal: Principal | None
    status: int
    error: str
    members: tuple[Any, ...]
    method: str
    target: str
    scheme: str
    client: str
    asked: dict[str, str]
    received: int
    told: list[tuple[str, str]]
    sent: int
    reason: str

    @staticmethod
    def heard(*members: str) -> Callable[[F], F]:
        """Called with `call` and a batch (`Sequence[Answer]`) of the service's calls that were answered, with these of their
        members, a moment after that: for logs and metrics of requests. Inner calls are not among them. Stands in
        `background.py`."""

        def wrap(fn: F) -> F:
            setattr(fn, BACKGROUND, Background(fn.__name__, fn, members=members))
            return fn

        return wrap

    @staticmethod
    def unheard(call: Call) -> None:
        """The service knows that nobody would listen to the answer of this call: it is not told."""
        if call.request is not None:             # inner calls have the id of the one that they serve, and are never told
            call.cloud.answers.unheard.add(call.request_id)


def _length(body: Any) -> int:
    """Bytes of a body, also of one in pieces of bytes and files; -1 where that is not known beforehand."""
    if type(body) is bytes:
        return len(body)
    if isinstance(body, (list, tuple)):
        return sum([len(piece) if isinstance(piece, bytes) else piece.length for piece in body])
    return -1


class Answers:
    """Collects answers for the services that want to hear of them, and tells them."""

    def __init__(self, cloud: Cloud) -> None:
        self.dropped = 0
        self.unheard: set[str] = set()           # request ids
        self._cloud = cloud
        self._pending: dict[str, deque[Answer]] = {}
        self._later = Later(_EVERY, self._tell_all)

    def take(self, heard: Background, exchange: Exchange, response: Response, error: str) -> None:
        """Remember an answer. On the hot path: everything that can wait is left to the service."""
        if exchange.request_id in self.unheard:
            self.unheard.discard(exchange.request_id)
            return
        request, call, decision = exchange.request, exchange.call, exchange.decision
        members = exchange.route.labels if exchange.members is None else exchange.members
        identity, body, service = exchange.identity, response.body, exchange.route.op.service
        received = exchange.body
        self.add(service, Answer(
            exchange.request_id, self._cloud.clock.now(), perf_counter() - exchange.started, exchange.route.op.name,
            call.region if call is not None else "", None if identity is None else identity.principal, response.status, error,
            tuple([members.get(name) for name in heard.members]), request.method, request.target, request.scheme,
            request.client, request.headers, len(received) if type(received) is bytes else getattr(received, "size", 0),
            response.headers, _length(body), "" if decision is None else decision.reason))

    def add(self, service: str, answer: Answer) -> None:
        """Tell the service of this one as well."""
        waiting = self._pending.get(service)
        if waiting is None:
            waiting = self._pending[service] = deque(maxlen=PENDING)
        if len(waiting) == PENDING:
            self.dropped += 1
        waiting.append(answer)
        self._later.ask()

    async def settle(self) -> None:
        """Tell all that was answered until now."""
        await self._later.now()

    async def _tell_all(self) -> None:
        for service, waiting in list(self._pending.items()):
            for batch in batches(waiting, _BATCH):
                try:
                    await self._cloud.store.run(partial(self._tell, service, batch))
                except Exception:
                    log.exception("%s did not hear of %d answers", service, len(batch))

    def _tell(self, service: str, batch: list[Answer], tx: Transaction) -> None:
        cloud = self._cloud
        loaded = cloud.catalog.load(service)
        assert loaded.answered is not None
        settings = cloud.settings
        loaded.answered.run(Call(cloud, tx, service, loaded.answered.name, settings.account, settings.region,
                                 service_principal(loaded.principal, settings.account), cloud.clock.now(),
                                 request_id="answered", endpoint=cloud.endpoint), batch)
