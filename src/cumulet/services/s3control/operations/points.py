"""Access points: made, found, listed, deleted, and their policies."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from .. import points, tagging, tokens
from ..owner import check_account
from ..resources import AccessPoint

_MOST = 1000


@operation
def create_access_point(call: Call, AccountId: str, Name: str, Bucket: str,
                        PublicAccessBlockConfiguration: dict[str, Any] | None = None, BucketAccountId: str | None = None,
                        VpcConfiguration: dict[str, str] | None = None,
                        Tags: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html"""
    check_account(call, AccountId)
    points.check_name(Name)
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
    row = AccessPoint(name=Name, bucket=Bucket, owner=owner, alias=points.new_alias(call, Name), created=call.now,
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
                       MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html"""
    check_account(call, AccountId)
    limit, after = MaxResults or _MOST, tokens.after(NextToken)
    table = call.table(AccessPoint)
    rows = table.iterate(Bucket, index="bucket") if Bucket else table.iterate()
    found = [row for row in rows if row.name > after]
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
