"""What users and roles were seen to do: actions, on which resources, when last. The matter of `cumulet iam suggest`.

Bounded: of a thousand pairs of principal and action the latest, with a hundred resources each; of those that make room it is
remembered what all their names begin with.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection
from typing import NamedTuple

PAIRS = 1000
RESOURCES = 100


def beginning(names: Collection[str]) -> str:
    """What all of these begin with, character by character."""
    first, last = min(names), max(names)
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:same]


class Seen:
    """The resources of one principal's one action. gone: what the names of those that made room begin with; None: none did."""

    __slots__ = ("gone", "gone_at", "resources")

    def __init__(self) -> None:
        self.resources: OrderedDict[str, float] = OrderedDict()
        self.gone: str | None = None
        self.gone_at = 0.0

    def note(self, resource: str, at: float) -> None:
        self.resources[resource] = at
        self.resources.move_to_end(resource)
        if len(self.resources) > RESOURCES:
            name, self.gone_at = self.resources.popitem(last=False)
            self.gone = name if self.gone is None else beginning([self.gone, name])


class Use(NamedTuple):
    """One action of one principal. gone: as in Seen."""

    subject: str
    action: str
    resources: tuple[str, ...]
    gone: str | None


class Observed:
    """Told of each decision that let a call pass, also where only an audit let it."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], Seen] = OrderedDict()
        self._lock = threading.Lock()        # with PostgreSQL, decisions are made in several threads

    def note(self, subject: str, action: str, resource: str, at: float) -> None:
        pair = subject, action
        with self._lock:
            seen = self._seen.get(pair)
            if seen is None:
                seen = self._seen[pair] = Seen()
                if len(self._seen) > PAIRS:
                    self._seen.popitem(last=False)
            else:
                self._seen.move_to_end(pair)
            seen.note(resource, at)

    def since(self, moment: float) -> list[Use]:
        """What was seen from this moment on."""
        found = []
        with self._lock:
            for (subject, action), seen in self._seen.items():
                resources = tuple(name for name, at in seen.resources.items() if at >= moment)
                gone = seen.gone if seen.gone_at >= moment else None
                if resources or gone is not None:
                    found.append(Use(subject, action, resources, gone))
        return found
