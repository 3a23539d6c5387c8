"""Table buckets and tables in policies: which of them a request is about, and their own policies.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-setting-up.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from . import managed, replication
from .resources import Table, TableBucket

Targets = list[tuple[str, str]]
# Members of CreateTable and CreateTableBucket that need a further action.
_FURTHER = {
    "CreateTable": {"metadata": "s3tables:PutTableData", "encryptionConfiguration": "s3tables:PutTableEncryption",
                    "storageClassConfiguration": "s3tables:PutTableStorageClass", "tags": "s3tables:TagResource"},
    "CreateTableBucket": {"encryptionConfiguration": "s3tables:PutTableBucketEncryption",
                          "storageClassConfiguration": "s3tables:PutTableBucketStorageClass", "tags": "s3tables:TagResource"}}


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html"""
    operation = call.operation
    if operation == "CreateTableBucket":
        arn = call.arn(TableBucket(TableBucketName=str(members.get("name", "")), id=""))
        return [("", arn), *_more(call, members, arn)]
    if operation.startswith("Iceberg"):
        return _of_catalog(call, members)
    bucket = members.get("tableBucketARN")
    if operation == "CreateTable":
        return [("", str(bucket)), *_more(call, members, f"{bucket}/table/*")]
    if bucket is not None and "namespace" in members and "name" in members:
        return [("", _table(call, str(bucket), str(members["namespace"]), str(members["name"])))]
    return [("", str(bucket))] if bucket is not None else None


# What operations of the Iceberg REST catalog need further, of the table.
_OF_CATALOG = {"IcebergCreateTable": ("s3tables:PutTableData",), "IcebergLoadTable": ("s3tables:GetTableData",),
               "IcebergUpdateTable": ("s3tables:PutTableData", "s3tables:GetTableData")}


def _of_catalog(call: Call, members: Mapping[str, Any]) -> Targets:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    bucket = str(members.get("prefix") or members.get("warehouse") or "*")
    space, name = members.get("namespace"), members.get("table")
    if call.operation == "IcebergRenameTable":
        space, name = _source(members.get("body"))
    table = _table(call, bucket, str(space), str(name)) if name else f"{bucket}/table/*"
    return [("", table if name else bucket), *((action, table) for action in _OF_CATALOG.get(call.operation, ()))]


def _source(body: Any) -> tuple[str, str]:
    """Namespace and name of the table that is to be renamed."""
    try:
        said = json.loads(body)["source"]
        return str(said["namespace"][0]), str(said["name"])
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return "", ""                  # the operation refuses it


def _more(call: Call, members: Mapping[str, Any], arn: str) -> Targets:
    """S3 writes what a bucket's metadata tables are by its own right."""
    return [(action, arn) for name, action in _FURTHER[call.operation].items()
            if members.get(name) and not (name == "metadata" and managed.is_maker(call))]


def _table(call: Call, bucket: str, namespace: str, name: str) -> str:
    """The ARN of a table, which has its id and not its name; of none where there is none."""
    parts = parse_arn(bucket)
    there = call.elsewhere(parts.account) if parts is not None else call
    row = there.table(Table).known(bucket, namespace, name)
    return there.arn(row) if row is not None else f"{bucket}/table/*"


def guard(call: Call, arn: str) -> Guard | None:
    """A bucket's policy is for its tables as well; a table may have its own."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("bucket/"):
        return None
    name, _, table = parts.resource.removeprefix("bucket/").partition("/table/")
    bucket = call.table(TableBucket).known(name)
    if bucket is None:
        return None
    row = call.table(Table).find("id", table) if table else None
    policies = [("table bucket policy", bucket.policy), ("table policy", row.policy if row is not None else ""),
                ("read-only copy", replication.policy(row, arn) if row is not None else "")]
    tags = row.tags if row is not None else {} if table else bucket.tags
    return Guard(call.account, tuple((kind, text) for kind, text in policies if text), tags=tuple(tags.items()))


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """What a request says; https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-setting-up.html"""
    encryption, storage = members.get("encryptionConfiguration") or {}, members.get("storageClassConfiguration") or {}
    told = {"s3tables:ssealgorithm": encryption.get("sseAlgorithm"), "s3tables:kmskeyarn": encryption.get("kmsKeyArn"),
            "s3tables:storageclass": storage.get("storageClass")}
    if isinstance(members.get("namespace"), str):
        told["s3tables:namespace"] = members["namespace"]
    return {key: value for key, value in told.items() if value}


def target_keys(call: Call, members: Mapping[str, Any], action: str, arn: str) -> dict[str, str | list[str]]:
    """What a bucket or table that is there is called, and the bucket's tags."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("bucket/"):
        return {}
    there = call.elsewhere(parts.account)
    name, _, table = parts.resource.removeprefix("bucket/").partition("/table/")
    bucket, row = there.table(TableBucket).known(name), there.table(Table).find("id", table) if table else None
    found: dict[str, str | list[str]] = {}
    if bucket is not None:
        found = {f"s3tables:tablebuckettag/{key}".lower(): value for key, value in bucket.tags.items()}
    if row is not None:
        found |= {"s3tables:namespace": row.Namespace, "s3tables:tablename": row.TableName}
    return found
