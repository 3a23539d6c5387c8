"""Buses: made, told, changed, ended; their policies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Conflict, error, operation

from ..background import lapse
from ..envelopes import compact
from ..names import DEFAULT, absent, bus_name, bus_of, invalid, page_of
from ..resources import EventBus, EventSource, Rule
from ..tags import checked

_MOST_BYTES = 10_240


@operation
def create_event_bus(call: Call, Name: str, EventSourceName: str | None = None, Description: str | None = None,
                     Tags: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html"""
    exists = error.ResourceAlreadyExistsException(f"Event bus {Name} already exists.")
    if Name == DEFAULT:
        raise exists
    if EventSourceName is not None:
        _take_source(call, Name, EventSourceName)
    elif "/" in Name:
        raise invalid("Event bus name must not contain '/'.")
    bus = EventBus(Name=Name, Description=Description, tags=checked({}, Tags), created=call.now, modified=call.now)
    try:
        call.table(EventBus).insert(bus)
    except Conflict:
        raise exists from None
    return {"EventBusArn": call.arn(bus), "Description": Description}


def _take_source(call: Call, name: str, source: str) -> None:
    """A bus for a partner's events has the name of their source, which begins to be active with it."""
    row = call.table(EventSource).get(source)
    if row is None:
        raise absent(f"Event source {source} does not exist.")
    if name != source:
        raise invalid("The name of a partner event bus must be the name of its event source.")
    if row.state != "PENDING":
        raise error.InvalidStateException(f"Event source {source} is not in a valid state for this operation.")
    call.cancel(lapse, source)
    call.table(EventSource).change(source, state="ACTIVE", expires=None)


@operation
def update_event_bus(call: Call, Name: str | None = None, Description: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html"""
    bus = bus_of(call, Name)
    bus.Description, bus.modified = Description, call.now
    call.put(bus)
    return {"Arn": call.arn(bus), "Name": bus.Name, "Description": Description}


@operation
def delete_event_bus(call: Call, Name: str) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html"""
    name = bus_name(call, Name)
    if name == DEFAULT:
        raise invalid("Cannot delete event bus default.")
    if call.table(Rule).scan(name, limit=1):
        raise invalid(f"Event bus {name} has rules: delete them first.")
    call.table(EventBus).delete(name)
    source = call.table(EventSource).get(name)
    if source is not None:
        call.table(EventSource).change(name, state="PENDING" if source.state == "ACTIVE" else source.state)


def _told(call: Call, bus: EventBus) -> dict[str, Any]:
    return {"Name": bus.Name, "Arn": call.arn(bus), "Description": bus.Description, "Policy": bus.policy,
            "CreationTime": bus.created or None, "LastModifiedTime": bus.modified or None}


@operation
def describe_event_bus(call: Call, Name: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html"""
    return _told(call, bus_of(call, Name))


@operation
def list_event_buses(call: Call, NamePrefix: str = "", NextToken: str | None = None, Limit: int = 100) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html"""
    rows = {row.Name: row for row in call.table(EventBus).scan()}
    rows.setdefault(DEFAULT, bus_of(call, DEFAULT))
    named = [rows[name] for name in sorted(rows) if name.startswith(NamePrefix)]
    found, token = page_of(named, lambda bus: bus.Name, NextToken, Limit)
    return {"EventBuses": [_told(call, bus) for bus in found], "NextToken": token}


# --- policies ---


@operation
def put_permission(call: Call, EventBusName: str | None = None, Action: str | None = None, Principal: str | None = None,
                   StatementId: str | None = None, Condition: Mapping[str, str] | None = None,
                   Policy: str | None = None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html"""
    bus = bus_of(call, EventBusName)
    if Policy is not None:
        if Action or Principal or StatementId or Condition:
            raise invalid("Parameter Policy cannot be used with Action, Principal, StatementId or Condition.")
        bus.policy = _checked(Policy)
    else:
        if not (Action and Principal and StatementId):
            raise invalid("Parameters Action, Principal and StatementId must be specified.")
        statements = [each for each in _statements(bus) if each.get("Sid") != StatementId]
        statements.append(_statement(call.arn(bus), Action, Principal, StatementId, Condition))
        bus.policy = compact({"Version": "2012-10-17", "Statement": statements})
    if len(bus.policy.encode()) > _MOST_BYTES:
        raise error.PolicyLengthExceededException("Policy length exceeded.")
    bus.modified = call.now
    call.put(bus)


def _checked(policy: str) -> str:
    try:
        said = json.loads(policy)
    except ValueError:
        raise _malformed() from None
    if not isinstance(said, dict) or not said.get("Statement"):
        raise _malformed()
    return policy


def _malformed() -> AwsError:
    return invalid("Parameter Policy is not valid. Reason: The policy is not a valid JSON policy.")


def _statement(arn: str, action: str, principal: str, sid: str, condition: Mapping[str, str] | None) -> dict[str, Any]:
    who: Any = "*" if principal == "*" else {"AWS": f"arn:aws:iam::{principal}:root"}
    said = {"Sid": sid, "Effect": "Allow", "Principal": who, "Action": action, "Resource": arn}
    if condition:
        if (condition["Type"], condition["Key"]) != ("StringEquals", "aws:PrincipalOrgID"):
            raise invalid("Parameter Condition is not valid. Reason: it is StringEquals of aws:PrincipalOrgID.")
        said["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return said


def _statements(bus: EventBus) -> list[dict[str, Any]]:
    found = json.loads(bus.policy)["Statement"] if bus.policy else []
    return found if isinstance(found, list) else [found]


@operation
def remove_permission(call: Call, StatementId: str | None = None, RemoveAllPermissions: bool = False,
                      EventBusName: str | None = None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemovePermission.html"""
    bus = bus_of(call, EventBusName)
    left = [] if RemoveAllPermissions else [each for each in _statements(bus) if each.get("Sid") != StatementId]
    if not RemoveAllPermissions and len(left) == len(_statements(bus)):
        raise absent("Statement with the provided id does not exist.")
    bus.policy = compact({"Version": "2012-10-17", "Statement": left}) if left else None
    bus.modified = call.now
    call.put(bus)
