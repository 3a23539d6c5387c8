"""Who contributes how much to what a service counts (the keys of a table, by accesses): rules, and their counts by the minute.

A service defines managed rules and adds to them; CloudWatch tells them (Contributor Insights).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
import orjson

from ..declare import stored

if TYPE_CHECKING:
    from ..call import Call

MINUTE = 60
KEPT = 15 * 86_400


@stored(key=("name",))
class InsightRule(msgspec.Struct):
    """A managed rule. labels: what its keys are called.  definition: as CloudWatch tells it, in JSON."""

    name: str
    labels: list[str]
    definition: str


@stored(key=("rule", "minute", "keys"), indexes={"minute": ("minute",)})
class Contribution(msgspec.Struct, gc=False):
    """How often one contributor was counted in one minute. minute: when it begins, in seconds.  keys: its keys, as JSON."""

    rule: str
    minute: int
    keys: bytes
    count: float


class Contributors:
    """The rules of an account and region (`call.contributors`)."""

    __slots__ = ("_counts", "_now", "_rules")

    def __init__(self, call: Call) -> None:
        self._rules = call.table(InsightRule)
        self._counts = call.table(Contribution)
        self._now = call.now

    def define(self, name: str, labels: list[str], definition: str) -> None:
        """Make a rule."""
        self._rules.put(InsightRule(name, labels, definition))

    def rule(self, name: str) -> InsightRule | None:
        return self._rules.get(name)

    def rules(self, after: str | None, most: int) -> list[InsightRule]:
        """So many rules, by name."""
        return self._rules.scan(after=after, limit=most)

    def add(self, rule: str, counts: Iterable[tuple[list[str], float]]) -> None:
        """Count contributors, now."""
        minute = int(self._now) // MINUTE * MINUTE
        for keys, count in counts:
            packed = orjson.dumps(keys)
            row = self._counts.get(rule, minute, packed)
            self._counts.put(Contribution(rule, minute, packed, count + (row.count if row is not None else 0.0)))

    def counted(self, rule: str, start: int, end: int) -> list[Contribution]:
        """What a rule counted between two seconds."""
        return self._counts.scan(rule, low=start, before=end)

    def remove(self, rule: str) -> None:
        """Forget a rule and what it counted."""
        self._rules.delete(rule)
        self._counts.delete_all(rule)

    def trim(self, most: int) -> bool:
        """Forget so many of what was counted longer than 15 days ago; are there more?"""
        old = self._counts.scan(index="minute", before=int(self._now - KEPT), limit=most)
        for row in old:
            self._counts.delete(row.rule, row.minute, row.keys)
        return len(old) == most
