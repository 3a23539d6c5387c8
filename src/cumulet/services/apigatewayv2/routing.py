"""Routes of HTTP APIs: what their keys may be, and which one a request is for. No tables, no wire.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from .parts import bad
from .resources import Route

DEFAULT = "$default"
_KEY = re.compile(r"(ANY|GET|PUT|POST|PATCH|DELETE|HEAD|OPTIONS) (/\S*)")
_VARIABLE = re.compile(r"\{([^{}/+]+)(\+?)\}")
_FULL, _GREEDY, _VARIABLES, _EXACT = 0, 1, 2, 3


def checked_key(protocol: str, key: str) -> None:
    """Keys of WebSocket APIs are free; those of HTTP APIs name a method and a path."""
    if protocol == "WEBSOCKET" or key == DEFAULT:
        return
    found = _KEY.fullmatch(key)
    if found is None:
        raise bad("The provided route key is not formatted properly for HTTP protocol. Format should be"
                  " \"<HTTP METHOD> /<RESOURCE PATH>\" or \"$default\"")
    parts = found[2].split("/")[1:]
    names = []
    for i, part in enumerate(parts):
        variable = _VARIABLE.fullmatch(part)
        if variable is None and ("{" in part or "}" in part):
            raise bad("The path parameters of a route key must be whole segments of its path, such as {name} or {name+}")
        if variable is not None:
            names.append(variable[1])
            if variable[2] and i < len(parts) - 1:
                raise bad("A greedy path variable must be the last segment of the path")
    if len(names) != len(set(names)):
        raise bad("The path parameters of a route key must have distinct names")


class Matched(NamedTuple):
    """A route, and what its path's variables stand for."""

    route: Route
    parameters: dict[str, str]


def match(routes: Iterable[Route], method: str, path: str) -> Matched | None:
    """The most specific route for a request: whole paths before greedy ones before `$default`; a method before ANY."""
    best: tuple[tuple[int, ...], Matched] | None = None
    for route in routes:
        if route.RouteKey == DEFAULT:
            rank: tuple[int, ...] = (_FULL,)
            parameters: dict[str, str] = {}
        else:
            wanted, _, pattern = route.RouteKey.partition(" ")
            found = _fits(pattern, path) if wanted in ("ANY", method) else None
            if found is None:
                continue
            parameters = found
            rank = (*_rank(pattern), wanted != "ANY")
        if best is None or rank > best[0]:
            best = rank, Matched(route, parameters)
    return best[1] if best is not None else None


def _rank(pattern: str) -> tuple[int, ...]:
    """How specific a pattern is: its kind, then its fixed segments."""
    fixed = sum("{" not in part for part in pattern.split("/"))
    kind = _GREEDY if "+}" in pattern else _VARIABLES if "{" in pattern else _EXACT
    return kind, fixed


def _fits(pattern: str, path: str) -> dict[str, str] | None:
    """The variables of a path, decoded; None when it is not of this pattern. `/pets/` is not `/pets`."""
    wanted, given = pattern.split("/"), path.split("/")
    found: dict[str, str] = {}
    for i, part in enumerate(wanted):
        variable = _VARIABLE.fullmatch(part)
        if variable is not None and variable[2]:
            rest = "/".join(given[i:])
            return {**found, variable[1]: unquote(rest)} if rest else None
        if i >= len(given):
            return None
        if variable is not None and given[i]:
            found[variable[1]] = unquote(given[i])
        elif part != given[i]:
            return None
    return found if len(wanted) == len(given) else None
