"""Texts whose end is made when somebody reads them: a notification in a queue is signed when it is received.

Who hands such a text on (`call.unfinished`) says what finishes it, a function of its service; who keeps it keeps that one's
name beside it (`call.finisher`), and asks for the whole when it is read (`call.finished`). A text of a client is never one:
they are made here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..declare import BACKGROUND, Background

if TYPE_CHECKING:
    from ..call import Call

F = TypeVar("F", bound=Callable[..., Any])


def finishes(fn: F) -> F:
    """`fn(call, text)` makes texts whole. Called whenever one is read, it changes nothing. They keep its name."""
    setattr(fn, BACKGROUND, Background(fn.__name__, fn))
    return fn


class Unfinished(str):
    """As long as it will be, and not whole yet. by: the service and the name of what finishes it."""

    __slots__ = ("by",)
    by: str


def begin(text: str, by: str) -> Unfinished:
    """A text that something of a service will finish."""
    begun = Unfinished(text)
    begun.by = by
    return begun


def finished(call: Call, by: str, text: str) -> str:
    """The whole text, made by who began it, as seen from this call's account and region."""
    service, _, name = by.partition(":")
    what = call.cloud.catalog.background(service, name)
    if what is None:
        raise LookupError(f"{by} finishes no texts")
    whole: str = what.run(call, text)
    return whole
