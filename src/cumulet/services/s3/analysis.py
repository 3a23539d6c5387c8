"""Storage class analysis: what a configuration may be, which objects it is about, and what its file says of a day. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html
"""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from cumulet.kernel import parse_arn

from .faults import invalid_argument, malformed_xml

KIND = "analytics"
ALL = "ALL"
HEADER = ("Date", "ConfigId", "Filter", "StorageClass", "ObjectAge", "ObjectCount", "DataUploaded_MB", "Storage_MB",
          "DataRetrieved_MB", "GetRequestCount", "CumulativeAccessRatio", "ObjectAgeForSIATransition",
          "RecommendedObjectAgeForSIATransition")
_BEGIN = (0, 15, 30, 45, 60, 75, 90, 120, 150, 180, 365, 730)
GROUPS = (*(f"{low:03}-{high - 1:03}" for low, high in pairwise(_BEGIN)), f"{_BEGIN[-1]}+", ALL)
_SMALL = 128 * 1024                             # what is smaller is in no group of ages, only in ALL
_DAY, _MB = 86_400, 1_048_576


class Sums(NamedTuple):
    """Of one storage class and group: objects and bytes that lie there; bytes put; GETs, and bytes got."""

    objects: int = 0
    stored: int = 0
    put: int = 0
    gets: int = 0
    got: int = 0

    def plus(self, other: Iterable[int]) -> Sums:
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))


def checked(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """An AnalyticsConfiguration, or an error."""
    if said.get("Id") != name:
        raise invalid_argument("The ID in the configuration must be that of the request.", "Id", said.get("Id"))
    wanted = said.get("Filter")
    if wanted is not None:
        both = wanted.get("And")
        if len(wanted) != 1 or (both is not None and len(both.get("Tags") or ()) + ("Prefix" in both) < 2):
            raise malformed_xml()
    export = (said.get("StorageClassAnalysis") or {}).get("DataExport")
    if export is not None:
        there = (export.get("Destination") or {}).get("S3BucketDestination") or {}
        if export.get("OutputSchemaVersion") != "V_1" or there.get("Format") != "CSV":
            raise malformed_xml()
        arn = parse_arn(there.get("Bucket") or "")
        if arn is None or arn.service != "s3":
            raise invalid_argument("Invalid bucket ARN", "Bucket", there.get("Bucket"))
    return dict(said)


def destination(said: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where the file of a configuration goes; None where nobody wants one."""
    export = said["StorageClassAnalysis"].get("DataExport")
    return None if export is None else dict(export["Destination"]["S3BucketDestination"])


def _wanted(said: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """The beginning of names, and the tags, that objects must have."""
    found = said.get("Filter") or {}
    tags = [found["Tag"]] if "Tag" in found else (found.get("And") or {}).get("Tags") or []
    return (found.get("And") or found).get("Prefix", ""), {one["Key"]: one["Value"] for one in tags}


def covers(said: Mapping[str, Any], key: str, tags: Mapping[str, str] | None) -> bool:
    """Is the configuration about this object?"""
    prefix, needed = _wanted(said)
    return key.startswith(prefix) and needed.items() <= (tags or {}).items()


def groups_of(size: int, modified: float, now: float) -> tuple[str, ...]:
    """The groups that an object counts in."""
    if size < _SMALL:
        return (ALL,)
    return GROUPS[bisect_right(_BEGIN, max(0, int((now - modified) // _DAY))) - 1], ALL


def line(said: Mapping[str, Any], day: float, place: str, today: Sums, ever: Sums) -> list[str]:
    """A line of the file. place: storage class and group.  ever: today and all days before, of which the share that was read
    is told."""
    storage, group = place.split(" ")
    prefix, tags = _wanted(said)
    which = "; ".join([prefix] * bool(prefix) + [f"{key}={value}" for key, value in tags.items()])
    whole = group == ALL
    return [datetime.fromtimestamp(day, UTC).strftime("%m-%d-%Y"), said["Id"], which, storage, group,
            str(today.objects) if whole else "", _mb(today.put) if whole else "", _mb(today.stored), _mb(today.got),
            str(today.gets), _number(ever.got / ever.stored) if ever.stored else "", "", ""]


def _mb(size: int) -> str:
    return _number(size / _MB)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def text(lines: Iterable[list[str]]) -> bytes:
    """The file: by date within group of ages, ALL behind the others."""
    order = {group: place for place, group in enumerate(GROUPS)}
    by_age: list[list[str]] = sorted(lines, key=lambda one: order[one[4]])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([HEADER, *by_age])
    return out.getvalue().encode()
