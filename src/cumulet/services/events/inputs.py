"""What a target is given: the whole event, a part of it, a constant, or a template filled in. Pure.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"""\.([A-Za-z_][\w-]*)|\.?\[\s*(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*))\s*\]|\.(\*)""")
_MARK = re.compile(r"<([A-Za-z0-9_.-]+)>")
RESERVED = ("aws.events.rule-arn", "aws.events.rule-name", "aws.events.event.ingestion-time", "aws.events.event",
            "aws.events.event.json")


class BadPath(ValueError):
    """A text that is no path of JSON."""


def steps(path: str) -> list[str | int]:
    """`$.detail['a b'][0]` as ["detail", "a b", 0]."""
    if not path.startswith("$"):
        raise BadPath(path)
    found: list[str | int] = []
    place = 1
    while place < len(path):
        part = _STEP.match(path, place)
        if part is None:
            raise BadPath(path)
        name, single, double, index, star, dot_star = part.groups()
        if index is not None:
            found.append(int(index))
        else:
            found.append(next(each for each in (name, single, double, star, dot_star) if each is not None))
        place = part.end()
    return found


def look(event: Any, path: str) -> tuple[bool, Any]:
    """Whether there is something at a path, and what."""
    value = event
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or not -len(value) <= step < len(value):
                return False, None
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return False, None
    return True, value


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def given(text: str, target: Mapping[str, Any], reserved: Mapping[str, str]) -> str | None:
    """The text that a target gets of an event's text; None when its path finds nothing."""
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath") is not None:
        there, value = look(json.loads(text), target["InputPath"])
        return _written(value) if there else None
    transformer = target.get("InputTransformer")
    if not transformer:
        return text
    event = json.loads(text)
    values: dict[str, Any] = {}
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        there, value = look(event, path)
        if there:
            values[name] = value
    names = {*values, *(transformer.get("InputPathsMap") or {}), *RESERVED}
    return fill(transformer["InputTemplate"], names, {**values, **_own(event, text, reserved)})


def _own(event: Any, text: str, reserved: Mapping[str, str]) -> dict[str, Any]:
    """The variables that EventBridge itself gives."""
    without_detail = {key: value for key, value in event.items() if key != "detail"}
    return {**reserved, "aws.events.event": without_detail, "aws.events.event.json": event}


def fill(template: str, names: set[str], values: Mapping[str, Any]) -> str:
    """A template with its `<variables>` filled in: within quotes as text, elsewhere as JSON. Others stay as they are."""
    out, quoted, place = [], False, 0
    while place < len(template):
        mark = _MARK.match(template, place)
        if mark is not None and mark[1] in names:
            out.append(_filled(values, mark[1], quoted))
            place = mark.end()
            continue
        char = template[place]
        if char == "\\" and quoted and place + 1 < len(template):
            out.append(template[place:place + 2])
            place += 2
            continue
        if char == '"':
            quoted = not quoted
        out.append(char)
        place += 1
    return "".join(out)


def _filled(values: Mapping[str, Any], name: str, quoted: bool) -> str:
    if name not in values:
        return "" if quoted else "null"
    value = values[name]
    if not quoted:
        return _written(value)
    return _written(value if isinstance(value, str) else _written(value))[1:-1]


def dynamic(text: str, event: Any) -> str | None:
    """A parameter that may be a path (`$.detail.group`): what it says of an event."""
    if not text.startswith("$."):
        return text
    there, value = look(event, text)
    if not there:
        return None
    return value if isinstance(value, str) else _written(value)
