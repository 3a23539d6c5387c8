"""What both sides say, made comparable."""

from __future__ import annotations

import asyncio
from typing import Any

from cumulet.kernel.store.blobs import Spool


def normal(shape: Any, value: Any) -> Any:
    """A value as both sides can be compared: timestamps as seconds, streams as bytes, floats as floats."""
    if value is None or shape is None:
        return value
    kind = shape.type_name
    if kind == "structure":
        if shape.is_document_type or not isinstance(value, dict):
            return value
        return {k: normal(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [normal(shape.member, v) for v in value]
    if kind == "map":
        return {k: normal(shape.value, v) for k, v in value.items()}
    if kind == "timestamp":
        return value.timestamp() if hasattr(value, "timestamp") else float(value)
    if kind == "blob":
        if isinstance(value, Spool):
            return value.read()
        return value.read() if hasattr(value, "read") else bytes(value) if not isinstance(value, str) else value.encode()
    if kind in ("float", "double"):
        return float(value)
    return value


def without_empty(value: Any) -> Any:
    """Lists, maps and structures that are empty cannot be told from absent ones in forms, headers and most XML."""
    if isinstance(value, dict):
        kept = {k: without_empty(v) for k, v in value.items()}
        return {k: v for k, v in kept.items() if v not in ({}, [], None)}
    if isinstance(value, list):
        return [kept for v in value if (kept := without_empty(v)) not in ({}, [], None)]
    return value


def difference(a: Any, b: Any, path: str = "") -> str:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(a.keys() | b.keys(), key=str):
            if a.get(key) != b.get(key):
                return difference(a.get(key), b.get(key), f"{path}.{key}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            if x != y:
                return difference(x, y, f"{path}[{i}]")
    return f"{path}: {a!r:.150} became {b!r:.150}"


def collect(body: Any) -> bytes:
    async def run() -> bytes:
        return b"".join([piece async for piece in body])
    return asyncio.run(run())
