"""Files of records are put into a table: written, named by a new snapshot, committed through the catalog of its bucket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import Call, Spool

from ..resources import Bucket
from . import manifests
from .manifests import File

PRINCIPAL = "metadata.s3.amazonaws.com"
_SYNC, _NUMBER = 16, 15                # bytes; hexadecimal digits, so that it is below 2⁶³


class Place(NamedTuple):
    """A table of a bucket's metadata."""

    bucket: str
    namespace: str
    name: str


class Made(NamedTuple):
    """What a commit made."""

    snapshot: int
    sequence: int


def peers(call: Call, bucket: Bucket) -> Any:
    """Other services, as S3 Metadata asks them in the name of a bucket."""
    return call.as_service(call.arn(bucket), account=bucket.account, region=bucket.region, name=PRINCIPAL)


def put(call: Call, bucket: Bucket, place: Place, data: bytes, rows: int) -> File:
    """A data file in the table's storage. No snapshot has it yet."""
    told = peers(call, bucket).s3tables.get_table(tableBucketARN=place.bucket, namespace=place.namespace, name=place.name)
    key = f"data/{call.uuid()}.parquet"
    return File(_keep(call, bucket, told["warehouseLocation"], key, data), rows, len(data))


def _keep(call: Call, bucket: Bucket, warehouse: str, key: str, data: bytes) -> str:
    """Where an object in a table's storage is."""
    peers(call, bucket).s3.put_object(Bucket=warehouse.removeprefix("s3://"), Key=key, Body=Spool(data))
    return f"{warehouse}/{key}"


def read(call: Call, bucket: Bucket, path: str) -> bytes:
    """A data file."""
    storage, _, key = path.removeprefix("s3://").partition("/")
    return call.read(peers(call, bucket).s3.get_object(Bucket=storage, Key=key)["Body"])


def commit(call: Call, bucket: Bucket, place: Place, added: Sequence[File], kept: Sequence[File],
           removed: Sequence[File], replaces: bool = False) -> Made:
    """A new snapshot of the table, with these files and no others. replaces: do the new ones hold what is removed?"""
    tables = peers(call, bucket).s3tables
    name = {"prefix": place.bucket, "namespace": place.namespace, "table": place.name}
    said = msgspec.json.decode(tables.iceberg_load_table(**name)["body"])["metadata"]
    parent = said.get("current-snapshot-id")
    made = manifests.Snapshot(int(call.token(_NUMBER), 16), said["last-sequence-number"] + 1, added, kept, removed,
                              replaces)
    folder = f"metadata/{call.uuid()}"
    data = manifests.manifest(made, said["schemas"][0], bytes.fromhex(call.token(2 * _SYNC)))
    path = _keep(call, bucket, said["location"], f"{folder}-m0.avro", data)
    lines = manifests.listing(made, parent, path, len(data), bytes.fromhex(call.token(2 * _SYNC)))
    snapshot = {"snapshot-id": made.number, "sequence-number": made.sequence, "timestamp-ms": int(call.now * 1000),
                "manifest-list": _keep(call, bucket, said["location"], f"{folder}-list.avro", lines),
                "summary": manifests.summary(made), "schema-id": 0}
    if parent is not None:
        snapshot["parent-snapshot-id"] = parent
    tables.iceberg_update_table(**name, body=msgspec.json.encode({"requirements": [], "updates": [
        {"action": "add-snapshot", "snapshot": snapshot},
        {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": made.number}]}))
    return Made(made.number, made.sequence)
