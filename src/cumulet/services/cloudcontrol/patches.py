"""JSON Patch (RFC 6902) over a resource's properties. Rules only."""

from __future__ import annotations

import copy
from typing import Any


class BadPatch(ValueError):
    """The patch does not fit the document."""


def apply(document: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """A new document with the operations done in order."""
    root: Any = copy.deepcopy(document)
    for op in operations:
        if not isinstance(op, dict) or not isinstance(op.get("path"), str):
            raise BadPatch("each operation needs a path")
        kind, way = op.get("op"), _way(op["path"])
        if kind in ("add", "replace", "test") and "value" not in op:
            raise BadPatch(f"{kind} needs a value")
        if kind == "add":
            _add(root, way, copy.deepcopy(op["value"]))
        elif kind == "replace":
            _take(root, way)
            _add(root, way, copy.deepcopy(op["value"]))
        elif kind == "remove":
            _take(root, way)
        elif kind in ("move", "copy"):
            source = _way(op.get("from", ""))
            value = copy.deepcopy(_get(root, source))
            if kind == "move":
                _take(root, source)
            _add(root, way, value)
        elif kind == "test":
            if _get(root, way) != op["value"]:
                raise BadPatch(f"test failed at {op['path']}")
        else:
            raise BadPatch(f"{kind!r} is no operation")
    return dict(root)


def _way(path: str) -> list[str]:
    if not path.startswith("/"):
        raise BadPatch(f"{path!r} is no path")
    return [part.replace("~1", "/").replace("~0", "~") for part in path[1:].split("/")]


def _step(here: Any, part: str) -> Any:
    try:
        return here[int(part)] if isinstance(here, list) else here[part]
    except (KeyError, IndexError, ValueError, TypeError):
        raise BadPatch(f"there is no {part!r}") from None


def _get(root: Any, way: list[str]) -> Any:
    for part in way:
        root = _step(root, part)
    return root


def _add(root: Any, way: list[str], value: Any) -> None:
    parent = _get(root, way[:-1])
    last = way[-1]
    if isinstance(parent, list):
        at = len(parent) if last == "-" else int(last) if last.isdigit() else -1
        if not 0 <= at <= len(parent):
            raise BadPatch(f"there is no place {last!r}")
        parent.insert(at, value)
    elif isinstance(parent, dict):
        parent[last] = value
    else:
        raise BadPatch(f"there is nothing to hold {last!r}")


def _take(root: Any, way: list[str]) -> Any:
    parent = _get(root, way[:-1])
    value = _step(parent, way[-1])
    del parent[int(way[-1]) if isinstance(parent, list) else way[-1]]
    return value
