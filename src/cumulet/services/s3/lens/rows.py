"""What is kept while a day's metrics are summed up and told."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored

# What a sum is of. The first two stand before the others, in the order of keys.
ACCOUNT, BUCKET, PREFIX = "ACCOUNT", "BUCKET", "PREFIX"
GROUP_ACCOUNT, GROUP_BUCKET = "STORAGE_LENS_GROUP_ACCOUNT", "STORAGE_LENS_GROUP_BUCKET"


@stored(key=("id",))
class LensRun(msgspec.Struct, kw_only=True):
    """One configuration's metrics of one day. said: the configuration.  groups: those it tells of, their ARNs and filters.
    midnight: the end of the day.  files: of the report, so far.  place: up to where they tell the sums."""

    id: str
    arn: str
    said: dict[str, Any]
    groups: list[dict[str, Any]]
    midnight: float
    files: list[dict[str, Any]] = []
    place: list[str] | None = None


@stored(key=("run", "record", "region", "bucket", "value", "storage"))
class LensSum(msgspec.Struct, kw_only=True):
    """The metrics of an account, a bucket, a prefix or a group (record, value) in one storage class ("": of no class)."""

    run: str
    record: str
    region: str
    bucket: str
    value: str
    storage: str
    metrics: dict[str, int]
