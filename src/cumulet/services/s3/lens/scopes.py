"""Which buckets a configuration is about, and to which prefixes and groups an object belongs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..resources import Bucket

_DAY = 86_400
_DEEPEST = 10
_LEAST = 1.0                                     # percent of a bucket


class Thing(NamedTuple):
    """What groups look at of an object. age: in seconds."""

    key: str
    size: int
    age: float
    tags: Mapping[str, str]


_MATCHES: dict[str, Callable[[Any, Thing], bool]] = {
    "MatchAnyPrefix": lambda said, thing: thing.key.startswith(tuple(said)),
    "MatchAnySuffix": lambda said, thing: thing.key.endswith(tuple(said)),
    "MatchAnyTag": lambda said, thing: any(thing.tags.get(one["Key"]) == one["Value"] for one in said),
    "MatchObjectAge": lambda said, thing: _between(thing.age / _DAY, said.get("DaysGreaterThan"), said.get("DaysLessThan")),
    "MatchObjectSize": lambda said, thing: _between(thing.size, said.get("BytesGreaterThan"), said.get("BytesLessThan"))}


def _between(value: float, low: int | None, high: int | None) -> bool:
    return (low is None or value > low) and (high is None or value < high)


def belongs(condition: Mapping[str, Any], thing: Thing) -> bool:
    """Is it in the group with this filter?"""
    for operator, joined in (("And", all), ("Or", any)):
        if condition.get(operator) is not None:
            return joined(_matches(condition[operator], thing))
    return all(_matches(condition, thing))


def _matches(conditions: Mapping[str, Any], thing: Thing) -> list[bool]:
    return [match(conditions[name], thing) for name, match in _MATCHES.items() if conditions.get(name) is not None]


def is_measured(said: Mapping[str, Any], bucket: Bucket) -> bool:
    """Is a configuration about this bucket? Directory buckets and the storage of tables are in none."""
    if bucket.zone or bucket.table:
        return False
    only = said.get("Include")
    return _names(only, bucket) if only is not None else not _names(said.get("Exclude") or {}, bucket)


def _names(part: Mapping[str, Any], bucket: Bucket) -> bool:
    """Does a list of buckets name it, or one of regions its region?"""
    buckets = (one.rpartition(":")[2].rpartition("/")[2] for one in part.get("Buckets") or ())
    return bucket.BucketName in buckets or bucket.region in (part.get("Regions") or ())


class Prefixes(NamedTuple):
    """Which prefixes are told of. least: percent of the bucket's bytes that one must hold."""

    delimiter: str
    depth: int
    least: float

    def of(self, key: str) -> list[str]:
        """`a/`, `a/b/` of `a/b/c`."""
        found: list[str] = []
        place = 0
        while len(found) < self.depth and (place := key.find(self.delimiter, place) + 1) > 0:
            found.append(key[:place])
        return found


def prefixes(said: Mapping[str, Any]) -> Prefixes | None:
    """None where prefixes are not told of."""
    level = (said["AccountLevel"]["BucketLevel"].get("PrefixLevel") or {}).get("StorageMetrics") or {}
    if not level.get("IsEnabled"):
        return None
    chosen = level.get("SelectionCriteria") or {}
    return Prefixes(said.get("PrefixDelimiter") or chosen.get("Delimiter") or "/", chosen.get("MaxDepth") or _DEEPEST,
                    chosen.get("MinStorageBytesPercentage") or _LEAST)
