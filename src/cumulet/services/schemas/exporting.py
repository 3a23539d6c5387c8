"""OpenAPI 3 as JSON Schema Draft 4: what ExportSchema gives. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .rendering import DRAFT4

_FROM, _TO = "#/components/schemas/", "#/definitions/"
# What OpenAPI's schemas have and JSON Schema has not.
_DROPPED = frozenset({"discriminator", "readOnly", "writeOnly", "xml", "externalDocs", "example", "deprecated", "nullable"})
_MAIN = "AWSEvent"


def exported(content: str) -> str:
    """The main schema (the event's envelope, or the first one), the others as its definitions."""
    said = json.loads(content)
    schemas = (said.get("components") or {}).get("schemas") or {}
    main = _MAIN if _MAIN in schemas else next(iter(schemas), "")
    definitions = {name: _converted(each) for name, each in schemas.items() if name != main}
    whole = {"$schema": DRAFT4, "title": (said.get("info") or {}).get("title", main), "definitions": definitions,
             **_converted(schemas.get(main, {}))}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _converted(schema: Any) -> Any:
    """One schema, and all within it; the names of properties stay as they are."""
    if isinstance(schema, list):
        return [_converted(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    said = {name: _part(name, value) for name, value in schema.items() if name not in _DROPPED}
    if schema.get("nullable") and isinstance(said.get("type"), str):
        said["type"] = [said["type"], "null"]
    return said


def _part(name: str, value: Any) -> Any:
    if name == "$ref" and isinstance(value, str):
        return value.replace(_FROM, _TO, 1)
    if name == "properties" and isinstance(value, Mapping):
        return {field: _converted(inner) for field, inner in value.items()}
    return value if name in ("enum", "default", "required") else _converted(value)
