"""Access points: made, found, listed, deleted, and their policies."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, not_implemented, operation

from .. import points, scopes, tagging, tokens
from ..owner import check_account
from ..resources import AccessPoint

_MOST = 1000


@operation
def create_access_point(call: Call, AccountId: str, Name: str, Bucket: str,
                        PublicAccessBlockConfiguration: dict[str, Any] | None = None, BucketAccountId: str | None = None,
                        VpcConfiguration: dict[str, str] | None = None, Scope: dict[str, Any] | None = None,
                        Tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html"""
    check_account(call, AccountId)
    if Bucket.endswith(scopes.BUCKETS):
        scopes.check_name(Name, Bucket)
    else:
        points.check_name(Name)
        if Scope is not None:
            raise error.named("InvalidRequest", "Scopes are for access points of directory buckets.", 400)
    if call.table(AccessPoint).get(Name) is not None:
        raise error.named("AccessPointAlreadyOwnedByYou", "Your previous request to create the named accesspoint succeeded and "
                          "you already own it.", 409)
    owner = BucketAccountId or AccountId
    try:
        call.as_service(account=owner).s3.head_bucket(Bucket=Bucket, ExpectedBucketOwner=owner)
    except AwsError as problem:
        if problem.code == "AccessDenied":
            raise error.AccessDenied("Access Denied", 403) from None
        raise error.named("InvalidRequest", "Amazon S3 AccessPoint can only be created for existing bucket", 400) from None
    said = PublicAccessBlockConfiguration
    row = AccessPoint(name=Name, bucket=Bucket, owner=owner, created=call.now, kept_to=scopes.checked(Scope),
                      alias=Name if scopes.is_name(Name) else points.new_alias(call, Name),
                      block={name: True if said is None else bool(said.get(name)) for name in points.BLOCKS},
                      vpc=(VpcConfiguration or {}).get("VpcId", ""), tags=tagging.checked(Tags or []))
    call.table(AccessPoint).insert(row)
    return {"AccessPointArn": points.arn_of(call, row), "Alias": row.alias}


@operation
def get_access_point(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html"""
    check_account(call, AccountId)
    row = points.find(call, Name)
    hosts = {kind: f"s3-accesspoint{more}.{call.region}.amazonaws.com" for kind, more in (
        ("ipv4", ""), ("dualstack", ".dualstack"), ("fips", "-fips"), ("fips_dualstack", "-fips.dualstack"))}
    return _told(call, row) | {"CreationDate": row.created, "PublicAccessBlockConfiguration": row.block, "Endpoints": hosts}


def _told(call: Call, row: AccessPoint) -> dict[str, Any]:
    """What both GetAccessPoint and ListAccessPoints say."""
    return {"Name": row.name, "NetworkOrigin": "VPC" if row.vpc else "Internet", "Bucket": row.bucket, "Alias": row.alias,
            "VpcConfiguration": {"VpcId": row.vpc} if row.vpc else None, "AccessPointArn": points.arn_of(call, row),
            "BucketAccountId": row.owner}


@operation
def list_access_points(call: Call, AccountId: str, Bucket: str | None = None, NextToken: str | None = None,
                       MaxResults: int | None = None, DataSourceType: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html"""
    if DataSourceType not in (None, "ALL"):      # all are attached to buckets
        raise not_implemented(f"s3control: access points of {DataSourceType}", "there are no volumes of FSx")
    return _page(call, AccountId, Bucket, NextToken, MaxResults, directories=False)


@operation
def list_access_points_for_directory_buckets(
        call: Call, AccountId: str, DirectoryBucket: str | None = None, NextToken: str | None = None,
        MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPointsForDirectoryBuckets.html"""
    return _page(call, AccountId, DirectoryBucket, NextToken, MaxResults, directories=True)


def _page(call: Call, account: str, bucket: str | None, token: str | None, most: int | None,
          directories: bool) -> dict[str, Any]:
    """Points of one kind, of a bucket or of all."""
    check_account(call, account)
    limit, after = most or _MOST, tokens.after(token)
    table = call.table(AccessPoint)
    rows = table.iterate(bucket, index="bucket") if bucket else table.iterate()
    found = [row for row in rows if row.name > after and scopes.is_name(row.name) == directories]
    return {"AccessPointList": [_told(call, row) for row in found[:limit]],
            "NextToken": tokens.written(found[limit - 1].name) if len(found) > limit else None}


@operation
def delete_access_point(call: Call, AccountId: str, Name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPoint.html"""
    check_account(call, AccountId)
    call.table(AccessPoint).delete(points.find(call, Name).name)


@operation
def put_access_point_policy(call: Call, AccountId: str, Name: str, Policy: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicy.html"""
    check_account(call, AccountId)
    row = points.find(call, Name)
    points.check_policy(points.arn_of(call, row), Policy, row.block["BlockPublicPolicy"] and not row.vpc)
    call.table(AccessPoint).change(row.name, policy=Policy)


@operation
def get_access_point_policy(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicy.html"""
    return {"Policy": _with_policy(call, AccountId, Name).policy}


@operation
def delete_access_point_policy(call: Call, AccountId: str, Name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointPolicy.html"""
    check_account(call, AccountId)
    call.table(AccessPoint).change(points.find(call, Name).name, policy="")


@operation
def get_access_point_policy_status(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyStatus.html"""
    row = _with_policy(call, AccountId, Name)
    return {"PolicyStatus": {"IsPublic": not row.vpc and points.is_public(row.policy)}}


def _with_policy(call: Call, account: str, name: str) -> AccessPoint:
    check_account(call, account)
    row = points.find(call, name)
    if not row.policy:
        raise error.named("NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist", 404,
                          AccessPointName=name)
    return row


# --- scopes -------------------------------------------------------------------------------------------------------------


@operation
def put_access_point_scope(call: Call, AccountId: str, Name: str, Scope: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointScope.html"""
    row = _of_directory(call, AccountId, Name)
    call.table(AccessPoint).change(row.name, kept_to=scopes.checked(Scope))


@operation
def get_access_point_scope(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointScope.html"""
    return {"Scope": _of_directory(call, AccountId, Name).kept_to or {"Prefixes": [], "Permissions": []}}


@operation
def delete_access_point_scope(call: Call, AccountId: str, Name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointScope.html"""
    call.table(AccessPoint).change(_of_directory(call, AccountId, Name).name, kept_to=None)


def _of_directory(call: Call, account: str, name: str) -> AccessPoint:
    """The access point, which must be one of a directory bucket."""
    check_account(call, account)
    row = points.find(call, name)
    if not scopes.is_name(row.name):
        raise error.named("InvalidRequest", "Scopes are for access points of directory buckets.", 400)
    return row
