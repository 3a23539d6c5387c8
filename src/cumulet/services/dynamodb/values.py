"""Attribute values: checked, measured and brought into the one form in which equal values are equal Python objects.

The form is the wire's own, `{"S": "text"}`, with three additions: numbers are canonical, sets are sorted, and binary is
base64 text (the wire hands it in as bytes). So a stored item is the JSON of its map, and `==` is DynamoDB's equality.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

import orjson

from cumulet.kernel import AwsError, error

from . import numbers

Value = dict[str, Any]
Item = dict[str, Value]

KINDS = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")
LONG_NAMES = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET",
              "M": "MAP", "L": "LIST", "NULL": "NULL", "BOOL": "BOOLEAN"}
LARGEST_ITEM = 400 * 1024
_DEEPEST = 32
_INVALID = "One or more parameter values were invalid: "


def take(value: Value, depth: int = 0) -> tuple[Value, int]:
    """A value of a request in the one form, and its size in bytes. Gives the same object where nothing changes."""
    if len(value) != 1:
        raise _not_one(value)
    [(kind, data)] = value.items()
    if kind == "S":
        return value, len(data) if data.isascii() else len(data.encode())
    if kind == "N":
        number = numbers.canonical(data)
        return (value if number is data else {"N": number}), numbers.size(number)
    if kind == "BOOL":
        return value, 1
    if kind == "M" or kind == "L":
        if depth >= _DEEPEST:
            raise _too_deep()
        return _map(value, data, depth + 1) if kind == "M" else _list(value, data, depth + 1)
    if kind == "B":
        raw = binary(data)
        return {"B": base64.b64encode(raw).decode()}, len(raw)
    if kind == "NULL":
        if data is not True:
            raise error.ValidationException(_INVALID + "Null attribute value types must have the value of true")
        return value, 1
    return _set(kind, data)


def take_item(item: Item) -> tuple[Item, int]:
    """An item of a request in the one form, and its size: names and values."""
    changed: Item | None = None
    size = 0
    for name, value in item.items():
        size += len(name) if name.isascii() else len(name.encode())
        if len(value) == 1 and "S" in value:                     # most are strings
            text = value["S"]
            size += len(text) if text.isascii() else len(text.encode())
            continue
        new, bytes_ = take(value)
        size += bytes_
        if new is not value:
            if changed is None:
                changed = dict(item)
            changed[name] = new
    return (item if changed is None else changed), size


def size_of(value: Value, depth: int = 0) -> int:
    """The size of a value that is already in the one form; an update may have nested it too deeply."""
    [(kind, data)] = value.items()
    if kind == "S":
        return len(data) if data.isascii() else len(data.encode())
    if kind == "N":
        return numbers.size(data)
    if kind == "M" or kind == "L":
        if depth >= _DEEPEST:
            raise _too_deep()
        if kind == "L":
            return 3 + sum(1 + size_of(member, depth + 1) for member in data)
        return 3 + sum(1 + len(name.encode()) + size_of(member, depth + 1) for name, member in data.items())
    if kind == "B":
        return len(base64.b64decode(data))
    if kind == "SS":
        return sum(len(text.encode()) for text in data)
    if kind == "NS":
        return sum(map(numbers.size, data))
    if kind == "BS":
        return sum(len(base64.b64decode(text)) for text in data)
    return 1


def size_of_item(item: Item) -> int:
    """The size of an item that is already in the one form."""
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def binary(data: bytes | str) -> bytes:
    """The bytes of a B, whichever form it is in."""
    return base64.b64decode(data) if isinstance(data, str) else bytes(data)


def encode(item: Item) -> bytes:
    """An item in the one form as it is stored and sent."""
    return orjson.dumps(item)


def decode(body: bytes) -> Item:
    """A stored item."""
    item: Item = orjson.loads(body)
    return item


def for_peers(item: Item) -> Item:
    """An item as a call inside the process expects it: binary as bytes."""
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: Value) -> Value:
    [(kind, data)] = value.items()
    if kind == "B":
        return {"B": base64.b64decode(data)}
    if kind == "BS":
        return {"BS": [base64.b64decode(text) for text in data]}
    if kind == "M":
        return {"M": for_peers(data)}
    if kind == "L":
        return {"L": [_plain(member) for member in data]}
    return value


def copy(value: Value) -> Value:
    """A value that shares nothing with this one."""
    if "M" in value or "L" in value:
        new: Value = orjson.loads(orjson.dumps(value))
        return new
    return dict(value)


def kind_of(value: Value) -> str:
    """The type: "S", "N", …"""
    return next(iter(value))


def order_of(kind: str, data: str) -> Any:
    """What Python compares as DynamoDB orders values of a type that has an order: by code point, number, byte."""
    if kind == "N":
        return Decimal(data)
    return base64.b64decode(data) if kind == "B" else data


def told(value: Value) -> str:
    """A value as error messages write it: `{N:1}`."""
    return "{" + ",".join(f"{kind}:{data}" for kind, data in value.items()) + "}"


def _map(value: Value, data: Item, depth: int) -> tuple[Value, int]:
    size = 3
    changed: Item | None = None
    for name, member in data.items():
        new, bytes_ = take(member, depth)
        size += bytes_ + 1 + (len(name) if name.isascii() else len(name.encode()))
        if new is not member:
            if changed is None:
                changed = dict(data)
            changed[name] = new
    return (value if changed is None else {"M": changed}), size


def _list(value: Value, data: list[Value], depth: int) -> tuple[Value, int]:
    size = 3 + len(data)
    changed: list[Value] | None = None
    for index, member in enumerate(data):
        new, bytes_ = take(member, depth)
        size += bytes_
        if new is not member:
            if changed is None:
                changed = list(data)
            changed[index] = new
    return (value if changed is None else {"L": changed}), size


def _set(kind: str, data: list[Any]) -> tuple[Value, int]:
    if not data:
        raise error.ValidationException(_INVALID + {
            "SS": "An string set  may not be empty", "NS": "An number set  may not be empty",
            "BS": "Binary sets should not be empty"}[kind])
    if kind == "SS":
        if len(set(data)) != len(data):
            raise error.ValidationException(_INVALID + f"Input collection [{', '.join(data)}] contains duplicates.")
        return {"SS": sorted(data)}, sum(len(text.encode()) for text in data)
    if kind == "NS":
        found = [numbers.canonical(text) for text in data]
        if len(set(found)) != len(found):
            raise error.ValidationException("Input collection contains duplicates")
        return {"NS": sorted(found, key=Decimal)}, sum(map(numbers.size, found))
    raw = [binary(member) for member in data]
    if len(set(raw)) != len(raw):
        raise error.ValidationException(_INVALID + "Input collection [Bytes] contains duplicates.")
    return {"BS": [base64.b64encode(member).decode() for member in sorted(raw)]}, sum(map(len, raw))


def _too_deep() -> AwsError:
    return error.ValidationException("Nesting Levels have exceeded supported limits")


def _not_one(value: Value) -> AwsError:
    if value:
        return error.ValidationException(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
    return error.ValidationException(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")


def sets_of(kind: str, left: list[str], right: list[str], keep: bool) -> list[str]:
    """The union of two sets of one type (keep), or what of the left is not in the right; sorted."""
    members = set(left) | set(right) if keep else set(left) - set(right)
    return sorted(members, key=lambda member: order_of(kind[0], member))
