"""Global endpoints: made, told, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Conflict, error, operation, parse_arn

from ..names import DEFAULT, absent, invalid, page_of
from ..resources import Endpoint, EndpointHome, EventBus

_MOST = 100


def _check(call: Call, row: Endpoint) -> None:
    """Two buses of one name in this account: one here, one in the region that the route names."""
    away = row.RoutingConfig["FailoverConfig"]["Secondary"]["Route"]
    if away == call.region:
        raise invalid("The secondary Region must be another one than the primary Region.")
    buses = [parse_arn(each["EventBusArn"]) for each in row.EventBuses]
    places = {bus.region: bus for bus in buses if bus is not None and bus.account == call.account}
    if places.keys() != {call.region, away}:
        raise invalid(f"EventBuses must be one of {call.region} and one of {away}, both of this account.")
    if len({bus.resource for bus in places.values()}) != 1:
        raise invalid("The names of the event buses must be identical in each Region.")
    for region, bus in places.items():
        name = bus.resource.removeprefix("event-bus/")
        if name != DEFAULT and call.elsewhere(region=region).table(EventBus).get(name) is None:
            raise absent(f"Event bus {name} does not exist in {region}.")
    if row.ReplicationConfig.get("State", "ENABLED") == "ENABLED" and not row.RoleArn:
        raise invalid("RoleArn is required when event replication is enabled.")


def _said(call: Call, row: Endpoint) -> dict[str, Any]:
    """What every answer about an endpoint has."""
    return {"Name": row.Name, "Arn": call.arn(row), "RoutingConfig": row.RoutingConfig, "EventBuses": row.EventBuses,
            "ReplicationConfig": row.ReplicationConfig, "RoleArn": row.RoleArn, "State": row.State}


def _whole(call: Call, row: Endpoint) -> dict[str, Any]:
    return {**_said(call, row), "Description": row.Description, "EndpointId": row.EndpointId, "EndpointUrl": row.url,
            "CreationTime": row.created, "LastModifiedTime": row.modified}


@operation
def create_endpoint(call: Call, Name: str, RoutingConfig: dict[str, Any], EventBuses: Sequence[dict[str, Any]],
                    ReplicationConfig: Mapping[str, Any] | None = None, RoleArn: str | None = None,
                    Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEndpoint.html"""
    id = f"{call.token(10).lower()}.veo"
    row = Endpoint(Name=Name, RoutingConfig=RoutingConfig, EventBuses=list(EventBuses), RoleArn=RoleArn, EndpointId=id,
                   ReplicationConfig={"State": "ENABLED", **(ReplicationConfig or {})}, Description=Description,
                   url=f"https://{id}.endpoint.events.amazonaws.com", created=call.now, modified=call.now)
    _check(call, row)
    if call.table(Endpoint).count() >= _MOST:
        raise error.LimitExceededException("The requested resource exceeds the maximum number allowed.")
    try:
        call.table(Endpoint).insert(row)
    except Conflict:
        raise error.ResourceAlreadyExistsException(f"Endpoint '{Name}' already exists.") from None
    call.put(EndpointHome(id=id, region=call.region, name=Name))
    return _said(call, row)


@operation
def update_endpoint(call: Call, Name: str, RoutingConfig: dict[str, Any] | None = None,
                    EventBuses: Sequence[dict[str, Any]] | None = None, ReplicationConfig: Mapping[str, Any] | None = None,
                    RoleArn: str | None = None, Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEndpoint.html"""
    row = call.get(Endpoint, Name)
    if RoutingConfig is not None:
        row.RoutingConfig = RoutingConfig
    if EventBuses is not None:
        row.EventBuses = list(EventBuses)
    row.ReplicationConfig = {**row.ReplicationConfig, **(ReplicationConfig or {})}
    row.RoleArn = row.RoleArn if RoleArn is None else RoleArn
    row.Description = row.Description if Description is None else Description
    row.modified = call.now
    _check(call, row)
    call.put(row)
    return {**_said(call, row), "EndpointId": row.EndpointId, "EndpointUrl": row.url}


@operation
def describe_endpoint(call: Call, Name: str, HomeRegion: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEndpoint.html"""
    home = call.elsewhere(region=HomeRegion or "")
    return _whole(home, home.get(Endpoint, Name))


@operation
def list_endpoints(call: Call, NamePrefix: str = "", HomeRegion: str | None = None,
                   NextToken: str | None = None, MaxResults: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEndpoints.html"""
    home = call.elsewhere(region=HomeRegion or "")
    rows = [row for row in home.table(Endpoint).scan() if row.Name.startswith(NamePrefix)]
    found, token = page_of(rows, lambda row: row.Name, NextToken, MaxResults)
    return {"Endpoints": [_whole(home, row) for row in found], "NextToken": token}


@operation
def delete_endpoint(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEndpoint.html"""
    row = call.get(Endpoint, Name)
    call.table(EndpointHome).delete(row.EndpointId)
    call.table(Endpoint).delete(Name)
