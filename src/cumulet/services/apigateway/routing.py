"""Which method of a deployment a request is for."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from .definitions import Definition

Said = dict[str, Any]


def match(definition: Definition, path: str, verb: str) -> tuple[Said, Said, dict[str, str]] | None:
    """The resource, the method and the path's parameters; the first resource in order of precision that has the method."""
    names = path.strip("/").split("/") if path.strip("/") else []
    for pattern, resource in definition.paths:
        params = _fits(pattern, names)
        if params is None:
            continue
        methods = resource.get("resourceMethods") or {}
        method = methods.get(verb) or methods.get("ANY")
        if method is not None:
            return resource, method, params
    return None


def _fits(pattern: list[str], names: list[str]) -> dict[str, str] | None:
    params: dict[str, str] = {}
    for position, part in enumerate(pattern):
        if part.endswith("+}"):
            if position >= len(names):
                return None
            params[part[1:-2]] = unquote("/".join(names[position:]))
            return params
        if position >= len(names):
            return None
        if part.startswith("{"):
            params[part[1:-1]] = unquote(names[position])
        elif part != unquote(names[position]):
            return None
    return params if len(names) == len(pattern) else None
