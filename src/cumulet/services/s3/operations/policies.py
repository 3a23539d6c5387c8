"""Bucket policies, and the block of public access."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import checksums, policies
from ..blocking import BLOCKS, blocks, refusal
from ..buckets import bucket_of
from ..faults import absent
from ..resources import Bucket as BucketRow


@operation(accepts=("ConfirmRemoveSelfBucketAccess",))
def put_bucket_policy(call: Call, Bucket: str, Policy: str, ContentMD5: str | None = None,
                      ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
    checksums.check_document(call, ContentMD5)
    bucket = _own(call, Bucket, ExpectedBucketOwner)
    policies.check(call, Policy, Bucket)
    if policies.is_public(Policy) and blocks(call, bucket, "BlockPublicPolicy"):
        raise refusal(call, bucket, "s3:PutBucketPolicy", "policies", "BlockPublicPolicy")
    bucket.policy = Policy
    call.put(bucket)


@operation
def get_bucket_policy(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html"""
    return {"Policy": _with_policy(_own(call, Bucket, ExpectedBucketOwner)).policy}


@operation
def get_bucket_policy_status(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html"""
    bucket = _with_policy(bucket_of(call, Bucket, ExpectedBucketOwner))
    return {"PolicyStatus": {"IsPublic": policies.is_public(bucket.policy)}}


@operation
def delete_bucket_policy(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html"""
    bucket = _own(call, Bucket, ExpectedBucketOwner)
    bucket.policy = ""
    call.put(bucket)


def _own(call: Call, name: str, expected_owner: str | None) -> BucketRow:
    """Only the bucket's account may touch its policy, whatever others are allowed."""
    bucket = bucket_of(call, name, expected_owner)
    if bucket.account != call.account:
        raise error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                          Method=call.request.method if call.request else "", ResourceType="BUCKETPOLICY")
    return bucket


def _with_policy(bucket: BucketRow) -> BucketRow:
    if not bucket.policy:
        raise absent("NoSuchBucketPolicy", "The bucket policy does not exist", bucket.BucketName)
    return bucket


@operation
def put_public_access_block(call: Call, Bucket: str, PublicAccessBlockConfiguration: dict[str, Any],
                            ContentMD5: str | None = None, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutPublicAccessBlock.html"""
    checksums.check_document(call, ContentMD5)
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.PublicAccessBlockConfiguration = {name: bool(PublicAccessBlockConfiguration.get(name)) for name in BLOCKS}
    call.put(bucket)


@operation
def get_public_access_block(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html"""
    said = bucket_of(call, Bucket, ExpectedBucketOwner).PublicAccessBlockConfiguration
    if said is None:
        raise absent("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", Bucket)
    return {"PublicAccessBlockConfiguration": said}


@operation
def delete_public_access_block(call: Call, Bucket: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeletePublicAccessBlock.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    bucket.PublicAccessBlockConfiguration = None
    call.put(bucket)
