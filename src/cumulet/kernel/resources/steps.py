"""From what a property is to what it shall be: calls of the operations that a property has for itself (`by` in declare.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import wire
from ..declare import by
from ..errors import AwsError

Properties = dict[str, Any]


def steps(service: str, type_name: str, name: str, place: by, now: Any, value: Any) -> list[tuple[str, Properties]]:
    """The operations, with their members, that bring a property from what it is now to a value."""
    if (place.lower or place.entries) and value == now:
        return []
    if place.switch:
        return [(place.operation if value else place.unset, {})]
    operations = wire.model(service).operations
    removal = [(place.unset, _entries(operations[place.unset].required, place, now or {}))] if place.unset else []
    if value is None and removal:
        return removal
    if value is None:
        raise AwsError("NotImplemented", f"{type_name} does not honour the removal of {name} yet.", 501)
    if (place.entries and not isinstance(value, Mapping)) or (place.lower and not isinstance(value, int)):
        wanted = "JSONObject" if place.entries else "Integer"
        raise AwsError("InvalidRequest", f"Model validation failed (#/{name}: expected type: {wanted})", 400)
    if place.entries:
        if unknown := ", ".join(sorted(value.keys() - {path.rpartition(".")[2] for path in place.entries})):
            raise AwsError("NotImplemented", f"{type_name} does not honour {unknown} of {name} yet.", 501)
        setting = (place.operation, _entries(operations[place.operation].members, place, value))
        return [*removal, setting] if place.anew and now is not None else [setting]
    members = dict(place.also)
    put_at(members, place.path or name, value)
    return [(place.lower if place.lower and value < now else place.operation, members)]


def _entries(members: frozenset[str], place: by, value: Mapping[str, Any]) -> Properties:
    """A structure's entries as these members of an operation."""
    out: Properties = {}
    for path in place.entries:
        entry = path.rpartition(".")[2]
        if entry in value and path.partition(".")[0] in members:
            put_at(out, path, value[entry])
    return out


def put_at(out: Properties, path: str, value: Any) -> None:
    """A member at a dotted path, in structures that are made on the way."""
    *way, last = path.split(".")
    for part in way:
        out = out.setdefault(part, {})
    out[last] = value
