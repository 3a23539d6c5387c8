"""Object Lambda access points: made, configured, told, listed, deleted, and their policies."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import lambda_points, points, tokens
from ..owner import check_account
from ..resources import LambdaPoint

_MOST = 1000
_READY = "READY"


@operation
def create_access_point_for_object_lambda(call: Call, AccountId: str, Name: str,
                                          Configuration: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPointForObjectLambda.html"""
    check_account(call, AccountId)
    lambda_points.check_name(Name)
    if call.table(LambdaPoint).get(Name) is not None:
        raise error.named("AccessPointAlreadyOwnedByYou", "Your previous request to create the named accesspoint succeeded and "
                          "you already own it.", 409)
    row = LambdaPoint(name=Name, alias=points.new_alias(call, Name, lambda_points.ENDING), created=call.now,
                      configuration=lambda_points.checked(call, Configuration))
    call.table(LambdaPoint).insert(row)
    return {"ObjectLambdaAccessPointArn": lambda_points.arn_of(call, Name), "Alias": _alias(row)}


def _alias(row: LambdaPoint) -> dict[str, str]:
    return {"Value": row.alias, "Status": _READY}


@operation
def get_access_point_for_object_lambda(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointForObjectLambda.html"""
    row = _found(call, AccountId, Name)
    return {"Name": row.name, "PublicAccessBlockConfiguration": dict.fromkeys(points.BLOCKS, True),
            "CreationDate": row.created, "Alias": _alias(row)}


def _found(call: Call, account: str, name: str) -> LambdaPoint:
    check_account(call, account)
    return lambda_points.find(call, name)


@operation
def list_access_points_for_object_lambda(call: Call, AccountId: str, NextToken: str | None = None,
                                         MaxResults: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPointsForObjectLambda.html"""
    check_account(call, AccountId)
    limit, after = MaxResults or _MOST, tokens.after(NextToken)
    found = [row for row in call.table(LambdaPoint).iterate() if row.name > after]
    return {"ObjectLambdaAccessPointList": [
        {"Name": row.name, "ObjectLambdaAccessPointArn": lambda_points.arn_of(call, row.name), "Alias": _alias(row)}
        for row in found[:limit]], "NextToken": tokens.written(found[limit - 1].name) if len(found) > limit else None}


@operation
def delete_access_point_for_object_lambda(call: Call, AccountId: str, Name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointForObjectLambda.html"""
    call.table(LambdaPoint).delete(_found(call, AccountId, Name).name)


@operation
def put_access_point_configuration_for_object_lambda(call: Call, AccountId: str, Name: str,
                                                     Configuration: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointConfigurationForObjectLambda.html"""
    row = _found(call, AccountId, Name)
    call.table(LambdaPoint).change(row.name, configuration=lambda_points.checked(call, Configuration))


@operation
def get_access_point_configuration_for_object_lambda(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointConfigurationForObjectLambda.html"""
    return {"Configuration": _found(call, AccountId, Name).configuration}


@operation
def put_access_point_policy_for_object_lambda(call: Call, AccountId: str, Name: str, Policy: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicyForObjectLambda.html"""
    row = _found(call, AccountId, Name)
    points.check_policy(lambda_points.arn_of(call, row.name), Policy, blocks=True)
    call.table(LambdaPoint).change(row.name, policy=Policy)


@operation
def get_access_point_policy_for_object_lambda(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyForObjectLambda.html"""
    return {"Policy": _with_policy(call, AccountId, Name).policy}


@operation
def delete_access_point_policy_for_object_lambda(call: Call, AccountId: str, Name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointPolicyForObjectLambda.html"""
    call.table(LambdaPoint).change(_found(call, AccountId, Name).name, policy="")


@operation
def get_access_point_policy_status_for_object_lambda(call: Call, AccountId: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyStatusForObjectLambda.html"""
    return {"PolicyStatus": {"IsPublic": points.is_public(_with_policy(call, AccountId, Name).policy)}}


def _with_policy(call: Call, account: str, name: str) -> LambdaPoint:
    row = _found(call, account, name)
    if not row.policy:
        raise error.named("NoSuchAccessPointPolicy", "The specified accesspoint policy does not exist", 404,
                          AccessPointName=name)
    return row
