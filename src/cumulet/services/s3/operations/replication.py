"""Which buckets a bucket is replicated to."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import checksums, replicating
from ..buckets import bucket_of
from ..faults import absent


@operation(accepts=("Token",))
def put_bucket_replication(call: Call, Bucket: str, ReplicationConfiguration: dict[str, Any], ContentMD5: str | None = None,
                           ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.replication = replicating.checked(call, bucket, ReplicationConfiguration, call.uuid)
    call.put(bucket)


@operation
def get_bucket_replication(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketReplication.html"""
    said = bucket_of(call, Bucket, ExpectedBucketOwner).replication
    if said is None:
        raise absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found", Bucket)
    return {"ReplicationConfiguration": said}


@operation
def delete_bucket_replication(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketReplication.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.replication = None
    call.put(bucket)
