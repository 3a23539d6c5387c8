"""Archived objects that are brought back for a while: how long it takes, and how long they stay.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, NamedTuple

from cumulet.kernel import not_implemented

from .contents import ARCHIVED, storage_class
from .faults import invalid_argument, malformed_xml
from .lifecycle import midnight_after
from .resources import Version
from .tiering import tier_of

NONE, UNDER_WAY, THERE = "", "under way", "there"
_HOUR = 3600
# The longest that AWS says it takes, by class and tier.
_TAKES = {"GLACIER": {"Expedited": 300, "Standard": 5 * _HOUR, "Bulk": 12 * _HOUR},
          "DEEP_ARCHIVE": {"Standard": 12 * _HOUR, "Bulk": 48 * _HOUR},
          "ARCHIVE_ACCESS": {"Expedited": 300, "Standard": 5 * _HOUR, "Bulk": 12 * _HOUR},
          "DEEP_ARCHIVE_ACCESS": {"Standard": 12 * _HOUR, "Bulk": 48 * _HOUR}}


class Wanted(NamedTuple):
    """A request to bring an object back."""

    days: int | None
    tier: str


def checked(request: Mapping[str, Any]) -> Wanted:
    """A RestoreRequest, or an error."""
    for name in ("Type", "SelectParameters", "OutputLocation"):
        if request.get(name) is not None:
            raise not_implemented(f"s3: RestoreObject with {name}")
    days = request.get("Days")
    if days is not None and days < 1:
        raise invalid_argument("restoration days should be at least 1", "Days", days)
    tier = (request.get("GlacierJobParameters") or {}).get("Tier") or request.get("Tier") or "Standard"
    if tier not in _TAKES["GLACIER"]:
        raise malformed_xml()
    return Wanted(days, tier)


def archive_of(row: Version) -> str | None:
    """The archive class that a version is in."""
    storage = storage_class(row.facts)
    return storage if storage in ARCHIVED else None


def takes(storage: str, tier: str) -> int:
    """Seconds until the copy is there."""
    found = _TAKES[storage].get(tier)
    if found is None:
        raise invalid_argument("Retrieval option is not supported by this storage class", "Tier", tier)
    return found


def state_of(row: Version, now: float) -> str:
    """Is a copy on its way, or there?"""
    extra = row.extra
    if extra is None or now >= extra.restored_until:
        return NONE
    return UNDER_WAY if now < extra.restored_at else THERE


def is_readable(row: Version, now: float) -> bool:
    if row.extra is not None and tier_of(row, now):
        return False
    return archive_of(row) is None or state_of(row, now) == THERE


def until(ready: float, days: int) -> float:
    return midnight_after(ready, days)


def header(row: Version, now: float) -> str | None:
    """x-amz-restore."""
    if row.extra is not None and row.extra.tier:             # of Intelligent-Tiering: it comes back to stay
        return 'ongoing-request="true"' if tier_of(row, now) and row.extra.restored_at else None
    state = state_of(row, now)
    if state == NONE or row.extra is None:
        return None
    if state == UNDER_WAY:
        return 'ongoing-request="true"'
    when = format_datetime(datetime.fromtimestamp(row.extra.restored_until, UTC), usegmt=True)
    return f'ongoing-request="false", expiry-date="{when}"'
