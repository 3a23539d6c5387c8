"""Texts whose end is made when somebody reads them: a notification in a queue is signed when it is received.

Who hands such texts on has them made by `call.unfinished`, which says what finishes them, a function of its service; who keeps
one keeps that one's name beside it (`call.finisher`), and asks for the whole when it is read (`call.finished`). A text of a
client is never one: they are made here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from ..declare import BACKGROUND, Background

if TYPE_CHECKING:
    from ..call import Call

F = TypeVar("F", bound=Callable[..., Any])


def finishes(fn: F) -> F:
    """`fn(call, text)` makes texts whole. Called whenever one is read, it changes nothing. They keep its name."""
    setattr(fn, BACKGROUND, Background(fn.__name__, fn))
    return fn


class Finisher(NamedTuple):
    """name: the service and what of it finishes a text.  more: the bytes that it adds."""

    name: str
    more: int


class Unfinished(str):
    """A text that is not whole yet."""

    __slots__ = ()
    finisher: ClassVar[Finisher]


@lru_cache(256)
def kind(name: str, more: int) -> type[Unfinished]:
    """The texts that one function finishes."""
    return type("Unfinished", (Unfinished,), {"__slots__": (), "finisher": Finisher(name, more)})


def finished(call: Call, name: str, text: str) -> str:
    """The whole text, made by who began it, as seen from this call's account and region."""
    service, _, function = name.partition(":")
    what = call.cloud.catalog.background(service, function)
    if what is None:
        raise LookupError(f"{name} finishes no texts")
    whole: str = what.run(call, text)
    return whole
