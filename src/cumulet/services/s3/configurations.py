"""Configurations of which a bucket has several of a kind: kept, found, listed by pages, deleted."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error

from . import tokens
from .resources import Bucket, Configuration

_KINDS = 'SELECT DISTINCT "kind" FROM {table} WHERE scope = {scope} AND "bucket" = ?'
_MOST = 1000
_PAGE = 100


def keep(call: Call, bucket: Bucket, kind: str, name: str, said: dict[str, Any]) -> None:
    """Insert or replace. Raises TooManyConfigurations."""
    table = call.table(Configuration)
    if table.get(bucket.number, kind, name) is None and table.count(bucket.number, kind) >= _MOST:
        raise error.named("TooManyConfigurations", "You are attempting to create a new configuration but have already reached "
                          "the 1,000-configuration limit.", 400)
    table.put(Configuration(bucket=bucket.number, kind=kind, name=name, said=said))
    if bucket.uncounted:
        call.table(Bucket).change(bucket.BucketName, uncounted=False)


def find(call: Call, bucket: Bucket, kind: str, name: str) -> dict[str, Any]:
    """Raises NoSuchConfiguration."""
    row = call.table(Configuration).get(bucket.number, kind, name)
    if row is None:
        raise error.named("NoSuchConfiguration", "The specified configuration does not exist.", 404,
                          BucketName=bucket.BucketName)
    return row.said


def all_of(call: Call, bucket: Bucket, kind: str) -> list[Configuration]:
    """Those of a kind, for what is asked of each request: most buckets have none, which is known without looking."""
    table = call.table(Configuration)
    return table.scan(bucket.number, kind) if (kind,) in table.known_sql(_KINDS, bucket.number) else []


def drop(call: Call, bucket: Bucket, kind: str, name: str) -> None:
    """Raises NoSuchConfiguration."""
    find(call, bucket, kind, name)
    table = call.table(Configuration)
    table.delete(bucket.number, kind, name)
    if not table.count(bucket.number):
        call.table(Bucket).change(bucket.BucketName, uncounted=True)


def page(call: Call, bucket: Bucket, kind: str, member: str, token: str | None) -> dict[str, Any]:
    """A page of a listing, under the model's name for it."""
    after = tokens.read(token) if token else None
    rows = call.table(Configuration).scan(bucket.number, kind, after=after, limit=_PAGE + 1)
    more = len(rows) > _PAGE
    return {member: [row.said for row in rows[:_PAGE]], "IsTruncated": more, "ContinuationToken": token,
            "NextContinuationToken": tokens.written(rows[_PAGE - 1].name) if more else None}
