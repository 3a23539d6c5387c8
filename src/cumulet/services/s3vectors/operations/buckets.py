"""Vector buckets: made, told, listed, deleted; their policies and the mode of their new indexes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation, principals

from .. import settings
from ..places import NAME, bucket_of, invalid
from ..resources import Index, VectorBucket

_LARGEST_POLICY = 20 * 1024


def born(call: Call) -> str:
    """Now, as CloudFormation tells the day of birth."""
    return datetime.fromtimestamp(call.now, UTC).isoformat(timespec="seconds")


@operation
def create_vector_bucket(call: Call, vectorBucketName: str, encryptionConfiguration: Mapping[str, str] | None = None,
                         tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_CreateVectorBucket.html"""
    if not NAME.fullmatch(vectorBucketName):
        raise invalid("Invalid vector bucket name", "vectorBucketName")
    encryption = settings.encryption(call, encryptionConfiguration, {"SseType": settings.MANAGED})
    row = VectorBucket(VectorBucketName=vectorBucketName, EncryptionConfiguration=encryption, created=call.now,
                       mode=settings.default_mode(call.now), tags=settings.tags({}, tags), born=born(call))
    try:
        call.table(VectorBucket).insert(row)
    except Conflict:
        raise error.ConflictException("A vector bucket with the specified name already exists") from None
    return {"vectorBucketArn": call.arn(row)}


@operation
def get_vector_bucket(call: Call, vectorBucketName: str | None = None, vectorBucketArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetVectorBucket.html"""
    there, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    return {"vectorBucket": {**_summary(there, row), "encryptionConfiguration": settings.api(row.EncryptionConfiguration),
                             "defaultIndexMode": row.mode}}


def _summary(call: Call, row: VectorBucket) -> dict[str, Any]:
    return {"vectorBucketName": row.VectorBucketName, "vectorBucketArn": call.arn(row), "creationTime": row.created}


@operation
def list_vector_buckets(call: Call, prefix: str = "", page: Page[VectorBucket] = Page(500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_ListVectorBuckets.html"""
    bounds = {"after": page.after} if page.after else {"low": prefix or None}
    rows = call.table(VectorBucket).scan(before=prefix + "\U0010ffff", limit=page.limit + 1, **bounds)
    return {"vectorBuckets": [_summary(call, row) for row in page.cut(rows, lambda row: row.VectorBucketName)]}


@operation
def delete_vector_bucket(call: Call, vectorBucketName: str | None = None, vectorBucketArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_DeleteVectorBucket.html"""
    there, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    if there.table(Index).scan(row.VectorBucketName, limit=1):
        raise error.ConflictException("The specified vector bucket is not empty")
    there.table(VectorBucket).delete(row.VectorBucketName)


@operation
def put_vector_bucket_default_index_mode(call: Call, defaultIndexMode: str, vectorBucketName: str | None = None,
                                         vectorBucketArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_PutVectorBucketDefaultIndexMode.html"""
    there, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    settings.check_mode(defaultIndexMode, row.created)
    there.table(VectorBucket).change(row.VectorBucketName, mode=defaultIndexMode)


# --- policies ---------------------------------------------------------------------------------------------------------


@operation
def put_vector_bucket_policy(call: Call, policy: str, vectorBucketName: str | None = None,
                             vectorBucketArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_PutVectorBucketPolicy.html"""
    there, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    if len(policy.encode()) > _LARGEST_POLICY:
        raise invalid("Policy exceeds the maximum allowed document size", "policy")
    try:
        principals.check_resource_policy(policy)
    except principals.MalformedPolicy as problem:
        raise invalid(f"Invalid policy: {problem}", "policy") from None
    there.table(VectorBucket).change(row.VectorBucketName, policy=policy)


@operation
def get_vector_bucket_policy(call: Call, vectorBucketName: str | None = None,
                             vectorBucketArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetVectorBucketPolicy.html"""
    _, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    if row.policy is None:
        raise error.NotFoundException("The specified vector bucket policy could not be found")
    return {"policy": row.policy}


@operation
def delete_vector_bucket_policy(call: Call, vectorBucketName: str | None = None, vectorBucketArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_DeleteVectorBucketPolicy.html"""
    there, row = bucket_of(call, vectorBucketName, vectorBucketArn)
    there.table(VectorBucket).change(row.VectorBucketName, policy=None)
