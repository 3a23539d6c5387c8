"""Namespaces: made, told, listed, deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from ..finding import bucket_of, namespace_of
from ..listing import beginning
from ..naming import make_namespace, remove_namespace
from ..resources import Namespace, TableBucket


@operation
def create_namespace(call: Call, tableBucketARN: str, namespace: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_CreateNamespace.html"""
    make_namespace(call, tableBucketARN, namespace[0])
    return {"tableBucketARN": tableBucketARN, "namespace": list(namespace)}


def _told(call: Call, bucket: TableBucket, row: Namespace) -> dict[str, Any]:
    return {"namespace": [row.name], "createdAt": row.created, "createdBy": row.by, "ownerAccountId": call.account,
            "namespaceId": row.id, "tableBucketId": bucket.id}


@operation
def get_namespace(call: Call, tableBucketARN: str, namespace: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetNamespace.html"""
    return _told(*namespace_of(call, tableBucketARN, namespace))


@operation
def list_namespaces(call: Call, tableBucketARN: str, prefix: str = "",
                    page: Page[Namespace] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_ListNamespaces.html"""
    there, bucket = bucket_of(call, tableBucketARN)
    rows = there.table(Namespace).scan(bucket.TableBucketName, **beginning(prefix), after=page.after, limit=page.limit + 1)
    return {"namespaces": [_told(there, bucket, row) for row in page.cut(rows, lambda row: row.name)]}


@operation
def delete_namespace(call: Call, tableBucketARN: str, namespace: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteNamespace.html"""
    remove_namespace(call, tableBucketARN, namespace)
