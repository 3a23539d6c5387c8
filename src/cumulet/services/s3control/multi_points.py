"""Multi-Region access points: their names, their buckets, where their traffic goes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import points
from .multi_rows import ACTIVE, PASSIVE, MultiPoint, Route

ENDING = ".mrap"
READY = "READY"
_NAME = re.compile(r"[a-z0-9][-a-z0-9]{1,48}[a-z0-9]")
_MOST_POINTS, _MOST_REGIONS = 100, 17
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def invalid(message: str) -> AwsError:
    return error.named("InvalidRequest", message, 400)


def missing(name: str) -> AwsError:
    return error.named("NoSuchMultiRegionAccessPoint", "The specified Multi-Region Access Point does not exist.", 404,
                       MultiRegionAccessPointName=name)


def find(call: Call, name: str) -> MultiPoint:
    """By its name, or its alias. Raises NoSuchMultiRegionAccessPoint."""
    table = call.table(MultiPoint)
    row = table.find("alias", name) if name.endswith(ENDING) else table.get(name)
    if row is None:
        raise missing(name)
    return row


def identified(call: Call, text: str) -> MultiPoint:
    """By its ARN, or its alias."""
    if text.endswith(ENDING) and not text.startswith("arn:"):
        return find(call, text)
    arn = parse_arn(text)
    if arn is None or arn.service != "s3" or arn.region or arn.account != call.account or (
            not arn.resource.startswith("accesspoint/")):
        raise invalid("The Multi-Region Access Point ARN is not valid.")
    return find(call, arn.resource.partition("/")[2])


def ready(call: Call, name: str) -> MultiPoint:
    """One that may be changed: nothing else is under way."""
    row = find(call, name)
    if row.status != READY:
        raise error.named("MultiRegionAccessPointNotReady", "The specified Multi-Region Access Point is not yet ready to be "
                          "updated.", 409)
    return row


def arn_of(call: Call, alias: str) -> str:
    return f"arn:{points.partition(call)}:s3::{call.account}:accesspoint/{alias}"


def new_alias(call: Call) -> str:
    """It begins with a letter, and tells its account, so that S3 finds it."""
    return f"m{call.token(12, _LETTERS)}{points.account_digits(call.account)}{ENDING}"


def checked(call: Call, said: Mapping[str, Any]) -> MultiPoint:
    """A new point from CreateMultiRegionAccessPoint's Details, or an error."""
    if not _NAME.fullmatch(said["Name"]):
        raise invalid("Your Multi-Region Access Point name is invalid")
    if call.table(MultiPoint).get(said["Name"]) is not None:
        raise error.named("MultiRegionAccessPointAlreadyOwnedByYou", "You already have a Multi-Region Access Point with the "
                          "same name.", 409)
    if call.table(MultiPoint).count() >= _MOST_POINTS:
        raise error.named("TooManyMultiRegionAccessPoints", "You have attempted to create more Multi-Region Access Points than "
                          "are allowed for an account.", 400)
    block = said.get("PublicAccessBlock")
    return MultiPoint(name=said["Name"], alias=new_alias(call), created=call.now, routes=_routes(call, said["Regions"]),
                      block={name: True if block is None else bool(block.get(name)) for name in points.BLOCKS})


def _routes(call: Call, wanted: Sequence[Mapping[str, str]]) -> list[Route]:
    """The buckets, each in a region of its own."""
    if not wanted:
        raise invalid("At least one bucket must be specified.")
    if len(wanted) > _MOST_REGIONS:
        raise error.named("TooManyMultiRegionAccessPointregions", "You have attempted to create a Multi-Region Access Point "
                          "with more Regions than are allowed for an account.", 400)
    routes = [Route(one["Bucket"], region_of(call, one["Bucket"], one.get("BucketAccountId") or call.account),
                    one.get("BucketAccountId") or call.account) for one in wanted]
    if len({route.region for route in routes}) < len(routes):
        raise error.named("MultiRegionAccessPointSameBucketRegion", "The buckets used to create a Multi-Region Access Point "
                          "cannot be in the same Region.", 400)
    return routes


def region_of(call: Call, bucket: str, owner: str) -> str:
    """Where a bucket is, which must be its owner's."""
    try:
        told = call.as_service(account=owner).s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=owner)
    except AwsError as problem:
        if problem.code == "AccessDenied":
            raise error.AccessDenied("Access Denied", 403) from None
        raise error.named("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket) from None
    region: str = told["BucketRegion"]
    return region


def turned(routes: Sequence[Route], updates: Sequence[Mapping[str, Any]]) -> list[Route]:
    """The routes after SubmitMultiRegionAccessPointRoutes.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/mrap-failover-errors.html
    """
    if len(routes) == 1:
        raise error.named("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    found = [Route(one.bucket, one.region, one.owner, one.dial) for one in routes]
    for update in updates:
        if update["TrafficDialPercentage"] not in (ACTIVE, PASSIVE):
            raise invalid("TrafficDialPercentage must be 0 or 100.")
        _one(found, update).dial = update["TrafficDialPercentage"]
    if all(one.dial == PASSIVE for one in found):
        raise invalid("At least one Region must be active.")
    return found


def _one(routes: Sequence[Route], update: Mapping[str, Any]) -> Route:
    """The route that an update names by its bucket, its region, or both."""
    bucket, region = update.get("Bucket"), update.get("Region")
    for one in routes:
        if (bucket or region) and bucket in (None, one.bucket) and region in (None, one.region):
            return one
    raise invalid("The routes must name buckets or Regions of the Multi-Region Access Point.")
