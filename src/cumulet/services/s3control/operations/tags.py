"""Tags of buckets, for those who may call them resources: what policies ask for where a bucket's tags decide on access."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, not_implemented, operation, parse_arn

from ..owner import check_account


@operation
def tag_resource(call: Call, AccountId: str, ResourceArn: str, Tags: list[dict[str, str]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html"""
    name = _bucket(call, AccountId, ResourceArn)
    _keep(call, name, _tags(call, name) | {one["Key"]: one["Value"] for one in Tags})
    return {}


@operation
def untag_resource(call: Call, AccountId: str, ResourceArn: str, TagKeys: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UntagResource.html"""
    name = _bucket(call, AccountId, ResourceArn)
    _keep(call, name, {key: value for key, value in _tags(call, name).items() if key not in TagKeys})
    return {}


@operation
def list_tags_for_resource(call: Call, AccountId: str, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html"""
    name = _bucket(call, AccountId, ResourceArn)
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tags(call, name).items()]}


def _bucket(call: Call, account: str, resource: str) -> str:
    check_account(call, account)
    arn = parse_arn(resource)
    if arn is None or arn.service != "s3" or "/" in arn.resource:
        raise not_implemented(f"s3control: tags of {resource}")
    return arn.resource


def _tags(call: Call, bucket: str) -> dict[str, str]:
    """Asked as S3 itself: the caller's right was to tag the resource."""
    try:
        told = call.as_service(account=call.account).s3.get_bucket_tagging(Bucket=bucket, ExpectedBucketOwner=call.account)
    except AwsError as problem:
        if problem.code == "NoSuchTagSet":
            return {}
        raise error.named(problem.code, problem.message, 404 if problem.code == "NoSuchBucket" else 403) from None
    return {one["Key"]: one["Value"] for one in told["TagSet"]}


def _keep(call: Call, bucket: str, tags: dict[str, str]) -> None:
    call.as_service(account=call.account).s3.put_bucket_tagging(
        Bucket=bucket, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]})
