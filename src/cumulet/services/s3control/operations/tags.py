"""Tags of buckets, for those who may call them resources (what policies ask for where a bucket's tags decide on access), of
access points, of Access Grants and of Storage Lens groups."""

from __future__ import annotations

from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error, not_implemented, operation, parse_arn

from .. import grants, lens, points, tagging
from ..lens_rows import LensGroup
from ..owner import check_account
from ..resources import AccessPoint, Grant, GrantsInstance, GrantsLocation


class _Tagged(NamedTuple):
    """What has tags: a row of S3 Control's, or (no kind) a bucket."""

    kind: Any
    name: str
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
    if arn is None or arn.service not in ("s3", "s3express"):
        raise not_implemented(f"s3control: tags of {resource}")
    if "/" not in arn.resource:
        return _Tagged(None, arn.resource, _of_bucket(call, arn.resource))
    kind, _, name = arn.resource.partition("/")
    if kind == "accesspoint":
        point = points.find(call, name)
        if points.arn_of(call, point) != resource:
            raise points.missing(point.name)
        return _Tagged(AccessPoint, point.name, point.tags)
    if kind == "access-grants":
        return _of_grants(call, name)
    if kind == "storage-lens-group":
        group = lens.find_group(call, name)
        return _Tagged(LensGroup, group.name, group.tags)
    raise not_implemented(f"s3control: tags of {resource}")


def _of_grants(call: Call, name: str) -> _Tagged:
    """`default`, `default/location/ID`, `default/grant/ID`."""
    _, kind, own = (*name.split("/", 2), "", "")[:3]
    row: GrantsInstance | GrantsLocation | Grant
    row = grants.location(call, own) if kind == "location" else grants.grant(call, own) if kind == "grant" else \
        grants.instance(call)
    return _Tagged(type(row), row.id, row.tags)


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
    if what.kind is not None:
        call.table(what.kind).change(what.name, tags=tagging.limited(tags))
    else:
        call.as_service(account=call.account).s3.put_bucket_tagging(Bucket=what.name, Tagging={"TagSet": tagging.told(tags)})
