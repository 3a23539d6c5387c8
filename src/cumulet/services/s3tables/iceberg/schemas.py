"""Schemas: types that Iceberg has, and ids of fields, given anew in the order of Iceberg's own libraries.

https://iceberg.apache.org/spec/#schemas-and-data-types
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from . import Invalid

_PRIMITIVE = re.compile(
    r"boolean|int|long|float|double|date|time|timestamp(?:tz)?(?:_ns)?|string|uuid|binary|unknown|variant|fixed\[\d+\]|"
    r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)|geometry(?:\(.*\))?|geography(?:\(.*\))?")
_PARTS = {"list": ("element",), "map": ("key", "value"), "struct": ()}
_THIRD = ("timestamp_ns", "timestamptz_ns", "unknown", "variant", "geometry", "geography")
_DIGITS = 38
_DEEPEST = 64
Ids = dict[int, int]


def fresh(schema: Any) -> tuple[dict[str, Any], int, Ids]:
    """The schema of a new table, as its schema 0; its highest id; and the new id of each old one."""
    check(schema)
    ids: Ids = {}
    numbers = count(1)
    fields = _renumbered(schema, numbers, ids)["fields"]
    made = {"type": "struct", "schema-id": 0, "fields": fields}
    if schema.get("identifier-field-ids"):
        made["identifier-field-ids"] = [ids[old] for old in schema["identifier-field-ids"]]
    return made, next(numbers) - 1, ids


def _renumbered(kind: Any, numbers: count[int], ids: Ids) -> Any:
    """A type with new ids: those of one level before those below it."""
    def new(old: int) -> int:
        ids[old] = next(numbers)
        return ids[old]

    if not isinstance(kind, dict):
        return kind
    if kind["type"] == "struct":
        level = [{**field, "id": new(field["id"])} for field in kind["fields"]]
        return {**kind, "fields": [{**field, "type": _renumbered(field["type"], numbers, ids)} for field in level]}
    if kind["type"] == "list":
        element = new(kind["element-id"])
        return {**kind, "element-id": element, "element": _renumbered(kind["element"], numbers, ids)}
    made = {**kind, "key-id": new(kind["key-id"]), "value-id": new(kind["value-id"])}
    made["key"] = _renumbered(kind["key"], numbers, ids)
    made["value"] = _renumbered(kind["value"], numbers, ids)
    return made


def check(schema: Any) -> None:
    """Raises Invalid unless this is a schema: known types, ids and names that are there once."""
    if not isinstance(schema, dict) or schema.get("type") != "struct":
        raise Invalid("The schema is not a struct.")
    _check_type(schema, 0)
    ids = [one for one, _ in walked(schema)]
    if len(set(ids)) != len(ids):
        raise Invalid("The schema has two fields with one id.")
    identifiers = schema.get("identifier-field-ids") or []
    if not isinstance(identifiers, list):
        raise Invalid("The identifier fields are a list of ids.")
    for old in identifiers:
        if old not in ids:
            raise Invalid(f"The identifier field {old} is not in the schema.")


def _check_type(kind: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise Invalid("The schema is nested too deeply.")
    if isinstance(kind, str):
        found = _PRIMITIVE.fullmatch(kind)
        if found is None or (found[1] and not int(found[2]) <= int(found[1]) <= _DIGITS):
            raise Invalid(f"The type {kind[:64]} is not known.")
        return
    parts = _PARTS.get(str(kind.get("type"))) if isinstance(kind, dict) else None
    if parts is None:
        raise Invalid("A type is a name, or a struct, list or map.")
    for part in parts:
        if not isinstance(kind.get(f"{part}-id"), int) or part not in kind:
            raise Invalid(f"A {kind['type']} needs {part} and {part}-id.")
        _check_type(kind[part], depth + 1)
    if kind["type"] == "struct":
        _check_fields(kind.get("fields"), depth)


def _check_fields(fields: Any, depth: int) -> None:
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise Invalid("A struct needs fields.")
    for one in fields:
        if not isinstance(one.get("id"), int) or not isinstance(one.get("name"), str) or not one["name"] or "type" not in one:
            raise Invalid("A field needs id, name and type.")
        _check_type(one["type"], depth + 1)
    names = [one["name"] for one in fields]
    if len(set(names)) != len(names):
        raise Invalid("A struct has two fields with one name.")


def walked(kind: Any) -> Iterator[tuple[int, Any]]:
    """All ids below a type, each with its own type."""
    if not isinstance(kind, dict):
        return
    if kind["type"] == "struct":
        for field in kind["fields"]:
            yield field["id"], field["type"]
            yield from walked(field["type"])
        return
    for part in ("element",) if kind["type"] == "list" else ("key", "value"):
        yield kind[f"{part}-id"], kind[part]
        yield from walked(kind[part])


def check_version(schema: Any, version: int) -> None:
    """Raises Invalid when a type came with a later version of the format."""
    for _, kind in walked(schema):
        if version < 3 and isinstance(kind, str) and kind.startswith(_THIRD):
            raise Invalid(f"The type {kind} needs version 3 of the format.")


def last_id(schema: Any) -> int:
    """The highest id in a schema."""
    return max((one for one, _ in walked(schema)), default=0)
