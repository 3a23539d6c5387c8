"""The archive tiers of S3 Intelligent-Tiering: what a configuration may be, and which tier an object is in, and is due for.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import contents, lifecycle
from .faults import invalid_argument, malformed_xml
from .resources import Version

KIND = "tiering"
CLASS = "INTELLIGENT_TIERING"
SMALLEST = 128 * 1024                            # smaller objects stay in the Frequent Access tier
DEEP = "DEEP_ARCHIVE_ACCESS"
_FROM = {"ARCHIVE_ACCESS": 90, DEEP: 180}        # the fewest days that a configuration may say
_MOST_DAYS = 730


def checked(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """An IntelligentTieringConfiguration, or an error."""
    if said.get("Id") != name:
        raise invalid_argument("The ID in the configuration must be that of the request.", "Id", said.get("Id"))
    tierings: Sequence[Mapping[str, Any]] = said.get("Tierings") or ()
    if said.get("Status") not in ("Enabled", "Disabled") or not tierings:
        raise malformed_xml()
    for one in tierings:
        if one.get("AccessTier") not in _FROM:
            raise malformed_xml()
        if not _FROM[one["AccessTier"]] <= (one.get("Days") or 0) <= _MOST_DAYS:
            raise invalid_argument(f"Days of {one['AccessTier']} must be between {_FROM[one['AccessTier']]} and {_MOST_DAYS}.",
                                   "Days", one.get("Days"))
    if len({one["AccessTier"] for one in tierings}) < len(tierings):
        raise malformed_xml()
    return dict(said)


def tier_of(row: Version, now: float) -> str:
    """The archive tier that an object is in; "" where it can be read at once. (Restored, it is in no archive any more.)"""
    extra = row.extra
    if extra is None or not extra.tier or (extra.restored_at and now >= extra.restored_at):
        return ""
    return extra.tier


def last_read(row: Version) -> float:
    """Since when nobody reads it."""
    return max(row.modified, row.extra.accessed, row.extra.restored_at) if row.extra is not None else row.modified


def due(rules: Sequence[Mapping[str, Any]], row: Version, now: float) -> str:
    """The deepest tier that an object has waited long enough for."""
    if contents.storage_class(row.facts) != CLASS or row.size < SMALLEST:
        return ""
    thing, idle = lifecycle.Thing(row.key.decode(), row.size, row.tags or {}), (now - last_read(row)) / lifecycle.DAY
    found = {one["AccessTier"] for rule in rules if lifecycle.is_about(rule, thing) for one in rule["Tierings"]
             if idle >= one["Days"]}
    return DEEP if DEEP in found else next(iter(found), "")
