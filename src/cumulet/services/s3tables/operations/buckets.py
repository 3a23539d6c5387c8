"""Table buckets: made, told, listed, deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import managed
from ..faults import bad_request, conflict
from ..finding import bucket_of
from ..listing import beginning
from ..resources import Namespace, TableBucket
from ..settings import checked_encryption
from ..tagging import tagged

_NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-|aws)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_SUFFIXES = ("-s3alias", "--ol-s3", "--x-s3", "--table-s3")


@operation
def create_table_bucket(call: Call, name: str, encryptionConfiguration: dict[str, str] | None = None,
                        storageClassConfiguration: dict[str, str] | None = None,
                        tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_CreateTableBucket.html"""
    ours = managed.is_managed(name) and managed.is_maker(call)
    if not ours and (not _NAME.fullmatch(name) or name.endswith(_SUFFIXES)):
        raise bad_request("The specified bucket name is not valid.")
    if call.table(TableBucket).get(name) is not None:
        raise conflict("The bucket that you tried to create already exists, and you own it.")
    row = call.put(TableBucket(
        TableBucketName=name, id=call.uuid(), created=call.now, tags=tagged({}, tags),
        encryption=checked_encryption(encryptionConfiguration),
        storage_class=(storageClassConfiguration or {}).get("storageClass", "")))
    return {"arn": call.arn(row)}


def _told(call: Call, row: TableBucket) -> dict[str, Any]:
    return {"arn": call.arn(row), "name": row.TableBucketName, "ownerAccountId": call.account, "createdAt": row.created,
            "tableBucketId": row.id, "type": managed.kind(row.TableBucketName)}


@operation
def get_table_bucket(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucket.html"""
    return _told(*bucket_of(call, tableBucketARN))


@operation
def list_table_buckets(call: Call, prefix: str = "", type: str = managed.CUSTOMER,
                       page: Page[TableBucket] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_ListTableBuckets.html"""
    if type != managed.CUSTOMER:
        ours = call.table(TableBucket).get(managed.BUCKET) if managed.BUCKET.startswith(prefix) else None
        return {"tableBuckets": [_told(call, ours)] if ours is not None else []}
    rows = call.table(TableBucket).scan(**beginning(prefix), after=page.after, limit=page.limit + 2)
    theirs = [row for row in rows if not managed.is_managed(row.TableBucketName)]
    return {"tableBuckets": [_told(call, row) for row in page.cut(theirs, lambda row: row.TableBucketName)]}


@operation
def delete_table_bucket(call: Call, tableBucketARN: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTableBucket.html"""
    there, row = bucket_of(call, tableBucketARN)
    if there.table(Namespace).scan(row.TableBucketName, limit=1):
        raise conflict("The bucket that you tried to delete is not empty.")
    there.table(TableBucket).delete(row.TableBucketName)
