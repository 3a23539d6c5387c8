"""Who is told after a commit: first what was to follow it, then whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

AfterCommit = Callable[[], None]
Done = Callable[[Any, BaseException | None], None]


def follow(loop: asyncio.AbstractEventLoop, after: Iterable[AfterCommit]) -> None:
    """Call all of them. It is committed: one that goes wrong keeps nobody from an answer."""
    for callback in after:
        try:
            callback()
        except Exception as raised:
            loop.call_exception_handler({"message": "what was to follow a commit failed", "exception": raised})


def answer(loop: asyncio.AbstractEventLoop, after: Iterable[AfterCommit], done: Done, result: Any,
           problem: BaseException | None) -> None:
    """Tell one who waited; what goes wrong there is not the others' trouble."""
    follow(loop, after)
    try:
        done(result, problem)
    except Exception as raised:
        loop.call_exception_handler({"message": "an answer after a commit failed", "exception": raised})
