"""Indexes: made, told, listed, deleted, and their mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import settings
from ..background import purge
from ..places import INDEX_NAME, bucket_of, index_of, invalid
from ..resources import Index, VectorBucket
from .buckets import born


@operation
def create_index(call: Call, indexName: str, dataType: str, dimension: int, distanceMetric: str,
                 vectorBucketName: str | None = None, vectorBucketArn: str | None = None,
                 metadataConfiguration: Mapping[str, Any] | None = None,
                 encryptionConfiguration: Mapping[str, str] | None = None, tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_CreateIndex.html"""
    there, bucket = bucket_of(call, vectorBucketName, vectorBucketArn)
    if not INDEX_NAME.fullmatch(indexName):
        raise invalid("Invalid index name", "indexName")
    row = Index(VectorBucketName=bucket.VectorBucketName, IndexName=indexName, DataType=dataType, Dimension=dimension,
                DistanceMetric=distanceMetric, MetadataConfiguration=settings.metadata(metadataConfiguration),
                EncryptionConfiguration=settings.encryption(call, encryptionConfiguration, bucket.EncryptionConfiguration),
                mode=bucket.mode, box=call.token(16), tags=settings.tags({}, tags), created=call.now, born=born(call))
    try:
        there.table(Index).insert(row)
    except Conflict:
        raise error.ConflictException("An index with the specified name already exists") from None
    return {"indexArn": there.arn(row)}


@operation
def get_index(call: Call, vectorBucketName: str | None = None, indexName: str | None = None,
              indexArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetIndex.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    return {"index": {**_summary(there, row), "dataType": row.DataType, "dimension": row.Dimension,
                      "distanceMetric": row.DistanceMetric, "indexMode": row.mode,
                      "metadataConfiguration": settings.api(row.MetadataConfiguration) if row.MetadataConfiguration else None,
                      "encryptionConfiguration": settings.api(row.EncryptionConfiguration)}}


def _summary(call: Call, row: Index) -> dict[str, Any]:
    return {"vectorBucketName": row.VectorBucketName, "indexName": row.IndexName, "indexArn": call.arn(row),
            "creationTime": row.created}


@operation
def list_indexes(call: Call, vectorBucketName: str | None = None, vectorBucketArn: str | None = None, prefix: str = "",
                 page: Page[Index] = Page(500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_ListIndexes.html"""
    there, bucket = bucket_of(call, vectorBucketName, vectorBucketArn)
    bounds = {"after": page.after} if page.after else {"low": prefix or None}
    rows = there.table(Index).scan(bucket.VectorBucketName, before=prefix + "\U0010ffff", limit=page.limit + 1, **bounds)
    return {"indexes": [_summary(there, row) for row in page.cut(rows, lambda row: row.IndexName)]}


@operation
def delete_index(call: Call, vectorBucketName: str | None = None, indexName: str | None = None,
                 indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_DeleteIndex.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    there.table(Index).delete(row.VectorBucketName, row.IndexName)
    there.task(purge, box=row.box)


@operation
def update_index_mode(call: Call, indexMode: str, vectorBucketName: str | None = None, indexName: str | None = None,
                      indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_UpdateIndexMode.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    settings.check_mode(indexMode, there.get(VectorBucket, row.VectorBucketName).created)
    there.table(Index).change(row.VectorBucketName, row.IndexName, mode=indexMode)
