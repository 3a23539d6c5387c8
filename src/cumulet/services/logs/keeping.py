"""How events come into the store and leave it: appended to a stream, merged with their neighbours, dropped once expired."""

from __future__ import annotations

from itertools import pairwise

from cumulet.kernel import Call

from . import blocks
from .blocks import Events
from .resources import Block, DataKey, LargeObject, LogGroup, Tally
from .sealing import Keys

_LEVELS = 4
DAY_SECONDS = 86_400.0


def append(call: Call, group: LogGroup, tally: Tally, times: list[int], messages: list[str], size: int,
           transformed: list[str]) -> None:
    """One batch, in order of time and within 24 hours, behind what the stream has."""
    keys = Keys(call)
    now = int(call.now * 1000)
    events = Events(times, messages, [(len(times), now)], transformed)
    block = Block(group=group.number, stream=tally.number, first=times[0], last=times[-1], count=len(times), size=size,
                  base=tally.next, key=group.data_key, data=keys.seal(blocks.pack(events), group.data_key, tally.next))
    call.table(Block).insert(block)
    tally.first = times[0] if tally.first is None else min(tally.first, times[0])
    tally.last = max(tally.last, times[-1])
    tally.ingested = now
    tally.size += size
    tally.next += len(times)
    _place(call, keys, tally, block, 0)
    call.table(Tally).put(tally)


def _place(call: Call, keys: Keys, tally: Tally, block: Block, level: int) -> None:
    """Note a block at its level; sixteen of a level become one of the next."""
    if block.size >= blocks.LARGE or level >= _LEVELS:
        tally.levels = []              # what is merged must follow each other: a large one ends the run
        return
    while len(tally.levels) <= level:
        tally.levels.append([])
    tally.levels[level].append(block.id)
    if len(tally.levels[level]) < blocks.FANOUT:
        return
    ids = tally.levels[level]
    tally.levels[level] = []
    table = call.table(Block)
    parts = [part for each in ids if (part := table.get(each)) is not None]
    if not _fit(parts):
        return
    whole = blocks.merged([blocks.unpack(keys.open(part)) for part in parts])
    data = keys.seal(blocks.pack(whole), parts[0].key, parts[0].base)
    for part in parts:
        table.delete(part.id)
    new = table.insert(Block(group=block.group, stream=block.stream, first=min(p.first for p in parts),
                             last=max(p.last for p in parts), count=len(whole.times), size=sum(p.size for p in parts),
                             base=parts[0].base, key=parts[0].key, data=data, merged=True))
    _place(call, keys, tally, new, level + 1)


def _fit(parts: list[Block]) -> bool:
    """Do these follow each other, within a day, under one key?"""
    follow = all(b.base == a.base + a.count and b.key == a.key for a, b in pairwise(parts))
    return bool(parts) and follow and max(p.last for p in parts) - min(p.first for p in parts) <= blocks.DAY


def oldest_kept(group: LogGroup, now: float) -> int:
    """The time, in milliseconds, before which events of a group have expired."""
    return int((now - group.RetentionInDays * DAY_SECONDS) * 1000) if group.RetentionInDays else 0


_EXPIRED = ('DELETE FROM {table} WHERE scope = {scope} AND "group" = ? AND "last" < ? RETURNING "stream", "size"')
_EXPIRED_OBJECTS = 'DELETE FROM {table} WHERE scope = {scope} AND "group" = ? AND "time" < ?'
_NEXT = 'SELECT min("last") FROM {table} WHERE scope = {scope} AND "group" = ?'


def drop_expired(call: Call, group: LogGroup) -> float | None:
    """Drop what has expired; when to look again, or None when nothing is left."""
    gone: dict[int, int] = {}
    for stream, size in call.table(Block).sql(_EXPIRED, group.number, oldest_kept(group, call.now)):
        gone[stream] = gone.get(stream, 0) + size
    tallies = call.table(Tally)
    for stream, size in gone.items():
        tally = tallies.get(stream)
        if tally is not None:
            tallies.change(stream, size=max(0, tally.size - size))
    call.table(LargeObject).sql(_EXPIRED_OBJECTS, group.number, oldest_kept(group, call.now))
    if not group.RetentionInDays:
        return None
    earliest = call.table(Block).sql(_NEXT, group.number)[0][0]
    return None if earliest is None else max(earliest / 1000 + group.RetentionInDays * DAY_SECONDS, call.now) + 3600


def forget_group(call: Call, group: LogGroup) -> None:
    """Drop all events of a group, and what its streams held."""
    call.table(Block).delete_all(group.number, index="group")
    call.table(Tally).delete_all(group.number, index="group")
    call.table(DataKey).delete_all(group.number, index="group")
    call.table(LargeObject).delete_all(group.number, index="group")


def forget_stream(call: Call, number: int) -> None:
    """Drop all events of a stream."""
    call.table(Block).delete_all(number, index="stream")
    call.table(LargeObject).delete_all(number, index="stream")
    call.table(Tally).delete(number)
