"""The only time: virtual, so that it can be frozen and moved."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """Virtual seconds since 1970: the wall clock plus an offset, or a frozen moment.

    Moving it fires timers in order; that is `Cloud.move_clock`, which is the only caller of `set` while timers are due.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self._frozen: float | None = None
        self._moved: list[Callable[[], None]] = []

    def now(self) -> float:
        """Virtual time."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    @staticmethod
    def wall() -> float:
        """The wall clock: for signatures, which clients make by theirs."""
        return time.time()

    @property
    def offset(self) -> float:
        return self.now() - time.time()

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def set(self, moment: float) -> None:
        """Make it this moment; it goes on from there, or stays frozen there."""
        if self._frozen is None:
            self._offset = moment - time.time()
        else:
            self._frozen = moment
        for told in self._moved:
            told()

    def freeze(self) -> None:
        self._frozen = self.now()

    def thaw(self) -> None:
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None
            for told in self._moved:
                told()

    def restore(self, offset: float, frozen: float | None) -> None:
        """As it was when the process ended."""
        self._offset, self._frozen = offset, frozen

    def on_move(self, told: Callable[[], None]) -> None:
        """Called after each move and thaw."""
        self._moved.append(told)

    def wait(self, until: float) -> float | None:
        """Wall seconds until this virtual moment; None while frozen before it."""
        if self._frozen is not None:
            return 0.0 if until <= self._frozen else None
        return max(0.0, until - self.now())
