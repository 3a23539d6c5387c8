"""What a test looks at afterwards: the calls that an account made, the mails that it sent; and waiting for something."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .clock import Clock, Span, seconds

if TYPE_CHECKING:
    from .servers import Server

T = TypeVar("T")
_EVERY = 0.02            # seconds between two looks
_ALL = 2000              # as many as a cloud keeps


class MadeCall(NamedTuple):
    """One call as the cloud answered it.

    members: the names of the parameters that were sent.  cause: the id of the call that caused this one, if a service made it.
    decision: what the policies say of it.  took: seconds.
    """

    id: str
    at: float
    took: float
    service: str
    operation: str
    account: str
    region: str
    principal: str
    status: int
    error: str
    decision: str
    members: tuple[str, ...]
    cause: str


class Mailbox:
    """What was sent to people on behalf of an account: mails, texts, pushes."""

    def __init__(self, server: Server, account: str) -> None:
        self._server = server
        self._account = account

    def messages(self, *, to: str = "", kind: str = "") -> list[dict[str, Any]]:
        """The newest first: `kind` ("mail", "sms", "push"), `from`, `to`, `subject`, `text`, of mails also `html` and `raw`."""
        ask = self._server.control.get
        lines = ask("/_cumulet/mail", account=self._account, to=to, kind=kind, limit=500)["messages"]
        return [ask("/_cumulet/mail", id=line["id"]) for line in lines]

    def latest(self, *, to: str = "", kind: str = "", timeout: float = 5.0) -> dict[str, Any]:
        """The newest message; waits for the first one."""
        return wait(lambda: self.messages(to=to, kind=kind), timeout, what="a message")[0]

    def clear(self) -> None:
        """Empty it."""
        self._server.control.post("/_cumulet/mail/clear", {"account": self._account})


def calls(server: Server, account: str, service: str, operation: str, wanted: dict[str, Any]) -> list[MadeCall]:
    """The account's calls, the oldest first: of a service, an operation, and whose fields are as wanted."""
    told = server.control.get("/_cumulet/calls", limit=_ALL, service=service)["calls"]
    found = [MadeCall(**{name: each[name] for name in MadeCall._fields} | {"members": tuple(each["members"])}) for each in told]
    return [call for call in found if call.account == account and (not operation or call.operation == operation)
            and all(getattr(call, name) == value for name, value in wanted.items())]


def wait(condition: Callable[[], T], timeout: Span = 10.0, *, clock: Clock | None = None, step: Span = 0,
         what: str = "") -> T:
    """What the condition answers, once that is true. Failed assertions and errors of AWS mean: not yet.

    With a clock, `timeout` is of its time, and it is moved by `step` between two looks.
    """
    from botocore.exceptions import ClientError

    until, passed, problem = seconds(timeout), 0.0, None
    began = time.monotonic()
    while True:
        try:
            if found := condition():
                return found
        except (AssertionError, ClientError) as said:
            problem = said
        if passed >= until:
            raise AssertionError(f"not within {timeout}: {what or _source(condition)}") from problem
        if clock is not None:
            passed += seconds(step)
            clock.advance(step)
        else:
            time.sleep(_EVERY)
            passed = time.monotonic() - began


def _source(condition: Callable[[], Any]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
