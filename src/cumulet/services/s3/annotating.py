"""Annotations of objects: what they may be, and that they go with their versions.

They are no concern of those who write and delete objects: what belongs to a version that is gone is never found, and is swept
away at the next midnight.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import AwsError, Call, Spool, error, not_implemented, task, timer

from . import tokens
from .faults import invalid_request
from .lifecycle import midnight_after
from .metadata import live, settings
from .resources import Annotation, Bucket, Current, Older, Version, seal_of

LARGEST = 1_048_576
_MOST, _LONGEST = 1000, 512
_SLICE = 1000
_PAGE = """SELECT "name", "size", "etag", "algorithm", "modified" FROM {table} WHERE scope = {scope} AND "bucket" = ?
    AND "key" = ? AND "order" = ? AND "name" > ? AND "name" >= ? AND "name" < ? ORDER BY "name" LIMIT ?"""
_VERSIONS = """SELECT DISTINCT "key", "order" FROM {table} WHERE scope = {scope} AND "bucket" = ?
    AND ("key", "order") > (?, ?) ORDER BY "key", "order" LIMIT ?"""
_FIRST = -(1 << 62)


class Line(NamedTuple):
    """What a listing says of an annotation."""

    name: str
    size: int
    etag: str
    algorithm: str
    modified: float


def check_parent(row: Version) -> None:
    """May the object have annotations?"""
    seal = seal_of(row)
    if seal is not None and not seal.method:
        raise invalid_request("Objects encrypted with SSE-C cannot have annotations.")
    if seal is not None:
        raise not_implemented("s3: annotations of objects under KMS keys")


def check_name(name: str) -> None:
    if len(name.encode()) > _LONGEST:
        raise error.named("AnnotationNameTooLong", "The annotation name exceeds 512 bytes.", 400)
    if not name or not name.isprintable():
        raise error.named("InvalidAnnotationName", "The annotation name you provided is invalid.", 400)


def payload(spool: Spool | None) -> bytes:
    """The text, or an error."""
    data = b"" if spool is None or spool.size > LARGEST else spool.read()
    if not data:
        raise invalid_request("The annotation payload must be between 1 byte and 1 MiB in size.")
    try:
        data.decode()
    except UnicodeDecodeError:
        raise error.named("UnsupportedMediaType", "The annotation payload is not valid UTF-8 encoded text.", 415) from None
    return data


def absent() -> AwsError:
    return error.named("NoSuchAnnotation", "The specified annotation does not exist on this object.", 404)


def keep(call: Call, bucket: Bucket, row: Annotation) -> None:
    """Insert or replace; an object has a thousand at most."""
    table = call.table(Annotation)
    if table.count(row.bucket, row.key, row.order) >= _MOST and table.get(row.bucket, row.key, row.order, row.name) is None:
        raise error.named("AnnotationLimitExceeded",
                          "The request would exceed the maximum number of annotations allowed per object.", 400)
    table.put(row)
    touched(call, bucket, row.key)
    _begin(call, bucket)


def touched(call: Call, bucket: Bucket, key: bytes) -> None:
    """The table that tells of annotations, if there is one, has to hear of an object's."""
    if bucket.metadata is not None:
        live.touch(call, bucket, key, settings.ANNOTATION)


def are_there(call: Call, row: Version) -> bool:
    """Has a version any?"""
    return call.table(Annotation).count(row.bucket, row.key, row.order) > 0


def there(call: Call, row: Version) -> list[Annotation]:
    """All of a version's."""
    return list(call.table(Annotation).iterate(row.bucket, row.key, row.order))


def copy(call: Call, rows: list[Annotation], bucket: Bucket, row: Version) -> None:
    """A copy has its source's annotations."""
    if bucket.zone:
        raise error.named("NotImplemented", "Annotations are not supported for directory buckets.", 501)
    if rows:
        check_parent(row)
        for one in rows:
            call.table(Annotation).put(msgspec.structs.replace(one, bucket=row.bucket, key=row.key, order=row.order))
        _begin(call, bucket)


def page(call: Call, row: Version, prefix: str, token: str | None, limit: int) -> tuple[list[Line], str | None]:
    """Some annotations of a version, and the token of those behind them."""
    if len(prefix.encode()) > _LONGEST:
        raise error.named("InvalidPrefix", "The annotation prefix you provided is invalid.", 400)
    found = [Line(*each) for each in call.table(Annotation).sql(
        _PAGE, row.bucket, row.key, row.order, tokens.read(token) if token else "", prefix, prefix + "\U0010ffff", limit + 1)]
    more = len(found) > limit
    return found[:limit], tokens.written(found[limit - 1].name) if more else None


def _begin(call: Call, bucket: Bucket) -> None:
    call.elsewhere(bucket.account, bucket.region).at(
        midnight_after(call.now, 0), clear_annotations, name=f"annotations {bucket.BucketName}", bucket=bucket.BucketName,
        number=bucket.number)


@timer
def clear_annotations(call: Call, bucket: str, number: int) -> None:
    """Midnight: take away what belongs to versions that are gone; again tomorrow, while there are any left."""
    call.task(clear_on, bucket=bucket, number=number, key=b"", order=_FIRST, left=False)


@task()
def clear_on(call: Call, bucket: str, number: int, key: bytes, order: int, left: bool) -> None:
    """One slice; the next one is a task of its own. left: some were there in the slices before."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number:
        return
    places = call.table(Annotation).sql(_VERSIONS, number, key, order, _SLICE)
    left = _swept(call, number, places) or left
    if len(places) == _SLICE:
        call.task(clear_on, bucket=bucket, number=number, key=bytes(places[-1][0]), order=places[-1][1], left=left)
    elif left:
        _begin(call, found)


def _swept(call: Call, number: int, places: Iterable[tuple[Any, ...]]) -> bool:
    """Is any of these versions still there? The annotations of the others are deleted."""
    left = False
    for key, order in places:
        current = call.table(Current).get(number, bytes(key))
        there = (current is not None and current.order == order) or call.table(Older).get(number, bytes(key), order) is not None
        left = left or there
        if not there:
            call.table(Annotation).delete_all(number, bytes(key), order)
    return left
