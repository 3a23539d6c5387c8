"""What came into some groups since the last look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from cumulet.kernel import Call

from .blocks import split_off
from .effective import masked, masks
from .reading import Part, newest, raw_part, since
from .resources import LogGroup, Tally


class Tail(msgspec.Struct):
    """A session. groups: number → ARN.  seen: of each stream, the number of the first event that was not told yet.
    last: no block with a higher id was looked at."""

    session: str
    groups: dict[int, str]
    names: tuple[str, ...]
    prefixes: tuple[str, ...]
    matches: Callable[[str], bool] | None
    seen: dict[int, int]
    last: int


def begin(call: Call, groups: Sequence[LogGroup], names: Sequence[str], prefixes: Sequence[str],
          matches: Callable[[str], bool] | None) -> Tail:
    """From now on."""
    seen = {tally.number: tally.next for group in groups for tally in call.table(Tally).scan(group.number, index="group")}
    return Tail(call.uuid(), {group.number: call.arn(group) for group in groups}, tuple(names), tuple(prefixes), matches, seen,
                newest(call))


def news(call: Call, tail: Tail) -> list[dict[str, Any]]:
    """Events that came since the last look, in order of time."""
    found: list[dict[str, Any]] = []
    last = newest(call)
    for group, arn in tail.groups.items():
        for part in since(call, group, tail.last):
            found += _of(call, tail, arn, part)
    tail.last = last
    return sorted(found, key=lambda event: int(event["timestamp"]))


def _of(call: Call, tail: Tail, arn: str, part: Part) -> list[dict[str, Any]]:
    """The new events of a block: merging moves old ones into new blocks as well."""
    first = tail.seen.get(part.stream, 0)
    tally, data = call.table(Tally).get(part.stream), raw_part(call, part)
    if tally is None or data is None or part.base + part.events <= first or not _named(tail, tally.name):
        return []
    tail.seen[part.stream] = part.base + part.events
    events = split_off(data[0])
    arrivals = events.arrivals()
    hidden = masks(call, arn.partition(":log-group:")[2])
    out = []
    for i in range(max(first, part.base) - data[1], part.base + part.events - data[1]):
        message = events.messages[i]
        if tail.matches is None or tail.matches(message):
            out.append({"logGroupIdentifier": arn, "logStreamName": tally.name, "message": masked(hidden, message, arrivals[i]),
                        "timestamp": events.times[i], "ingestionTime": arrivals[i]})
    return out


def _named(tail: Tail, name: str) -> bool:
    if tail.names:
        return name in tail.names
    return not tail.prefixes or name.startswith(tail.prefixes)
