"""Metadata tables are made, with the rights of who configures them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call

from ..resources import Bucket
from . import columns, commits, settings

_MANAGED = "aws-s3"                    # the table bucket that AWS manages, of an account and region
_FIRST = "aws_s3_metadata"             # the namespace of tables of the first version


def configure(call: Call, bucket: Bucket, encryption: dict[str, str] | None) -> None:
    """A configuration of the second version, with its journal."""
    arn = f"arn:aws:s3tables:{bucket.region}:{bucket.account}:bucket/{_MANAGED}"
    bucket.metadata = {"version": 2, "bucket": arn, "namespace": "b_" + bucket.BucketName.replace(".", "_"),
                       "expiration": {"Expiration": settings.DISABLED}}
    make(call, bucket, settings.JOURNAL, encryption)


def configure_first(call: Call, bucket: Bucket, arn: str, name: str) -> None:
    """A configuration of the first version: a journal in a table bucket of the customer's."""
    bucket.metadata = {"version": 1, "bucket": arn, "namespace": _FIRST, "expiration": {"Expiration": settings.DISABLED}}
    make(call, bucket, settings.JOURNAL, None, name)


def make(call: Call, bucket: Bucket, kind: str, encryption: dict[str, str] | None, name: str = "") -> None:
    """One of the tables, or the reason why it is not there."""
    said = bucket.metadata
    assert said is not None
    said[kind] = {"name": name or kind, "status": settings.ACTIVE}
    if settings.has_failed(bucket, settings.JOURNAL):
        settings.fail(bucket, kind, "JournalTableNotAvailable")
        return
    tables = call.elsewhere(bucket.account, bucket.region).aws.s3tables
    try:
        if said["version"] > 1 and not _is_bucket(call, bucket, said["bucket"]):
            tables.create_table_bucket(name=_MANAGED)
        said[kind]["arn"] = _made(tables, bucket, kind, encryption)
    except AwsError as problem:
        settings.fail(bucket, kind, settings.why_not_made(problem, kind, said["version"] == 1))


def _is_bucket(call: Call, bucket: Bucket, arn: str) -> bool:
    """Is the managed table bucket there already?"""
    try:
        commits.peers(call, bucket).s3tables.get_table_bucket(tableBucketARN=arn)
    except AwsError as problem:
        if problem.code != "NotFoundException":
            raise
        return False
    return True


def _made(tables: Any, bucket: Bucket, kind: str, encryption: dict[str, str] | None) -> str:
    """The ARN of a new table, in its namespace."""
    place = settings.place(bucket, kind)
    try:
        tables.create_namespace(tableBucketARN=place.bucket, namespace=[place.namespace])
    except AwsError as problem:
        if problem.code != "ConflictException":           # it is there already
            raise
    schema = columns.schema(settings.COLUMNS[kind])
    return str(tables.create_table(
        tableBucketARN=place.bucket, namespace=place.namespace, name=place.name, format="ICEBERG",
        encryptionConfiguration=encryption,
        metadata={"iceberg": {"schemaV2": {"type": "struct", "fields": schema["fields"]}}})["tableARN"])
