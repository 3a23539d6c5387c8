"""Transformers: processors, one after the other, make a JSON object of an event as it comes.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Processors.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import not_implemented

from . import processors
from .eventfields import Event
from .names import invalid
from .parsing import PARSERS

_ABSENT = ("parseCloudfront", "parsePostgres", "parseRoute53", "parseToOCSF", "parseWAF")
_VENDED = ("parseVPC",)
_MOST, _MOST_PARSERS, _MOST_FIELDS = 20, 5, 200
_ONCE = ("addKeys", "copyValue", "grok")


class Origin(NamedTuple):
    """Where an event comes from: what copyValue can copy."""

    account: str
    region: str
    group: str
    stream: str


def check(config: Sequence[dict[str, Any]]) -> None:
    """AWS's rules of what a transformer is."""
    kinds = []
    for each in config:
        if len(each) != 1:
            raise invalid("Each member of transformerConfig must have exactly one processor.")
        kinds += list(each)
    for kind in kinds:
        if kind in _ABSENT:
            raise not_implemented(f"logs: the processor {kind}")
    if not kinds or len(kinds) > _MOST:
        raise invalid(f"A transformer has between 1 and {_MOST} processors.")
    if kinds[0] not in PARSERS:
        raise invalid("The first processor of a transformer must be a parser.")
    if sum(kind in PARSERS for kind in kinds) > _MOST_PARSERS:
        raise invalid(f"A transformer can have {_MOST_PARSERS} parsers at most.")
    if any(kind in _VENDED for kind in kinds[1:]):
        raise invalid(f"{next(kind for kind in kinds[1:] if kind in _VENDED)} must be the first processor of a transformer.")
    for kind in _ONCE:
        if kinds.count(kind) > 1:
            raise invalid(f"A transformer can have one {kind} processor at most.")
    compiled(json.dumps(config))


@lru_cache(256)
def compiled(document: str) -> Callable[[str, Origin], str]:
    """What gives the transformed event; "" where its first parser could not read it."""
    steps = [processors.made(kind, said) for each in json.loads(document) for kind, said in each.items()]

    def transform(message: str, origin: Origin) -> str:
        event = Event(message, origin._asdict())
        for i, step in enumerate(steps):
            if not step(event) and i == 0:
                return ""
        if len(event.fields) > _MOST_FIELDS:
            return ""
        return msgspec.json.encode(event.fields).decode()

    return transform
