"""Reports of inventories: written by the clock, a slice of the bucket a file, the manifest last."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import AwsError, Call, Spool, task, timer

from . import delivered, inventory, inventoryfiles
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


class _Piece(NamedTuple):
    """A slice of a report. lines: what its file says.  last: the place of its last row, if others are behind it."""

    bucket: Bucket
    said: dict[str, Any]
    lines: list[list[str]]
    last: tuple[bytes, int] | None


@task(retries=5)
async def write(call: Call, bucket: str, number: int, configuration: str, older: bool, after: bytes, order: int, began: float,
                files: list[dict[str, Any]]) -> None:
    """One file; the next slice is a task of its own, and behind the last one comes the manifest."""
    piece = await call.run(_piece, bucket, number, configuration, older, after, order)
    if piece is None:
        return
    data = b""
    if piece.lines:
        places = call.blobs.temporary(), call.blobs.temporary()
        data = await asyncio.to_thread(inventoryfiles.packed, piece.said, piece.lines, places)
    try:
        await call.run(_go_on, piece, data, configuration, older, began, files)
    except AwsError:                             # the destination does not take reports: there is none this time
        return


def _piece(call: Call, bucket: str, number: int, configuration: str, older: bool, after: bytes, order: int) -> _Piece | None:
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, inventory.KIND, configuration)
    if found is None or found.number != number or row is None:
        return None
    rows = _older(call, found, after, order) if older else _current(call, found, after)
    prefix = (row.said.get("Filter") or {}).get("Prefix", "").encode()
    lines = [inventory.line(row.said, found, one, _is_latest(call, one)) for one in rows if one.key.startswith(prefix)]
    return _Piece(found, row.said, lines, (rows[-1].key, rows[-1].order) if len(rows) == _ROWS else None)


def _go_on(call: Call, piece: _Piece, data: bytes, configuration: str, older: bool, began: float,
           files: list[dict[str, Any]]) -> None:
    """Put the file; then the next slice, or the versions behind the current ones, or the end."""
    bucket, said = piece.bucket, piece.said
    if data:
        files = [*files, _file(call, bucket, said, data)]
    both = said["IncludedObjectVersions"] == inventory.ALL
    if piece.last is None and (older or not both):
        _finish(call, bucket, said, began, files)
        return
    key, order = piece.last or (b"", 0)
    call.task(write, bucket=bucket.BucketName, number=bucket.number, configuration=configuration,
              older=older or piece.last is None, after=key, order=order, began=began, files=files)


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


def _file(call: Call, bucket: Bucket, said: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    key = f"{inventory.folder(said, bucket.BucketName)}/data/{call.uuid()}.{inventoryfiles.ending(said)}"
    _put(call, bucket, said, key, data)
    return {"key": key, "size": len(data), "MD5checksum": delivered.md5(data)}


def _finish(call: Call, bucket: Bucket, said: Mapping[str, Any], began: float, files: list[dict[str, Any]]) -> None:
    """The manifest, its checksum, and the list that Hive reads."""
    place, at = inventory.folder(said, bucket.BucketName), datetime.fromtimestamp(began, UTC)
    destination = said["Destination"]["S3BucketDestination"]["Bucket"].rpartition(":")[2]
    links = "\n".join(f"s3://{destination}/{one['key']}" for one in files)
    _put(call, bucket, said, f"{place}/hive/dt={at:%Y-%m-%d-%H-%M}/symlink.txt", links.encode())
    data = msgspec.json.encode(inventory.manifest(said, bucket.BucketName, began, inventoryfiles.schema(said), files))
    _put(call, bucket, said, f"{place}/{at:%Y-%m-%dT%H-%MZ}/manifest.json", data)
    _put(call, bucket, said, f"{place}/{at:%Y-%m-%dT%H-%MZ}/manifest.checksum", delivered.md5(data).encode())


def _put(call: Call, bucket: Bucket, said: Mapping[str, Any], key: str, data: bytes) -> None:
    """As S3's principal, which the destination's policy may let in."""
    there = said["Destination"]["S3BucketDestination"]
    call.as_service(call.arn(bucket), account=bucket.account, region=bucket.region).s3.put_object(
        Bucket=there["Bucket"].rpartition(":")[2], Key=key, Body=Spool(data), ExpectedBucketOwner=there.get("AccountId"),
        **delivered.encryption(there))
