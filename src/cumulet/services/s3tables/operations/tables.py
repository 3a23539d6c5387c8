"""Tables: made, told, listed, renamed, deleted, and where their metadata is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import changing, declared, managed, replication, tables, warehouse
from ..faults import bad_request
from ..finding import bucket_of, namespace_of, table_by_arn, table_of
from ..listing import beginning
from ..resources import Namespace, Table, TableBucket


@operation
def create_table(call: Call, tableBucketARN: str, namespace: str, name: str, format: str,
                 metadata: dict[str, Any] | None = None, encryptionConfiguration: dict[str, str] | None = None,
                 storageClassConfiguration: dict[str, str] | None = None,
                 tags: Mapping[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_CreateTable.html"""
    build = declared.builder(metadata, call.now) if metadata else None
    there, row = tables.make(call, tableBucketARN, namespace, name, build, encryptionConfiguration, storageClassConfiguration,
                             tags)
    return {"tableARN": there.arn(row), "versionToken": row.token}


def _brief(call: Call, bucket: TableBucket, row: Table) -> dict[str, Any]:
    namespace = call.table(Namespace).known(row.bucket, row.Namespace)
    return {"namespace": [row.Namespace], "name": row.TableName, "type": managed.kind(row.bucket), "tableARN": call.arn(row),
            "createdAt": row.created, "modifiedAt": row.modified, "tableBucketId": bucket.id,
            "namespaceId": namespace.id if namespace is not None else None}


@operation
def get_table(call: Call, tableBucketARN: str | None = None, namespace: str | None = None, name: str | None = None,
              tableArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTable.html"""
    if tableArn is not None and tableBucketARN is namespace is name is None:
        there, row = table_by_arn(call, tableArn)
    elif tableArn is None and tableBucketARN is not None and namespace is not None and name is not None:
        there, row = table_of(call, tableBucketARN, namespace, name)
    else:
        raise bad_request("Specify either tableArn, or tableBucketARN, namespace and name.")
    return {**_brief(there, there.get(TableBucket, row.bucket), row), "versionToken": row.token,
            "metadataLocation": row.location or None, "warehouseLocation": row.warehouse, "createdBy": row.by,
            "modifiedBy": row.modified_by, "ownerAccountId": there.account, "format": row.OpenTableFormat}


@operation
def list_tables(call: Call, tableBucketARN: str, namespace: str | None = None, prefix: str = "",
                page: Page[Table] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_ListTables.html"""
    there, bucket = bucket_of(call, tableBucketARN)
    if namespace is not None:
        namespace_of(call, tableBucketARN, namespace)
    found: list[Table] = []
    after = tuple(page.after) if page.after else None
    for space in [namespace] if namespace is not None else _namespaces(there, bucket, after):
        found += there.table(Table).scan(
            tableBucketARN, space, **beginning(prefix), after=after[1] if after and after[0] == space else None,
            limit=page.limit + 1 - len(found))
        if len(found) > page.limit:
            break
    shown = page.cut(found, lambda row: [row.Namespace, row.TableName])
    return {"tables": [_brief(there, bucket, row) for row in shown]}


def _namespaces(call: Call, bucket: TableBucket, after: tuple[str, ...] | None) -> list[str]:
    """Those that a page may go on with."""
    rows = call.table(Namespace).scan(bucket.TableBucketName, low=after[0] if after else None)
    return [row.name for row in rows]


@operation
def rename_table(call: Call, tableBucketARN: str, namespace: str, name: str, newNamespaceName: str | None = None,
                 newName: str | None = None, versionToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_RenameTable.html"""
    if newNamespaceName is None and newName is None:
        raise bad_request("Specify newNamespaceName, newName or both.")
    tables.rename(call, tableBucketARN, (namespace, name), (newNamespaceName or namespace, newName or name), versionToken)


@operation
def delete_table(call: Call, tableBucketARN: str, namespace: str, name: str, versionToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTable.html"""
    tables.remove(*table_of(call, tableBucketARN, namespace, name), versionToken)


@operation
def get_table_metadata_location(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableMetadataLocation.html"""
    _, row = table_of(call, tableBucketARN, namespace, name)
    return {"versionToken": row.token, "metadataLocation": row.location or None, "warehouseLocation": row.warehouse}


@operation
def update_table_metadata_location(call: Call, tableBucketARN: str, namespace: str, name: str, versionToken: str,
                                   metadataLocation: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_UpdateTableMetadataLocation.html"""
    there, row = table_of(call, tableBucketARN, namespace, name)
    managed.check(call, row.bucket)
    replication.check(row)
    changing.check_token(row, versionToken)
    warehouse.check(there, row, metadataLocation)
    changing.point(there, row, metadataLocation, call.account)
    return {"name": row.TableName, "tableARN": there.arn(row), "namespace": [row.Namespace], "versionToken": row.token,
            "metadataLocation": row.location}
