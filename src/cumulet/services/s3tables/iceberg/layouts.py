"""Partition specs and sort orders: fields that are made of a schema's by a transform.

https://iceberg.apache.org/spec/#partitioning
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from . import Invalid
from .schemas import Ids, walked

_TRANSFORM = re.compile(r"identity|year|month|day|hour|void|(?:bucket|truncate)\[[1-9]\d*\]")
FIRST = 1000                           # id of the first partition field
UNSORTED = {"order-id": 0, "fields": []}
_DIRECTIONS, _NULLS = ("asc", "desc"), ("nulls-first", "nulls-last")


def spec(said: Any, schema: Any, number: int, last: int, ids: Ids | None = None) -> tuple[dict[str, Any], int]:
    """A partition spec as a table has it, and the highest id of a partition field. ids: the schema's new ones."""
    fields, names = [], set()
    for one in _fields(said):
        field_id = one.get("field-id")
        last = max(last, field_id) if isinstance(field_id, int) and ids is None else last + 1
        fields.append({"source-id": _source(one, schema, ids), "field-id": field_id if isinstance(field_id, int) and ids is None
                       else last, "transform": _transform(one), "name": one.get("name")})
        if not isinstance(one.get("name"), str) or not one["name"] or one["name"] in names:
            raise Invalid("Each partition field needs a name of its own.")
        names.add(one["name"])
    return {"spec-id": number, "fields": fields}, last


def order(said: Any, schema: Any, number: int, ids: Ids | None = None) -> dict[str, Any]:
    """A sort order as a table has it; without fields it is the one that has the number 0."""
    fields = []
    for one in _fields(said):
        if one.get("direction") not in _DIRECTIONS or one.get("null-order") not in _NULLS:
            raise Invalid("A sort field needs direction and null-order.")
        fields.append({"transform": _transform(one), "source-id": _source(one, schema, ids), "direction": one["direction"],
                       "null-order": one["null-order"]})
    return {"order-id": number, "fields": fields} if fields else UNSORTED


def _fields(said: Any) -> Sequence[dict[str, Any]]:
    fields = said.get("fields") if isinstance(said, dict) else None
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise Invalid("A partition spec or sort order needs fields.")
    return fields


def _transform(one: dict[str, Any]) -> str:
    if not isinstance(one.get("transform"), str) or not _TRANSFORM.fullmatch(one["transform"]):
        raise Invalid(f"The transform {str(one.get('transform'))[:64]} is not known.")
    return str(one["transform"])


def _source(one: dict[str, Any], schema: Any, ids: Ids | None) -> int:
    """The field of the schema that it is made of: a primitive one."""
    source = one.get("source-id")
    if ids is not None:
        source = ids.get(source) if isinstance(source, int) else None
    kind = dict(walked(schema)).get(source) if isinstance(source, int) else None
    if not isinstance(source, int) or not isinstance(kind, str):
        raise Invalid(f"There is no field {one.get('source-id')} in the schema to partition or sort by.")
    return source
