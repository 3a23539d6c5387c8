"""Events read in order of time, over many streams, block by block, from either end.

Blocks are taken in order of their first (or, backwards, last) event; an event is given out once no block that is still to
come can hold an earlier (later) one. A walk stops when its page is full or when it has worked enough: the caller goes on
later, in a new transaction. Blocks that were merged between two steps make it begin again behind what is certain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from cumulet.kernel import Call

from . import blocks
from .blocks import DAY, Summary
from .resources import Block
from .sealing import Keys

Place = tuple[int, int, int]           # time, stream, number: what orders events
Matches = Callable[[str], bool]
Within = Callable[[bytes], bool]

_SUMMARIES = 256
_FORWARD = ('SELECT "id", "stream", "first", "last", "base" FROM {{table}} WHERE scope = {{scope}} AND "{by}" = ? '
            'AND "first" >= ? AND "first" <= ? AND "last" >= ? AND ("first", "id") > (?, ?) ORDER BY "first", "id" LIMIT ?')
_BACKWARD = ('SELECT "id", "stream", "first", "last", "base" FROM {{table}} WHERE scope = {{scope}} AND "{by}" = ? '
             'AND "last" <= ? AND "last" >= ? AND "first" <= ? AND ("last", "id") < (?, ?) '
             'ORDER BY "last" DESC, "id" DESC LIMIT ?')
_TEXTS = {(by, ahead): (_FORWARD if ahead else _BACKWARD).format(by=by)
          for by in ("group", "stream") for ahead in (True, False)}
_MERGED = ('SELECT 1 FROM {table} WHERE scope = {scope} AND "id" > ? AND "group" = ? AND "merged" = 1 LIMIT 1')
_NEWEST = 'SELECT max("id") FROM {table} WHERE scope = {scope}'
_EVER = 2**62


class Event(NamedTuple):
    """One event, as it was found."""

    time: int
    stream: int
    number: int
    message: str
    came: int

    @property
    def place(self) -> Place:
        return self[:3]


class Walk:
    """One way through a group (or one stream of it).

    start, end: the times asked for, both inclusive.  beyond: where a page before ended.  ahead: from old to new.
    """

    def __init__(self, group: int, start: int, end: int, *, ahead: bool = True, beyond: Place | None = None,
                 streams: Collection[int] | None = None, matches: Matches | None = None, within: Within | None = None) -> None:
        only = next(iter(streams)) if streams is not None and len(streams) == 1 else None
        self._group = group
        self._by, self._of = ("stream", only) if only is not None else ("group", group)
        self._streams = frozenset(streams) if streams is not None and only is None else None
        self._start, self._end, self._ahead = start, end, ahead
        self._matches, self._within = matches, within
        self._newest = -1              # no block with a higher id is older than this walk
        self._begin(beyond)
        self.done = self._start > self._end or (streams is not None and not streams)

    def _begin(self, beyond: Place | None) -> None:
        """Begin (again), behind this place."""
        self._beyond = beyond
        if beyond is not None and self._ahead:
            self._start = max(self._start, beyond[0])
        elif beyond is not None:
            self._end = min(self._end, beyond[0])
        self._waiting: list[Summary] = []
        self._seen = (-1, 0) if self._ahead else (_EVER, 0)
        self._more = True
        self._found: list[Event] = []

    def _look_again(self, call: Call) -> None:
        """Were blocks merged since the last step? Then those that were known may be gone."""
        table = call.table(Block)
        if self._newest >= 0 and table.sql(_MERGED, self._newest, self._group):
            self._begin(self._beyond)
        elif self._newest >= 0:
            return
        self._newest = newest(call)

    def step(self, call: Call, most: int, room: int) -> list[Event]:
        """Read up to `most` blocks; what is now certain to be next in order, until `room` events are there."""
        out: list[Event] = []
        keys = Keys(call)
        table = call.table(Block)
        self._look_again(call)
        while not self.done and most > 0 and len(out) < room:
            self._fill(call)
            if not self._waiting:
                out += self._certain(None)
                self.done = True
                break
            block = table.get(self._waiting.pop(0).id)
            if block is not None:                          # else it has expired
                self._take(block, keys.open(block))
            most -= 1
            self._fill(call)
            if self._waiting:
                out += self._certain(self._waiting[0])
        return out

    def _fill(self, call: Call) -> None:
        """Learn which blocks come next."""
        if self._waiting or not self._more:
            return
        edge, number = self._seen
        if self._ahead:
            rows = call.table(Block).sql(_TEXTS[self._by, True], self._of, self._start - DAY, self._end, self._start,
                                         edge, number, _SUMMARIES)
        else:
            rows = call.table(Block).sql(_TEXTS[self._by, False], self._of, self._end + DAY, self._start, self._end,
                                         edge, number, _SUMMARIES)
        found = [Summary(*row) for row in rows]
        self._more = len(found) == _SUMMARIES
        if found:
            self._seen = (found[-1].first if self._ahead else found[-1].last, found[-1].id)
        self._waiting = [each for each in found if self._streams is None or each.stream in self._streams]
        if not self._waiting and self._more:
            self._fill(call)

    def _take(self, block: Block, data: bytes) -> None:
        """Keep those of a block's events that are asked for."""
        data = blocks.plain(data)
        if self._within is not None and not self._within(data):
            return
        events = blocks.split_off(data)
        start, end, stream, base, matches = self._start, self._end, block.stream, block.base, self._matches
        chosen = range(len(events.times))
        if block.first < start or block.last > end:
            chosen = [i for i in chosen if start <= events.times[i] <= end]   # type: ignore[assignment]
        messages, times = events.messages, events.times
        if matches is not None:
            chosen = [i for i in chosen if matches(messages[i])]              # type: ignore[assignment]
        if not chosen:
            return
        came = events.arrivals()
        found = [Event(times[i], stream, base + i, messages[i], came[i]) for i in chosen]
        if self._beyond is not None:
            edge = self._beyond
            found = [e for e in found if (e.place > edge if self._ahead else e.place < edge)]
        self._found += found

    def _certain(self, following: Summary | None) -> list[Event]:
        """What no later block can come before; the rest waits."""
        found = self._found
        found.sort(reverse=not self._ahead)
        if following is None:
            self._found = []
            return found
        edge = following.first if self._ahead else following.last
        certain = (edge, -1, -1) if self._ahead else (edge, _EVER, _EVER)
        if self._beyond is None or (certain > self._beyond if self._ahead else certain < self._beyond):
            self._beyond = certain
        cut = len(found)
        while cut and (found[cut - 1].time >= edge if self._ahead else found[cut - 1].time <= edge):
            cut -= 1
        self._found = found[cut:]
        return found[:cut]


