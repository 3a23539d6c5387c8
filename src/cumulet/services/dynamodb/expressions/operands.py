"""Operands → closures `(item, values) → value or None`, and what can be said of their types before any item is seen."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from ..values import Item, Value
from .syntax import Function, Operand, Path, Placeholder

Values = Mapping[str, Value]
Read = Callable[[Item, Values], "Value | None"]

_MEASURED = {"S": len, "B": lambda text: len(base64.b64decode(text)), "SS": len, "NS": len, "BS": len, "M": len, "L": len}


def reader(operand: Operand) -> Read:
    """The value of an operand, None where there is none."""
    if isinstance(operand, Placeholder):
        name = operand.name
        return lambda item, values: values[name]
    if isinstance(operand, Path):
        if len(operand.parts) == 1:
            first = operand.parts[0]
            return lambda item, values: item.get(first)                         # type: ignore[arg-type]
        parts = operand.parts
        return lambda item, values: follow(item, parts)
    assert isinstance(operand, Function)
    assert operand.name == "size"
    inner = reader(operand.arguments[0])

    def size(item: Item, values: Values) -> Value | None:
        value = inner(item, values)
        if value is None:
            return None
        [(kind, data)] = value.items()
        measure = _MEASURED.get(kind)
        if measure is None:
            return None
        return {"N": str(len(data.encode()) if kind == "S" else measure(data))}

    return size


def follow(item: Item, parts: tuple[str | int, ...]) -> Value | None:
    """The value at a document path."""
    value = item.get(parts[0])                                                  # type: ignore[arg-type]
    for part in parts[1:]:
        if value is None:
            return None
        if type(part) is int:
            members = value.get("L")
            value = members[part] if members is not None and part < len(members) else None
        else:
            entries = value.get("M")
            value = entries.get(part) if entries is not None else None
    return value


def roots(operand: Operand) -> set[str]:
    """The top-level attributes that an operand reads."""
    if isinstance(operand, Path):
        return {str(operand.parts[0])}
    if isinstance(operand, Function):
        return set().union(*(roots(a) for a in operand.arguments))
    if isinstance(operand, Placeholder):
        return set()
    return roots(operand.left) | roots(operand.right)
