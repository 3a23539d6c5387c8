"""Indexes: made, told, listed, deleted, and their mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import settings
from ..background import build, purge
from ..places import INDEX_NAME, bucket_of, index_of, invalid
from ..resources import Field, Index, VectorBucket
from ..vectors import hidden
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
    said = metadataConfiguration or {}
    fields = settings.searchable(call, said.get("textSearchConfigurations") or (), (), active=True)
    _check_mode(bucket.mode, fields)
    row = Index(VectorBucketName=bucket.VectorBucketName, IndexName=indexName, DataType=dataType, Dimension=dimension,
                DistanceMetric=distanceMetric, fields=fields,
                MetadataConfiguration=settings.metadata(settings.unfilterable(said), fields),
                EncryptionConfiguration=settings.encryption(call, encryptionConfiguration, bucket.EncryptionConfiguration),
                mode=bucket.mode, box=call.token(16), tags=settings.tags({}, tags), created=call.now, born=born(call))
    try:
        there.table(Index).insert(row)
    except Conflict:
        raise error.ConflictException("An index with the specified name already exists") from None
    return {"indexArn": there.arn(row)}


def _check_mode(mode: str, fields: Sequence[Field]) -> None:
    if fields and mode != settings.ENHANCED:
        raise invalid("Text search configurations require an index in ENHANCED mode")


@operation
def get_index(call: Call, vectorBucketName: str | None = None, indexName: str | None = None,
              indexArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetIndex.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    return {"index": {**_summary(there, row), "dataType": row.DataType, "dimension": row.Dimension,
                      "distanceMetric": row.DistanceMetric, "indexMode": row.mode,
                      "metadataConfiguration": settings.told(row),
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
    there.task(purge, box=row.box, fields=[field.id for field in row.fields])


@operation
def update_index_mode(call: Call, indexMode: str, vectorBucketName: str | None = None, indexName: str | None = None,
                      indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_UpdateIndexMode.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    settings.check_mode(indexMode, there.get(VectorBucket, row.VectorBucketName).created)
    _check_mode(indexMode, row.fields)
    there.table(Index).change(row.VectorBucketName, row.IndexName, mode=indexMode)


@operation
def update_metadata_configuration(call: Call, vectorBucketName: str | None = None, indexName: str | None = None,
                                  indexArn: str | None = None, add: Mapping[str, Any] | None = None,
                                  delete: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_UpdateMetadataConfiguration.html"""
    there, row = index_of(call, vectorBucketName, indexName, indexArn)
    wanted, unwanted = ((said or {}).get("textSearchConfigurations") or () for said in (add, delete))
    if bool(wanted) == bool(unwanted):
        raise invalid("Must specify either add or delete but not both")
    if row.mode != settings.ENHANCED:
        raise invalid("UpdateMetadataConfiguration requires an index in ENHANCED mode")
    have = {field.key: field for field in row.fields}
    for one in wanted:
        if one["metadataKey"] in have:
            raise error.ConflictException(f"metadata key '{one['metadataKey']}' is configured for text search already")
    for one in unwanted:
        if one["metadataKey"] not in have:
            raise error.NotFoundException(f"metadata key '{one['metadataKey']}' is not configured for text search")
    gone = [have.pop(key) for key in {one["metadataKey"] for one in unwanted}]
    new = settings.searchable(call, wanted, row.fields, active=False)
    row.fields = [*have.values(), *new]
    row.MetadataConfiguration = settings.metadata(hidden(row), row.fields)
    there.put(row)
    if gone:
        there.task(purge, box="", fields=[field.id for field in gone])
    for field in new:
        there.task(build, bucket=row.VectorBucketName, index=row.IndexName, field=field.id)
    return {"indexArn": there.arn(row)}
