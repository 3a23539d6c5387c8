"""What lies in a bucket, in order of its keys, some of it at a time: as the tables that tell what is there now want it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from cumulet.kernel import Call

from ..resources import Annotation, Bucket, Current, Older, Version
from . import records, settings
from .records import Record

_VERSIONS, _ANNOTATIONS = 500, 20                # of one slice; an annotation has up to a mebibyte
KINDS = {settings.INVENTORY: ("current", "older"), settings.ANNOTATION: ("annotations",)}
Place = tuple[Any, ...]


class Slice(NamedTuple):
    """Records in order of their keys. place: of the last one; None behind all."""

    records: list[tuple[bytes, Record]]
    place: Place | None


def slice_of(call: Call, bucket: Bucket, kind: str, low: bytes, high: bytes | None, place: Place | None) -> Slice:
    """The records behind a place (None: from the key `low` on), and below the key `high`."""
    bounds: dict[str, Any] = {"low": low} if place is None else {"after": place if len(place) > 1 else place[0]}
    return _READERS[kind](call, bucket, high, bounds)


def _cut(found: list[Any], high: bytes | None, limit: int, place: Callable[[Any], Place]) -> tuple[list[Any], Place | None]:
    """The rows below a key, and the place of the last one if there are more."""
    inside = [row for row in found if high is None or row.key < high]
    return inside, place(found[-1]) if len(inside) == limit else None


def _current(call: Call, bucket: Bucket, high: bytes | None, bounds: dict[str, Any]) -> Slice:
    found = call.table(Current).scan(bucket.number, **bounds, limit=_VERSIONS)
    rows, last = _cut(found, high, _VERSIONS, lambda row: (row.key,))
    return Slice([(row.key, records.of_version(bucket, row)) for row in rows], last)


def _older(call: Call, bucket: Bucket, high: bytes | None, bounds: dict[str, Any]) -> Slice:
    found = call.table(Older).scan(bucket.number, **bounds, limit=_VERSIONS)
    rows, last = _cut(found, high, _VERSIONS, lambda row: (row.key, row.order))
    return Slice([(row.key, records.of_version(bucket, row)) for row in rows], last)


def _annotations(call: Call, bucket: Bucket, high: bytes | None, bounds: dict[str, Any]) -> Slice:
    """Those of versions that are gone wait for midnight, and are told no more."""
    found = call.table(Annotation).scan(bucket.number, **bounds, limit=_ANNOTATIONS)
    rows, last = _cut(found, high, _ANNOTATIONS, lambda row: (row.key, row.order, row.name))
    known = {place: _version(call, *place) for place in {(row.bucket, row.key, row.order) for row in rows}}
    return Slice([(row.key, records.of_annotation(bucket, version, row)) for row in rows
                  if (version := known[row.bucket, row.key, row.order]) is not None], last)


def _version(call: Call, number: int, key: bytes, order: int) -> Version | None:
    current = call.table(Current).get(number, key)
    return current if current is not None and current.order == order else call.table(Older).get(number, key, order)


_READERS: dict[str, Callable[[Call, Bucket, bytes | None, dict[str, Any]], Slice]] = {
    "current": _current, "older": _older, "annotations": _annotations}
