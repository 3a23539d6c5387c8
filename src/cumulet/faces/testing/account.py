"""A cloud as one test sees it: an account of its own, clients for it, and what can be asked about it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .clock import Clock, Span
from .watching import MadeCall, Mailbox, calls, wait

if TYPE_CHECKING:
    from .servers import Server

T = TypeVar("T")


class Cumulet:
    """One account of a running cloud."""

    def __init__(self, server: Server, account: str, region: str = "") -> None:
        self.server = server
        self.account = account
        self.region = region or "us-east-1"
        self.clock = Clock(server)
        self.mail = Mailbox(server, account)
        self.has_mode = False
        self.has_faults = False
        self.has_snapshot = False
        self.others: list[Cumulet] = []        # new accounts that were asked for here: they are forgotten with this one

    @property
    def endpoint(self) -> str:
        return self.server.endpoint

    @cached_property
    def session(self) -> Any:
        """A boto3 session of the account's root."""
        from .sessions import session

        return session(self.endpoint, self.account, self.region)

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client. Options are boto3's: `region_name`, `aws_access_key_id` and its secret for a user, `config`, …"""
        return self.session.client(service, **options)

    def resource(self, service: str, **options: Any) -> Any:
        """A boto3 resource."""
        return self.session.resource(service, **options)

    def other(self, account: str = "", region: str = "") -> Cumulet:
        """The same cloud seen from another account: a new one, unless one is named."""
        other = self.server.account(account, region or self.region)
        if not account:
            self.others.append(other)
        return other

    def calls(self, service: str = "", operation: str = "", **wanted: Any) -> list[MadeCall]:
        """The calls of this account that the cloud answered, the oldest first, of the last 2000 of all accounts.

        Also those that services made on its behalf: their `cause` is not "". `wanted`: fields of `MadeCall`, as `status=403`.
        """
        return calls(self.server, self.account, service, operation, wanted)

    def wait_for(self, condition: Callable[[], T], timeout: Span = 10.0, *, step: Span | None = None) -> T:
        """What `condition()` gives, once it is true; failed assertions and errors of AWS mean: not yet.

        With `step` the cloud's clock is moved by that much between two looks, and `timeout` is time of that clock.
        """
        return wait(condition, timeout, clock=self.clock if step is not None else None, step=step or 0)

    def iam(self, mode: str | None) -> None:
        """What policies do to calls of this account: "off", "audit", "enforce"; None: as the server does."""
        self.server.control.post("/_cumulet/iam", {"subject": self.account, "mode": mode})
        self.has_mode = mode is not None

    def fault(self, service: str = "", *operations: str, **what: Any) -> int:
        """From now on calls of this account go wrong; the fault's number.

        `error`: "throttle", "internal", "unavailable" or a code.  `latency`: seconds.  `cut`: the connection, "before" it
        is done or "after".  Which calls: `rate`, `resource`, `principal`, `region`, `places`, `seconds`, `seed`.
        `halts`: "replication" (docs/faults.md).
        """
        said = {"service": service, "operations": list(operations), "account": self.account} | what
        number: int = self.server.control.post("/_cumulet/faults", said)["id"]
        self.has_faults = True
        return number

    def clear_faults(self) -> None:
        """All is well again."""
        for fault in self.server.control.get("/_cumulet/faults")["faults"]:
            if fault.get("account") == self.account:
                self.server.control.post("/_cumulet/faults/clear", {"id": fault["id"]})
        self.has_faults = False

    def load(self, snapshot: str, folder: Path | str) -> None:
        """Put an account of a snapshot in the place of this one: `NAME`, or `NAME@ACCOUNT` where it holds several."""
        name, _, account = snapshot.partition("@")
        place = str(Path(folder).absolute())
        if not account:
            held = list(self.server.control.get("/_cumulet/snapshots/show", name=name, dir=place)["accounts"])
            if len(held) != 1:
                raise ValueError(f"snapshot {name} holds accounts {', '.join(held) or 'none'}: say which, as {name}@ACCOUNT")
            account = held[0]
        asked = {"name": name, "dir": place, "account": account, "into": self.account}
        self.has_snapshot = True
        if left := self.server.control.post("/_cumulet/snapshots/load", asked)["left_out"]:
            raise ValueError(f"not all of snapshot {name} can be loaded, for other accounts have what may be but once: {left}")

    def forget(self) -> None:
        """All that this account has goes."""
        self.server.forget(self.account)
