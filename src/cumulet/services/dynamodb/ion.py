"""Items in Amazon Ion, as exports write them and imports read them. The Ion library is an extra: `pip install cumulet[ion]`.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from cumulet.kernel import not_implemented

from .values import Item, Value

_OF_VALUES = ("Item", "ExpressionAttributeValues")
_SETS = {"$dynamodb_SS": "SS", "$dynamodb_NS": "NS", "$dynamodb_BS": "BS"}


def library() -> Any:
    """The Ion library, or an honest 501."""
    try:
        from amazon.ion import simpleion
    except ImportError:
        raise not_implemented("Amazon Ion without the library of the extra cumulet[ion]") from None
    return simpleion


def line(record: dict[str, Any]) -> bytes:
    """One record of an export on a line of its own; its items are in Ion already (`written`)."""
    text: str = library().dumps(record, binary=False)
    return text.encode() + b"\n"


def written(item: Item) -> dict[str, Any]:
    """An item as Ion has it."""
    return {name: _written(member) for name, member in item.items()}


def _written(value: Value) -> Any:
    """An attribute value as Ion has it."""
    [(kind, data)] = value.items()
    if kind == "N":
        return Decimal(data)
    if kind == "B":
        return base64.b64decode(data)
    if kind == "M":
        return {name: _written(member) for name, member in data.items()}
    if kind == "L":
        return [_written(member) for member in data]
    if kind in ("SS", "NS", "BS"):
        from amazon.ion.core import IonType
        from amazon.ion.simple_types import IonPyList
        return IonPyList.from_value(IonType.LIST, [_written({kind[0]: member}) for member in data], (f"$dynamodb_{kind}",))
    return None if kind == "NULL" else data


def read(file: BinaryIO) -> Iterator[Any]:
    """The records of a file, one after the other."""
    yield from library().load(file, single_value=False, parse_eagerly=False)


def problems(kind: str) -> tuple[type[Exception], ...]:
    """What the library raises at what is no Ion, while it is used."""
    if kind != "ION":
        return ()
    from amazon.ion.exceptions import IonException
    return (IonException,)


def record_of(record: Any) -> dict[str, Any]:
    """A record `{Item: {…}}` as its counterpart in JSON; raises ValueError for what is none."""
    if not isinstance(record, Mapping):
        raise ValueError("a record has no Item")
    return {str(name): _items(value) if str(name) in _OF_VALUES and isinstance(value, Mapping) else _plain(value)
            for name, value in record.items()}


def _items(values: Mapping[Any, Any]) -> Item:
    return {str(name): _taken(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """A text or a map of texts (a condition, the names in it)."""
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, Mapping) else str(value)


def _taken(value: Any) -> Value:
    """An Ion value as an attribute value."""
    from amazon.ion.simple_types import IonPyNull
    if value is None or isinstance(value, IonPyNull):
        return {"NULL": True}
    marks = [_SETS[mark.text] for mark in getattr(value, "ion_annotations", ()) if mark.text in _SETS]
    if marks:
        kind = marks[0]
        return {kind: [next(iter(_taken(member).values())) for member in value]}
    if isinstance(value, Mapping):
        return {"M": {str(name): _taken(member) for name, member in value.items()}}
    if isinstance(value, list):
        return {"L": [_taken(member) for member in value]}
    if isinstance(value, bytes):
        return {"B": bytes(value)}
    return _scalar(value)


def _scalar(value: Any) -> Value:
    name = type(value).__name__
    if name == "IonPyBool":
        return {"BOOL": bool(value)}
    if isinstance(value, (int, float, Decimal)):
        return {"N": format(Decimal(repr(float(value))) if isinstance(value, float) else Decimal(value), "f")}
    if isinstance(value, str):
        return {"S": str(value)}
    raise ValueError(f"{name} has no counterpart in DynamoDB")
