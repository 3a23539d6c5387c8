"""unittest's way: a test case whose tests each have an account of their own."""

from __future__ import annotations

import os
import unittest
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from .account import Cumulet
from .clock import Moment, Span
from .servers import Server, start

T = TypeVar("T")


class CumuletTestCase(unittest.TestCase):
    """`self.cumulet` is the cloud in an account of this test's own. Its class says how it is to be: see `stay`.

    All cases of a process share one cloud: that of `cumulet exec`, or one in a thread.
    """

    cumulet: Cumulet
    iam: ClassVar[str | None] = None
    time: ClassVar[Moment | None] = None
    region: ClassVar[str | None] = None
    load: ClassVar[str | None] = None
    faults: ClassVar[Sequence[dict[str, Any]]] = ()

    def setUp(self) -> None:
        """Give the test its account."""
        from .stay import stay

        super().setUp()
        self.cumulet = self.enterContext(stay(_SHARED.server, iam=self.iam, time=self.time, region=self.region, load=self.load,
                                              faults=self.faults))

    def wait_for(self, condition: Callable[[], T], timeout: Span = 10.0, *, step: Span | None = None) -> T:
        """As `Cumulet.wait_for`."""
        return self.cumulet.wait_for(condition, timeout, step=step)


class _Shared:
    """The cloud of a process's test cases."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._server: Server | None = None

    @property
    def server(self) -> Server:
        if self._server is None:
            self._server = start(self._place)
        return self._server


_SHARED = _Shared(os.environ.get("CUMULET_ENDPOINT") or "thread")
