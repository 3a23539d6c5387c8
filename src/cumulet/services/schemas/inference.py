"""What events look like: seen in a tree of kinds, widened by each further event. Pure.

A tree is {"kind": "object", "fields": {…}, "required": […]}, {"kind": "array", "item": tree or None}, {"kind": "string"},
{"kind": "time"}, {"kind": "number"}, {"kind": "boolean"} or {"kind": "any"}.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce
from typing import Any

Tree = dict[str, Any]

ANY: Tree = {"kind": "any"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def seen(value: Any) -> Tree:
    """The tree of one value."""
    if isinstance(value, Mapping):
        return {"kind": "object", "fields": {name: seen(inner) for name, inner in value.items()}, "required": sorted(value)}
    if isinstance(value, list):
        return {"kind": "array", "item": reduce(widened, map(seen, value)) if value else None}
    if isinstance(value, bool):
        return {"kind": "boolean"}
    if isinstance(value, str):
        return {"kind": "time" if _TIME.fullmatch(value) else "string"}
    return ANY if value is None else {"kind": "number"}


def widened(one: Tree, other: Tree) -> Tree:
    """The narrowest tree that both fit."""
    kinds = {one["kind"], other["kind"]}
    if kinds == {"time", "string"}:
        return {"kind": "string"}
    if len(kinds) > 1:
        return ANY
    if one["kind"] == "array":
        items = [item for item in (one["item"], other["item"]) if item is not None]
        return {"kind": "array", "item": reduce(widened, items) if items else None}
    if one["kind"] == "object":
        ours, theirs = one["fields"], other["fields"]
        fields = {name: widened(ours[name], theirs[name]) if name in ours and name in theirs else (ours | theirs)[name]
                  for name in [*ours, *(name for name in theirs if name not in ours)]}
        return {"kind": "object", "fields": fields, "required": sorted({*one["required"]} & {*other["required"]})}
    return one