# --- without order, for whoever looks at all of it ---

_ALL = ('SELECT "id", "stream", "base", "count", "first", "last" FROM {table} WHERE scope = {scope} AND "group" = ? '
        'AND "first" >= ? AND "first" <= ? AND "last" >= ? ORDER BY "first", "id"')
_SINCE = ('SELECT "id", "stream", "base", "count", "first", "last" FROM {table} '
          'WHERE scope = {scope} AND "id" > ? AND "group" = ? ORDER BY "base"')
_COVERING = ('SELECT "id" FROM {table} WHERE scope = {scope} AND "stream" = ? AND "base" <= ? AND "base" + "count" >= ?')


class Part(NamedTuple):
    """Events of one stream that lie together. base: the number of the first one. first, last: the span of their times."""

    id: int
    stream: int
    base: int
    events: int
    first: int
    last: int


def parts_of(call: Call, group: int, start: int, end: int) -> list[Part]:
    """Where the events of a time are."""
    return [Part(*row) for row in call.table(Block).sql(_ALL, group, start - DAY, end, start)]


def newest(call: Call) -> int:
    """No block has a higher id."""
    return int(call.table(Block).sql(_NEWEST)[0][0] or 0)


def since(call: Call, group: int, id: int) -> list[Part]:
    """Blocks of a group that were written later than one, those of a stream in the order of their events."""
    return [Part(*row) for row in call.table(Block).sql(_SINCE, id, group)]


def raw_part(call: Call, part: Part) -> tuple[bytes, int] | None:
    """The bytes that hold a part, and the number of their first event."""
    found = packed_part(call, part)
    return (blocks.plain(found[0]), found[1]) if found is not None else None


def packed_part(call: Call, part: Part) -> tuple[bytes, int] | None:
    """The same as they are kept, for `blocks.plain`. The part may lie in a larger block by now."""
    table = call.table(Block)
    block = table.get(part.id)
    if block is None:
        found = table.sql(_COVERING, part.stream, part.base, part.base + part.events)
        block = table.get(found[0][0]) if found else None
    return (Keys(call).open(block), block.base) if block is not None else None
