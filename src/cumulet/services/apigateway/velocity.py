"""The language of templates (Velocity, by airspeed), kept within bounds: templates leave neither their names nor their time.

https://velocity.apache.org/engine/2.3/vtl-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

# Python's own doors out of an object, which no name of JSON needs.
_INNER = re.compile(r"[.\[]\s*['\"]?__|\bformat(_map)?\s*\(")
_LONGEST_LOOP, _MOST_TURNS = 1000, 100_000     # of one #foreach, and of all blocks of a template
_LONGEST, _LARGEST = 1_048_576, 2**63          # characters or elements of a value, and a number
_TURNS = "turns that are left"                 # no template can say this name


class BadTemplate(ValueError):
    """A template that cannot be read, or fails."""


def merged(text: str, names: dict[str, Any]) -> str:
    """What a template makes of what it may name."""
    try:
        return str(_compiled(text).merge({**names, _TURNS: [_MOST_TURNS]}))
    except BadTemplate:
        raise
    except Exception as problem:               # whatever a user's template stumbles over, in an interpreter that names no set
        raise BadTemplate(f"Unable to transform: {problem}") from problem


@lru_cache(512)
def _compiled(text: str) -> Any:
    import airspeed

    if _INNER.search(text):
        raise BadTemplate("Unable to transform: a name that templates have not")
    _learn(airspeed)
    template = airspeed.Template(text)
    template.ensure_compiled()
    return template


@lru_cache(1)
def _learn(airspeed: Any) -> None:
    """Methods of Java's that templates use and the library leaves to its users, in the table that it has for them, names with
    dashes, and bounds."""
    methods = airspeed.__additional_methods__
    methods[str] |= {
        "substring": lambda text, low, high=None: text[low:high], "toUpperCase": lambda text: text.upper(),
        "toLowerCase": lambda text: text.lower(), "equals": lambda text, other: text == other,
        "equalsIgnoreCase": lambda text, other: text.lower() == str(other).lower(), "isEmpty": lambda text: not text,
        "endsWith": lambda text, end: text.endswith(end), "indexOf": lambda text, part: text.find(part),
        "trim": lambda text: text.strip(), "toString": lambda text: text, "concat": lambda text, other: text + other}
    methods[list] |= {"isEmpty": lambda rows: not rows, "addAll": lambda rows, more: rows.extend(_within(more))}
    methods[dict] |= {
        "size": len, "containsKey": lambda rows, name: name in rows,
        "entrySet": lambda rows: [{"key": name, "value": value} for name, value in rows.items()]}
    name = r"[_a-z][a-z0-9_]*(?:-[a-z_][a-z0-9_]*)*"
    airspeed.NameOrCall.NAME = re.compile(f"({name})", re.IGNORECASE)
    airspeed.SetDirective.PLACE = re.compile(rf"\s*\$({name}(?:\.{name})*)", re.IGNORECASE)
    airspeed.ForeachDirective.evaluate_raw = _short(airspeed.ForeachDirective.evaluate_raw)
    airspeed.Block.evaluate_raw = _counted(airspeed.Block.evaluate_raw)
    airspeed.Expression.calculate = _small(airspeed.Expression.calculate)
    methods[int] = {"toString": str}
    methods[float] = {"toString": str}


def _short(run: Callable[..., None]) -> Callable[..., None]:
    """Loops over few elements."""

    def evaluate_raw(loop: Any, stream: Any, namespace: Any, loader: Any) -> None:
        found = loop.value.calculate(namespace, loader)
        if hasattr(found, "__len__") and len(found) > _LONGEST_LOOP:
            raise BadTemplate(f"Unable to transform: a #foreach has at most {_LONGEST_LOOP} turns")
        run(loop, stream, namespace, loader)

    return evaluate_raw


def _counted(run: Callable[..., None]) -> Callable[..., None]:
    """Blocks (of loops, conditions, macros) that end before others have waited for long."""

    def evaluate_raw(block: Any, stream: Any, namespace: Any, loader: Any) -> None:
        try:
            left = namespace[_TURNS]
        except KeyError:                       # a template of somebody else's in this process
            left = [_MOST_TURNS]
        left[0] -= 1
        if left[0] < 0:
            raise BadTemplate(f"Unable to transform: more than {_MOST_TURNS} turns")
        run(block, stream, namespace, loader)

    return evaluate_raw


def _small(run: Callable[..., Any]) -> Callable[..., Any]:
    """Expressions whose values do not double until the memory is full."""

    def calculate(expression: Any, namespace: Any, loader: Any) -> Any:
        return _within(run(expression, namespace, loader))

    return calculate


def _within(value: Any) -> Any:
    if (isinstance(value, int) and abs(value) > _LARGEST) or (isinstance(value, (str, list)) and len(value) > _LONGEST):
        raise BadTemplate("Unable to transform: a value is too large")
    return value
