"""API destinations: addresses that events are sent to."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, error, operation

from ..names import absent, page_of
from ..resources import ApiDestination, Connection


def _check_connection(call: Call, arn: str) -> None:
    parts = arn.split("/")
    row = call.table(Connection).get(parts[1])
    if row is None or call.arn(row) != arn:
        raise absent(f"Connection '{parts[1]}' does not exist.")


@operation
def create_api_destination(call: Call, Name: str, ConnectionArn: str, InvocationEndpoint: str, HttpMethod: str,
                           Description: str | None = None, InvocationRateLimitPerSecond: int = 300) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateApiDestination.html"""
    _check_connection(call, ConnectionArn)
    row = ApiDestination(Name=Name, ConnectionArn=ConnectionArn, InvocationEndpoint=InvocationEndpoint, HttpMethod=HttpMethod,
                         Description=Description, InvocationRateLimitPerSecond=InvocationRateLimitPerSecond, id=call.uuid(),
                         created=call.now, modified=call.now)
    try:
        call.table(ApiDestination).insert(row)
    except Conflict:
        raise error.ResourceAlreadyExistsException(f"An api-destination '{Name}' already exists.") from None
    return _brief(call, row)


def _brief(call: Call, row: ApiDestination) -> dict[str, Any]:
    connection = call.table(Connection).get(row.ConnectionArn.split("/")[1])
    active = connection is not None and connection.state != "DEAUTHORIZED"
    return {"ApiDestinationArn": call.arn(row), "ApiDestinationState": "ACTIVE" if active else "INACTIVE",
            "CreationTime": row.created, "LastModifiedTime": row.modified}


def _told(call: Call, row: ApiDestination) -> dict[str, Any]:
    return {**_brief(call, row), "Name": row.Name, "ConnectionArn": row.ConnectionArn, "HttpMethod": row.HttpMethod,
            "InvocationEndpoint": row.InvocationEndpoint, "InvocationRateLimitPerSecond": row.InvocationRateLimitPerSecond}


def _destination(call: Call, name: str) -> ApiDestination:
    row = call.table(ApiDestination).get(name)
    if row is None:
        raise absent(f"Failed to describe the api-destination(s). An api-destination '{name}' does not exist.")
    return row


@operation
def update_api_destination(call: Call, Name: str, Description: str | None = None, ConnectionArn: str | None = None,
                           InvocationEndpoint: str | None = None, HttpMethod: str | None = None,
                           InvocationRateLimitPerSecond: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateApiDestination.html"""
    row = _destination(call, Name)
    if ConnectionArn is not None:
        _check_connection(call, ConnectionArn)
    said = {"Description": Description, "ConnectionArn": ConnectionArn, "InvocationEndpoint": InvocationEndpoint,
            "HttpMethod": HttpMethod, "InvocationRateLimitPerSecond": InvocationRateLimitPerSecond}
    for name, value in said.items():
        if value is not None:
            setattr(row, name, value)
    row.modified, row.next = call.now, 0.0
    call.put(row)
    return _brief(call, row)


@operation
def delete_api_destination(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteApiDestination.html"""
    _destination(call, Name)
    call.table(ApiDestination).delete(Name)


@operation
def describe_api_destination(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeApiDestination.html"""
    row = _destination(call, Name)
    return {**_told(call, row), "Description": row.Description}


@operation
def list_api_destinations(call: Call, NamePrefix: str = "", ConnectionArn: str | None = None, NextToken: str | None = None,
                          Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListApiDestinations.html"""
    rows = [row for row in call.table(ApiDestination).scan() if row.Name.startswith(NamePrefix)
            and ConnectionArn in (None, row.ConnectionArn)]
    found, token = page_of(rows, lambda row: row.Name, NextToken, Limit)
    return {"ApiDestinations": [_told(call, row) for row in found], "NextToken": token}
