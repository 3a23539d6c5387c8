"""Rows of JSON texts as the records of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from .faults import refused
from .wishes import JSON, Writing

_BATCH = 1 << 17
_LONGEST = 1 << 20
Row = Sequence[str | None]


def batches(rows: Iterable[Row], names: Sequence[str] | None, how: Writing, drops_absent: bool) -> Iterator[bytes]:
    """The records, about 128 KiB at a time. names: None where a row is one whole record.  drops_absent: of short CSV lines."""
    held: list[str] = []
    size = 0
    quoted = [msgspec.json.encode(name).decode() for name in names or ()]
    for row in rows:
        if how.form == JSON:
            text = _object(row, quoted) if names is not None else _whole(row)
        else:
            text = _line(_values(row, names is None, drops_absent), how)
        if len(text) > _LONGEST:
            raise refused("OverMaxRecordSize")
        held += (text, how.record)
        size += len(text)
        if size > _BATCH:
            yield "".join(held).encode()
            held, size = [], 0
    if held:
        yield "".join(held).encode()


def _object(row: Row, names: Sequence[str]) -> str:
    return "{" + ",".join(f"{name}:{value}" for name, value in zip(names, row, strict=True) if value is not None) + "}"


def _whole(row: Row) -> str:
    value = row[0]
    if value is None:
        return "{}"
    return value if value.startswith("{") else '{"_1":' + value + "}"


def _values(row: Row, whole: bool, drops_absent: bool) -> list[str]:
    if whole:
        value = row[0]
        if value is None:
            return [""]
        if not value.startswith("{"):
            return [_plain(value)]
        return [_plain(bytes(one).decode()) for one in msgspec.json.decode(value, type=dict[str, msgspec.Raw]).values()]
    end = len(row)
    while drops_absent and end and row[end - 1] is None:
        end -= 1
    return ["" if value is None else _plain(value) for value in row[:end]]


def _plain(value: str) -> str:
    """A JSON value as a field: texts without their quotes, null as nothing."""
    if value.startswith('"'):
        return str(msgspec.json.decode(value))
    return "" if value == "null" else value


def _line(values: Sequence[str], how: Writing) -> str:
    return how.field.join(_field(value, how) for value in values)


def _field(value: str, how: Writing) -> str:
    if how.always_quoted or how.field in value or how.quote in value or how.record in value:
        return how.quote + value.replace(how.quote, how.escape + how.quote) + how.quote
    return value
