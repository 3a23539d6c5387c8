"""Events that are too large: what their largest fields hold beyond the limit is kept apart, and the event points to it.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogObject.html
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from cumulet.kernel import Call

from . import batches
from .effective import masked, masks
from .opentelemetry import dump
from .resources import LargeObject, LogGroup, LogStream, Numbered
from .sealing import Keys

_MOST_FIELDS = 10
Kept = dict[str, tuple[str, int]]      # pointer → a field's text, and how much of it stays in the event
Path = tuple[str | int, ...]


def too_large(message: str) -> bool:
    """May it not be an event as it is?"""
    return batches.size_of([message]) > batches.MOST


def cut(record: dict[str, Any], pointer: Callable[[], str]) -> tuple[str, Kept]:
    """An event of a record that is too large, and what is to be kept: ten fields at most are cut, the largest first, and each
    by what is too much. It may still be too large then."""
    kept: Kept = {}
    record = deepcopy(record)          # records share what their resource and scope say
    fields = sorted(_texts(record, ()), key=lambda path: -_size(_at(record, path)))[:_MOST_FIELDS]
    pointers: dict[str, str] = {}
    for path in fields:
        message = dump(record | pointers)
        if not too_large(message):
            return message, kept
        text, name = _at(record, path), "@ptr.$" + "".join(f"[{part!r}]" for part in path)
        pointers[name] = new = pointer()
        stays = _fitting(text, _size(text) - (batches.size_of([dump(record | pointers)]) - batches.MOST))
        kept[new] = text, stays
        _at(record, path[:-1])[path[-1]] = text[:stays]
    return dump(record | pointers), kept


def _texts(value: Any, path: Path) -> Iterator[Path]:
    """Where texts lie."""
    if isinstance(value, str):
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _texts(each, (*path, key))


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def _size(text: str) -> int:
    return len(dump(text).encode())


def _fitting(text: str, room: int) -> int:
    """How many characters at the beginning take so many bytes of JSON at most."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _size(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


# --- kept ---


def store(call: Call, group: LogGroup, stream: LogStream, time: int, kept: Kept) -> None:
    """Keep what was cut from one event."""
    keys = Keys(call)
    for pointer, (text, offset) in kept.items():
        data = keys.seal(zlib.compress(text.encode(), 1), group.data_key, 0)
        call.table(LargeObject).insert(LargeObject(
            id=pointer, group=group.number, stream=stream.number, time=time, came=int(call.now * 1000), offset=offset,
            key=group.data_key, data=data))


def group_of(call: Call, pointer: str) -> str | None:
    """The name of the group whose event the object belongs to."""
    row = call.table(LargeObject).get(pointer)
    named = call.table(Numbered).get(row.group) if row is not None else None
    return named.name if named is not None else None


def content(call: Call, pointer: str, unmask: bool) -> bytes | None:
    """What the event has not, as it may be seen."""
    row, name = call.table(LargeObject).get(pointer), group_of(call, pointer)
    if row is None or name is None:
        return None
    text = zlib.decompress(Keys(call).open(row)).decode()
    return (text if unmask else masked(masks(call, name), text, row.came))[row.offset:].encode()
