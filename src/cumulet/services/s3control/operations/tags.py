"""Tags of buckets, for those who may call them resources (what policies ask for where a bucket's tags decide on access), and of
access points."""

from __future__ import annotations

from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error, not_implemented, operation, parse_arn

from .. import points, tagging
from ..owner import check_account
from ..resources import AccessPoint


class _Tagged(NamedTuple):
    """What has tags. point: an access point; else it is a bucket."""

    name: str
    point: AccessPoint | None
    tags: dict[str, str]


@operation
def tag_resource(call: Call, AccountId: str, ResourceArn: str, Tags: list[dict[str, str]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html"""
    what = _tagged(call, AccountId, ResourceArn)
    _keep(call, what, what.tags | tagging.checked(Tags))
    return {}


@operation
def untag_resource(call: Call, AccountId: str, ResourceArn: str, TagKeys: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_UntagResource.html"""
    what = _tagged(call, AccountId, ResourceArn)
    _keep(call, what, {key: value for key, value in what.tags.items() if key not in TagKeys})
    return {}


@operation
def list_tags_for_resource(call: Call, AccountId: str, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListTagsForResource.html"""
    return {"Tags": tagging.told(_tagged(call, AccountId, ResourceArn).tags)}


def _tagged(call: Call, account: str, resource: str) -> _Tagged:
    check_account(call, account)
    arn = parse_arn(resource)
    if arn is not None and arn.service == "s3" and arn.resource.startswith("accesspoint/"):
        row = points.find(call, arn.resource.removeprefix("accesspoint/"))
        if points.arn_of(call, row) != resource:
            raise points.missing(row.name)
        return _Tagged(row.name, row, row.tags)
    if arn is None or arn.service != "s3" or "/" in arn.resource:
        raise not_implemented(f"s3control: tags of {resource}")
    return _Tagged(arn.resource, None, _of_bucket(call, arn.resource))


def _of_bucket(call: Call, bucket: str) -> dict[str, str]:
    """Asked as S3 itself: the caller's right was to tag the resource."""
    try:
        told = call.as_service(account=call.account).s3.get_bucket_tagging(Bucket=bucket, ExpectedBucketOwner=call.account)
    except AwsError as problem:
        if problem.code == "NoSuchTagSet":
            return {}
        raise error.named(problem.code, problem.message, 404 if problem.code == "NoSuchBucket" else 403) from None
    return {one["Key"]: one["Value"] for one in told["TagSet"]}


def _keep(call: Call, what: _Tagged, tags: dict[str, str]) -> None:
    if what.point is not None:
        call.table(AccessPoint).change(what.name, tags=tagging.limited(tags))
    else:
        call.as_service(account=call.account).s3.put_bucket_tagging(Bucket=what.name, Tagging={"TagSet": tagging.told(tags)})
