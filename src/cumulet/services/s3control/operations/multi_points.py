"""Multi-Region access points: made, found, listed, deleted; their policies, their routes, and what was asked of them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import multi_points, multi_requests, points, tokens
from ..multi_rows import MultiPoint
from ..owner import check_account

_MOST = 100


@operation
def create_multi_region_access_point(call: Call, AccountId: str, ClientToken: str, Details: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateMultiRegionAccessPoint.html"""
    check_account(call, AccountId)
    if (known := multi_requests.known(call, ClientToken, Details)) is not None:
        return {"RequestTokenARN": known}
    row = multi_points.checked(call, Details)
    call.table(MultiPoint).insert(row)
    return multi_requests.begin(call, ClientToken, Details, row)


@operation
def delete_multi_region_access_point(call: Call, AccountId: str, ClientToken: str, Details: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteMultiRegionAccessPoint.html"""
    check_account(call, AccountId)
    if (known := multi_requests.known(call, ClientToken, Details)) is not None:
        return {"RequestTokenARN": known}
    row = multi_points.find(call, Details["Name"])
    if row.status != "PARTIALLY_CREATED":
        row = multi_points.ready(call, Details["Name"])
    row.status = "DELETING"
    call.put(row)
    return multi_requests.begin(call, ClientToken, Details, row)


@operation
def describe_multi_region_access_point_operation(call: Call, AccountId: str, RequestTokenARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DescribeMultiRegionAccessPointOperation.html"""
    check_account(call, AccountId)
    return {"AsyncOperation": multi_requests.told(call, multi_requests.find(call, RequestTokenARN))}


@operation
def get_multi_region_access_point(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPoint.html"""
    check_account(call, AccountId)
    return {"AccessPoint": _told(multi_points.find(call, Name))}


def _told(row: MultiPoint) -> dict[str, Any]:
    return {"Name": row.name, "Alias": row.alias, "CreatedAt": row.created, "PublicAccessBlock": row.block,
            "Status": row.status, "Regions": [
                {"Bucket": one.bucket, "Region": one.region, "BucketAccountId": one.owner} for one in row.routes]}


@operation
def list_multi_region_access_points(call: Call, AccountId: str, NextToken: str | None = None,
                                    MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListMultiRegionAccessPoints.html"""
    check_account(call, AccountId)
    limit, after = MaxResults or _MOST, tokens.after(NextToken)
    found = [row for row in call.table(MultiPoint).iterate() if row.name > after]
    return {"AccessPoints": [_told(row) for row in found[:limit]],
            "NextToken": tokens.written(found[limit - 1].name) if len(found) > limit else None}


# --- policies -----------------------------------------------------------------------------------------------------------


@operation
def put_multi_region_access_point_policy(call: Call, AccountId: str, ClientToken: str,
                                         Details: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutMultiRegionAccessPointPolicy.html"""
    check_account(call, AccountId)
    if (known := multi_requests.known(call, ClientToken, Details)) is not None:
        return {"RequestTokenARN": known}
    row = multi_points.ready(call, Details["Name"])
    points.check_policy(multi_points.arn_of(call, row.alias), Details["Policy"], row.block["BlockPublicPolicy"])
    row.proposed = Details["Policy"]
    call.put(row)
    return multi_requests.begin(call, ClientToken, Details, row)


@operation
def get_multi_region_access_point_policy(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointPolicy.html"""
    check_account(call, AccountId)
    row = multi_points.find(call, Name)
    return {"Policy": {"Established": {"Policy": row.policy} if row.policy else None,
                       "Proposed": {"Policy": row.proposed} if row.proposed else None}}


@operation
def get_multi_region_access_point_policy_status(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointPolicyStatus.html"""
    check_account(call, AccountId)
    row = multi_points.find(call, Name)
    return {"Established": {"IsPublic": bool(row.policy) and points.is_public(row.policy)}}


# --- routes -------------------------------------------------------------------------------------------------------------


@operation
def get_multi_region_access_point_routes(call: Call, AccountId: str, Mrap: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetMultiRegionAccessPointRoutes.html"""
    check_account(call, AccountId)
    row = multi_points.identified(call, Mrap)
    return {"Mrap": multi_points.arn_of(call, row.alias), "Routes": [
        {"Bucket": one.bucket, "Region": one.region, "TrafficDialPercentage": one.dial} for one in row.routes]}


@operation
def submit_multi_region_access_point_routes(call: Call, AccountId: str, Mrap: str,
                                            RouteUpdates: list[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_SubmitMultiRegionAccessPointRoutes.html"""
    check_account(call, AccountId)
    row = multi_points.ready(call, multi_points.identified(call, Mrap).name)
    row.routes = multi_points.turned(row.routes, RouteUpdates)
    call.put(row)
    return {}
