"""An event on its way through the processors of a transformer: its fields, by their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .names import invalid

MESSAGE = "@message"
_META = {"@logGroupName": "group", "@logGroupStream": "stream", "@accountId": "account", "@regionName": "region"}
ABSENT: Any = object()
_DEEPEST = 3


class Event:
    """An event on its way: its message, and the fields so far."""

    def __init__(self, message: str, origin: Mapping[str, str]) -> None:
        self.message, self._origin = message, origin
        self.fields: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """What is at a path; ABSENT when nothing is."""
        if path == MESSAGE:
            return self.message
        if path in _META:
            return self._origin[_META[path]]
        value: Any = self.fields
        for part in _parts(path):
            if isinstance(value, dict) and part in value:
                value = value[part]
            elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            else:
                return ABSENT
        return value

    def put(self, path: str, value: Any, overwrite: bool = True) -> None:
        """Set what is at a path."""
        *above, last = _parts(path)
        place = self.fields
        for part in above:
            inner = place.setdefault(part, {})
            if not isinstance(inner, dict):
                return
            place = inner
        if overwrite or last not in place:
            place[last] = value

    def drop(self, path: str) -> Any:
        """Take away what is at a path, and give it."""
        *above, last = _parts(path)
        place: Any = self.fields
        for part in above:
            place = place.get(part) if isinstance(place, dict) else None
        return place.pop(last, ABSENT) if isinstance(place, dict) else ABSENT

    def under(self, destination: str | None, found: Mapping[str, Any]) -> None:
        """Set what a parser found, at the root or below a path."""
        for name, value in found.items():
            if destination is None:
                self.fields[name] = value
            else:
                self.put(f"{destination}.{name}", value)


Step = Callable[[Event], bool]
Said = Mapping[str, Any]


def _parts(path: str) -> list[str]:
    """`a.'b.c'.d` has three parts."""
    return [part.strip("'\"") for part in re.findall(r"'[^']*'|\"[^\"]*\"|[^.]+", path)] or [path]


def checked(path: str) -> str:
    if len(_parts(path)) > _DEEPEST and path != MESSAGE:
        raise invalid(f"The key '{path}' is nested deeper than {_DEEPEST} levels.")
    return path
