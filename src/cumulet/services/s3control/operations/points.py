"""Access points: made, found, listed, deleted, and their policies."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from .. import points, tokens
from ..owner import check_account
from ..resources import AccessPoint

_MOST = 1000


@operation
def create_access_point(call: Call, AccountId: str, Name: str, Bucket: str,
                        PublicAccessBlockConfiguration: dict[str, Any] | None = None,
                        BucketAccountId: str | None = None) -> dict[str, Any]:
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
                      block={name: True if said is None else bool(said.get(name)) for name in points.BLOCKS})
    call.table(AccessPoint).insert(row)
    return {"AccessPointArn": points.arn_of(call, row), "Alias": row.alias}


@operation
def get_access_point(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html"""
    check_account(call, AccountId)
    row = points.find(call, Name)
    hosts = {kind: f"s3-accesspoint{more}.{call.region}.amazonaws.com" for kind, more in (
        ("ipv4", ""), ("dualstack", ".dualstack"), ("fips", "-fips"), ("fips_dualstack", "-fips.dualstack"))}
    return {"Name": row.name, "Bucket": row.bucket, "NetworkOrigin": "Internet", "CreationDate": row.created,
            "Alias": row.alias, "PublicAccessBlockConfiguration": row.block, "AccessPointArn": points.arn_of(call, row),
            "Endpoints": hosts, "BucketAccountId": row.owner}


@operation
def list_access_points(call: Call, AccountId: str, Bucket: str | None = None, NextToken: str | None = None,
                       MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html"""
    check_account(call, AccountId)
    limit, after = MaxResults or _MOST, tokens.after(NextToken)
    table = call.table(AccessPoint)
    rows = table.iterate(Bucket, index="bucket") if Bucket else table.iterate()
    found = [row for row in rows if row.name > after]
    return {"AccessPointList": [
        {"Name": row.name, "NetworkOrigin": "Internet", "Bucket": row.bucket, "AccessPointArn": points.arn_of(call, row),
         "Alias": row.alias, "BucketAccountId": row.owner} for row in found[:limit]],
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
    points.check_policy(points.arn_of(call, row), Policy, row.block["BlockPublicPolicy"])
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
    return {"PolicyStatus": {"IsPublic": points.is_public(_with_policy(call, AccountId, Name).policy)}}


def _with_policy(call: Call, account: str, name: str) -> AccessPoint:
    check_account(call, account)
    row = points.find(call, name)
    if not row.policy:
        raise error.named("NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist", 404,
                          AccessPointName=name)
    return row
