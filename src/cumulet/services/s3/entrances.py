"""Access points as a bucket's name: by ARN, by alias, by the host name `NAME-ACCOUNT.s3-accesspoint.REGION…`. (Those of many
regions: see points_multi.)

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-access-points.html
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from cumulet.kernel import AwsError, Call, Guard, error, parse_arn, principals

from . import lambda_entrances, points_multi, policies
from .faults import access_denied
from .points import Entrance
from .resources import Bucket

DIRECTORY = "--xa-s3"                            # how the names of directory buckets' access points end
_HOSTED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)-(?P<account>\d{12})")
_ALIAS = re.compile(r"[a-z0-9-]+(?P<account>[a-z0-9]{8})-s3alias")
# What may be asked through an access point:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html
_THROUGH = frozenset({
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "CreateSession", "DeleteObject",
    "DeleteObjectTagging", "DeleteObjects", "GetBucketCors", "GetBucketLocation", "GetBucketNotificationConfiguration",
    "GetBucketPolicy", "GetObject",
    "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging", "HeadBucket",
    "HeadObject", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2", "ListParts", "PutObject",
    "PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "RestoreObject", "UploadPart",
    "UploadPartCopy"})
_COPIES = ("CopyObject", "UploadPartCopy")       # a function would not see what they read


class _Place(NamedTuple):
    account: str
    region: str
    name: str


def _place(call: Call, name: str) -> _Place | None:
    """Where an access point of this name would be; None where it cannot be one."""
    if name.startswith("arn:"):
        arn = parse_arn(name)
        if arn is None or arn.service not in ("s3", "s3express") or not arn.resource.startswith("accesspoint/"):
            return None
        return _Place(arn.account, arn.region, arn.resource.split("/")[1])
    alias = _ALIAS.fullmatch(name)
    if alias is not None:
        return _Place(f"{int(alias['account'], 36):012d}", call.region, name)
    if name.endswith(DIRECTORY):
        return _Place(call.account, call.region, name)
    hosted = _HOSTED.fullmatch(name)
    return _Place(hosted["account"], call.region, hosted["name"]) if hosted is not None else None


def entrance(call: Call, name: str) -> Entrance | None:
    """The access point that a request names in the place of a bucket; Object Lambda's stand before another one."""
    if name.endswith(lambda_entrances.ENDING):
        point = lambda_entrances.find(call, name)
        return entrance(call, point.behind) if point is not None else None
    if points_multi.is_name(name):
        return points_multi.find(call, name)
    place = _place(call, name)
    if place is None:
        return None
    try:
        found = call.as_service(account=place.account, region=place.region).s3control.get_access_point(
            AccountId=place.account, Name=place.name)
    except AwsError:
        return None
    return Entrance(found["AccessPointArn"], place.account, found["Bucket"], found["PublicAccessBlockConfiguration"],
                    found["Name"], found["Alias"],
                    (found.get("VpcConfiguration") or {}).get("VpcId", ""))


def behind(call: Call, name: str) -> Bucket | None:
    """The bucket behind an access point, as it is seen through it: both blocks of public access count."""
    found = entrance(call, name)
    if found is None:
        if points_multi.is_name(name):
            raise points_multi.missing()
        if name.startswith("arn:") and _place(call, name) is not None:
            raise error.named("NoSuchAccessPoint", "The specified accesspoint does not exist", 404)
        return None
    row = call.table(Bucket).get(found.bucket)
    if row is None:
        return None
    if found.vpc and call.request is not None and found.vpc != getattr(principals.entered_by(call), "vpc", ""):
        raise access_denied()
    if points_multi.is_name(name) and call.principal.kind == "anonymous":
        raise access_denied()
    through = points_multi.THROUGH if points_multi.is_name(name) else _THROUGH
    if call.operation not in through or (call.operation in _COPIES and name.endswith(lambda_entrances.ENDING)):
        raise error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
                          Method=call.request.method if call.request is not None else "", ResourceType="ACCESS_POINT")
    block = {which: on or (row.PublicAccessBlockConfiguration or {}).get(which, False) for which, on in found.block.items()}
    return msgspec.structs.replace(row, PublicAccessBlockConfiguration=block)


def target(call: Call, name: str) -> Entrance | None:
    """The access point that decides beside the bucket; None where a bucket is named."""
    return None if call.table(Bucket).known(name) is not None else entrance(call, name)


def guard(call: Call, arn: str) -> Guard | None:
    """An access point's owner and policy; a public policy that is kept from the public counts for its account alone."""
    found = entrance(call, ":".join(arn.split(":")[:5]) + ":" + "/".join(arn.split(":", 5)[5].split("/")[:2]))
    if found is None:
        return None
    text, tags = _policy(call, found), tuple(_tags(call, found).items())
    outside = call.principal.kind != "service" and call.principal.account != found.account
    public = found.block["RestrictPublicBuckets"] and not found.vpc and outside and bool(text) and policies.is_public(text)
    return Guard(found.account, (("access point policy", text),) if text and not public else (), tags=tags)


def _tags(call: Call, found: Entrance) -> dict[str, str]:
    if points_multi.is_name(found.alias):
        return {}
    told = call.as_service(account=found.account, region=found.arn.split(":")[3]).s3control.list_tags_for_resource(
        AccountId=found.account, ResourceArn=found.arn)
    return {one["Key"]: one["Value"] for one in told["Tags"]}


def _policy(call: Call, found: Entrance) -> str:
    if points_multi.is_name(found.alias):
        return points_multi.policy(call, found.account, found.name)
    region = found.arn.split(":")[3]
    try:
        told: dict[str, Any] = call.as_service(account=found.account, region=region).s3control.get_access_point_policy(
            AccountId=found.account, Name=found.name)
    except AwsError:
        return ""
    return str(told["Policy"])


def keys(call: Call, found: Entrance) -> dict[str, str | list[str]]:
    """The condition keys of a request through an access point."""
    tags: dict[str, str | list[str]] = {f"s3:accesspointtag/{key}".lower(): value for key, value in _tags(call, found).items()}
    return tags | {"s3:dataaccesspointarn": found.arn, "s3:dataaccesspointaccount": found.account,
            "s3:accesspointnetworkorigin": "VPC" if found.vpc else "Internet"}
