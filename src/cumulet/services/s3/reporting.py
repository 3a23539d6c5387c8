"""Reports of inventories: written by the clock, a slice of the bucket a file, the manifest last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, Spool, task, timer

from . import inventory
from .resources import Bucket, Configuration, Current, Older, Version

_ROWS = 5000                                    # of one file
_BATCH = 250
_THERE = 'SELECT 1 FROM {table} WHERE scope = {scope} AND "bucket" = ? AND "key" = ?'


def begin(call: Call, bucket: Bucket, said: Mapping[str, Any]) -> None:
    """The next report, when it is due."""
    call.elsewhere(bucket.account, bucket.region).at(
        inventory.due(said, call.now), report, name=f"inventory {bucket.BucketName} {said['Id']}", bucket=bucket.BucketName,
        number=bucket.number, configuration=said["Id"])


@timer
def report(call: Call, bucket: str, number: int, configuration: str) -> None:
    """Begin a report, and remember the one after it."""
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, inventory.KIND, configuration)
    if found is None or found.number != number or row is None or not row.said["IsEnabled"]:
        return
    begin(call, found, row.said)
    call.task(write, bucket=bucket, number=number, configuration=configuration, older=False, after=b"", order=0, began=call.now,
              files=[])


@task(retries=5)
def write(call: Call, bucket: str, number: int, configuration: str, older: bool, after: bytes, order: int, began: float,
          files: list[dict[str, Any]]) -> None:
    """One file; the next slice is a task of its own, and behind the last one comes the manifest."""
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, inventory.KIND, configuration)
    if found is None or found.number != number or row is None:
        return
    said = row.said
    rows = _older(call, found, after, order) if older else _current(call, found, after)
    prefix = (said.get("Filter") or {}).get("Prefix", "").encode()
    lines = [inventory.line(said, found, one, _is_latest(call, one)) for one in rows if one.key.startswith(prefix)]
    try:
        if lines:
            files = [*files, _file(call, found, said, lines)]
        if len(rows) == _ROWS:
            call.task(write, bucket=bucket, number=number, configuration=configuration, older=older, after=rows[-1].key,
                      order=rows[-1].order, began=began, files=files)
        elif not older and said["IncludedObjectVersions"] == inventory.ALL:
            call.task(write, bucket=bucket, number=number, configuration=configuration, older=True, after=b"", order=0,
                      began=began, files=files)
        else:
            _finish(call, found, said, began, files)
    except AwsError:                             # the destination does not take reports: there is none this time
        return


def _current(call: Call, bucket: Bucket, after: bytes) -> list[Version]:
    rows: list[Version] = []
    while len(rows) < _ROWS:
        more = call.table(Current).scan(bucket.number, after=rows[-1].key if rows else after, limit=_BATCH)
        rows += more
        if len(more) < _BATCH:
            break
    return rows


def _older(call: Call, bucket: Bucket, after: bytes, order: int) -> list[Version]:
    rows: list[Version] = []
    while len(rows) < _ROWS:
        place = (rows[-1].key, rows[-1].order) if rows else (after, order)
        more = call.table(Older).scan(bucket.number, after=place, limit=_BATCH)
        rows += more
        if len(more) < _BATCH:
            break
    return rows


def _is_latest(call: Call, row: Version) -> bool:
    """Current objects are; so are delete markers on top."""
    if isinstance(row, Current):
        return True
    if call.table(Current).sql(_THERE, row.bucket, row.key):
        return False
    return call.table(Older).scan(row.bucket, row.key, limit=1)[0].order == row.order


def _file(call: Call, bucket: Bucket, said: Mapping[str, Any], lines: list[list[str]]) -> dict[str, Any]:
    data = inventory.packed(lines)
    key = f"{inventory.folder(said, bucket.BucketName)}/data/{call.uuid()}.csv.gz"
    _put(call, bucket, said, key, data)
    return {"key": key, "size": len(data), "MD5checksum": _md5(data)}


def _finish(call: Call, bucket: Bucket, said: Mapping[str, Any], began: float, files: list[dict[str, Any]]) -> None:
    """The manifest, its checksum, and the list that Hive reads."""
    place, at = inventory.folder(said, bucket.BucketName), datetime.fromtimestamp(began, UTC)
    destination = said["Destination"]["S3BucketDestination"]["Bucket"].rpartition(":")[2]
    links = "\n".join(f"s3://{destination}/{one['key']}" for one in files)
    _put(call, bucket, said, f"{place}/hive/dt={at:%Y-%m-%d-%H-%M}/symlink.txt", links.encode())
    data = msgspec.json.encode(inventory.manifest(said, bucket.BucketName, began, files))
    _put(call, bucket, said, f"{place}/{at:%Y-%m-%dT%H-%MZ}/manifest.json", data)
    _put(call, bucket, said, f"{place}/{at:%Y-%m-%dT%H-%MZ}/manifest.checksum", _md5(data).encode())


def _put(call: Call, bucket: Bucket, said: Mapping[str, Any], key: str, data: bytes) -> None:
    """As S3's principal, which the destination's policy may let in."""
    there = said["Destination"]["S3BucketDestination"]
    encryption: dict[str, Any] = {}
    if (there.get("Encryption") or {}).get("SSEKMS"):
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": there["Encryption"]["SSEKMS"]["KeyId"]}
    elif (there.get("Encryption") or {}).get("SSES3") is not None:
        encryption = {"ServerSideEncryption": "AES256"}
    call.as_service(call.arn(bucket), account=bucket.account, region=bucket.region).s3.put_object(
        Bucket=there["Bucket"].rpartition(":")[2], Key=key, Body=Spool(data), ExpectedBucketOwner=there.get("AccountId"),
        **encryption)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
