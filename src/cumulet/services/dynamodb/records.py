"""Records of files that are imported or put: DynamoDB JSON, Ion and CSV, one item after the other, whatever their size.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, cast

import orjson

from . import ion
from .values import Item, Value

_PLAIN: dict[str, type] = {"S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool}
_LONGEST_FIELD = 1 << 20
_SETS = ("SS", "NS", "BS")


class Put(NamedTuple):
    """An item, and what a record says beside it: the condition under which it is put, with its names and values."""

    item: Item
    said: dict[str, Any]


Record = Put | ValueError                    # or what is wrong with it


def opened(path: str, compression: str) -> BinaryIO:
    """A file as it was before it was compressed."""
    return cast(BinaryIO, gzip.open(path, "rb")) if compression == "GZIP" else open(path, "rb")


def read(file: BinaryIO, kind: str, options: dict[str, Any], kinds: dict[str, str]) -> Iterator[Record]:
    """The records of a file. kinds: the types of key attributes, for CSV, where all else is text.

    Behind what makes no sense in its format, the rest of a file is not read.
    """
    senseless: tuple[type[Exception], ...] = (csv.Error, EOFError, UnicodeDecodeError, zlib.error, *ion.problems(kind))
    try:
        yield from _records(file, kind, options, kinds)
    except senseless as problem:
        yield ValueError(f"the rest of the object cannot be read: {problem}")


def _records(file: BinaryIO, kind: str, options: dict[str, Any], kinds: dict[str, str]) -> Iterator[Record]:
    if kind == "CSV":
        yield from _csv(file, options.get("Csv") or {}, kinds)
    elif kind == "ION":
        for record in ion.read(file):
            yield _taken(_of_ion, record)
    else:
        for line in file:
            if line.strip():
                yield _taken(_of_json, line)


def _taken(read_one: Callable[[Any], Put], record: Any) -> Record:
    try:
        return read_one(record)
    except ValueError as problem:
        return problem


def _of_json(line: bytes) -> Put:
    """`{"Item": {…}}`, checked as the wire checks a request's item."""
    found = _put(orjson.loads(line))
    for value in (*found.item.values(), *found.said.get("ExpressionAttributeValues", {}).values()):
        _check(value)
    return found


def _of_ion(record: Any) -> Put:
    return _put(ion.record_of(record))


def _put(record: Any) -> Put:
    item = record.pop("Item", None) if isinstance(record, dict) else None
    if not isinstance(item, dict):
        raise ValueError("a record has no Item")
    names, values = record.get("ExpressionAttributeNames", {}), record.get("ExpressionAttributeValues", {})
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise ValueError("ExpressionAttributeNames is no map of names")
    if not isinstance(values, dict):
        raise ValueError("ExpressionAttributeValues is no map")
    return Put(item, record)


def _check(value: Value) -> None:
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError("an attribute value has exactly one type")
    [(kind, data)] = value.items()
    if kind == "M" and isinstance(data, dict):
        for member in data.values():
            _check(member)
    elif kind == "L" and isinstance(data, list):
        for member in data:
            _check(member)
    elif kind in _SETS and isinstance(data, list):
        for member in data:
            _check({kind[0]: member})
    elif not isinstance(data, _PLAIN.get(kind, ())):
        raise ValueError(f"{kind} is no type, or its value is of another")
    elif kind == "B":
        base64.b64decode(str(data), validate=True)


def _csv(file: BinaryIO, options: dict[str, Any], kinds: dict[str, str]) -> Iterator[Record]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.reader(io.TextIOWrapper(file, "utf-8", newline=""), delimiter=options.get("Delimiter") or ",")
    header = options.get("HeaderList") or next(rows, None)
    for row in rows:
        if not row:
            continue
        if header is None or len(row) != len(header):
            yield ValueError(f"a row has {len(row)} columns, the header has {len(header or ())}")
        else:
            yield Put({name: {kinds.get(name, "S"): text} for name, text in zip(header, row, strict=True)}, {})
